"""What is remembered, and one turn of one member within it."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.bodies import Bodies, Body, Office, Topic
from core.consultations import Audience, Consultation
from core.deeds import By
from core.deliveries import Priority
from core.events import Event
from core.handovers import Handover
from core.health import Health
from core.ideas import Capture, Idea
from core.inbound import Inbound
from core.kept import Kept
from core.ledger.seals import Receipt
from core.members import Address, Member
from core.outbound import Message
from core.places import Place
from core.ports.sending import Broadcast
from core.prompts import Answers
from core.queues import Queue
from core.rolls import Hashed, RollRow
from core.sessions import Session
from core.status import Status


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

    async def broadcast(self, id: str) -> Broadcast | None: ...
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
