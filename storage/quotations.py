"""A former member's words in what others wrote or are shown: found in the whole database, and taken out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState
from core.erasure import ERASED_WORDS, TheirWords, probe
from core.stories import EntryKind
from storage.desk.handovers import handover_word
from storage.outgoing import delivery, line
from storage.shapes import (
    read_consultation,
    read_localised,
    read_message,
    write_consultation,
    write_localised,
    write_message,
)
from storage.tables import consultation, story

_PROBES_AT_ONCE = 40
_ON_THEIR_WAY = delivery.c.state.in_([DeliveryState.PLANNED.value, DeliveryState.CLAIMED.value])


async def in_stories(connection: AsyncConnection, words: TheirWords) -> list[int]:
    """Entries of any story whose reason quotes them, and those of composites whose text does."""
    composites = select(story.c.idea).where(story.c.kind == EntryKind.COMPOSED.value)
    reasons = await _suspects(connection, story, story.c.reason, words)
    texts = await _suspects(connection, story, story.c.text, words, story.c.idea.in_(composites))
    return [entry for entry, written in (*reasons, *texts) if words.are_in(written)]


async def black_out(connection: AsyncConnection, words: TheirWords) -> None:
    """In what is on its way to others, in what the web chat shows them, in outcomes, and in what people in office wrote
    to others. What members typed themselves is theirs."""

    def in_message(written: str) -> str:
        return write_message(words.out_of_message(read_message(written)))

    def in_outcome(written: str) -> str:
        return write_localised(words.out_of_localised(read_localised(written)))

    def in_definition(written: str) -> str:
        loaded = read_consultation(written)
        return write_consultation(replace(loaded, outcome=loaded.outcome and words.out_of_localised(loaded.outcome)))

    await _rewrite(connection, delivery, delivery.c.content, words, in_message, _ON_THEIR_WAY)
    await _rewrite(connection, line, line.c.message, words, in_message, line.c.ours)
    await _rewrite(connection, handover_word, handover_word.c.text, words, words.out_of, handover_word.c.by_officer)
    await _rewrite(connection, consultation, consultation.c.outcome, words, in_outcome)
    await _rewrite(connection, consultation, consultation.c.definition, words, in_definition)


async def black_out_name(connection: AsyncConnection, name: str, capture: str) -> None:
    """In the question to somebody else whether their words are an idea, while it is on its way."""
    asking = delivery.c.content.contains(f"capture:{capture}:", autoescape=True)
    for number, written in await connection.execute(_written(delivery, delivery.c.content, asking, _ON_THEIR_WAY)):
        message = read_message(written)
        changed = write_message(replace(message, text=message.text.replace(name, ERASED_WORDS)))
        await connection.execute(update(delivery).where(delivery.c.id == number).values(content=changed))


async def _rewrite(
    connection: AsyncConnection,
    table: Table,
    column: Column[str],
    words: TheirWords,
    without: Callable[[str], str],
    *where: ColumnElement[bool],
) -> None:
    for key, written in await _suspects(connection, table, column, words, *where):
        changed = without(written)
        if changed != written:
            row = table.primary_key.columns[0] == key
            await connection.execute(update(table).where(row).values({column: changed}))


async def _suspects(
    connection: AsyncConnection, table: Table, column: Column[str], words: TheirWords, *where: ColumnElement[bool]
) -> Sequence[tuple[Any, str]]:
    """Rows that hold the first words of something that was said, by their keys: whether they quote it is for core."""
    found: dict[Any, str] = {}
    for start in range(0, len(words.said), _PROBES_AT_ONCE):
        some = [_holds(column, said) for said in words.said[start : start + _PROBES_AT_ONCE]]
        rows = await connection.execute(_written(table, column, or_(*some), *where))
        found |= {row[0]: row[1] for row in rows}
    return list(found.items())


def _written(table: Table, column: Column[str], *where: ColumnElement[bool]) -> Select[Any, str]:
    return select(table.primary_key.columns[0], column).where(column.is_not(None), *where)


def _holds(column: Column[str], said: str) -> ColumnElement[bool]:
    first = probe(said)
    return column.ilike("%" + "%".join(first) + "%") if first else column.contains(said, autoescape=True)
