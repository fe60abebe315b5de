"""Seats: in which office somebody acts upon an idea, if in any; and the buttons that it gives them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.actions import action
from core.authority import Authority
from core.bodies import Bodies, Office, Power
from core.ideas import Idea
from core.members import Member, Role
from core.outbound import Button, Tone
from core.standings import ANSWERS, Referral, Stage, may_follow
from core.stories import EntryKind
from core.telling import left
from core.texts import T, Words

YES = frozenset({EntryKind.ACCEPTED, EntryKind.ADOPTED})


class Officer(Protocol):
    """Somebody who acts, and when: a scene of the chat is one, and so is whoever sits at the desk."""

    @property
    def member(self) -> Member: ...
    @property
    def offices(self) -> frozenset[Office]: ...
    @property
    def bodies(self) -> Bodies: ...
    @property
    def authority(self) -> Authority: ...
    @property
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Seat:
    """`by`: the role in which they act. `body` empty: an organiser, for no body in particular."""

    by: Role
    body: str = ""


def sits(scene: Officer, power: Power, slug: str) -> Seat | None:
    """The seat by which they may do that for the body."""
    body = scene.bodies.get(slug)
    roles = body.roles_that_may(power) if body and not body.has_ended else ()
    by = next((role for role in roles if (slug, role) in scene.offices), None)
    return Seat(by, slug) if by else None


def answers_for(scene: Officer, referral: Referral) -> Seat | None:
    """Of the body that has it; once its time has run out, also of one above it."""
    above = scene.bodies.above(referral.body) if is_late(scene, referral) else ()
    return _first_seat(scene, [referral.body, *(body.slug for body in above)])


def reports_on(scene: Officer, idea: Idea) -> Seat | None:
    """Who may say that it was adopted, carried out or not: the body that accepted it last, and those above it. Where a
    body has it, that body alone may adopt it."""
    now = idea.standing
    if now.with_body:
        return answers_for(scene, now.with_body)
    last = next((entry.body for entry in reversed(idea.story) if entry.kind in YES and entry.body), None)
    return _first_seat(scene, [last, *(body.slug for body in scene.bodies.above(last))]) if last else None


def moderates(scene: Officer, idea: Idea) -> Seat | None:
    """Of the body that has it, or had it last; organisers everywhere."""
    now = idea.standing
    slug = now.with_body.body if now.with_body else _last_body(idea)
    return sits(scene, Power.MODERATE, slug) or (Seat(Role.ORGANISER) if scene.authority.organises_all else None)


def judges(scene: Officer, idea: Idea) -> Seat | None:
    """Who judges its author’s appeal against its being hidden."""
    contest = idea.standing.contest
    return answers_for(scene, contest) if contest else None


def _first_seat(scene: Officer, slugs: Iterable[str]) -> Seat | None:
    return next((seat for slug in slugs if (seat := sits(scene, Power.ANSWER, slug))), None)


def _last_body(idea: Idea) -> str:
    return next((entry.next or entry.body or "" for entry in reversed(idea.story) if entry.next or entry.body), "")


# --- whose queue
def answered_for(bodies: Bodies, offices: frozenset[Office]) -> tuple[str, ...]:
    """The bodies for which somebody with these offices answers."""
    return tuple(body.slug for body in bodies.living if bodies.may(offices, Power.ANSWER, body.slug))


def named_body(typed: str, bodies: Bodies, offices: frozenset[Office]) -> str:
    """The body named by the first word; where none is named, the only one for which they answer, if there is one."""
    word = (typed.split() or [""])[0].casefold()
    theirs = answered_for(bodies, offices)
    only = theirs[0] if len(theirs) == 1 else ""
    is_named = bodies.get(word) is not None or (word and not word[0].isdigit())
    return word if is_named else only


def queue_of(idea: Idea, bodies: Bodies, offices: frozenset[Office]) -> str:
    """In whose queue somebody with these offices met the idea: that of the body which has it or decided it, as far as
    it is one of theirs."""
    theirs, now = answered_for(bodies, offices), idea.standing
    waits = [referral.body for referral in (now.with_body, now.contest) if referral]
    decided = [entry.body for entry in reversed(idea.story) if entry.kind in ANSWERS and entry.body]
    brought = [entry.next for entry in reversed(idea.story) if entry.next]
    above = [body.slug for slug in waits for body in bodies.above(slug)]
    return next((slug for slug in (*waits, *above, *decided, *brought) if slug in theirs), "")


# --- how long
def is_late(scene: Officer, referral: Referral) -> bool:
    return referral.silent_at is not None or scene.bodies.due(referral) <= scene.now


def time_left(scene: Officer, referral: Referral) -> Words:
    return left(scene.bodies.days_left(referral.body, scene.bodies.due(referral), scene.now))


# --- under a story
def buttons_in_office(scene: Officer, idea: Idea) -> list[list[Button]]:
    """What somebody in office can do about an idea whose story they look at."""
    now, code = idea.standing, idea.code
    rows: list[list[Button]] = []
    if (now.with_body and answers_for(scene, now.with_body)) or judges(scene, idea):
        rows.append([Button(T("Answer it"), action("consider", code), tone=Tone.PRIMARY)])
    if now.with_body is None and reports_on(scene, idea):
        rows.append([Button(label, action(verb, code)) for kind, label, verb in _REPORTS if may_follow(now, kind)])
    if now.stage is Stage.RECEIVED and scene.authority.organises_all:
        rows.append([Button(T("Send it to a body"), action("route", code), tone=Tone.PRIMARY)])
    if moderates(scene, idea) and may_follow(now, EntryKind.REDACTED):
        rows.append([Button(T("Moderate"), action("moderate", code))])
    return rows


_REPORTS = (
    (EntryKind.ADOPTED, T("Adopted"), "adopt"),
    (EntryKind.CARRIED_OUT, T("Carried out"), "carried"),
    (EntryKind.NOT_CARRIED_OUT, T("Not carried out"), "uncarried"),
)
