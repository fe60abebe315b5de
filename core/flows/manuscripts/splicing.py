"""A manuscript written over the file that it was read from: what didn't change stays there letter by letter, with the
notes that somebody put beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.flows.manuscripts.manuscript import Manuscript
from core.flows.manuscripts.reading import read_manuscript
from core.flows.manuscripts.writing import entries, write_manuscript

_KEY = re.compile(r"([a-z][a-z ]*?) *:(?: .*)?")
_ITEM = re.compile(r"  - .*")
_ASIDE = re.compile(r"(?: {0,2}#.*)?")


@dataclass(frozen=True, slots=True)
class _Piece:
    """`aside`: the notes and the space above it."""

    name: str
    aside: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.aside, *self.lines)


def write_over(old: str, new: Manuscript) -> str:
    """Reads back as the manuscript, always; that anything of the old file stays is a kindness."""
    before = read_manuscript(old)
    if before == new:
        return old
    written = write_manuscript(new)
    if before is None or not old.strip():
        return written
    spliced = _spliced(old, written, before, new)
    return spliced if read_manuscript(spliced) == read_manuscript(written) else written


def _spliced(old: str, written: str, before: Manuscript, new: Manuscript) -> str:
    kept, tail = _pieces(old.split("\n"), _KEY)
    fresh, _ = _pieces(written.split("\n"), _KEY)
    said, says = entries(before), entries(new)
    result = [piece for piece in kept if piece.name in says or piece.name not in said]
    for place, piece in enumerate(fresh):
        at = next((number for number, one in enumerate(result) if one.name == piece.name), None)
        if at is None:
            earlier = {one.name for one in fresh[:place]}
            at = next((number for number in range(len(result), 0, -1) if result[number - 1].name in earlier), 0)
            result.insert(at, piece)
        elif said.get(piece.name) != says.get(piece.name):
            lines = _prompts(result[at], piece, before, new) if piece.name == "prompts" else piece.lines
            result[at] = _Piece(piece.name, result[at].aside, lines)
    return "\n".join([*(line for piece in result for line in piece.all), *tail]).rstrip("\n") + "\n"


def _prompts(old: _Piece, fresh: _Piece, before: Manuscript, new: Manuscript) -> tuple[str, ...]:
    """Prompt by prompt, where they are written as we write them."""
    kept, tail = _pieces(old.lines[1:], _ITEM)
    items, _ = _pieces(fresh.lines[1:], _ITEM)
    are_alike = len(kept) == len(before.questions) and len(items) == len(new.questions)
    if not are_alike or before.languages[:1] != new.languages[:1]:
        return fresh.lines
    asides = {one.key: piece.aside for one, piece in zip(before.questions, kept, strict=True)}
    lines = [old.lines[0]]
    for one, piece in zip(new.questions, items, strict=True):
        if one in before.questions:
            lines += kept[before.questions.index(one)].all
        else:
            lines += [*asides.get(one.key, ()), *piece.lines]
    return (*lines, *tail)


def _pieces(lines: Sequence[str], start: re.Pattern[str]) -> tuple[list[_Piece], tuple[str, ...]]:
    """Each with the notes above it; and what stands below the last."""
    pieces: list[_Piece] = []
    aside: list[str] = []
    for line in lines:
        if found := start.fullmatch(line):
            name = found[1] if found.groups() else ""
            pieces.append(_Piece(name, tuple(aside), (line,)))
            aside = []
        elif _ASIDE.fullmatch(line) or not pieces:
            aside.append(line)
        else:
            last = pieces[-1]
            pieces[-1] = _Piece(last.name, last.aside, (*last.lines, *aside, line))
            aside = []
    return pieces, tuple(aside)
