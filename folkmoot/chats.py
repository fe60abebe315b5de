"""What is under way in each chat of a lane, so that a chat hears its replies in order and none fills the lane."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

from core.deliveries import Delivery, Priority
from core.pace import Limits
from core.places import Place

IN_ORDER = (Priority.REPLY, Priority.NEWS)

FORGOTTEN = timedelta(minutes=1)
"""How long after its time one that was put back may keep those behind it waiting, in case it never comes again."""

A_MOMENT = 0.001


class Chats:
    """Sends of one lane by chat: those in flight, and the replies that were put back and aren't claimed again yet."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._in_flight: defaultdict[str, list[asyncio.Task[None]]] = defaultdict(list)
        self._put_back: defaultdict[str, dict[int, datetime]] = defaultdict(dict)

    def latest(self, to: Place) -> asyncio.Task[None] | None:
        """The send that was begun last in that chat and isn't over."""
        under_way = self._in_flight.get(to.chat)
        return under_way[-1] if under_way else None

    def begin(self, to: Place, task: asyncio.Task[None]) -> None:
        self._in_flight[to.chat].append(task)

    def end(self, to: Place, task: asyncio.Task[None]) -> None:
        self._in_flight[to.chat].remove(task)
        if not self._in_flight[to.chat]:
            del self._in_flight[to.chat]

    def full_for(self, to: Place) -> float:
        """Seconds until it is worth trying again where as many are in flight as the chat takes at once; else none."""
        limit = self._limits.person if to.private else self._limits.group
        return limit.seconds if limit and len(self._in_flight.get(to.chat, ())) >= limit.count else 0.0

    def claimed(self, delivery: Delivery) -> None:
        """It is here again."""
        waiting = self._put_back.get(delivery.to.chat)
        if waiting and waiting.pop(delivery.id, None) and not waiting:
            del self._put_back[delivery.to.chat]

    def put_back(self, delivery: Delivery, until: datetime) -> None:
        if delivery.priority in IN_ORDER:
            self._put_back[delivery.to.chat][delivery.id] = until

    def set_clock_back(self, by: timedelta) -> None:
        for waiting in self._put_back.values():
            waiting.update({delivery: until - by for delivery, until in waiting.items()})

    def behind(self, delivery: Delivery, now: datetime) -> float:
        """Seconds until the replies that come before this one in its chat are tried again; none if there are none."""
        if delivery.priority not in IN_ORDER:
            return 0.0
        waiting = self._put_back.get(delivery.to.chat, {})
        earlier = [until for id, until in waiting.items() if id < delivery.id and now - until < FORGOTTEN]
        return max([*((until - now).total_seconds() for until in earlier), A_MOMENT]) if earlier else 0.0
