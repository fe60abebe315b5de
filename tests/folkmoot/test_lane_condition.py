"""What a lane tells of itself: its rate, trouble that stands in the way of all sends, and how long it may not send."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from core.deliveries import Condition, Delivery, DeliveryState, Gone, Lease, Mark, Refused, Retry, Sent
from core.delivery import GIVEN_UP, NOBODY
from core.events import ConsultationClosed
from core.members import Address
from core.outbound import Message
from core.pace import Limit, Limits
from core.places import Place
from core.ports import Post
from folkmoot.gauge import LATELY, TOLD_EVERY, Gauge
from folkmoot.lane import MOST_IN_FLIGHT
from tests.contracts.rooms import ADA, BEN, BOT, HOUR, MINUTE, NOON
from tests.fakes.memory_outbox import MemoryOutbox
from tests.folkmoot.stage import Scripted, Stage
from tests.patience import until

PLANNED, SENT, FAILED = DeliveryState.PLANNED, DeliveryState.SENT, DeliveryState.FAILED
REVOKED = Retry(0.05, "the token was revoked", whole_lane=True, counted=False)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def told(stage: Stage) -> Condition:
    return stage.memory.lanes[BOT].condition


# --- the gauge
def test_trouble_is_told_at_once_and_so_is_its_end() -> None:
    gauge = Gauge(0.0, None, "")
    gauge.note(REVOKED, 0.1, NOON)
    trouble = Condition(0.0, None, "the token was revoked")
    assert gauge.to_tell(0.1, NOON) == trouble
    gauge.told(trouble, 0.1)
    gauge.note(REVOKED, 0.2, NOON)
    assert gauge.to_tell(0.2, NOON) is None
    gauge.note(Sent("1"), 0.3, NOON)
    assert gauge.to_tell(0.3, NOON) == Condition(1.0)


def test_a_rate_is_told_every_other_second_and_falls_when_nothing_is_sent_any_more() -> None:
    gauge = Gauge(0.0, None, "")
    for tenth in range(100):
        gauge.note(Sent("1"), tenth / 10, NOON)
        if tenth < TOLD_EVERY * 10:
            assert gauge.to_tell(tenth / 10, NOON) is None
    assert gauge.to_tell(10.0, NOON) == Condition(10.0)
    gauge.told(Condition(10.0), 10.0)
    assert gauge.to_tell(10.1, NOON) is None
    assert gauge.to_tell(11.0 + LATELY, NOON) == Condition(0.0)


def test_only_what_the_platform_asked_for_is_handed_on_until_it_is_over() -> None:
    gauge = Gauge(0.0, None, "")
    gauge.note(REVOKED, 0.1, NOON + HOUR)
    told = gauge.to_tell(0.1, NOON)
    assert told is not None
    assert told.free_at is None
    gauge.told(told, 0.1)
    gauge.note(Retry(60, told.trouble, whole_lane=True, asked=True), 0.2, NOON + MINUTE)
    told = gauge.to_tell(0.2, NOON)
    assert told is not None
    assert told.free_at == NOON + MINUTE
    gauge.told(told, 0.2)
    assert gauge.to_tell(70.0, NOON + MINUTE) == Condition(0.0, None, told.trouble)


@pytest.mark.parametrize("outcome", [Refused("no"), Gone("blocked"), Retry(5, "this chat alone", asked=True)])
def test_what_concerns_one_chat_is_no_trouble_of_the_lane(outcome: Refused | Gone | Retry) -> None:
    gauge = Gauge(0.0, None, "")
    gauge.note(outcome, 0.1, NOON + HOUR)
    assert gauge.to_tell(10.0, NOON) is None


def test_who_takes_up_a_lane_ends_its_having_had_nobody() -> None:
    assert Gauge(0.0, None, NOBODY).to_tell(0.1, NOON) == Condition(0.0)
    assert Gauge(0.0, None, "revoked").to_tell(0.1, NOON) is None


# --- the lane
async def test_a_token_revoked_in_the_middle_of_a_broadcast_is_told_and_over_with_the_next_success(
    stage: Stage,
) -> None:
    stage.messenger.answers(ADA.user, REVOKED)
    await stage.invites(ADA)
    async with stage.running() as lane:
        await until(lambda: told(stage).trouble == "the token was revoked")
        assert stage.memory.lanes[BOT].trouble_at == NOON
        await stage.passes(lane, lambda: stage.states() == [SENT])
        await until(lambda: not told(stage).trouble)
    assert stage.memory.lanes[BOT].trouble_at is None


async def test_a_long_wait_that_the_platform_asked_for_survives_a_change_of_hands(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Retry(600, "slow down", whole_lane=True, counted=False, asked=True))
    await stage.says(ADA, "hello")
    async with stage.running():
        await until(lambda: told(stage).free_at)
    assert told(stage).free_at == NOON + timedelta(seconds=600)
    await stage.says(BEN, "hello")
    async with stage.running():
        await asyncio.sleep(0.05)
        assert stage.messenger.to(BEN.user) == []
    stage.clock.move(timedelta(seconds=601))
    async with stage.running():
        await stage.settled(SENT, SENT)


async def test_another_token_is_tried_at_once_but_not_while_the_platform_wants_quiet(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Retry(600, "revoked", whole_lane=True, counted=False))
    await stage.says(ADA, "hello")
    another = Scripted()
    async with stage.running() as lane:
        await until(lambda: told(stage).trouble)
        await stage.says(BEN, "hello")
        lane.speak_through(another)
        await stage.settled(SENT, who=BEN)
        another.answers(BEN.user, Retry(600, "slow down", whole_lane=True, counted=False, asked=True))
        await stage.says(BEN, "again")
        lane.wake()
        await until(lambda: told(stage).free_at)
        await stage.says(Address(BOT, "900"), "hello")
        lane.speak_through(Scripted())
        await asyncio.sleep(0.05)
    assert [chat for chat, _ in another.given] == [BEN.user, BEN.user]


async def test_what_is_due_on_an_account_that_takes_no_token_for_a_day_has_failed_and_says_why(stage: Stage) -> None:
    lease = await stage.lease()
    await stage.rooms.outbox.tell(lease, Condition(0.0, None, "the token was revoked"), NOON - GIVEN_UP)
    await stage.rooms.outbox.give_back(lease)
    stage.limits = Limits(lane=Limit(1, 0.01))
    stage.messenger.answers(ADA.user, *[REVOKED] * 3)
    await stage.says(ADA, *(str(number) for number in range(3)))
    await stage.invites(BEN)
    async with stage.running():
        await until(lambda: stage.why(BEN) == ["the token was revoked"])
        await until(lambda: stage.states(ADA)[1:] == [FAILED, FAILED])
    assert stage.states(BEN) == [FAILED]


# --- few and large claims
class Counting(MemoryOutbox):
    """How often it was asked, and for how many."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.memory)
        self.limits: list[int] = []

    async def exchange(
        self, lease: Lease, marks: Sequence[Mark], now: datetime, limit: int, first: int
    ) -> tuple[Delivery, ...] | None:
        self.limits.append(limit)
        return await super().exchange(lease, marks, now, limit, first)


