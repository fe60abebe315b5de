"""Progress: what became of a broadcast, in words and as the parts of a bar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.bodies import Bodies, Topic
from core.consultations import Audience, NudgeKind
from core.deliveries import DeliveryState
from core.health import LaneHealth
from core.texts import TN, Phrase, T, Words
from core.turns.watching import MEANINGS, REASONS, STATES, lane_lines
from core.watching import Sending

HELD = T("held by you or another organiser")

NUDGES: dict[NudgeKind, Phrase] = {
    NudgeKind.INVITATION: T("Invitation"),
    NudgeKind.REMINDER: T("Reminder"),
    NudgeKind.CLOSING: T("Closing call"),
    NudgeKind.THANKS: T("Thanks"),
    NudgeKind.OUTCOME: T("Outcome"),
}

MOST_REASONS = 12
"""Of a platform's words there may be many."""

_PARTS: tuple[tuple[str, Phrase, tuple[DeliveryState, ...]], ...] = (
    ("went", T("sent"), (DeliveryState.SENT,)),
    ("perhaps", T("uncertain"), (DeliveryState.UNCERTAIN,)),
    ("failed", T("failed"), (DeliveryState.FAILED,)),
    ("spared", T("held back or too late"), (DeliveryState.SUPPRESSED, DeliveryState.EXPIRED)),
    ("waits", T("waiting"), (DeliveryState.CLAIMED, DeliveryState.PLANNED)),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Of a bar of 100."""

    name: str
    label: Phrase
    start: float
    length: float
    count: int


@dataclass(frozen=True, slots=True)
class Became:
    """How many are in one state, what that means, and why."""

    state: DeliveryState
    label: Phrase
    meaning: Phrase
    count: int
    reasons: tuple[tuple[Words, int], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """`number`: its place on the page, by which its parts are told apart."""

    number: int
    sending: Sending
    kind: Phrase
    to: tuple[Words, ...]
    percent: int
    parts: tuple[Part, ...]
    became: tuple[Became, ...]

    @property
    def id(self) -> str:
        return self.sending.broadcast.id


def progress_of(sending: Sending, number: int, bodies: Bodies, topics: Sequence[Topic]) -> Progress:
    total = sending.total
    return Progress(
        number=number,
        sending=sending,
        kind=NUDGES[sending.broadcast.kind],
        to=asked(sending.broadcast.audience, bodies, topics),
        percent=int(sending.settled * 100 / total) if total else 0,
        parts=tuple(_parts(sending)) if total else (),
        became=tuple(_became(sending, state) for state in DeliveryState if sending.states.get(state)),
    )


def _parts(sending: Sending) -> Iterator[Part]:
    start = 0.0
    for name, label, states in _PARTS:
        count = sum(sending.states.get(state, 0) for state in states)
        if count:
            length = 100 * count / sending.total
            yield Part(name, label, round(start, 3), round(length, 3), count)
            start += length


def _became(sending: Sending, state: DeliveryState) -> Became:
    """Of those that wait, how many wait for their hour, whatever it is that keeps them."""
    ranked = sorted(sending.why.get(state, {}).items(), key=lambda one: (-one[1], one[0]))
    reasons: list[tuple[Words, int]] = [(REASONS.get(why, why), count) for why, count in ranked[:MOST_REASONS]]
    if rest := sum(count for _, count in ranked[MOST_REASONS:]):
        reasons.append((T("for other reasons"), rest))
    if state is DeliveryState.PLANNED and sending.later:
        reasons = [(_waits_until(sending), sending.later), *reasons]
    meaning = HELD if state is DeliveryState.PLANNED and sending.is_held else MEANINGS[state]
    return Became(state, STATES[state], meaning, sending.states[state], tuple(reasons))


def _waits_until(sending: Sending) -> Phrase:
    if sending.next_at is None:
        return T("for their hour")
    return T("for their hour: quiet hours, or the plan’s own time; the first at {time}", time=sending.next_at)


def asked(audience: Audience, bodies: Bodies, topics: Sequence[Topic]) -> tuple[Words, ...]:
    """Whom it asks, in words that are said one after another."""
    names = {topic.slug: topic.name for topic in topics}
    whose: list[Words] = [bodies.name(slug) for slug in audience.bodies]
    whose += [T("followers of {topic}", topic=names.get(slug, slug)) for slug in audience.topics]
    if not whose:
        whose = [T("everybody")]
    if audience.languages:
        whose.append(T("only those who read {languages}", languages=", ".join(audience.languages)))
    if audience.active_days is not None:
        days = audience.active_days
        whose.append(TN("active within {count} day", "active within {count} days", days))
    if audience.verified:
        whose.append(T("only those who are on the membership roll"))
    return tuple(whose)


# --- lanes
def troubles(lanes: Sequence[LaneHealth], now: datetime) -> tuple[Words, ...]:
    """What stands in the way, lane by lane."""
    return tuple(line for lane in lanes for line in lane_lines(lane, now))
