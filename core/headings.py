"""Headings: which column of a file holds what, whichever language its first row is in."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LONGEST_CELL = 2_000
NEARLY = 82
"""From which likeness on, of 100, a heading is taken for a slip of one that we know; it is then asked about."""


class Part(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    POSTCODE = "postcode"
    NUMBER_HASH = "number_hash"
    ROLL_HASH = "roll_hash"
    CHANNEL = "channel"
    USER = "user_id"
    NAME = "name"
    BODY = "body"
    ROLE = "role"
    LANGUAGE = "language"
    TOPICS = "topics"


HEADINGS: Mapping[Part, tuple[str, ...]] = {
    Part.NUMBER: (
        "number", "membership number", "member number", "membership no", "member no", "member id", "membership id",
        "rhif", "rhif aelodaeth", "rhif aelod",
    ),
    Part.POSTCODE: ("postcode", "post code", "postal code", "zip", "zip code", "cod post"),
    Part.NUMBER_HASH: ("number_hash",),
    Part.ROLL_HASH: ("roll_hash",),
    Part.CHANNEL: ("channel", "account", "app", "platform", "sianel", "cyfrif", "ap"),
    Part.USER: ("user id", "userid", "user", "chat id", "telegram id", "slack id", "id defnyddiwr", "defnyddiwr"),
    Part.NAME: ("name", "full name", "display name", "enw", "enw llawn"),
    Part.BODY: (
        "body", "bodies", "branch", "branches", "society", "commission", "committee", "corff", "cyrff", "cangen",
        "canghennau", "cymdeithas", "comisiwn", "pwyllgor",
    ),
    Part.ROLE: ("role", "roles", "office", "rol", "swydd"),
    Part.LANGUAGE: ("language", "lang", "iaith"),
    Part.TOPICS: ("topics", "topic", "interests", "pynciau", "pwnc", "diddordebau"),
}  # fmt: skip

NEEDED: tuple[frozenset[Part], ...] = (
    frozenset({Part.CHANNEL, Part.USER}),
    frozenset({Part.NUMBER, Part.POSTCODE}),
    frozenset({Part.NUMBER_HASH, Part.ROLL_HASH}),
)
"""Columns that go together; a file has one of these at the least."""


@dataclass(frozen=True, slots=True)
class Columns:
    """`parts`: what each column is taken to hold, None where it is left out. `is_sure` False: better asked about."""

    parts: tuple[Part | None, ...]
    is_sure: bool = True

    @property
    def is_enough(self) -> bool:
        return any(needed <= set(self.parts) for needed in NEEDED) and not self.repeated

    @property
    def repeated(self) -> tuple[Part, ...]:
        found = [part for part in self.parts if part is not None]
        return tuple(part for part in Part if found.count(part) > 1)

    def of(self, cells: Sequence[str]) -> dict[Part, str]:
        pairs = zip(self.parts, cells, strict=False)
        return {
            part: " ".join(cell.replace("\0", "").split())[:LONGEST_CELL] for part, cell in pairs if part is not None
        }


def recognise(header: Sequence[str]) -> Columns:
    """By their headings. What only reads alike is a guess."""
    known = {plain_letters(heading): part for part, headings in HEADINGS.items() for heading in headings}
    parts, is_sure = list[Part | None](), True
    for heading in header:
        plain = plain_letters(heading[:LONGEST_CELL])
        part = known.get(plain)
        if part is None and plain:
            from rapidfuzz import fuzz, process  # loaded once a heading is none that we know

            near = process.extractOne(plain, known.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY)
            part = known[near[0]] if near else None
            is_sure = is_sure and near is None
        parts.append(part)
    found = Columns(tuple(parts), is_sure)
    return Columns(found.parts, found.is_sure and found.is_enough)


@lru_cache(2_000)
def plain_letters(heading: str) -> str:
    """Without accents, capitals, and whatever stands between words."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
