"""Being told to end, by SIGTERM or Ctrl-C: what is then stopped, and how long it may take."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

ENDS_WITHIN = 9.0
"""Seconds. Platforms kill what goes on after ten. What hasn't ended by then waits for somebody who doesn't answer, and
would lose no more by being killed: what was acknowledged is on disk."""


class Ending:
    """Listens from the moment that it is made, within a running loop."""

    def __init__(self, within: float = ENDS_WITHIN) -> None:
        self.told = asyncio.Event()
        self._within = within
        self._stop: Callable[[], None] = lambda: None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._hear)

    def then(self, stop: Callable[[], None]) -> None:
        """What to do when told; at once if that was so already."""
        self._stop = stop
        if self.told.is_set():
            stop()

    def _hear(self) -> None:
        if not self.told.is_set():
            self.told.set()
            last = threading.Timer(self._within, _give_up)  # a thread's, for the loop may be held up, too
            last.daemon = True
            last.start()
        self._stop()


def _give_up() -> None:
    log.warning("it ends without waiting any longer for what doesn’t answer; nothing that was acknowledged is lost")
    os._exit(0)
