"""People: a member, the addresses they are reached at, and the roles they hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One member on one account: `telegram:BOT_ID`, `slack:TEAM_ID` or `web`, and the user's id there."""

    account: str
    user: str

    @property
    def channel(self) -> str:
        """`telegram`, `slack` or `web`."""
        return self.account.partition(":")[0]


class Role(StrEnum):
    MEMBER = "member"
    FACILITATOR = "facilitator"
    SECRETARY = "secretary"
    ORGANISER = "organiser"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True)
class Member:
    """A person, whichever of their addresses they speak from.

    `timezone` is an IANA name, or None while we don't know it; `language` a BCP 47 code. `verified_at`: when they
    showed that they are on the membership roll.
    """

    id: int
    name: str
    language: str
    timezone: str | None = None
    consented_at: datetime | None = None
    stopped_at: datetime | None = None
    is_organiser: bool = False
    verified_at: datetime | None = None

    @property
    def has_consented(self) -> bool:
        return self.consented_at is not None

    @property
    def has_stopped(self) -> bool:
        return self.stopped_at is not None
