"""Calendars: the days that count, and when a time to answer runs out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendars import EVERY_DAY, LONGEST_PAUSE, ONE_DAY, Calendar, Holidays, Recess
from core.regions import is_region, parts_of, regions_by_name

LONDON = ZoneInfo("Europe/London")
CHRISTMAS = Recess(date(2026, 12, 21), date(2027, 1, 3))
WALES = Holidays("GB-WLS")

ZONES = st.sampled_from(
    [
        "UTC", "Europe/London", "America/New_York", "America/St_Johns", "America/Havana", "Asia/Kathmandu",
        "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Honolulu",
    ]
)  # fmt: skip
"""Among them some whose clocks change at midnight."""
DATES = st.dates(date(2024, 1, 1), date(2030, 1, 1))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RECESSES = st.builds(lambda first, days: Recess(first, first + days * ONE_DAY), DATES, st.integers(0, 100))
HOLIDAYS = st.builds(
    Holidays, st.sampled_from([None, "GB", "GB-WLS", "DE-BY", "NZ"]), st.lists(DATES, max_size=3).map(tuple)
)
CALENDARS = st.builds(Calendar, HOLIDAYS, st.lists(RECESSES, max_size=3).map(tuple), ZONES)
DAYS = st.integers(0, 90)


def local(moment: datetime, calendar: Calendar) -> datetime:
    return moment.astimezone(ZoneInfo(calendar.timezone))


# --- examples
def test_the_day_of_sending_does_not_count_and_the_last_one_counts_whole() -> None:
    sent = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert Calendar().last_day(sent, 30) == date(2026, 12, 23)
    assert Calendar().due(sent, 30) == datetime(2026, 12, 24, tzinfo=UTC)


def test_no_time_runs_in_a_recess_and_what_would_end_there_runs_out_after_it() -> None:
    calendar = Calendar(recesses=(CHRISTMAS,))
    sent = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert calendar.last_day(sent, 27) == date(2026, 12, 20)
    assert calendar.last_day(sent, 28) == date(2027, 1, 4)
    assert calendar.last_day(sent, 30) == date(2027, 1, 6)


def test_what_is_sent_in_a_recess_begins_after_it() -> None:
    calendar = Calendar(recesses=(CHRISTMAS,))
    assert calendar.last_day(datetime(2026, 12, 28, 9, tzinfo=UTC), 1) == date(2027, 1, 4)


def test_recesses_that_overlap_are_one() -> None:
    twice = (CHRISTMAS, Recess(date(2026, 12, 25), date(2027, 1, 10)))
    once = (Recess(date(2026, 12, 21), date(2027, 1, 10)),)
    sent = datetime(2026, 12, 1, tzinfo=UTC)
    assert Calendar(recesses=twice).due(sent, 30) == Calendar(recesses=once).due(sent, 30)


def test_public_holidays_do_not_count() -> None:
    sent = datetime(2026, 4, 2, 12, tzinfo=UTC)  # the Thursday before Easter
    assert Calendar(WALES).last_day(sent, 1) == date(2026, 4, 4)
    assert Calendar(WALES).last_day(sent, 3) == date(2026, 4, 7)
    assert Calendar(Holidays("GB-SCT")).last_day(sent, 3) == date(2026, 4, 6), "no Easter Monday there"


def test_days_of_ones_own_do_not_count_either() -> None:
    sent = datetime(2026, 12, 23, 12, tzinfo=UTC)
    own = Holidays("GB-WLS", (date(2026, 12, 24),))
    assert Calendar(WALES).last_day(sent, 1) == date(2026, 12, 24)
    assert Calendar(own).last_day(sent, 1) == date(2026, 12, 27)


def test_weekends_count() -> None:
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert Calendar(WALES).last_day(friday, 2) == date(2026, 11, 22)


def test_what_is_sent_late_in_the_evening_of_another_zone_counts_from_the_day_on_our_clock() -> None:
    evening = datetime(2026, 7, 1, 20, tzinfo=ZoneInfo("America/New_York"))  # one in the morning of the 2nd in London
    calendar = Calendar(timezone="Europe/London")
    assert calendar.last_day(evening, 1) == date(2026, 7, 3)
    assert calendar.due(evening, 1) == datetime(2026, 7, 4, tzinfo=LONDON)
    assert calendar.due(evening, 1).tzinfo is UTC


@pytest.mark.parametrize(
    ("sent", "due", "hours"),
    [
        (datetime(2026, 3, 28, tzinfo=LONDON), datetime(2026, 3, 30, tzinfo=LONDON), 47),
        (datetime(2026, 10, 24, tzinfo=LONDON), datetime(2026, 10, 26, tzinfo=LONDON), 49),
    ],
)
def test_a_day_on_which_the_clocks_change_is_one_day(sent: datetime, due: datetime, hours: int) -> None:
    found = Calendar(timezone="Europe/London").due(sent, 1)
    assert found == due
    assert found - sent.astimezone(UTC) == timedelta(hours=hours)


def test_a_day_that_has_no_midnight_begins_when_its_clock_does() -> None:
    calendar = Calendar(timezone="Africa/Cairo")  # 2026-04-24 begins there at one o'clock
    due = calendar.due(datetime(2026, 4, 22, 12, tzinfo=UTC), 1)
    assert local(due, calendar).isoformat() == "2026-04-24T01:00:00+03:00"
    assert local(due - timedelta(seconds=1), calendar).date() == date(2026, 4, 23)


def test_days_left_are_told_up_to_the_last_and_past_it() -> None:
    calendar = Calendar(recesses=(Recess(date(2026, 11, 26), date(2026, 11, 27)),))
    sent = datetime(2026, 11, 23, 12, tzinfo=UTC)
    due = calendar.due(sent, 3)
    left = [calendar.days_left(due, sent + n * ONE_DAY) for n in range(8)]
    assert left == [3, 2, 1, 1, 1, 0, -1, -2]


def test_nobody_stops_a_clock_for_ever() -> None:
    always = Calendar(recesses=(Recess(date(2020, 1, 1), date(2090, 1, 1)),))
    sent = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert always.last_day(sent, 30) == sent.date() + LONGEST_PAUSE + 30 * ONE_DAY


@pytest.mark.parametrize("name", ["GB", "GB-WLS", "DE-BY", "US-CA", "NZ"])
def test_a_country_or_a_part_of_it_is_a_region(name: str) -> None:
    assert is_region(name)


@pytest.mark.parametrize("name", ["", "-", "GB-", "GB-XX", "-WLS", "gb", "XX", "GB-WLS-1", "England"])
def test_anything_else_is_no_region(name: str) -> None:
    assert not is_region(name)


def test_a_region_is_found_by_what_it_is_called() -> None:
    names = regions_by_name()
    assert (names["wales"], names["germany"], names["bayern"], names["georgia"]) == ("GB-WLS", "DE", "DE-BY", "GE")
    assert [name for name, region in names.items() if not is_region(region)] == []


def test_a_country_knows_its_parts() -> None:
    assert parts_of("GB") == ("GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS")
    assert parts_of("XX") == ()


REGIONS = [
    region
    for country in holidays.list_supported_countries(include_aliases=False)
    for region in (country, *parts_of(country))
]


@given(st.sampled_from(REGIONS), st.integers(2024, 2030))
def test_every_region_has_days_that_count(region: str, year: int) -> None:
    calendar = Calendar(Holidays(region))
    assert any(calendar.counts(date(year, 1, 1) + n * ONE_DAY) for n in range(60))


# --- laws
@given(CALENDARS, MOMENTS, DAYS)
def test_it_is_due_in_the_first_moment_of_a_day_on_our_clock(calendar: Calendar, sent: datetime, days: int) -> None:
    due, last = calendar.due(sent, days), calendar.last_day(sent, days)
    assert local(due, calendar).date() == last + ONE_DAY
    assert local(due - timedelta(microseconds=1), calendar).date() == last
    assert due > sent


@given(CALENDARS, MOMENTS, st.integers(1, 90))
def test_as_many_days_count_as_were_given_and_the_last_of_them_is_the_last(
    calendar: Calendar, sent: datetime, days: int
) -> None:
    first, last = local(sent, calendar).date(), calendar.last_day(sent, days)
    counted = [first + n * ONE_DAY for n in range(1, (last - first).days + 1)]
    assert sum(map(calendar.counts, counted)) == days
    assert calendar.counts(last)


@given(CALENDARS, MOMENTS, DAYS, DAYS)
def test_a_longer_time_is_never_due_earlier(calendar: Calendar, sent: datetime, days: int, more: int) -> None:
    assert calendar.due(sent, days + more) >= calendar.due(sent, days) + more * timedelta(hours=23)


@given(CALENDARS, MOMENTS, MOMENTS, DAYS)
def test_what_is_sent_later_is_never_due_earlier(calendar: Calendar, one: datetime, other: datetime, days: int) -> None:
    earlier, later = sorted((one, other))
    assert calendar.due(earlier, days) <= calendar.due(later, days)


LONG_RECESSES = st.builds(lambda first, days: Recess(first, first + days * ONE_DAY), DATES, st.integers(0, 365))


@given(CALENDARS, LONG_RECESSES, DATES, MOMENTS, DAYS)
def test_a_recess_or_a_holiday_more_never_makes_it_due_earlier(
    calendar: Calendar, recess: Recess, holiday: date, sent: datetime, days: int
) -> None:
    rested = Calendar(calendar.holidays, (*calendar.recesses, recess), calendar.timezone)
    assert rested.due(sent, days) >= calendar.due(sent, days)
    feast = Holidays(calendar.holidays.region, (*calendar.holidays.days, holiday))
    assert Calendar(feast, calendar.recesses, calendar.timezone).due(sent, days) >= calendar.due(sent, days)


@given(RECESSES, MOMENTS, st.integers(1, 90), ZONES)
def test_a_time_that_would_end_in_a_recess_runs_out_after_it(
    recess: Recess, sent: datetime, days: int, zone: str
) -> None:
    last = Calendar(timezone=zone).last_day(sent, days)
    rested = Calendar(recesses=(recess,), timezone=zone).last_day(sent, days)
    if last < recess.first:
        assert rested == last
    elif local(sent, Calendar(timezone=zone)).date() < recess.first:
        assert rested == last + (recess.last - recess.first) + ONE_DAY > recess.last
    else:
        assert rested >= last
        assert not recess.first <= rested <= recess.last


@given(CALENDARS, MOMENTS, DAYS, st.integers(0, 120 * 24))
def test_days_left_fall_to_nought_on_the_last_day_and_below_it_after(
    calendar: Calendar, sent: datetime, days: int, hours: int
) -> None:
    due, last = calendar.due(sent, days), calendar.last_day(sent, days)
    now = sent + timedelta(hours=hours)
    left, today = calendar.days_left(due, now), local(now, calendar).date()
    assert (left > 0, left == 0, left < 0) == (today < last, today == last, today > last)
    assert (left < 0) == (now >= due)
    assert calendar.days_left(due, now + timedelta(hours=25)) in (left, left - 1, left - 2)


@given(CALENDARS, MOMENTS, DAYS)
def test_in_the_beginning_all_days_are_left(calendar: Calendar, sent: datetime, days: int) -> None:
    assert calendar.days_left(calendar.due(sent, days), sent) == days


@given(CALENDARS, MOMENTS, DAYS, ZONES)
def test_it_makes_no_difference_in_which_zone_a_moment_is_written(
    calendar: Calendar, sent: datetime, days: int, zone: str
) -> None:
    assert calendar.due(sent.astimezone(ZoneInfo(zone)), days) == calendar.due(sent, days)


@given(MOMENTS, DAYS)
def test_without_holidays_every_day_counts(sent: datetime, days: int) -> None:
    assert Calendar(EVERY_DAY).last_day(sent, days) == sent.date() + days * ONE_DAY
