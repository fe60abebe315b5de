"""The timekeeper: looks what time has brought about, has it recorded, and tells those who answer, and channels.

Beside the metronome, like sealing: however much is planned, no body's time runs out unnoticed.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.bodies import Bodies, Body, Power
from core.deliveries import Priority
from core.events import StoryContinued
from core.ideas import Idea
from core.members import Member
from core.notices import below, notice, tell, tell_channel, tell_seal
from core.nudges import Manners
from core.outbound import render
from core.places import Place
from core.ports import Clock, Docket, Ledger, Post, Store, StoryMoved
from core.queues import Open
from core.talks import Talks
from core.texts import Texts
from core.timekeeping import APPEAL_TIME, Dues, Morning, ends, falls_silent, morning, moves_on, seal_period
from folkmoot.clockwork import look_again_and_again
from storage.database import Fault

log = logging.getLogger(__name__)

LOOKS_EVERY = 20.0
"""Seconds between looks at the stories."""

TELLS_EVERY = timedelta(minutes=1)
"""How often it is looked whether somebody's morning has come."""

SEALS_POSTED_EVERY_DAYS = 7

AT_ONCE = 500
"""Ideas read at once."""

Decide = Callable[[Open, Idea, Bodies, datetime], StoryContinued | None]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a body's notice goes: to an officer, or to its channel where no officer can be reached."""

    to: Place
    timezone: str
    language: str
    member: int | None = None

    def key(self, body: str) -> str:
        return f"notice:{body}:{self.to.account}:{self.to.chat}"


class Timekeeper:
    """Several may run, and a look too many is harmless: a story that moved on is left to the next look, and what is to
    be said once has a key that is taken once."""

    def __init__(
        self,
        store: Store,
        docket: Docket,
        ledger: Ledger,
        clock: Clock,
        texts: Texts,
        manners: Manners,
        public_url: str = "",
        seals_posted_every_days: int = SEALS_POSTED_EVERY_DAYS,
        talks: Talks | None = None,
    ) -> None:
        self._store, self._docket, self._ledger, self._clock = store, docket, ledger, clock
        self._texts, self._manners, self._public_url = texts, manners, public_url
        self._seals_every, self._talks = seals_posted_every_days, talks
        self._told_at: datetime | None = None
        self._told: dict[str, date] = {}  # spares asking again: what was said is known by its key
        self._posted: tuple[int, set[str]] = 0, set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await look_again_and_again(self.look, LOOKS_EVERY, self._stopping)

    def stop(self) -> None:
        self._stopping.set()

    async def look(self) -> None:
        now = self._clock.now()
        try:
            bodies = await self._store.bodies()
            dues = Dues(bodies)
            over = [one for one in await self._docket.running(now) if dues.of(one) <= now]
            await self._continue(over, falls_silent, bodies, now)
            await self._continue(await self._docket.adrift(), moves_on, bodies, now)
            await self._end(now)
            if self._talks:
                await self._talks.end_idle(now)
            if self._told_at is None or not timedelta() <= now - self._told_at < TELLS_EVERY:
                for body in bodies.living:
                    await self._tell(body, bodies, now)
                await self._post_seal(bodies, now)
                self._told_at = now
        except OSError as error:
            log.warning("the timekeeper waits for the database: %s", error)
        except Fault as error:
            log.error("the timekeeper could not go on: %s", error)

    # --- stories
    async def _continue(self, open_: Sequence[Open], decide: Decide, bodies: Bodies, now: datetime) -> None:
        for start in range(0, len(open_), AT_ONCE):
            some = open_[start : start + AT_ONCE]
            ideas = {idea.code: idea for idea in await self._store.ideas({one.idea for one in some})}
            for one in some:
                if one.idea in ideas and (event := decide(one, ideas[one.idea], bodies, now)):
                    await self._record(event)

    async def _end(self, now: datetime) -> None:
        for idea in await self._docket.to_close(now - APPEAL_TIME):
            if event := ends(idea, now):
                await self._record(event)

    async def _record(self, event: StoryContinued) -> None:
        try:
            await self._store.record([event])
        except StoryMoved:
            log.debug("somebody was quicker with a story; the next look sees how it stands then")
        except Fault as error:  # one story that can't go on doesn't hold up the others
            log.error("a story could not go on: %s", error)

    # --- notices
    async def _tell(self, body: Body, bodies: Bodies, now: datetime) -> None:
        calendar = bodies.calendar(body.slug)
        due: list[tuple[Recipient, Morning, date]] = []
        for recipient in await self._recipients(body, bodies):
            day = now.astimezone(ZoneInfo(recipient.timezone)).date()
            if self._told.get(recipient.key(body.slug)) == day:
                continue
            if theirs := morning(now, recipient.timezone, calendar, self._manners):
                due.append((recipient, theirs, day))
        if not due:
            return
        waiting = await self._docket.waiting_for(body.slug)
        under = [one for child in below(body.slug, bodies) for one in await self._docket.waiting_for(child.slug)]
        posts = []
        for recipient, theirs, day in due:
            if told := notice(body, waiting, under, bodies, theirs, now):
                named = [item.open.idea for item in told.most_urgent] if recipient.member else []
                ideas = {idea.code: idea for idea in await self._store.ideas(named)} if named else {}
                said = tell(told, ideas, bodies) if recipient.member else tell_channel(told, bodies)
                message = render(said, self._texts, recipient.language, recipient.timezone)
                priority = Priority.NEWS if recipient.member else Priority.POST
                key = f"{recipient.key(body.slug)}:{day.isoformat()}"
                posts.append(Post(recipient.to, message, priority, recipient.member, key))
        if posts:
            await self._store.record([], posts)
        self._told |= {recipient.key(body.slug): day for recipient, _, day in due}

    async def _recipients(self, body: Body, bodies: Bodies) -> Sequence[Recipient]:
        """Its officers who can be reached, each once; else its channels."""
        officers: dict[int, Recipient] = {}
        for address in await self._docket.officers(body.slug, body.roles_that_may(Power.ANSWER)):
            member = await self._store.member_at(address)
            if member and _may_be_told(member):
                language = self._texts.language_for(member.language)
                zone = member.timezone or bodies.timezone
                officers.setdefault(member.id, Recipient(Place.private_to(address), zone, language, member.id))
        if officers:
            return tuple(officers.values())
        language = self._language_of(body)
        return tuple(Recipient(channel, bodies.timezone, language) for channel in body.channels)

    def _language_of(self, body: Body | None) -> str:
        return self._texts.language_for(body.name.texts[0][0] if body else None)

    # --- seals
    async def _post_seal(self, bodies: Bodies, now: datetime) -> None:
        period = seal_period(now, bodies.timezone, self._seals_every, self._manners)
        if period is None:
            return
        number, posted = self._posted
        if number != period:
            self._posted = period, posted = period, set()
        places = {f"seal:{period}:{one.account}:{one.chat}": one for one in await self._docket.channels()}
        fresh = {key: place for key, place in places.items() if key not in posted}
        seal = await self._ledger.latest_seal() if fresh else None
        if seal is None:
            return
        hosts = {(one.account, one.chat): body for body in bodies.living for one in body.channels}
        said = tell_seal(seal, self._public_url)
        posts = []
        for key, place in fresh.items():
            language = self._language_of(hosts.get((place.account, place.chat)))
            message = render(said, self._texts, language, bodies.timezone)
            posts.append(Post(replace(place, thread=None), message, Priority.POST, key=key))
        await self._store.record([], posts)
        posted.update(fresh)


def _may_be_told(member: Member) -> bool:
    return member.has_consented and not member.has_stopped
