"""A consultation: what is asked, of whom, when, who will answer, and its nudges."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from core.prompts import Prompt
from core.texts import Localised


class Phase(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"


class NudgeKind(StrEnum):
    INVITATION = "invitation"
    REMINDER = "reminder"
    CLOSING = "closing"
    THANKS = "thanks"
    OUTCOME = "outcome"

    @property
    def asks(self) -> bool:
        """Asks for an answer, so it has no business with those who answered, nor after the closing."""
        return self in (NudgeKind.INVITATION, NudgeKind.REMINDER, NudgeKind.CLOSING)


class ResultsWhen(StrEnum):
    """From when on anybody may see the results; organisers always may."""

    LIVE = "live"
    CLOSED = "after closing"
    OUTCOME = "with the outcome"
    NEVER = "never"


class Anchor(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class NudgeStep:
    """One step of a nudge plan. `key` is unique in the plan (`invitation`, `reminder-1` …).

    Due `offset` (may be negative) after the anchor; with `at`, on that day at that time on the receiver's own clock.
    """

    key: str
    kind: NudgeKind
    anchor: Anchor
    offset: timedelta = timedelta()
    at: time | None = None


USUAL_NUDGES = (
    NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING),
    NudgeStep("closing", NudgeKind.CLOSING, Anchor.CLOSING, timedelta(days=-1)),
    NudgeStep("thanks", NudgeKind.THANKS, Anchor.CLOSING),
    NudgeStep("outcome", NudgeKind.OUTCOME, Anchor.OUTCOME),
)


@dataclass(frozen=True, slots=True)
class Audience:
    """Members of any of the bodies or followers of any of the topics, everybody where both are empty; of these, only
    who reads one of the languages, where any are named, only who wrote to us within so many days, and only who showed
    that they are on the membership roll, where that is asked for."""

    bodies: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    active_days: int | None = None
    verified: bool = False

    @property
    def is_everybody(self) -> bool:
        return not self.bodies and not self.topics and not self.is_narrowed

    @property
    def is_narrowed(self) -> bool:
        """Only some of those whom bodies and topics name: told apart one by one, so that no channel is asked."""
        return bool(self.languages) or self.active_days is not None or self.verified

    @property
    def only_body(self) -> str | None:
        """The one whose members are asked, where there is just one."""
        return self.bodies[0] if len(self.bodies) == 1 else None

    def active_since(self, now: datetime) -> datetime | None:
        return None if self.active_days is None else now - timedelta(days=self.active_days)


EVERYBODY = Audience()

USUAL_LEAST = 5


@dataclass(frozen=True, slots=True)
class Repeats:
    """It comes again by a rule (RFC 5545’s RRULE, without a start), each time as a consultation of its own, open for as
    long as the first. `opens_at`: the first opening, as it was written, whatever was done by hand since."""

    rule: str
    opens_at: datetime
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Consultation:
    """`opens_at` and `closes_at` are instants; None means by hand. Slugs are at most 24 of `a-z 0-9 -`, prompt and
    option keys at most 16 of `a-z 0-9 _`, so that every button fits into 64 bytes."""

    slug: str
    title: Localised
    framing: Localised
    prompts: tuple[Prompt, ...]
    timezone: str = "UTC"
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    keyword: str | None = None
    audience: Audience = EVERYBODY
    body: str | None = None
    answer_days: int | None = None
    nudges: tuple[NudgeStep, ...] = field(default=USUAL_NUDGES)
    outcome: Localised | None = None
    outcome_at: datetime | None = None
    results: ResultsWhen = ResultsWhen.CLOSED
    least: int = USUAL_LEAST
    """The smallest group that may be told apart in public; smaller numbers are kept back."""
    lists_ideas: bool = False
    """Its ideas are listed in public, without names, from the moment on at which results may be seen. Whoever is asked
    for an idea is told so; else only whoever has an idea's code can read it."""
    repeats: Repeats | None = None
    archived_at: datetime | None = None
    """Since when it is in no list any more; nothing of it is gone."""

    def phase(self, now: datetime) -> Phase:
        if self.closes_at is not None and now >= self.closes_at:
            return Phase.CLOSED
        if self.opens_at is None:
            return Phase.DRAFT
        return Phase.OPEN if now >= self.opens_at else Phase.SCHEDULED

    def is_open(self, now: datetime) -> bool:
        return self.phase(now) is Phase.OPEN

    def told(self, now: datetime) -> Localised | None:
        """What came of it, from the moment on at which that is told."""
        has_come = self.outcome_at is not None and now >= self.outcome_at
        return self.outcome if has_come else None

    def prompt(self, key: str) -> Prompt | None:
        return next((prompt for prompt in self.prompts if prompt.key == key), None)
