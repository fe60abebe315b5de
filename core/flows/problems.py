"""Mistakes and doubts in a file that somebody wrote: where they stand, what they are, and what was meant."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from core.texts import Phrase, T

Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` and `column` count from 1, as editors do. `meant`: what to write instead, where we can tell."""

    line: int
    column: int
    what: Phrase
    meant: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Checked(Generic[Value]):
    """What a file without mistakes says. The warnings don't stand in its way, but somebody should see them."""

    value: Value
    warnings: tuple[Problem, ...] = ()


def show_problem(problem: Problem) -> Phrase:
    if problem.meant is None:
        return T("line {line}, column {column}: {what}", line=problem.line, column=problem.column, what=problem.what)
    return T(
        "line {line}, column {column}: {what} {meant}",
        line=problem.line,
        column=problem.column,
        what=problem.what,
        meant=problem.meant,
    )


class Spot(Protocol):
    """Anything that stands somewhere in a file."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(slots=True)
class Findings:
    """What was found while reading one file. With a mistake in it a file can't be used; a doubt is only said."""

    _mistakes: list[Problem] = field(default_factory=list)
    _doubts: list[Problem] = field(default_factory=list)

    def mistake(self, at: Spot, what: Phrase, meant: Phrase | None = None) -> None:
        self._mistakes.append(Problem(at.line, at.column, what, meant))

    def doubt(self, at: Spot, what: Phrase, meant: Phrase | None = None) -> None:
        self._doubts.append(Problem(at.line, at.column, what, meant))

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        return _in_file_order(self._mistakes)

    @property
    def doubts(self) -> tuple[Problem, ...]:
        return _in_file_order(self._doubts)


def _in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that somebody who wrote this one probably meant."""
    by_sound = {one.casefold(): one for one in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.casefold()[:80], by_sound, n=1, cutoff=0.6)
    return by_sound[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> Phrase | None:
    """The closest known word; where none is close, all of them if they are few."""
    known = list(known)
    found = closest(word, known)
    if found is not None:
        return T("Did you mean “{word}”?", word=found)
    return T("It can be: {words}.", words=", ".join(known)) if 0 < len(known) <= 12 else None


def shown(text: str) -> str:
    """Words of the file as we quote them in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
