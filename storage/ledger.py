"""The ledger over the database: entries get their places in batches, seals are made, receipts and proofs read."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from time import monotonic

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ledger import tree
from core.ledger.seals import (
    SALT_BYTES,
    SEALED_WITHIN,
    Audit,
    Consistency,
    Erased,
    LedgerDamaged,
    Proven,
    Receipt,
    Seal,
    Told,
    Waiting,
    commitment,
    tell,
)
from storage.audit import audit
from storage.database import Database, insert
from storage.stories import ENTRY, read_entry
from storage.tables import UNPLACED, leaf, node, seal, story

PAGE = 50
"""Entries that get their place in one transaction: few enough that on SQLite, where it keeps others from writing, a
reply hardly waits."""

RESTS = 1.0
"""Between two pages, in the time that the first took with waiting for its turn: the more others have to do, the more
it steps back. Both by `bench/sealing.py`: larger pages hold replies up, and smaller ones get hardly anything done."""

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('folkmoot ledger', 0))"
_PLACE = update(leaf).where(leaf.c.entry == bindparam("which")).values(position=bindparam("at"), number=bindparam("of"))
_NODES = select(node.c.place, node.c.hash)
_NODES_OF_ARRAY = _NODES.where(node.c.place == any_(bindparam("places", type_=ARRAY(BigInteger))))
_NODES_OF_JSON = _NODES.where(node.c.place.in_(select(func.json_each(bindparam("places")).table_valued("value"))))
_LATEST = select(seal).order_by(seal.c.size.desc()).limit(1)


class SqlLedger:
    def __init__(self, database: Database, page: int = PAGE, rests: float = RESTS) -> None:
        self._database, self._page, self._rests = database, page, rests

    async def seal(self, now: datetime, most: int, is_over: Callable[[], bool] = lambda: False) -> Seal | None:
        left = most
        while True:
            page, begun = min(self._page, left), monotonic()
            async with self._database.writing() as connection:
                await _wait_for_others(connection)
                placed = await _place(connection, page)
                left -= placed
                if placed < page or not left or is_over():
                    return await _seal(connection, now)
            await asyncio.sleep(self._rests * (monotonic() - begun))

    async def waiting(self) -> Waiting | None:
        unplaced = select(func.count(), func.min(story.c.at)).join_from(leaf, story, story.c.id == leaf.c.entry)
        async with self._database.reading() as connection:
            count, since = (await connection.execute(unplaced.where(text(UNPLACED)))).one()
        return Waiting(count, since) if count else None

    async def latest_seal(self) -> Seal | None:
        async with self._database.reading() as connection:
            return await _latest(connection)

    async def find_seal(self, size: int) -> Seal | None:
        async with self._database.reading() as connection:
            return await _find(connection, size)

    async def seals(self, limit: int) -> tuple[Seal, ...]:
        newest = select(seal).order_by(seal.c.size.desc()).limit(limit)
        async with self._database.reading() as connection:
            return tuple(Seal(row.size, row.root, row.at) for row in await connection.execute(newest))

    async def receipt(self, code: str, size: int | None = None) -> Receipt | None:
        async with self._database.reading() as connection:
            sealed = await (_latest(connection) if size is None else _find(connection, size))
            return await _receipt(connection, code, sealed)

    async def consistency(self, old: int, new: int) -> Consistency | None:
        if not 1 <= old <= new:
            return None
        async with self._database.reading() as connection:
            latest = await _latest(connection)
            if latest is None or new > latest.size:
                return None
            spans = tree.consistency_spans(old, new)
            nodes = await _nodes(connection, tree.places_for(spans))
            return Consistency(old, new, tree.proof(nodes, spans))

    async def audit(self, published: Sequence[Seal] = ()) -> Audit:
        async with self._database.reading() as connection:
            return await audit(connection, published)


class Nodes(dict[int, bytes]):
    """What was read of the log; what should have been there and wasn't is damage."""

    def __missing__(self, place: int) -> bytes:
        level, index = tree.level_and_index(place)
        raise LedgerDamaged(f"the hash over entries {index << level} to {((index + 1) << level) - 1} is missing")


async def _nodes(connection: AsyncConnection, places: Iterable[int]) -> Nodes:
    """All places as one value: a statement with one for each would be another for every number of them."""
    if connection.dialect.name == "postgresql":
        rows = await connection.execute(_NODES_OF_ARRAY, {"places": list(places)})
    else:
        rows = await connection.execute(_NODES_OF_JSON, {"places": json.dumps(list(places))})
    return Nodes(rows.all())


