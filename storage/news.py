"""News: who is told of an entry, written into the outbox by reference, within the database, however many."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, Text, and_, bindparam, cast, false, func, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState, Priority
from core.stories import TELLS, EntryKind
from storage.composites import parts
from storage.database import insert
from storage.instants import AT_ONCE, Instant
from storage.outgoing import delivery
from storage.posts import make_lanes
from storage.tables import address, idea, member, support

_WRITTEN = (
    "account", "chat", "private", "priority", "member_id", "idea", "entry", "to_author", "key", "state", "attempts",
    "not_before",
)  # fmt: skip

_CODE = bindparam("code", type_=Text())
_NUMBER = bindparam("number", type_=Integer())


def news_key(code: str, number: int, told: int) -> str:
    """Nobody is told of an entry twice."""
    return f"news:{code}:{number}:{told}"


async def tell(connection: AsyncConnection, code: str, kind: EntryKind, number: int) -> None:
    """The entry with this number to whom its kind is told: author and supporters, also of what is part of the idea."""
    if whom := TELLS.get(kind):
        values = {"code": code, "number": number}
        told = _told("author" in whom, "supporters" in whom)
        accounts = select(told.c.account, literal(0)).where(told.c.place == 1).distinct()
        await make_lanes(connection, accounts, values)
        rows = insert(connection, delivery).from_select(list(_WRITTEN), _rows(told), include_defaults=False)
        await connection.execute(rows.on_conflict_do_nothing(index_elements=["key"]), values)


def _rows(told: Any) -> Select[*tuple[Any, ...]]:
    prefix = literal("news:") + _CODE + ":" + cast(_NUMBER, Text) + ":"
    return select(
        told.c.account,
        told.c.chat,
        true(),
        literal(Priority.NEWS.value),
        told.c.member,
        cast(_CODE, Text),
        cast(_NUMBER, Integer),
        told.c.to_author,
        prefix + cast(told.c.member, Text),
        literal(DeliveryState.PLANNED.value),
        literal(0),
        literal(AT_ONCE, Instant()),
    ).where(told.c.place == 1)


@lru_cache(maxsize=4)
def _told(authors: bool, supporters: bool) -> Any:
    """Everybody who is to be told and where, numbered by `place` if there are several reasons to tell them: as author
    before as supporter. Those whom nothing reaches aren't among them."""
    within = parts(_CODE)
    reasons = ([_authors(within)] if authors else []) + ([_supporters(within)] if supporters else [])
    found = (union_all(*reasons) if len(reasons) > 1 else reasons[0]).subquery("found")
    order = (found.c.to_author.desc(), found.c.choice)
    place = func.row_number().over(partition_by=found.c.member, order_by=order).label("place")
    return select(found, place).where(found.c.account.is_not(None)).subquery("told")


def _authors(within: Any) -> Select[*tuple[Any, ...]]:
    """Where they said it, if they are still there, the idea itself rather than a part of it; else where they are
    reached."""
    still_there = and_(
        address.c.member_id == idea.c.member_id, address.c.account == idea.c.account, address.c.gone_at.is_(None)
    )
    best = (
        (idea.c.code == _CODE).desc(),
        idea.c.id,
        (address.c.user_id == idea.c.chat).desc(),
        address.c.seen_at.desc(),
        address.c.id.desc(),
    )
    return (
        select(
            member.c.id.label("member"),
            func.coalesce(address.c.account, member.c.reach_account).label("account"),
            func.coalesce(address.c.user_id, member.c.reach_user).label("chat"),
            true().label("to_author"),
            func.row_number().over(partition_by=member.c.id, order_by=best).label("choice"),
        )
        .select_from(idea)
        .join(within, within.c.code == idea.c.code)
        .join(member, member.c.id == idea.c.member_id)
        .outerjoin(address, still_there)
    )


def _supporters(within: Any) -> Select[*tuple[Any, ...]]:
    """Its author is none of them: what they did themselves, they know."""
    author = select(idea.c.member_id).where(idea.c.code == _CODE, idea.c.member_id.is_not(None))
    return (
        select(
            member.c.id.label("member"),
            member.c.reach_account.label("account"),
            member.c.reach_user.label("chat"),
            false().label("to_author"),
            literal(1).label("choice"),
        )
        .select_from(support)
        .join(within, within.c.code == support.c.idea)
        .join(member, member.c.id == support.c.member_id)
        .where(member.c.id.not_in(author))
    )
