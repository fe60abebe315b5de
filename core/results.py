"""Results: what came of a consultation, counted. Who may see them when, and what is kept back so that nobody can be
picked out of small numbers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from core.consultations import Consultation, Phase, ResultsWhen
from core.deliveries import DeliveryState
from core.discretion import alone, grouped, rounded, shown
from core.prompts import Condition, Prompt, PromptKind, Value

Count = int | None
"""None where it is kept back."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Numbers from `low` to below `high`; None: any that are smaller, or larger."""

    low: float | None
    high: float | None
    count: Count


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of a `number`, and of a `scale` (which has no bins: its steps are in the counts)."""

    count: Count
    mean: float | None = None
    median: float | None = None
    least: float | None = None
    most: float | None = None
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where an option of a `rank` came: its mean place (1 is best) among those who placed it, and its Borda points: of
    n options the first gets n - 1, the last none."""

    mean: float
    points: int


@dataclass(frozen=True, slots=True)
class PromptResult:
    """`counts` by option key, in the order of the options; a scale's by its steps (“1” … “5”), a rank's by how many put
    the option first. `texts`: answers in people's own words, those to `text` and `idea`."""

    prompt: Prompt
    answered: Count = 0
    skipped: Count = 0
    counts: Mapping[str, Count] = field(default_factory=dict)
    numbers: Numbers | None = None
    ranks: Mapping[str, Ranked] = field(default_factory=dict)
    texts: Count = 0

    @property
    def is_whole(self) -> bool:
        """Nothing of it is kept back."""
        bins = self.numbers.bins if self.numbers else ()
        return None not in (self.answered, self.texts, *self.counts.values(), *(one.count for one in bins))


@dataclass(frozen=True, slots=True)
class Step:
    """One prompt of the funnel: `left` have come to it and neither answered nor skipped it."""

    prompt: Prompt
    reached: int
    answered: int
    skipped: int
    left: int


@dataclass(frozen=True, slots=True)
class Turnout:
    """Of those who are declared of a body (not of those below it). `size`: members that we know; `asked`: those whom an
    invitation was meant for; somebody of two bodies counts in both."""

    body: str
    size: Count
    asked: Count
    begun: Count
    finished: Count


@dataclass(frozen=True, slots=True)
class Among:
    """Whose answers are counted: members of a body, or who speak a language; everybody's where both are empty."""

    body: str = ""
    language: str = ""

    @property
    def is_everybody(self) -> bool:
        return not self.body and not self.language


ALL = Among()


