"""Acting at the desk: which acts are open to somebody, what a form asks for each, and the entry that comes of it."""

import re
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from core.bodies import Body
from core.ideas import Idea
from core.numerals import read_whole
from core.stories import NEEDS_REASON, Entry, EntryKind
from core.texts import Phrase, T, Words
from core.turns import decisions, moderation, reporting
from core.turns.acts import InOffice, open_to
from core.turns.filling import TAKES_BODY, TAKES_REASON, TAKES_RULE, Filled, Wrong, draw_up
from core.turns.moderation import BLACK
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
class Ticked(Filled):
    """`black`: the places of the words that may not stay, of all pieces between spaces; `words` names them instead."""

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


def read_filled(form: FormData) -> Ticked | None:
    kind = next((kind for kind in LABELS if kind == form.get("act")), None)
    if kind is None:
        return None
    typed = {
        name: str(form.get(name, "")).replace("\0", "")[:LONGEST_FIELD] for name in ("reason", "to", "rule", "words")
    }
    black = frozenset(place for one in form.getlist("black") if (place := read_whole(one)) is not None)
    return Ticked(kind, typed["reason"].strip(), typed["to"], typed["rule"], typed["words"].strip(), black)


def pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


def entry_from(officer: InOffice, seat: Seat, idea: Idea, ticked: Ticked) -> Entry | Wrong:
    filled = replace(ticked, words=_left(idea.text, ticked.black)) if ticked.black else ticked
    return draw_up(officer, seat, idea, filled)


def _left(text: str, black: frozenset[int]) -> str:
    """The text with those pieces blacked out; empty where there are none of them."""
    count = iter(range(len(text)))
    left = _PIECE.sub(lambda piece: BLACK * len(piece[0]) if next(count) in black else piece[0], text)
    return left if left != text else ""


def is_as_seen(idea: Idea, seen_with: int) -> bool:
    """Whether nothing came to its story since it had so many entries but that it was seen."""
    return all(entry.kind is EntryKind.SEEN for entry in idea.story[seen_with:]) and seen_with > 0
