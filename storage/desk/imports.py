"""Files of members that are being imported: how far each has got."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, and_, or_, select, update
from sqlalchemy import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deeds import By, Deed, Did
from core.headings import Columns, Part
from core.imports import Fate, Import, ImportState, Judged, Row
from core.kept import KeptImport
from storage.database import Database
from storage.desk.deeds import note
from storage.desk.enrolling import Scope, look_up, write
from storage.instants import Instant
from storage.outgoing import lane
from storage.tables import Number, metadata, numbered

member_import = Table(
    "member_import",
    metadata,
    numbered(),
    Column("member_id", Number, ForeignKey("member.id"), index=True),
    Column("file", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("layout", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("reached", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
)


async def join(connection: AsyncConnection, number: int, other: int) -> None:
    theirs = member_import.c.member_id == other
    await connection.execute(update(member_import).where(theirs).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    theirs = member_import.c.member_id == number
    await connection.execute(update(member_import).where(theirs).values(member_id=None))


async def kept(connection: AsyncConnection, number: int) -> tuple[KeptImport, ...]:
    theirs = select(member_import).where(member_import.c.member_id == number).order_by(member_import.c.id)
    return tuple(KeptImport(row.made_at, row.state, row.total) for row in await connection.execute(theirs))


class SqlImports:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- a file
    async def begin(self, by: By, file: str, layout: str, columns: Columns) -> Import:
        row = {"member_id": by.member, "file": file, "state": ImportState.ASKING.value, "layout": layout}
        row |= {"mapping": _write_columns(columns), "total": 0, "reached": 0, "counts": "{}"}
        made = member_import.insert().values({**row, "made_at": by.at, "touched_at": by.at}).returning(member_import)
        async with self._database.writing() as connection:
            return _read((await connection.execute(made)).one())

    async def find(self, id: int) -> Import | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(member_import).where(member_import.c.id == id))).one_or_none()
        return None if row is None else _read(row)

    async def of(self, member: int) -> Sequence[Import]:
        theirs = select(member_import).where(member_import.c.member_id == member).order_by(member_import.c.id.desc())
        async with self._database.reading() as connection:
            return [_read(row) for row in await connection.execute(theirs.limit(20))]

    async def older(self, than: datetime) -> Sequence[Import]:
        old = select(member_import).where(member_import.c.touched_at < than, member_import.c.file != "")
        async with self._database.reading() as connection:
            return [_read(row) for row in await connection.execute(old.limit(100))]

    async def map(self, id: int, columns: Columns) -> None:
        await self._change(id, mapping=_write_columns(columns), state=ImportState.ASKING.value)

    async def start(self, by: By, id: int, state: ImportState, was: ImportState, untouched_since: datetime) -> bool:
        free = or_(member_import.c.state != state.value, member_import.c.touched_at <= untouched_since)
        this = and_(member_import.c.id == id, member_import.c.state == was.value, free)
        values: dict[str, object] = {"state": state.value, "touched_at": by.at}
        if state is not was or state is ImportState.CHECKING:
            values |= {"reached": 0, "counts": "{}"}
        async with self._database.writing() as connection:
            started = bool((await connection.execute(update(member_import).where(this).values(values))).rowcount)
            if started and state is ImportState.IMPORTING:
                await note(connection, by, Deed(Did.IMPORTED, f"import:{id}", detail="begun"))
        return started

    async def reach(self, id: int, state: ImportState, reached: int, counts: Mapping[Fate, int], now: datetime) -> None:
        total = {} if state is ImportState.CHECKING else {"total": reached}
        values = {"state": state.value, "reached": reached, "counts": _write_counts(counts), "touched_at": now}
        await self._change(id, **values, **total)

    async def end(self, by: By, id: int, state: ImportState) -> None:
        async with self._database.writing() as connection:
            this = member_import.c.id == id
            ended = update(member_import).where(this).values(state=state.value, touched_at=by.at)
            counts = await connection.scalar(ended.returning(member_import.c.counts))
            if state is ImportState.DONE and counts is not None:
                told = ", ".join(f"{fate.value} {count}" for fate, count in _read_counts(counts).items() if count)
                await note(connection, by, Deed(Did.IMPORTED, f"import:{id}", detail=told))

    async def drop(self, id: int) -> None:
        """What was imported stays known; the file that lay there doesn't."""
        await self._change(id, file="")

    async def _change(self, id: int, **values: object) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(member_import).where(member_import.c.id == id).values(values))

    # --- its rows
    async def accounts(self) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            return tuple(sorted(await connection.scalars(select(lane.c.account))))

    async def judge(self, rows: Sequence[Row], scope: Scope) -> Sequence[Judged]:
        async with self._database.reading() as connection:
            page = await look_up(connection, rows, scope)
        return [page.judge(row) for row in rows]

    async def take(
        self, id: int, rows: Sequence[Row], scope: Scope, reached: int, others: Mapping[Fate, int],
        now: datetime,
    ) -> None:  # fmt: skip
        async with self._database.writing() as connection:
            this = select(member_import).where(member_import.c.id == id).with_for_update()
            before = (await connection.execute(this)).one()
            if before.reached >= reached:
                return
            page = await look_up(connection, rows, scope)
            fates = Counter([page.judge(row).fate for row in rows])
            await write(connection, page, now)
            counts = _write_counts(Counter(_read_counts(before.counts)) + fates + Counter(others))
            values = {"reached": reached, "counts": counts, "touched_at": now}
            await connection.execute(update(member_import).where(member_import.c.id == id).values(values))


# --- written and read
def _read(row: SqlRow[*tuple[Any, ...]]) -> Import:
    return Import(
        row.id, row.member_id, row.file, ImportState(row.state), row.layout, _read_columns(row.mapping), row.total,
        row.reached, _read_counts(row.counts), row.made_at, row.touched_at,
    )  # fmt: skip


def _write_columns(columns: Columns) -> str:
    return json.dumps([columns.is_sure, *columns.parts])


def _read_columns(written: str) -> Columns:
    is_sure, *parts = json.loads(written)
    return Columns(tuple(Part(part) if part else None for part in parts), is_sure)


def _write_counts(counts: Mapping[Fate, int]) -> str:
    return json.dumps({fate.value: counts.get(fate, 0) for fate in Fate})


def _read_counts(written: str) -> dict[Fate, int]:
    return {Fate(fate): count for fate, count in json.loads(written).items()}
