"""Sealing: entries of stories get their place in the ledger in time, or somebody is told that they didn't.

Beside the metronome and not in it: however many entries there are to seal, nobody's invitation waits for that.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from core.ledger.seals import SEALED_WITHIN, LedgerDamaged, Waiting
from core.ports import Clock, Ledger
from folkmoot.clockwork import look_again_and_again
from storage.database import Fault

log = logging.getLogger(__name__)

LOOKS_EVERY = 10.0
"""Seconds between looks at what waits."""

MOST = 100_000
COMPLAINS_EVERY = timedelta(hours=1)


class Sealer:
    """Several may run: what one has sealed, the others find sealed."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._tried: datetime | None = None
        self._failed = False
        self._complained: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await look_again_and_again(self.look, LOOKS_EVERY, self._stopping)

    def stop(self) -> None:
        self._stopping.set()

    async def look(self) -> None:
        """Seals what is due. Now and then also without anything waiting, for another may have died while sealing."""
        now = self._clock.now()
        try:
            waiting = await self._ledger.waiting()
            if waiting and waiting.is_overdue(now):
                self._complain(now, waiting)
            is_due = waiting is not None and waiting.is_due(now) and not self._failed
            if is_due or self._tried is None or now - self._tried >= SEALED_WITHIN:
                self._tried, self._failed = now, False
                await self._ledger.seal(now, MOST, self._stopping.is_set)
        except OSError as error:
            log.warning("sealing waits for the database: %s", error)
        except (LedgerDamaged, Fault) as error:
            self._failed = True  # to be tried again in ten minutes, not in ten seconds
            log.error("nothing can be sealed: %s", error)

    def _complain(self, now: datetime, waiting: Waiting) -> None:
        if self._complained is None or now - self._complained >= COMPLAINS_EVERY:
            self._complained = now
            log.warning("%d story entries wait to be sealed, the oldest since %s", waiting.count, waiting.since)
