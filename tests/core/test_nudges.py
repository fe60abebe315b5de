from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consultations import Anchor, Consultation, NudgeKind, NudgeStep
from core.deliveries import Receiver
from core.nudges import Manners, Send, Suppress, Wait, due_at, due_steps, expires_at, judge, out_of_quiet
from core.texts import Localised

MANNERS = Manners()
OPENS = datetime(2026, 3, 20, 9, tzinfo=UTC)
CLOSES = OPENS + timedelta(days=20)
REMINDER = NudgeStep("reminder-1", NudgeKind.REMINDER, Anchor.OPENING, timedelta(days=3), time(18))
CLOSING = NudgeStep("closing", NudgeKind.CLOSING, Anchor.CLOSING, timedelta(days=-1))
CITY = Consultation(
    "city", Localised.of("City"), Localised.of("…"), (), "Europe/London", OPENS, CLOSES,
    nudges=(NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING), REMINDER, CLOSING,
            NudgeStep("thanks", NudgeKind.THANKS, Anchor.CLOSING)),
)  # fmt: skip
NOON = datetime(2026, 3, 25, 12, tzinfo=UTC)
ZONES = st.sampled_from(
    ["Europe/London", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "Pacific/Apia", "UTC"]
)
MOMENTS = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def receiver(**given: object) -> Receiver:
    usual: dict[str, object] = {
        "member": 1, "language": "en", "timezone": "Europe/London", "has_consented": True, "has_stopped": False,
        "is_gone": False, "has_finished": False, "took_part": False, "unasked": (),
    }  # fmt: skip
    return Receiver(**{**usual, **given})  # type: ignore[arg-type]


@given(MOMENTS, ZONES)
def test_what_comes_out_of_the_quiet_hours_is_never_in_them_and_never_early(at: datetime, zone: str) -> None:
    moved = out_of_quiet(at, zone, MANNERS)
    assert moved >= at
    assert moved - at <= timedelta(hours=12)
    assert time(8) <= moved.astimezone(ZoneInfo(zone)).time() < time(21)


def test_quiet_hours_are_the_receivers_own_over_a_change_of_clocks() -> None:
    night = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # British clocks go forward that night
    assert out_of_quiet(night, "Europe/London", MANNERS) == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_quiet_hours_that_do_not_span_midnight_are_kept_too() -> None:
    siesta = Manners(time(13), time(16))
    assert out_of_quiet(datetime(2026, 1, 5, 14, tzinfo=UTC), "UTC", siesta) == datetime(2026, 1, 5, 16, tzinfo=UTC)
    assert out_of_quiet(datetime(2026, 1, 5, 23, tzinfo=UTC), "UTC", siesta) == datetime(2026, 1, 5, 23, tzinfo=UTC)


def test_a_step_with_a_time_of_day_is_due_by_each_receivers_own_clock() -> None:
    assert due_at(REMINDER, CITY, "Europe/London") == datetime(2026, 3, 23, 18, tzinfo=UTC)
    assert due_at(REMINDER, CITY, "America/New_York") == datetime(2026, 3, 23, 22, tzinfo=UTC)


def test_a_reminder_is_too_late_once_the_next_asking_is_due() -> None:
    assert expires_at(REMINDER, CITY, "Europe/London") == CLOSES - timedelta(days=1)
    assert expires_at(CLOSING, CITY, "Europe/London") == CLOSES


def test_after_a_long_outage_only_what_is_not_too_late_is_due() -> None:
    late = CLOSES - timedelta(hours=2)
    assert [step.key for step in due_steps(CITY, ["Europe/London"], late)] == ["closing"]
    assert [step.key for step in due_steps(CITY, [], CLOSES + timedelta(hours=1))] == ["thanks"]
    assert due_steps(CITY, [], CLOSES + timedelta(days=30)) == ()


def test_nothing_is_due_before_the_opening() -> None:
    assert due_steps(CITY, [None], OPENS - timedelta(minutes=1)) == ()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"has_stopped": True}, "said STOP"),
        ({"has_consented": False}, "has not agreed"),
        ({"is_gone": True}, "unreachable"),
        ({"has_finished": True}, "has answered"),
    ],
)
def test_an_invitation_never_reaches_who_must_not_be_asked(given: dict[str, object], why: str) -> None:
    assert judge(NudgeKind.INVITATION, CITY, receiver(**given), None, NOON, MANNERS) == Suppress(why)


def test_nobody_is_asked_after_the_closing() -> None:
    assert judge(NudgeKind.REMINDER, CITY, receiver(), None, CLOSES, MANNERS) == Suppress("closed")


