"""Very many members, made inside the database in seconds, and a consultation that they are asked about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    Table,
    Text,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Consultation, NudgeKind
from core.deliveries import DeliveryState, Priority
from core.events import ConsultationLoaded, ConsultationOpened
from core.flows.documents import Checked, read_document
from storage.database import Database, insert
from storage.instants import Instant
from storage.outgoing import broadcast, delivery
from storage.store import SqlStore
from storage.tables import address, member, participation
from tests.fakes.telegram_payloads import BOT_ID

TELEGRAM = f"telegram:{BOT_ID}"
FIRST_USER = 10_000_000
SLUG = "bench"
ZONES = (
    "Europe/London", "Europe/London", "Europe/London", "Europe/Paris", "Europe/Athens", "America/New_York",
    "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Africa/Lagos", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
EARLIER = ("first", "second", "third")
"""Broadcasts of the last few days, which took the weekly budget of some."""

_DOCUMENT = """
consultation: {slug}
title: Parks
framing: Which park shall we mend first?
timezone: {zone}
prompts:
  - one: which
    ask: Which park?
    options: {{north: North, south: South, east: East}}
  - scale: happy
    ask: How do you like it?
    from: 1
    to: 5
  - text: why
    ask: Why?
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Members numbered from one on, reached at `FIRST_USER` and the same number.

    `varied`: as members are. Some of each said STOP, never agreed, have finished, have had the weekly budget's worth of
    messages, gave no time zone; the others live in several. Else all are alike, and may be asked at any time.
    """

    members: int
    account: str = TELEGRAM
    varied: bool = False
    has_consented: bool = True


def at_noon(now: datetime) -> str:
    """A time zone in which it is about noon: nobody is asked at night."""
    ahead = 12 - now.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def consultation(now: datetime, slug: str = SLUG, *, invites: bool = False) -> Consultation:
    """Members are asked by the broadcasts that a measure orders, or where it `invites` by its own, at the opening."""
    checked = read_document(_DOCUMENT.format(slug=slug, zone=at_noon(now)))
    assert isinstance(checked, Checked)  # noqa: S101  our own words, above
    assert isinstance(checked.value, Consultation)  # noqa: S101
    return checked.value if invites else replace(checked.value, nudges=())


async def open_consultation(database: Database, slug: str = SLUG) -> None:
    now = datetime.now(UTC)
    await SqlStore(database).record([ConsultationLoaded(consultation(now, slug), now), ConsultationOpened(slug, now)])


async def gather(database: Database, crowd: Crowd) -> None:
    """Makes the members, numbered on from those who are there."""
    now = datetime.now(UTC)
    async with database.writing() as connection:
        before = await connection.scalar(select(func.coalesce(func.max(member.c.id), 0))) or 0
        numbers = _numbers(connection, before + 1, before + crowd.members)
        await _fill(connection, member, numbers, _members(crowd, numbers.c.i, now))
        there = {"account": literal(crowd.account), "user_id": _user(numbers.c.i), "member_id": numbers.c.i}
        await _fill(connection, address, numbers, {**there, "session": literal(""), "seen_at": _at(now)})
        if crowd.varied:
            await _live(connection, crowd, numbers, now)
        if not database.is_sqlite:
            await connection.execute(text("SELECT setval(pg_get_serial_sequence('member', 'id'), max(id)) FROM member"))
    await analyze(database)


async def analyze(database: Database) -> None:
    """PostgreSQL would in a minute by itself."""
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))


Columns = Mapping[str, ColumnElement[Any]]


def _members(crowd: Crowd, number: ColumnElement[int], now: datetime) -> Columns:
    consented, stopped, zone = _at(now - timedelta(days=30)), _at(None), _at_home(None)
    if crowd.varied:
        consented = case((number % 50 == 0, null()), else_=consented)
        stopped = case((number % 37 == 0, _at(now)), else_=null())
        homes = [(number % (len(ZONES) + 3) == which, literal(name)) for which, name in enumerate(ZONES)]
        zone = case(*homes, else_=null())
    return {
        "name": literal("Member ") + cast(number, Text),
        "language": literal("en"),
        "language_chosen": false(),
        "timezone": zone,
        "timezone_chosen": false(),
        "consented_at": consented if crowd.has_consented else _at(None),
        "stopped_at": stopped,
        "organiser": false(),
        "reach_account": literal(crowd.account),
        "reach_user": _user(number),
    }


async def _live(connection: AsyncConnection, crowd: Crowd, numbers: Subquery, now: datetime) -> None:
    """Of the consultation some took part, and some have finished; some were written to three times this week."""
    number: ColumnElement[int] = numbers.c.i
    took_part: Columns = {
        "member_id": number,
        "consultation": literal(SLUG),
        "begun_at": _at(now),
        "finished_at": case((number % 20 == 0, _at(now)), else_=null()),
    }
    await _fill(connection, participation, numbers, took_part, or_(number % 20 == 0, number % 11 == 0))
    for days, step in enumerate(EARLIER, 1):
        at = now - timedelta(days=days)
        ordered = {
            "code": f"earlier/{step}", "consultation": "earlier", "step": step, "kind": NudgeKind.INVITATION.value,
            "audience": "{}", "at": at, "confirmed": True, "is_planned": True,
            "planned": crowd.members // 25 + 1, "planned_to": 0,
        }  # fmt: skip
        made = await connection.scalar(insert(connection, broadcast).values(ordered).returning(broadcast.c.id))
        sent: Columns = {
            "account": literal(crowd.account),
            "chat": _user(number),
            "private": true(),
            "priority": literal(Priority.NUDGE.value),
            "broadcast_id": literal(made),
            "member_id": number,
            "key": literal(f"nudge:earlier:{step}:") + cast(number, Text),
            "state": literal(DeliveryState.SENT.value),
            "attempts": literal(1),
            "not_before": _at(at),
            "at": _at(at),
        }
        await _fill(connection, delivery, numbers, sent, number % 25 == 0)


def _numbers(connection: AsyncConnection, first: int, last: int) -> Subquery:
    if connection.dialect.name != "sqlite":
        series = func.generate_series(first, last).table_valued("i").render_derived()
        return select(series.c.i).subquery("numbers")
    counted = select(literal(first).label("i")).cte("n", recursive=True)
    return select(counted.union_all(select(counted.c.i + 1).where(counted.c.i < last))).subquery("numbers")


async def _fill(
    connection: AsyncConnection,
    table: Table,
    numbers: Subquery,
    values: Columns,
    where: ColumnElement[bool] | None = None,
) -> None:
    if "id" not in values and table is member:
        values = {"id": numbers.c.i, **values}
    rows = select(*values.values()).select_from(numbers)
    chosen = rows if where is None else rows.where(where)
    await connection.execute(insert(connection, table).from_select(list(values), chosen, include_defaults=False))


def _user(number: ColumnElement[int]) -> ColumnElement[str]:
    return cast(number + FIRST_USER, Text)


def _at(when: datetime | None) -> ColumnElement[Any]:
    return literal(when, Instant())


def _at_home(zone: str | None) -> ColumnElement[Any]:
    return literal(zone, Text())
