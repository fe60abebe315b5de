"""An organiser's order for a broadcast, as people type it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.texts import load_texts
from core.turns.orders import Order, read_order, read_time

TEXTS = load_texts()
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
SIX = datetime(2026, 11, 23, 18, tzinfo=LONDON)
DASHES = ["", "--", "—", "–"]


def read(typed: str, now: datetime = NOW, timezone: str = "Europe/London") -> Order:
    return read_order(typed, now, timezone)


@pytest.mark.parametrize("dash", DASHES)
@pytest.mark.parametrize("sign", [" ", "=", " = "])
def test_an_order_is_read_with_any_dashes_or_none(dash: str, sign: str) -> None:
    assert read(f"city {dash}at{sign}18:00 {dash}to{sign}parks") == Order("city", SIX, "parks")
    assert read(f"City {dash}TO{sign}Parks {dash}At{sign}18:00") == Order("city", SIX, "parks")


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ("", Order("")),
        ("   ", Order("")),
        ("city", Order("city")),
        ("  CITY  ", Order("city")),
        ("city to parks", Order("city", to="parks")),
        ("city\nat 18:00\nto parks", Order("city", SIX, "parks")),
        ("city at 2026-11-23 18:00", Order("city", SIX)),
        ("city at 2026-11-23T18:00+00:00", Order("city", SIX)),
        ("at-large", Order("at-large")),
        ("to-do to to-do", Order("to-do", to="to-do")),
    ],
)
def test_an_order_says_what_when_and_to_whom(typed: str, order: Order) -> None:
    assert read(typed) == order


@pytest.mark.parametrize(
    "typed", ["city 18:00", "city now", "city at", "city --to", "city at 18:00 or so", "city x y z"]
)
def test_what_is_no_order_is_explained(typed: str) -> None:
    order = read(typed)
    assert order.slug == "city"
    assert order.problem
    assert order.at is None
    assert TEXTS.say(order.problem, "en")


@pytest.mark.parametrize("time", ["24:00", "12:60", "soon", "2026-02-30 10:00", "18.00", "6pm", "99:99", "18:00:00"])
def test_what_is_no_time_is_explained_and_shown(time: str) -> None:
    order = read(f"city at {time}")
    assert order.problem
    assert time in TEXTS.say(order.problem, "en")


def test_what_has_passed_is_refused_and_a_bare_time_is_the_next_that_the_clock_shows() -> None:
    passed = read("city at 2026-11-23 09:59")
    assert passed.problem
    assert "has passed already" in TEXTS.say(passed.problem, "en")
    assert read("city at 10:00").at == NOW
    assert read("city at 09:59").at == NOW - timedelta(minutes=1) + timedelta(days=1)


def test_a_bare_time_is_on_the_consultations_own_clock_over_a_change_of_clocks() -> None:
    evening = datetime(2026, 3, 28, 20, tzinfo=UTC)  # British clocks go forward that night
    at = read_time("19:00", evening, "Europe/London")
    assert at == datetime(2026, 3, 29, 18, tzinfo=UTC)
    assert read_time("01:30", evening, "Europe/London"), "a time that the clock skips is still some time"


anything = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(["city", "at", "to", "--at", "—to", "=", " ", "\n", "18:00", "2026-11-30", "9999-12-31", "٣:٤٥",
                         "0001-01-01 00:00", "2026-W48-1", "T", "+14:00", "-23:59", "Z", "parks"]),
        max_size=10,
    ).map(" ".join),
)  # fmt: skip


@given(anything, st.sampled_from(["Europe/London", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"]))
def test_reading_never_fails_and_gives_a_time_only_where_nothing_is_wrong(typed: str, zone: str) -> None:
    order = read(typed, timezone=zone)
    assert order.slug == order.slug.lower()
    if order.problem:
        assert order.at is None
    if order.at:
        assert order.at.tzinfo
        assert order.at >= NOW
