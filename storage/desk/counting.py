"""Statements that count answers, and the indexes that answer them. A member's answer to a prompt that was ruled out by
what they answered since doesn't count, as in `core.flows.walking`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Index,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.consultations import Consultation
from core.counting import IN_WORDS
from core.prompts import Condition, Prompt, Test, Value
from core.results import Among
from storage.shapes import read_value
from storage.tables import IS_DECLARED, LATEST, address, answer, declared, member, participation

SHORT = "latest AND (length(value) <= 32 OR substr(value, 1, 1) = '[')"
"""What was picked or is a number: a longer answer that isn't a list is somebody's own words."""
SKIPPED = "latest AND value IS NULL"

Index(
    "ix_answer_picked",
    answer.c.consultation,
    answer.c.prompt,
    answer.c.value,
    answer.c.member_id,
    sqlite_where=text(SHORT),
    postgresql_where=text(SHORT),
)
Index(
    "ix_answer_asked",
    answer.c.consultation,
    answer.c.prompt,
    answer.c.id,
    sqlite_where=text(LATEST),
    postgresql_where=text(LATEST),
)
Index(
    "ix_answer_skipped",
    answer.c.consultation,
    answer.c.prompt,
    answer.c.member_id,
    sqlite_where=text(SKIPPED),
    postgresql_where=text(SKIPPED),
)

MOST_BOUND = 10_000
"""Values that one statement binds; where there are more, they are written out."""

Given = dict[str, dict[str | None, int]]
"""By prompt, how often each answer was given, as it is written; None: skipped."""
Matching = Mapping[tuple[str, Condition], Sequence[str]]
"""By the prompt that a condition is of, the answers as they are written by which it holds (of a `not`: fails)."""


def members_among(among: Among) -> Select[Any] | None:
    """The numbers of those; None for everybody."""
    if among.is_everybody:
        return None
    sought = select(member.c.id)
    if among.language:
        sought = sought.where(member.c.language == among.language)
    if among.body:
        theirs = select(address.c.member_id).join(declared, IS_DECLARED)
        sought = sought.where(member.c.id.in_(theirs.where(declared.c.body == among.body)))
    return sought


async def given(connection: AsyncConnection, consultation: Consultation, among: Among) -> Given:
    """Of every prompt but those answered in people's own words, whatever was asked before."""
    found: Given = {prompt.key: {} for prompt in consultation.prompts}
    for condition, columns in (
        (SHORT, (answer.c.prompt, answer.c.value)),
        (SKIPPED, (answer.c.prompt,)),
    ):
        counted = select(*columns, func.count()).where(_in(answer, consultation), text(condition))
        if condition == SHORT:
            closed = [prompt.key for prompt in consultation.prompts if prompt.kind not in IN_WORDS]
            counted = counted.where(answer.c.prompt.in_(closed))
        for row in await connection.execute(_of(counted, answer, among).group_by(*columns)):
            if row.prompt in found:
                found[row.prompt][row[1] if condition == SHORT else None] = row[-1]
    return found


async def in_words(connection: AsyncConnection, consultation: Consultation, among: Among) -> dict[str, int]:
    """By prompt how many came to it, skips among them, of those answered in people's own words."""
    open_ones = [prompt.key for prompt in consultation.prompts if prompt.kind in IN_WORDS]
    counted = select(answer.c.prompt, func.count()).where(
        _in(answer, consultation), text(LATEST), answer.c.prompt.in_(open_ones)
    )
    rows = await connection.execute(_of(counted, answer, among).group_by(answer.c.prompt))
    return {row[0]: row[1] for row in rows}


def matching(consultation: Consultation, given: Given) -> Matching:
    found: dict[tuple[str, Condition], Sequence[str]] = {}
    for prompt in consultation.prompts:
        for test in prompt.when:
            asks = Condition(test.prompt, Test.IS, test.values) if test.test is Test.NOT else test
            written = (value for value in given.get(test.prompt, {}) if value is not None)
            found[prompt.key, test] = [one for one in written if asks.holds({test.prompt: read_value(one)})]
    return found


