"""How the whole service is: lanes, what waits and what became of it, turns taken, and how soon replies go out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from core.deliveries import DeliveryState, Priority

LATELY = timedelta(minutes=1)
"""The span over which turns are counted."""

LATEST_REPLIES = 1_000
"""From how many of the last replies the latency is told."""

CLASSES = (Priority.REPLY, Priority.NEWS, Priority.NUDGE)
"""What waits on a lane is told by these; posts are counted with the nudges, whose turn is theirs."""


def class_of(priority: Priority) -> Priority:
    return Priority.NUDGE if priority is Priority.POST else priority


@dataclass(frozen=True, slots=True)
class LaneHealth:
    """`owner` and `until`: who sends on it, if anybody, until when their lease lasts. `rate`: sends a second lately.
    `backlog`: what is due or will be, by class. `free_at`: when the next may go out, where that isn't at once."""

    account: str
    owner: str | None = None
    until: datetime | None = None
    rate: float = 0.0
    backlog: Mapping[Priority, int] = field(default_factory=dict)
    free_at: datetime | None = None
    trouble: str = ""
    trouble_at: datetime | None = None

    @property
    def waiting(self) -> int:
        return sum(self.backlog.values())

    def is_owned(self, now: datetime) -> bool:
        return self.owner is not None and self.until is not None and self.until > now

    def is_forsaken(self, now: datetime) -> bool:
        """Something waits, and nobody sends."""
        return self.waiting > 0 and not self.is_owned(now)

    def is_well(self, now: datetime) -> bool:
        return not (self.trouble or self.is_forsaken(now))


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from a turn to the moment when its reply was sent; of the latest `count` replies."""

    median: float
    p95: float
    p99: float
    count: int


def latency_of(seconds: Collection[float]) -> Latency | None:
    """Of each part the time within which so many replies went out: the nearest rank, so always one that was measured.
    Clocks of a platform and of ours differ a little: what went out before it was asked for went out at once."""
    if not seconds:
        return None
    ranked = sorted(max(0.0, one) for one in seconds)

    def within(share: int) -> float:
        return ranked[ceil(share * len(ranked) / 100) - 1]

    return Latency(within(50), within(95), within(99), len(ranked))


@dataclass(frozen=True, slots=True)
class Health:
    """`deliveries` counts all, those thinned out included. `oldest_reply`: when the turn was whose reply waits longest.
    `turns`: taken within `LATELY`."""

    lanes: tuple[LaneHealth, ...] = ()
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    oldest_reply: datetime | None = None
    turns: int = 0
    replies: Latency | None = None

    @property
    def turns_a_second(self) -> float:
        return self.turns / LATELY.total_seconds()
