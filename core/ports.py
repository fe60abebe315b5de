"""What core needs done, and by whom: Protocols that storage, the channels and the composition fulfil."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.bodies import Bodies, Body, Office, Topic
from core.consultations import Audience, Consultation, NudgeKind
from core.deeds import By
from core.deliveries import Condition, Delivery, Lease, Mark, Outcome, Priority, Receiver
from core.events import Event
from core.handovers import Handover
from core.health import Health
from core.ideas import Capture, Idea
from core.inbound import Inbound
from core.kept import Kept
from core.ledger.seals import Audit, Consistency, Receipt, Seal, Waiting
from core.members import Address, Member, Role
from core.outbound import Message
from core.places import Place
from core.prompts import Answers
from core.queues import Moderated, Open, Queue, Tally
from core.rolls import Hashed, RollRow
from core.sessions import Session
from core.status import Status
from core.stories import Entry


class CodeTaken(Exception):
    """A freshly minted code already belongs to something else; mint another and take the turn again."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the code {code} is already taken")


class StoryMoved(Exception):
    """Somebody else added to the story meanwhile; look again, and take the turn again."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the story of {code} went on meanwhile")


class NameTaken(Exception):
    """There is a consultation of that short name by now; nothing was stored."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is a consultation called {slug} already")


class TakenBefore(Exception):
    """Another delivery of the same inbound was taken in while this one was."""

    def __init__(self) -> None:
        super().__init__("the same inbound was taken in meanwhile")


class StoreUnavailable(ConnectionError):
    """The database can't be reached or doesn't take writes. What was being done is undone and may be tried again."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Mint(Protocol):
    """Where codes come from: unguessable in the product, foreseeable in tests."""

    def receipt(self) -> str:
        """A receipt code, as `core.receipts.receipt_code` writes it."""
        ...

    def token(self) -> str:
        """Eight characters of Crockford's base 32, for captures, link codes and organiser codes."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """A message for the outbox: rendered, addressed. `key` unique where it must never be said twice. `consultation`:
    it is that one's card, so that replies in its thread are known for what they are."""

    to: Place
    message: Message
    priority: Priority = Priority.REPLY
    member: int | None = None
    key: str | None = None
    consultation: str | None = None


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """A good link code that somebody else has, and who they are."""

    code: str
    member: Member


class Work(Protocol):
    """One turn of one member: a transaction in which that member is locked. It commits when the block ends well.

    Members, addresses and sessions come into being on first contact; the sender's name and last-seen time are kept
    up to date, `locale` and `timezone` only used while the member has chosen none. An address that was gone is back
    once it `shows_life`.
    """

    async def seen(self, now: datetime) -> bool:
        """Whether this inbound's key was taken in before. `record` notes it, for 30 days from `now`."""
        ...

    async def member(self) -> Member: ...
    async def session(self) -> Session: ...
    async def open_consultations(self, now: datetime) -> tuple[Consultation, ...]:
        """Open at `now`, by closing time then slug, whoever they are for."""
        ...

    async def consultation(self, slug: str) -> Consultation | None: ...
    async def answers(self, consultation: str) -> Answers:
        """This member's latest answers."""
        ...

    async def has_finished(self, consultation: str) -> bool: ...
    async def capture(self, id: str) -> Capture | None: ...
    async def capture_said_in(self, account: str, chat: str, message: str) -> Capture | None: ...
    async def idea(self, code: str) -> Idea | None: ...
    async def idea_said_in(self, account: str, chat: str, message: str) -> Idea | None: ...
    async def my_ideas(self) -> tuple[Idea, ...]:
        """Newest first, 20 at the most."""
        ...

    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]:
        """Those of them that there are, in the order of the codes."""
        ...

    async def my_parts(self, composite: str) -> tuple[Idea, ...]:
        """This member's ideas that were merged into it, directly or through another composite."""
        ...

    async def queue(self, body: str, late_with: Collection[str], limit: int) -> Queue:
        """What waits for this body, and what is late with one of those others; the longest waiting first."""
        ...

    async def astray(self, limit: int) -> Queue:
        """What no body has and none has answered: ideas at the stage `received`; the longest waiting first."""
        ...

    async def receipt(self, code: str) -> Receipt | None:
        """For the latest seal."""
        ...

    async def supports(self, code: str) -> bool:
        """Whether this member supports it."""
        ...

    async def supporters(self, code: str) -> int:
        """How many do."""
        ...

    async def bodies(self) -> Bodies:
        """All, without their members."""
        ...

    async def offices(self) -> frozenset[Office]:
        """This member's, declared for any of their addresses."""
        ...

    async def member_at(self, address: Address) -> Member | None:
        """Who is reached there, if anybody yet (not locked)."""
        ...

    async def addresses(self) -> tuple[Address, ...]: ...
    async def link_offer(self, code: str, now: datetime) -> LinkOffer | None:
        """The offer with this code if it still stands, the other member locked too."""
        ...

    async def organiser_code(self, code: str, now: datetime) -> bool: ...
    async def body(self, slug: str) -> Body | None: ...
    async def body_at(self, place: Place) -> Body | None:
        """The body whose channel this is."""
        ...

    async def topics(self) -> tuple[Topic, ...]: ...
    async def followed(self) -> frozenset[str]: ...
    async def audience_size(self, consultation: str, audience: Audience) -> int:
        """How many members an invitation could reach now: consented, not stopped, not gone, not finished."""
        ...

    async def broadcast(self, id: str) -> "Broadcast | None": ...
    async def status(self, consultation: str) -> Status | None: ...
    async def health(self, now: datetime) -> Health:
        """As `Store.health`."""
        ...

    async def handover(self, id: int) -> Handover | None:
        """None where it has ended."""
        ...

    async def has_roll(self) -> bool:
        """Whether there is a membership roll at all."""
        ...

    async def tries(self, since: datetime) -> int:
        """How often this member tried in vain to be verified."""
        ...

    async def tries_of_number(self, number: str, since: datetime) -> int:
        """How often anybody tried that number in vain. Asked after `roll_row`, so that nobody tries it meanwhile."""
        ...

    async def roll_row(self, claims: Sequence[Hashed]) -> RollRow | None:
        """The row of the roll that one of these leads to, locked."""
        ...

    async def kept(self) -> Kept:
        """Everything that is kept about this member."""
        ...

    async def record(self, session: Session, events: Sequence[Event], posts: Sequence[Post]) -> None:
        """All that the turn brought about. Raises CodeTaken, StoryMoved, NameTaken, and TakenBefore where another
        delivery of the inbound was recorded since `seen` was asked."""
        ...


