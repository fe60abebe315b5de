"""What a run leaves behind, as values: what the platforms saw, what the database holds, how the processes ended.

Users are named as the platforms name them (`1003`, `U1`); `real` moments are seconds of the driver's own clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Posting:
    """One thing that somebody did, posted until it was acknowledged. `what`: consent, answer, idea, edit, stop, return,
    left, back, or nothing that is followed up; `about` the prompt, `words` the answer or the idea's text."""

    key: str
    user: str
    what: str
    about: str
    words: str
    posted: float
    acknowledged: float | None
    statuses: tuple[int, ...] = ()
    may_fail: bool = False
    """Posted once: Slack tells the person that it failed, who presses again."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that the platform took, new or changed. `shown`: what our clock showed just then, by every offset in
    force a moment before."""

    account: str
    user: str
    message: str
    text: str
    real: float
    shown: tuple[datetime, ...]
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery. `text`: of a nudge, what its receiver would read."""

    id: int
    account: str
    user: str
    priority: str
    state: str
    attempts: int
    message: str = ""
    why: str = ""
    broadcast: int | None = None
    member: int | None = None
    not_before: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    id: int
    consultation: str
    kind: str
    is_planned: bool
    at: datetime
    """When it was ordered, by the clock that all see."""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    account: str
    user: str
    zone: str
    has_consented: bool
    has_stopped: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Answer:
    user: str
    about: str
    value: str
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Idea:
    """`texts`: what each entry of its story made it say, in order."""

    code: str
    user: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """A process that was told to stop: how, and within how many seconds."""

    role: str
    code: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Record:
    now: datetime
    keys: frozenset[str] = frozenset()
    postings: tuple[Posting, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    rows: tuple[Row, ...] = ()
    broadcasts: tuple[Broadcast, ...] = ()
    people: tuple[Person, ...] = ()
    answers: tuple[Answer, ...] = ()
    ideas: tuple[Idea, ...] = ()
    ordered: Mapping[int, float] = field(default_factory=dict)
    """By broadcast: the real moment at which its order was first posted."""
    findings: tuple[str, ...] = ()
    """What the audit of the ledger found."""
    verified: str = ""
    """What `folkmoot verify --ledger` said where it ended badly."""
    unsealed: int = 0
    earned: tuple[str, ...] = ()
    """429s that nobody injected."""
    unheard: tuple[str, ...] = ()
    """Who waited in vain for what."""
    tracebacks: tuple[str, ...] = ()
    endings: tuple[Ending, ...] = ()
