"""What the timekeeper has recorded and sent while days go by, over a store in memory and a real one; and in trouble."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.bodies import Body, BodyKind, Power, Remit
from core.calendars import EVERY_DAY, Recess
from core.deliveries import Delivery, DeliveryState, Mark, NewsRef, Priority
from core.events import (
    BodiesLoaded,
    ChannelAttached,
    ConsentGiven,
    Event,
    IdeaCaptured,
    MemberStopped,
    StoryContinued,
    TimezoneChosen,
)
from core.ideas import Idea
from core.ledger.seals import Seal
from core.members import Address, Role
from core.nudges import Manners
from core.outbound import Message
from core.places import Place, Source
from core.ports import Docket, Ledger, StoreUnavailable
from core.queues import Open
from core.standings import Stage
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised, load_texts
from folkmoot.timekeeping import Timekeeper
from storage.docket import SqlDocket
from storage.ledger import SqlLedger
from tests.contracts.rooms import BOT, CAT, DAY, HOUR, MINUTE, Rooms, in_memory, inbound, over
from tests.fakes.clock import SetClock
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_docket import MemoryDocket
from tests.fakes.memory_ledger import MemoryLedger
from tests.patience import until

TEXTS = load_texts()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
ADA, SEC, SUE = Address(BOT, "ada"), Address(BOT, "sec"), Address(BOT, "sue")
GROUP = Place(BOT, "-1001", private=False)
CODE = "AAAA-AA9M"

RIVERSIDE = Body(
    "riverside", Localised.of("Riverside branch"), BodyKind.BRANCH, members=((SEC, Role.SECRETARY),), parent="planning"
)
PLANNING = Body(
    "planning", Localised.of("Planning Commission"), BodyKind.COMMISSION, members=((SUE, Role.SECRETARY),),
    remit=Remit(everything=True), answer_days=60,
)  # fmt: skip


@dataclass
class Days:
    """Bodies, some ideas, and a timekeeper or two that look while days go by."""

    rooms: Rooms
    docket: Docket
    ledger: Ledger
    public_url: str = "https://moot.example"
    every: int = 7
    clock: SetClock = field(default_factory=lambda: SetClock(NOON))

    def __post_init__(self) -> None:
        self.timekeepers = [self.timekeeper()]

    def timekeeper(self, docket: Docket | None = None) -> Timekeeper:
        return Timekeeper(
            self.rooms.store, docket or self.docket, self.ledger, self.clock, TEXTS, Manners(), self.public_url,
            self.every,
        )  # fmt: skip

    async def happens(self, *events: Event) -> None:
        await self.rooms.store.record(events)

    async def load(self, *bodies: Body) -> None:
        await self.happens(BodiesLoaded(bodies, (), EVERY_DAY))

    async def member(self, who: Address, *events: Event, timezone: str | None = None) -> int:
        async with self.rooms.store.work(inbound(who, at=NOON, timezone=timezone)) as work:
            await work.record(await work.session(), [ConsentGiven(NOON), *events], [])
            return (await work.member()).id

    async def says(self, code: str = CODE, to: str = "riverside", days: int = 30, at: datetime | None = None) -> None:
        author, at = await self.member(ADA), at or self.clock.now()
        begun = (
            Entry(EntryKind.SAID, at, "More benches by the river"),
            Entry(EntryKind.CONFIRMED, at),
            Entry(EntryKind.ACKNOWLEDGED, at),
            Entry(EntryKind.SENT, at, next=to, days=days),
        )
        await self.happens(IdeaCaptured(Idea(code, author, Source(BOT, "ada", code), begun)))

    async def goes_on(self, *entries: Entry, code: str = CODE) -> None:
        for entry in entries:
            await self.happens(StoryContinued(code, entry, len((await self.idea(code)).story)))

    async def idea(self, code: str = CODE) -> Idea:
        found = await self.rooms.store.idea(code)
        assert found is not None
        return found

    async def kinds(self, code: str = CODE) -> list[EntryKind]:
        """What is in the story after it was sent."""
        return [entry.kind for entry in (await self.idea(code)).story[4:]]

    async def look(self, at: datetime | None = None) -> None:
        """At once, all of them."""
        if at:
            self.clock.set(at)
        await asyncio.gather(*(one.look() for one in self.timekeepers))

    async def pass_by(self, until: datetime, step: timedelta = HOUR) -> list[tuple[datetime, str, str]]:
        """When, to whom, and what was said in all that time, but the news of stories."""
        told = []
        while self.clock.now() < until:
            await self.look(self.clock.now() + step)
            told += [(self.clock.now(), one.to.chat, _text(one)) for one in await self.sent() if _is_worded(one)]
        return told

    async def sent(self) -> Sequence[Delivery]:
        """Everything that goes out now."""
        now, all_ = self.clock.now(), list[Delivery]()
        for lease in await self.rooms.outbox.take_lanes("worker", now, now + MINUTE):
            while batch := await self.rooms.outbox.claim(lease, now, 100):
                marks = [Mark(one.id, DeliveryState.SENT, message=f"m{one.id}") for one in batch]
                assert await self.rooms.outbox.mark(lease, marks, now)
                all_ += batch
        return all_

    async def worded(self) -> list[tuple[str, str]]:
        return [(one.to.chat, _text(one)) for one in await self.sent() if _is_worded(one)]


def _is_worded(one: Delivery) -> bool:
    return isinstance(one.content, Message)


def _text(one: Delivery) -> str:
    assert isinstance(one.content, Message)
    return one.content.text


def memory_days() -> Days:
    rooms = in_memory()
    assert isinstance(rooms.store, MemoryStore)
    memory = rooms.store.memory
    return Days(rooms, MemoryDocket(memory), MemoryLedger(memory.ideas, memory.unsalted))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Days:
    if request.param == "memory":
        return memory_days()
    database = request.getfixturevalue(f"{request.param}_database")
    return Days(over(database), SqlDocket(database), SqlLedger(database))


@pytest.fixture
async def days(empty: Days) -> Days:
    await empty.load(RIVERSIDE, PLANNING)
    return empty


OVER = datetime(2026, 12, 24, tzinfo=UTC)
"""When the time of what was sent at noon, with thirty days, is over."""


# --- silence
async def test_a_silence_is_noted_once_by_however_many_and_the_author_is_told(days: Days) -> None:
    days.timekeepers += [days.timekeeper(), days.timekeeper()]
    await days.says()
    await days.look(OVER - timedelta(seconds=1))
    assert await days.kinds() == []
    for _ in range(3):
        await days.look(OVER)
    assert await days.kinds() == [EntryKind.SILENT]
    told = [one for one in await days.sent() if isinstance(one.content, NewsRef)]
    assert [(one.to.chat, one.content) for one in told] == [("ada", NewsRef(CODE, 5, to_author=True))]


async def test_a_restart_notes_nothing_twice(days: Days) -> None:
    await days.says()
    for minute in range(3):
        days.timekeepers = [days.timekeeper()]
        await days.look(OVER + minute * MINUTE)
    assert await days.kinds() == [EntryKind.SILENT]


async def test_a_clock_that_would_run_out_in_a_recess_waits_for_its_end(days: Days) -> None:
    rest = Recess(date(2026, 12, 20), date(2027, 1, 3))
    await days.load(replace(RIVERSIDE, recesses=(rest,)), PLANNING)
    await days.says()
    await days.look(OVER + 14 * DAY)
    assert await days.kinds() == []
    await days.look(OVER + 15 * DAY)
    assert await days.kinds() == [EntryKind.SILENT]


async def test_an_answer_in_time_leaves_nothing_to_note(days: Days) -> None:
    await days.says()
    await days.goes_on(Entry(EntryKind.ACCEPTED, NOON, body="riverside", by=Role.SECRETARY))
    await days.look(OVER + 100 * DAY)
    assert await days.kinds() == [EntryKind.ACCEPTED]


async def test_an_appeal_against_hiding_that_nobody_judges_is_a_silence_of_its_own(days: Days) -> None:
    await days.says(days=90)
    hidden = Entry(EntryKind.HIDDEN, NOON, reason="It insults a neighbour", rule=Rule.ABUSE)
    contested = Entry(EntryKind.CONTESTED, NOON, next="planning", days=30, rule=Rule.ABUSE)
    await days.goes_on(hidden, contested)
    await days.look(OVER)
    await days.look(OVER)
    now = (await days.idea()).standing
    assert now.contest is not None
    assert now.with_body is not None
    assert (now.contest.silent_at, now.with_body.silent_at) == (OVER, None)


class Quicker(MemoryDocket):
    """Shows what is open as it was before somebody answered it."""

    shown: tuple[Open, ...] = ()

    async def running(self, now: datetime) -> tuple[Open, ...]:
        self.shown = self.shown or await super().running(now)
        return self.shown


async def test_whoever_answers_in_the_same_moment_is_quicker(caplog: pytest.LogCaptureFixture) -> None:
    days = memory_days()
    assert isinstance(days.rooms.store, MemoryStore)
    await days.load(RIVERSIDE, PLANNING)
    await days.says()
    docket = Quicker(days.rooms.store.memory)
    await docket.running(OVER)
    await days.goes_on(Entry(EntryKind.ACCEPTED, OVER, body="riverside"))
    days.timekeepers = [days.timekeeper(docket)]
    await days.look(OVER)
    assert await days.kinds() == [EntryKind.ACCEPTED]
    assert caplog.text == ""


# --- a body that has ended, and stories that have
async def test_what_waited_for_a_body_that_ended_goes_up_and_its_time_begins_anew(days: Days) -> None:
    await days.says()
    await days.load(PLANNING)
    await days.look(NOON + DAY)
    await days.look(NOON + DAY + MINUTE)
    assert (await days.idea()).story[4:] == (
        Entry(EntryKind.MOVED, NOON + DAY, body="riverside", next="planning", days=60),
    )


async def test_where_no_body_is_left_an_organiser_finds_it(days: Days) -> None:
    await days.says()
    await days.load(replace(RIVERSIDE, slug="lakeside"))
    await days.look(NOON + DAY)
    await days.look(NOON + DAY + MINUTE)
    assert await days.kinds() == [EntryKind.MOVED]
    assert (await days.idea()).standing.stage is Stage.RECEIVED


async def test_a_story_ends_two_weeks_after_a_refusal_and_at_once_after_what_was_done(days: Days) -> None:
    await days.says("AAAA-AA9M")
    await days.says("AAAA-AAEA")
    no = Entry(EntryKind.DECLINED, NOON, reason="There is no money for it", body="riverside", by=Role.SECRETARY)
    await days.goes_on(no)
    done = Entry(EntryKind.CARRIED_OUT, NOON, reason="Twelve benches", body="riverside")
    await days.goes_on(Entry(EntryKind.ACCEPTED, NOON, body="riverside"), done, code="AAAA-AAEA")
    await days.look(NOON + MINUTE)
    assert await days.kinds("AAAA-AAEA") == [EntryKind.ACCEPTED, EntryKind.CARRIED_OUT, EntryKind.CLOSED]
    await days.look(NOON + 14 * DAY - MINUTE)
    assert await days.kinds() == [EntryKind.DECLINED]
    for minute in (1, 2):
        await days.look(NOON + 14 * DAY + minute * MINUTE)
    assert await days.kinds() == [EntryKind.DECLINED, EntryKind.CLOSED]


async def test_an_appeal_keeps_a_story_open(days: Days) -> None:
    await days.says()
    no = Entry(EntryKind.DECLINED, NOON, reason="There is no money for it", body="riverside", by=Role.SECRETARY)
    await days.goes_on(no, Entry(EntryKind.APPEALED, NOON + DAY, next="planning", days=60))
    await days.look(NOON + 20 * DAY)
    assert (await days.idea()).standing.stage is Stage.WAITING


# --- notices
async def test_a_secretary_hears_of_a_new_idea_in_the_morning_and_once_a_day_of_what_runs_out() -> None:
    days = memory_days()
    await days.load(RIVERSIDE, PLANNING)
    await days.member(SEC)
    await days.member(SUE)
    days.timekeepers += [days.timekeeper()]
    await days.says(days=14)
    told = await days.pass_by(NOON + 16 * DAY)
    mornings = [at for at, chat, _ in told if chat == "sec"]
    assert mornings == [datetime(2026, 11, 24, 8, tzinfo=UTC) + n * DAY for n in (0, 10, 11, 12, 13, 14, 15)]
    assert told[0][2] == (f"1 new idea waits for an answer.\n\n{CODE}: “More benches by the river” (13 days left)")
    assert [text.splitlines()[-1].partition("(")[2] for _, chat, text in told if chat == "sec"] == [
        "13 days left)", "3 days left)", "2 days left)", "1 day left)", "due today)", "1 day late)", "2 days late)",
    ]  # fmt: skip
    assert [(at, text) for at, chat, text in told if chat == "sue"] == [
        (datetime(2026, 12, 8, 8, tzinfo=UTC), "Riverside branch didn’t answer 1 idea in time.")
    ]


async def test_a_notice_goes_once_to_each_whichever_process_looks_and_after_a_restart(days: Days) -> None:
    await days.member(SEC)
    await days.says()
    days.timekeepers += [days.timekeeper()]
    await days.look(NOON + 20 * HOUR)
    days.timekeepers = [days.timekeeper()]
    await days.look(NOON + 21 * HOUR)
    assert [chat for chat, _ in await days.worded()] == ["sec"]


async def test_at_night_on_their_own_clock_nothing_is_said_and_nothing_is_used_up(days: Days) -> None:
    await days.member(SEC, TimezoneChosen("Pacific/Auckland"))
    await days.says()
    eight = datetime(2026, 11, 23, 19, tzinfo=UTC)
    told = await days.pass_by(eight - HOUR)
    assert told == []
    told = await days.pass_by(eight + 20 * HOUR)
    assert [at for at, _, _ in told] == [eight]


async def test_a_restart_in_the_afternoon_makes_up_for_the_morning(days: Days) -> None:
    await days.member(SEC)
    await days.says()
    await days.look(NOON + 28 * HOUR)
    assert [chat for chat, _ in await days.worded()] == ["sec"]
    await days.look(NOON + 44 * HOUR)
    assert await days.worded() == []


@pytest.mark.parametrize("who", ["has never written", "said STOP", "declined to take part"])
async def test_where_no_secretary_can_be_told_the_channel_is_told_how_much_waits(days: Days, who: str) -> None:
    if who == "said STOP":
        await days.member(SEC, MemberStopped(NOON))
    if who == "declined to take part":
        async with days.rooms.store.work(inbound(SEC, at=NOON)) as work:
            await work.record(await work.session(), [], [])
    await days.happens(ChannelAttached("riverside", GROUP))
    await days.says()
    await days.look(NOON + 20 * HOUR)
    await days.look(NOON + 21 * HOUR)
    told = [one for one in await days.sent() if "waits" in _text(one)]
    assert [(one.to, one.priority) for one in told] == [(GROUP, Priority.POST)]
    assert _text(told[0]) == "1 new idea waits for an answer."


async def test_a_secretary_who_said_stop_and_no_channel_is_nobody_to_tell(days: Days) -> None:
    await days.member(SEC, MemberStopped(NOON))
    await days.says()
    await days.look(NOON + 20 * HOUR)
    assert await days.worded() == []


async def test_whoever_holds_two_addresses_is_told_once(days: Days) -> None:
    await days.load(replace(RIVERSIDE, members=((SEC, Role.SECRETARY), (CAT, Role.SECRETARY))), PLANNING)
    await days.member(SEC)
    await days.member(CAT)
    await days.rooms.link(SEC, CAT, at=NOON)
    await days.says()
    await days.look(NOON + 20 * HOUR)
    assert [chat for chat, _ in await days.worded()] == ["sec"]


async def test_the_roles_that_may_answer_are_the_body_s_own(days: Days) -> None:
    powers = ((Power.ANSWER, (Role.REPRESENTATIVE,)),)
    members = ((SEC, Role.SECRETARY), (SUE, Role.REPRESENTATIVE))
    await days.load(replace(RIVERSIDE, members=members, powers=powers), PLANNING)
    await days.member(SEC)
    await days.member(SUE)
    await days.says()
    await days.look(NOON + 20 * HOUR)
    assert [chat for chat, _ in await days.worded()] == ["sue"]


async def test_the_words_of_a_hidden_idea_are_in_no_notice(days: Days) -> None:
    await days.member(SEC)
    await days.says()
    await days.goes_on(Entry(EntryKind.HIDDEN, NOON, reason="It insults a neighbour", rule=Rule.ABUSE))
    await days.look(NOON + 20 * HOUR)
    assert [text.splitlines()[-1] for _, text in await days.worded()] == [f"{CODE} (29 days left)"]


# --- seals
async def test_every_channel_is_given_the_seal_once_a_week(days: Days) -> None:
    days.timekeepers += [days.timekeeper()]
    await days.happens(ChannelAttached("riverside", GROUP), ChannelAttached("planning", Place("slack:T1", "C1", False)))
    await days.pass_by(NOON + HOUR)
    assert await days.worded() == []  # nothing was sealed yet
    await days.says()
    seal = await days.ledger.seal(NOON + HOUR, 100)
    assert isinstance(seal, Seal)
    told = await days.pass_by(NOON + 14 * DAY, 4 * HOUR)
    assert [(at, chat) for at, chat, text in told if "Seal" in text] == [
        (NOON + 5 * HOUR, "C1"), (NOON + 5 * HOUR, "-1001"),
        (datetime(2026, 11, 30, 9, tzinfo=UTC), "C1"), (datetime(2026, 11, 30, 9, tzinfo=UTC), "-1001"),
        (datetime(2026, 12, 7, 9, tzinfo=UTC), "C1"), (datetime(2026, 12, 7, 9, tzinfo=UTC), "-1001"),
    ]  # fmt: skip
    first = next(text for _, _, text in told if "Seal" in text)
    assert f"4 entries, root {seal.root.hex()}" in first
    assert "https://moot.example/seals" in first


async def test_no_seal_is_posted_where_that_is_switched_off() -> None:
    days = memory_days()
    await days.load(RIVERSIDE, PLANNING)
    await days.happens(ChannelAttached("riverside", GROUP))
    await days.says(days=60)
    await days.ledger.seal(NOON, 100)
    days.every = 0
    days.timekeepers = [days.timekeeper()]
    assert not [text for _, _, text in await days.pass_by(NOON + 8 * DAY, DAY) if "Seal" in text]


# --- trouble
class Away(MemoryDocket):
    fails = 2

    async def to_close(self, declined_before: datetime) -> tuple[Idea, ...]:
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("the database is away")
        return await super().to_close(declined_before)


async def test_a_database_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    days = memory_days()
    assert isinstance(days.rooms.store, MemoryStore)
    await days.load(RIVERSIDE, PLANNING)
    await days.member(SEC)
    await days.says()
    days.timekeepers = [days.timekeeper(Away(days.rooms.store.memory))]
    for minute in range(3):
        await days.look(NOON + 20 * HOUR + minute * MINUTE)
    assert caplog.text.count("the timekeeper waits for the database: the database is away") == 2
    assert "Traceback" not in caplog.text
    assert [chat for chat, _ in await days.worded()] == ["sec"]


async def test_no_code_and_no_words_are_logged(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    days.timekeepers += [days.timekeeper()]
    await days.member(SEC)
    await days.says()
    with caplog.at_level(logging.DEBUG, logger="folkmoot"):
        await days.look(NOON + 20 * HOUR)
        await days.look(OVER)
    assert CODE not in caplog.text
    assert "benches" not in caplog.text


async def test_it_looks_by_itself_until_it_is_stopped() -> None:
    days = memory_days()
    assert isinstance(days.rooms.store, MemoryStore)
    memory = days.rooms.store.memory
    await days.load(RIVERSIDE, PLANNING)
    await days.says()
    days.clock.set(OVER)
    [timekeeper] = days.timekeepers
    running = asyncio.create_task(timekeeper.run())
    await until(lambda: memory.ideas[CODE].story[-1].kind is EntryKind.SILENT)
    timekeeper.stop()
    await asyncio.wait_for(running, 10)
