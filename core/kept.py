"""Everything that is kept about one member, as they may take it along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.bodies import Office
from core.deeds import Noted
from core.deliveries import DeliveryState, Priority
from core.handovers import Spoken
from core.hooks import Hook
from core.ideas import Capture, Idea
from core.members import Address, Member
from core.prompts import Value
from core.tokens import Token


@dataclass(frozen=True, slots=True)
class KeptAddress:
    """`session` is where we are in talking with them, as it is written down."""

    address: Address
    seen_at: datetime
    gone_at: datetime | None = None
    gone_why: str | None = None
    session: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`counts`: it is the latest one to its prompt. `value` None: skipped."""

    consultation: str
    prompt: str
    value: Value | None
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class TakingPart:
    consultation: str
    begun_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptDeliveries:
    """Messages of one kind to them, in one state: how many, and when the last of them was sent or tried."""

    priority: Priority
    state: DeliveryState
    count: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChatLine:
    """Of the web chat, which is kept here and not on a platform."""

    ours: bool
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class KeptTalk:
    """A person in office talked with them about that idea."""

    idea: str
    since: datetime
    ended_at: datetime | None
    words: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class KeptSitting:
    """At the desk, in one browser. `address`: by which they came in."""

    address: Address
    browser: str
    begun_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """Of a consultation: they changed it last."""

    slug: str
    title: str
    text: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """A search of the register that they saved, as `Sought.written` has it."""

    name: str
    sought: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptImport:
    """A file of members that they sent up: when, what became of it, and how many rows it had."""

    at: datetime
    state: str
    rows: int


@dataclass(frozen=True, slots=True)
class Kept:
    """`link_code_until`, `desk_link_until`: a code that links another app, a link that leads to the desk, is good until
    then. `tried_at`: when they tried to be found on the roll, in vain. `done`: what they did in office; `done_about`:
    what others in office did that was about them. `inbound`: how many deeds of theirs we would know again by a key that
    has their address in it."""

    member: Member
    addresses: tuple[KeptAddress, ...] = ()
    topics: tuple[str, ...] = ()
    offices: frozenset[Office] = frozenset()
    taking_part: tuple[TakingPart, ...] = ()
    answers: tuple[KeptAnswer, ...] = ()
    ideas: tuple[Idea, ...] = ()
    supported: tuple[tuple[str, datetime], ...] = ()
    captures: tuple[Capture, ...] = ()
    deliveries: tuple[KeptDeliveries, ...] = ()
    link_code_until: datetime | None = None
    lines: tuple[ChatLine, ...] = ()
    talks: tuple[KeptTalk, ...] = ()
    tokens: tuple[Token, ...] = ()
    hooks: tuple[Hook, ...] = ()
    tried_at: tuple[datetime, ...] = ()
    desk_link_until: datetime | None = None
    sittings: tuple[KeptSitting, ...] = ()
    done: tuple[Noted, ...] = ()
    done_about: tuple[Noted, ...] = ()
    drafts: tuple[KeptDraft, ...] = ()
    groups: tuple[KeptGroup, ...] = ()
    imports: tuple[KeptImport, ...] = ()
    inbound: int = 0
