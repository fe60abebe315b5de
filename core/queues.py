"""Queues: what waits for a body, and how bodies have done, in public."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.ideas import Idea
from core.standings import About, Referral
from core.stories import Rule


@dataclass(frozen=True, slots=True)
class Open:
    """Something that a body has to answer: the idea itself, or the appeal against its being hidden. `entries`: how long
    the idea's story is."""

    idea: str
    about: About
    referral: Referral
    entries: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The ideas that wait, as many as were asked for, and how many there are in all."""

    ideas: tuple[Idea, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How a body has done. Of the `sent`, `in_time` were answered in time and `late` after it, `silent` are late and
    not answered yet; the rest still wait in time. `median_days`: from sending to answer, with fractions; None where
    nothing was answered. `heard`: how many gave each score to “were you heard?”."""

    body: str
    sent: int = 0
    in_time: int = 0
    late: int = 0
    silent: int = 0
    accepted: int = 0
    declined: int = 0
    median_days: float | None = None
    heard: Mapping[int, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """In time still."""
        return self.sent - self.in_time - self.late - self.silent

    @property
    def mean_heard(self) -> float | None:
        count = sum(self.heard.values())
        return sum(score * many for score, many in self.heard.items()) / count if count else None


@dataclass(frozen=True, slots=True)
class Moderated:
    """How often words were hidden or blacked out under each rule, and what became of appeals against it."""

    hidden: Mapping[Rule, int] = field(default_factory=dict)
    redacted: Mapping[Rule, int] = field(default_factory=dict)
    contested: int = 0
    restored: int = 0
    upheld: int = 0
