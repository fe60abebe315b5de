"""A timeline: when the nudges of a consultation fall, by the clocks of those whom they go to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.consultations import Consultation, NudgeStep
from core.nudges import Manners, due_at, due_steps, expires_at, out_of_quiet


@dataclass(frozen=True, slots=True)
class Fall:
    """One step of the plan for those who live in one zone. `due` by the plan, None while its anchor has no time; it
    goes out `at` that moment, or later where `due` is in their quiet hours; None where it never does."""

    step: NudgeStep
    timezone: str
    due: datetime | None
    at: datetime | None

    @property
    def is_held(self) -> bool:
        return self.at is not None and self.at != self.due


def falls(consultation: Consultation, zones: Iterable[str], manners: Manners) -> tuple[Fall, ...]:
    """By step, as the plan has them, and then by zone."""
    named = tuple(zones)
    return tuple(_fall(step, consultation, zone, manners) for step in consultation.nudges for zone in named)


def _fall(step: NudgeStep, consultation: Consultation, zone: str, manners: Manners) -> Fall:
    due = due_at(step, consultation, zone)
    if due is None or step not in due_steps(consultation, [zone], due):
        return Fall(step, zone, due, None)
    at, ends = out_of_quiet(due, zone, manners), expires_at(step, consultation, zone)
    return Fall(step, zone, due, None if ends is not None and at >= ends else at)


def nights(timezone: str, since: datetime, until: datetime, manners: Manners) -> tuple[tuple[datetime, datetime], ...]:
    """The quiet hours between two moments, by the clock of that zone."""
    zone = ZoneInfo(timezone)
    day, found = since.astimezone(zone).date() - timedelta(days=1), []
    while day <= until.astimezone(zone).date():
        begins = datetime.combine(day, manners.quiet_from, zone).astimezone(since.tzinfo)
        ends = out_of_quiet(begins, timezone, manners)
        if ends > since and begins < until and begins < ends:
            found.append((max(begins, since), min(ends, until)))
        day += timedelta(days=1)
    return tuple(found)
