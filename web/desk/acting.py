"""Acting at the desk: which acts are open to somebody, what a form asks for each, and the entry that comes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from core.bodies import Body
from core.ideas import Idea
from core.standings import may_follow
from core.stories import NEEDS_REASON, Entry, EntryKind, Rule
from core.telling import sentence
from core.texts import Phrase, T, Words
from core.turns import decisions, moderation, reporting
from core.turns.acting import last_turn, read_reason
from core.turns.acts import InOffice, barred, entry_of, open_to, seat_for
from core.turns.moderation import BLACK, blacked_out
from core.turns.seats import Seat

LABELS: dict[EntryKind, Phrase] = {
    EntryKind.SENT: T("Send it to a body"),
    EntryKind.ACCEPTED: T("Accept"),
    EntryKind.DECLINED: T("Decline"),
    EntryKind.ASKED: T("Ask the author"),
    EntryKind.PASSED: T("Pass on"),
    EntryKind.NOT_OURS: T("Not ours"),
    EntryKind.ADOPTED: T("Adopted"),
    EntryKind.CARRIED_OUT: T("Carried out"),
    EntryKind.NOT_CARRIED_OUT: T("Not carried out"),
    EntryKind.RESTORED: T("Show its words again"),
    EntryKind.UPHELD: T("They stay hidden"),
    EntryKind.HIDDEN: T("Hide its words"),
    EntryKind.REDACTED: T("Black words out"),
}
"""What can be done at the desk, in the order in which it is offered."""

HINTS: dict[EntryKind, Words] = {
    **decisions.ASKS,
    **moderation.ASKS,
    **reporting.ASKS,
    EntryKind.SENT: T("Which body shall answer?"),
    EntryKind.ACCEPTED: T("Where does it go next, once you have accepted it?"),
    EntryKind.PASSED: T("Which body shall answer?"),
    EntryKind.RESTORED: T("Everybody can read its words again, and its author is told."),
}
TAKES_REASON = NEEDS_REASON | {EntryKind.ADOPTED, EntryKind.CARRIED_OUT, EntryKind.NOT_CARRIED_OUT}
TAKES_BODY = frozenset({EntryKind.SENT, EntryKind.ACCEPTED, EntryKind.PASSED})
TAKES_RULE = frozenset({EntryKind.HIDDEN, EntryKind.REDACTED})
LONGEST_FIELD = 5_000
_PIECE = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Act:
    """One of the things that are open to somebody, as a form offers it."""

    kind: EntryKind
    label: Phrase
    hint: Words
    bodies: tuple[Body, ...] = ()

    @property
    def takes_reason(self) -> bool:
        return self.kind in TAKES_REASON

    @property
    def needs_reason(self) -> bool:
        return self.kind in NEEDS_REASON

    @property
    def takes_rule(self) -> bool:
        return self.kind in TAKES_RULE


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody put into the form of an act. `black`: the places of the words that may not stay, of all pieces
    between spaces; `words` names them instead."""

    kind: EntryKind
    reason: str = ""
    to: str = ""
    rule: str = ""
    words: str = ""
    black: frozenset[int] = frozenset()


def acts_for(officer: InOffice, idea: Idea) -> list[Act]:
    return [_act(officer, kind, seat) for kind in LABELS if (seat := open_to(officer, idea, kind))]


def _act(officer: InOffice, kind: EntryKind, seat: Seat) -> Act:
    return Act(kind, LABELS[kind], HINTS[kind], where_to(officer, seat.body) if kind in TAKES_BODY else ())


def where_to(officer: InOffice, but: str = "") -> tuple[Body, ...]:
    """Bodies that it can go to: those above first, then those that answer something."""
    above = officer.bodies.above(but)
    others = sorted((one for one in officer.bodies.living if one not in above), key=lambda one: one.remit.is_empty)
    return tuple(one for one in (*above, *others) if one.slug != but)


def read_filled(form: FormData) -> Filled | None:
    kind = next((kind for kind in LABELS if kind == form.get("act")), None)
    if kind is None:
        return None
    typed = {
        name: str(form.get(name, "")).replace("\0", "")[:LONGEST_FIELD] for name in ("reason", "to", "rule", "words")
    }
    ticked = (str(one) for one in form.getlist("black"))
    black = frozenset(int(one) for one in ticked if one.isascii() and one.isdecimal() and len(one) < 6)
    return Filled(kind, typed["reason"].strip(), typed["to"], typed["rule"], typed["words"].strip(), black)


def pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


def entry_from(officer: InOffice, seat: Seat, idea: Idea, filled: Filled) -> Entry | Phrase:
    """The entry; or what is wrong with the form."""
    kind, reason, text = filled.kind, None, None
    body = officer.bodies.get(filled.to) if filled.to and kind in TAKES_BODY else None
    if kind in TAKES_BODY:
        is_wrong = filled.to and (body is None or body.has_ended or body.slug == seat.body)
        if is_wrong or (body is None and kind is not EntryKind.ACCEPTED):
            return T("Choose the body that it goes to.")
    rule = next((one for one in Rule if one == filled.rule), None) if kind in TAKES_RULE else None
    if kind in TAKES_RULE and rule is None:
        return T("Under which rule? Words may be hidden or blacked out for these, and for nothing else.")
    if kind is EntryKind.UPHELD:
        rule = idea.standing.rule
    if kind is EntryKind.REDACTED:
        left = _blackened(idea.text, filled)
        if isinstance(left, Phrase):
            return left
        text = left
    if kind in NEEDS_REASON or (kind in TAKES_REASON and filled.reason):
        said = read_reason(filled.reason)
        if isinstance(said, Phrase):
            return said
        reason = said
    return entry_of(officer, seat, kind, reason=reason, to=body, rule=rule, text=text)


def _blackened(text: str, filled: Filled) -> str | Phrase:
    if not filled.black:
        return blacked_out(text, filled.words) if filled.words else T("Choose the words that may not stay.")
    count = iter(range(len(text)))
    left = _PIECE.sub(lambda piece: BLACK * len(piece[0]) if next(count) in filled.black else piece[0], text)
    return blacked_out(text, left) if left != text else T("Choose the words that may not stay.")


# --- why not
def hindrance(officer: InOffice, idea: Idea, kind: EntryKind) -> Phrase | None:
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


def is_as_seen(idea: Idea, seen_with: int) -> bool:
    """Whether nothing came to its story since it had so many entries but that it was seen."""
    return all(entry.kind is EntryKind.SEEN for entry in idea.story[seen_with:]) and seen_with > 0


def read_seen_with(typed: object) -> int:
    written = str(typed)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else 0


def names(bodies: Sequence[Body], language: str) -> list[tuple[str, str]]:
    return [(body.slug, body.name.in_language(language)) for body in bodies]
