"""What a turn says, put into the outbox in the turn's own transaction; and the lanes that it goes out on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.deliveries import DeliveryState
from core.ports import Post
from storage.database import insert, insert_once
from storage.instants import AT_ONCE
from storage.outgoing import delivery, lane
from storage.prepared import Prepared, Values, run_together
from storage.shapes import write_message

_PUT = Prepared(
    insert_once(delivery, "key"),
    *("account", "chat", "private", "thread", "priority", "consultation", "member_id", "key", "content", "state"),
    *("attempts", "not_before", "asked_at"),
)


class Lanes:
    """Makes the lane of an account when something first goes out on it. A lane is never removed, so what one was
    once found needn't be looked for again; one made in this very transaction isn't trusted until it was committed."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    async def make(self, connection: AsyncConnection, accounts: Iterable[str]) -> None:
        unknown = set(accounts) - self._known
        if not unknown:
            return
        found = (await connection.scalars(select(lane.c.account).where(lane.c.account.in_(unknown)))).all()
        self._known.update(found)
        for account in sorted(unknown.difference(found)):
            made = insert(connection, lane).values(account=account)
            await connection.execute(made.on_conflict_do_nothing())


async def make_lanes(
    connection: AsyncConnection, accounts: Select[*tuple[Any, ...]], values: Mapping[str, object] | None = None
) -> None:
    """The lanes of accounts that a statement finds, each given with the number 0."""
    made = insert(connection, lane).from_select(["account", "epoch"], accounts)
    await connection.execute(made.on_conflict_do_nothing(), values)


async def put(
    connection: AsyncConnection,
    lanes: Lanes,
    posts: Sequence[Post],
    asked_at: datetime | None = None,
    beside: Sequence[tuple[Prepared, Values]] = (),
) -> None:
    """`asked_at`: when the turn was that they answer. `beside`: what else is written, at one go with them."""
    await lanes.make(connection, (post.to.account for post in posts))
    rows = [
        {
            "account": post.to.account,
            "chat": post.to.chat,
            "private": post.to.private,
            "thread": post.to.thread,
            "priority": post.priority.value,
            "consultation": post.consultation,
            "member_id": post.member,
            "key": post.key,
            "content": write_message(post.message),
            "state": DeliveryState.PLANNED.value,
            "attempts": 0,
            "not_before": AT_ONCE,
            "asked_at": asked_at,
        }
        for post in posts
    ]
    await run_together(connection, [*beside, *((_PUT, row) for row in rows[:1])])
    for row in rows[1:]:  # they are sent in the order of their numbers, and PostgreSQL would number them as it likes
        await _PUT.run(connection, row)
