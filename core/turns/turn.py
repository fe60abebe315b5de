"""A scene is all that a turn may look at; a turn is all that it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from core.authority import Authority
from core.bodies import Bodies, Body, Office, Power, Topic
from core.consultations import Consultation
from core.events import Event
from core.flows.problems import Checked, Problem
from core.handovers import Handover
from core.health import Health
from core.ideas import Capture, Idea
from core.inbound import Commanded, Inbound, Pressed
from core.kept import Kept
from core.ledger.seals import Receipt
from core.members import Address, Member
from core.outbound import Say
from core.places import Place
from core.ports import Broadcast, LinkOffer
from core.prompts import Answers
from core.queues import Queue
from core.rolls import RollRow
from core.sessions import Session, Step
from core.status import Status
from core.texts import Phrase, Words

if TYPE_CHECKING:
    from core.flows.bodies import Declared  # and with it what reads YAML

File: TypeAlias = "Checked[Consultation] | Checked[Declared] | tuple[Problem, ...]"
"""What an organiser sent, read; or its mistakes."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Fresh codes this turn may use, each once."""

    receipts: tuple[str, ...]
    token: str
    secret: str = ""
    """Only where the turn needs one: as long as what nobody can guess has to be."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What `core.gathering` loaded for this turn; what it had no need of stays empty.

    `languages` maps each language of ours to its own name; `usual_timezone` is for whom we know no other. `author` is
    who said the quoted words, if we know them; `said_in` the body whose channel this is. `ideas` are those that a step
    of the session is about; `parts` this member's ideas within the composite that `idea` is, and `composite` the one
    that it is itself part of. `roll_numbers`: hashes of the membership number that was just typed, `roll` the row that
    number and postcode lead to, `tries` how often they tried today, `tries_of_number` how often anybody tried the
    number, which is `tried`. `handover`: a person in office talks with them here; `session` is then where they are with
    the bot beneath. `was_beaten`: somebody else has taken the name that was to be taken, since they sent it.
    """

    inbound: Inbound
    now: datetime
    member: Member
    session: Session
    codes: Codes
    languages: Mapping[str, str]
    public_url: str = ""
    desk_url: str = ""
    usual_timezone: str = "UTC"
    open: tuple[Consultation, ...] = ()
    consultation: Consultation | None = None
    answers: Answers = field(default_factory=dict)
    has_finished: bool = False
    capture: Capture | None = None
    idea: Idea | None = None
    mine: tuple[Idea, ...] = ()
    author: Member | None = None
    addresses: tuple[Address, ...] = ()
    offer: LinkOffer | None = None
    organiser_code_is_good: bool = False
    body: Body | None = None
    bodies: Bodies = field(default=Bodies())
    offices: frozenset[Office] = frozenset()
    said_in: Body | None = None
    ideas: tuple[Idea, ...] = ()
    queue: Queue = field(default=Queue())
    parts: tuple[Idea, ...] = ()
    composite: Idea | None = None
    receipt: Receipt | None = None
    supports: bool = False
    supporters: int = 0
    topics: tuple[Topic, ...] = ()
    followed: frozenset[str] = frozenset()
    reach: int = 0
    broadcast: Broadcast | None = None
    status: Status | None = None
    health: Health | None = None
    kept: Kept | None = None
    has_roll: bool = False
    roll_numbers: tuple[str, ...] = ()
    roll: RollRow | None = None
    tries: int = 0
    tried: str = ""
    tries_of_number: int = 0
    handover: Handover | None = None
    file: "File | None" = None
    was_beaten: bool = False

    @property
    def place(self) -> Place:
        return self.inbound.place

    @property
    def is_private(self) -> bool:
        return self.inbound.place.private

    @property
    def was_pressed(self) -> bool:
        return isinstance(self.inbound.deed, Pressed)

    @property
    def message(self) -> str | None:
        """The platform's id of the member's own message, where there is one to answer."""
        deed = self.inbound.deed
        return deed.message if isinstance(deed, Commanded) else None

    def with_answers(self, answers: Answers) -> "Scene":
        return replace(self, answers=answers)

    def following(self, topics: frozenset[str]) -> "Scene":
        return replace(self, followed=topics)

    @property
    def authority(self) -> Authority:
        return Authority.of(self.member, self.offices, self.bodies)

    def may(self, power: Power, body: str) -> bool:
        """By an office of theirs; organisers may moderate everywhere."""
        if power is Power.MODERATE and self.authority.organises_all:
            return True
        return self.bodies.may(self.offices, power, body)

    def timezone(self, consultation: Consultation | None = None) -> str:
        about = consultation or self.consultation
        return self.member.timezone or (about.timezone if about else self.usual_timezone)


@dataclass(frozen=True, slots=True)
class Turn:
    """`problems`: what is wrong with a submitted form, by prompt key; then nothing else happened."""

    session: Session
    says: tuple[Say, ...] = ()
    events: tuple[Event, ...] = ()
    problems: Mapping[str, Phrase] = field(default_factory=dict)

    def then(self, later: "Turn") -> "Turn":
        """This, and after it the later one: where the member stands then is where the later one leaves them."""
        return Turn(later.session, (*self.says, *later.says), (*self.events, *later.events))

    def with_events(self, *events: Event) -> "Turn":
        return replace(self, events=(*events, *self.events))

    def opening_with(self, *words: Words) -> "Turn":
        """The same, with words before those of the first message."""
        if not self.says:
            return self
        first = replace(self.says[0], paragraphs=(*words, *self.says[0].paragraphs))
        return replace(self, says=(first, *self.says[1:]))

    def titled(self, title: Words) -> "Turn":
        """The same, with a title over the first message."""
        return replace(self, says=(replace(self.says[0], title=title), *self.says[1:])) if self.says else self


def stay(scene: Scene, *says: Say) -> Turn:
    """An answer that leaves the member where they are."""
    return Turn(scene.session, says)


def go(step: Step, *says: Say) -> Turn:
    return Turn(Session(step), says)
