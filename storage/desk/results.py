"""What was answered: counted, and read out one by one in pages."""

import asyncio
import secrets
from array import array
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count as numbers
from time import monotonic

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Consultation
from core.counting import IN_WORDS, count
from core.deliveries import DeliveryState
from core.flows.walking import asked_prompts
from core.prompts import Value
from core.results import ALL, Among, InWords, Listeners, PromptResult, Results, Sheet, Step, Turnout
from storage.consultations import find_consultation
from storage.database import Database
from storage.desk import counting, turnout
from storage.desk.turnout import channel_of
from storage.shapes import read_value
from storage.status import status_of
from storage.tables import IS_DECLARED, LATEST, address, answer, declared, member, participation

PAGE = 500
"""Participants whose answers are read at once."""

SLOW = 0.1
"""Seconds: what takes longer to count isn't counted at every look."""
MANY = 5_000
"""Participants: of fewer, every look counts."""
SPARINGLY = 20
"""Times as long as it took to count, the numbers are good for."""
STALE = timedelta(minutes=10)
"""Older numbers aren't shown, even while new ones are being counted."""


@dataclass(slots=True)
class _Kept:
    results: Results
    took: float
    counted_at: float
    recounting: asyncio.Task[Results | None] | None = field(default=None)


class SqlAnswered:
    """Numbers that are slow to count are kept for a while, and counted anew behind whoever looks at them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[str, Among], _Kept] = {}

    # --- counted
    async def results(self, slug: str, now: datetime, among: Among = ALL) -> Results | None:
        kept = self._kept.get((slug, among))
        if kept is None or not timedelta(0) <= now - kept.results.at <= STALE:
            return await self._count(slug, now, among)
        is_at_work = kept.recounting is not None and not kept.recounting.done()
        if monotonic() - kept.counted_at > kept.took * SPARINGLY and not is_at_work:
            kept.recounting = asyncio.create_task(self._count(slug, now, among))
            kept.recounting.add_done_callback(_look_at)
        async with self._database.reading() as connection:
            found = await find_consultation(connection, slug)
        if found != kept.results.consultation:
            return await self._count(slug, now, among)
        return kept.results

    async def _count(self, slug: str, now: datetime, among: Among) -> Results | None:
        began = monotonic()
        async with self._database.reading() as connection:
            found = await find_consultation(connection, slug)
        if found is None:
            self._kept.pop((slug, among), None)
            return None
        results = await self._counted(found, now, among)
        took = monotonic() - began
        self._kept.pop((slug, among), None)
        if took > SLOW and ((results.begun or 0) >= MANY or not among.is_everybody):
            self._kept = {key: kept for key, kept in self._kept.items() if now - kept.results.at <= STALE}
            self._kept[slug, among] = _Kept(results, took, monotonic())
        return results

    async def _counted(self, found: Consultation, now: datetime, among: Among) -> Results:
        """At the same time over several connections: each statement keeps one busy."""
        (prompts, funnel), took, bodies, asked = await asyncio.gather(
            self._prompts(found, among), self._took_part(found, among), self._turnout(found, among),
            self._asked(found, among),
        )  # fmt: skip
        return Results(
            found, now, asked, took.begun, took.finished, prompts, funnel, bodies,
            took.by_day, took.channels, took.languages,
        )  # fmt: skip

    async def _prompts(
        self, found: Consultation, among: Among
    ) -> tuple[tuple[PromptResult, ...], tuple[Step, ...]]:  # fmt: skip
        async with self._database.reading() as connection:
            given = await counting.given(connection, found, among)
            came = await counting.in_words(connection, found, among)
            holding = counting.matching(found, given)
            results = []
            for prompt in found.prompts:
                counted = given[prompt.key]
                words = came.get(prompt.key, 0) - counted.get(None, 0)
                if prompt.when:
                    counted = await counting.given_if_asked(connection, found, prompt, holding, among)
                    words = counted.get("", 0)
                skipped = counted.get(None, 0)
                if prompt.kind in IN_WORDS:
                    results.append(count(prompt, {}, skipped, words))
                else:
                    results.append(count(prompt, counting.values(counted), skipped))
            left = await counting.stopped_at(connection, found, holding, among)
        return tuple(results), tuple(_step(one, left.get(one.prompt.key, 0)) for one in results)

    async def _took_part(self, found: Consultation, among: Among) -> turnout.Took:
        async with self._database.reading() as connection:
            return await turnout.took_part(connection, found, among)

    async def _turnout(self, found: Consultation, among: Among) -> tuple[Turnout, ...]:
        if not among.is_everybody:
            return ()
        async with self._database.reading() as connection:
            return await turnout.turnout(connection, found)

    async def _asked(self, found: Consultation, among: Among) -> int | None:
        if not among.is_everybody:
            return None
        async with self._database.reading() as connection:
            status = await status_of(connection, found.slug)
        return status.asked if status else 0

    # --- one by one
    async def sheets(self, slug: str) -> AsyncIterator[Sheet]:
        """In an order that is drawn by lot for this once."""
        whose = select(participation.c.member_id).where(participation.c.consultation == slug)
        async with self._database.reading() as connection:
            found = await find_consultation(connection, slug)
            members = array("q", await connection.scalars(whose))
        if found is None:
            return
        secrets.SystemRandom().shuffle(members)
        number = numbers(1)
        for start in range(0, len(members), PAGE):
            async with self._database.reading() as connection:
                page = await _sheets(connection, found, members[start : start + PAGE])
            for language, channel, bodies, begun, finished, answers in page:
                yield Sheet(next(number), language, channel, bodies, begun, finished, answers)

    async def texts(
        self, slug: str, prompt: str, limit: int, before: int | None = None, among: Among = ALL
    ) -> Sequence[InWords]:
        found_texts: list[InWords] = []
        some = counting.members_among(among)
        async with self._database.reading() as connection:
            found = await find_consultation(connection, slug)
            asked = found.prompt(prompt) if found else None
            while found and asked and len(found_texts) < limit:
                said = select(answer.c.id, answer.c.member_id, answer.c.at, answer.c.value, member.c.language)
                said = said.join(member, member.c.id == answer.c.member_id).where(
                    answer.c.consultation == slug, answer.c.prompt == prompt, text(LATEST), answer.c.value.is_not(None)
                )
                if before is not None:
                    said = said.where(answer.c.id < before)
                if some is not None:
                    said = said.where(answer.c.member_id.in_(some))
                rows = (await connection.execute(said.order_by(answer.c.id.desc()).limit(limit))).all()
                whole = await _answers(connection, slug, [row.member_id for row in rows]) if asked.when else {}
                for row in rows:
                    value = read_value(row.value)
                    counts = not asked.when or asked in asked_prompts(found, whole[row.member_id])
                    if isinstance(value, str) and counts:
                        found_texts.append(InWords(row.id, row.at, value, row.language))
                if len(rows) < limit:
                    break
                before = rows[-1].id
        return found_texts[:limit]

    # --- the outcome
    async def listeners(self, slug: str, now: datetime) -> Listeners:
        async with self._database.reading() as connection:
            return await turnout.listeners(connection, slug)

    async def heard(self, slug: str) -> Mapping[DeliveryState, int]:
        async with self._database.reading() as connection:
            return await turnout.heard(connection, slug)


def _look_at(task: asyncio.Task[Results | None]) -> None:
    """A recount that failed has no one to tell: the next look counts again, and tells."""
    if not task.cancelled():
        task.exception()


def _step(one: PromptResult, left: int) -> Step:
    answered, skipped = one.answered or 0, one.skipped or 0
    return Step(one.prompt, answered + skipped + left, answered, skipped, left)


_Row = tuple[str, str, tuple[str, ...], datetime | None, datetime | None, Mapping[str, Value | None]]


async def _sheets(connection: AsyncConnection, found: Consultation, members: Sequence[int]) -> list[_Row]:
    """In the order of the members; without whoever was forgotten meanwhile."""
    took = select(participation.c.member_id, participation.c.begun_at, participation.c.finished_at)
    took = took.add_columns(member.c.language, member.c.reach_account)
    took = took.join(member, member.c.id == participation.c.member_id)
    took = took.where(participation.c.consultation == found.slug, participation.c.member_id.in_(members))
    rows = {row.member_id: row for row in await connection.execute(took)}
    answers = await _answers(connection, found.slug, members)
    bodies: dict[int, set[str]] = defaultdict(set)
    belongs = (
        select(address.c.member_id, declared.c.body).join(declared, IS_DECLARED).where(address.c.member_id.in_(members))
    )
    for number, slug in await connection.execute(belongs):
        bodies[number].add(slug)
    page: list[_Row] = []
    for number in members:
        if (row := rows.get(number)) is None:
            continue
        given = answers[number]
        counted = {one.key: given[one.key] for one in asked_prompts(found, given) if one.key in given}
        whose = tuple(sorted(bodies[number]))
        page.append((row.language, channel_of(row.reach_account), whose, row.begun_at, row.finished_at, counted))
    return page


async def _answers(
    connection: AsyncConnection, slug: str, members: Sequence[int]
) -> Mapping[int, dict[str, Value | None]]:
    """Their latest."""
    given = select(answer.c.member_id, answer.c.prompt, answer.c.value)
    given = given.where(answer.c.member_id.in_(members), answer.c.consultation == slug, text(LATEST))
    found: dict[int, dict[str, Value | None]] = defaultdict(dict)
    for number, prompt, value in await connection.execute(given):
        found[number][prompt] = read_value(value)
    return found
