"""A rehearsal: a consultation talked through as a member would, by a script that can be played again from the start.

The script is all that there is of it: the same script of the same consultation always leads to the same conversation.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from core.consultations import Consultation, NudgeKind
from core.inbound import LONGEST_TEXT
from core.nudges import Manners
from core.outbound import Message
from core.prompts import Answers
from core.texts import Phrase

MOST_STEPS = 200
LAST_LINE = 9_999
LONGEST_SCRIPT = 80_000
"""Characters of a script as it is written down."""
LONGEST_ACTION = 200
MOST_FIELDS = 100

Given = str | tuple[str, ...]


class Jump(StrEnum):
    """How far the clock is moved."""

    HOUR = "hour"
    MORNING = "morning"
    DAY = "day"
    THREE_DAYS = "three-days"
    WEEK = "week"
    CLOSING = "closing"
    AFTER = "after"
    OUTCOME = "outcome"


# --- the script
@dataclass(frozen=True, slots=True)
class Says:
    text: str


@dataclass(frozen=True, slots=True)
class Presses:
    """A button of ours, that hangs on the line of this number."""

    action: str
    line: int


@dataclass(frozen=True, slots=True)
class Opens:
    """The form with all questions at once, as Slack shows it instead of going through them one by one."""


@dataclass(frozen=True, slots=True)
class Submits:
    """The form, with what stands in its fields. `shown`: the prompts that it showed."""

    values: Mapping[str, Given]
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waits:
    until: Jump


Step = Says | Presses | Opens | Submits | Waits


@dataclass(frozen=True, slots=True)
class Script:
    """`begins_at`: for a consultation without an opening, which then opens at that moment. `timezone`: an IANA name,
    the consultation's own where it is None. `is_newcomer`: somebody who has never written to us."""

    begins_at: datetime
    steps: tuple[Step, ...] = ()
    language: str = "en"
    timezone: str | None = None
    is_newcomer: bool = False

    def then(self, step: Step) -> "Script":
        return replace(self, steps=(*self.steps, step))

    @property
    def is_full(self) -> bool:
        return len(self.steps) >= MOST_STEPS or len(write_script(self)) >= LONGEST_SCRIPT


def landing(jump: Jump, consultation: Consultation, timezone: str, now: datetime, manners: Manners) -> datetime | None:
    """What the clock shows after it; None where that is no later than now, or nobody knows when."""
    closes, outcome = consultation.closes_at, consultation.outcome_at
    lands: datetime | None
    match jump:
        case Jump.MORNING:
            lands = _morning(now, timezone, manners)
        case Jump.CLOSING:
            lands = closes and closes - timedelta(minutes=1)
        case Jump.AFTER:
            lands = closes and closes + timedelta(days=1)
        case Jump.OUTCOME:
            lands = outcome and outcome + timedelta(days=1)
        case _:
            lands = now + _SPANS[jump]
    return lands if lands is not None and lands > now else None


_SPANS = {
    Jump.HOUR: timedelta(hours=1),
    Jump.DAY: timedelta(days=1),
    Jump.THREE_DAYS: timedelta(days=3),
    Jump.WEEK: timedelta(days=7),
}


def _morning(now: datetime, timezone: str, manners: Manners) -> datetime:
    """When the quiet hours end next, on the member's own clock."""
    local = now.astimezone(ZoneInfo(timezone))
    for days in (0, 1, 2):
        at = datetime.combine(local.date() + timedelta(days=days), manners.quiet_until, local.tzinfo)
        if at > now:
            break
    return at.astimezone(now.tzinfo)


# --- what it leads to
@dataclass(frozen=True, slots=True)
class Typed:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of ours. `nudge`: what it was sent unasked for. `is_changed`: it said something else before."""

    number: int
    at: datetime
    message: Message
    nudge: NudgeKind | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """The clock was moved, and shows `at` now."""

    at: datetime
    jump: Jump


@dataclass(frozen=True, slots=True)
class SentForm:
    at: datetime


@dataclass(frozen=True, slots=True)
class NotSent:
    """A nudge that was due and didn't go out: `until` when it waits, or not at all. `why`: as deliveries say it."""

    at: datetime
    nudge: NudgeKind
    why: str
    until: datetime | None = None


Line = Typed | Heard | Passed | SentForm | NotSent


@dataclass(frozen=True, slots=True)
class OpenForm:
    """What stands in the fields, and what is wrong with them by prompt."""

    values: Mapping[str, Given] = field(default_factory=dict)
    problems: Mapping[str, Phrase] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`jumps`: those that lead anywhere from `now`. `consultation`: as it was played, with its opening."""

    consultation: Consultation
    now: datetime
    timezone: str
    lines: tuple[Line, ...]
    jumps: tuple[Jump, ...]
    answers: Answers
    has_agreed: bool
    has_finished: bool
    form: OpenForm | None = None


Rehearse = Callable[[Consultation, Script], Awaitable[Rehearsed]]
"""Plays the script, with the bodies and topics that there are. Nothing is sent, and nothing stays."""


# --- written down, as the page carries it
def write_script(script: Script) -> str:
    written = {
        "at": script.begins_at.astimezone(UTC).isoformat(),
        "language": script.language,
        "timezone": script.timezone,
        "new": script.is_newcomer,
        "steps": [_write_step(step) for step in script.steps],
    }
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def _write_step(step: Step) -> list[Any]:
    match step:
        case Says(text):
            return ["say", text]
        case Presses(action, line):
            return ["press", action, line]
        case Opens():
            return ["open"]
        case Submits(values, shown):
            return ["submit", {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}, list(shown)]
        case Waits(until):
            return ["wait", until.value]


def read_script(written: str) -> Script | None:
    """None for what is no script of ours: it has been in somebody's hands."""
    if len(written) > LONGEST_SCRIPT + LONGEST_TEXT:
        return None
    try:
        found = json.loads(written)
        begins_at = datetime.fromisoformat(found["at"])
        steps = tuple(map(_read_step, found["steps"]))
        language, timezone = found["language"], found["timezone"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None
    if begins_at.tzinfo is None or not 1990 <= begins_at.year <= 2200 or len(steps) > MOST_STEPS:
        return None
    if not isinstance(language, str) or not (timezone is None or isinstance(timezone, str)):
        return None
    return Script(begins_at.astimezone(UTC), steps, language[:16], timezone, found.get("new") is True)


def _read_step(written: Any) -> Step:
    """Raises ValueError or what comes of looking into something else."""
    match written:
        case ["say", str(text)] if 0 < len(text) <= LONGEST_TEXT + 1:
            return Says(clean(text))
        case ["press", str(action), int(line)] if len(action) <= LONGEST_ACTION and 0 <= line <= LAST_LINE:
            return Presses(clean(action), line)
        case ["open"]:
            return Opens()
        case ["submit", dict(values), list(shown)] if len(values) <= MOST_FIELDS and len(shown) <= MOST_FIELDS:
            return Submits({clean(key): _read_given(value) for key, value in values.items()}, tuple(map(clean, shown)))
        case ["wait", str(until)]:
            return Waits(Jump(until))
        case _:
            raise ValueError("no step of a script")


def _read_given(written: Any) -> Given:
    match written:
        case str():
            return clean(written)
        case list() if len(written) <= MOST_FIELDS:
            return tuple(map(clean, written))
        case _:
            raise ValueError("nothing that stands in a field")


def clean(text: str) -> str:
    """Valid Unicode without NUL, as every channel hands it in."""
    if not isinstance(text, str):
        raise ValueError("no words")  # as all else that is no script
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
