"""What the metronome has planned, when, for whom; and that nothing is planned twice or too late."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.consultations import Anchor, Audience, Consultation, NudgeKind, NudgeStep
from core.deliveries import DeliveryState, Mark, Priority
from core.events import (
    AnswerGiven,
    BroadcastConfirmed,
    BroadcastOrdered,
    ConsentGiven,
    ConsultationBegun,
    ConsultationClosed,
    ConsultationFinished,
    ConsultationLoaded,
    ConsultationOpened,
    Event,
    OutcomePublished,
)
from core.members import Address
from core.nudges import Manners
from core.ports import StoreUnavailable
from core.texts import Localised
from folkmoot.metronome import EVERY, LEAST_PAGE, PAGE, Beat, Metronome, Scheduler, page_size
from tests.contracts.rooms import BOT, DAY, HOUR, NOON, Rooms, consultation, in_memory, inbound
from tests.fakes.clock import SetClock
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_outbox import MemoryPlanner
from tests.fakes.memory_state import DeliveryRow
from tests.patience import until

WEEK = 7 * DAY
INVITATION = NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING)
REMINDER = NudgeStep("reminder-1", NudgeKind.REMINDER, Anchor.OPENING, 3 * DAY, time(18))
CLOSING = NudgeStep("closing", NudgeKind.CLOSING, Anchor.CLOSING, -DAY)
THANKS = NudgeStep("thanks", NudgeKind.THANKS, Anchor.CLOSING)
OUTCOME = NudgeStep("outcome", NudgeKind.OUTCOME, Anchor.OUTCOME)
PLAN = (INVITATION, REMINDER, CLOSING, THANKS, OUTCOME)


def city(
    *nudges: NudgeStep, opens_at: datetime | None = NOON, closes_at: datetime | None = NOON + 20 * DAY
) -> Consultation:
    return replace(consultation(opens_at=opens_at, closes_at=closes_at), nudges=nudges or PLAN)


class Days:
    """Some members, and a metronome or two that beat while days go by."""

    def __init__(self) -> None:
        self.rooms: Rooms = in_memory()
        self.clock = SetClock(NOON)
        self.metronomes = [self.metronome()]

    def metronome(self) -> Metronome:
        return Metronome(self.rooms.store, self.rooms.planner, self.clock, Manners())

    async def member(self, name: str, timezone: str | None = None, *events: Event) -> None:
        async with self.rooms.store.work(inbound(Address(BOT, name), timezone=timezone)) as work:
            await work.record(await work.session(), [ConsentGiven(NOON), *events], [])

    async def happens(self, *events: Event) -> None:
        await self.rooms.store.record(events)

    async def beats(self, at: datetime | None = None) -> None:
        if at:
            self.clock.set(at)
        for metronome in self.metronomes:
            await metronome.tick()

    async def pass_by(self, until: datetime, step: timedelta = HOUR) -> None:
        while self.clock.now() < until:
            self.clock.move(step)
            await self.beats()

    @property
    def rows(self) -> Sequence[DeliveryRow]:
        assert isinstance(self.rooms.store, MemoryStore)
        return list(self.rooms.store.memory.deliveries.values())

    @property
    def planned(self) -> Counter[str]:
        """How many deliveries of each step."""
        return Counter(row.key.split(":")[2] for row in self.rows if row.key)

    def due(self, name: str, step: str) -> datetime:
        return next(row.not_before for row in self.rows if row.to.chat == name and f":{step}:" in (row.key or ""))  # type: ignore[return-value]  # planned rows have one


@pytest.fixture
async def days() -> Days:
    days = Days()
    await days.member("ada")
    await days.member("ben")
    return days


async def test_an_opening_is_planned_once_however_often_and_by_however_many_it_is_seen(days: Days) -> None:
    days.metronomes += [days.metronome(), days.metronome()]
    await days.happens(ConsultationLoaded(city(), NOON))
    for _ in range(5):
        await days.beats()
    assert days.planned == {"invitation": 2}


async def test_a_restart_plans_nothing_twice(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(), NOON))
    for _ in range(3):
        days.metronomes = [days.metronome()]
        await days.beats()
    assert days.planned == {"invitation": 2}


async def test_a_file_loaded_again_invites_nobody_again(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(), NOON))
    await days.beats()
    await days.happens(ConsultationLoaded(replace(city(), title=Localised.of("Another title")), NOON))
    days.metronomes = [days.metronome()]
    await days.beats()
    assert days.planned == {"invitation": 2}


@pytest.mark.parametrize("opens_at", [None, NOON + DAY], ids=["a draft", "one that opens tomorrow"])
async def test_nothing_is_planned_for_what_has_not_opened(days: Days, opens_at: datetime | None) -> None:
    await days.happens(ConsultationLoaded(city(opens_at=opens_at), NOON))
    await days.pass_by(NOON + 10 * HOUR)
    assert days.planned == {}


async def test_a_consultation_opens_by_its_own_time_and_not_a_tick_earlier(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(opens_at=NOON + DAY), NOON))
    await days.beats(NOON + DAY - timedelta(seconds=1))
    assert days.planned == {}
    await days.beats(NOON + DAY)
    assert days.planned == {"invitation": 2}


async def test_a_draft_is_opened_by_hand(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(opens_at=None), NOON))
    await days.happens(ConsultationOpened("city", NOON + HOUR))
    await days.beats(NOON + HOUR)
    assert days.planned == {"invitation": 2}


async def test_a_whole_life_goes_by_its_plan(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(), NOON))
    await days.beats()
    await days.member("ada", None, ConsultationBegun("city", NOON), AnswerGiven("city", "idea", "AAAA", NOON),
                      ConsultationFinished("city", NOON))  # fmt: skip
    await days.pass_by(NOON + 4 * DAY)
    assert days.planned == {"invitation": 2, "reminder-1": 1}
    await days.pass_by(NOON + 19 * DAY)
    assert days.planned == {"invitation": 2, "reminder-1": 1, "closing": 1}
    await days.pass_by(NOON + 21 * DAY)
    assert days.planned == {"invitation": 2, "reminder-1": 1, "closing": 1, "thanks": 1}
    await days.happens(OutcomePublished("city", Localised.of("We plant trees"), days.clock.now()))
    await days.pass_by(NOON + 22 * DAY)
    assert days.planned == {"invitation": 2, "reminder-1": 1, "closing": 1, "thanks": 1, "outcome": 1}


async def test_closing_by_hand_thanks_at_once_and_asks_nobody_any_more(days: Days) -> None:
    await days.member("ada", None, AnswerGiven("city", "idea", "AAAA", NOON))
    await days.happens(ConsultationLoaded(city(closes_at=None), NOON))
    await days.beats()
    days.clock.move(DAY)
    await days.happens(ConsultationClosed("city", NOON + DAY))
    await days.pass_by(NOON + WEEK)
    assert days.planned == {"invitation": 2, "thanks": 1}


# --- clocks that jump
async def test_after_a_week_away_only_what_is_not_too_late_goes_out(days: Days) -> None:
    late = replace(REMINDER, key="reminder-2", offset=5 * DAY)
    await days.happens(ConsultationLoaded(city(INVITATION, REMINDER, late, CLOSING, THANKS), NOON))
    await days.beats(NOON + WEEK)
    assert days.planned == {"reminder-2": 2}
    await days.beats(NOON + 3 * WEEK)
    await days.beats(NOON + 5 * WEEK)
    assert days.planned == {"reminder-2": 2}


async def test_a_clock_that_jumps_back_plans_nothing_twice(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(), NOON))
    for at in (NOON + 4 * DAY, NOON, NOON + 4 * DAY):
        days.metronomes = [days.metronome()]
        await days.beats(at)
    assert days.planned == {"reminder-1": 2, "invitation": 2}


# --- time zones
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati", "UTC")


@pytest.mark.parametrize(
    "opens_at",
    [
        datetime(2026, 3, 26, 12, tzinfo=UTC),  # British clocks go forward on the day of the reminder
        datetime(2026, 10, 22, 12, tzinfo=UTC),  # and back
        datetime(2026, 3, 5, 12, tzinfo=UTC),  # New York's forward
        datetime(2026, 4, 2, 12, tzinfo=UTC),  # Auckland's back
    ],
    ids=["London forward", "London back", "New York forward", "Auckland back"],
)
async def test_a_reminder_comes_at_six_on_everybody_s_own_clock(days: Days, opens_at: datetime) -> None:
    for zone in ZONES:
        await days.member(zone, zone)
    await days.happens(ConsultationLoaded(city(opens_at=opens_at, closes_at=None), NOON))
    days.clock.set(opens_at)
    await days.pass_by(opens_at + 5 * DAY)
    assert days.planned["reminder-1"] == len(ZONES) + 2
    for zone in ZONES:
        due = days.due(zone, "reminder-1").astimezone(ZoneInfo(zone))
        day = opens_at.astimezone(ZoneInfo(zone)).date() + 3 * DAY
        assert (due.time(), due.date()) == (time(18), day), zone
    assert days.due("ada", "reminder-1").astimezone(UTC).time() == time(18), "the consultation's own clock"


async def test_nobody_s_reminder_is_planned_after_their_own_evening_has_gone(days: Days) -> None:
    for zone in ZONES:
        await days.member(zone, zone)
    await days.happens(ConsultationLoaded(city(), NOON))
    written = dict[int, datetime]()
    while days.clock.now() < NOON + 5 * DAY:
        days.clock.move(HOUR)
        await days.beats()
        for row in days.rows:
            written.setdefault(row.id, days.clock.now())
    for row in days.rows:
        if ":reminder-1:" in (row.key or "") and row.not_before:
            assert written[row.id] <= row.not_before + HOUR


async def test_an_opening_in_the_night_is_told_in_the_morning_of_each(days: Days) -> None:
    await days.member("london", "Europe/London")
    await days.member("kolkata", "Asia/Kolkata")
    night = datetime(2026, 3, 3, 2, tzinfo=UTC)
    await days.happens(ConsultationLoaded(city(opens_at=night), NOON))
    await days.beats(night)
    assert days.due("london", "invitation") == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert days.due("kolkata", "invitation") == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)


# --- broadcasts ordered by hand
def ordered(at: datetime, *, confirmed: bool = True, id: str = "AAAA") -> BroadcastOrdered:
    return BroadcastOrdered(id, "city", f"broadcast-{id.lower()}", NudgeKind.INVITATION, Audience(), at, confirmed)


async def test_a_broadcast_goes_out_at_its_time_and_ends_with_the_next_asking(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(CLOSING), NOON), ordered(NOON + 5 * HOUR))
    await days.beats(NOON + 4 * HOUR)
    assert days.planned == {}
    await days.beats(NOON + 5 * HOUR)
    assert days.planned == {"broadcast-aaaa": 2}
    assert {(row.not_before, row.expires_at) for row in days.rows} == {(NOON + 5 * HOUR, NOON + 19 * DAY)}


async def test_a_broadcast_for_the_night_waits_for_the_morning(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(CLOSING), NOON), ordered(NOON + 11 * HOUR))
    await days.beats(NOON + 11 * HOUR)
    assert {row.not_before for row in days.rows} == {datetime(2026, 3, 3, 8, tzinfo=UTC)}


async def test_a_broadcast_waits_for_its_organiser_s_yes(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(CLOSING), NOON), ordered(NOON, confirmed=False))
    await days.beats(NOON + HOUR)
    assert days.planned == {}
    await days.happens(BroadcastConfirmed("AAAA", "city"))
    await days.beats(NOON + 2 * HOUR)
    assert days.planned == {"broadcast-aaaa": 2}


async def test_a_broadcast_of_what_has_closed_reaches_nobody(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(CLOSING), NOON), ordered(NOON + 5 * HOUR))
    await days.happens(ConsultationClosed("city", NOON + HOUR))
    await days.beats(NOON + 5 * HOUR)
    now = days.clock.now()
    lease = next(iter(await days.rooms.outbox.take_lanes("worker", now, now + DAY)))
    assert await days.rooms.outbox.claim(lease, now, 100) == ()
    assert {row.state for row in days.rows} == {DeliveryState.EXPIRED}


async def test_a_broadcast_of_a_consultation_that_is_not_there_stands_in_nobody_s_way(days: Days) -> None:
    gone = BroadcastOrdered("GONE", "gone", "broadcast-gone", NudgeKind.INVITATION, Audience(), NOON)
    await days.happens(gone, ConsultationLoaded(city(), NOON))
    await days.beats()
    assert days.planned == {"invitation": 2}


# --- what is kept no longer
@pytest.mark.parametrize(("kept", "left"), [(30, 0), (100, 2), (None, 2)])
async def test_what_was_sent_long_ago_goes_as_the_organisation_wants_it(
    days: Days, kept: int | None, left: int
) -> None:
    assert isinstance(days.rooms.store, MemoryStore)
    await days.happens(ConsultationLoaded(city(INVITATION, closes_at=NOON + 2 * DAY), NOON))
    await days.beats()
    lease = await days.rooms.lane(at=NOON)
    sent = await days.rooms.outbox.claim(lease, NOON, 10)
    await days.rooms.outbox.mark(lease, [Mark(one.id, DeliveryState.SENT) for one in sent], NOON)
    days.rooms.store.memory.deliveries_kept = kept
    days.clock.set(NOON + 50 * DAY)
    await days.metronomes[0].thin()
    assert len(days.rows) == left


async def test_thinning_waits_an_hour_and_for_the_database(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[datetime] = []

    class Store(MemoryStore):
        fails = 1

        async def retention(self) -> int | None:
            asked.append(days.clock.now())
            if self.fails:
                self.fails -= 1
                raise StoreUnavailable("the database is away")
            return None

    metronome = Metronome(Store(), days.rooms.planner, days.clock, Manners())
    for minutes in (0, 1, 2, 60, 61, 30):
        days.clock.set(NOON + timedelta(minutes=minutes))
        await metronome.thin()
    assert asked == [NOON + timedelta(minutes=minutes) for minutes in (0, 1, 61, 30)]
    assert "waits for the database" in caplog.text


# --- trouble
class Away(MemoryPlanner):
    fails = 0

    async def zones(self) -> tuple[str | None, ...]:
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("the database is away")
        return await super().zones()


async def test_a_database_that_is_away_is_waited_for(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(days.rooms.store, MemoryStore)
    planner = Away(days.rooms.store.memory)
    planner.fails = 2
    days.metronomes = [Metronome(days.rooms.store, planner, days.clock, Manners())]
    await days.happens(ConsultationLoaded(city(), NOON))
    for _ in range(3):
        await days.beats()
    assert days.planned == {"invitation": 2}
    assert caplog.text.count("waits for the database") == 2


async def test_a_page_that_was_broken_off_is_gone_on_with(days: Days) -> None:
    for number in range(20):
        await days.member(f"m{number:02}")
    await days.happens(ConsultationLoaded(city(), NOON))
    await days.happens(
        BroadcastOrdered("city/invitation", "city", "invitation", NudgeKind.INVITATION, Audience(), NOON)
    )
    first = (await days.rooms.planner.unplanned(NOON))[0]
    assert not (await days.rooms.planner.plan_page(first, {None: NOON}, None, 5)).is_planned
    days.metronomes += [days.metronome()]
    await days.beats()
    assert days.planned == {"invitation": 22}


def test_a_beat_that_was_due_years_ago_is_one_beat() -> None:
    then, now = datetime(1970, 1, 1, tzinfo=UTC), NOON
    assert Beat().get_next_fire_time(None, now) == now
    assert Beat().get_next_fire_time(then, now) == now + timedelta(seconds=EVERY)


async def test_a_clock_that_was_put_back_an_hour_silences_nothing() -> None:
    beats: list[int] = []

    async def beat() -> None:
        beats.append(1)

    scheduler = Scheduler(timezone="UTC")
    job = scheduler.add_job(beat, Beat())
    scheduler.start()
    try:
        await until(lambda: beats)
        job.modify(next_run_time=datetime.now(UTC) + HOUR)  # what a beat is, seen from an hour earlier
        await until(lambda: len(beats) == 2)
        assert job.next_run_time - datetime.now(UTC) <= timedelta(seconds=EVERY)
    finally:
        scheduler.shutdown(wait=False)


async def test_what_is_swept_hourly_is_swept_again_after_the_clock_was_put_back(days: Days) -> None:
    await days.member("ada")
    assert isinstance(days.rooms.store, MemoryStore)
    memory = days.rooms.store.memory
    await days.beats(NOON + 40 * DAY)
    await days.beats(NOON)
    memory.inbound["old"] = NOON - 31 * DAY
    await days.beats(NOON + timedelta(minutes=1))
    assert "old" in memory.inbound, "not with every beat"
    await days.beats(NOON - HOUR)
    assert "old" not in memory.inbound


@pytest.mark.parametrize(
    ("size", "took", "next_size"),
    [(1000, 0.01, 1000), (1000, 0.02, 500), (1000, 0.001, 2000), (1000, 0.0, 2000), (PAGE, 0.001, PAGE),
     (LEAST_PAGE, 9.0, LEAST_PAGE)],
)  # fmt: skip
def test_pages_are_as_large_as_their_time_allows(size: int, took: float, next_size: int) -> None:
    assert page_size(size, took, 0.01) == next_size


async def test_it_beats_by_itself_until_it_is_stopped(days: Days) -> None:
    await days.happens(ConsultationLoaded(city(), NOON))
    metronome = days.metronome()
    metronome.start()
    try:
        await until(lambda: days.planned == {"invitation": 2})
    finally:
        await metronome.stop()
    await metronome.stop()
    assert {row.priority for row in days.rows} == {Priority.NUDGE}
