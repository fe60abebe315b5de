"""The values of a manuscript. All are words, as somebody typed them: whether they mean anything is for the reading of
the file that is made of them."""

import re
from dataclasses import dataclass, field

from core.prompts import PromptKind
from core.texts import SOURCE_LANGUAGE

Said = tuple[tuple[str, str], ...]
"""Words by language, in the order in which they were written; the first is what everybody else sees."""

CHOSEN_FROM = frozenset({"one", "many", "rank"})
BOUNDED = frozenset({"many", "rank", "number"})
_NUMBERED = re.compile(r"option_[0-9]+")


@dataclass(frozen=True, slots=True)
class Choice:
    key: str = ""
    label: Said = ()

    @property
    def is_unnamed(self) -> bool:
        """Its key holds the place of the one that is made of its label, once it has any."""
        return not self.label and _NUMBERED.fullmatch(self.key) is not None


@dataclass(frozen=True, slots=True)
class Check:
    """`test`: `is`, `not`, `above` or `below`."""

    prompt: str = ""
    test: str = "is"
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`least` and `most` are also the ends of a scale."""

    kind: str = PromptKind.TEXT.value
    key: str = ""
    ask: Said = ()
    help: Said = ()
    required: bool = False
    options: tuple[Choice, ...] = ()
    least: str = ""
    most: str = ""
    low: Said = ()
    high: Said = ()
    when: tuple[Check, ...] = ()

    @property
    def is_chosen_from(self) -> bool:
        return self.kind in CHOSEN_FROM

    @property
    def is_scale(self) -> bool:
        return self.kind == PromptKind.SCALE.value

    @property
    def is_bounded(self) -> bool:
        return self.kind in BOUNDED


USUAL, OFF, AFTER, BEFORE = "usual", "off", "after", "before"


@dataclass(frozen=True, slots=True)
class Due:
    """When one nudge is due. `how`: `usual`, `off`, or `after` or `before` its anchor by so many of the unit; `at` that
    time of day."""

    how: str = USUAL
    count: str = ""
    unit: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """`within`: a number of days, or whatever else was written. `told`: when the outcome is."""

    slug: str = ""
    languages: tuple[str, ...] = (SOURCE_LANGUAGE,)
    title: Said = ()
    framing: Said = ()
    timezone: str = ""
    opens: str = ""
    closes: str = ""
    repeats: str = ""
    keyword: str = ""
    bodies: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    speaking: tuple[str, ...] = ()
    active: str = ""
    verified: bool = False
    body: str = ""
    within: str = ""
    questions: tuple[Question, ...] = ()
    invitation: Due = field(default=Due())
    reminders: tuple[Due, ...] = ()
    closing: Due = field(default=Due())
    thanks: Due = field(default=Due())
    told: Due = field(default=Due())
    outcome: Said = ()
    outcome_at: str = ""
    results: str = ""
    ideas: str = ""
    smallest: str = ""

    @property
    def is_everybody(self) -> bool:
        return not (self.bodies or self.topics or self.speaking or self.active or self.verified)

    @property
    def has_usual_nudges(self) -> bool:
        steps = (self.invitation, self.closing, self.thanks, self.told)
        return not self.reminders and all(step == Due() for step in steps)
