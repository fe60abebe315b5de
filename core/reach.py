"""Whom an invitation reaches, counted: who gets it now, who later and when, and who doesn't and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.consultations import Consultation
from core.nudges import Manners, out_of_quiet


class Standing(StrEnum):
    """How one of the audience stands to an invitation: exactly one of these, in the order in which `core.nudges` asks.
    All after the first four can be reached."""

    STOPPED = "said STOP"
    NOT_AGREED = "has not agreed"
    UNREACHABLE = "unreachable"
    ANSWERED = "has answered"
    ASKED = "asked about it already today"
    TOO_LATE = "too late"
    """Their weekly budget is used up until after it closes."""
    OVER_BUDGET = "weekly budget"
    ASLEEP = "quiet hours"
    NOW = "now"


NEVER = (Standing.STOPPED, Standing.NOT_AGREED, Standing.UNREACHABLE, Standing.ANSWERED)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many members who stand alike. `channel`: `telegram`, `slack`, `web`, or empty where there is no address;
    `first` and `last`: when the budgets of those who wait for theirs allow another."""

    standing: Standing
    channel: str
    language: str
    timezone: str | None
    members: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """`audience` is the sum of `standings`. `wakes`: when those who are asleep get it, and how many. `channels`,
    `languages` and `zones` (where they are known): of those who can be reached, now or later; the most first."""

    audience: int
    standings: dict[Standing, int]
    wakes: tuple[tuple[datetime, int], ...] = ()
    budget_first: datetime | None = None
    budget_last: datetime | None = None
    channels: dict[str, int] = field(default_factory=dict)
    zones: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)

    def of(self, standing: Standing) -> int:
        return self.standings.get(standing, 0)

    @property
    def reachable(self) -> int:
        """As chat counts it before a broadcast: whoever could be written to and hasn't answered."""
        return self.audience - sum(map(self.of, NEVER))

    @property
    def later(self) -> int:
        return self.of(Standing.ASLEEP) + self.of(Standing.OVER_BUDGET)


class Counting(Protocol):
    async def count(self, consultation: Consultation, now: datetime, manners: Manners) -> Reach:
        """Set-wise, however many members there are."""
        ...


def reach(counted: Iterable[Counted], consultation: Consultation, now: datetime, manners: Manners) -> Reach:
    """Puts together what was counted; of those who could get it now, some are asleep by the clock of their zone."""
    standings, channels, languages = Counter[Standing](), Counter[str](), Counter[str]()
    zones = Counter[str]()
    wakes, frees = Counter[datetime](), list[datetime]()
    for one in counted:
        standing = one.standing
        if standing is Standing.NOW:
            until = out_of_quiet(now, one.timezone or consultation.timezone, manners)
            if until > now:
                standing = Standing.ASLEEP
                wakes[until] += one.members
        standings[standing] += one.members
        if standing is Standing.OVER_BUDGET:
            frees += [at for at in (one.first, one.last) if at is not None]
        if standing not in NEVER:
            channels[one.channel] += one.members
            languages[one.language] += one.members
            if one.timezone is not None:
                zones[one.timezone] += one.members
    return Reach(
        audience=standings.total(),
        standings=dict(standings),
        wakes=tuple(sorted(wakes.items())),
        budget_first=min(frees, default=None),
        budget_last=max(frees, default=None),
        channels=dict(channels.most_common()),
        languages=dict(languages.most_common()),
        zones=dict(zones.most_common()),
    )
