"""Patience with an update that fails whenever it is posted to us: until others show that it must be its own fault.

Telegram posts an update again until it gets a 200, so one whose turn always raises would come for as long as Telegram
keeps it. An update may also fail because the store is down, and no exception tells these apart for sure: hence a try is
only blamed on the update if another succeeded since its last one. In the memory of one process: where several serve,
each has its own patience, and the update ends when one of them has lost it.
"""

from collections import OrderedDict
from dataclasses import dataclass

MOST_TRIES = 5
REMEMBERED = 1_000
"""Failing updates; the oldest are forgotten, and begin anew."""


@dataclass(slots=True)
class Trial:
    """`successes_then`: how many other updates had gone well when it failed last."""

    successes_then: int
    blamed: int = 0


class Patience:
    def __init__(self) -> None:
        self._trials: OrderedDict[str, Trial] = OrderedDict()
        self._successes = 0

    def __len__(self) -> int:
        """How many failing updates are remembered."""
        return len(self._trials)

    def succeeded(self, key: str) -> None:
        self._successes += 1
        self._trials.pop(key, None)

    def is_lost(self, key: str, error: Exception) -> bool:
        """Whether this failure, of one more try, is the last that we put up with."""
        trial = self._trials.get(key)
        if trial is None:
            self._trials[key] = Trial(self._successes)
            while len(self._trials) > REMEMBERED:
                self._trials.popitem(last=False)
            return False
        if isinstance(error, OSError) or self._successes == trial.successes_then:
            return False
        trial.blamed += 1
        trial.successes_then = self._successes
        if trial.blamed < MOST_TRIES:
            return False
        del self._trials[key]
        return True


def place_of(error: Exception) -> str:
    """Where it was raised. An error's kind and place are all that goes to a log: its text may hold somebody's words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
