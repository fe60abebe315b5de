"""One run: the house is built, the script is played, calm returns, and what is left behind is put on record."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, func, or_, select

from bots.slack.web_api import open_session
from core.ports import StoreUnavailable
from folkmoot import organisers
from folkmoot.assembly import assemble
from folkmoot.settings import Settings
from storage.database import Database
from storage.outgoing import delivery
from storage.tables import leaf
from tests.chaos.accounts import Account, settle
from tests.chaos.calamities import Calamities
from tests.chaos.clock import Hands, ShiftedClock
from tests.chaos.house import House
from tests.chaos.papers import BODIES, CITY, PARKS, loaded
from tests.chaos.people import CODE, InSlack, InTelegram, Meanwhile, Person
from tests.chaos.platforms import Post, Slack, Telegram
from tests.chaos.reading import read
from tests.chaos.record import Record
from tests.chaos.script import LONDON, Script
from tests.chaos.stores import PostgresServer, SqliteFile, Store

PATIENCE = 40.0
"""Seconds in which, once all processes are back, everybody must have heard what they wait for, and all be at rest."""

MOST_MORNINGS = 12
REST = 0.4
PLANS_WITHIN = 4.0
"""Seconds within which the metronome has looked."""

SEALS_WITHIN = 14.0


class NotAtRest(Exception):
    """Something that should have come to an end did not: it is settled as it stands, and the account names it."""


@dataclass
class Run:
    script: Script
    folder: Path
    patience: float = PATIENCE
    timings: dict[str, float] = field(default_factory=dict)

    async def settle(self) -> tuple[Account, ...]:
        """Plays it, and gives the accounts."""
        async with AsyncExitStack() as stack:
            record = await self._play(stack)
            accounts = settle(record, LONDON)
            if not all(account.is_settled for account in accounts):
                self._keep(record)
        return accounts

    def _keep(self, record: Record) -> None:
        """For whoever reads the failure: the database, and everything that was counted."""
        if isinstance(self._store, PostgresServer):
            self._store.keep(self.folder)
        lines = (
            f"{one!r}\n" for kind in (record.postings, record.arrivals, record.rows, record.people) for one in kind
        )
        (self.folder / "record.txt").write_text("".join(lines))
        moved = "".join(f"{since:.3f} {offset:+.3f}\n" for since, offset in self._hands.moved)
        (self.folder / "clock-moved.txt").write_text(moved)

    async def _play(self, stack: AsyncExitStack) -> Record:
        hands = Hands(self.folder / "clock.txt", self.script.begins)
        self._hands, self._clock = hands, ShiftedClock(hands.file)
        self._telegram, self._slack = Telegram(hands), Slack(hands)
        await self._telegram.start()
        stack.push_async_callback(self._telegram.stop)
        await self._slack.start()
        stack.push_async_callback(self._slack.stop)
        self._meet()
        self._store: Store = PostgresServer() if self.script.database == "postgres" else SqliteFile(self.folder)
        stack.push_async_callback(self._store.stop)
        await self._store.start()
        self._house = House(
            self.folder, hands.file, self.script.database, self._store.url, self._telegram.url, self._slack.api_url
        )
        stack.callback(self._house.bury)
        session = await stack.enter_async_context(open_session())
        self._post = Post(self._telegram, self._house.url, session, self.script.seed)
        self._meanwhile = Meanwhile(self._telegram, self._slack, self._post)
        self._database = await stack.enter_async_context(Database(self._store.url))
        await self._timed("setting up", self._set_up())
        await self._timed("chaos", self._break_it())
        await self._timed("coming to rest", self._come_to_rest())
        await self._timed("ending", self._house.stop())
        return await self._record()

    @property
    def was_hit(self) -> bool:
        """Whether somebody was killed while they sent."""
        return self._house.kills_while_sending > 0

    @property
    def told(self) -> str:
        """How hard it was hit, and how long each part took."""
        took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.timings.items())
        killed = f"{self._house.kills} processes killed, {self._house.kills_while_sending} of them while they sent"
        return f"{killed}; {len(self.script.calamities)} calamities in all; {took}"

    async def _timed(self, name: str, doing: Awaitable[None]) -> None:
        began = time.time()
        await doing
        self.timings[name] = time.time() - began

    def _meet(self) -> None:
        for part in self.script.parts:
            if part.in_slack:
                profile = {"profile": {"display_name": part.user}, "locale": "en-GB", "tz": LONDON}
                self._slack.users[part.user] = profile
            else:
                self._telegram.meet(part.number, f"Member {part.number}")

    # --- before
    async def _set_up(self) -> None:
        settings = Settings(database_url=self._store.url, secret_key="the same in each")
        async with assemble(settings, clock=self._clock) as assembly:
            await assembly.store.record([loaded(text, self._clock.now()) for text in (BODIES, CITY, PARKS)])
            await organisers.open_(assembly, "city")
            code = CODE.findall(" ".join((await organisers.make_organiser(assembly, "Olga")).lines))[-1]
        self._house.start()
        await self._house.until_ready()
        self._people: list[Person] = [
            (InSlack if part.in_slack else InTelegram)(part, self._meanwhile) for part in self.script.parts
        ]
        self._meanwhile.gives_up = time.time() + self.patience
        early = [person for person in self._people if person.part.early]
        await asyncio.gather(*(person.joins() for person in early))
        await early[0].says_and_hears(code, "You are an organiser now")
        self._meanwhile.gives_up = float("inf")

    # --- in the midst
    async def _break_it(self) -> None:
        begins = time.time()
        calamities = Calamities(self._house, self._store, self._telegram, self._slack, self._hands)
        self._playing = [asyncio.create_task(person.play(begins)) for person in self._people]
        await calamities.strike(self.script.calamities, begins)
        await asyncio.sleep(max(0.0, begins + self.script.lasts - time.time()))
        self._telegram.relent()
        self._slack.relent()

    # --- after
    async def _come_to_rest(self) -> None:
        """Everybody is heard, everything planned goes out, one morning after the other; then all is sealed."""
        await self._house.until_ready()
        self._meanwhile.gives_up = time.time() + self.patience
        _, late = await asyncio.wait(self._playing, timeout=self.patience + 1)
        for task in late:  # what they posted was never taken, and is an offender of the account
            task.cancel()
        await self._until_quiet()
        if self.script.reminds:
            await self._morning(self._hands.now() + timedelta(days=1, hours=6))
            await asyncio.sleep(PLANS_WITHIN)
            await self._until_quiet()
        for _ in range(MOST_MORNINGS):
            if later := await self._next_due():
                await self._morning(later)
                await self._until_quiet()
                continue
            self._hands.move(timedelta(minutes=11).total_seconds())
            with suppress(NotAtRest):
                await self._until(self._is_sealed, "everything to be sealed", SEALS_WITHIN)
            await self._until_quiet()
            if await self._next_due() is None:  # those minutes may have been the ones in which something falls due
                break

    async def _morning(self, instant: datetime) -> None:
        self._hands.move_to(max(instant, self._hands.now()) + timedelta(seconds=1))

    async def _until_quiet(self) -> None:
        with suppress(NotAtRest):  # what is still on its way is an offender of the account, with its number
            await self._until(self._is_quiet, "everything due to have gone out", self.patience)
            await asyncio.sleep(REST)
            await self._until(self._is_quiet, "everything due to have gone out", self.patience)

    async def _until(self, holds: Callable[[], Awaitable[bool]], what: str, seconds: float) -> None:
        ends = time.time() + seconds
        while True:
            with suppress(StoreUnavailable):
                if await holds():
                    return
            if time.time() > ends:
                await self._house.ask_where_they_are()
                raise NotAtRest(f"waited {seconds:.0f} s in vain for {what}; see {self.folder}")
            await asyncio.sleep(0.1)

    async def _is_quiet(self) -> bool:
        now = self._clock.now()
        due = and_(delivery.c.state == "planned", delivery.c.not_before <= now)
        moving = select(func.count()).where(or_(delivery.c.state == "claimed", due))
        async with self._database.reading() as connection:
            return not await connection.scalar(moving)

    async def _next_due(self) -> datetime | None:
        async with self._database.reading() as connection:
            found: datetime | None = await connection.scalar(
                select(func.min(delivery.c.not_before)).where(delivery.c.state == "planned")
            )
            return found

    async def _is_sealed(self) -> bool:
        async with self._database.reading() as connection:
            return not await connection.scalar(select(func.count()).where(leaf.c.position.is_(None)))

    # --- the record
    async def _record(self) -> Record:
        kept = await read(self._database, self._clock, LONDON)
        verified = await asyncio.to_thread(self._house.run, "verify", "--ledger")
        postings = tuple(self._post.postings.values())
        return replace(
            kept,
            postings=postings,
            arrivals=(*self._telegram.arrivals, *self._slack.arrivals),
            ordered={one.id: self._hands.really(one.at) for one in kept.broadcasts},
            verified="" if verified.returncode == 0 else verified.stdout + verified.stderr,
            earned=self._telegram.earned,
            unheard=tuple(self._meanwhile.unheard),
            tracebacks=tuple(found for name in self._house.names for found in tracebacks(name, self._house.log(name))),
            endings=tuple(self._house.endings),
        )


_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(.*)", re.MULTILINE)


def tracebacks(name: str, log: str) -> list[str]:
    """The last line of each, which is what went wrong."""
    return [f"{name}: {found}" for found in _TRACEBACK.findall(log)]
