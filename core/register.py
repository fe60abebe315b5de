"""The register: the members whom an organiser sees, how they are looked for, and what is known of one.

`scope` everywhere: the bodies that somebody organises, as `Authority.scope` has it; None for the whole organisation.
Members of a body in it are seen, and nobody else.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from core.bodies import Office
from core.deeds import By
from core.kept import Kept, TakingPart
from core.members import Address, Member, Role
from core.ports import Post
from core.texts import Phrase, T

ROLES: dict[Role, Phrase] = {
    Role.MEMBER: T("member"),
    Role.FACILITATOR: T("facilitator"),
    Role.SECRETARY: T("secretary"),
    Role.ORGANISER: T("organiser"),
    Role.REPRESENTATIVE: T("representative"),
}

LONGEST_NAME = 80
"""Of what is looked for, and of a group."""


class Consent(StrEnum):
    AGREED = "agreed"
    """And neither stopped nor unreachable: whoever can be asked."""
    NOT_YET = "not-yet"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"


class Activity(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    QUIET = "quiet"
    """Not within a year."""
    TOOK_PART = "took-part"
    NEVER = "never"
    """Never took part."""

    @property
    def within(self) -> timedelta | None:
        return _SPANS.get(self)


_SPANS = {
    Activity.MONTH: timedelta(days=30),
    Activity.QUARTER: timedelta(days=91),
    Activity.YEAR: timedelta(days=365),
    Activity.QUIET: timedelta(days=365),
}


class Proof(StrEnum):
    VERIFIED = "yes"
    UNVERIFIED = "no"
    CLASH = "clash"
    """Showed that a row of the roll is theirs which somebody else had claimed."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom to show. All that is set has to hold."""

    name: str = ""
    body: str = ""
    role: Role | None = None
    channel: str = ""
    language: str = ""
    consent: Consent | None = None
    activity: Activity | None = None
    proof: Proof | None = None

    @property
    def is_everybody(self) -> bool:
        return self == Sought()

    def written(self) -> dict[str, str]:
        """As it stands in an address and in a saved group: what is set, by name."""
        told = {
            "name": self.name, "body": self.body, "role": self.role, "channel": self.channel,
            "language": self.language, "consent": self.consent, "activity": self.activity, "verified": self.proof,
        }  # fmt: skip
        return {name: str(value) for name, value in told.items() if value}


def read_sought(written: Mapping[str, str]) -> Sought:
    """What can't be read is left out: an old address, or a slip, shows more rather than nothing."""

    def word(name: str) -> str:
        typed = " ".join(written.get(name, "").replace("\0", "").split())
        return typed[:LONGEST_NAME]

    return Sought(
        word("name"),
        word("body"),
        Role(word("role")) if word("role") in set(Role) else None,
        word("channel"),
        word("language"),
        Consent(word("consent")) if word("consent") in set(Consent) else None,
        Activity(word("activity")) if word("activity") in set(Activity) else None,
        Proof(word("verified")) if word("verified") in set(Proof) else None,
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """One member in the list. `offices` only those within the scope of who looks; `is_reached`: there is an address
    that can be written to; `seen_at`: when they last wrote."""

    member: Member
    channels: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()
    is_reached: bool = True
    seen_at: datetime | None = None
    took_part_at: datetime | None = None

    @property
    def consent(self) -> Consent:
        if self.member.has_stopped:
            return Consent.STOPPED
        if not self.is_reached:
            return Consent.UNREACHABLE
        return Consent.AGREED if self.member.has_consented else Consent.NOT_YET


@dataclass(frozen=True, slots=True)
class Counted:
    all: int = 0
    agreed: int = 0
    stopped: int = 0
    unreachable: int = 0
    verified: int = 0

    @property
    def not_yet(self) -> int:
        return self.all - self.agreed - self.stopped - self.unreachable


@dataclass(frozen=True, slots=True)
class HeldOffice:
    """`by_hand`: declared at the desk, by import or by the roll; else it stands in the bodies file."""

    body: str
    role: Role
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Person:
    """All of one member that organisers may see: what they took part in, and never what they said there.
    `is_whole`: all their bodies are within the scope of who looks, so that they may also merge and erase; whoever is in
    no body, or organises the whole organisation, only those may who do so themselves."""

    listed: Listed
    offices: tuple[HeldOffice, ...]
    took_part: tuple[TakingPart, ...]
    is_whole: bool
    claimed_at: datetime | None = None
    clashes_with: tuple[int, ...] = ()
    has_more_offices: bool = False

    @property
    def member(self) -> Member:
        return self.listed.member


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    sought: Sought
    at: datetime


@dataclass(frozen=True, slots=True)
class OnTheRoll:
    """`waiting`: addresses that were named and haven't written yet."""

    rows: int = 0
    claimed: int = 0
    clashes: int = 0
    waiting: int = 0


class Register(Protocol):
    async def count(
        self, scope: frozenset[str] | None, sought: Sought, now: datetime, most: int | None = None
    ) -> Counted:
        """Where there are more than `most`, one more than that is counted, which is quick."""
        ...

    async def page(
        self, scope: frozenset[str] | None, sought: Sought, now: datetime, limit: int, before: int | None = None
    ) -> Sequence[Listed]:
        """The newest first. `before`: only those with a smaller number."""
        ...

    def all(self, scope: frozenset[str] | None, sought: Sought, now: datetime) -> AsyncIterator[Sequence[Listed]]:
        """In pages, for a file."""
        ...

    async def languages(self) -> tuple[str, ...]:
        """Those that members read."""
        ...

    async def person(self, scope: frozenset[str] | None, id: int) -> Person | None:
        """None where there is none whom they may see."""
        ...

    async def doubles(self, scope: frozenset[str] | None, id: int) -> Sequence[Listed]:
        """Whoever may be the same person: of the same name in the same body, or showing the same row of the roll."""
        ...

    async def give(self, by: By, id: int, office: Office) -> None: ...
    async def take(self, by: By, id: int, office: Office) -> bool:
        """False where it isn't declared by hand."""
        ...

    async def merge(self, by: By, id: int, other: int, posts: Sequence[Post]) -> bool:
        """The other's everything becomes this member's, who is told. False where one of them isn't there any more."""
        ...

    async def erase(self, by: By, id: int, posts: Sequence[Post]) -> bool: ...
    async def unverify(self, by: By, id: int) -> None: ...
    async def kept(self, id: int) -> Kept | None: ...
    async def reached(self, id: int) -> Address | None:
        """Where they would be written to."""
        ...

    async def send(self, by: By, id: int, post: Post) -> None:
        """A message to them, and a line in the log that it was sent."""
        ...

    async def on_the_roll(self, scope: frozenset[str] | None) -> OnTheRoll: ...


class Groups(Protocol):
    async def save(self, by: By, scope: frozenset[str] | None, name: str, sought: Sought) -> int: ...
    async def drop(self, by: By, scope: frozenset[str] | None, id: int) -> bool: ...
    async def of(self, member: int, scope: frozenset[str] | None) -> Sequence[Group]: ...
