"""Deliveries: one message to one address each, on a lane, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.consultations import NudgeKind
from core.outbound import Message
from core.places import Place


class Priority(StrEnum):
    """Replies and story news go before nudges. A post is a card for a society's channel."""

    REPLY = "reply"
    NEWS = "news"
    NUDGE = "nudge"
    POST = "post"


class DeliveryState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class NudgeRef:
    """What a nudge says, by reference: a million rows stay small."""

    consultation: str
    step: str
    kind: NudgeKind


@dataclass(frozen=True, slots=True)
class NewsRef:
    """The entry of a story that is told, by its number from 1; to the idea's author, or to one who supports it."""

    idea: str
    number: int
    to_author: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """`content`: a reply as it will be read, or the nudge or entry it refers to, rendered when it is sent."""

    id: int
    to: Place
    priority: Priority
    content: Message | NudgeRef | NewsRef
    member: int | None = None
    attempts: int = 0
    not_before: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send on one lane (one account). Every mark is fenced by `epoch`. `free_at`: before that nothing may
    be sent, as the last owner was told by the platform. `trouble`: what stands in the way of all sends, since when."""

    account: str
    owner: str
    epoch: int
    until: datetime
    free_at: datetime | None = None
    trouble: str = ""
    trouble_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a lane's owner says of it: sends a second lately, when the next may go out where that isn't now, and what
    stands in the way of all of them, if anything does."""

    rate: float
    free_at: datetime | None = None
    trouble: str = ""


# --- what a messenger answers
@dataclass(frozen=True, slots=True)
class Sent:
    message: str
    """The platform's id of it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `after` seconds from now; `whole_lane`: every chat of the account must wait, not just this one.

    `counted` False: the platform asked us to wait, so this try doesn't use up an attempt. `asked`: it named the time
    itself, which holds for whoever sends next, too; else a fault is waited for that may be put right any moment."""

    after: float
    why: str
    whole_lane: bool = False
    counted: bool = True
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the message itself is at fault, or we have no right to send it."""

    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody is there any more: blocked, deactivated, uninstalled."""

    why: str


@dataclass(frozen=True, slots=True)
class MovedTo:
    """The chat has a new id; send there."""

    chat: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have arrived (the connection broke after we had sent it)."""

    why: str


Outcome = Sent | Retry | Refused | Gone | MovedTo | Unknown


# --- what becomes of a claimed delivery
@dataclass(frozen=True, slots=True)
class Mark:
    """The new state of a claimed delivery. `PLANNED` puts it back, with a new `not_before`."""

    delivery: int
    state: DeliveryState
    why: str = ""
    message: str | None = None
    not_before: datetime | None = None
    to_chat: str | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Receiver:
    """What judging a nudge needs to know of the one who would get it, at the moment of sending.

    `unasked`: when the last nudges went to them, within a week, over all bodies. `asked_at`: when
    one of them last asked about this same consultation. `took_part`: began or finished.
    """

    member: int
    language: str
    timezone: str | None
    has_consented: bool
    has_stopped: bool
    is_gone: bool
    has_finished: bool
    took_part: bool
    unasked: tuple[datetime, ...]
    asked_at: datetime | None = None
