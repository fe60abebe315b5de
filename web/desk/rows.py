"""Rows: ideas as the inbox lists them, one in a few lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.ideas import Idea
from core.telling import STAGES
from core.texts import Phrase
from web.desk.desk import At, Desk
from web.finding import as_shown
from web.standings import days_late, where


@dataclass(frozen=True, slots=True)
class Row:
    """`seen_with`: how many entries its story had then. `topics`: their short names."""

    code: str
    words: str
    is_hidden: bool
    is_composite: bool
    stage: str
    state: Phrase
    where: Phrase
    since: datetime | None
    is_late: bool
    supporters: int
    topics: tuple[str, ...]
    attachments: int
    seen_with: int


async def rows_of(desk: Desk, here: At, codes: Sequence[str]) -> list[Row]:
    """In the order of the codes."""
    if not codes:
        return []
    inbox = desk.own.inbox
    ideas = await desk.parts.store.ideas(codes)
    topics, supporters = await inbox.topics_of(codes), await inbox.supporters_of(codes)
    return [_row(here, as_shown(one), topics.get(one.code, ()), supporters.get(one.code, 0)) for one in ideas]


def _row(here: At, idea: Idea, topics: tuple[str, ...], supporters: int) -> Row:
    now = idea.standing
    return Row(
        code=idea.code,
        words=idea.text,
        is_hidden=now.is_hidden,
        is_composite=idea.is_composite,
        stage=now.stage.value,
        state=STAGES[now.stage],
        where=where(idea, here.bodies, here.by.at),
        since=now.since,
        is_late=bool(days_late(now.with_body, here.bodies, here.by.at)),
        supporters=supporters,
        topics=topics,
        attachments=len(idea.attachments),
        seen_with=len(idea.story),
    )
