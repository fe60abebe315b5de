"""Handovers: begun once, said in while they last, ended once; the same in every store."""

from dataclasses import replace

import pytest

from core.events import HandoverBegun, HandoverEnded, HandoverSpoken, MemberForgotten
from core.handovers import Handovers, Spoken
from core.members import Address, Role
from core.places import Place
from core.ports import StoryMoved
from core.sessions import Locating, Session, Talking
from storage.database import Database
from storage.desk.handovers import SqlHandovers
from tests.contracts.rooms import ADA, BEN, HOUR, MINUTE, NOON, WEB, Rooms, in_memory, inbound, over
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_handovers import MemoryHandovers

CODE = "0000-0018"
Both = tuple[Rooms, Handovers]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "memory":
        rooms = in_memory()
        assert isinstance(rooms.store, MemoryStore)
        return rooms, MemoryHandovers(rooms.store.memory)
    database: Database = request.getfixturevalue(f"{request.param}_database")
    return over(database), SqlHandovers(database)


async def _begun(rooms: Rooms, who: Address = ADA) -> HandoverBegun:
    """By Ben, while Ada is asked for her time zone."""
    author, officer = await rooms.says_yes(who, BEN)
    await rooms.capture(CODE, who)
    await rooms.turn(who, session=Session(Locating()))
    begun = HandoverBegun(CODE, author, Place.private_to(who), officer, "planning", Role.SECRETARY, NOON)
    await rooms.store.record([begun])
    return begun


async def _session(rooms: Rooms, who: Address = ADA) -> Session:
    async with rooms.store.work(inbound(who)) as work:
        return await work.session()


async def test_a_member_is_in_it_from_its_beginning_and_where_they_were_after_its_end(both: Both) -> None:
    rooms, handovers = both
    begun = await _begun(rooms)
    (found,) = await handovers.about(CODE)
    assert (found.member, found.officer, found.body, found.by, found.since, found.place, found.ended_at) == (
        begun.member, begun.officer, "planning", Role.SECRETARY, NOON, Place.private_to(ADA), None,
    )  # fmt: skip
    assert await handovers.of(begun.member) == found
    step = (await _session(rooms)).step
    assert isinstance(step, Talking)
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.handover(step.handover) == found
    async with rooms.store.work(inbound(BEN)) as work:
        assert await work.handover(step.handover) is None, "it is none of his"
    for _ in range(2):
        await rooms.store.record([HandoverEnded(found.id, CODE, NOON + HOUR)])
    assert await _session(rooms) == Session(Locating())
    assert await handovers.of(begun.member) is None
    assert await handovers.find(found.id) == replace(found, ended_at=NOON + HOUR)


async def test_of_those_about_an_idea_the_open_one_is_first_and_then_the_latest(both: Both) -> None:
    rooms, handovers = both
    begun = await _begun(rooms)
    for at in (NOON, NOON + HOUR):
        (open_, *_) = await handovers.about(CODE)
        await rooms.store.record([HandoverEnded(open_.id, CODE, at), replace(begun, at=at + MINUTE)])
    about = await handovers.about(CODE)
    assert [one.ended_at for one in about] == [None, NOON + HOUR, NOON]
    assert list(await handovers.about("0000-0026")) == []


async def test_there_is_one_at_a_time_and_only_where_they_are(both: Both) -> None:
    rooms, _ = both
    begun = await _begun(rooms)
    for again in (begun, replace(begun, place=Place.private_to(WEB)), replace(begun, place=Place.private_to(BEN))):
        with pytest.raises(StoryMoved):
            await rooms.store.record([again])


async def test_words_are_kept_in_order_until_it_ends(both: Both) -> None:
    rooms, handovers = both
    await _begun(rooms)
    (found,) = await handovers.about(CODE)
    spoken = [HandoverSpoken(found.id, CODE, text, text == "b", NOON + n * MINUTE) for n, text in enumerate("abc")]
    await rooms.store.record(spoken)
    words = await handovers.words(found.id)
    assert [(word.text, word.by_officer, word.at) for word in words] == [
        (one.text, one.by_officer, one.at) for one in spoken
    ]
    assert list(await handovers.words(found.id, after=words[0].id)) == list(words[1:])
    assert await handovers.idle(NOON + MINUTE) == []
    (idle,) = await handovers.idle(NOON + 2 * MINUTE)
    assert idle.heard_at == NOON + 2 * MINUTE
    await rooms.store.record([HandoverEnded(found.id, CODE, NOON + HOUR)])
    with pytest.raises(StoryMoved):
        await rooms.store.record([replace(spoken[0], at=NOON + HOUR)])
    assert await handovers.sweep(NOON + HOUR) == 0
    assert await handovers.sweep(NOON + HOUR + MINUTE) == 1
    assert list(await handovers.words(found.id)) == []


async def test_of_two_who_turn_out_to_be_one_the_first_goes_on(both: Both) -> None:
    rooms, handovers = both
    begun = await _begun(rooms)
    (other,) = await rooms.says_yes(WEB)
    await rooms.capture("0000-0026", WEB)
    await rooms.store.record([replace(begun, idea="0000-0026", member=other, place=Place.private_to(WEB))])
    await rooms.link(ADA, WEB)
    (first,), (second,) = await handovers.about(CODE), await handovers.about("0000-0026")
    assert (first.ended_at, second.ended_at) == (None, NOON)
    assert first.member == second.member == begun.member


async def test_all_that_was_said_with_a_member_goes_with_them(both: Both) -> None:
    rooms, handovers = both
    begun = await _begun(rooms)
    found = await handovers.of(begun.member)
    assert found is not None
    await rooms.store.record([HandoverSpoken(found.id, CODE, "The north one", False, NOON)])
    await rooms.turn(ADA, MemberForgotten(NOON))
    assert await handovers.find(found.id) is None
    assert list(await handovers.words(found.id)) == list[Spoken]()
    assert await handovers.author(CODE) is None


async def test_an_author_is_found_where_they_said_it(both: Both) -> None:
    rooms, handovers = both
    await _begun(rooms)
    await rooms.says_yes(WEB)
    await rooms.link(ADA, WEB)
    found = await handovers.author(CODE)
    assert found is not None
    assert found.place == Place.private_to(ADA)
