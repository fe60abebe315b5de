"""What the memory store remembers, as plain values: so that a turn that fails can be undone by putting copies back."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from core.bodies import Bodies, Body, Office, Topic
from core.calendars import EVERY_DAY, Holidays
from core.consultations import Audience, Consultation, NudgeKind
from core.deliveries import Condition, DeliveryState, NewsRef, NudgeRef, Priority
from core.handovers import Handover, Spoken
from core.ideas import Capture, Idea
from core.members import Address, Member, Role
from core.outbound import Message
from core.places import Place
from core.ports import Broadcast
from core.prompts import Value
from core.rolls import Hashed, RollRow


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: int
    name: str
    language: str
    language_chosen: bool = False
    timezone: str | None = None
    timezone_chosen: bool = False
    consented_at: datetime | None = None
    stopped_at: datetime | None = None
    organiser: bool = False
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddressRow:
    id: int
    member: int
    seen_at: datetime
    session: str = ""
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    definition: Consultation
    now: Consultation
    at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    member: int
    consultation: str
    prompt: str
    value: Value | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Ordered:
    number: int
    broadcast: Broadcast
    planned_to: int = 0
    asked_once: int = 0


@dataclass(frozen=True, slots=True)
class LaneRow:
    owner: str | None = None
    epoch: int = 0
    until: datetime | None = None
    condition: Condition = field(default=Condition(0.0))
    trouble_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    id: int
    to: Place
    priority: Priority
    content: Message | NudgeRef | NewsRef | None
    state: DeliveryState = DeliveryState.PLANNED
    broadcast: int | None = None
    consultation: str | None = None
    member: int | None = None
    key: str | None = None
    attempts: int = 0
    not_before: datetime | None = None
    expires_at: datetime | None = None
    at: datetime | None = None
    asked_at: datetime | None = None
    message: str | None = None
    why: str = ""
    resent_at: datetime | None = None


@dataclass(slots=True)
class Memory:
    numbers: int = 0
    members: dict[int, MemberRow] = field(default_factory=dict)
    addresses: dict[Address, AddressRow] = field(default_factory=dict)
    inbound: dict[str, datetime] = field(default_factory=dict)
    follows: set[tuple[int, str]] = field(default_factory=set)
    offers: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    roll: dict[str, tuple[Hashed, RollRow]] = field(default_factory=dict)
    tries: list[tuple[int, datetime]] = field(default_factory=list)
    guesses: list[tuple[str, datetime]] = field(default_factory=list)
    by_hand: dict[tuple[str, Address, Role], None] = field(default_factory=dict)
    organiser_codes: dict[str, datetime] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    holidays: Holidays = EVERY_DAY
    deliveries_kept: int | None = None
    channels: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    consultations: dict[str, Loaded] = field(default_factory=dict)
    begun: dict[tuple[int, str], datetime] = field(default_factory=dict)
    finished: dict[tuple[int, str], datetime] = field(default_factory=dict)
    answers: list[Given] = field(default_factory=list)
    ideas: dict[str, Idea] = field(default_factory=dict)
    supports: dict[tuple[str, int], datetime] = field(default_factory=dict)
    unsalted: set[tuple[str, int]] = field(default_factory=set)
    captures: dict[str, Capture] = field(default_factory=dict)
    discussed: dict[tuple[str, str, str], str] = field(default_factory=dict)
    broadcasts: dict[str, Ordered] = field(default_factory=dict)
    lanes: dict[str, LaneRow] = field(default_factory=dict)
    deliveries: dict[int, DeliveryRow] = field(default_factory=dict)
    handovers: dict[int, Handover] = field(default_factory=dict)
    talks: dict[int, tuple[Address, tuple[Spoken, ...]]] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    thinned: dict[tuple[int, DeliveryState, str], int] = field(default_factory=dict)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def copied(self) -> dict[str, object]:
        return {one.name: copy(getattr(self, one.name)) for one in fields(self)}

    def put_back(self, copied: dict[str, object]) -> None:
        for name, value in copied.items():
            if isinstance(value, dict | set):  # in place: a ledger may be looking at it
                now = getattr(self, name)
                now.clear()
                now.update(value)
            else:
                setattr(self, name, value)

    # --- people
    def change(self, member: int, **values: object) -> None:
        self.members[member] = replace(self.members[member], **values)  # type: ignore[arg-type]  # the caller names fields

    def addresses_of(self, member: int) -> tuple[Address, ...]:
        theirs = [(row.id, who) for who, row in self.addresses.items() if row.member == member]
        return tuple(who for _, who in sorted(theirs))

    def member(self, number: int) -> Member:
        row = self.members[number]
        return Member(
            row.id,
            row.name,
            row.language,
            row.timezone,
            row.consented_at,
            row.stopped_at,
            row.organiser,
            row.verified_at,
        )

    def member_at(self, who: Address) -> Member | None:
        row = self.addresses.get(who)
        return None if row is None else self.member(row.member)

    def reach(self, member: int) -> Address | None:
        """The address written from last that isn't gone; the web chat only where there is no other."""
        theirs = [who for who in self.addresses_of(member) if self.addresses[who].gone_at is None]
        return max(
            theirs,
            key=lambda who: (who.channel != "web", self.addresses[who].seen_at, self.addresses[who].id),
            default=None,
        )

    def answers_of(self, member: int, consultation: str) -> dict[str, Value | None]:
        given = [one for one in self.answers if one.member == member and one.consultation == consultation]
        return {one.prompt: one.value for one in given}

    def ideas_of(self, member: int) -> tuple[Idea, ...]:
        mine = [idea for idea in reversed(self.ideas.values()) if idea.author == member]
        return tuple(sorted(mine, key=lambda idea: idea.said_at, reverse=True))

    # --- bodies
    def body(self, slug: str) -> Body | None:
        found = self.bodies.get(slug)
        return None if found is None or found.has_ended else self._seated(found)

    def _seated(self, found: Body) -> Body:
        sits = sorted(where for where, (body, _) in self.channels.items() if body == found.slug)
        return replace(found, channels=tuple(Place(account, chat, private=False) for account, chat in sits))

    def all_bodies(self, timezone: str) -> Bodies:
        """The ended ones last, and seated nowhere."""
        living = [replace(self._seated(one), members=()) for one in self.bodies.values() if not one.has_ended]
        return Bodies((*living, *(one for one in self.bodies.values() if one.has_ended)), self.holidays, timezone)

    def load_bodies(self, bodies: tuple[Body, ...], topics: tuple[Topic, ...], holidays: Holidays) -> None:
        declared = {body.slug: body for body in bodies}
        gone = {slug: body for slug, body in self.bodies.items() if slug not in declared}
        ended = {slug: replace(body, members=(), channels=(), has_ended=True) for slug, body in gone.items()}
        sits = {(place.account, place.chat): (body.slug, False) for body in bodies for place in body.channels}
        self.bodies, self.topics, self.holidays = declared | ended, topics, holidays
        self.channels = sits | {where: seated for where, seated in self.channels.items() if seated[1]}

    def offices_of(self, member: int) -> frozenset[Office]:
        theirs = self.addresses_of(member)
        named = ((body.slug, *one) for body in self.bodies.values() for one in body.members)
        of_the_file = {(body, role) for body, who, role in named if who in theirs}
        return frozenset(of_the_file | {(body, role) for body, who, role in self.by_hand if who in theirs})

    # --- whom a broadcast can reach
    def is_reachable(self, member: int, kind: NudgeKind, slug: str, audience: Audience, at: datetime) -> bool:
        row = self.members[member]
        if row.consented_at is None or row.stopped_at is not None or self.reach(member) is None:
            return False
        finished = (member, slug) in self.finished
        if kind.asks:
            return not finished and self.is_in(member, audience, at)
        return finished or any(value is not None for value in self.answers_of(member, slug).values())

    def is_in(self, member: int, audience: Audience, at: datetime) -> bool:
        theirs, since = self.addresses_of(member), audience.active_since(at)
        if audience.verified and self.members[member].verified_at is None:
            return False
        if audience.languages and self.members[member].language not in audience.languages:
            return False
        if since is not None and not any(self.addresses[who].seen_at >= since for who in theirs):
            return False
        bodies = [self.bodies[slug] for slug in audience.bodies if slug in self.bodies]
        return (
            not (audience.bodies or audience.topics)
            or any(who in theirs for body in bodies for who, _ in body.members)
            or any((member, topic) in self.follows for topic in audience.topics)
        )

    def key_taken(self, key: str | None) -> bool:
        return key is not None and any(row.key == key for row in self.deliveries.values())

    def put(self, row: DeliveryRow) -> int:
        """Nothing, where its key was put before."""
        if self.key_taken(row.key):
            return 0
        self.lanes.setdefault(row.to.account, LaneRow())
        self.deliveries[row.id] = row
        return 1
