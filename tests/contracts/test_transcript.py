"""The web chat's transcript, and the vault."""

import asyncio

from core.outbound import Key, Message
from tests.contracts.rooms import MINUTE, NOON, Rooms


async def test_lines_come_back_in_their_order(rooms: Rooms) -> None:
    said = Message("Hello")
    answered = Message("Yes?", keys=((Key("Yes", "consent:yes"),),))
    first = await rooms.transcript.append("u1", False, said, NOON)
    second = await rooms.transcript.append("u1", True, answered, NOON + MINUTE)
    await rooms.transcript.append("u2", True, said, NOON)
    lines = await rooms.transcript.lines("u1")
    assert [(line.id, line.ours, line.at, line.message) for line in lines] == [
        (first, False, NOON, said),
        (second, True, NOON + MINUTE, answered),
    ]
    assert await rooms.transcript.lines("u3") == ()


async def test_a_line_with_a_key_is_added_once(rooms: Rooms) -> None:
    first = await rooms.transcript.append("u1", False, Message("Hello"), NOON, "k")
    assert await rooms.transcript.append("u1", False, Message("Again"), NOON, "k") == first
    assert await rooms.transcript.append("u2", False, Message("Hello"), NOON, "k") != first
    assert [line.message.text for line in await rooms.transcript.lines("u1")] == ["Hello"]


async def test_only_what_is_new_or_changed_is_told(rooms: Rooms) -> None:
    first = await rooms.transcript.append("u1", True, Message("one"), NOON)
    await rooms.transcript.append("u1", True, Message("two"), NOON)
    seen = max(line.revision for line in await rooms.transcript.lines("u1"))
    assert await rooms.transcript.lines("u1", seen) == ()
    assert await rooms.transcript.replace("u1", first, Message("one, changed"))
    (changed,) = await rooms.transcript.lines("u1", seen)
    assert (changed.id, changed.message.text) == (first, "one, changed")
    assert changed.revision > seen
    assert [line.message.text for line in await rooms.transcript.lines("u1")] == ["one, changed", "two"]


async def test_only_our_own_lines_of_this_chat_are_replaced(rooms: Rooms) -> None:
    theirs = await rooms.transcript.append("u1", False, Message("mine"), NOON)
    elsewhere = await rooms.transcript.append("u2", True, Message("ours"), NOON)
    assert not await rooms.transcript.replace("u1", theirs, Message("changed"))
    assert not await rooms.transcript.replace("u1", elsewhere, Message("changed"))
    assert not await rooms.transcript.replace("u1", 999_999, Message("changed"))


async def test_the_latest_lines_are_told_where_there_are_many(rooms: Rooms) -> None:
    for number in range(5):
        await rooms.transcript.append("u1", True, Message(str(number)), NOON)
    assert [line.message.text for line in await rooms.transcript.lines("u1", limit=2)] == ["3", "4"]


async def test_lines_said_at_once_have_a_revision_each(rooms: Rooms) -> None:
    await asyncio.gather(*(rooms.transcript.append("u1", True, Message(str(n)), NOON) for n in range(8)))
    lines = await rooms.transcript.lines("u1")
    assert len({line.revision for line in lines}) == 8
    assert [line.revision for line in lines] == sorted(line.revision for line in lines)


async def test_secrets_are_kept_found_named_and_dropped(rooms: Rooms) -> None:
    assert await rooms.vault.find("slack", "T1") is None
    await rooms.vault.keep("slack", "T2", '{"token": "xoxb-2"}')
    await rooms.vault.keep("slack", "T1", '{"token": "xoxb-1"}')
    await rooms.vault.keep("slack", "T1", '{"token": "xoxb-new"}')
    await rooms.vault.keep("other", "T3", "{}")
    assert await rooms.vault.find("slack", "T1") == '{"token": "xoxb-new"}'
    assert await rooms.vault.names("slack") == ("T1", "T2")
    await rooms.vault.drop("slack", "T1")
    await rooms.vault.drop("slack", "T9")
    assert await rooms.vault.names("slack") == ("T2",)
