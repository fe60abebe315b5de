"""A file as a manuscript, whatever mistakes are in it, and where each of its fields stands in the file.

A file may say what no form can show: an unknown key, a list where words belong. Of such a file there is no manuscript.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import partial

from core.flows.manuscripts.manuscript import AFTER, BEFORE, OFF, USUAL, Due, Manuscript
from core.flows.manuscripts.pieces import NAMES, Pieces, Unshowable, is_word
from core.flows.manuscripts.questions import read_question
from core.flows.nudges import STEPS
from core.flows.problems import Findings, Problem
from core.flows.reading import KEYS
from core.flows.tree import Node, Row, Table, Word, read_tree
from core.texts import SOURCE_LANGUAGE

_SPAN = re.compile(r"(\S*) *(week|day|hour|minute|second)s?")
_NONE = ("none", "never", "off", "no")
_ALL = ("usual", "on", "yes", "at opening")
_WHOM = ("bodies", "topics", "languages", "active within", "verified")
_STEPS = ("invitation", "closing", "thanks", "outcome")


@dataclass(frozen=True, slots=True)
class Found:
    """`manuscript` None where no form can show the file. `spots`: line, column and field, in the file's order."""

    manuscript: Manuscript | None
    spots: tuple[tuple[int, int, str], ...] = ()

    def field_of(self, problem: Problem) -> str:
        """The field at which a problem stands; empty for one of the file as a whole."""
        at = bisect_right([(line, column) for line, column, _ in self.spots], (problem.line, problem.column))
        return self.spots[at - 1][2] if at else ""


def find_manuscript(text: str) -> Found:
    findings = Findings()
    tree = read_tree(text, findings)
    if tree is None and not text.strip():
        return Found(Manuscript())
    if tree is None or findings.mistakes:
        return Found(None)
    pieces = Pieces()
    try:
        manuscript = _manuscript(pieces, tree)
    except Unshowable:
        return Found(None)
    return Found(manuscript, tuple(sorted(pieces.spots)))


def read_manuscript(text: str) -> Manuscript | None:
    return find_manuscript(text).manuscript


def _manuscript(pieces: Pieces, tree: Table) -> Manuscript:
    at = pieces.table(tree, KEYS, lambda key: NAMES.get(key, key))
    declared = pieces.row(at.get("languages"), "languages")
    title = at.get("title")
    spoken = [key.text for key, _ in title.entries] if isinstance(title, Table) else []
    pieces.first = (*declared, *spoken, SOURCE_LANGUAGE)[0]
    asked = at.get("audience")
    whom = {} if is_word(asked, "everybody", "everyone") else pieces.within(asked, _WHOM, "audience")
    answers = at.get("answered by")
    by = {"body": answers} if isinstance(answers, Word) else pieces.within(answers, ("body", "within"), "body")
    nudges = at.get("nudges")
    steps = dict.fromkeys(_STEPS, nudges) if isinstance(nudges, Word) else pieces.within(nudges, STEPS, "nudges")
    read = Manuscript(
        slug=pieces.word(at.get("consultation"), "slug"),
        title=pieces.said(title, "title"),
        framing=pieces.said(at.get("framing"), "framing"),
        timezone=pieces.word(at.get("timezone"), "timezone"),
        opens=pieces.moment(at.get("opens"), "opens"),
        closes=pieces.moment(at.get("closes"), "closes"),
        repeats=pieces.word(at.get("repeats"), "repeats"),
        keyword=pieces.word(at.get("keyword"), "keyword"),
        bodies=pieces.row(whom.get("bodies"), "bodies"),
        topics=pieces.row(whom.get("topics"), "topics"),
        speaking=pieces.row(whom.get("languages"), "speaking"),
        active=pieces.days(whom.get("active within"), "active"),
        verified=pieces.flag(whom.get("verified"), "verified"),
        body=pieces.word(by.get("body"), "body"),
        within=pieces.days(by.get("within"), "within"),
        questions=pieces.several(at.get("prompts"), "prompts", partial(read_question, pieces)),
        invitation=_due(pieces, steps.get("invitation"), "nudges.invitation"),
        reminders=_reminders(pieces, steps.get("reminders")),
        closing=_due(pieces, steps.get("closing"), "nudges.closing"),
        thanks=_due(pieces, steps.get("thanks"), "nudges.thanks"),
        told=_due(pieces, steps.get("outcome"), "nudges.told"),
        outcome=pieces.said(at.get("outcome"), "outcome"),
        outcome_at=pieces.moment(at.get("outcome at"), "outcome_at"),
        results=pieces.word(at.get("results"), "results"),
        ideas=pieces.word(at.get("ideas"), "ideas"),
        smallest=pieces.word(at.get("smallest group"), "smallest"),
    )
    languages = tuple(dict.fromkeys((*declared, *pieces.spoken))) or (SOURCE_LANGUAGE,)
    return replace(read, languages=languages)


def _reminders(pieces: Pieces, node: Node | None) -> tuple[Due, ...]:
    if is_word(node, *_NONE, *_ALL):
        return ()
    if isinstance(node, Table):
        return (_due(pieces, node, "nudges.reminders.0"),)
    if isinstance(node, Row) and not all(isinstance(one, Table) for one in node.items):
        raise Unshowable
    return pieces.several(node, "nudges.reminders", partial(_due, pieces))


def _due(pieces: Pieces, node: Node | None, name: str) -> Due:
    if node is None:
        return Due()
    pieces.note(node, name)
    if isinstance(node, Word):
        if node.text in (*_ALL, *_NONE, ""):
            return Due(OFF if node.text in _NONE else USUAL)
        raise Unshowable
    if not isinstance(node, Table):
        raise Unshowable
    at = pieces.table(node, (AFTER, BEFORE, "at"), lambda key: f"{name}.{'at' if key == 'at' else 'count'}")
    if AFTER in at and BEFORE in at:
        raise Unshowable
    span = pieces.word(at.get(AFTER) or at.get(BEFORE), f"{name}.count")
    parts = _SPAN.fullmatch(span)
    count, unit = (parts[1], parts[2]) if parts else (span, "")
    return Due(BEFORE if BEFORE in at else AFTER, count, unit, pieces.word(at.get("at"), f"{name}.at"))
