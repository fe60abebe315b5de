"""Whose turn it is: finds and locks the member behind an address, or makes them on first contact."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.inbound import Inbound
from core.members import Address, Member
from storage import reach
from storage.arrangements import NUMBER
from storage.changes import change_member
from storage.desk.naming import take_up
from storage.prepared import Prepared
from storage.tables import address, member
from storage.tables import inbound as taken

MEMBER = (
    member.c.id, member.c.name, member.c.language, member.c.timezone, member.c.consented_at, member.c.stopped_at,
    member.c.organiser, member.c.verified_at,
)  # fmt: skip

_SENDER = Prepared(
    select(
        *MEMBER, member.c.language_chosen, member.c.timezone_chosen, member.c.reach_account, member.c.reach_user,
        address.c.id.label("address_id"), address.c.session, address.c.gone_at, NUMBER.label("arranged"),
        exists(taken.c.key).where(taken.c.key == bindparam("key")).label("was_taken"),
    )
    .select_from(address.join(member, member.c.id == address.c.member_id))
    .where(address.c.account == bindparam("account"), address.c.user_id == bindparam("user"))
    .with_for_update(of=[address, member])
)  # fmt: skip


def read_member(row: Row[*tuple[Any, ...]]) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        consented_at=row.consented_at,
        stopped_at=row.stopped_at,
        is_organiser=row.organiser,
        verified_at=row.verified_at,
    )


def members_at(who: Address) -> Select[*tuple[Any, ...]]:
    return (
        select(*MEMBER)
        .select_from(address.join(member, member.c.id == address.c.member_id))
        .where(address.c.account == who.account, address.c.user_id == who.user)
    )


async def member_at(connection: AsyncConnection, who: Address) -> Member | None:
    row = (await connection.execute(members_at(who))).one_or_none()
    return None if row is None else read_member(row)


@dataclass(frozen=True, slots=True)
class Sender:
    """A member, locked for the length of a turn, and the address that they write from."""

    member: Member
    address: int
    session: str
    was_taken: bool
    """Whether the same inbound was recorded before, as far as the database knew when the turn began."""
    arranged: int | None
    """The number at which what is arranged stood when the turn began."""


async def find_sender(connection: AsyncConnection, inbound: Inbound) -> Sender:
    row = await _locked(connection, inbound) or await _first_contact(connection, inbound)
    says: dict[str, str] = {}
    if inbound.name and inbound.name != row.name:
        says["name"] = inbound.name
    if inbound.locale and not row.language_chosen and language_of(inbound.locale) != row.language:
        says["language"] = language_of(inbound.locale)
    if inbound.timezone and not row.timezone_chosen and inbound.timezone != row.timezone:
        says["timezone"] = inbound.timezone
    better: dict[str, str] = {}
    if row.gone_at is not None and inbound.shows_life:
        await reach.come_back(connection, row.id, inbound.sender, inbound.at)
    if row.gone_at is None and _is_better(inbound.sender, row.reach_account, row.reach_user):
        better = {"reach_account": inbound.sender.account, "reach_user": inbound.sender.user}
    if says or better:
        await change_member(connection, row.id, **says, **better)
    known = replace(read_member(row), **says) if says else read_member(row)  # type: ignore[arg-type]  # all text
    return Sender(known, row.address_id, row.session, row.was_taken, row.arranged)


async def _locked(connection: AsyncConnection, inbound: Inbound) -> Any:
    """Waits for the turn before. If that one linked this address to another member, the row that we waited for is no
    longer the address's and PostgreSQL answers with nothing: hence the second look."""
    who, values = inbound.sender, _values(inbound)
    row = await _SENDER.row(connection, values)
    if row is None and connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"{who.account} {who.user}", 0))
        await connection.execute(select(lock))
        row = await _SENDER.row(connection, values)
        while row is None and await member_at(connection, who) is not None:
            row = await _SENDER.row(connection, values)
    return row


def _values(inbound: Inbound) -> dict[str, str]:
    return {"account": inbound.sender.account, "user": inbound.sender.user, "key": inbound.key}


_MEMBER_MADE = Prepared(
    insert(member).returning(member.c.id), "name", "language", "timezone", "reach_account", "reach_user"
)
_ADDRESS_MADE = Prepared(insert(address).inline(), "account", "user_id", "member_id", "seen_at")


async def _first_contact(connection: AsyncConnection, inbound: Inbound) -> Row[*tuple[Any, ...]]:
    account, user = inbound.sender.account, inbound.sender.user
    made = {
        "name": inbound.name,
        "language": language_of(inbound.locale),
        "timezone": inbound.timezone,
        "reach_account": account,
        "reach_user": user,
    }
    number = (await _MEMBER_MADE.row(connection, made)).id
    reached = {"account": account, "user_id": user, "member_id": number, "seen_at": inbound.at}
    await _ADDRESS_MADE.run(connection, reached)
    await take_up(connection, number, inbound.sender)
    (row,) = await _SENDER.rows(connection, _values(inbound))
    return row  # type: ignore[no-any-return]  # with the columns of _SENDER


def language_of(locale: str | None) -> str:
    return (locale or "").replace("_", "-").partition("-")[0].strip().lower() or "en"


def _is_better(who: Address, account: str | None, user: str | None) -> bool:
    """Whether an address that was just written from is now where its member is best reached. The web chat only shows
    to those who look, so it is the last choice."""
    if account is None or user is None:
        return True
    now = Address(account, user)
    return who != now and (who.channel != "web" or now.channel == "web")
