"""The pieces that a manuscript is read from: words, rows and tables of a file, each noted with where it stands."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from core.flows.fields import items
from core.flows.manuscripts.manuscript import Said
from core.flows.tree import Node, Row, Table, Word
from core.texts import SOURCE_LANGUAGE

Read = TypeVar("Read")

_CODE = re.compile(r"[a-z]{2,3}")
_DAYS = re.compile(r"(\d+) *days?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_FALSE, _TRUE = ("no", "off", "false"), ("yes", "on", "true")
NAMES = {
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
"""Of keys in the file, the fields of the form, where they are called otherwise."""


class Unshowable(Exception):
    """No form can show this."""


@dataclass(slots=True)
class Pieces:
    """`spots`: line, column and field of all that was read; `spoken`: the languages that were met, in their order;
    `first`: the language of words that don't say theirs."""

    spots: list[tuple[int, int, str]] = field(default_factory=list)
    spoken: dict[str, None] = field(default_factory=dict)
    first: str = SOURCE_LANGUAGE

    def note(self, at: Node, name: str) -> None:
        self.spots.append((at.line, at.column, name))

    def table(self, node: Table, known: Collection[str], named: Callable[[str], str]) -> Mapping[str, Node]:
        for key, value in node.entries:
            if key.text not in known:
                raise Unshowable
            self.note(key, named(key.text))
            self.note(value, named(key.text))
        return {key.text: value for key, value in node.entries}

    def within(self, node: Node | None, known: Collection[str], name: str) -> Mapping[str, Node]:
        """A table that belongs to one key. An empty one would be lost."""
        if is_empty(node):
            return {}
        if not isinstance(node, Table) or not node.entries:
            raise Unshowable
        return self.table(node, known, lambda key: NAMES.get(f"{name}/{key}", f"{name}.{key}"))

    def word(self, node: Node | None, name: str) -> str:
        if node is None:
            return ""
        if not isinstance(node, Word):
            raise Unshowable
        self.note(node, name)
        return node.text

    def row(self, node: Node | None, name: str) -> tuple[str, ...]:
        if is_empty(node):
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
        if node is None or is_empty(node):
            if node is not None:
                self.note(node, f"{name}.{self.first}")
            return ()
        if isinstance(node, Word):
            self.note(node, f"{name}.{self.first}")
            return self.speak(((self.first, node.text),))
        if not isinstance(node, Table) or not all(_CODE.fullmatch(key.text) for key, _ in node.entries):
            raise Unshowable
        said = self.table(node, [key.text for key, _ in node.entries], lambda code: f"{name}.{code}")
        spoken = ((code, self.word(words, f"{name}.{code}")) for code, words in said.items())
        return self.speak(tuple((code, words) for code, words in spoken if words))

    def speak(self, said: Said) -> Said:
        self.spoken |= dict.fromkeys(code for code, _ in said)
        return said

    def several(
        self, node: Node | None, name: str, read: Callable[[Node, str], Read], most: int = 200
    ) -> tuple[Read, ...]:
        if is_empty(node):
            return ()
        if not isinstance(node, Row) or len(node.items) > most:
            raise Unshowable
        return tuple(read(item, f"{name}.{number}") for number, item in enumerate(node.items))

    def flag(self, node: Node | None, name: str) -> bool:
        text = self.word(node, name).casefold()
        if text and text not in (*_TRUE, *_FALSE):
            raise Unshowable
        return text in _TRUE


def is_empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, Word) and not node.text)


def is_word(node: Node | None, *words: str) -> bool:
    return isinstance(node, Word) and node.text in words