def test_a_forgotten_member_and_a_removed_consultation_are_left_alone() -> None:
    assert isinstance(judge(NudgeKind.OUTCOME, CITY, None, None, NOON, MANNERS), Suppress)
    assert isinstance(judge(NudgeKind.OUTCOME, None, receiver(), None, NOON, MANNERS), Suppress)


def test_thanks_go_to_who_took_part_even_though_they_have_answered() -> None:
    took_part = receiver(has_finished=True, took_part=True)
    assert judge(NudgeKind.THANKS, CITY, took_part, None, CLOSES + timedelta(hours=2), MANNERS) == Send()
    assert judge(NudgeKind.THANKS, CITY, receiver(), None, NOON, MANNERS) == Suppress("took no part")


def test_thanks_that_announce_an_outcome_are_not_sent_after_it() -> None:
    took_part, later = receiver(has_finished=True, took_part=True), CLOSES + timedelta(hours=2)
    untold = replace(CITY, outcome=Localised.of("Benches."), outcome_at=CLOSES)
    told = replace(untold, nudges=(*CITY.nudges, NudgeStep("outcome", NudgeKind.OUTCOME, Anchor.OUTCOME)))
    assert judge(NudgeKind.THANKS, told, took_part, None, later, MANNERS) == Suppress("the outcome says it")
    assert judge(NudgeKind.THANKS, untold, took_part, None, later, MANNERS) == Send()
    planned = replace(told, outcome_at=later + timedelta(days=20))
    assert judge(NudgeKind.THANKS, planned, took_part, None, later, MANNERS) == Send(), "it is written, and not out yet"


def test_at_night_an_invitation_waits_for_the_morning() -> None:
    night = datetime(2026, 3, 25, 2, tzinfo=UTC)
    assert judge(NudgeKind.INVITATION, CITY, receiver(), CLOSES, night, MANNERS) == Wait(
        datetime(2026, 3, 25, 8, tzinfo=UTC), "quiet hours"
    )


def test_a_fourth_unasked_message_in_a_week_waits_until_the_first_is_a_week_old() -> None:
    had = tuple(NOON - timedelta(days=days) for days in (6, 4, 1))
    assert judge(NudgeKind.INVITATION, CITY, receiver(unasked=had), CLOSES, NOON, MANNERS) == Wait(
        NOON + timedelta(days=1), "weekly budget"
    )


def test_what_would_have_to_wait_beyond_its_end_is_held_back() -> None:
    had = tuple(NOON - timedelta(days=days) for days in (2, 1, 1))
    soon = NOON + timedelta(days=2)
    assert judge(NudgeKind.INVITATION, CITY, receiver(unasked=had), soon, NOON, MANNERS) == Suppress("weekly budget")


@given(
    st.sampled_from(NudgeKind),
    st.builds(
        receiver, timezone=ZONES, has_consented=st.booleans(), has_stopped=st.booleans(), is_gone=st.booleans(),
        has_finished=st.booleans(), took_part=st.booleans(),
        unasked=st.lists(st.integers(0, 200).map(lambda hours: NOON - timedelta(hours=hours)), max_size=6).map(tuple),
    ),
    st.integers(-300, 800).map(lambda hours: NOON + timedelta(hours=hours)),
)  # fmt: skip
def test_a_nudge_that_may_go_breaks_none_of_the_rules(kind: NudgeKind, who: Receiver, now: datetime) -> None:
    if judge(kind, CITY, who, expires_at(CLOSING, CITY, "UTC"), now, MANNERS) != Send():
        return
    assert who.has_consented
    assert not who.has_stopped
    assert not who.is_gone
    assert not (kind.asks and (who.has_finished or not CITY.is_open(now)))
    assert time(8) <= now.astimezone(ZoneInfo(who.timezone or "UTC")).time() < time(21)
    assert sum(at > now - timedelta(days=7) for at in who.unasked) < MANNERS.budget


def test_an_invitation_at_noon_of_a_consultation_that_opens_in_the_evening_comes_the_next_noon() -> None:
    opens = datetime(2026, 1, 20, 19, 30, tzinfo=UTC)
    noon = NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING, at=time(12))
    city = replace(CITY, opens_at=opens, nudges=(noon,))
    assert due_at(noon, city, "Europe/London") == datetime(2026, 1, 21, 12, tzinfo=UTC)
    assert due_steps(city, [], datetime(2026, 1, 21, 12, tzinfo=UTC)) == (noon,)


def test_thanks_wait_while_it_is_open_again() -> None:
    took_part = receiver(took_part=True, has_finished=True)
    assert judge(NudgeKind.THANKS, CITY, took_part, None, NOON, MANNERS) == Wait(CLOSES, "open again")