class Store(Protocol):
    """What is remembered."""

    def work(self, inbound: Inbound) -> AbstractAsyncContextManager[Work]: ...
    async def record(self, events: Sequence[Event], posts: Sequence[Post] = (), by: By | None = None) -> None:
        """Facts that are nobody's turn (the desk, an organiser's command line, the scheduler). `by`: who brought them
        about, so that what they did in office stands in the log. Raises as `Work.record`."""
        ...

    async def consultation(self, slug: str) -> Consultation | None: ...
    async def consultations(self) -> tuple[Consultation, ...]:
        """All, newest loaded first."""
        ...

    async def idea(self, code: str) -> Idea | None: ...
    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]: ...
    async def ideas_of(self, address: Address) -> tuple[Idea, ...]: ...
    async def member_at(self, address: Address) -> Member | None: ...
    async def has_organiser(self) -> bool:
        """Whether there is one of the whole organisation."""
        ...

    async def answers_at(self, address: Address, consultation: str) -> Answers: ...
    async def card_at(self, place: Place) -> str | None:
        """The consultation whose card started the thread of this place."""
        ...

    async def body(self, slug: str) -> Body | None: ...
    async def bodies(self) -> Bodies:
        """All, without their members."""
        ...

    async def topics(self) -> tuple[Topic, ...]: ...
    async def supporters(self, code: str) -> int: ...
    async def status(self, consultation: str) -> Status | None: ...
    async def sweep(self, now: datetime) -> int:
        """Throws away what has expired: captures, link and organiser codes, inbound keys older than 30 days, tries
        to be found on the roll that count no more."""
        ...

    async def efface(self, now: datetime) -> int:
        """Destroys what a forgetting had to leave for a moment, the farewell above all: to be asked for so often that
        nothing of it stays longer than a minute. The number of farewells that are gone now."""
        ...

    async def health(self, now: datetime) -> Health:
        """Lanes, deliveries, turns and replies, over all processes."""
        ...

    async def retention(self) -> int | None:
        """Days for which finished deliveries are kept, as the organisation wants it; None for ever."""
        ...

    async def thin(self, before: datetime, most: int) -> int:
        """Throws away up to so many nudges and posts that were settled before that, and adds them to the totals, which
        `status` and `health` count in. A card under which people may still talk stays. How many went."""
        ...

    async def readiness(self) -> str:
        """Empty where the database is reached and its migrations are current; else a sentence why not."""
        ...


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


