"""What the buttons of the form do to a manuscript: add, copy, move and remove questions, options, conditions, reminders
and languages. What makes no sense, because somebody's page was old, changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from core.flows.manuscripts.fields import free_key
from core.flows.manuscripts.manuscript import AFTER, CHOSEN_FROM, Check, Choice, Due, Manuscript, Question, Said
from core.numerals import read_whole
from core.prompts import IMPLIED, PromptKind

Item = TypeVar("Item")

COUNTED = ("scale", "number")
FREE = ("idea", "text")
"""Free words, which no condition can test."""


def change(text: Manuscript, do: str, code: str = "") -> Manuscript:
    """`do`: what, then the places it is about, as `option-up:2:1`. `code`: the language to be added."""
    name, *places = do.split(":")
    numbers = [number for place in places if (number := read_whole(place)) is not None]
    match name, places, numbers:
        case "add", [kind], _ if kind in list(PromptKind):
            return replace(text, questions=(*text.questions, new_question(kind)))
        case (("up" | "down" | "copy" | "remove"), _, [at]) if at < len(text.questions):
            return replace(text, questions=_questions(name, text.questions, at))
        case "reminder", _, _:
            return replace(text, reminders=(*text.reminders, Due(AFTER, "3", "day", "18:00")))
        case "reminder-remove", _, [at]:
            return replace(text, reminders=_without(text.reminders, at))
        case "language", _, _ if code and code not in text.languages:
            return replace(text, languages=(*text.languages, code))
        case "language-first", [first], _ if first in text.languages:
            others = (one for one in text.languages if one != first)
            return _each_said(replace(text, languages=(first, *others)), lambda said: _first(said, first))
        case "language-remove", [gone], _ if gone in text.languages and len(text.languages) > 1:
            left = tuple(one for one in text.languages if one != gone)
            return _each_said(replace(text, languages=left), lambda said: tuple(one for one in said if one[0] != gone))
        case _, _, [at, *rest] if at < len(text.questions):
            changed = _question(text, name, at, rest[0] if rest else 0)
            return replace(text, questions=(*text.questions[:at], changed, *text.questions[at + 1 :]))
        case _:
            return text


def put_back(text: Manuscript, question: Question, at: int) -> Manuscript:
    at = min(at, len(text.questions))
    return replace(text, questions=(*text.questions[:at], question, *text.questions[at:]))


def new_question(kind: str) -> Question:
    match kind:
        case "scale":
            return Question(kind, least="1", most="5")
        case _ if kind in CHOSEN_FROM:
            return Question(kind, options=(Choice("option_1"), Choice("option_2")))
        case _:
            return Question(kind)


def choices(question: Question) -> tuple[str, ...]:
    """The keys that a condition may name."""
    return tuple(option.key for option in IMPLIED.get(question.kind, question.options))


def testable(text: Manuscript, at: int) -> tuple[Question, ...]:
    """The earlier questions on which this one may depend."""
    return tuple(one for one in text.questions[:at] if one.key and one.kind not in FREE)


def _questions(name: str, questions: tuple[Question, ...], at: int) -> tuple[Question, ...]:
    match name:
        case "up":
            return _moved(questions, at, -1)
        case "down":
            return _moved(questions, at, 1)
        case "remove":
            return _without(questions, at)
        case _:
            one = questions[at]
            copied = replace(one, key=free_key(one.key, {other.key for other in questions}, "question"))
            return (*questions[: at + 1], copied, *questions[at + 1 :])


def _question(text: Manuscript, name: str, at: int, which: int) -> Question:
    one = text.questions[at]
    match name:
        case "option":
            key = free_key(f"option {len(one.options) + 1}", {option.key for option in one.options}, "option")
            return replace(one, options=(*one.options, Choice(key)))
        case "option-up":
            return replace(one, options=_moved(one.options, which, -1))
        case "option-down":
            return replace(one, options=_moved(one.options, which, 1))
        case "option-remove":
            return replace(one, options=_without(one.options, which))
        case "check" if earlier := testable(text, at):
            return replace(one, when=(*one.when, first_check(earlier[-1])))
        case "check-remove":
            return replace(one, when=_without(one.when, which))
        case _:
            return one


def first_check(earlier: Question) -> Check:
    if earlier.kind in COUNTED:
        return Check(earlier.key, "above", (earlier.least or "1",))
    return Check(earlier.key, "is", choices(earlier)[:1])


def _moved(items: tuple[Item, ...], at: int, by: int) -> tuple[Item, ...]:
    to = at + by
    if not (0 <= at < len(items) and 0 <= to < len(items)):
        return items
    moved = list(items)
    moved[at], moved[to] = moved[to], moved[at]
    return tuple(moved)


def _without(items: tuple[Item, ...], at: int) -> tuple[Item, ...]:
    return (*items[:at], *items[at + 1 :])


def _first(said: Said, first: str) -> Said:
    return tuple(sorted(said, key=lambda one: one[0] != first))


def _each_said(text: Manuscript, changed: Callable[[Said], Said]) -> Manuscript:
    questions = tuple(
        replace(
            one,
            ask=changed(one.ask),
            help=changed(one.help),
            low=changed(one.low),
            high=changed(one.high),
            options=tuple(replace(option, label=changed(option.label)) for option in one.options),
        )
        for one in text.questions
    )
    return replace(
        text,
        questions=questions,
        title=changed(text.title),
        framing=changed(text.framing),
        outcome=changed(text.outcome),
    )