# --- sealing
async def _wait_for_others(connection: AsyncConnection) -> None:
    """SQLite has one writer at a time of itself."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(_ONE_AT_A_TIME))


async def _place(connection: AsyncConnection, most: int) -> int:
    """Gives the entries that wait longest their positions, and their numbers within their stories."""
    rows = (
        await connection.execute(
            select(leaf.c.entry, leaf.c.salt, story.c.idea, *ENTRY)
            .join_from(leaf, story, story.c.id == leaf.c.entry)
            .where(text(UNPLACED))
            .order_by(leaf.c.entry)
            .limit(most)
        )
    ).all()
    if not rows:
        return 0
    size = await _size(connection)
    await _last_that_follows(connection, size)
    peaks = tree.peaks(0, size)
    nodes = await _nodes(connection, peaks)
    numbers = await _numbers(connection, {row.idea for row in rows})
    leaves, placed = [], []
    for position, row in enumerate(rows, size):
        numbers[row.idea] = number = numbers.get(row.idea, 0) + 1
        # Erased before it was sealed: it has its place all the same, and nobody can tell what of.
        committed = (
            secrets.token_bytes(SALT_BYTES)
            if row.salt is None
            else commitment(row.salt, row.idea, number, read_entry(row))
        )
        leaves.append(tree.leaf_hash(committed))
        placed.append({"which": row.entry, "at": position, "of": number})
    grown = tree.grow(size, [nodes[place] for place in peaks], leaves)
    await connection.execute(insert(connection, node), [{"place": place, "hash": hashed} for place, hashed in grown])
    await connection.execute(_PLACE, placed)
    return len(placed)


async def _size(connection: AsyncConnection) -> int:
    last: int | None = await connection.scalar(select(func.max(leaf.c.position)))
    return 0 if last is None else last + 1


async def _numbers(connection: AsyncConnection, codes: Iterable[str]) -> dict[str, int]:
    """The last number that was given in each of these stories."""
    given = (
        select(story.c.idea, func.max(leaf.c.number).label("given"))
        .join_from(story, leaf, leaf.c.entry == story.c.id)
        .where(story.c.idea.in_(codes), leaf.c.number.is_not(None))
        .group_by(story.c.idea)
    )
    return {row.idea: row.given for row in await connection.execute(given)}


async def _seal(connection: AsyncConnection, now: datetime) -> Seal | None:
    """Also seals what another worker placed and didn't come to seal."""
    size = await _size(connection)
    latest = await _last_that_follows(connection, size)
    if size == (latest.size if latest else 0):
        return None
    nodes = await _nodes(connection, tree.peaks(0, size))
    made = Seal(size, tree.root(nodes, size), now)
    await connection.execute(insert(connection, seal).values(size=size, root=made.root, at=now))
    return made


async def _last_that_follows(connection: AsyncConnection, size: int) -> Seal | None:
    """The last seal, which must follow from what is stored: on damage nothing is built."""
    latest = await _latest(connection)
    if latest is None:
        return None
    if latest.size > size:
        raise LedgerDamaged(f"it was sealed over {latest.size} entries and holds {size}")
    if tree.root(await _nodes(connection, tree.peaks(0, latest.size)), latest.size) != latest.root:
        raise LedgerDamaged(f"its first {latest.size} entries don’t lead to the root that was sealed")
    return latest


# --- reading
async def _latest(connection: AsyncConnection) -> Seal | None:
    row = (await connection.execute(_LATEST)).one_or_none()
    return None if row is None else Seal(row.size, row.root, row.at)


async def _find(connection: AsyncConnection, size: int) -> Seal | None:
    row = (await connection.execute(select(seal).where(seal.c.size == size))).one_or_none()
    return None if row is None else Seal(row.size, row.root, row.at)


async def latest_receipt(connection: AsyncConnection, code: str) -> Receipt | None:
    return await _receipt(connection, code, await _latest(connection))


async def _receipt(connection: AsyncConnection, code: str, sealed: Seal | None) -> Receipt | None:
    rows = (
        await connection.execute(
            select(*ENTRY, leaf.c.salt, leaf.c.number, leaf.c.position)
            .join_from(story, leaf, leaf.c.entry == story.c.id)
            .where(story.c.idea == code)
            .order_by(leaf.c.number.is_(None), leaf.c.number, story.c.id)
        )
    ).all()
    if not rows:
        return None
    size = sealed.size if sealed else 0
    placed = [row for row in rows if row.position is not None and row.position < size]
    spans = {row.position: tree.inclusion_spans(row.position, size) for row in placed}
    wanted = tree.places_for(span for of in spans.values() for span in of) | {2 * position for position in spans}
    nodes = await _nodes(connection, wanted)
    entries: list[Proven | Erased] = []
    for row in placed:
        path = tree.proof(nodes, spans[row.position])
        if row.salt is None:
            entries.append(Erased(row.number, row.position, nodes[2 * row.position], path))
        else:
            entries.append(Proven(tell(code, row.number, read_entry(row)), row.salt, row.position, path))
    waits = [row for row in rows if row.position is None or row.position >= size]
    waiting: tuple[Told, ...] = tuple(tell(code, None, read_entry(row)) for row in waits)
    by = max((row.at for row in waits), default=None)
    return Receipt(code, sealed, tuple(entries), waiting, by and by + SEALED_WITHIN)
