"""Who can be written to."""

from datetime import timedelta

from core.events import AddressLeft
from core.inbound import Inbound, Left, Pressed
from core.places import Place
from tests.contracts.rooms import ADA, BOT, NOON, Rooms, consultation

LATER = NOON + timedelta(hours=1)


async def test_whoever_left_is_back_once_they_do_something_in_private(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.says_yes(ADA)
    await rooms.turn(ADA, AddressLeft(NOON, "blocked"))

    for deed, place in ((Left("blocked"), Place.private_to(ADA)), (Pressed("home"), Place(BOT, "-1", private=False))):
        async with rooms.store.work(Inbound(f"k {deed}", ADA, place, LATER, deed)) as work:
            await work.seen(NOON)
    assert (await rooms.broadcast(step="one")).planned == 0

    async with rooms.store.work(Inbound("k back", ADA, Place.private_to(ADA), LATER, Pressed("home"))) as work:
        await work.seen(NOON)
    assert (await rooms.broadcast(step="two")).planned == 1
