"""The noticeboard: what of consultations anybody may see. The one door through which it comes out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.consultations import Consultation
from core.ideas import Idea
from core.results import Results, may_be_seen, suppressed
from core.standings import Stage
from core.texts import T
from web.finding import as_shown, is_readable
from web.parts import Parts
from web.placards import Placard, Signwriter, has_begun
from web.trouble import Trouble

COUNTED_EVERY = timedelta(minutes=5)
"""Nobody can watch one answer come in between two countings, and a page that many look at costs no more than one."""
REMEMBERED = 50
"""Consultations whose numbers we remember."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a consultation: its `results`, and how many of its ideas stand where."""

    consultation: Consultation
    at: datetime
    results: Results
    stages: Mapping[Stage, int]


class Noticeboard:
    """One for all rooms, so that each consultation is counted once for all of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._shown: dict[str, Shown] = {}
        self._counting: dict[str, asyncio.Lock] = {}

    async def listed(self) -> tuple[list[Consultation], list[Consultation]]:
        """Those that are open, the first to close first; and those that are over, the latest first. What is archived
        is in neither."""
        now = self._parts.clock.now()
        begun = [one for one in await self._parts.store.consultations() if has_begun(one, now) and not one.archived_at]
        is_open = [one for one in begun if one.is_open(now)]
        over = [one for one in begun if not one.is_open(now)]
        is_open.sort(key=lambda one: (one.closes_at is None, one.closes_at or now, one.slug))
        over.sort(key=lambda one: one.closes_at or now, reverse=True)
        return is_open, over

    async def find(self, slug: str) -> Consultation:
        """Also an archived one: its address was shared. Raises Trouble."""
        found = await self._parts.store.consultation(slug)
        if found is None or not has_begun(found, self._parts.clock.now()):
            raise Trouble(
                404,
                T("There is no such consultation"),
                T("All that are open, or were, are listed under Consultations."),
            )
        return found

    async def signwriter(self, language: str, zone: str | None = None) -> Signwriter:
        store = self._parts.store
        return Signwriter(self._parts.texts, language, await store.bodies(), await store.topics(), zone)

    async def placard(self, consultation: Consultation, language: str, zone: str | None = None) -> Placard:
        return (await self.signwriter(language, zone)).placard(consultation, self._parts.clock.now())

    async def shown(self, consultation: Consultation) -> Shown | None:
        """None where results may not be seen, or not yet."""
        now = self._parts.clock.now()
        if self._parts.answered is None or not may_be_seen(consultation, now):
            return None
        async with self._counting.setdefault(consultation.slug, asyncio.Lock()):
            known = self._shown.get(consultation.slug)
            if known and known.consultation == consultation and known.at <= now < known.at + COUNTED_EVERY:
                return known
            counted = await self._parts.answered.results(consultation.slug, now)
            if counted is None:
                return None
            stages = await self._parts.collected.stages(consultation.slug) if self._parts.collected else {}
            shown = suppressed(replace(counted, consultation=consultation), consultation.least)
            found = Shown(consultation, now, shown, stages)
            self._shown.pop(consultation.slug, None)
            self._shown[consultation.slug] = found
            if len(self._shown) > REMEMBERED:
                self._shown.pop(next(iter(self._shown)))
            return found

    async def ideas(self, consultation: Consultation, limit: int, before: str = "") -> tuple[Idea, ...]:
        """Those whose words may be read, the newest first; none until results may be seen, nor ever where whoever was
        asked wasn't told that they would be listed."""
        if not consultation.lists_ideas:
            return ()
        if self._parts.collected is None or not may_be_seen(consultation, self._parts.clock.now()):
            return ()
        found = await self._parts.collected.ideas(consultation.slug, limit, before)
        return tuple(as_shown(one) for one in found if is_readable(one))
