"""Sending on the web chat: a line in the transcript, and a ring for whoever is looking."""

import asyncio

from bots.webchat.bell import Bell, heard
from bots.webchat.messenger import WebMessenger
from bots.webchat.writing import own_words
from core.deliveries import Sent
from core.inbound import Commanded, Inbound, Pressed, Said
from core.members import Address
from core.outbound import File, Key, Message
from core.places import Place
from tests.web.stage import NOW, MemoryTranscript, StillClock

ADA = Place("web", "ada")


class Setting:
    def __init__(self) -> None:
        self.transcript, self.bell = MemoryTranscript(), Bell()
        self.messenger = WebMessenger(self.transcript, StillClock(), self.bell)

    async def shown(self) -> list[Message]:
        return [line.message for line in await self.transcript.lines("ada")]


async def test_a_message_becomes_a_line_of_ours_and_its_number_is_told() -> None:
    stage = Setting()
    keys = ((Key("Yes", "capture:1:yes"),),)
    assert await stage.messenger.send(ADA, Message("Is this an idea?", "A thought", keys)) == Sent("1")
    (line,) = await stage.transcript.lines("ada")
    assert (line.ours, line.at, line.message) == (True, NOW, Message("Is this an idea?", "A thought", keys))


async def test_a_message_that_replaces_a_line_changes_it_where_it_stands() -> None:
    stage = Setting()
    await stage.messenger.send(ADA, Message("Which?"))
    await stage.messenger.send(ADA, Message("By the way"))
    assert await stage.messenger.send(ADA, Message("Noted", replaces="1", callback="x")) == Sent("1")
    assert await stage.shown() == [Message("Noted"), Message("By the way")]


async def test_what_cannot_be_replaced_is_said_anew() -> None:
    stage = Setting()
    await stage.transcript.append("ada", False, Message("my own words"), NOW)
    for line in ("1", "99", "of another platform"):
        await stage.messenger.send(ADA, Message("Noted", replaces=line))
    assert await stage.shown() == [Message("my own words"), *[Message("Noted")] * 3]


async def test_what_only_one_person_may_see_is_a_line_like_any_other() -> None:
    stage = Setting()
    await stage.messenger.send(ADA, Message("Only you", only_for="ada", quoting="3"))
    assert await stage.shown() == [Message("Only you")]


async def test_a_file_stays_with_its_line() -> None:
    stage = Setting()
    file = File("what-we-keep.yaml", "application/yaml", "name: Ada\n")
    await stage.messenger.send(ADA, Message("Which?"))
    assert await stage.messenger.send(ADA, Message("Here", replaces="1", callback="x", file=file)) == Sent("1")
    assert await stage.shown() == [Message("Here", file=file)]


async def test_the_bell_rings_in_that_chat_and_no_other() -> None:
    stage = Setting()
    with stage.bell.listen("ada") as ada, stage.bell.listen("ada") as other_tab, stage.bell.listen("bob") as bob:
        await stage.messenger.send(ADA, Message("Hello"))
        assert (ada.is_set(), other_tab.is_set(), bob.is_set()) == (True, True, False)


async def test_a_closed_bell_sends_every_listener_home() -> None:
    bell = Bell()
    with bell.listen("ada") as rung:
        waiting = asyncio.create_task(heard(rung, 60))
        bell.close()
        await waiting
    assert bell.is_closed


async def test_waiting_for_a_bell_that_stays_silent_ends() -> None:
    with Bell().listen("ada") as rung:
        await heard(rung, 0.01)
        assert not rung.is_set()


def test_a_member_reads_what_they_typed_and_nothing_for_a_button() -> None:
    def words(deed: Said | Commanded | Pressed) -> Message | None:
        return own_words(Inbound("k", Address("web", "ada"), ADA, NOW, deed))

    assert words(Said("More trees", "1")) == Message("More trees")
    assert words(Commanded("idea", "More trees")) == Message("/idea More trees")
    assert words(Commanded("mine")) == Message("/mine")
    assert words(Pressed("mine", "1")) is None
