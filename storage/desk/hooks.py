"""Hooks, and what is to be told to them: written with what happened, by reference, in the same transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deeds import By, Deed, Did, of_hook
from core.hooks import (
    KEPT,
    MOST_HOOKS,
    DeliveryState,
    Happened,
    Hook,
    HookDelivery,
)
from storage.database import Database, insert
from storage.desk.deeds import note
from storage.instants import Instant
from storage.outgoing import secret as secrets
from storage.tables import Number, metadata, numbered

SECRETS = "hook"
"""Their kind in the vault; each by its hook's id."""

STALE = timedelta(days=1)
"""What waited while a hook was off is told when it is on again, unless it is older."""

hook = Table(
    "hook",
    metadata,
    Column("id", Text, primary_key=True),
    Column("member_id", Number, ForeignKey("member.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("off_why", Text, nullable=False),
    Column("failing_since", Instant),
)

hook_delivery = Table(
    "hook_delivery",
    metadata,
    numbered(),
    Column("hook_id", Text, ForeignKey("hook.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("entry", Integer),
    Column("at", Instant, nullable=False, index=True),
    Column("key", Text, unique=True),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("until", Instant),  # of the lease of whoever tells it now
    Column("tried_at", Instant),
    Column("status", Integer),
    Column("why", Text, nullable=False),
    Index("ix_hook_delivery_log", "hook_id", "id"),
    sqlite_autoincrement=True,  # messages are known by these numbers elsewhere
)
UNDER_WAY = "state IN ('waiting', 'claimed')"
Index(
    "ix_hook_delivery_due",
    hook_delivery.c.not_before,
    sqlite_where=text(UNDER_WAY),
    postgresql_where=text(UNDER_WAY),
)

_WRITTEN = ("hook_id", "kind", "about", "entry", "at", "key", "state", "tries", "not_before", "why")


# --- with what happened
async def tell(
    connection: AsyncConnection, kind: Happened, about: str, at: datetime, *, entry: int | None = None
) -> None:
    """To all hooks that want to know. Told twice (the clock looks, too), it is told once."""
    words = literal(" ") + hook.c.kinds + literal(" ")
    wanted = and_(hook.c.is_on, words.contains(f" {kind.value} ", autoescape=True), hook.c.made_at <= at)
    rows = select(
        hook.c.id,
        literal(kind.value, Text()),
        literal(about, Text()),
        literal(entry, Integer()),
        literal(at, Instant()),
        hook.c.id + literal(rest_of_key(kind, about, at, entry), Text()),
        literal(DeliveryState.WAITING.value, Text()),
        literal(0, Integer()),
        literal(at, Instant()),
        literal("", Text()),
    ).where(wanted)
    made = insert(connection, hook_delivery).from_select(list(_WRITTEN), rows, include_defaults=False)
    await connection.execute(made.on_conflict_do_nothing(index_elements=["key"]))


def rest_of_key(kind: Happened, about: str, at: datetime, entry: int | None) -> str:
    once = "" if kind is Happened.BROADCAST_FINISHED else str(entry) if entry is not None else at.isoformat()
    return f":{kind.value}:{about}:{once}"


# --- with what becomes of their owners
async def join(connection: AsyncConnection, number: int, other: int) -> None:
    await connection.execute(update(hook).where(hook.c.member_id == other).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    await _end(connection, (await connection.scalars(select(hook.c.id).where(hook.c.member_id == number))).all())


async def kept(connection: AsyncConnection, number: int) -> tuple[Hook, ...]:
    theirs = select(hook).where(hook.c.member_id == number).order_by(hook.c.made_at.desc(), hook.c.id)
    return tuple(map(read_hook, await connection.execute(theirs)))


async def _end(connection: AsyncConnection, ids: Collection[str]) -> None:
    await connection.execute(delete(hook_delivery).where(hook_delivery.c.hook_id.in_(ids)))
    await connection.execute(delete(hook).where(hook.c.id.in_(ids)))
    await connection.execute(delete(secrets).where(secrets.c.kind == SECRETS, secrets.c.name.in_(ids)))


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    return (await connection.execute(delete(hook_delivery).where(hook_delivery.c.at <= now - KEPT))).rowcount


class SqlHooks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, member: int) -> tuple[Hook, ...]:
        async with self._database.reading() as connection:
            return await kept(connection, member)

    async def find(self, member: int, id: str) -> Hook | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(hook).where(_theirs(member, id)))).one_or_none()
        return None if row is None else read_hook(row)

    async def make(self, by: By, hook: Hook) -> bool:
        async with self._database.writing() as connection:
            theirs = select(func.count()).select_from(_HOOK).where(_HOOK.c.member_id == hook.owner)
            if (await connection.scalar(theirs) or 0) >= MOST_HOOKS:
                return False
            row = {"id": hook.id, "member_id": hook.owner, "made_at": hook.made_at}
            await connection.execute(_HOOK.insert().values(row | _values(hook)))
            await note(connection, by, Deed(Did.HOOK, of_hook(hook.id)))
        return True

    async def change(self, by: By, hook: Hook) -> bool:
        async with self._database.writing() as connection:
            was_on = await connection.scalar(select(_HOOK.c.is_on).where(_theirs(hook.owner, hook.id)))
            if was_on is None:
                return False
            if hook.is_on and not was_on:
                stale = (hook_delivery.c.hook_id == hook.id) & (hook_delivery.c.at < by.at - STALE) & text(UNDER_WAY)
                given_up = {"state": DeliveryState.GIVEN_UP.value, "why": "off"}
                await connection.execute(update(hook_delivery).where(stale).values(given_up))
            changed = update(_HOOK).where(_theirs(hook.owner, hook.id))
            await connection.execute(changed.values(_values(hook)))
            await note(connection, by, Deed(Did.HOOK, of_hook(hook.id)))
        return True

    async def end(self, by: By, id: str) -> bool:
        async with self._database.writing() as connection:
            if by.member is None or await connection.scalar(select(hook.c.id).where(_theirs(by.member, id))) is None:
                return False
            await _end(connection, [id])
            await note(connection, by, Deed(Did.HOOK_ENDED, of_hook(id)))
        return True

    async def log(self, hook: str, limit: int, before: int | None = None) -> Sequence[HookDelivery]:
        """Only what was tried: until then nobody has judged whether it is theirs to know."""
        tried = or_(hook_delivery.c.tried_at.is_not(None), hook_delivery.c.kind == Happened.TEST.value)
        sought = select(hook_delivery).where(hook_delivery.c.hook_id == hook, tried)
        if before is not None:
            sought = sought.where(hook_delivery.c.id < before)
        async with self._database.reading() as connection:
            rows = await connection.execute(sought.order_by(hook_delivery.c.id.desc()).limit(limit))
            return [read_delivery(row) for row in rows]

    async def test(self, hook: str, now: datetime) -> int:
        row = {"hook_id": hook, "kind": Happened.TEST.value, "about": "", "at": now, "not_before": now, "tries": 0}
        row |= {"state": DeliveryState.WAITING.value, "why": ""}
        async with self._database.writing() as connection:
            made = insert(connection, hook_delivery).values(row).returning(hook_delivery.c.id)
            number: int = (await connection.scalars(made)).one()
        return number

    async def again(self, hook: str, delivery: int, now: datetime) -> bool:
        this = (hook_delivery.c.hook_id == hook) & (hook_delivery.c.id == delivery)
        claimed = hook_delivery.c.state == DeliveryState.CLAIMED.value
        anew = {"state": DeliveryState.WAITING.value, "tries": 0, "not_before": now}
        async with self._database.writing() as connection:
            changed = await connection.execute(update(hook_delivery).where(this, ~claimed).values(anew))
        return bool(changed.rowcount)


_HOOK = hook
"""The table, where a parameter has its name."""


def _theirs(member: int, id: str) -> ColumnElement[bool]:
    return and_(hook.c.member_id == member, hook.c.id == id)


def _values(one: Hook) -> dict[str, object]:
    return {
        "name": one.name,
        "url": one.url,
        "kinds": " ".join(sorted(one.kinds)),
        "is_on": one.is_on,
        "off_why": one.off_why,
        "failing_since": one.failing_since,
    }


def read_hook(row: Row[*tuple[Any, ...]]) -> Hook:
    kinds = frozenset(Happened(word) for word in row.kinds.split())
    return Hook(row.id, row.member_id, row.name, row.url, kinds, row.made_at, row.is_on, row.off_why, row.failing_since)


def read_delivery(row: Row[*tuple[Any, ...]]) -> HookDelivery:
    return HookDelivery(
        row.id, row.hook_id, Happened(row.kind), row.about, row.entry, row.at, DeliveryState(row.state), row.tries,
        row.not_before, row.tried_at, row.status, row.why,
    )  # fmt: skip
