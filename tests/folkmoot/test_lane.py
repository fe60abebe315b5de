"""A lane's sends: in which order, judged when, and what an outcome makes of each."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.consultations import NudgeKind
from core.deliveries import DeliveryState, Gone, MovedTo, Refused, Retry, Unknown
from core.delivery import MOST_TRIES
from core.events import ChannelAttached, ConsultationClosed, ConsultationFinished, Event, MemberStopped
from core.inbound import Left, Moved
from core.members import Address
from core.outbound import Message
from core.pace import Limit, Limits
from core.places import Place
from core.ports import Post
from folkmoot.lane import MOST_IN_FLIGHT, Patience
from tests.contracts.rooms import ADA, BEN, BOT, DAY, HOUR, MINUTE, NOON
from tests.folkmoot.stage import Stage
from tests.patience import until

PLANNED, SENT, FAILED = DeliveryState.PLANNED, DeliveryState.SENT, DeliveryState.FAILED
SUPPRESSED, UNCERTAIN = DeliveryState.SUPPRESSED, DeliveryState.UNCERTAIN
A_SECOND = timedelta(seconds=1)
ONE_AT_A_TIME = Limits(lane=Limit(1, 0.01))


@pytest.fixture
def stage() -> Stage:
    return Stage()


# --- in which order
async def test_replies_go_before_nudges(stage: Stage) -> None:
    stage.limits = ONE_AT_A_TIME
    await stage.invites(ADA, BEN)
    await stage.says(BEN, "first", "second")
    async with stage.running():
        await stage.settled(*[SENT] * 4)
    assert [text for _, text in stage.messenger.given][:2] == ["first", "second"]
    assert all(text.startswith("You are asked") for _, text in stage.messenger.given[2:])


async def test_replies_in_one_chat_go_in_order_though_the_first_is_slow(stage: Stage) -> None:
    slow = asyncio.Event()
    stage.messenger.answers(ADA.user, slow)
    await stage.says(ADA, "one", "two", "three")
    await stage.says(BEN, "meanwhile")
    async with stage.running():
        await until(lambda: stage.messenger.to(BEN.user))
        assert stage.messenger.to(ADA.user) == ["one"]
        slow.set()
        await stage.settled(*[SENT] * 4)
    assert stage.messenger.to(ADA.user) == ["one", "two", "three"]


async def test_what_follows_a_reply_that_has_to_wait_waits_behind_it(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Retry(0.05, "slow down", counted=False))
    await stage.says(ADA, "one", "two", "three")
    async with stage.running() as lane:
        await stage.settled(PLANNED, PLANNED, PLANNED, who=ADA)
        await stage.says(ADA, "four")
        lane.wake()
        await until(lambda: stage.why(ADA)[3])
        await asyncio.sleep(0.06)
        stage.later(lane, A_SECOND)
        await until(lambda: SENT in stage.states())
        stage.later(lane, A_SECOND)
        await stage.settled(*[SENT] * 4)
    assert stage.messenger.to(ADA.user) == ["one", "one", "two", "three", "four"]


async def test_a_member_with_a_hundred_replies_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.limits = Limits(person=Limit(3, 3.0))
    await stage.says(ADA, *(str(number) for number in range(MOST_IN_FLIGHT * 2)))
    await stage.says(BEN, "just one")
    async with stage.running():
        await until(lambda: stage.messenger.to(BEN.user), "Ben waits for Ada")
    assert stage.messenger.to(ADA.user) == ["0", "1", "2"]


async def test_a_group_beyond_its_limit_goes_back_without_using_up_a_try(stage: Stage) -> None:
    stage.limits = Limits(group=Limit(2, 60.0))
    group = Place(BOT, "-5", private=False)
    await stage.rooms.store.record([], [Post(group, Message(str(number))) for number in range(4)])
    async with stage.running():
        await stage.settled(SENT, SENT, PLANNED, PLANNED)
    assert stage.messenger.to("-5") == ["0", "1"]
    assert [row.attempts for row in stage.rows] == [1, 1, 0, 0]


# --- judged again
@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (MemberStopped(NOON), "said STOP"),
        (ConsultationFinished("city", NOON), "has answered"),
        (ConsultationClosed("city", NOON), "closed"),
    ],
    ids=["stopped", "finished", "closed"],
)
async def test_a_nudge_is_judged_again_when_it_is_sent(stage: Stage, happened: Event, why: str) -> None:
    await stage.invites(ADA, BEN)
    await stage.rooms.turn(ADA, happened)
    async with stage.running():
        await until(lambda: PLANNED not in stage.states())
    assert (stage.states(ADA), stage.why(ADA)) == ([SUPPRESSED], [why])
    assert stage.messenger.to(ADA.user) == []


async def test_quiet_hours_that_began_since_planning_put_a_nudge_back_until_the_morning(stage: Stage) -> None:
    await stage.invites(ADA)
    stage.clock.set(NOON + 9 * HOUR)
    async with stage.running() as lane:
        await until(lambda: stage.why(ADA) == ["quiet hours"])
        assert stage.rows[0].not_before == datetime(2026, 3, 3, 8, tzinfo=UTC)
        stage.later(lane, 11 * HOUR)
        await stage.settled(SENT)
    assert stage.rows[0].attempts == 1


async def test_a_week_s_budget_used_up_since_planning_puts_a_nudge_back_and_one_that_would_be_too_late_is_dropped(
    stage: Stage,
) -> None:
    await stage.rooms.says_yes(ADA)
    for number in range(3):
        await stage.invites(slug=f"earlier-{number}")
    async with stage.running() as lane:
        await stage.passes(lane, lambda: stage.states() == [SENT, SENT, SENT])
    await stage.invites(slug="patient")
    await stage.invites(slug="urgent", expires_at=NOON + DAY)
    async with stage.running():
        await stage.settled(SENT, SENT, SENT, PLANNED, SUPPRESSED)
    assert stage.why(ADA)[3:] == ["weekly budget", "weekly budget"]
    first = stage.rows[0].at
    assert first is not None
    assert stage.rows[3].not_before == first + 7 * DAY


async def test_six_nudges_that_are_due_together_never_exceed_the_budget(stage: Stage) -> None:
    await stage.rooms.says_yes(ADA)
    for number in range(6):
        await stage.invites(slug=f"c{number}")
    async with stage.running() as lane:
        await stage.passes(lane, lambda: stage.states().count(SENT) == 3)
        await stage.passes(lane, lambda: stage.why(ADA).count("weekly budget") == 3)
    assert len(stage.messenger.given) == 3


async def test_a_nudge_is_judged_once_nothing_else_is_on_its_way_to_that_chat(stage: Stage) -> None:
    hangs = asyncio.Event()
    stage.patience = Patience(answer=5, database=0.01, turn=0.02)
    stage.messenger.answers(ADA.user, hangs)
    await stage.invites(ADA)
    await stage.says(ADA, "a reply")
    async with stage.running() as lane:
        await until(lambda: stage.messenger.given and stage.states()[0] is PLANNED)
        await stage.rooms.turn(ADA, MemberStopped(NOON))
        hangs.set()
        await stage.settled(PLANNED, SENT)
        stage.later(lane, A_SECOND)
        await stage.settled(SUPPRESSED, SENT)
    assert stage.messenger.to(ADA.user) == ["a reply"]


async def test_nobody_is_sent_what_was_judged_before_the_whole_lane_was_held(stage: Stage) -> None:
    stage.limits = ONE_AT_A_TIME
    stage.messenger.answers(BEN.user, Retry(1, "slow down", whole_lane=True, counted=False))
    await stage.says(BEN, "hello")
    await stage.invites(ADA)
    async with stage.running():
        await until(lambda: stage.why(BEN) == ["slow down"])
        await asyncio.sleep(0.05)
        assert stage.states(ADA) == [PLANNED]
        assert stage.messenger.to(ADA.user) == []


# --- outcomes
async def test_a_retry_comes_again_when_it_was_told_to_and_the_platforms_own_asking_is_not_counted(
    stage: Stage,
) -> None:
    stage.messenger.answers(ADA.user, *[Retry(0.01, "slow down", counted=False)] * (MOST_TRIES + 2))
    await stage.says(ADA, "hello")
    async with stage.running() as lane:
        for number in range(MOST_TRIES + 2):
            await until(lambda n=number: len(stage.messenger.given) == n + 1 and stage.states() == [PLANNED])  # type: ignore[misc]
            stage.later(lane, A_SECOND)
        await stage.settled(SENT)
    assert stage.rows[0].attempts == 1


async def test_a_held_chat_holds_up_no_other_and_a_held_lane_all_of_them(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Retry(30, "slow down", counted=False))
    await stage.says(ADA, "to Ada")
    async with stage.running() as lane:
        await until(lambda: stage.why(ADA) == ["slow down"])
        await stage.says(BEN, "to Ben")
        lane.wake()
        await stage.settled(SENT, who=BEN)
        stage.messenger.answers(BEN.user, Retry(30, "slow down", whole_lane=True, counted=False))
        await stage.says(BEN, "again")
        lane.wake()
        await until(lambda: stage.why(BEN)[1:] == ["slow down"])
        await stage.says(Address(BOT, "900"), "to somebody else")
        lane.wake()
        await asyncio.sleep(0.05)
        assert stage.messenger.to("900") == []


async def test_after_so_many_tries_a_delivery_has_failed(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, *[Retry(0.001, "a fault of theirs")] * (MOST_TRIES + 2))
    await stage.says(ADA, "hello")
    async with stage.running() as lane:
        while stage.states() != [FAILED]:
            stage.later(lane, MINUTE * 5)
            await asyncio.sleep(0.002)
    assert len(stage.messenger.given) == MOST_TRIES
    assert stage.why(ADA) == ["a fault of theirs"]


async def test_a_refused_message_is_not_repeated(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Refused("message is too long"))
    await stage.says(ADA, "hello")
    async with stage.running():
        await stage.settled(FAILED)
    assert stage.why(ADA) == ["message is too long"]


async def test_a_reply_of_unknown_fate_is_repeated_and_a_nudge_never(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Unknown("the connection broke"))
    stage.messenger.answers(BEN.user, Unknown("the connection broke"))
    await stage.invites(ADA)
    await stage.says(BEN, "hello")
    async with stage.running() as lane:
        await stage.settled(UNCERTAIN, PLANNED)
        stage.later(lane, DAY)
        await stage.settled(UNCERTAIN, SENT)
        stage.later(lane, DAY)
    assert (len(stage.messenger.to(ADA.user)), len(stage.messenger.to(BEN.user))) == (1, 2)


async def test_who_is_gone_comes_back_in_as_having_left_and_is_not_nudged_again(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Gone("blocked by the user"))
    await stage.invites(ADA)
    async with stage.running():
        await stage.settled(FAILED)
        await until(lambda: stage.taken)
        await stage.invites(slug="another")
        planned = await stage.rooms.broadcast("city", "reminder-1", kind=NudgeKind.REMINDER)
    assert [inbound.deed for inbound in stage.taken] == [Left("blocked by the user")]
    assert planned.planned == 0
    assert len(stage.messenger.given) == 1


async def test_a_nudge_already_planned_for_who_is_gone_is_held_back(stage: Stage) -> None:
    stage.messenger.answers(ADA.user, Gone("blocked by the user"))
    await stage.invites(ADA)
    await stage.says(ADA, "hello")
    async with stage.running() as lane:
        await stage.settled(PLANNED, FAILED)
        stage.later(lane, A_SECOND)
        await until(lambda: stage.why(ADA) == ["unreachable", "blocked by the user"])
    assert stage.states(ADA) == [SUPPRESSED, FAILED]


async def test_a_group_that_moved_is_followed_and_keeps_its_body(stage: Stage) -> None:
    group = Place(BOT, "-5", private=False)
    await stage.rooms.store.record([ChannelAttached("parks", group)])
    stage.messenger.answers("-5", MovedTo("-100"))
    await stage.rooms.store.record([], [Post(group, Message("one")), Post(group, Message("two"))])
    async with stage.running():
        await stage.settled(SENT, SENT)
        await until(lambda: stage.taken)
    assert [inbound.deed for inbound in stage.taken] == [Moved("-100")]
    assert stage.messenger.to("-100") == ["one", "two"] or stage.messenger.to("-5") == ["one", "two"]
    assert {row.to.chat for row in stage.rows if row.state is SENT} <= {"-5", "-100"}


async def test_chats_that_move_in_a_circle_are_given_up(stage: Stage) -> None:
    stage.messenger.answers("-5", *[MovedTo("-6")] * MOST_TRIES)
    stage.messenger.answers("-6", *[MovedTo("-5")] * MOST_TRIES)
    await stage.rooms.store.record([], [Post(Place(BOT, "-5", private=False), Message("hello"))])
    async with stage.running():
        await stage.settled(FAILED)
    assert len(stage.messenger.given) == MOST_TRIES
