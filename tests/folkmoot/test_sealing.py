"""The sealer: what waits is sealed in time, and what isn't is complained about, not kept quiet."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from core.ledger.seals import Audit, Consistency, LedgerDamaged, Receipt, Seal, Waiting
from core.ports import StoreUnavailable
from folkmoot.sealing import MOST, Sealer
from tests.contracts.rooms import MINUTE, NOON
from tests.fakes.clock import SetClock


class Log:
    """A ledger that only remembers when it was told to seal; `trouble` is what happens then."""

    def __init__(self) -> None:
        self.waits: Waiting | None = None
        self.trouble: Exception | None = None
        self.sealed: list[timedelta] = []
        self.clock = SetClock(NOON)
        self.sealer = Sealer(self, self.clock)

    async def waiting(self) -> Waiting | None:
        return self.waits

    async def seal(self, now: object, most: int, is_over: Callable[[], bool] = lambda: False) -> Seal | None:
        assert most == MOST
        assert not is_over()
        self.sealed.append(self.clock.now() - NOON)
        if self.trouble:
            raise self.trouble
        self.waits = None
        return None

    async def look(self, *minutes: int) -> None:
        for minute in minutes:
            self.clock.set(NOON + minute * MINUTE)
            await self.sealer.look()

    async def latest_seal(self) -> Seal | None: ...
    async def find_seal(self, size: int) -> Seal | None: ...
    async def seals(self, limit: int) -> tuple[Seal, ...]:
        return ()

    async def receipt(self, code: str, size: int | None = None) -> Receipt | None: ...
    async def consistency(self, old: int, new: int) -> Consistency | None: ...
    async def audit(self, published: Sequence[Seal] = ()) -> Audit:
        return Audit(0, 0, 0, ())


async def test_it_seals_when_it_starts_and_every_ten_minutes() -> None:
    ledger = Log()
    await ledger.look(0, 3, 9, 10, 15, 20)
    assert ledger.sealed == [0 * MINUTE, 10 * MINUTE, 20 * MINUTE]


async def test_nobody_waits_longer_than_ten_minutes() -> None:
    ledger = Log()
    await ledger.look(0)
    ledger.waits = Waiting(1, NOON - 5 * MINUTE)
    await ledger.look(4, 5)
    assert ledger.sealed == [0 * MINUTE, 5 * MINUTE]


async def test_many_are_sealed_at_once() -> None:
    ledger = Log()
    await ledger.look(0)
    ledger.waits = Waiting(1_000, NOON)
    await ledger.look(1)
    assert ledger.sealed == [0 * MINUTE, 1 * MINUTE]


async def test_an_entry_that_waits_beyond_an_hour_is_complained_about_once_an_hour(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ledger = Log()
    ledger.trouble = LedgerDamaged("a hash is missing")
    ledger.waits = Waiting(3, NOON)
    with caplog.at_level(logging.WARNING, "folkmoot"):
        await ledger.look(59)
        assert "wait to be sealed" not in caplog.text
        await ledger.look(60, 70, 119)
        assert caplog.text.count("3 story entries wait to be sealed") == 1
        await ledger.look(120)
    assert caplog.text.count("3 story entries wait to be sealed") == 2
    assert "nothing can be sealed: the ledger is damaged: a hash is missing" in caplog.text


async def test_it_outlives_a_database_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "folkmoot")
    ledger = Log()
    ledger.trouble = StoreUnavailable("gone")
    running = asyncio.create_task(ledger.sealer.run())
    while not ledger.sealed:  # noqa: ASYNC110  the sealer has no event for it
        await asyncio.sleep(0.005)
    ledger.sealer.stop()
    await asyncio.wait_for(running, 10)
    assert "sealing waits for the database: gone" in caplog.text
