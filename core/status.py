"""How a consultation stands, as an organiser sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.consultations import Consultation
from core.deliveries import DeliveryState
from core.health import LaneHealth


@dataclass(frozen=True, slots=True)
class Status:
    """`asked`: members with an invitation planned or sent; who were two members then and are one now may count twice.
    `why` counts what became of suppressed, failed and waiting deliveries by reason. Both, and `deliveries`, count those
    in whose rows are thinned out."""

    consultation: Consultation
    asked: int = 0
    begun: int = 0
    finished: int = 0
    ideas: int = 0
    discussed: int = 0
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    why: Mapping[str, int] = field(default_factory=dict)
    planning: int = 0
    """Broadcasts whose rows are still being written."""
    held: int = 0
    """Broadcasts that an organiser holds back, of which something waits."""
    lanes: tuple[LaneHealth, ...] = ()
    """On which something of it waits; without their backlog."""

    @property
    def total(self) -> int:
        return sum(self.deliveries.values())

    @property
    def settled(self) -> int:
        waiting = (DeliveryState.PLANNED, DeliveryState.CLAIMED)
        return sum(count for state, count in self.deliveries.items() if state not in waiting)
