"""Counting whom an invitation reaches: one statement over the audience, whoever they are and however many."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, case, func, literal, null, select, type_coerce

from core.consultations import Consultation, NudgeKind
from core.nudges import ASKED_ENOUGH, BUDGET_SPAN, Manners, expires_at
from core.ports import Allowance
from core.reach import Counted, Reach, Standing, reach
from storage.audiences import has_finished, in_audience
from storage.database import Database
from storage.desk.turnout import channel_of
from storage.instants import Instant
from storage.outgoing import broadcast, delivery
from storage.planning import budgets_used, where_it_matters
from storage.receivers import MAY_HAVE_ARRIVED
from storage.tables import member

_ASKS = [kind.value for kind in NudgeKind if kind.asks]
_STANDINGS = list(Standing)
"""Numbers are sorted sooner than words."""


class SqlReach:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, consultation: Consultation, now: datetime, manners: Manners) -> Reach:
        async with self._database.reading() as connection:
            allowance = await where_it_matters(connection, Allowance(manners.budget, BUDGET_SPAN, now))
            whose: FromClause = member
            used_at: ColumnElement[datetime] = type_coerce(null(), Instant())
            if allowance:
                used = budgets_used(allowance, delivery.c.member_id.is_not(None))
                whose = member.outerjoin(used, used.c.member_id == member.c.id)
                used_at = used.c.at
            each = (
                select(
                    _standing(consultation, used_at if allowance else None, now).label("standing"),
                    member.c.reach_account,
                    member.c.language,
                    member.c.timezone,
                    used_at.label("used_at"),
                )
                .select_from(whose)
                .where(in_audience(consultation.audience, now))
                .subquery()
            )
            alike = each.c.standing, each.c.reach_account, each.c.language, each.c.timezone
            first, last = func.min(each.c.used_at, type_=Instant()), func.max(each.c.used_at, type_=Instant())
            counted = select(*alike, func.count().label("members"), first.label("first"), last.label("last"))
            rows = (await connection.execute(counted.group_by(*alike))).all()
        return reach(map(_read, rows), consultation, now, manners)


def _read(row: Row[*tuple[Any, ...]]) -> Counted:
    """The budget is free again when its span is over."""
    standing, channel = _STANDINGS[row.standing], channel_of(row.reach_account)
    first, last = (at and at + BUDGET_SPAN for at in (row.first, row.last))
    return Counted(standing, channel, row.language, row.timezone, row.members, first, last)


def _standing(consultation: Consultation, used_at: ColumnElement[datetime] | None, now: datetime) -> ColumnElement[int]:
    """In the order in which `core.nudges.judge` asks."""
    cases = [
        (member.c.stopped_at.is_not(None), Standing.STOPPED),
        (member.c.consented_at.is_(None), Standing.NOT_AGREED),
        (member.c.reach_account.is_(None), Standing.UNREACHABLE),
        (has_finished(consultation.slug), Standing.ANSWERED),
        (_was_asked(consultation.slug, now), Standing.ASKED),
    ]
    if used_at is not None:
        if ends := _ends(consultation):
            cases.append((used_at >= literal(ends - BUDGET_SPAN, Instant()), Standing.TOO_LATE))
        cases.append((used_at.is_not(None), Standing.OVER_BUDGET))
    return case(*((when, _STANDINGS.index(then)) for when, then in cases), else_=_STANDINGS.index(Standing.NOW))


def _ends(consultation: Consultation) -> datetime | None:
    """From when on an invitation is too late, by its plan."""
    invitation = next((step for step in consultation.nudges if step.kind is NudgeKind.INVITATION), None)
    return expires_at(invitation, consultation, consultation.timezone) if invitation else consultation.closes_at


def _was_asked(slug: str, now: datetime) -> ColumnElement[bool]:
    asked = delivery.join(broadcast, broadcast.c.id == delivery.c.broadcast_id)
    lately = (
        select(delivery.c.member_id)
        .select_from(asked)
        .where(broadcast.c.consultation == slug, broadcast.c.kind.in_(_ASKS), delivery.c.member_id.is_not(None))
        .where(delivery.c.state.in_(MAY_HAVE_ARRIVED), delivery.c.at > now - ASKED_ENOUGH)
    )
    return member.c.id.in_(lately)