@dataclass(frozen=True, slots=True)
class Results:
    """`at`: when they were counted. `by_day`: how many finished on each day of the consultation's own time zone.
    `channels`: how many of those who began are reached by Telegram (`telegram`), Slack (`slack`), here (`web`)."""

    consultation: Consultation
    at: datetime
    asked: Count = 0
    begun: Count = 0
    finished: Count = 0
    prompts: tuple[PromptResult, ...] = ()
    funnel: tuple[Step, ...] = ()
    turnout: tuple[Turnout, ...] = ()
    by_day: Mapping[date, Count] = field(default_factory=dict)
    channels: Mapping[str, Count] = field(default_factory=dict)
    languages: Mapping[str, Count] = field(default_factory=dict)

    def prompt(self, key: str) -> PromptResult | None:
        return next((one for one in self.prompts if one.prompt.key == key), None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one participant answered. `number` is made for this export alone, in an order that says nothing; `channel`
    is `telegram`, `slack`, `web` or empty; `bodies` are those that they are declared of."""

    number: int
    language: str
    channel: str
    bodies: tuple[str, ...]
    begun_at: datetime | None
    finished_at: datetime | None
    answers: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class InWords:
    """An answer in somebody's own words; of an `idea` its receipt code, for the words live in its story."""

    id: int
    at: datetime
    words: str
    language: str


class Answered(Protocol):
    """What was answered, of everybody together. Whoever shows it to others shows `suppressed` results alone."""

    async def results(self, slug: str, now: datetime, among: Among = ALL) -> Results | None:
        """None where there is no such consultation."""
        ...

    def sheets(self, slug: str) -> AsyncIterator[Sheet]:
        """One for each who began, in pages, never all in memory."""
        ...

    async def texts(
        self, slug: str, prompt: str, limit: int, before: int | None = None, among: Among = ALL
    ) -> Sequence[InWords]:
        """The newest first; `before`: only those with a smaller id."""
        ...

    async def listeners(self, slug: str, now: datetime) -> "Listeners":
        """Who would be told the outcome now."""
        ...

    async def heard(self, slug: str) -> Mapping[DeliveryState, int]:
        """What became of the messages that tell the outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """Of those who took part: whom the outcome reaches, by channel and by language, and why it doesn't reach the others
    (`stopped`, `gone`, `no consent`)."""

    reached: int = 0
    channels: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    why_not: Mapping[str, int] = field(default_factory=dict)


def may_be_seen(consultation: Consultation, now: datetime) -> bool:
    """Whether results may be shown to anybody, as its organiser set it."""
    match consultation.results:
        case ResultsWhen.LIVE:
            return consultation.phase(now) in (Phase.OPEN, Phase.CLOSED)
        case ResultsWhen.CLOSED:
            return consultation.phase(now) is Phase.CLOSED
        case ResultsWhen.OUTCOME:
            return consultation.told(now) is not None
        case ResultsWhen.NEVER:
            return False


def suppressed(results: Results, k: int) -> Results:
    """What may be shown to anybody: no number under `k` but nought, and none from which such a number could be worked
    out. Who came how far, and who skipped what, is for organisers alone."""
    prompts: dict[str, PromptResult] = {}
    for one in results.prompts:
        gives_away = any(_gives_away(prompts.get(test.prompt), one, test, k) for test in one.prompt.when)
        prompts[one.prompt.key] = _without(one) if gives_away else _kept(one, k)
    return replace(
        results,
        asked=alone(results.asked, k),
        begun=alone(results.begun, k),
        finished=alone(results.finished, k),
        prompts=tuple(prompts.values()),
        funnel=(),
        turnout=_turnout(results.turnout, k),
        by_day=shown(results.by_day, k),
        channels=shown(results.channels, k),
        languages=shown(results.languages, k),
    )


def _kept(one: PromptResult, k: int) -> PromptResult:
    answered = alone(one.answered, k)
    if answered is None:
        return _without(one)
    least, most = one.prompt.picks if one.prompt.kind is PromptKind.MANY else (1, 1)
    # Of free picks it stands nowhere how many there were in all, so each count is alone.
    each = {key: alone(count, k) for key, count in one.counts.items()}
    counts = shown(one.counts, k) if least == most else each
    is_whole = None not in counts.values()
    return PromptResult(
        one.prompt, answered, None, counts, _numbers(one, k, is_whole),
        _ranks(one, k) if is_whole or len(one.counts) > 2 else {}, alone(one.texts, k),
    )  # fmt: skip


def _without(one: PromptResult) -> PromptResult:
    """Nothing but what is asked."""
    texts = None if one.texts else one.texts
    return PromptResult(one.prompt, None, None, dict.fromkeys(one.counts), None, {}, texts)


def _numbers(one: PromptResult, k: int, is_whole: bool) -> Numbers | None:
    """A scale's mean would give away what is kept back of its steps. The smallest and largest number are somebody's."""
    found = one.numbers
    if found is None or not is_whole or found.count is None or found.count < k:
        return None
    if one.prompt.kind is PromptKind.SCALE:
        return found
    counts = [each.count for each in found.bins if each.count is not None]
    bins = found.bins
    if len(counts) == len(bins):
        groups = grouped(counts, k)
        bins = tuple(Bin(bins[a].low, bins[b - 1].high, sum(counts[a:b])) for a, b in groups)
    if bins:
        bins = (replace(bins[0], low=None), *bins[1:])
        bins = (*bins[:-1], replace(bins[-1], high=None))
    return Numbers(found.count, rounded(found.mean), rounded(found.median), None, None, bins)


def _ranks(one: PromptResult, k: int) -> Mapping[str, Ranked]:
    return {key: Ranked(round(place.mean, 1), round(place.points / k) * k) for key, place in one.ranks.items()}


def _gives_away(earlier: PromptResult | None, one: PromptResult, test: Condition, k: int) -> bool:
    """Whether how many were asked says how many answered the earlier one in a way that is kept back there."""
    if earlier is None:
        return False
    asked = (one.answered or 0) + (one.skipped or 0)
    hidden = {key for key, count in earlier.counts.items() if count is None}
    told = {key for key in hidden if test.holds({test.prompt: _value(earlier.prompt, key)})}
    rest = None if earlier.answered is None else earlier.answered - asked
    return 0 < len(told) < len(hidden) or (rest is not None and 0 < rest < k)


def _value(prompt: Prompt, key: str) -> Value:
    match prompt.kind:
        case PromptKind.SCALE:
            return int(key)
        case PromptKind.MANY | PromptKind.RANK:
            return (key,)
        case _:
            return key


def _hideable(count: int | None, is_small: bool) -> int | None:
    return max(count, 1) if is_small and count is not None else count


def _turnout(turnout: tuple[Turnout, ...], k: int) -> tuple[Turnout, ...]:
    """Each column as if its sum were told: it may be, or nearly. Of a body that is itself too small nothing is told,
    not even that nobody took part: that would be about those few."""
    small = {one.body for one in turnout if one.size is None or one.size < k}
    columns = [
        shown({one.body: _hideable(count, one.body in small) for one, count in zip(turnout, column, strict=True)}, k)
        for column in zip(*((one.size, one.asked, one.begun, one.finished) for one in turnout), strict=True)
    ]
    return tuple(Turnout(one.body, *(column[one.body] for column in columns)) for one in turnout)
