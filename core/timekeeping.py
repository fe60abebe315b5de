"""Timekeeping: what happens to a story by itself as time goes by, and when those who answer, and channels, hear of it.

Decisions only, each from what stands open and what time it is. Who looks, and how often, isn't said here.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.bodies import Bodies
from core.calendars import LONGEST_PAUSE, ONE_DAY, Calendar
from core.events import StoryContinued
from core.ideas import Idea
from core.nudges import Manners, out_of_quiet
from core.queues import Open
from core.standings import About, Stage, may_follow
from core.stories import Entry, EntryKind, Rule

APPEAL_TIME = timedelta(days=14)
"""How long a story that was declined stays open, so that its author can appeal."""

MORNING = time(8)
SEALS_FROM = time(9)


class Dues:
    """When the time of each thing that waits is over. What came to a body on one day with as much time is over at one
    moment, which is reckoned once, however much of it there is."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies, self._zone = bodies, ZoneInfo(bodies.timezone)
        self._known: dict[tuple[str, date, int], datetime] = {}

    def of(self, waiting: Open) -> datetime:
        referral = waiting.referral
        alike = referral.body, referral.since.astimezone(self._zone).date(), referral.days
        if alike not in self._known:
            self._known[alike] = self._bodies.due(referral)
        return self._known[alike]


# --- stories
def falls_silent(waiting: Open, idea: Idea, bodies: Bodies, now: datetime) -> StoryContinued | None:
    """The entry that says that a body's time is over; None while it isn't, and where the story says so already."""
    referral = waiting.referral
    if referral.silent_at is not None or now < bodies.due(referral):
        return None
    return _continued(waiting, idea, Entry(EntryKind.SILENT, now, body=referral.body))


def moves_on(waiting: Open, idea: Idea, bodies: Bodies, now: datetime) -> StoryContinued | None:
    """Away from a body that has ended, to the one that answers in its place, whose time begins; or to nobody, and then
    organisers find it."""
    body = bodies.get(waiting.referral.body)
    if body is None or not body.has_ended:
        return None
    heir = bodies.heir(body.slug)
    next_, days = (heir.slug, heir.days) if heir else (None, None)
    return _continued(waiting, idea, Entry(EntryKind.MOVED, now, body=body.slug, next=next_, days=days))


def ends(idea: Idea, now: datetime) -> StoryContinued | None:
    """The end of a story in which nothing is to come; None while its author may still appeal."""
    standing = idea.standing
    if not may_follow(standing, EntryKind.CLOSED):
        return None
    if standing.stage is Stage.DECLINED and (standing.since is None or now - standing.since < APPEAL_TIME):
        return None
    return StoryContinued(idea.code, Entry(EntryKind.CLOSED, now), len(idea.story))


def _continued(waiting: Open, idea: Idea, entry: Entry) -> StoryContinued | None:
    standing, rule = idea.standing, _rule(waiting, idea)
    if len(idea.story) != waiting.entries or not may_follow(standing, entry.kind):
        return None  # it went on meanwhile
    if waiting.about is About.HIDING and rule is None:
        return None
    return StoryContinued(idea.code, replace(entry, rule=rule), waiting.entries)


def _rule(waiting: Open, idea: Idea) -> Rule | None:
    """An entry about the hiding, and not about the idea, names the rule."""
    return idea.standing.rule if waiting.about is About.HIDING else None


# --- mornings
@dataclass(frozen=True, slots=True)
class Morning:
    """When today's notice is due for somebody, and when their last one before it was."""

    at: datetime
    before: datetime

    def is_news(self, at: datetime | None) -> bool:
        """Whether it happened between the two mornings: of everything that happens, one morning says so."""
        return at is not None and self.before < at <= self.at


def morning(now: datetime, timezone: str, calendar: Calendar, manners: Manners) -> Morning | None:
    """Theirs, once it has come: None before eight and in quiet hours on their own clock, and on a day that doesn't
    count for the body."""
    at = _eight_o_clock(now, timezone)
    if now < at or out_of_quiet(now, timezone, manners) > now or not _counts(at, calendar):
        return None
    before = _eight_o_clock(at - ONE_DAY, timezone)
    while not _counts(before, calendar) and at - before < LONGEST_PAUSE:
        before = _eight_o_clock(before - ONE_DAY, timezone)
    return Morning(at, before)


def _eight_o_clock(on: datetime, timezone: str) -> datetime:
    zone = ZoneInfo(timezone)
    return datetime.combine(on.astimezone(zone).date(), MORNING, zone).astimezone(on.tzinfo)


def _counts(at: datetime, calendar: Calendar) -> bool:
    return calendar.counts(at.astimezone(ZoneInfo(calendar.timezone)).date())


# --- seals
def seal_period(now: datetime, timezone: str, every_days: int, manners: Manners) -> int | None:
    """The number of the span of days for which channels get a seal now; None where they never do, before nine on its
    first day (a Monday, where it is a week), and in quiet hours."""
    if every_days <= 0 or out_of_quiet(now, timezone, manners) > now:
        return None
    local = now.astimezone(ZoneInfo(timezone))
    number, day = divmod(local.date().toordinal() - 1, every_days)  # day 1 was a Monday
    return None if day == 0 and local.time() < SEALS_FROM else number
