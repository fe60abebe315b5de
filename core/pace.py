"""Pace: when the next message may go out on a lane, by sliding windows over the whole account and over each chat.

A send counts from its start until a window's length after it *ended*: the platform counts it at some moment in
between, so a slow connection or a busy machine can never squeeze one too many into a window of theirs.
Seconds are whatever steady count the caller keeps; no clock is read in here.
"""

from bisect import bisect_right
from collections import OrderedDict, deque
from dataclasses import dataclass
from itertools import islice

from core.places import Place

CHATS_REMEMBERED = 10_000

LOOKED_AT = 3
"""Chats that may be forgotten where one is remembered: more than one, so that their number falls again after a rush."""

UNLIMITED = 1_000

SOON = 0.005
"""Seconds until it is worth asking again, where only the end of a send in flight can tell."""

RESERVED = 7
"""While people talk, every so many-th place of the lane's window is left to what is said to them."""

TALKING = 5.0
"""Seconds after a reply for which we take it that another may follow."""

CLOSER = 0.99
"""How much closer than even a broadcast's sends follow each other: the window, not their distance, sets the rate."""

CATCH_UP = 0.05
"""Seconds of lateness (timers, a busy machine) that those that come after make good."""


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

    __slots__ = ("_ended", "in_flight", "limit")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.in_flight = 0
        self._ended: deque[float] = deque(maxlen=limit.count)

    def free_at(self, now: float, spare: int = 0) -> float:
        """When one more may start and leave so many places `spare`, as far as is known now."""
        room = self.limit.count - spare - self.in_flight
        if room <= 0:
            return now + SOON
        return self._ended[-room] + self.limit.seconds if len(self._ended) >= room else now

    def room(self, by: float, spare: int = 0) -> int:
        """How many may start by then, if those in flight don't end before."""
        counting = len(self._ended) - bisect_right(self._ended, by - self.limit.seconds)
        return max(0, self.limit.count - spare - self.in_flight - counting)

    def start(self) -> None:
        self.in_flight += 1

    def end(self, now: float) -> None:
        self.in_flight -= 1
        self._ended.append(now)

    def is_over(self, now: float) -> bool:
        """Nothing counts any more."""
        return not self.in_flight and (not self._ended or self._ended[-1] <= now - self.limit.seconds)


class Pace:
    """The sends of one lane. One owner a lane is what makes it true over all processes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lane = Window(limits.lane) if limits.lane else None
        self._chats: OrderedDict[str, Window] = OrderedDict()
        self._held_until = 0.0
        self._chats_held: dict[str, float] = {}
        self._talked = float("-inf")
        self._next_spaced = float("-inf")

    def talk(self, now: float) -> None:
        """There is a reply to be sent, and others may follow."""
        self._talked = now

    def spare(self, now: float) -> int:
        """Places of the lane's window that `spaced` sends leave free: none while nobody is talking."""
        if self._lane is None or now - self._talked > TALKING:
            return 0
        return self._lane.limit.count // RESERVED

    def most(self, seconds: float) -> int:
        """How many sends may start in so many seconds, all else aside."""
        if self._lane is None:
            return UNLIMITED
        limit = self._lane.limit
        return max(1, min(limit.count, round(limit.count * seconds / limit.seconds)))

    def room(self, now: float, ahead: float, *, spaced: bool = False) -> int:
        """How many sends may start from `now` to `now + ahead`, chats aside."""
        if self._held_until > now + ahead:
            return 0
        return self._lane.room(now + ahead, self.spare(now) if spaced else 0) if self._lane else UNLIMITED

    def free_at(self, to: Place, now: float, *, spaced: bool = False) -> float:
        """When one send to that chat may start, as far as is known now: ask again at that moment.

        `spaced` sends keep an even distance, and leave places free while people talk: a reply finds room at once.
        """
        at = max(now, self._held_until, self.chat_free_at(to, now))
        if self._lane:
            at = max(at, self._lane.free_at(now, self.spare(now) if spaced else 0))
            if spaced:
                at = max(at, self._next_spaced)
        return at

    def chat_free_at(self, to: Place, now: float) -> float:
        chat = self._chats.get(to.chat)
        return max(now, self._chats_held.get(to.chat, 0.0), chat.free_at(now) if chat else now)

    def start(self, to: Place, now: float) -> None:
        """A send starts, which must be followed by its `end`."""
        if self._lane:
            limit, spare = self._lane.limit, self.spare(now)
            was_free = min(now, self._lane.free_at(now, spare))
            apart = CLOSER * limit.seconds / (limit.count - spare)
            self._next_spaced = max(self._next_spaced, was_free, now - CATCH_UP) + apart
        for window in self._windows(to, now):
            window.start()

    def end(self, to: Place, now: float) -> None:
        for window in self._windows(to, now):
            window.end(now)

    def hold(self, until: float, chat: str | None = None) -> None:
        """The platform asked us to wait: the whole lane, or one chat."""
        if chat is None:
            self._held_until = max(self._held_until, until)
            return
        self._chats_held = {c: t for c, t in self._chats_held.items() if t > until - 3600}
        self._chats_held[chat] = max(self._chats_held.get(chat, 0.0), until)

    def release(self, until: float) -> None:
        """What the whole lane was held for is over, but for what holds it until then."""
        self._held_until = min(self._held_until, until)

    def _windows(self, to: Place, now: float) -> list[Window]:
        limit = self._limits.person if to.private else self._limits.group
        windows = [self._lane] if self._lane else []
        if limit is None:
            return windows
        if to.chat not in self._chats:
            self._forget_some(now)
            self._chats[to.chat] = Window(limit)
        self._chats.move_to_end(to.chat)
        return [*windows, self._chats[to.chat]]

    def _forget_some(self, now: float) -> None:
        """The chats written to longest ago, as far as nothing of theirs counts any more or there are too many."""
        for chat, window in list(islice(self._chats.items(), LOOKED_AT)):
            is_too_much = len(self._chats) >= CHATS_REMEMBERED and not window.in_flight
            if is_too_much or window.is_over(now):
                del self._chats[chat]
