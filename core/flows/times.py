"""Moments, times of day, spans of time and time zones, as people write them into a file, and written back."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from core.flows.fields import read_word
from core.flows.problems import Findings, closest, shown
from core.flows.tree import Node
from core.texts import T
from core.timezones import find_timezones

LONGEST_SPAN = timedelta(days=3650)

_UNITS = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
_SPAN = re.compile(r"(\d{1,9}) *(week|day|hour|minute|second)s?", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<hour>\d?\d)(?P<rest>:\d\d(:\d\d(\.\d{6})?)?) ?(?P<offset>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)


def read_timezone(node: Node, findings: Findings) -> str | None:
    word = read_word(node, findings, "Europe/London")
    if word is None or word.text in available_timezones():
        return word.text if word else None
    near = (*find_timezones(word.text), closest(word.text, available_timezones()), "Europe/London")
    meant = T("Did you mean “{word}”?", word=next(filter(None, near)) or "")
    findings.mistake(word, T("There is no time zone “{name}”.", name=shown(word.text)), meant)
    return None


def read_moment(node: Node, timezone: str, findings: Findings) -> datetime | None:
    """In UTC. Without an offset it is the time on the clock in that time zone; of a doubled hour, the first."""
    word = read_word(node, findings, "2026-11-20 09:00")
    if word is None:
        return None
    example = T("Write it as “{example}”.", example="2026-11-20 09:00")
    parts = _MOMENT.fullmatch(word.text)
    if not parts:
        findings.mistake(word, T("“{text}” is no date and time that I can read.", text=shown(word.text)), example)
        return None
    offset = (parts["offset"] or "").replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{parts['day']} {parts['hour']:0>2}{parts['rest']}{offset}")
    except ValueError:
        moment = None
    if moment is None or not 1990 <= moment.year <= 2200:
        findings.mistake(word, T("There is no such time as “{text}”.", text=word.text), example)
        return None
    if offset:
        return moment.astimezone(UTC)
    instant = moment.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    if instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) != moment:
        what = T("“{text}” doesn’t exist in {timezone}.", text=word.text, timezone=timezone)
        findings.mistake(word, what, T("The clocks go forward then; take an hour later."))
        return None
    return instant


def write_moment(moment: datetime, timezone: str) -> str:
    local = moment.astimezone(ZoneInfo(timezone))
    is_plain = local.replace(tzinfo=None, fold=0).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC) == moment
    shown_moment = local.replace(tzinfo=None) if is_plain else moment.astimezone(UTC)
    return shown_moment.isoformat(" ", "auto" if moment.second or moment.microsecond else "minutes")


def read_time(node: Node, findings: Findings) -> time | None:
    word = read_word(node, findings, "18:00")
    if word is None:
        return None
    parts = _TIME.fullmatch(word.text)
    if parts:
        return time(int(parts[1]), int(parts[2]))
    example = T("Write it as “{example}”.", example="18:00")
    findings.mistake(word, T("“{text}” is no time of day.", text=shown(word.text)), example)
    return None


def read_span(node: Node, findings: Findings, example: str = "3 days") -> timedelta | None:
    word = read_word(node, findings, example)
    if word is None:
        return None
    parts = _SPAN.fullmatch(word.text)
    if parts and int(parts[1]) <= LONGEST_SPAN // _UNITS[parts[2]]:
        return int(parts[1]) * _UNITS[parts[2]]
    written = T("Write it as “{example}”.", example=example)
    findings.mistake(word, T("“{text}” is no span of time that can be used here.", text=shown(word.text)), written)
    return None


def write_span(span: timedelta) -> str:
    """In the largest unit that fits, weeks apart: nobody says fourteen days any other way."""
    for unit in ("day", "hour", "minute"):
        if span % _UNITS[unit] == timedelta():
            break
    else:
        unit = "second"
    count = span // _UNITS[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def read_days(node: Node, findings: Findings, example: str = "60 days") -> int | None:
    """Whole days, one at least."""
    span = read_span(node, findings, example)
    if span is None:
        return None
    if span >= _UNITS["day"] and span % _UNITS["day"] == timedelta():
        return span.days
    is_short = span < _UNITS["day"]
    what = T("That is less than a day.") if is_short else T("This has to be a number of whole days.")
    findings.mistake(node, what, T("Write it as “{example}”.", example=example))
    return None
