"""A lane in trouble: messengers that raise or hang, a database that goes away, a lease that is lost, an ending."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from core.deliveries import Delivery, DeliveryState, Gone, Lease, Mark, Receiver, Retry
from core.ports import StoreUnavailable
from folkmoot.lane import Patience
from tests.contracts.rooms import ADA, BEN, BOT, MINUTE, inbound
from tests.fakes.memory_outbox import MemoryOutbox
from tests.folkmoot.stage import Stage
from tests.patience import until

PLANNED, CLAIMED, SENT, FAILED = (
    DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.FAILED,
)  # fmt: skip
UNCERTAIN = DeliveryState.UNCERTAIN


@pytest.fixture
def stage() -> Stage:
    return Stage()


class Flaky(MemoryOutbox):
    """Fails the next so many calls of a kind: before anything is done, or when it is done and nobody hears of it."""

    def __init__(self, stage: Stage) -> None:
        outbox = stage.rooms.outbox
        assert isinstance(outbox, MemoryOutbox)
        super().__init__(outbox._memory)
        self.failing = dict[str, int]()
        self.unheard = dict[str, int]()
        self.calls: list[str] = []

    def _trouble(self, call: str, left: dict[str, int]) -> None:
        self.calls.append(call)
        if left.get(call, 0) > 0:
            left[call] -= 1
            raise StoreUnavailable("the database is away")

    async def claim(self, lease: Lease, now: datetime, limit: int) -> tuple[Delivery, ...]:
        self._trouble("claim", self.failing)
        claimed = await super().claim(lease, now, limit)
        self._trouble("claim", self.unheard)
        return claimed

    async def mark(self, lease: Lease, marks: Sequence[Mark], now: datetime) -> bool:
        self._trouble("mark", self.failing)
        marked = await super().mark(lease, marks, now)
        self._trouble("mark", self.unheard)
        return marked

    async def receivers(self, deliveries: Sequence[Delivery], since: datetime) -> Mapping[int, Receiver]:
        self._trouble("receivers", self.failing)
        return await super().receivers(deliveries, since)

    async def give_back(self, lease: Lease) -> None:
        self._trouble("give_back", self.failing)
        await super().give_back(lease)


# --- the messenger
async def test_a_messenger_that_raises_does_not_stop_the_lane_and_says_no_nudge_twice(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for who in (ADA, BEN):
        stage.messenger.answers(who.user, ValueError("a bug of ours"))
    await stage.invites(ADA)
    await stage.says(BEN, "hello", "and more")
    async with stage.running() as lane:
        await until(lambda: len(stage.messenger.to(ADA.user)) == len(stage.messenger.to(BEN.user)) == 1)
        await stage.settled(UNCERTAIN, PLANNED, PLANNED)
        stage.later(lane, MINUTE)
        await stage.settled(UNCERTAIN, SENT, SENT)
    assert len(stage.messenger.to(ADA.user)) == 1
    assert stage.messenger.to(BEN.user) == ["hello", "hello", "and more"], "in the order in which it was said"
    assert "could not be sent" in caplog.text
    assert "hello" not in caplog.text


async def test_a_messenger_that_hangs_holds_up_no_other_chat_and_nobody_knows_what_became_of_it(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, asyncio.Event())
    await stage.invites(ADA)
    await stage.says(BEN, "hello")
    async with stage.running():
        await stage.settled(SENT, who=BEN)
        assert stage.states(ADA) == [CLAIMED]
        await stage.settled(UNCERTAIN, who=ADA)
    assert stage.why(ADA) == ["no answer in time"]


async def test_a_message_that_can_not_be_written_down_is_tried_again_without_counting(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, StoreUnavailable("the database is away"))
    await stage.invites(ADA)
    async with stage.running() as lane:
        await until(lambda: stage.why(ADA) == ["the database is away"])
        await stage.passes(lane, lambda: stage.states() == [SENT])
    assert stage.rows[0].attempts == 1


async def test_a_nudge_that_can_not_be_written_fails_alone(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await stage.invites(ADA, BEN)
    async with stage.rooms.store.work(inbound(ADA, timezone="Nowhere/At_All")) as work:
        await work.record(await work.session(), [], [])
    async with stage.running():
        await until(lambda: stage.states(ADA) == [FAILED] and stage.states(BEN) == [SENT])
    assert "could not be written" in caplog.text


# --- the database
@pytest.mark.parametrize("call", ["claim", "mark"])
async def test_a_database_that_is_away_for_a_while_is_waited_for_and_no_mark_is_lost(stage: Stage, call: str) -> None:
    outbox = Flaky(stage)
    outbox.failing = {call: 3}
    await stage.says(ADA, "one", "two")
    await _until_all_is_said(stage, outbox)
    assert stage.messenger.to(ADA.user) == ["one", "two"]


async def test_a_mark_whose_answer_was_lost_is_made_again_and_does_no_harm(stage: Stage) -> None:
    outbox = Flaky(stage)
    outbox.unheard = {"mark": 2}
    stage.messenger.answers(ADA.user, Retry(0.01, "slow down", counted=False))
    await stage.says(ADA, "one")
    await stage.invites(BEN)
    async with stage.running(outbox) as lane:
        await stage.passes(lane, lambda: stage.states() == [SENT, SENT])
    assert len(stage.messenger.to(BEN.user)) == 1


@pytest.mark.parametrize(
    ("failing", "unheard"),
    [({"receivers": 1}, {}), ({}, {"claim": 1}), ({"receivers": 1, "give_back": 2}, {})],
    ids=["in the middle of a claim", "with the answer to a claim", "and for longer"],
)
async def test_what_was_claimed_when_the_database_went_away_is_sent_once_it_is_back(
    stage: Stage, failing: dict[str, int], unheard: dict[str, int]
) -> None:
    outbox = Flaky(stage)
    outbox.failing, outbox.unheard = failing, unheard
    await stage.invites(ADA, BEN)
    await stage.says(BEN, "hello")
    await _until_all_is_said(stage, outbox)
    assert (len(stage.messenger.to(ADA.user)), len(stage.messenger.to(BEN.user))) == (1, 2)


async def _until_all_is_said(stage: Stage, outbox: MemoryOutbox) -> None:
    """As the worker does: a lane that gave itself back is taken up again."""
    for _ in range(20):
        async with stage.running(outbox) as lane:
            await asyncio.sleep(0.03)
            stage.later(lane, timedelta(seconds=1))
            await asyncio.sleep(0.03)
        if set(stage.states()) == {SENT}:
            return
    raise AssertionError(stage.states())


async def test_somebodys_leaving_is_taken_in_though_the_database_was_away(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Gone("blocked"))
    stage.not_taken.extend([StoreUnavailable("the database is away")] * 2)
    await stage.says(ADA, "hello")
    async with stage.running():
        await until(lambda: stage.taken)
    assert stage.states() == [FAILED]


async def test_a_leaving_that_can_not_be_taken_in_does_not_stop_the_lane(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.messenger.answers(ADA.user, Gone("blocked"))
    stage.not_taken.append(KeyError("a bug of ours"))
    await stage.says(ADA, "hello")
    async with stage.running() as lane:
        await stage.settled(FAILED)
        await stage.says(BEN, "hello")
        lane.wake()
        await stage.settled(SENT, who=BEN)
    assert "Left could not be taken in" in caplog.text


# --- the lease
async def test_who_loses_the_lease_ends_and_changes_nothing_any_more(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "folkmoot")
    hangs = asyncio.Event()
    stage.patience = Patience(answer=5, database=0.01, turn=0.2)
    stage.messenger.answers(ADA.user, hangs)
    await stage.invites(ADA)
    await stage.says(BEN, "hello")
    async with stage.running():
        await until(lambda: stage.states(ADA) == [CLAIMED] and stage.states(BEN) == [SENT])
        await stage.rooms.outbox.bury("worker")
        theirs = await stage.lease(owner="another")
        hangs.set()
        await until(lambda: "taken over" in caplog.text)
    assert stage.states(ADA) == [UNCERTAIN]
    assert await stage.rooms.outbox.owners() == ("another",)
    assert await stage.rooms.outbox.mark(theirs, [], stage.clock.now())


async def test_nothing_is_sent_on_a_lease_that_has_run_out(stage: Stage) -> None:
    """The one in front hangs until the lease is over; what waits behind it isn't said by us any more."""
    hangs = asyncio.Event()
    stage.patience = Patience(answer=5, database=0.01, turn=0.2)
    stage.messenger.answers(ADA.user, hangs)
    await stage.says(ADA, "one", "two")
    async with stage.running() as lane:
        await until(lambda: stage.messenger.given)
        stage.clock.set(lane.lease.until)
        hangs.set()
        await until(lambda: stage.states()[0] is SENT)
        await until(lambda: stage.states()[1] is PLANNED)
    assert stage.messenger.to(ADA.user) == ["one"]


