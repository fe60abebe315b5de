"""Entries filled in where nobody talks with us, at the desk or by a program: what comes of it, or what is wrong with
it, and why it isn't open."""

from dataclasses import dataclass

from core.ideas import Idea
from core.standings import may_follow
from core.stories import NEEDS_REASON, Entry, EntryKind, Rule
from core.telling import sentence
from core.texts import Phrase, T
from core.turns.acting import last_turn, read_reason
from core.turns.acts import barred, entry_of, open_to, seat_for
from core.turns.moderation import blacked_out
from core.turns.seats import Officer, Seat

TAKES_REASON = NEEDS_REASON | {EntryKind.ADOPTED, EntryKind.CARRIED_OUT}
TAKES_BODY = frozenset({EntryKind.SENT, EntryKind.ACCEPTED, EntryKind.PASSED})
TAKES_RULE = frozenset({EntryKind.HIDDEN, EntryKind.REDACTED})


@dataclass(frozen=True, slots=True)
class Filled:
    """`to`: the body that it goes to. `words`: those to be blacked out, exactly as they stand; or the whole text, with
    what may not stay blacked out already."""

    kind: EntryKind
    reason: str = ""
    to: str = ""
    rule: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """`field`: of what was filled in."""

    field: str
    why: Phrase


def draw_up(officer: Officer, seat: Seat, idea: Idea, filled: Filled) -> Entry | Wrong:
    kind, reason, text = filled.kind, None, None
    body = officer.bodies.get(filled.to) if filled.to and kind in TAKES_BODY else None
    if kind in TAKES_BODY:
        is_wrong = filled.to and (body is None or body.has_ended or body.slug == seat.body)
        if is_wrong or (body is None and kind is not EntryKind.ACCEPTED):
            return Wrong("to", T("Choose the body that it goes to."))
    rule = next((one for one in Rule if one == filled.rule), None) if kind in TAKES_RULE else None
    if kind in TAKES_RULE and rule is None:
        why = T("Under which rule? Words may be hidden or blacked out for these, and for nothing else.")
        return Wrong("rule", why)
    if kind is EntryKind.UPHELD:
        rule = idea.standing.rule
    if kind is EntryKind.REDACTED:
        left = blacked_out(idea.text, filled.words) if filled.words else T("Choose the words that may not stay.")
        if isinstance(left, Phrase):
            return Wrong("words", left)
        text = left
    if kind in NEEDS_REASON or (kind in TAKES_REASON and filled.reason):
        said = read_reason(filled.reason)
        if isinstance(said, Phrase):
            return Wrong("reason", said)
        reason = said
    return entry_of(officer, seat, kind, reason=reason, to=body, rule=rule, text=text)


def hindrance(officer: Officer, idea: Idea, kind: EntryKind) -> Phrase | None:
    """Why that isn't open to them about it; None where it is."""
    if open_to(officer, idea, kind):
        return None
    if why := barred(officer, idea, kind):
        return why
    if not may_follow(idea.standing, kind):
        last = last_turn(idea)
        return T("It isn’t open for that: {what}", what=sentence(last, officer.bodies))
    now = idea.standing
    if now.with_body and seat_for(officer, idea, kind) is None:
        return T("It is with {body}. Those who answer for it decide.", body=officer.bodies.name(now.with_body.body))
    return T("It takes another office than the ones you hold.")