class Docket(Protocol):
    """What bodies have to answer and how they did, over all ideas: for clocks, and for the public board."""

    async def running(self, now: datetime) -> tuple[Open, ...]:
        """What is with a body that isn't noted as late, and whose days would all be over at `now` if every day had
        counted. The longest waiting first."""
        ...

    async def adrift(self) -> tuple[Open, ...]:
        """What is with a body that has ended."""
        ...

    async def to_close(self, declined_before: datetime) -> tuple[Idea, ...]:
        """Ideas whose story is at its end and doesn't say so: carried out or not, or declined before that time."""
        ...

    async def waiting_for(self, body: str) -> tuple[Open, ...]:
        """The longest waiting first."""
        ...

    async def tallies(self) -> tuple[Tally, ...]:
        """One for each body to which anything was ever sent."""
        ...

    async def opinions(self, body: str, limit: int) -> tuple[Entry, ...]:
        """The latest answers to “were you heard?” by authors whose idea this body answered last, but for those about
        ideas that are hidden."""
        ...

    async def moderated(self) -> Moderated: ...
    async def channels(self) -> tuple[Place, ...]:
        """The channels and groups that take part."""
        ...

    async def officers(self, body: str, roles: Collection[Role]) -> tuple[Address, ...]:
        """Where those are reached who hold one of these roles in it, as declared; but for those who are gone."""
        ...


class Ledger(Protocol):
    """The Merkle log over all story entries. Entries are recorded freely; sealing gives them their place."""

    async def seal(self, now: datetime, most: int, is_over: Callable[[], bool] = lambda: False) -> Seal | None:
        """Gives up to `most` waiting entries their place, in short transactions, fewer once it `is_over` (the process
        has to end); then seals the log; None where
        nothing came to it since its last seal. Two workers may do it at once. Raises LedgerDamaged, and seals nothing,
        where what is stored doesn't lead to the last seal's root."""
        ...

    async def waiting(self) -> Waiting | None:
        """The entries that have no place yet."""
        ...

    async def latest_seal(self) -> Seal | None: ...
    async def find_seal(self, size: int) -> Seal | None: ...
    async def seals(self, limit: int) -> tuple[Seal, ...]:
        """The newest first."""
        ...

    async def receipt(self, code: str, size: int | None = None) -> Receipt | None:
        """For the seal of that size, which must exist, else the latest; None where there is no such idea."""
        ...

    async def consistency(self, old: int, new: int) -> Consistency | None:
        """None unless 1 <= old <= new and that much is sealed."""
        ...

    async def audit(self, published: Sequence[Seal] = ()) -> Audit:
        """Computes everything again from the entries, and compares it with what is stored and with all seals, also
        those that were `published` and come from outside."""
        ...


class Messenger(Protocol):
    """Sends on one account. Never raises for what a platform answers."""

    async def send(self, to: Place, message: Message) -> Outcome: ...


class Messengers(Protocol):
    async def for_account(self, account: str) -> Messenger | None:
        """None where this process has no such account (a token is missing, a workspace uninstalled)."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a web chat. `ours`: we said it. `revision` rises with every new or changed line of the chat."""

    id: int
    revision: int
    ours: bool
    at: datetime
    message: Message


class Transcript(Protocol):
    """What a web chat shows: it has no platform behind it that would remember."""

    async def append(self, user: str, ours: bool, message: Message, at: datetime, key: str | None = None) -> int:
        """The new line's id; with a `key` seen before, the earlier line's, and nothing is added."""
        ...

    async def replace(self, user: str, line: int, message: Message) -> bool:
        """Changes one of our lines; False where there is no such line of ours in this chat."""
        ...

    async def lines(self, user: str, since: int = 0, limit: int = 200) -> tuple[Line, ...]:
        """The latest `limit`, by id, that are new or changed since that revision."""
        ...


class WrongSecret(Exception):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"what is kept as {kind} of {name} was sealed with another SECRET_KEY: set the one that this database was "
            "used with before (as SECRET_KEY_BEFORE, if it shall change), or connect it anew"
        )


class Vault(Protocol):
    """Secrets of installations (Slack's tokens), encrypted at rest. Values are JSON text."""

    async def keep(self, kind: str, name: str, secret: str) -> None: ...
    async def find(self, kind: str, name: str) -> str | None:
        """Raises WrongSecret where it was sealed with a key that we don't have."""
        ...

    async def names(self, kind: str) -> tuple[str, ...]: ...
    async def drop(self, kind: str, name: str) -> None: ...
