"""How the whole service is: lanes, what waits and what became of it, turns taken, and how soon replies go out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.deliveries import DeliveryState, Priority

LATELY = timedelta(minutes=1)
"""The span over which turns are counted."""

LATEST_REPLIES = 1_000
"""From how many of the last replies the latency is told."""


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


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from a turn to the moment when its reply was sent; of the latest `count` replies."""

    median: float
    p95: float
    p99: float
    count: int


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
