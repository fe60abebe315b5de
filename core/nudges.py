"""Nudges: when each step of a plan is due, what it says, and whether it may still go to somebody at this moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.actions import action
from core.consultations import Anchor, Consultation, NudgeKind, NudgeStep
from core.deliveries import Receiver
from core.outbound import Button, Say, Tone, say
from core.texts import T, Words
from core.turns.welcome import open_until

BUDGET_SPAN = timedelta(days=7)
OVER_BUDGET = "weekly budget"
ASKED_ENOUGH = timedelta(hours=20)
"""Nobody is asked about the same consultation twice in a day, whoever ordered the second asking."""

LATEST_TELLING = timedelta(days=14)
"""Thanks and an outcome that could not be told by then are told no more."""


@dataclass(frozen=True, slots=True)
class Manners:
    """When we keep quiet, on the receiver's own clock, and how many unasked messages a week anybody gets."""

    quiet_from: time = time(21)
    quiet_until: time = time(8)
    budget: int = 3


# --- when
def due_at(step: NudgeStep, consultation: Consultation, timezone: str) -> datetime | None:
    """When the step is due for somebody in that zone; None while its anchor has no time yet."""
    anchor = {
        Anchor.OPENING: consultation.opens_at,
        Anchor.CLOSING: consultation.closes_at,
        Anchor.OUTCOME: consultation.outcome_at,
    }[step.anchor]
    if anchor is None:
        return None
    due = anchor + step.offset
    if step.at is None:
        return due
    zone = ZoneInfo(timezone)
    day = due.astimezone(zone).date()
    at = datetime.combine(day, step.at, zone)
    if at < anchor <= due:  # an opening in the evening, and an invitation at noon: the next noon
        at = datetime.combine(day + timedelta(days=1), step.at, zone)
    return at.astimezone(due.tzinfo)


def out_of_quiet(at: datetime, timezone: str, manners: Manners) -> datetime:
    """That moment, or the end of the quiet hours that it falls into."""
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    quiet_from, until, clock = manners.quiet_from, manners.quiet_until, local.time()
    overnight = quiet_from > until
    is_quiet = (clock >= quiet_from or clock < until) if overnight else quiet_from <= clock < until
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1) if overnight and clock >= quiet_from else local.date()
    return datetime.combine(day, until, zone).astimezone(at.tzinfo)


def expires_at(step: NudgeStep, consultation: Consultation, timezone: str) -> datetime | None:
    """From when on it is too late: the closing, or the next step that asks; for what tells, two weeks."""
    due = due_at(step, consultation, timezone)
    if due is None:
        return None
    if not step.kind.asks:
        return due + LATEST_TELLING
    later = (due_at(other, consultation, timezone) for other in consultation.nudges if other.kind.asks)
    ends = [consultation.closes_at, *(at for at in later if at is not None and at > due)]
    return min((end for end in ends if end is not None), default=None)


def due_steps(consultation: Consultation, zones: Iterable[str | None], now: datetime) -> tuple[NudgeStep, ...]:
    """The steps due at `now` in at least one of the zones and not too late in all of them."""
    named = {zone or consultation.timezone for zone in zones} or {consultation.timezone}
    return tuple(step for step in consultation.nudges if any(_is_due(step, consultation, zone, now) for zone in named))


def _is_due(step: NudgeStep, consultation: Consultation, zone: str, now: datetime) -> bool:
    due, end = due_at(step, consultation, zone), expires_at(step, consultation, zone)
    return (
        due is not None
        and due <= now
        and (end is None or now < end)
        and not _would_be_out_of_place(step, consultation, due)
    )


def _would_be_out_of_place(step: NudgeStep, consultation: Consultation, due: datetime) -> bool:
    """A reminder or closing call that would come before the opening, or an ask at or after the closing."""
    opens, closes = consultation.opens_at, consultation.closes_at
    return step.kind.asks and (opens is None or due < opens or (closes is not None and due >= closes))


# --- may it
@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Suppress:
    why: str


Verdict = Send | Wait | Suppress


def judge(
    kind: NudgeKind,
    consultation: Consultation | None,
    receiver: Receiver | None,
    expires: datetime | None,
    now: datetime,
    manners: Manners,
) -> Verdict:
    """Whether it may go to them now. Asked when planning and again at the moment of sending."""
    if consultation is None:
        return Suppress("consultation removed")
    if receiver is None:
        return Suppress("forgotten")
    if refused := _refusal(kind, consultation, receiver, now):
        return Suppress(refused)
    if expires is not None and now >= expires:
        return Suppress("too late")
    if kind is NudgeKind.THANKS and consultation.is_open(now):
        return Wait(consultation.closes_at or now + timedelta(days=1), "open again")
    wait = _within_budget(receiver, now, manners)
    until = out_of_quiet(wait or now, receiver.timezone or consultation.timezone, manners)
    if until <= now:
        return Send()
    why = OVER_BUDGET if wait else "quiet hours"
    return Suppress(why) if expires is not None and until >= expires else Wait(until, why)


def _refusal(kind: NudgeKind, consultation: Consultation, receiver: Receiver, now: datetime) -> str:
    if receiver.has_stopped:
        return "said STOP"
    if not receiver.has_consented:
        return "has not agreed"
    if receiver.is_gone:
        return "unreachable"
    if kind.asks:
        if receiver.has_finished:
            return "has answered"
        if receiver.asked_at is not None and now - receiver.asked_at < ASKED_ENOUGH:
            return "asked about it already today"
        return "" if consultation.is_open(now) else "closed"
    if not receiver.took_part:
        return "took no part"
    return "the outcome says it" if kind is NudgeKind.THANKS and _tells_outcome(consultation, now) else ""


def _tells_outcome(consultation: Consultation, now: datetime) -> bool:
    """Thanks that announce it would come after it, and cost it its place in the week."""
    is_out = consultation.told(now) is not None
    return is_out and any(step.kind is NudgeKind.OUTCOME for step in consultation.nudges)


def _within_budget(receiver: Receiver, now: datetime, manners: Manners) -> datetime | None:
    """When the weekly budget allows another; None if it does now."""
    recent = sorted(at for at in receiver.unasked if at > now - BUDGET_SPAN)
    if len(recent) < manners.budget:
        return None
    return recent[len(recent) - manners.budget] + BUDGET_SPAN if manners.budget else now + BUDGET_SPAN


# --- what it says
def nudge(kind: NudgeKind, consultation: Consultation) -> Say:
    closes = open_until(consultation) if kind.asks else ""
    answer = [Button(T("Answer"), action("begin", consultation.slug), tone=Tone.PRIMARY)]
    rows = [answer] if kind.asks else [[Button(T("What is open?"), action("home"))]]
    words = _WORDS[kind]
    outcome: list[Words] = [consultation.outcome] if kind is NudgeKind.OUTCOME and consultation.outcome else []
    framing: list[Words] = [consultation.framing] if kind is NudgeKind.INVITATION else []
    leave: list[Words] = [T("STOP ends these messages.")] if kind is NudgeKind.INVITATION else []
    return say(words, *framing, *outcome, closes, *leave, title=consultation.title, buttons=rows)


_WORDS: Mapping[NudgeKind, Words] = {
    NudgeKind.INVITATION: T("You are asked:"),
    NudgeKind.REMINDER: T("We haven’t heard from you yet, and would like to."),
    NudgeKind.CLOSING: T("This closes soon. There is still time to be heard."),
    NudgeKind.THANKS: T("It has closed. Thank you for taking part! You’ll hear what comes of it."),
    NudgeKind.OUTCOME: T("You took part; this is what came of it."),
}