async def test_a_lane_that_is_cut_off_sends_nothing_more(stage: Stage) -> None:
    hangs = asyncio.Event()
    stage.messenger.answers(ADA.user, hangs)
    await stage.says(ADA, "one", "two")
    lane = stage.lane(await stage.lease())
    task = asyncio.create_task(lane.run())
    await until(lambda: stage.messenger.given)
    task.cancel()
    await asyncio.wait([task])
    hangs.set()
    await asyncio.sleep(0.01)
    assert (stage.messenger.to(ADA.user), stage.messenger.now_sending) == (["one"], 0)


# --- the end
async def test_stopping_finishes_what_is_in_flight_claims_no_more_and_gives_the_lane_back(stage: Stage) -> None:
    slow = asyncio.Event()
    stage.patience = Patience(answer=5, database=0.01, turn=5)
    stage.messenger.answers(ADA.user, slow)
    await stage.says(ADA, "one", "two")
    lane = stage.lane(await stage.lease())
    task = asyncio.create_task(lane.run())
    await until(lambda: stage.messenger.given)
    lane.stop()
    await stage.says(BEN, "too late for this one")
    await asyncio.sleep(0.01)
    assert not task.done()
    slow.set()
    await asyncio.wait_for(task, 5)
    assert stage.states() == [SENT, SENT, PLANNED]
    assert await stage.rooms.outbox.owners() == ()
    assert (await stage.lease(BOT, "another")).epoch == 2
