"""Access tokens: somebody's authority at the desk, lent to a program of theirs, narrowed by scopes and for a time."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Protocol
from zlib import crc32

from core.authority import Authority
from core.deeds import By
from core.texts import Phrase, T

PREFIX = "fm_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_BYTES = 24
_SYMBOLS, _CHECK = 33, 6
_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SYMBOLS + _CHECK}}}", re.ASCII)

LASTS_DAYS = (30, 90, 365)
LONGEST_NAME = 60
MOST_TOKENS = 50
"""That one member may have at a time."""


class Scope(StrEnum):
    CONSULTATIONS_READ = "consultations:read"
    CONSULTATIONS_WRITE = "consultations:write"
    ANSWERS_READ = "answers:read"
    IDEAS_READ = "ideas:read"
    IDEAS_WRITE = "ideas:write"
    BODIES_READ = "bodies:read"
    BODIES_WRITE = "bodies:write"
    MEMBERS_READ = "members:read"
    LOG_READ = "log:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


MEANS: dict[Scope, Phrase] = {
    Scope.CONSULTATIONS_READ: T("Read consultations, how they stand, their broadcasts and results"),
    Scope.CONSULTATIONS_WRITE: T("Write, open, close and broadcast consultations, publish outcomes"),
    Scope.ANSWERS_READ: T("Read every single answer, without names"),
    Scope.IDEAS_READ: T("Read ideas and their stories"),
    Scope.IDEAS_WRITE: T("Act upon ideas: accept, decline, pass on …"),
    Scope.BODIES_READ: T("Read bodies and topics"),
    Scope.BODIES_WRITE: T("Replace bodies and topics"),
    Scope.MEMBERS_READ: T("Read members: names, languages, offices"),
    Scope.LOG_READ: T("Read the log"),
    Scope.WEBHOOKS_READ: T("Read webhooks and what was delivered"),
    Scope.WEBHOOKS_WRITE: T("Set up, change and end webhooks"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of one without the secret itself. `seen_at`: when it was last used, to about a minute."""

    id: int
    member: int
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Shown:
    """A token that was just made: the one time that its secret is known."""

    token: Token
    secret: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token was shown, and what its owner may do as it stands now."""

    token: Token
    authority: Authority

    def may(self, scope: Scope) -> bool:
        return scope in self.token.scopes


class Tokens(Protocol):
    """Kept as digests. A token ends when its time is over, by its owner's hand, and when they lose their office."""

    async def make(self, by: By, name: str, scopes: Collection[Scope], lasts: timedelta) -> Shown | None:
        """None where they have as many as anybody may have."""
        ...

    async def find(self, secret: str, now: datetime) -> Bearer | None:
        """Notes that it was used, about once a minute. None where it is no token, or no longer one."""
        ...

    async def of(self, member: int) -> tuple[Token, ...]:
        """Those of one member, the newest first; also those whose time is over."""
        ...

    async def end(self, by: By, id: int) -> bool:
        """One of theirs. False where there is no such token of theirs."""
        ...


def write_token(random: bytes) -> str:
    """`fm_`, the random part, and six symbols that check it, so that whatever looks for lost secrets knows one."""
    number = int.from_bytes(random[:RANDOM_BYTES], "big")
    symbols = _in_symbols(number, _SYMBOLS)
    return f"{PREFIX}{symbols}{_check(symbols)}"


def is_token(shown: str) -> bool:
    """Whether it can be one: the symbols check. Nothing has to be looked up for what can't."""
    if not _FORM.fullmatch(shown):
        return False
    symbols, check = shown[len(PREFIX) : -_CHECK], shown[-_CHECK:]
    return compare_digest(_check(symbols), check)


def _check(symbols: str) -> str:
    return _in_symbols(crc32(symbols.encode()), _CHECK)


def _in_symbols(number: int, length: int) -> str:
    found = ""
    for _ in range(length):
        number, which = divmod(number, len(_ALPHABET))
        found = _ALPHABET[which] + found
    return found
