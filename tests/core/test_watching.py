"""What organisers are told of how things stand, where something is wrong, and where there is a lot of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consultations import Consultation
from core.deliveries import DeliveryState, Priority
from core.health import Health, LaneHealth, latency_of
from core.status import Status
from core.texts import Localised, Texts
from core.turns.watching import MEANINGS, STATES, health_lines, status_lines

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CITY = Consultation("city", Localised.of("A good city"), Localised.of("What?"), (), opens_at=NOW)
WELL = LaneHealth("telegram:1", "alpha", NOW + MINUTE)
REVOKED = replace(WELL, trouble="the token was revoked", trouble_at=NOW)


def told_of(status: Status) -> list[str]:
    return [Texts({}).say(line, "en") for line in status_lines(status, NOW)]


def told(health: Health, most_lanes: int | None = None) -> list[str]:
    return [Texts({}).say(line, "en") for line in health_lines(health, NOW, most_lanes)]


def test_a_lane_that_is_well_is_no_matter_for_a_consultation() -> None:
    assert told_of(Status(CITY, lanes=(WELL,))) == told_of(Status(CITY))


def test_a_consultation_tells_of_a_lane_in_trouble_and_since_when() -> None:
    *_, last = told_of(Status(CITY, lanes=(REVOKED,)))
    assert last == "What waits on telegram:1 is held up: the token was revoked (since 22 November 2026, 12:00)"


@pytest.mark.parametrize("nobodys", [replace(WELL, until=NOW), LaneHealth("telegram:1")])
def test_a_consultation_tells_of_a_lane_on_which_nobody_sends(nobodys: LaneHealth) -> None:
    *_, last = told_of(Status(CITY, lanes=(nobodys,)))
    assert last == "telegram:1: no process sends here. What waits goes out once a worker runs."


def test_every_state_is_told_with_what_it_means() -> None:
    lines = told_of(Status(CITY, deliveries=dict.fromkeys(DeliveryState, 3)))
    for state in DeliveryState:
        words, meaning = (Texts({}).say(of[state], "en") for of in (STATES, MEANINGS))
        assert f"{words}: 3 ({meaning})" in lines


def test_of_many_lanes_those_are_told_first_that_need_somebody() -> None:
    many = tuple(replace(WELL, account=f"slack:T{number}") for number in range(20))
    waiting = replace(WELL, account="slack:T5", backlog={Priority.NUDGE: 4})
    lines = told(Health((*many[:5], waiting, *many[6:], REVOKED)), 3)
    assert lines[:6] == [
        "telegram:1: alpha sends, 0 a second lately.",
        "– held up: the token was revoked (since 22 November 2026, 12:00)",
        "slack:T5: alpha sends, 0 a second lately.",
        "– replies waiting: 0, news: 0, nudges: 4",
        "slack:T0: alpha sends, 0 a second lately.",
        "And 18 more accounts.",
    ]


def test_when_the_next_may_go_out_is_told_in_seconds() -> None:
    paused = replace(WELL, free_at=NOW + timedelta(seconds=4.2))
    assert "– the next goes out in 5 seconds" in told(Health((paused,)))
    assert len(told(Health((replace(WELL, free_at=NOW),)))) == len(told(Health((WELL,))))


@given(st.lists(st.floats(-10, 100), min_size=1, max_size=300))
def test_within_each_time_so_many_replies_went_out(seconds: list[float]) -> None:
    found = latency_of(seconds)
    assert found is not None
    assert found.count == len(seconds)
    assert 0 <= found.median <= found.p95 <= found.p99 <= max(0.0, *seconds)
    for share, within in ((50, found.median), (95, found.p95), (99, found.p99)):
        assert sum(one <= within for one in seconds) * 100 >= share * len(seconds)
        assert sum(one < within for one in seconds) * 100 < share * len(seconds) or within == 0


def test_of_no_replies_there_is_no_latency() -> None:
    assert latency_of([]) is None
