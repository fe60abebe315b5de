"""What a conversation does before and around a turn."""

from core.inbound import Discussed, Edited
from core.members import Address
from core.places import Place
from tests.fakes.town import Town

STRANGER = Address("slack:T1", "U9")
CHANNEL = Place("slack:T1", "C1", private=False, thread="17.1")


async def test_nobody_is_remembered_for_talking_or_for_editing_a_message_that_is_no_idea() -> None:
    town = Town()
    await town.does(STRANGER, Discussed("17.2"), place=CHANNEL)
    await town.does(STRANGER, Edited("More trees", "17.2"), place=CHANNEL)
    assert await town.store.member_at(STRANGER) is None
    assert await town.hears() == []