async def given_if_asked(
    connection: AsyncConnection, consultation: Consultation, prompt: Prompt, holding: Matching, among: Among
) -> dict[str | None, int]:
    """Of a prompt with conditions: of those alone whom it is asked as things stand. Where people answer in their own
    words, all of these count under one and the same."""
    said = case((answer.c.value.is_(None), None), else_="") if prompt.kind in IN_WORDS else answer.c.value
    counted = select(said.label("said"), func.count()).where(
        _in(answer, consultation), text(LATEST), answer.c.prompt == prompt.key,
        asked(consultation, prompt, answer.c.member_id, holding),
    )  # fmt: skip
    rows = await connection.execute(_of(counted, answer, among).group_by(said))
    return {row.said: row[1] for row in rows}


async def stopped_at(
    connection: AsyncConnection, consultation: Consultation, holding: Matching, among: Among
) -> dict[str, int]:
    """Of those who began and didn't finish, how many have come to each prompt and gone no further."""
    whose = participation.c.member_id
    waits = [
        (and_(asked(consultation, prompt, whose, holding), ~_has_come_to(consultation, prompt, whose)), prompt.key)
        for prompt in consultation.prompts
    ]
    if not waits:
        return {}
    where = case(*waits, else_=None)
    unfinished = (
        select(where.label("prompt"), func.count())
        .where(participation.c.consultation == consultation.slug)
        .where(participation.c.begun_at.is_not(None), participation.c.finished_at.is_(None))
    )
    some = members_among(among)
    if some is not None:
        unfinished = unfinished.where(whose.in_(some))
    rows = await connection.execute(unfinished.group_by(where))
    return {key: many for key, many in rows if key is not None}


def asked(
    consultation: Consultation, prompt: Prompt, whose: ColumnElement[int], holding: Matching
) -> ColumnElement[bool]:
    """Whether a prompt is asked of somebody, given what they answered to earlier ones that are asked of them."""
    tests: list[ColumnElement[bool]] = []
    for test in prompt.when:
        earlier = consultation.prompt(test.prompt)
        if earlier is None:
            continue
        said = answer.alias(f"{prompt.key}_by_{test.prompt}")
        known = select(said.c.id).where(
            said.c.member_id == whose, _in(said, consultation), said.c.prompt == test.prompt, _latest(said.name),
            said.c.value.in_(_bound(holding[prompt.key, test])),
            asked(consultation, earlier, whose, holding),
        )  # fmt: skip
        whole = known.correlate(answer, participation)  # also from two levels down, where it isn't by itself
        tests.append(~exists(whole) if test.test is Test.NOT else exists(whole))
    return and_(True, *tests)


def _has_come_to(consultation: Consultation, prompt: Prompt, whose: ColumnElement[int]) -> ColumnElement[bool]:
    said = answer.alias(f"to_{prompt.key}")
    came = select(said.c.id).where(said.c.member_id == whose, _in(said, consultation), said.c.prompt == prompt.key)
    return exists(came.where(_latest(said.name)))


def _latest(alias: str) -> ColumnElement[bool]:
    """As the index has it, which SQLite doesn't see in `latest = 1`."""
    return literal_column(f"{alias}.{LATEST}", Boolean)


def _bound(values: Sequence[str]) -> Any:
    return bindparam(None, list(values), expanding=True, literal_execute=len(values) > MOST_BOUND)


def _in(said: FromClause, consultation: Consultation) -> ColumnElement[bool]:
    return said.c.consultation == consultation.slug


def _of(counted: Select[Any], said: FromClause, among: Among) -> Select[Any]:
    some = members_among(among)
    return counted if some is None else counted.where(said.c.member_id.in_(some))


def values(counted: Mapping[str | None, int], read: Callable[[str], Value | None] = read_value) -> dict[Value, int]:
    """As they were answered; the same number written in two ways is one."""
    found: dict[Value, int] = {}
    for written, many in _written(counted):
        value = read(written)
        if value is not None:
            found[value] = found.get(value, 0) + many
    return found


def _written(counted: Mapping[str | None, int]) -> Iterable[tuple[str, int]]:
    return ((written, many) for written, many in counted.items() if written is not None)
