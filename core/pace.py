"""Pace: when the next message may go out on a lane, by sliding windows over the whole account and over each chat.

A send counts from its start until a window's length after it *ended*: the platform counts it at some moment in
between, so a slow connection or a busy machine can never squeeze one too many into a window of theirs.
Seconds are whatever steady count the caller keeps; no clock is read in here.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from core.places import Place

CHATS_REMEMBERED = 10_000

SOON = 0.005
"""Seconds until it is worth asking again, where only the end of a send in flight can tell."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` sends in any `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows: over the account, to a person, to a group. None: no limit."""

    lane: Limit | None = None
    person: Limit | None = None
    group: Limit | None = None


# A person may get two or three lines of one answer at once: "about one a second" allows short bursts.
TELEGRAM = Limits(Limit(30, 1.0), Limit(3, 3.0), Limit(20, 60.0))
SLACK = Limits(None, Limit(3, 3.0), Limit(3, 3.0))
WEB = Limits()


class Window:
    """The sends that still count against one limit."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.in_flight = 0
        self._ended: deque[float] = deque(maxlen=limit.count)

    def free_at(self, now: float) -> float:
        """When one more may start, as far as is known now."""
        room = self.limit.count - self.in_flight
        if room <= 0:
            return now + SOON
        return self._ended[-room] + self.limit.seconds if len(self._ended) >= room else now

    def room(self, by: float) -> int:
        """How many may start by then, if those in flight don't end before."""
        counting = sum(ended > by - self.limit.seconds for ended in self._ended)
        return max(0, self.limit.count - self.in_flight - counting)

    def start(self) -> None:
        self.in_flight += 1

    def end(self, now: float) -> None:
        self.in_flight -= 1
        self._ended.append(now)


class Pace:
    """The sends of one lane. One owner a lane is what makes it true over all processes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lane = Window(limits.lane) if limits.lane else None
        self._chats: OrderedDict[str, Window] = OrderedDict()
        self._held_until = 0.0
        self._chats_held: dict[str, float] = {}
        self._last_start = float("-inf")

    def room(self, now: float, ahead: float) -> int:
        """How many sends may start from `now` to `now + ahead`, chats aside."""
        if self._held_until > now + ahead:
            return 0
        return self._lane.room(now + ahead) if self._lane else 1_000

    def free_at(self, to: Place, now: float, *, spaced: bool = False) -> float:
        """When one send to that chat may start, as far as is known now: ask again at that moment.

        `spaced` sends keep an even distance: a nudge leaves a gap in which a reply finds room at once.
        """
        at = max(now, self._held_until, self.chat_free_at(to, now))
        if self._lane:
            at = max(at, self._lane.free_at(now))
            if spaced:
                at = max(at, self._last_start + self._lane.limit.seconds / self._lane.limit.count)
        return at

    def chat_free_at(self, to: Place, now: float) -> float:
        chat = self._chats.get(to.chat)
        return max(now, self._chats_held.get(to.chat, 0.0), chat.free_at(now) if chat else now)

    def start(self, to: Place, now: float) -> None:
        """A send starts, which must be followed by its `end`."""
        self._last_start = now
        for window in self._windows(to):
            window.start()

    def end(self, to: Place, now: float) -> None:
        for window in self._windows(to):
            window.end(now)

    def hold(self, until: float, chat: str | None = None) -> None:
        """The platform asked us to wait: the whole lane, or one chat."""
        if chat is None:
            self._held_until = max(self._held_until, until)
            return
        self._chats_held = {c: t for c, t in self._chats_held.items() if t > until - 3600}
        self._chats_held[chat] = max(self._chats_held.get(chat, 0.0), until)

    def _windows(self, to: Place) -> list[Window]:
        limit = self._limits.person if to.private else self._limits.group
        windows = [self._lane] if self._lane else []
        if limit is None:
            return windows
        if to.chat not in self._chats:
            self._forget_some()
            self._chats[to.chat] = Window(limit)
        self._chats.move_to_end(to.chat)
        return [*windows, self._chats[to.chat]]

    def _forget_some(self) -> None:
        """The chats written to longest ago, none of them in the middle of a send."""
        for chat in list(self._chats)[: max(0, len(self._chats) - CHATS_REMEMBERED + 1)]:
            if not self._chats[chat].in_flight:
                del self._chats[chat]
