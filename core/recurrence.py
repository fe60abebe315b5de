"""Recurrence: when a consultation that repeats comes again, by an RRULE of RFC 5545, and as what."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from core.consultations import Consultation, Repeats

IN_TIME = timedelta(days=7)
"""So long before its opening the next one is loaded, so that an organiser may still change it."""

FURTHEST = timedelta(days=3653)
"""A rule that names nothing within ten years names nothing."""

_ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL"}
PARTS = {
    "DAILY": _ALWAYS,
    "WEEKLY": _ALWAYS | {"BYDAY", "WKST"},
    "MONTHLY": _ALWAYS | {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": _ALWAYS | {"BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH"},
}
"""What a rule may say, by how often it comes: no other could be needed. The time of day is the opening’s own."""


class NotARule(ValueError):
    """The text is no rule that we can follow."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no rule by which something comes again")


def tidy(text: str) -> str:
    """The rule as it is kept. Raises NotARule."""
    rule = "".join(text.split()).upper().removeprefix("RRULE:").rstrip(";")
    parts = [part.partition("=")[::2] for part in rule.split(";")]
    named = dict(parts)
    known = PARTS.get(named.get("FREQ", ""), set())
    is_known = all(name in known and value for name, value in parts) and len(named) == len(parts)
    if not is_known or not re.fullmatch(r"[1-9]\d{0,2}", named.get("INTERVAL", "1")):
        raise NotARule(text)
    _all(rule, datetime(2000, 1, 1), datetime(2001, 1, 1), ZoneInfo("UTC"))  # noqa: DTZ001  on the clock on the wall
    return rule


def openings(repeats: Repeats, timezone: str, after: datetime) -> Iterator[datetime]:
    """Those after that moment, and after the first. At the same time on the clock in that zone, summer and winter."""
    zone = ZoneInfo(timezone)
    first = _on_the_wall(repeats.opens_at, zone)
    ends = _on_the_wall(max(after, repeats.opens_at), zone) + FURTHEST
    for local in _all(repeats.rule, first, ends, zone):
        opening = local.replace(tzinfo=zone).astimezone(UTC)
        if opening > max(after, repeats.opens_at):
            yield opening


def next_openings(consultation: Consultation, now: datetime, count: int = 5) -> tuple[datetime, ...]:
    found = openings(consultation.repeats, consultation.timezone, now) if consultation.repeats else ()
    return tuple(islice(found, count))


def come_again(consultation: Consultation, now: datetime) -> tuple[Consultation, ...]:
    """What should be there by now: the one that is running, if one is, and the next, in time. Not what was missed."""
    repeats = consultation.repeats
    if repeats is None or consultation.archived_at is not None:
        return ()
    since = now - repeats.lasts
    wanted = [at for at in _until(openings(repeats, consultation.timezone, since), now + IN_TIME) if at > since]
    running = [at for at in wanted if at <= now][-1:]
    return tuple(occurrence(consultation, repeats, at) for at in (*running, *(at for at in wanted if at > now)))


def _until(moments: Iterator[datetime], last: datetime) -> Iterator[datetime]:
    for moment in moments:
        if moment > last:
            return
        yield moment


def occurrence(consultation: Consultation, repeats: Repeats, opens_at: datetime) -> Consultation:
    """A consultation of its own, with the same questions."""
    return replace(
        consultation,
        slug=f"{consultation.slug}{ending(repeats, consultation.timezone, opens_at)}",
        opens_at=opens_at,
        closes_at=opens_at + repeats.lasts,
        outcome=None,
        outcome_at=None,
        repeats=None,
    )


def ending(repeats: Repeats, timezone: str, opens_at: datetime) -> str:
    """`-2026-12`, or with the day where it comes more than once in some month."""
    day = opens_at.astimezone(ZoneInfo(timezone)).date()
    return f"-{day:%Y-%m}" if _is_at_most_monthly(repeats.rule) else f"-{day:%Y-%m-%d}"


def longest_ending(rule: str) -> str:
    return "-2026-12" if _is_at_most_monthly(rule) else "-2026-12-01"


def _is_at_most_monthly(rule: str) -> bool:
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if parts["FREQ"] not in ("MONTHLY", "YEARLY") or "," in parts.get("BYMONTHDAY", ""):
        return False
    if "BYDAY" not in parts:
        return True
    is_one = re.fullmatch(r"[+-]?\d+[A-Z]{2}", parts["BYDAY"]) and "BYMONTHDAY" not in parts
    return bool(is_one or re.fullmatch(r"[+-]?\d+", parts.get("BYSETPOS", "")))


def overlaps(repeats: Repeats, timezone: str) -> bool:
    """Whether one would open before the one before has closed."""
    found = [repeats.opens_at, *islice(openings(repeats, timezone, repeats.opens_at), 24)]
    return any(later < earlier + repeats.lasts for earlier, later in pairwise(found))


def _all(rule: str, first: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """On the clock on the wall, so that summer time changes nothing. Raises NotARule."""
    # loaded once something comes again
    from dateutil.rrule import rrule, rrulestr  # type: ignore[import-untyped]  # the library has no types

    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    most = int(parts.pop("COUNT")) if re.fullmatch(r"\d{1,4}", parts.get("COUNT", "")) else None
    try:
        if "UNTIL" in parts:
            until = datetime.strptime(f"{parts.pop('UNTIL')}T235959"[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007
            in_utc = re.search(r"UNTIL=\d{8}T\d{6}Z", rule)
            ends = min(ends, _on_the_wall(until.replace(tzinfo=UTC), zone) if in_utc else until)
        named = ";".join(f"{name}={value}" for name, value in parts.items())
        found = rrulestr(named, dtstart=first)
        if not isinstance(found, rrule):
            raise NotARule(rule)
        return islice(iter(found.replace(until=ends)), most)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:  # all seen on slips
        raise NotARule(rule) from error


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
