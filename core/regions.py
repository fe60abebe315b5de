"""Regions whose public holidays are known (`GB`, or `GB-WLS` for a part of it), and which days those are."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache

import holidays
from babel import Locale


def is_region(name: str) -> bool:
    """Whether public holidays are known for it."""
    country, hyphen, part = name.partition("-")
    known = holidays.list_supported_countries()
    return country in known and (part in known[country] if hyphen else True)


def parts_of(country: str) -> tuple[str, ...]:
    """The regions that are parts of it, if it is one that we know: `GB-WLS` and its neighbours."""
    return tuple(f"{country}-{part}" for part in holidays.list_supported_countries().get(country, ()))


@cache
def regions_by_name() -> Mapping[str, str]:
    """Every region by what it is called, in small letters; of two with one name the country."""
    names, called = dict[str, str](), Locale("en").territories
    countries = holidays.list_supported_countries(include_aliases=False)
    for country in countries:
        for part, code in holidays.country_holidays(country).subdivisions_aliases.items():
            names.setdefault(part.casefold(), f"{country}-{code}")
    return names | {called[country].casefold(): country for country in countries if country in called}


@lru_cache(maxsize=64)
def public_holidays(region: str, year: int) -> frozenset[date]:
    country, _, part = region.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
