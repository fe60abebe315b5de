"""Made-up stories, the same in every run, and how a database is filled with them quickly."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from random import Random
from typing import TypeVar

from sqlalchemy import insert

from core.ledger.seals import SALT_BYTES
from core.members import Role
from core.receipts import ALPHABET, receipt_code
from core.standings import Stage, stand
from core.stories import Entry, EntryKind
from storage.database import Database
from storage.stories import write_entry
from storage.tables import idea, leaf, member, story

STORY = (EntryKind.SAID, EntryKind.ACKNOWLEDGED, EntryKind.SENT, EntryKind.DECLINED)
"""Half of the entries have words in them."""

SINCE = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORDS = (
    "the library bus trees evening pupils rent street why café Sunday more safe council “we” swim ysgol young".split()
)
PAGE = 10_000

MEMBERS = 100

Told = Callable[[str, int], object]
"""Hears what was done, and for how many entries so far."""

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Written:
    code: str
    number: int
    entry: Entry


def code_of(number: int) -> str:
    """Spread over the whole alphabet, as minted ones are; no two are alike below 32 ** 7."""
    mixed = number * 19_660_907_641 % 32**7
    return receipt_code("".join(ALPHABET[mixed >> shift & 31] for shift in range(0, 35, 5)))


def ideas_of(entries: int) -> int:
    return -(-entries // len(STORY))


def written(count: int, first: int = 0) -> Iterator[Written]:
    """So many entries, of ideas numbered from `first` on: all that are said, then all that are acknowledged, … so that
    the entries of one story lie far apart, as they do in life."""
    dice = Random(first)  # noqa: S311  # words, not secrets
    ideas = ideas_of(count)
    for place in range(count):
        turn, which = divmod(place, ideas)
        at = SINCE + timedelta(milliseconds=37 * place)
        yield Written(code_of(first + which), turn + 1, _an_entry(STORY[turn], at, dice))


def _an_entry(kind: EntryKind, at: datetime, dice: Random) -> Entry:
    words = " ".join(dice.choices(WORDS, k=dice.randrange(5, 50)))
    match kind:
        case EntryKind.SAID:
            return Entry(kind, at, text=words)
        case EntryKind.SENT:
            return Entry(kind, at, next="transport", days=42)
        case EntryKind.DECLINED:
            return Entry(kind, at, reason=words, body="transport", by=Role.SECRETARY)
        case _:
            return Entry(kind, at)


async def fill(database: Database, count: int, first: int = 0, told: Told = lambda *_: None) -> list[str]:
    """Writes the entries with their ideas, by a few members, in big pages; nothing of it is sealed. The codes."""
    ideas = range(ideas_of(count))
    codes = [code_of(first + which) for which in ideas]
    async with database.writing() as connection:
        people = [{"name": "", "language": "en"}] * MEMBERS
        authors = (await connection.scalars(insert(member).returning(member.c.id), people)).all()
        for page in pages(ideas):
            rows = [
                an_idea(codes[which], authors[which % MEMBERS], len(range(which, count, len(ideas)))) for which in page
            ]
            await connection.execute(insert(idea), rows)
    for at, entries in enumerate(pages(written(count, first)), 1):
        rows = [{"idea": one.code, **write_entry(one.entry)} for one in entries]
        async with database.writing() as connection:
            numbers = (await connection.scalars(insert(story).returning(story.c.id), rows)).all()
            salts = [{"entry": number, "salt": secrets.token_bytes(SALT_BYTES)} for number in numbers]
            await connection.execute(insert(leaf), salts)
        told("written", min(at * PAGE, count))
    return codes


def an_idea(code: str, author: int, length: int) -> dict[str, object]:
    return {
        "code": code,
        "member_id": author,
        "account": "telegram:1",
        "chat": "1",
        "message": code,
        "attachments": "[]",
        "said_at": SINCE,
        "stage": _stage(length).value,
        "stage_at": SINCE,
        "entries": length,
        "is_hidden": False,
    }


@cache
def _stage(length: int) -> Stage:
    """After so many entries of a story."""
    return stand(_an_entry(kind, SINCE, Random(0)) for kind in STORY[:length]).stage  # noqa: S311  # words again


def pages(all_of_them: Iterable[One]) -> Iterator[list[One]]:
    rest = iter(all_of_them)
    while page := list(islice(rest, PAGE)):
        yield page
