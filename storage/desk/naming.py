"""What is known beforehand of whoever hasn't written yet: the language they read, and the topics to follow."""

import json

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.members import Address
from storage.changes import change_member
from storage.database import insert
from storage.prepared import Prepared
from storage.tables import expected, follow, topic

_EXPECTED = Prepared(
    select(expected.c.language, expected.c.topics).where(
        expected.c.account == bindparam("account"), expected.c.user_id == bindparam("user")
    )
)


async def take_up(connection: AsyncConnection, number: int, who: Address) -> None:
    """They have come: what was known of them is theirs to change from now on."""
    row = await _EXPECTED.row(connection, {"account": who.account, "user": who.user})
    if row is None:
        return
    if row.language:
        await change_member(connection, number, language=row.language, language_chosen=True)
    known = select(topic.c.slug).where(topic.c.slug.in_(json.loads(row.topics)))
    rows = [{"member_id": number, "topic": slug} for slug in (await connection.scalars(known)).all()]
    if rows:
        await connection.execute(insert(connection, follow).on_conflict_do_nothing(), rows)
    at = (expected.c.account == who.account) & (expected.c.user_id == who.user)
    await connection.execute(delete(expected).where(at))
