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
from storage.prepared import Prepared, Write
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


async def put(connection: AsyncConnection, lanes: Lanes, posts: Sequence[Post]) -> None:
    """What is said in nobody's turn."""
    await lanes.make(connection, (post.to.account for post in posts))
    for prepared, row in puts(posts, None):
        await prepared.run(connection, row)


def puts(posts: Iterable[Post], asked_at: datetime | None) -> list[Write]:
    """`asked_at`: when the turn was that they answer. Their lanes have to be there. They are sent in the order in which
    these are written."""
    return [(_PUT, _row(post, asked_at)) for post in posts]


def _row(post: Post, asked_at: datetime | None) -> dict[str, object]:
    return {
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
