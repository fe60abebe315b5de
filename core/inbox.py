"""The inbox: all ideas, as whoever sits at the desk looks through them; and of these what needs them today."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from core.authority import Authority
from core.bodies import Bodies
from core.calendars import ONE_DAY, Calendar
from core.standings import Stage

LONGEST_WORD = 40
SHORTEST_BEGINNING = 3
"""A typed word of so many letters also finds longer ones that begin with it."""
MOST_COUNTED = 10_000
"""Of more ideas it is only said that they are more."""
MOST_SOUGHT = 8
"""Words of a search that count."""

_WORD = re.compile(r"\w+")


class Need(StrEnum):
    """Why an idea needs somebody today, the most urgent first."""

    LATE = "late"
    TODAY = "today"
    REPLIED = "replied"
    """Its author has answered what they were asked."""
    APPEAL = "appeal"
    HIDING = "hiding"
    """Its author appeals against its being hidden."""
    ASTRAY = "astray"
    """No body has it."""
    WEEK = "week"
    """Due within a week."""
    OVERDUE = "overdue"
    """Late with a body for which others answer."""


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    STILL = "still"
    """Where nothing has moved for longest."""
    SUPPORTED = "supported"


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose ideas somebody sees: `concerns` and `runs` as `core.authority` has them, None for all. `answers`: the
    bodies for which they answer."""

    concerns: frozenset[str] | None = None
    runs: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    organises: bool = False

    @classmethod
    def of(cls, authority: Authority, runs: Iterable[str] = ()) -> "Sight":
        """`runs`: the consultations that they run."""
        answers = frozenset(body.slug for body in authority.bodies.living if authority.answers_for(body.slug))
        return cls(authority.concerns, frozenset(runs), answers, authority.is_organiser)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for. `words`: all of them, each whole or the beginning of one. `code`: that idea alone."""

    words: tuple[str, ...] = ()
    code: str = ""
    stage: Stage | None = None
    body: str = ""
    topic: str = ""
    consultation: str = ""
    need: Need | None = None
    is_attached: bool = False
    is_hidden: bool = False
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Found:
    """One page of codes, and how many ideas there are in all; `is_more`: there are more than were counted. `after`:
    what the next page is asked for with; empty after the last."""

    codes: tuple[str, ...] = ()
    count: int = 0
    after: str = ""
    is_more: bool = False


class Inbox(Protocol):
    async def find(
        self,
        sought: Sought,
        sight: Sight,
        bodies: Bodies,
        now: datetime,
        limit: int,
        after: str = "",
        *,
        is_counted: bool = True,
    ) -> Found: ...

    async def needs(self, sight: Sight, bodies: Bodies, now: datetime) -> Mapping[Need, int]:
        """How many ideas need them for each reason; what needs nobody isn't there."""
        ...

    async def topics_of(self, codes: Collection[str]) -> Mapping[str, tuple[str, ...]]: ...
    async def supporters_of(self, codes: Collection[str]) -> Mapping[str, int]: ...
    async def kin(self, code: str, words: Collection[str], sight: Sight, limit: int) -> Sequence[str]:
        """Other ideas in which most of these words stand, of those that they see."""
        ...


def words_in(text: str) -> frozenset[str]:
    """The words by which a text is found: without case and accents."""
    return frozenset(_words(text))


def words_sought(typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_words(typed)))[:MOST_SOUGHT]


def telling_words(text: str, most: int = 8) -> tuple[str, ...]:
    """Those that are most likely a text's own: the longest."""
    return tuple(sorted(words_in(text), key=lambda word: (-len(word), word))[:most])


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:LONGEST_WORD] for word in _WORD.findall(bare)]


# --- days
@dataclass(frozen=True, slots=True)
class Days:
    """The day that it is for those who answer, and the last one of the week that begins with it."""

    today: date

    @classmethod
    def at(cls, now: datetime, bodies: Bodies) -> "Days":
        return cls(now.astimezone(ZoneInfo(bodies.timezone)).date())

    @property
    def yesterday(self) -> date:
        return self.today - ONE_DAY

    @property
    def week(self) -> date:
        return self.today + timedelta(days=7)


def sent_before(calendar: Calendar, days: int, last: date) -> datetime:
    """What was sent before this moment, with so many days, is due on that last day or earlier; what was sent later,
    later."""
    zone = ZoneInfo(calendar.timezone)
    day = last - timedelta(days=days)
    while calendar.last_day(datetime.combine(day, time(12), zone), days) > last:
        day -= ONE_DAY
    return datetime.combine(day + ONE_DAY, time(), zone)
