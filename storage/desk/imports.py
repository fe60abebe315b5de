"""Files of members that are being imported: how far each has got, and what its rows say written down, page by page."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import imports as core_imports
from core.bodies import Office
from core.deeds import By, Deed, Did
from core.headings import Columns, Part
from core.imports import Fate, Import, ImportState, Judged
from core.kept import KeptImport
from core.members import Address, Role
from core.rolls import Hashed, RollRow
from core.texts import T
from storage.database import Database, insert
from storage.desk.deeds import note
from storage.desk.rolls import declare, read_row, roll, write_offices
from storage.instants import Instant
from storage.outgoing import lane
from storage.tables import Number, address, declared, expected, metadata, numbered

Scope = frozenset[str] | None

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

    async def judge(self, rows: Sequence[core_imports.Row], scope: Scope) -> Sequence[Judged]:
        async with self._database.reading() as connection:
            page = await _look_up(connection, rows, scope)
        return [page.judge(row) for row in rows]

    async def take(
        self, id: int, rows: Sequence[core_imports.Row], scope: Scope, reached: int, others: Mapping[Fate, int],
        now: datetime,
    ) -> None:  # fmt: skip
        async with self._database.writing() as connection:
            this = select(member_import).where(member_import.c.id == id).with_for_update()
            before = (await connection.execute(this)).one()
            if before.reached >= reached:
                return
            page = await _look_up(connection, rows, scope)
            fates = Counter([page.judge(row).fate for row in rows])
            await page.write(connection, now)
            counts = _write_counts(Counter(_read_counts(before.counts)) + fates + Counter(others))
            values = {"reached": reached, "counts": counts, "touched_at": now}
            await connection.execute(update(member_import).where(member_import.c.id == id).values(values))


@dataclass(slots=True)
class _Page:
    """What is known of the people of some rows, kept up with as one after another is judged; and what is then to be
    written."""

    scope: Scope
    members: Mapping[Address, int]
    outsiders: Collection[int]
    declared: dict[Address, set[Office]]
    expected: dict[Address, tuple[str, str]]
    rolls: dict[str, tuple[Hashed, RollRow]]
    claimants: Mapping[int, Address]
    to_declare: list[tuple[Address, Office]] = field(default_factory=list)
    to_expect: dict[Address, tuple[str, str]] = field(default_factory=dict)
    to_enrol: dict[str, tuple[Hashed, RollRow]] = field(default_factory=dict)

    def judge(self, row: core_imports.Row) -> Judged:
        known = self.rolls.get(row.membership.number) if row.membership else None
        member = self.members.get(row.who) if row.who else None
        if member is not None and member in self.outsiders:
            return Judged(Fate.CLASH, T("This address belongs to somebody who is in no body of yours."))
        if member is None and row.who and (row.language or row.topics) and self._is_named_elsewhere(row.who):
            return Judged(
                Fate.CLASH,
                T("Another body has named this address already. Leave language and topics out to add your body to it."),
            )
        if known and member is not None and known[1].claimed_by not in (None, member):
            return Judged(Fate.CLASH, T("This number is taken by somebody else than this address belongs to."))
        if known and self.scope is not None and not self._is_ours(known[1], self.scope):
            return Judged(Fate.CLASH, T("This number is on the roll of a body that you don’t organise."))
        news = [self._declare(row.who, row, member)] if row.who else []
        news += [self._enrol(row.membership, row, known)] if row.membership else []
        told = next((judged for judged in news if judged.fate is Fate.NEW and judged.why), None)
        return told or next((judged for judged in news if judged.fate is Fate.NEW), Judged(Fate.KNOWN))

    def _is_ours(self, known: RollRow, scope: frozenset[str]) -> bool:
        """A row that names no body is the whole organisation’s."""
        bodies = {body for body, _ in known.offices}
        return bool(bodies) and bodies <= scope

    def _is_named_elsewhere(self, who: Address) -> bool:
        """By others than organise this scope: what they expect of whoever comes from there stays."""
        if self.scope is None:
            return False
        bodies = {body for body, _ in self.declared.get(who, ())}
        return not bodies <= self.scope or (not bodies and who in self.expected)

    def _declare(self, who: Address, row: core_imports.Row, member: int | None) -> Judged:
        has = self.declared.setdefault(who, set())
        added = [office for office in row.offices if office not in has]
        self.to_declare += [(who, office) for office in added]
        has.update(added)
        wanted = row.language, json.dumps(row.topics)
        if member is None and (row.language or row.topics) and self.expected.get(who) != wanted:
            self.expected[who] = self.to_expect[who] = wanted
            return Judged(Fate.NEW)
        if member is not None and added:
            return Judged(Fate.NEW, T("They write to us already; their role is added."))
        return Judged(Fate.NEW if added else Fate.KNOWN)

    def _enrol(self, hashed: Hashed, row: core_imports.Row, known: tuple[Hashed, RollRow] | None) -> Judged:
        offices = tuple(sorted({*row.offices, *(known[1].offices if known else ())}))
        if known and known[0] == hashed and known[1].offices == offices:
            return Judged(Fate.KNOWN)
        before = known[1] if known else RollRow(hashed.number)
        self.rolls[hashed.number] = hashed, RollRow(hashed.number, offices, before.claimed_by, before.claimed_at)
        self.to_enrol[hashed.number] = self.rolls[hashed.number]
        if before.claimed_by in self.claimants and before.claimed_by is not None:
            where = self.claimants[before.claimed_by]
            self.to_declare += [(where, office) for office in offices if office not in before.offices]
        if known is None:
            return Judged(Fate.NEW)
        moved = T("Known by another postcode, which changes.")
        return Judged(Fate.NEW, moved if known[0] != hashed else T("A role is added on the roll."))

    async def write(self, connection: AsyncConnection, now: datetime) -> None:
        await declare(connection, self.to_declare)
        if self.to_expect:
            made = insert(connection, expected)
            anew = {"language": made.excluded.language, "topics": made.excluded.topics}
            rows = [
                {"account": who.account, "user_id": who.user, "language": language or None, "topics": topics}
                for who, (language, topics) in sorted(self.to_expect.items())
            ]
            await connection.execute(made.on_conflict_do_update(index_elements=["account", "user_id"], set_=anew), rows)
        if self.to_enrol:
            made = insert(connection, roll)
            anew = {name: made.excluded[name] for name in ("proof", "body", "offices")}
            enrolled: list[dict[str, object]] = [
                {"number": number, "proof": hashed.proof, "body": next((body for body, _ in row.offices), None)}
                | {"offices": write_offices(row.offices), "added_at": now}
                for number, (hashed, row) in sorted(self.to_enrol.items())
            ]
            await connection.execute(made.on_conflict_do_update(index_elements=["number"], set_=anew), enrolled)


async def _look_up(connection: AsyncConnection, rows: Sequence[core_imports.Row], scope: Scope) -> _Page:
    by_account = defaultdict[str, set[str]](set)
    for row in rows:
        if row.who:
            by_account[row.who.account].add(row.who.user)
    members: dict[Address, int] = {}
    has = defaultdict[Address, set[Office]](set)
    awaits: dict[Address, tuple[str, str]] = {}
    for account, users in by_account.items():
        for table in (address, declared, expected):
            some = select(table).where(table.c.account == account, table.c.user_id.in_(sorted(users)))
            for known in await connection.execute(some):
                who = Address(known.account, known.user_id)
                if table is address:
                    members[who] = known.member_id
                elif table is declared:
                    has[who].add((known.body, Role(known.role)))
                else:
                    awaits[who] = (known.language or "", known.topics)
    numbers = sorted({row.membership.number for row in rows if row.membership})
    found = (await connection.execute(select(roll).where(roll.c.number.in_(numbers)))).all() if numbers else []
    claimed = {row.claimed_by for row in found if row.claimed_by is not None}
    outsiders = set(members.values()) - await _insiders(connection, set(members.values()), scope)
    return _Page(
        scope, members, outsiders, dict(has), awaits,
        {row.number: (Hashed(row.number, row.proof), read_row(row)) for row in found},
        await _addresses_of(connection, claimed),
    )  # fmt: skip


async def _insiders(connection: AsyncConnection, members: Collection[int], scope: Scope) -> set[int]:
    if scope is None or not members:
        return set(members)
    is_theirs = and_(declared.c.account == address.c.account, declared.c.user_id == address.c.user_id)
    found = select(address.c.member_id).join(declared, is_theirs).distinct()
    found = found.where(address.c.member_id.in_(sorted(members)), declared.c.body.in_(sorted(scope)))
    return set(await connection.scalars(found))


async def _addresses_of(connection: AsyncConnection, members: Collection[int]) -> dict[int, Address]:
    if not members:
        return {}
    theirs = select(address).where(address.c.member_id.in_(sorted(members))).order_by(address.c.id.desc())
    return {row.member_id: Address(row.account, row.user_id) for row in await connection.execute(theirs)}


# --- written and read
def _read(row: Row[*tuple[Any, ...]]) -> Import:
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