async def test_a_large_broadcast_is_claimed_and_recorded_by_the_hundred(stage: Stage) -> None:
    outbox = Counting(stage)
    await stage.invites(*(Address(BOT, str(1000 + number)) for number in range(MOST_IN_FLIGHT * 3)))
    async with stage.running(outbox):
        await stage.settled(*[SENT] * (MOST_IN_FLIGHT * 3))
    assert len([limit for limit in outbox.limits if limit]) <= 8


async def test_a_broadcast_that_nobody_may_get_any_more_is_cleared_away_by_the_hundred(stage: Stage) -> None:
    stage.limits = Limits(lane=Limit(30, 1.0))
    outbox = Counting(stage)
    await stage.invites(*(Address(BOT, str(1000 + number)) for number in range(MOST_IN_FLIGHT * 2)))
    await stage.rooms.store.record([ConsultationClosed("city", NOON)])
    async with stage.running(outbox):
        await until(lambda: PLANNED not in stage.states())
    assert set(stage.states()) == {DeliveryState.SUPPRESSED}
    assert len([limit for limit in outbox.limits if limit]) <= 6


async def test_a_reply_is_claimed_though_nudges_fill_the_time_ahead(stage: Stage) -> None:
    stage.limits = Limits(lane=Limit(30, 1.0))
    await stage.invites(*(Address(BOT, str(1000 + number)) for number in range(60)))
    async with stage.running() as lane:
        await until(lambda: len(stage.messenger.given) > 5)
        before = len(stage.messenger.given)
        await stage.says(BEN, "a reply")
        lane.wake()
        await until(lambda: stage.messenger.to(BEN.user))
        place = [chat for chat, _ in stage.messenger.given].index(BEN.user)
    assert place - before <= 3


async def test_posts_to_groups_are_no_nudges_and_wait_for_no_turn_of_theirs(stage: Stage) -> None:
    await stage.rooms.store.record([], [Post(Place(BOT, "-5", private=False), Message("hello"))])
    async with stage.running():
        await stage.settled(SENT)
    assert await stage.rooms.outbox.mark(await stage.lease(), [Mark(1, SENT)], NOON)
