"""Entries of stories as rows: written with their salts, read back as they were, and their words destroyed."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ledger.seals import SALT_BYTES
from core.members import Role
from core.stories import Entry, EntryKind, Rule
from storage.database import insert
from storage.tables import leaf, story

ENTRY = (
    story.c.kind, story.c.at, story.c.text, story.c.reason, story.c.body, story.c.by_role, story.c.next_body,
    story.c.days, story.c.other, story.c.on_day, story.c.score, story.c.rule,
)  # fmt: skip
"""What an entry is read from: `read_entry` takes any row that has these."""


def read_entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        EntryKind(row.kind),
        row.at,
        row.text,
        row.reason,
        row.body,
        row.by_role and Role(row.by_role),
        row.next_body,
        row.days,
        row.other,
        row.on_day,
        row.score,
        row.rule and Rule(row.rule),
    )


def write_entry(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind.value,
        "at": entry.at,
        "text": entry.text,
        "reason": entry.reason,
        "body": entry.body,
        "by_role": entry.by and entry.by.value,
        "next_body": entry.next,
        "days": entry.days,
        "other": entry.other,
        "on_day": entry.on,
        "score": entry.score,
        "rule": entry.rule and entry.rule.value,
    }


async def add_entries(connection: AsyncConnection, code: str, entries: Iterable[Entry]) -> Sequence[int]:
    """Each entry with its salt; sealing gives it its place in the log. Gives the rows' numbers."""
    rows = [{"idea": code, **write_entry(entry)} for entry in entries]
    numbers = (await connection.scalars(insert(connection, story).returning(story.c.id), rows)).all()
    salts = [{"entry": number, "salt": secrets.token_bytes(SALT_BYTES)} for number in numbers]
    await connection.execute(insert(connection, leaf), salts)
    return numbers


async def destroy_words(connection: AsyncConnection, code: str, before: int) -> None:
    """The author's words in the entries before that row, and the salts that would prove them: these first, for only
    then do the triggers let words go."""
    worded = (story.c.idea == code) & (story.c.id < before) & story.c.text.is_not(None)
    entries = select(story.c.id).where(worded)
    await connection.execute(update(leaf).where(leaf.c.entry.in_(entries)).values(salt=None))
    await connection.execute(update(story).where(worded).values(text=None))
