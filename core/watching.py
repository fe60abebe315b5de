"""Watching: how a consultation goes while it runs: what went out, broadcast by broadcast, who comes in, what they say.

The words for states and reasons are those of the chat (`core.turns.watching`); what was answered is in `core.results`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.consultations import Audience, Consultation
from core.deeds import By, Deed
from core.deliveries import DeliveryState
from core.health import LaneHealth
from core.ideas import Idea
from core.places import Place
from core.ports import Broadcast, Post

LATELY = timedelta(hours=1)
"""The span over which it is told how many came in."""

LATEST_IDEAS = 8

_WAITING = (DeliveryState.PLANNED, DeliveryState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of one broadcast. `states` and `why` (by state, then by reason) count in what is thinned out.
    `later`: of those planned, how many wait for an hour that hasn't come, the first of them for `next_at`. `uncertain`:
    how many may be sent again."""

    broadcast: Broadcast
    states: Mapping[DeliveryState, int] = field(default_factory=dict)
    why: Mapping[DeliveryState, Mapping[str, int]] = field(default_factory=dict)
    later: int = 0
    next_at: datetime | None = None
    uncertain: int = 0

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def settled(self) -> int:
        return sum(count for state, count in self.states.items() if state not in _WAITING)

    @property
    def is_over(self) -> bool:
        return self.broadcast.is_planned and self.settled == self.total

    @property
    def is_held(self) -> bool:
        """And there is something left to hold."""
        return self.broadcast.held_at is not None and not self.is_over

    @property
    def may_be_held(self) -> bool:
        return self.broadcast.confirmed and self.broadcast.held_at is None and not self.is_over


@dataclass(frozen=True, slots=True)
class Seat:
    """A channel or group that takes part, and whose it is."""

    body: str
    place: Place


@dataclass(frozen=True, slots=True)
class Watched:
    """`begun_lately`, `finished_lately`: within `LATELY` before `at`. `latest`: the newest ideas first, with all their
    words: pages show what `web.finding.as_shown` leaves."""

    consultation: Consultation
    at: datetime
    sendings: tuple[Sending, ...] = ()
    lanes: tuple[LaneHealth, ...] = ()
    begun: int = 0
    finished: int = 0
    begun_lately: int = 0
    finished_lately: int = 0
    ideas: int = 0
    discussed: int = 0
    latest: tuple[Idea, ...] = ()
    seats: tuple[Seat, ...] = ()


class Watching(Protocol):
    """What an organiser watches, and sends by hand."""

    async def look(self, slug: str, now: datetime) -> Watched | None:
        """None where there is no such consultation."""
        ...

    async def broadcast(self, id: str) -> Broadcast | None: ...
    async def uncertain(self, id: str, now: datetime) -> int:
        """How many deliveries of this broadcast may be sent again."""
        ...

    async def reach(self, slug: str, audience: Audience, at: datetime) -> int:
        """How many members an invitation could reach."""
        ...

    async def seats(self, audience: Audience) -> tuple[Seat, ...]:
        """The channels of the bodies that are asked; those of all bodies where everybody is."""
        ...

    async def send(self, by: By, deed: Deed, post: Post) -> None:
        """A message by hand, and the line in the log that says so."""
        ...
