"""Standings: where an idea is now, in one line."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.bodies import Bodies
from core.ideas import Idea
from core.standings import Referral, Stage
from core.stories import EntryKind
from core.texts import TN, Fill, N, Phrase, T

_BY_BODY: dict[EntryKind, str] = {
    EntryKind.ACCEPTED: N("Accepted by {body}."),
    EntryKind.DECLINED: N("Declined by {body}."),
    EntryKind.ADOPTED: N("Adopted by {body}."),
    EntryKind.CARRIED_OUT: N("Carried out, {body} reports."),
    EntryKind.NOT_CARRIED_OUT: N("Not carried out, {body} reports."),
}
_CLOSED: dict[EntryKind, str] = {
    EntryKind.DECLINED: N("Its story has ended: declined by {body}."),
    EntryKind.CARRIED_OUT: N("Its story has ended: carried out, {body} reports."),
    EntryKind.NOT_CARRIED_OUT: N("Its story has ended: not carried out, {body} reports."),
}
_BY_ITSELF: dict[Stage, str] = {
    Stage.BEGUN: N("Said, and not put forward yet."),
    Stage.RECEIVED: N("Received. An organiser will send it to the body that answers it."),
    Stage.MERGED: N("Part of {other} now, where its story goes on."),
    Stage.WITHDRAWN: N("Its author took it back."),
    Stage.UNDONE: N("Taken apart again. Each of its ideas stands by itself."),
    Stage.CLOSED: N("Its story has ended."),
    Stage.ERASED: N("An idea by a former member, erased at their request."),
}


def where(idea: Idea, bodies: Bodies, now: datetime) -> Phrase:
    standing = idea.standing
    if standing.with_body:
        return _waits(standing.with_body, bodies, now)
    if standing.declined_by and bodies.may_hear(standing):
        return T("Declined by {body}. Its author may appeal.", body=bodies.name(standing.declined_by))
    of_body = _CLOSED if standing.stage is Stage.CLOSED else _BY_BODY
    last = next((entry for entry in reversed(idea.story) if entry.kind in of_body and entry.body), None)
    if last and last.body and standing.stage in (Stage.CLOSED, Stage(last.kind.value)):
        return _filled(of_body[last.kind], body=bodies.name(last.body))
    return _filled(_BY_ITSELF.get(standing.stage, _BY_ITSELF[Stage.CLOSED]), other=standing.part_of or "–")


def where_appeal(idea: Idea, bodies: Bodies, now: datetime) -> Phrase | None:
    """Who judges the appeal against its being hidden, where somebody is to."""
    contest = idea.standing.contest
    if contest is None:
        return None
    name, day = bodies.name(contest.body), last_day(contest, bodies)
    if late := days_late(contest, bodies, now):
        return TN(
            "{body} was to judge the appeal against its being hidden by {day} and is {count} day late.",
            "{body} was to judge the appeal against its being hidden by {day} and is {count} days late.",
            late,
            body=name,
            day=day,
        )
    return T("{body} judges the appeal against its being hidden by {day}.", body=name, day=day)


def days_late(referral: Referral | None, bodies: Bodies, now: datetime) -> int:
    """Days since the last one on which the body was to answer; 0 while it is in time. Once the record says that the
    time ran out, a calendar that was changed later doesn't unsay it."""
    if referral is None or (referral.silent_at is None and now < bodies.due(referral)):
        return 0
    today = now.astimezone(ZoneInfo(bodies.timezone)).date()
    return max(1, (today - last_day(referral, bodies)).days)


def last_day(referral: Referral, bodies: Bodies) -> date:
    return bodies.calendar(referral.body).last_day(referral.since, referral.days)


def _waits(referral: Referral, bodies: Bodies, now: datetime) -> Phrase:
    name, day = bodies.name(referral.body), last_day(referral, bodies)
    if late := days_late(referral, bodies, now):
        return TN(
            "Waits with {body}, which was to answer by {day} and is {count} day late.",
            "Waits with {body}, which was to answer by {day} and is {count} days late.",
            late,
            body=name,
            day=day,
        )
    if referral.is_appeal:
        return T("Appealed. Waits with {body}, which answers by {day}.", body=name, day=day)
    return T("Waits with {body}, which answers by {day}.", body=name, day=day)


def _filled(msgid: str, **values: Fill) -> Phrase:
    return Phrase(msgid, tuple(values.items()))
