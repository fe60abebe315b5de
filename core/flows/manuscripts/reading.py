"""A file as a manuscript, whatever mistakes are in it, and where each of its fields stands in the file.

A file may say what no form can show: an unknown key, a list where words belong. Of such a file there is no manuscript.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.flows.fields import Languages, items
from core.flows.manuscripts.manuscript import AFTER, BEFORE, OFF, USUAL, Check, Choice, Due, Manuscript, Question, Said
from core.flows.nudges import STEPS
from core.flows.options import keyed_labels
from core.flows.problems import Findings, Problem
from core.flows.prompts import KINDS
from core.flows.reading import KEYS
from core.flows.tree import Node, Row, Table, Word, read_tree
from core.prompts import Test
from core.texts import SOURCE_LANGUAGE

Read = TypeVar("Read")

_CODE = re.compile(r"[a-z]{2,3}")
_SPAN = re.compile(r"(\S*) *(week|day|hour|minute|second)s?")
_DAYS = re.compile(r"(\d+) *days?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_NONE = ("none", "never", "off", "no")
_ALL = ("usual", "on", "yes", "at opening")
_FALSE, _TRUE = ("no", "off", "false"), ("yes", "on", "true")


class _Unshowable(Exception):
    """No form can show this."""


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
    reader = _Reader()
    try:
        manuscript = reader.manuscript(tree)
    except _Unshowable:
        return Found(None)
    return Found(manuscript, tuple(sorted(reader.spots)))


def read_manuscript(text: str) -> Manuscript | None:
    return find_manuscript(text).manuscript


@dataclass(slots=True)
class _Reader:
    spots: list[tuple[int, int, str]] = field(default_factory=list)
    spoken: dict[str, None] = field(default_factory=dict)
    first: str = SOURCE_LANGUAGE

    def manuscript(self, tree: Table) -> Manuscript:
        at = self.table(tree, KEYS, lambda key: _NAMES.get(key, key))
        declared = self.row(at.get("languages"), "languages")
        title = at.get("title")
        spoken = [key.text for key, _ in title.entries] if isinstance(title, Table) else []
        self.first = (*declared, *spoken, SOURCE_LANGUAGE)[0]
        asked = at.get("audience")
        whom = {} if _is_word(asked, "everybody", "everyone") else self.within(asked, _WHOM, "audience")
        answers = at.get("answered by")
        by = {"body": answers} if isinstance(answers, Word) else self.within(answers, ("body", "within"), "body")
        nudges = at.get("nudges")
        steps = dict.fromkeys(_STEPS, nudges) if isinstance(nudges, Word) else self.within(nudges, STEPS, "nudges")
        read = Manuscript(
            slug=self.word(at.get("consultation"), "slug"),
            title=self.said(title, "title"),
            framing=self.said(at.get("framing"), "framing"),
            timezone=self.word(at.get("timezone"), "timezone"),
            opens=self.moment(at.get("opens"), "opens"),
            closes=self.moment(at.get("closes"), "closes"),
            repeats=self.word(at.get("repeats"), "repeats"),
            keyword=self.word(at.get("keyword"), "keyword"),
            bodies=self.row(whom.get("bodies"), "bodies"),
            topics=self.row(whom.get("topics"), "topics"),
            speaking=self.row(whom.get("languages"), "speaking"),
            active=self.days(whom.get("active within"), "active"),
            verified=self.flag(whom.get("verified"), "verified"),
            body=self.word(by.get("body"), "body"),
            within=self.days(by.get("within"), "within"),
            questions=self.several(at.get("prompts"), "prompts", self.question),
            invitation=self.due(steps.get("invitation"), "nudges.invitation"),
            reminders=self.reminders(steps.get("reminders")),
            closing=self.due(steps.get("closing"), "nudges.closing"),
            thanks=self.due(steps.get("thanks"), "nudges.thanks"),
            told=self.due(steps.get("outcome"), "nudges.told"),
            outcome=self.said(at.get("outcome"), "outcome"),
            outcome_at=self.moment(at.get("outcome at"), "outcome_at"),
            results=self.word(at.get("results"), "results"),
            ideas=self.word(at.get("ideas"), "ideas"),
            smallest=self.word(at.get("smallest group"), "smallest"),
        )
        languages = tuple(dict.fromkeys((*declared, *self.spoken))) or (SOURCE_LANGUAGE,)
        return replace(read, languages=languages)

    # --- pieces
    def note(self, at: Node, name: str) -> None:
        self.spots.append((at.line, at.column, name))

    def table(self, node: Table, known: Collection[str], named: Callable[[str], str]) -> Mapping[str, Node]:
        for key, value in node.entries:
            if key.text not in known:
                raise _Unshowable
            self.note(key, named(key.text))
            self.note(value, named(key.text))
        return {key.text: value for key, value in node.entries}

    def within(self, node: Node | None, known: Collection[str], name: str) -> Mapping[str, Node]:
        """A table that belongs to one key. An empty one would be lost."""
        if _is_empty(node):
            return {}
        if not isinstance(node, Table) or not node.entries:
            raise _Unshowable
        return self.table(node, known, lambda key: _NAMES.get(f"{name}/{key}", f"{name}.{key}"))

    def word(self, node: Node | None, name: str) -> str:
        if node is None:
            return ""
        if not isinstance(node, Word):
            raise _Unshowable
        self.note(node, name)
        return node.text

    def row(self, node: Node | None, name: str) -> tuple[str, ...]:
        if _is_empty(node):
            return ()
        return tuple(self.word(item, name) for item in items(node)) if node is not None else ()

    def days(self, node: Node | None, name: str) -> str:
        text = self.word(node, name)
        return counted[1] if (counted := _DAYS.fullmatch(text)) else text

    def moment(self, node: Node | None, name: str) -> str:
        """As a form writes it back: with a space before the time of day."""
        text = self.word(node, name)
        return text.replace("T", " ") if _MOMENT.fullmatch(text) else text

    def said(self, node: Node | None, name: str) -> Said:
        if node is None or _is_empty(node):
            if node is not None:
                self.note(node, f"{name}.{self.first}")
            return ()
        if isinstance(node, Word):
            self.note(node, f"{name}.{self.first}")
            return self.speak(((self.first, node.text),))
        if not isinstance(node, Table) or not all(_CODE.fullmatch(key.text) for key, _ in node.entries):
            raise _Unshowable
        said = self.table(node, [key.text for key, _ in node.entries], lambda code: f"{name}.{code}")
        spoken = ((code, self.word(words, f"{name}.{code}")) for code, words in said.items())
        return self.speak(tuple((code, words) for code, words in spoken if words))

    def speak(self, said: Said) -> Said:
        self.spoken |= dict.fromkeys(code for code, _ in said)
        return said

    def several(
        self, node: Node | None, name: str, read: Callable[[Node, str], Read], most: int = 200
    ) -> tuple[Read, ...]:
        if _is_empty(node):
            return ()
        if not isinstance(node, Row) or len(node.items) > most:
            raise _Unshowable
        return tuple(read(item, f"{name}.{number}") for number, item in enumerate(node.items))

    # --- prompts
    def question(self, node: Node, name: str) -> Question:
        if not isinstance(node, Table):
            raise _Unshowable
        known = (*KINDS, *_QUESTION)
        at = self.table(node, known, lambda key: f"{name}.{'key' if key in KINDS else _QUESTION[key]}")
        kinds = [key for key in at if key in KINDS]
        if len(kinds) != 1 or any(
            key in at and kinds[0] not in of for key, of in _ONLY.items() if not _is_empty(at.get(key))
        ):
            raise _Unshowable
        bounds = ("from", "to") if kinds[0] == "scale" else ("at least", "at most")
        return Question(
            kind=kinds[0],
            key=self.word(at[kinds[0]], f"{name}.key"),
            ask=self.said(at.get("ask"), f"{name}.ask"),
            help=self.said(at.get("help"), f"{name}.help"),
            required=self.flag(at.get("required"), f"{name}.required"),
            options=self.options(at.get("options"), f"{name}.options"),
            least=self.word(at.get(bounds[0]), f"{name}.least"),
            most=self.word(at.get(bounds[1]), f"{name}.most"),
            low=self.said(at.get("low"), f"{name}.low"),
            high=self.said(at.get("high"), f"{name}.high"),
            when=self.when(at.get("when"), f"{name}.when"),
        )

    def flag(self, node: Node | None, name: str) -> bool:
        text = self.word(node, name).casefold()
        if text and text not in (*_TRUE, *_FALSE):
            raise _Unshowable
        return text in _TRUE

    def options(self, node: Node | None, name: str) -> tuple[Choice, ...]:
        if _is_empty(node):
            return ()
        if node is None or isinstance(node, Word):
            raise _Unshowable
        options = []
        for number, (_, spot, label) in enumerate(keyed_labels(node, Languages(), Findings())):
            if isinstance(node, Table):
                self.note(spot, f"{name}.{number}.key")
            options.append(self.said(label, f"{name}.{number}.label"))
        if isinstance(node, Table):
            keys = [key.text for key, _ in node.entries]
        else:
            keys = [key for key, _, _ in keyed_labels(node, Languages(), Findings())]
        return tuple(Choice(key, label) for key, label in zip(keys, options, strict=True))

    def when(self, node: Node | None, name: str) -> tuple[Check, ...]:
        if _is_empty(node):
            return ()
        checks: list[Check] = []
        for item in items(node) if node is not None else ():
            if not isinstance(item, Table) or not item.entries:
                raise _Unshowable
            for key, value in item.entries:
                tests = value.entries if isinstance(value, Table) else ((Word("is", key.line, key.column), value),)
                if not tests:
                    raise _Unshowable
                for test, wanted in tests:
                    one = f"{name}.{len(checks)}"
                    self.note(key, f"{one}.prompt")
                    if test.text not in list(Test):
                        raise _Unshowable
                    if isinstance(value, Table):
                        self.note(test, f"{one}.test")
                    checks.append(Check(key.text, test.text, self.row(wanted, f"{one}.values")))
                    self.note(wanted, f"{one}.values")
        return tuple(checks)

    # --- nudges
    def reminders(self, node: Node | None) -> tuple[Due, ...]:
        if _is_word(node, *_NONE, *_ALL):
            return ()
        if isinstance(node, Table):
            return (self.due(node, "nudges.reminders.0"),)
        if isinstance(node, Row) and not all(isinstance(one, Table) for one in node.items):
            raise _Unshowable
        return self.several(node, "nudges.reminders", self.due)

    def due(self, node: Node | None, name: str) -> Due:
        if node is None:
            return Due()
        self.note(node, name)
        if isinstance(node, Word):
            if node.text in (*_ALL, *_NONE, ""):
                return Due(OFF if node.text in _NONE else USUAL)
            raise _Unshowable
        if not isinstance(node, Table):
            raise _Unshowable
        at = self.table(node, (AFTER, BEFORE, "at"), lambda key: f"{name}.{'at' if key == 'at' else 'count'}")
        if AFTER in at and BEFORE in at:
            raise _Unshowable
        span = self.word(at.get(AFTER) or at.get(BEFORE), f"{name}.count")
        parts = _SPAN.fullmatch(span)
        count, unit = (parts[1], parts[2]) if parts else (span, "")
        return Due(BEFORE if BEFORE in at else AFTER, count, unit, self.word(at.get("at"), f"{name}.at"))


def _is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, Word) and not node.text)


def _is_word(node: Node | None, *words: str) -> bool:
    return isinstance(node, Word) and node.text in words


_NAMES = {
    "consultation": "slug",
    "answered by": "body",
    "outcome at": "outcome_at",
    "smallest group": "smallest",
    "audience": "bodies",
    "audience/bodies": "bodies",
    "audience/topics": "topics",
    "audience/languages": "speaking",
    "audience/active within": "active",
    "audience/verified": "verified",
    "body/body": "body",
    "body/within": "within",
    "nudges/outcome": "nudges.told",
}
_WHOM = ("bodies", "topics", "languages", "active within", "verified")
_STEPS = ("invitation", "closing", "thanks", "outcome")
_QUESTION = {
    "ask": "ask", "help": "help", "required": "required", "when": "when", "options": "options", "low": "low",
    "high": "high", "at least": "least", "at most": "most", "from": "least", "to": "most",
}  # fmt: skip
_ONLY = {
    "options": ("one", "many", "rank"), "at least": ("many", "rank", "number"), "at most": ("many", "rank", "number"),
    "from": ("scale",), "to": ("scale",), "low": ("scale",), "high": ("scale",),
}  # fmt: skip
