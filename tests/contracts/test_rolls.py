"""Tries to be found on the roll are counted of each member and of each number, and for a day."""

from datetime import datetime

from core.events import MemberForgotten, VerificationFailed
from core.members import Address
from core.rolls import TRIES_LAST
from tests.contracts.rooms import ADA, BEN, CAT, DAY, HOUR, NOON, Rooms, inbound

HERS, ANOTHER = "a" * 64, "b" * 64


async def _tries(rooms: Rooms, who: Address, number: str, now: datetime = NOON) -> tuple[int, int]:
    async with rooms.store.work(inbound(who)) as work:
        since = now - TRIES_LAST
        return await work.tries(since), await work.tries_of_number(number, since)


async def test_a_number_is_tried_by_all_members_together(rooms: Rooms) -> None:
    for who in (ADA, BEN, BEN):
        await rooms.turn(who, VerificationFailed(NOON, HERS))
    await rooms.turn(BEN, VerificationFailed(NOON, ANOTHER))
    assert await _tries(rooms, ADA, HERS) == (1, 3)
    assert await _tries(rooms, BEN, ANOTHER) == (3, 1)
    assert await _tries(rooms, CAT, HERS) == (0, 3)


async def test_whoever_is_forgotten_and_comes_again_finds_the_number_tried(rooms: Rooms) -> None:
    await rooms.turn(ADA, VerificationFailed(NOON, HERS))
    await rooms.turn(ADA, MemberForgotten(NOON))
    assert await _tries(rooms, ADA, HERS) == (0, 1)


async def test_a_try_counts_for_a_day_and_then_goes(rooms: Rooms) -> None:
    await rooms.turn(ADA, VerificationFailed(NOON, HERS))
    await rooms.turn(ADA, VerificationFailed(NOON + HOUR, HERS), at=NOON + HOUR)
    assert await _tries(rooms, BEN, HERS, NOON + DAY - HOUR) == (0, 2)
    assert await _tries(rooms, BEN, HERS, NOON + DAY) == (0, 1)
    assert await rooms.store.sweep(NOON + DAY) == 2
    assert await _tries(rooms, ADA, HERS) == (1, 1)
    assert await rooms.store.sweep(NOON + DAY) == 0
