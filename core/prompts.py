"""Prompts: one question each, and when it is asked. What counts as an answer is in `core.answers`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.texts import Localised, T, Words

Value = str | int | float | tuple[str, ...]
"""An answer. `one`, `yesno` and `statement`: an option key. `many`, `rank`: option keys in order. `scale`: int.
`number`: int or float. `text`: the words. `idea`: the receipt code of the idea, whose words live in its story."""

Answers = Mapping[str, Value | None]
"""A member's latest answers to one consultation by prompt key; None where they skipped."""


class PromptKind(StrEnum):
    IDEA = "idea"
    TEXT = "text"
    ONE = "one"
    MANY = "many"
    SCALE = "scale"
    YESNO = "yesno"
    NUMBER = "number"
    RANK = "rank"
    STATEMENT = "statement"


CHOOSING = frozenset({PromptKind.ONE, PromptKind.YESNO, PromptKind.STATEMENT, PromptKind.SCALE})
"""Kinds that one press answers."""
PICKING = frozenset({PromptKind.MANY, PromptKind.RANK})
"""Kinds that are picked from, then done."""


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    label: Words


IMPLIED: Mapping[str, tuple[Option, ...]] = {
    PromptKind.YESNO: (Option("yes", T("Yes")), Option("no", T("No"))),
    PromptKind.STATEMENT: (Option("agree", T("Agree")), Option("disagree", T("Disagree")), Option("pass", T("Pass"))),
}
"""What can be chosen where the kind says it."""


class Test(StrEnum):
    IS = "is"
    NOT = "not"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on an earlier prompt's answer. `IS` and `NOT` compare with any of `values`; a skipped prompt fails all
    but `NOT`."""

    prompt: str
    test: Test
    values: tuple[str | float, ...]

    def holds(self, answers: Answers) -> bool:
        answer = answers.get(self.prompt)
        given = set(answer) if isinstance(answer, tuple) else {answer} - {None}
        match self.test:
            case Test.IS:
                return any(_same(one, value) for one in given for value in self.values)
            case Test.NOT:
                return not any(_same(one, value) for one in given for value in self.values)
            case Test.ABOVE:
                return isinstance(answer, int | float) and answer > float(self.values[0])
            case Test.BELOW:
                return isinstance(answer, int | float) and answer < float(self.values[0])


def _same(answer: object, value: str | float) -> bool:
    return answer == value or str(answer) == str(value)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`least` and `most`: bounds of a number, the ends of a scale, how many to pick of `many` and `rank`.

    All of `when` must hold for it to be asked. `low` and `high` name the ends of a scale.
    """

    key: str
    kind: PromptKind
    text: Localised
    help: Localised | None = None
    options: tuple[Option, ...] = ()
    required: bool = False
    least: float | None = None
    most: float | None = None
    low: Localised | None = None
    high: Localised | None = None
    when: tuple[Condition, ...] = ()

    def is_asked(self, answers: Answers) -> bool:
        return all(condition.holds(answers) for condition in self.when)

    @property
    def choices(self) -> tuple[Option, ...]:
        """The buttons of the closed kinds, those that an organiser wrote or those that the kind implies."""
        match self.kind:
            case PromptKind.YESNO | PromptKind.STATEMENT:
                return IMPLIED[self.kind]
            case PromptKind.SCALE:
                low, high = self.scale
                return tuple(Option(str(step), str(step)) for step in range(low, high + 1))
            case _:
                return self.options

    @property
    def scale(self) -> tuple[int, int]:
        return int(1 if self.least is None else self.least), int(5 if self.most is None else self.most)

    @property
    def picks(self) -> tuple[int, int]:
        """The least and the most options to pick of a `many` or `rank`."""
        everything = len(self.options)
        least = self.least if self.least is not None else (everything if self.kind is PromptKind.RANK else 1)
        return int(least), int(self.most if self.most is not None else everything)


def choice(prompt: Prompt, key: str) -> Option | None:
    return next((option for option in prompt.choices if option.key == key), None)
