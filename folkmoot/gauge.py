"""What a lane's owner can say of it: sends a second lately, until when the platform wants quiet, what is in the way."""

from collections import deque
from datetime import datetime

from core.deliveries import Condition, Outcome, Retry, Sent
from core.delivery import NOBODY

LATELY = 10.0
"""Seconds over which the rate is counted."""

TOLD_EVERY = 2.0


class Gauge:
    """Seconds are the loop's own, by which lengths of time are kept; instants are the clock's, for others to read."""

    def __init__(self, seconds: float, free_at: datetime | None, trouble: str) -> None:
        self._since, self._told_at = seconds, seconds
        self._sent: deque[tuple[float, int]] = deque()
        self._free_at = free_at
        self._trouble = "" if trouble == NOBODY else trouble  # for now somebody can
        self._told = Condition(0.0, free_at, trouble)

    def note(self, outcome: Outcome, seconds: float, free_at: datetime) -> None:
        """`free_at`: when the next may go out, where the outcome is that all have to wait."""
        if isinstance(outcome, Sent):
            self._trouble = ""
            if self._sent and seconds - self._sent[-1][0] < 1.0:
                second, count = self._sent.pop()
                self._sent.append((second, count + 1))
            else:
                self._sent.append((seconds, 1))
        elif isinstance(outcome, Retry) and outcome.whole_lane:
            self._trouble = outcome.why
            if outcome.asked and (self._free_at is None or free_at > self._free_at):
                self._free_at = free_at

    def to_tell(self, seconds: float, now: datetime) -> Condition | None:
        """What is to be told now: trouble and its end at once, the rest every other second, and nothing twice."""
        is_news = self._trouble != self._told.trouble or self._free_at not in (None, self._told.free_at)
        if seconds - self._told_at < TOLD_EVERY and not is_news:
            return None
        while self._sent and self._sent[0][0] < seconds - LATELY:
            self._sent.popleft()
        span = max(1.0, min(LATELY, seconds - self._since))
        if self._free_at is not None and self._free_at <= now:
            self._free_at = None
        condition = Condition(round(sum(count for _, count in self._sent) / span, 1), self._free_at, self._trouble)
        return condition if condition != self._told else None

    def told(self, condition: Condition, seconds: float) -> None:
        self._told, self._told_at = condition, seconds
