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
    Select,
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
    LEASE,
    MOST_HOOKS,
    Delivered,
    DeliveryState,
    Failed,
    Happened,
    Hook,
    HookDelivery,
    NotTheirs,
    Owner,
    Settled,
    ToSend,
)
from core.places import Place
from storage.database import Database, insert
from storage.desk.authorities import Authorities
from storage.desk.deeds import note
from storage.instants import Instant
from storage.outgoing import broadcast, delivery
from storage.outgoing import secret as secrets
from storage.tables import Number, consultation, metadata, numbered
from storage.tables import member as members

SECRETS = "hook"
"""Their kind in the vault; each by its hook's id."""

OF_A_HOOK_AT_ONCE = 4
"""One that is slow keeps nobody else waiting."""

LOOKS_BACK = timedelta(days=7)
LOOKS_BACK_FOR_BROADCASTS = timedelta(days=21)
"""Shorter than what is kept, by which we know what was told already."""

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
        hook.c.id + literal(_rest_of_key(kind, about, at, entry), Text()),
        literal(DeliveryState.WAITING.value, Text()),
        literal(0, Integer()),
        literal(at, Instant()),
        literal("", Text()),
    ).where(wanted)
    made = insert(connection, hook_delivery).from_select(list(_WRITTEN), rows, include_defaults=False)
    await connection.execute(made.on_conflict_do_nothing(index_elements=["key"]))


def _rest_of_key(kind: Happened, about: str, at: datetime, entry: int | None) -> str:
    once = "" if kind is Happened.BROADCAST_FINISHED else str(entry) if entry is not None else at.isoformat()
    return f":{kind.value}:{about}:{once}"


# --- with what becomes of their owners
async def join(connection: AsyncConnection, number: int, other: int) -> None:
    await connection.execute(update(hook).where(hook.c.member_id == other).values(member_id=number))


async def forget(connection: AsyncConnection, number: int) -> None:
    await _end(connection, (await connection.scalars(select(hook.c.id).where(hook.c.member_id == number))).all())


async def kept(connection: AsyncConnection, number: int) -> tuple[Hook, ...]:
    theirs = select(hook).where(hook.c.member_id == number).order_by(hook.c.made_at.desc(), hook.c.id)
    return tuple(map(_read_hook, await connection.execute(theirs)))


async def _end(connection: AsyncConnection, ids: Collection[str]) -> None:
    await connection.execute(delete(hook_delivery).where(hook_delivery.c.hook_id.in_(ids)))
    await connection.execute(delete(hook).where(hook.c.id.in_(ids)))
    await connection.execute(delete(secrets).where(secrets.c.kind == SECRETS, secrets.c.name.in_(ids)))


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    return (await connection.execute(delete(hook_delivery).where(hook_delivery.c.at <= now - KEPT))).rowcount


class SqlHooks:
    """`timezone`: the organisation's own."""

    def __init__(self, database: Database, timezone: str = "UTC") -> None:
        self._database, self._authorities = database, Authorities(timezone)

    async def of(self, member: int) -> tuple[Hook, ...]:
        async with self._database.reading() as connection:
            return await kept(connection, member)

    async def find(self, member: int, id: str) -> Hook | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(hook).where(_theirs(member, id)))).one_or_none()
        return None if row is None else _read_hook(row)

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
            return [_read_delivery(row) for row in rows]

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

    # --- for the worker
    async def notice(self, now: datetime) -> None:
        async with self._database.reading() as connection:
            hooks = [_read_hook(row) for row in await connection.execute(select(hook).where(hook.c.is_on))]
            if not hooks:
                return
            happened = [*await _by_the_clock(connection, now), *await _ended(connection, now)]
            keys = {
                one.id + _rest_of_key(kind, about, at, None): (kind, about, at)
                for kind, about, at in happened
                for one in hooks
                if kind in one.kinds and one.made_at <= at
            }
            known = select(hook_delivery.c.key).where(hook_delivery.c.key.in_(keys))
            new = set(keys) - set((await connection.scalars(known)).all()) if keys else set()
        if new:
            async with self._database.writing() as connection:
                for kind, about, at in sorted({keys[key] for key in new}, key=lambda one: one[2]):
                    await tell(connection, kind, about, at)

    async def claim(self, now: datetime, limit: int) -> tuple[ToSend, ...]:
        due = _due(now)
        async with self._database.reading() as connection:
            if await connection.scalar(due.limit(1)) is None:
                return ()
        place = func.row_number().over(partition_by=hook_delivery.c.hook_id, order_by=hook_delivery.c.not_before)
        ranked = due.add_columns(place.label("place")).subquery("ranked")
        chosen = select(ranked.c.id).where(ranked.c.place <= OF_A_HOOK_AT_ONCE).limit(limit)
        claimed = {"state": DeliveryState.CLAIMED.value, "tries": hook_delivery.c.tries + 1, "until": now + LEASE}
        async with self._database.writing() as connection:
            taken = update(hook_delivery).where(hook_delivery.c.id.in_(chosen), _is_free(now))
            rows = (await connection.execute(taken.values(claimed).returning(hook_delivery))).all()
            which = {row.hook_id for row in rows}
            known = select(hook, members.c.reach_account, members.c.reach_user)
            known = known.join(members, members.c.id == hook.c.member_id).where(hook.c.id.in_(which))
            hooks = {row.id: (_read_hook(row), await self._owner(connection, row)) for row in
                     (await connection.execute(known)).all()}  # fmt: skip
        return tuple(ToSend(_read_delivery(row), *hooks[row.hook_id]) for row in rows)

    async def _owner(self, connection: AsyncConnection, row: Row[*tuple[Any, ...]]) -> Owner:
        authority = await self._authorities.of(connection, row.member_id)
        place = Place(row.reach_account, row.reach_user) if row.reach_account and row.reach_user else None
        return Owner(authority.member, authority, place)

    async def settle(self, settled: Sequence[Settled]) -> None:
        async with self._database.writing() as connection:
            for one in settled:
                await _settle(connection, one)

    async def switch_off(self, hook: str, why: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(_HOOK).where(_HOOK.c.id == hook).values(is_on=False, off_why=why))


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


