"""Handovers: for a while a person in office talks with an idea's author themselves, instead of the bot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.bodies import Bodies
from core.members import Member, Role
from core.places import Place
from core.telling import ROLES
from core.texts import T, Words

LASTS = timedelta(minutes=30)
"""Without a word from either, it ends by itself."""

KEPT = timedelta(days=30)
"""How long what was said stays after its end."""

LONGEST_WORDS = 3_000


@dataclass(frozen=True, slots=True)
class Handover:
    """`body` empty: an organiser, for no body in particular. `officer` None: nobody we know any more. `heard_at`: the
    last word of either. `place`: where it goes on."""

    id: int
    idea: str
    member: int
    officer: int | None
    body: str
    by: Role
    since: datetime
    heard_at: datetime
    place: Place
    ended_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or now - self.heard_at >= LASTS


@dataclass(frozen=True, slots=True)
class Spoken:
    """`by_officer`: else its author said it."""

    id: int
    at: datetime
    by_officer: bool
    text: str


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An idea's author, where they said it if they are still there, else where they are best reached."""

    member: Member
    place: Place


class Handovers(Protocol):
    async def author(self, code: str) -> Correspondent | None:
        """None where nobody can be reached."""
        ...

    async def about(self, code: str) -> Sequence[Handover]:
        """Those about that idea that are kept: the open one first, then the latest."""
        ...

    async def find(self, id: int) -> Handover | None: ...
    async def of(self, member: int) -> Handover | None:
        """The open one with that member, about whichever idea."""
        ...

    async def words(self, id: int, after: int = 0) -> Sequence[Spoken]: ...
    async def idle(self, since: datetime) -> Sequence[Handover]:
        """Open ones in which nobody has said a word since."""
        ...

    async def sweep(self, ended_before: datetime) -> int:
        """Throws away those that ended before, with all words. How many."""
        ...


def mark(handover: Handover, bodies: Bodies) -> Words:
    """With which everything begins that a person writes."""
    return signed(handover.body, handover.by, bodies)


def signed(body: str, by: Role, bodies: Bodies) -> Words:
    if not body:
        return T("✎ {office}", office=ROLES[by])
    return T("✎ {body}, {office}", body=bodies.name(body), office=ROLES[by])
