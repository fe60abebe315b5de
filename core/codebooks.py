"""Codebooks: what each column of exported answers says, and what stands in it for what a participant answered.

Names of columns, and what a codebook says in English, are for programs and those who write them, in whatever country.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.consultations import Consultation
from core.prompts import Prompt, PromptKind, Value
from core.results import PromptResult, Sheet
from core.texts import Localised, Phrase, Words

LICENCE = "CC0-1.0"
LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
WITHHELD = "withheld"
WORDS = "words"
"""Of an idea: whoever writes the row looks them up by its code."""

Cell = str | int | float | bool | None


class Kind(StrEnum):
    """As Frictionless Data names them (https://specs.frictionlessdata.io/table-schema/)."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "datetime"


@dataclass(frozen=True, slots=True)
class Column:
    """`question`: as it was asked, where it is one. `values`: what may stand in it, with their words by language."""

    name: str
    kind: Kind
    about: str
    prompt: Prompt | None = None
    option: str | None = None
    values: tuple[tuple[str, Mapping[str, str]], ...] = ()
    withheld: tuple[str, ...] = ()

    @property
    def question(self) -> Mapping[str, str]:
        return by_language(self.prompt.text) if self.prompt else {}


ABOUT = (
    Column("number", Kind.INTEGER, "Numbers the participants of this file, in an order drawn by lot for it."),
    Column("language", Kind.STRING, "The language in which they read us, as a two-letter code."),
    Column("channel", Kind.STRING, "Where they are reached: telegram, slack or web."),
    Column("bodies", Kind.STRING, "The bodies that they belong to, by their short names, with a space between."),
    Column("begun_at", Kind.MOMENT, "When they began, in UTC."),
    Column("finished_at", Kind.MOMENT, "When they had been through every question, in UTC; empty where they haven’t."),
)
TAKEN = frozenset({*(column.name for column in ABOUT), "begun_on"})
"""A prompt whose key is one of these has a column with another name."""


def by_language(words: Words) -> Mapping[str, str]:
    match words:
        case Localised(texts):
            return dict(texts)
        case Phrase(msgid):
            return {"en": msgid}
        case str():
            return {"": words}
        case _:
            return {}


def codebook(consultation: Consultation) -> tuple[Column, ...]:
    """Of everything that was answered."""
    return (*ABOUT, *(column for prompt in consultation.prompts for column in columns_of(prompt)))


def columns_of(prompt: Prompt) -> Sequence[Column]:
    options = tuple((option.key, by_language(option.label)) for option in prompt.choices)
    name = f"{prompt.key}.answer" if prompt.key in TAKEN else prompt.key
    asked = " Empty where it wasn’t asked, or was skipped."
    match prompt.kind:
        case PromptKind.MANY:
            about = "true where this was picked, false where others were."
            return [
                Column(f"{prompt.key}.{key}", Kind.BOOLEAN, about + asked, prompt, key, ((key, label),))
                for key, label in options
            ]
        case PromptKind.RANK:
            about = "The place that this was put in, 1 for the best; empty where it wasn’t among those put in order."
            return [
                Column(f"{prompt.key}.{key}", Kind.INTEGER, about + asked, prompt, key, ((key, label),))
                for key, label in options
            ]
        case PromptKind.SCALE:
            low, high = prompt.scale
            ends = {str(low): by_language(prompt.low or ""), str(high): by_language(prompt.high or "")}
            steps = tuple((key, ends.get(key, {})) for key, _ in options)
            return [Column(name, Kind.INTEGER, "The step that was picked." + asked, prompt, values=steps)]
        case PromptKind.NUMBER:
            return [Column(name, Kind.NUMBER, "The number that was given." + asked, prompt)]
        case PromptKind.TEXT:
            return [Column(name, Kind.STRING, "In their own words." + asked, prompt)]
        case PromptKind.IDEA:
            about = "The receipt code of the idea that was said; its words and its story are found by it."
            words = "What the idea says now; empty where its words may not be read any more."
            return [
                Column(name, Kind.STRING, about + asked, prompt),
                Column(f"{prompt.key}.{WORDS}", Kind.STRING, words, prompt, WORDS),
            ]
        case _:
            return [Column(name, Kind.STRING, "What was picked, by its key." + asked, prompt, values=options)]


def row_of(columns: Sequence[Column], sheet: Sheet) -> list[Cell]:
    return [_about(column, sheet) if column.prompt is None else cell(column, sheet.answers) for column in columns]


def _about(column: Column, sheet: Sheet) -> Cell:
    found: Mapping[str, Callable[[], Cell]] = {
        "number": lambda: sheet.number,
        "language": lambda: sheet.language,
        "channel": lambda: sheet.channel,
        "bodies": lambda: " ".join(sheet.bodies),
        "begun_at": lambda: _moment(sheet.begun_at),
        "finished_at": lambda: _moment(sheet.finished_at),
    }
    return found[column.name]()


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def cell(column: Column, answers: Mapping[str, Value | None]) -> Cell:
    """What stands in a prompt's column."""
    assert column.prompt is not None  # noqa: S101  those about the participant are none of a prompt's
    value = answers.get(column.prompt.key)
    match value:
        case None:
            return None
        case tuple():
            if column.prompt.kind is PromptKind.RANK:
                return value.index(column.option) + 1 if column.option in value else None
            return column.option in value if column.option else " ".join(value)
        case _:
            return None if column.option else value


# --- what anybody may read
OPEN_ABOUT = (
    replace(ABOUT[0], about="Numbers the rows of this file, in an order drawn by lot. It says nothing of anybody."),
    replace(ABOUT[1], about=ABOUT[1].about + " “other” where few shared it."),
    replace(ABOUT[2], about=ABOUT[2].about + " “other” where few shared it."),
    replace(ABOUT[3], about=ABOUT[3].about + " “other” where few shared them."),
    Column("begun_on", Kind.STRING, "The day on which they began, by the consultation’s own clock. “other” as above."),
)
_NEVER_OPEN = frozenset({PromptKind.TEXT, PromptKind.IDEA})


def open_codebook(consultation: Consultation, results: Sequence[PromptResult]) -> tuple[Column, ...]:
    """What may be told of each participant, given what may be told of all (`core.results.suppressed`): answers that
    few gave are withheld there, too, and numbers stand in ranges. Nothing in people's own words."""
    found: list[Column] = [*OPEN_ABOUT]
    for one in results:
        prompt = consultation.prompt(one.prompt.key)
        if prompt is None or prompt.kind in _NEVER_OPEN or one.answered is None:
            continue
        for column in columns_of(prompt):
            if prompt.kind is PromptKind.NUMBER:
                if one.numbers is not None and one.numbers.bins:
                    found.append(replace(column, kind=Kind.STRING, about="The range of the number that was given."))
                continue
            hidden = tuple(key for key, count in one.counts.items() if count is None)
            if prompt.kind is PromptKind.MANY and column.option in hidden:
                continue
            if prompt.kind is PromptKind.RANK and hidden:
                continue
            found.append(replace(column, kind=Kind.STRING, withheld=hidden) if hidden else column)
    return tuple(found)


def open_cell(column: Column, answers: Mapping[str, Value | None], result: PromptResult) -> Cell:
    value = cell(column, answers)
    if value is None:
        return None
    if column.prompt is not None and column.prompt.kind is PromptKind.NUMBER:
        return _range(result, value)
    return WITHHELD if str(value) in column.withheld else value


def _range(result: PromptResult, value: Cell) -> Cell:
    bins = result.numbers.bins if result.numbers else ()
    for one in bins:
        if isinstance(value, int | float) and (one.high is None or value < one.high):
            low = "" if one.low is None else f"{one.low:g}"
            return f"{low}..{'' if one.high is None else f'{one.high:g}'}"
    return None