def _is_free(now: datetime) -> ColumnElement[bool]:
    waiting = (hook_delivery.c.state == DeliveryState.WAITING.value) & (hook_delivery.c.not_before <= now)
    died = (hook_delivery.c.state == DeliveryState.CLAIMED.value) & (hook_delivery.c.until <= now)
    return or_(waiting, died)


def _due(now: datetime) -> Select[int]:
    found = select(hook_delivery.c.id).join(hook, hook.c.id == hook_delivery.c.hook_id)
    is_tested = hook_delivery.c.kind == Happened.TEST.value
    return found.where(or_(hook.c.is_on, is_tested), text(UNDER_WAY), hook_delivery.c.not_before <= now, _is_free(now))


async def _by_the_clock(connection: AsyncConnection, now: datetime) -> list[tuple[Happened, str, datetime]]:
    columns = {
        Happened.CONSULTATION_OPENED: consultation.c.opens_at,
        Happened.CONSULTATION_CLOSED: consultation.c.closes_at,
        Happened.CONSULTATION_OUTCOME: consultation.c.outcome_at,
    }
    found = []
    for kind, column in columns.items():
        passed = select(consultation.c.slug, column.label("at")).where(column <= now, column > now - LOOKS_BACK)
        if kind is Happened.CONSULTATION_OUTCOME:
            passed = passed.where(consultation.c.outcome.is_not(None))
        found += [(kind, row.slug, row.at) for row in await connection.execute(passed)]
    return found


async def _ended(connection: AsyncConnection, now: datetime) -> list[tuple[Happened, str, datetime]]:
    """Broadcasts of which nothing is to go out any more; as of when they were due."""
    waits = select(delivery.c.id).where(
        delivery.c.broadcast_id == broadcast.c.id, delivery.c.state.in_(("planned", "claimed"))
    )
    lately = broadcast.c.at > now - LOOKS_BACK_FOR_BROADCASTS
    over = select(broadcast.c.code, broadcast.c.at).where(lately, broadcast.c.is_planned, ~waits.exists())
    return [(Happened.BROADCAST_FINISHED, row.code, row.at) for row in await connection.execute(over)]


async def _settle(connection: AsyncConnection, settled: Settled) -> None:
    this = settled.delivery
    held = (hook_delivery.c.id == this.id) & (hook_delivery.c.tries == this.tries)
    held &= hook_delivery.c.state == DeliveryState.CLAIMED.value
    failing: dict[str, object] = {}
    match settled.told:
        case NotTheirs():
            await connection.execute(delete(hook_delivery).where(held))
            return
        case Delivered(status):
            values: dict[str, object] = {"state": DeliveryState.DELIVERED.value, "status": status, "why": ""}
            failing = {"failing_since": None}
        case Failed(why, status):
            is_over = settled.again_at is None
            state = DeliveryState.GIVEN_UP if is_over else DeliveryState.WAITING
            values = {"state": state.value, "status": status, "why": why}
            values |= {} if is_over else {"not_before": settled.again_at}
            failing = {"failing_since": func.coalesce(hook.c.failing_since, literal(settled.at, Instant()))}
    changed = await connection.execute(update(hook_delivery).where(held).values(tried_at=settled.at, **values))
    if changed.rowcount:
        await connection.execute(update(hook).where(hook.c.id == this.hook).values(failing))


def _read_hook(row: Row[*tuple[Any, ...]]) -> Hook:
    kinds = frozenset(Happened(word) for word in row.kinds.split())
    return Hook(row.id, row.member_id, row.name, row.url, kinds, row.made_at, row.is_on, row.off_why, row.failing_since)


def _read_delivery(row: Row[*tuple[Any, ...]]) -> HookDelivery:
    return HookDelivery(
        row.id, row.hook_id, Happened(row.kind), row.about, row.entry, row.at, DeliveryState(row.state), row.tries,
        row.not_before, row.tried_at, row.status, row.why,
    )  # fmt: skip
