"""Workers: who gets which lane, and what happens to it when they end, die, or have nothing to send with."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from core.deliveries import DeliveryState
from core.delivery import GIVEN_UP, NOBODY
from core.nudges import Manners
from core.pace import TELEGRAM, Limit
from core.ports import Messenger, StoreUnavailable
from folkmoot.owners import is_dead, owner_name
from folkmoot.settings import Settings
from folkmoot.worker import LEASE, LIMITS, Worker, limits_with
from tests.contracts.rooms import ADA, BOT, CAT, DAY
from tests.fakes.memory_state import LaneRow
from tests.folkmoot.stage import TEXTS, Scripted, Stage
from tests.patience import until

SENT, PLANNED = DeliveryState.SENT, DeliveryState.PLANNED
HERE = owner_name().partition(":")[0]


@pytest.fixture
def stage() -> Stage:
    return Stage()


class Channels:
    """What this process can speak on, as a test has it."""

    def __init__(self, **messengers: Messenger) -> None:
        self.by_channel = dict(messengers)
        self.trouble: Exception | None = None
        self.asked: list[str] = []

    async def for_account(self, account: str) -> Messenger | None:
        self.asked.append(account)
        if self.trouble:
            raise self.trouble
        return self.by_channel.get(account.partition(":")[0])


@asynccontextmanager
async def working(stage: Stage, channels: Channels, owner: str) -> AsyncIterator[Worker]:
    """`owner` as of another machine: two workers of one process would take each other for dead."""
    worker = Worker(
        stage.rooms.outbox, stage.rooms.store, channels, stage.take, stage.clock, TEXTS, Manners()
    )  # fmt: skip
    worker.owner = owner
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 10)


async def _looking(worker: Worker, holds: Callable[[], object], what: str = "it never came about") -> None:
    async def look() -> None:
        while True:
            worker.look()
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    try:
        await until(holds, what)
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def test_a_worker_takes_lanes_sends_on_them_and_gives_them_back(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    await stage.says(CAT, "hello")
    async with working(stage, Channels(telegram=stage.messenger, slack=stage.messenger), "a:1:x") as worker:
        await stage.settled(SENT, SENT)
        assert worker.accounts == {BOT, CAT.account}
        await stage.says(ADA, "again")
        worker.wake()
        await stage.settled(SENT, SENT, SENT)
        assert await stage.rooms.outbox.owners() == ("a:1:x",)
    assert await stage.rooms.outbox.owners() == ()


async def test_two_workers_never_hold_one_lane_and_when_one_ends_the_other_takes_over(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    one, two = Channels(telegram=Scripted()), Channels(telegram=Scripted())
    async with working(stage, two, "b:2:y") as second:
        async with working(stage, one, "a:1:x") as first:
            await until(lambda: first.accounts | second.accounts == {BOT})
            for _ in range(20):
                first.look()
                second.look()
                await asyncio.sleep(0.002)
                assert len(first.accounts) + len(second.accounts) == 1
            await stage.settled(SENT)
        await stage.says(ADA, "again")
        await _looking(second, lambda: second.accounts == {BOT})
        await _looking(second, lambda: stage.states() == [SENT, SENT])


async def test_a_worker_that_dies_is_followed_when_its_lease_is_over_and_not_before(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    now = stage.clock.now()
    await stage.rooms.outbox.take_lanes("elsewhere:1:x", now, now + LEASE)
    async with working(stage, Channels(telegram=stage.messenger), "a:1:x") as worker:
        await asyncio.sleep(0.05)
        worker.look()
        await asyncio.sleep(0.05)
        assert worker.accounts == frozenset()
        stage.clock.move(LEASE)
        await _looking(worker, lambda: stage.states() == [SENT])


async def test_a_worker_whose_lane_was_taken_over_lets_it_go(stage: Stage) -> None:
    await stage.rooms.outbox.open_lane(BOT)
    async with working(stage, Channels(telegram=stage.messenger), "a:1:x") as worker:
        await until(lambda: worker.accounts == {BOT})
        await stage.rooms.outbox.bury("a:1:x")
        now = stage.clock.now()
        await stage.rooms.outbox.take_lanes("b:2:y", now, now + LEASE)
        await _looking(worker, lambda: not worker.accounts)


# --- the dead
def _dead_process() -> int:
    return int(subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True).stdout)


@pytest.mark.parametrize(
    ("owner", "dead"),
    [
        (f"elsewhere:{_dead_process()}:ab12", False),
        (f"{HERE}:{os.getppid()}:ab12", False),
        (f"{HERE}:{os.getpid()}:ab12", True),
        (f"{HERE}:1:ab12", False),
        (f"{HERE}:{_dead_process()}:ab12", True),
        (f"{HERE}:x:ab12", False),
        (HERE, False),
        ("", False),
        ("a:b:c:d", False),
    ],
    ids=[
        "of another machine", "running", "our own number again", "not ours to signal", "ended", "no number",
        "only a name", "nothing", "too much",
    ],
)  # fmt: skip
def test_who_is_dead_is_known_of_this_machine_alone(owner: str, dead: bool) -> None:
    assert is_dead(owner) is dead


async def test_the_dead_of_this_machine_are_buried_at_once_and_the_living_and_the_distant_are_not(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    await stage.says(CAT, "hello")
    now, outbox = stage.clock.now(), stage.rooms.outbox
    await outbox.take_lanes(f"{HERE}:{_dead_process()}:x", now, now + DAY)
    await outbox.bury("nobody")
    lanes: dict[str, LaneRow] = stage.memory.lanes
    lanes[CAT.account] = LaneRow("elsewhere:1:x", 1, now + LEASE)
    async with working(stage, Channels(telegram=stage.messenger, slack=stage.messenger), "a:1:x") as worker:
        await stage.settled(SENT, who=ADA)
        assert worker.accounts == {BOT}
        assert stage.states(CAT) == [PLANNED]


async def test_whoever_dies_on_this_machine_later_is_buried_at_the_next_look(stage: Stage) -> None:
    async with working(stage, Channels(telegram=stage.messenger), "a:1:x") as worker:
        await stage.rooms.outbox.open_lane(BOT)
        stage.memory.lanes[BOT] = LaneRow(f"{HERE}:{_dead_process()}:x", 1, stage.clock.now() + DAY)
        await _looking(worker, lambda: worker.accounts == {BOT})


# --- messengers
async def test_a_lane_without_a_messenger_is_left_alone_until_there_is_one(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    channels = Channels()
    async with working(stage, channels, "a:1:x") as worker:
        await until(lambda: channels.asked)
        await until(lambda: not worker.accounts)
        assert stage.states() == [PLANNED]
        channels.by_channel["telegram"] = stage.messenger
        worker.look()
        await stage.settled(SENT)


async def test_a_lane_that_one_worker_can_not_send_on_goes_to_one_that_can(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    mute = Channels()
    async with working(stage, mute, "a:1:x"):
        await until(lambda: mute.asked)
        async with working(stage, Channels(telegram=stage.messenger), "b:2:y") as second:
            await _looking(second, lambda: stage.states() == [SENT], "the mute one keeps the lane")


async def test_a_messenger_is_asked_for_anew_so_that_a_changed_token_or_workspace_counts(stage: Stage) -> None:
    await stage.says(ADA, "one")
    before, after = Scripted(), Scripted()
    channels = Channels(telegram=before)
    async with working(stage, channels, "a:1:x") as worker:
        await stage.settled(SENT)
        channels.by_channel["telegram"] = after
        asked = len(channels.asked)
        worker.look()
        await until(lambda: len(channels.asked) > asked)
        await asyncio.sleep(0.01)
        await stage.says(ADA, "two")
        worker.wake()
        await stage.settled(SENT, SENT)
        assert (before.to(ADA.user), after.to(ADA.user)) == (["one"], ["two"])
        del channels.by_channel["telegram"]
        await _looking(worker, lambda: not worker.accounts)
        await until(lambda: stage.memory.lanes[BOT].owner is None)


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), ValueError("a bug of ours"), TimeoutError()])
async def test_a_channel_in_trouble_keeps_no_other_lane_from_being_renewed(stage: Stage, trouble: Exception) -> None:
    await stage.says(ADA, "hello")
    channels = Channels(telegram=stage.messenger)
    async with working(stage, channels, "a:1:x") as worker:
        await stage.settled(SENT)
        channels.trouble = trouble
        until_before = stage.memory.lanes[BOT].until
        stage.clock.move(LEASE / 2)
        await _looking(worker, lambda: stage.memory.lanes[BOT].until != until_before)
        await stage.says(ADA, "still here")
        worker.wake()
        await stage.settled(SENT, SENT)


# --- lanes that nobody can send on
async def test_a_lane_that_nobody_can_send_on_says_so_and_is_well_again_when_somebody_can(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    channels = Channels()
    async with working(stage, channels, "a:1:x") as worker:
        await until(lambda: stage.memory.lanes[BOT].condition.trouble == NOBODY)
        assert stage.memory.lanes[BOT].trouble_at == stage.clock.now()
        stage.clock.move(DAY / 2)
        await _looking(worker, lambda: len(channels.asked) > 3)
        assert stage.memory.lanes[BOT].trouble_at == stage.clock.now() - DAY / 2, "since when, not how often"
        channels.by_channel["telegram"] = stage.messenger
        await _looking(worker, lambda: stage.states() == [SENT])
        await until(lambda: not stage.memory.lanes[BOT].condition.trouble)


async def test_what_is_planned_for_a_workspace_that_uninstalled_a_day_ago_has_failed_and_says_why(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    async with working(stage, Channels(), "a:1:x") as worker:
        await until(lambda: stage.memory.lanes[BOT].condition.trouble == NOBODY)
        stage.clock.move(GIVEN_UP)
        await _looking(worker, lambda: stage.states() == [DeliveryState.FAILED])
    assert stage.why(ADA) == [NOBODY]


async def test_a_channel_that_could_not_be_asked_is_not_taken_for_one_that_is_gone(stage: Stage) -> None:
    await stage.says(ADA, "hello")
    channels = Channels()
    channels.trouble = StoreUnavailable("away")
    async with working(stage, channels, "a:1:x") as worker:
        await _looking(worker, lambda: len(channels.asked) > 3)
        stage.clock.move(GIVEN_UP)
        await _looking(worker, lambda: len(channels.asked) > 6)
    assert (stage.states(), stage.memory.lanes[BOT].condition.trouble) == ([PLANNED], "")


def test_the_bots_own_limit_is_the_settings() -> None:
    paid = limits_with(1_000)
    assert (paid["telegram"].lane, paid["telegram"].person) == (Limit(1_000, 1.0), TELEGRAM.person)
    assert limits_with(Settings().telegram_sends_per_second) == LIMITS
