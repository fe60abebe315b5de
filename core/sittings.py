"""Sittings: somebody at the desk, in one browser, from a one-time link until they leave or the time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from core.authority import Authority
from core.members import Address

LINK_LASTS = timedelta(minutes=15)
IDLE_LASTS = timedelta(days=7)
"""A sitting ends when nothing was asked in it for so long."""
LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sitting:
    """`browser`: in a few words. `address`: where the link was sent to, or where they proved who they are."""

    id: int
    authority: Authority
    begun_at: datetime
    seen_at: datetime
    browser: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser keeps, and nobody else does."""

    secret: str
    member: int


class Sittings(Protocol):
    async def has_link(self, secret: str, now: datetime) -> bool:
        """Whether this link still leads in; looking uses nothing up."""
        ...

    async def redeem(self, secret: str, now: datetime, browser: str) -> Begun | None:
        """Uses the link up. None where there is no such link any more."""
        ...

    async def begin(self, who: Address, now: datetime, browser: str) -> Begun | None:
        """For somebody whose platform has told us who they are; None where they are nobody whom we know."""
        ...

    async def find(self, secret: str, now: datetime) -> Sitting | None:
        """With what they may do as it stands now. Notes that they were seen, about once a minute."""
        ...

    async def of(self, member: int, now: datetime) -> tuple[Sitting, ...]:
        """The latest seen first."""
        ...

    async def end(self, member: int, id: int) -> None: ...
    async def end_others(self, member: int, besides: int) -> None: ...


def digest(secret: str) -> str:
    """What is kept of a secret that has enough of chance in it: whoever reads the database can't sit down with it."""
    return sha256(secret.encode()).hexdigest()
