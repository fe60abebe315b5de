"""What this one process has counted since it began: turns and how long they took, and answers at the doors."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds by which turns are sorted; the last heap has none."""

DOORS: Mapping[str, str] = {"/telegram/webhook": "telegram", "/slack/events": "slack"}


class Pulse:
    """Numbers only: nothing of whoever took a turn or knocked."""

    def __init__(self) -> None:
        self.heaps = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        self.answers: Counter[tuple[str, int]] = Counter()

    def turn_took(self, seconds: float) -> None:
        self.heaps[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def door_answered(self, door: str, status: int) -> None:
        self.answers[door, status] += 1


class Counted:
    """Around everything else, so that refusals are counted wherever they are made."""

    def __init__(self, app: ASGIApp, pulse: Pulse) -> None:
        self._app, self._pulse = app, pulse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = DOORS.get(scope["path"]) if scope["type"] == "http" else None
        if door is None:
            await self._app(scope, receive, send)
            return

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._pulse.door_answered(door, message["status"])
            await send(message)

        await self._app(scope, receive, send_counted)
