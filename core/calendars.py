"""Calendars: how long an answer may take, in days that count. Computed from data whenever asked; no timer is stored.

A day of sending doesn't count, nor does a holiday, nor a day of the body's recess; the time runs out at the end of the
last day that counts, on the organisation's own clock.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)

LONGEST_PAUSE = timedelta(days=366)
"""A recess may last this long, and a time stands still for no longer in all: nobody stops a clock for ever."""


@dataclass(frozen=True, slots=True)
class Recess:
    """Days on which a body doesn't sit, the first and the last among them."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Holidays:
    """Public holidays of a region (`GB`, or `GB-WLS` for a part of it), and other days that nobody works."""

    region: str | None = None
    days: tuple[date, ...] = ()

    def __contains__(self, day: date) -> bool:
        return day in self.days or (self.region is not None and _is_public(day, self.region))


def _is_public(day: date, region: str) -> bool:
    from core.regions import public_holidays  # a library as large as the world: loaded where holidays are kept

    return day in public_holidays(region, day.year)


EVERY_DAY = Holidays()


@dataclass(frozen=True, slots=True)
class Calendar:
    """One body's days. `timezone` is an IANA name."""

    holidays: Holidays = EVERY_DAY
    recesses: tuple[Recess, ...] = ()
    timezone: str = "UTC"

    def counts(self, day: date) -> bool:
        return day not in self.holidays and not any(recess.first <= day <= recess.last for recess in self.recesses)

    def due(self, since: datetime, days: int) -> datetime:
        """The first moment after the last of `days` days that count; in UTC."""
        last = self.last_day(since, days)
        return datetime.combine(last + ONE_DAY, time(), ZoneInfo(self.timezone)).astimezone(UTC)

    def last_day(self, since: datetime, days: int) -> date:
        """The last day of that time: by then an answer is due."""
        return _last_day(self, since.astimezone(ZoneInfo(self.timezone)).date(), days)

    def days_left(self, due: datetime, now: datetime) -> int:
        """Days that count from tomorrow to the last one; 0 on the last day. Once it is over, less than that by the days
        that have gone by since, which all count."""
        zone = ZoneInfo(self.timezone)
        today, last = now.astimezone(zone).date(), due.astimezone(zone).date() - ONE_DAY
        return (last - today).days if today >= last else _days_between(self, today, last)


@lru_cache(maxsize=16_384)
def _last_day(calendar: Calendar, sent: date, days: int) -> date:
    day, left, paused = sent, days, timedelta()
    while left > 0:
        day += ONE_DAY
        if calendar.counts(day) or paused >= LONGEST_PAUSE:
            left -= 1
        else:
            paused += ONE_DAY
    return day


@lru_cache(maxsize=16_384)
def _days_between(calendar: Calendar, today: date, last: date) -> int:
    return sum(calendar.counts(today + timedelta(days=n)) for n in range(1, (last - today).days + 1))
