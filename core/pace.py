"""Pace: when the next message may go out on a lane, by sliding windows over the whole account and over each chat.

Seconds are whatever steady count the caller keeps; no clock is read in here.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from core.places import Place

CHATS_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` sends in any `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows: over the account, to a person, to a group. None: no limit."""

    lane: Window | None = None
    person: Window | None = None
    group: Window | None = None


# A hair under what is promised, since their clock isn't ours. A person may get two or three lines of one answer at
# once: Telegram's and Slack's "about one a second" allows short bursts.
TELEGRAM = Limits(Window(30, 1.01), Window(3, 3.05), Window(20, 60.5))
SLACK = Limits(None, Window(3, 3.05), Window(3, 3.05))
WEB = Limits()


class Pace:
    """The sends of one lane. One owner a lane is what makes it true over all processes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lane: deque[float] = deque(maxlen=limits.lane.count if limits.lane else 1)
        self._chats: OrderedDict[str, deque[float]] = OrderedDict()
        self._held_until = 0.0
        self._chats_held: dict[str, float] = {}

    def room(self, now: float, ahead: float) -> int:
        """How many sends may start from `now` to `now + ahead`, chats aside."""
        if self._held_until > now + ahead:
            return 0
        window = self._limits.lane
        if window is None:
            return 1_000
        passed = sum(at > now + ahead - window.seconds for at in self._lane)
        return max(0, window.count - passed)

    def reserve(self, to: Place, now: float, *, spaced: bool = False) -> float:
        """The moment at which one send to that chat may start; it counts from then on.

        `spaced` sends keep an even distance: a nudge leaves a gap in which a reply finds room at once.
        """
        at = max(now, self._held_until, self._chats_held.get(to.chat, 0.0))
        if spaced and self._lane and self._limits.lane:
            at = max(at, self._lane[-1] + self._limits.lane.seconds / self._limits.lane.count)
        chat, limit = self._chat(to), self._limits.person if to.private else self._limits.group
        while True:
            ready = max(at, _free_at(self._lane, self._limits.lane), _free_at(chat, limit))
            if ready <= at:
                break
            at = ready
        self._lane.append(at)
        chat.append(at)
        return at

    def chat_is_free_at(self, to: Place, now: float) -> float:
        limit = self._limits.person if to.private else self._limits.group
        held = self._chats_held.get(to.chat, 0.0)
        return max(now, held, _free_at(self._chats[to.chat], limit) if to.chat in self._chats else now)

    def hold(self, until: float, chat: str | None = None) -> None:
        """The platform asked us to wait: the whole lane, or one chat."""
        if chat is None:
            self._held_until = max(self._held_until, until)
            return
        self._chats_held = {c: t for c, t in self._chats_held.items() if t > until - 3600}
        self._chats_held[chat] = max(self._chats_held.get(chat, 0.0), until)

    def _chat(self, to: Place) -> deque[float]:
        limit = self._limits.person if to.private else self._limits.group
        if to.chat not in self._chats:
            self._chats[to.chat] = deque(maxlen=limit.count if limit else 1)
            while len(self._chats) > CHATS_REMEMBERED:
                self._chats.popitem(last=False)
        self._chats.move_to_end(to.chat)
        return self._chats[to.chat]


def _free_at(sends: deque[float], window: Window | None) -> float:
    """When a window has room again, given the last sends in it."""
    return sends[0] + window.seconds if window and len(sends) >= window.count else 0.0
