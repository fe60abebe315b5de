"""What goes out: planned, kept until it is its turn, and handed to a platform."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.consultations import Audience, NudgeKind
from core.deliveries import Condition, Delivery, Lease, Mark, Outcome, Receiver
from core.outbound import Message
from core.places import Place


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`planned` rows so far; `is_planned` when all are written. `held_at`: since when an organiser holds it back."""

    id: str
    consultation: str
    step: str
    kind: NudgeKind
    audience: Audience
    at: datetime
    confirmed: bool = True
    is_planned: bool = False
    planned: int = 0
    held_at: datetime | None = None


class Outbox(Protocol):
    """Deliveries on their way out. Every call is a short transaction of its own."""

    async def open_lane(self, account: str) -> None:
        """Has a lane for the account, so that a worker can take it before there is anything to send."""
        ...

    async def take_lanes(self, owner: str, now: datetime, until: datetime) -> tuple[Lease, ...]:
        """Renews the owner's lanes and takes free or expired ones. On a lane taken over, claimed replies and news are
        planned again (a repeat is harmless), claimed nudges and posts become uncertain."""
        ...

    async def owners(self) -> tuple[str, ...]:
        """Whoever has a lane on lease."""
        ...

    async def bury(self, owner: str, account: str | None = None) -> None:
        """An owner that is known to be dead: its leases, or the one on that account, end at once instead of when they
        would."""
        ...

    async def hasten(self, lease: Lease, now: datetime) -> None:
        """For an owner that doesn't know what waits for what, and after the clock was put back: all replies that were
        put back are due, in the order in which they were said; and so is news that was put back at a time which is
        still to come."""
        ...

    async def give_back(self, lease: Lease) -> None:
        """Frees the lane; what is claimed and was not sent is planned again."""
        ...

    async def claim(self, lease: Lease, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Marks up to `limit` due deliveries claimed and returns them, best first: replies, news, then nudges and
        posts in turn from each broadcast that isn't held. Those past `expires_at` are marked expired on the way, held
        or not. Empty if the lease was lost."""
        ...

    async def mark(self, lease: Lease, marks: Sequence[Mark], now: datetime) -> bool:
        """False, and nothing changed, where the lease was lost."""
        ...

    async def exchange(
        self, lease: Lease, marks: Sequence[Mark], now: datetime, limit: int, first: int
    ) -> tuple[Delivery, ...] | None:
        """`mark`, then `claim`, in one transaction; of replies and news up to `first` even beyond the `limit`. None,
        and nothing changed, where the lease was lost; nothing claimed where it has run out."""
        ...

    async def plan_again(self, lease: Lease, besides: Collection[int]) -> bool:
        """What is claimed on the lane, but for these: after a claim whose answer was lost. False where the lease
        was."""
        ...

    async def abandon(self, lease: Lease, why: str, now: datetime, most: int) -> int:
        """What is due on a lane that nobody can send on has failed: up to so many at once. How many."""
        ...

    async def tell(self, lease: Lease, condition: Condition, now: datetime) -> bool:
        """How the lane is, for whoever looks, and for the next owner. False where the lease was lost."""
        ...

    async def receivers(self, deliveries: Sequence[Delivery], since: datetime) -> Mapping[int, Receiver]:
        """By delivery id, for nudges and news, all at once; `unasked` counts from `since`."""
        ...

    async def next_due(self, account: str) -> datetime | None:
        """The earliest `not_before` of what is planned on the lane; of a held broadcast, when it expires."""
        ...

    async def backlog(self, place: Place) -> int:
        """Replies planned or claimed for one private place."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the weekly budget leaves, for judging many at once when a broadcast is planned: of `budget` messages within
    `span`, as it stands at `now`."""

    budget: int
    span: timedelta
    now: datetime

    @property
    def since(self) -> datetime:
        return self.now - self.span


class Planner(Protocol):
    """Writing a broadcast's deliveries, set-wise and in pages."""

    async def unplanned(self, now: datetime) -> tuple[Broadcast, ...]:
        """Confirmed, due at `now`, not held and not wholly planned."""
        ...

    async def zones(self) -> tuple[str | None, ...]:
        """The distinct time zones of members."""
        ...

    @property
    def page_within(self) -> float:
        """Seconds that writing a page may take: nobody else may be able to write meanwhile."""
        ...

    async def plan_page(
        self,
        broadcast: Broadcast,
        not_before: Mapping[str | None, datetime],
        expires_at: datetime | None,
        size: int,
        allowance: Allowance | None = None,
    ) -> Broadcast:
        """Writes the deliveries of the next `size` members of its audience, each with the `not_before` of their zone,
        and where members are done, the posts to the channels of its bodies (invitations only) and `is_planned`. Nothing
        where it is held.
        For thanks and outcome the audience is whoever took part. Resumable; a second run adds nothing. With an
        `allowance`, whoever had their weekly budget gets theirs when the week is over, or where that is too late not
        at all; it is judged again at sending."""
        ...


class Messenger(Protocol):
    """Sends on one account. Never raises for what a platform answers."""

    async def send(self, to: Place, message: Message) -> Outcome: ...


class Messengers(Protocol):
    async def for_account(self, account: str) -> Messenger | None:
        """None where this process has no such account (a token is missing, a workspace uninstalled)."""
        ...
