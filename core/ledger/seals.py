"""What the ledger says: commitments to story entries, seals over all of them, receipts for one idea, findings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from core.ledger.tree import leaf_hash
from core.stories import Entry

SALT_BYTES = 32

SEALED_WITHIN = timedelta(minutes=10)
"""How long an entry waits for its seal at the most: what a receipt promises."""

SEALED_AT_ONCE = 1_000
"""So many waiting entries are sealed without waiting any longer."""

OVERDUE = timedelta(hours=1)
"""An entry that waits longer than this is complained about."""

SAID_IF_THERE = ("body", "by", "days", "next", "on", "other", "reason", "rule", "score", "text")

Told = Mapping[str, str | int]
"""An entry as it is committed to: names and values. What it doesn't say isn't there."""


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class LedgerDamaged(Exception):
    """What is stored doesn't add up, so nothing is built on it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the ledger is damaged: {why}. Run `folkmoot verify --ledger` to see where")


@dataclass(frozen=True, slots=True)
class Seal:
    """The root over the first `size` entries of the log."""

    size: int
    root: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Consistency:
    """The proof that the log of size `new` is the log of size `old` with something added."""

    old: int
    new: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, what its commitment is made with, and the way from it to the seal's root."""

    told: Told
    salt: bytes
    position: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """An entry whose salt was destroyed at its author's request: its place stands, and nothing of it can be told."""

    number: int
    position: int
    leaf: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """All of one idea's story. `waiting`: said after the seal was made, to be sealed by `sealed_by`."""

    code: str
    seal: Seal | None
    entries: tuple[Proven | Erased, ...]
    waiting: tuple[Told, ...] = ()
    sealed_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entries that have no place in the log yet, and when the earliest of them was said."""

    count: int
    since: datetime

    def is_due(self, now: datetime) -> bool:
        return self.count >= SEALED_AT_ONCE or now - self.since >= SEALED_WITHIN

    def is_overdue(self, now: datetime) -> bool:
        return now - self.since >= OVERDUE


@dataclass(frozen=True, slots=True)
class Finding:
    """Something stored that isn't as it was sealed; `code` and `position` of the entry where it is one."""

    sentence: str
    code: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What a look at the whole ledger found. `more`: findings beyond those that are listed."""

    entries: int
    erased: int
    seals: int
    findings: tuple[Finding, ...]
    more: int = 0

    @property
    def is_good(self) -> bool:
        return not self.findings


def tell(code: str, number: int | None, entry: Entry) -> dict[str, str | int]:
    """An entry as it is committed to: what it doesn't say is left out. `number` counts the entries of one story from 1;
    without one while it waits."""
    told: dict[str, str | int] = {"at": instant(entry.at), "code": code, "kind": entry.kind.value}
    if number is not None:
        told["number"] = number
    for name in SAID_IF_THERE:
        value = getattr(entry, name)
        if value is not None:
            told[name] = value.isoformat() if isinstance(value, date) else value
    return told


def instant(at: datetime) -> str:
    """In UTC, to the microsecond, always written in one way."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def commit(salt: bytes, told: Told) -> bytes:
    """SHA-256 of the salt and the entry in canonical JSON (RFC 8785): names in order, no spaces, UTF-8. Only strings
    and whole numbers occur, for which Python's writing is that of the RFC."""
    return sha256(salt + _canonical(dict(told)).encode()).digest()


def commitment(salt: bytes, code: str, number: int, entry: Entry) -> bytes:
    return commit(salt, tell(code, number, entry))


def leaf_of(entry: Proven | Erased) -> bytes:
    return entry.leaf if isinstance(entry, Erased) else leaf_hash(commit(entry.salt, entry.told))
