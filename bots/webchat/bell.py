"""The bell: wakes whoever waits for news of a chat in this process. A missed ring costs a second, never a line."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

TYPING_SHOWN = 6.0
"""Seconds for which a sign of somebody's typing stays where it isn't given again."""


class Bell:
    """Rung after a line was written. Chats whose worker is another process are looked at once a second instead."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}
        self._typing: dict[str, float] = {}
        self.is_closed = False

    def ring(self, user: str) -> None:
        for rung in self._listening.get(user, ()):
            rung.set()

    def typing(self, user: str) -> None:
        """A person is typing to whoever looks at this chat; nobody else would see it."""
        if user in self._listening:
            self._typing[user] = monotonic() + TYPING_SHOWN
            self.ring(user)

    def is_typing(self, user: str) -> bool:
        return self._typing.get(user, 0.0) > monotonic()

    def close(self) -> None:
        """Sends every listener home, so that a server with open streams can stop."""
        self.is_closed = True
        for user in tuple(self._listening):
            self.ring(user)

    @contextmanager
    def listen(self, user: str) -> Iterator[asyncio.Event]:
        """An event that is set by every ring from now on. Clear it, look, then wait: nothing is missed between."""
        rung = asyncio.Event()
        listeners = self._listening.setdefault(user, set())
        listeners.add(rung)
        try:
            yield rung
        finally:
            listeners.discard(rung)
            if not listeners and self._listening.get(user) is listeners:
                del self._listening[user]
                self._typing.pop(user, None)


async def heard(rung: asyncio.Event, seconds: float) -> None:
    """Returns when it rings, or after so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()
