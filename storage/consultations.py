"""Consultations as they stand, and what members answered to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, exists, func, insert, null, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Consultation
from core.events import AnswerGiven, ConsultationLoaded, OutcomePublished
from core.ports import NameTaken
from core.prompts import Answers
from storage.database import insert as insert_into
from storage.database import inserts
from storage.prepared import Prepared, Write
from storage.shapes import (
    read_consultation,
    read_localised,
    read_value,
    write_consultation,
    write_localised,
    write_value,
)
from storage.tables import LATEST, answer, consultation, participation


def as_it_stands(row: Row[*tuple[Any, ...]]) -> Consultation:
    """What was loaded, with what was set by hand since."""
    return replace(
        read_consultation(row.definition),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        outcome=None if row.outcome is None else read_localised(row.outcome),
        outcome_at=row.outcome_at,
        archived_at=row.archived_at,
    )


async def find_consultation(connection: AsyncConnection, slug: str) -> Consultation | None:
    row = (await connection.execute(_ONE, {"slug": slug})).one_or_none()
    return None if row is None else as_it_stands(row)


async def all_consultations(connection: AsyncConnection) -> tuple[Consultation, ...]:
    rows = await connection.execute(select(consultation).order_by(consultation.c.loaded_at.desc(), consultation.c.slug))
    return tuple(map(as_it_stands, rows))


_ONE = select(consultation).where(consultation.c.slug == bindparam("slug"))


async def load(connection: AsyncConnection, loaded: ConsultationLoaded) -> None:
    """Times and outcome follow the file where the file's own have changed, else they stay as they stand. Raises
    NameTaken."""
    new = replace(loaded.consultation, archived_at=None)
    values: dict[str, object] = {"definition": write_consultation(new), "loaded_at": loaded.at, "archived_at": None}
    earlier = select(consultation.c.definition).where(consultation.c.slug == new.slug).with_for_update()
    written = await connection.scalar(earlier)
    old = None if written is None else read_consultation(written)
    if old is None or old.opens_at != new.opens_at:
        values["opens_at"] = new.opens_at
    if old is None or old.closes_at != new.closes_at:
        values["closes_at"] = new.closes_at
    if old is None or (old.outcome, old.outcome_at) != (new.outcome, new.outcome_at):
        values["outcome"] = None if new.outcome is None else write_localised(new.outcome)
        values["outcome_at"] = new.outcome_at
    stored = insert_into(connection, consultation).values(slug=new.slug, **values)
    key = ["slug"]
    if not loaded.once:
        await connection.execute(stored.on_conflict_do_update(index_elements=key, set_=values))
    elif not (await connection.execute(stored.on_conflict_do_nothing(index_elements=key))).rowcount:
        raise NameTaken(new.slug)


async def open_now(connection: AsyncConnection, slug: str, at: datetime) -> None:
    closes_at = case((consultation.c.closes_at > at, consultation.c.closes_at), else_=None)
    await _set(connection, slug, opens_at=at, closes_at=closes_at, archived_at=None)


async def close_now(connection: AsyncConnection, slug: str, at: datetime) -> None:
    await _set(connection, slug, closes_at=at)


async def archive(connection: AsyncConnection, slug: str, at: datetime | None) -> None:
    """None: it is out of the archive again."""
    await _set(connection, slug, archived_at=at)


async def publish_outcome(connection: AsyncConnection, published: OutcomePublished) -> None:
    words = write_localised(published.outcome)
    await _set(connection, published.consultation, outcome=words, outcome_at=published.at)


async def _set(connection: AsyncConnection, slug: str, **values: object) -> None:
    await connection.execute(update(consultation).where(consultation.c.slug == slug).values(**values))


# --- taking part
_COURSE = Prepared(
    union_all(
        select(answer.c.prompt, answer.c.value).where(
            answer.c.member_id == bindparam("member"), answer.c.consultation == bindparam("slug"), text(LATEST)
        ),
        select(null(), null()).where(
            exists(participation.c.member_id)
            .where(participation.c.member_id == bindparam("member"), participation.c.consultation == bindparam("slug"))
            .where(participation.c.finished_at.is_not(None))
        ),
    )
)
"""The latest answers; and where they have finished, a row of nothing."""
_NO_LONGER_LATEST = Prepared(
    update(answer)
    .where(answer.c.member_id == bindparam("member"), answer.c.consultation == bindparam("slug"))
    .where(answer.c.prompt == bindparam("which"), text(LATEST))
    .values(latest=False)
)
_ANSWERED = Prepared(insert(answer).inline(), "member_id", "consultation", "prompt", "value", "at", "latest")


async def course_of(connection: AsyncConnection, number: int, slug: str) -> tuple[Answers, bool]:
    """What they have answered, and whether they have finished."""
    rows = await _COURSE.rows(connection, {"member": number, "slug": slug})
    answers = {row.prompt: read_value(row.value) for row in rows if row.prompt is not None}
    return answers, len(answers) < len(rows)


def _first_time(column: str) -> Prepared:
    """Notes a time where none is noted yet."""
    key = ["member_id", "consultation"]
    by_kind = {
        kind: made.inline().on_conflict_do_update(
            index_elements=key, set_={column: func.coalesce(participation.c[column], made.excluded[column])}
        )
        for kind, made in inserts(participation).items()
    }
    return Prepared(by_kind, *key, column)


_BEGUN, _DONE = _first_time("begun_at"), _first_time("finished_at")


def begun(number: int, slug: str, at: datetime) -> Write:
    return _BEGUN, {"member_id": number, "consultation": slug, "begun_at": at}


def finished(number: int, slug: str, at: datetime) -> Write:
    return _DONE, {"member_id": number, "consultation": slug, "finished_at": at}


async def answers(
    connection: AsyncConnection, number: int, given: Sequence[AnswerGiven], known: Mapping[str, Collection[str]]
) -> list[Write]:
    """In the order in which they were given, to be written; what was the latest before is so no more. `known`: the
    prompts that they had answered before, of those consultations where that is known."""
    latest = {(one.consultation, one.prompt): position for position, one in enumerate(given)}
    for slug, prompt in latest:
        if slug not in known or prompt in known[slug]:
            await _NO_LONGER_LATEST.run(connection, {"member": number, "slug": slug, "which": prompt})
    writes: list[Write] = []
    for position, one in enumerate(given):
        row = {"member_id": number, "consultation": one.consultation, "prompt": one.prompt, "at": one.at}
        is_latest = latest[one.consultation, one.prompt] == position
        writes.append((_ANSWERED, {**row, "value": write_value(one.value), "latest": is_latest}))
    return writes
