"""Bodies, their people and their channels."""

from dataclasses import replace

from core.bodies import Body, BodyKind, Topic
from core.consultations import Audience
from core.deliveries import Priority
from core.events import BodiesLoaded, ChannelAttached, ChannelDetached, PlaceMoved
from core.members import Role
from core.outbound import Message
from core.places import Place
from core.ports import Post
from core.texts import Localised
from tests.contracts.rooms import ADA, BEN, BOT, CAT, NOON, Rooms, consultation, inbound, sent, texts

HALL = Place("slack:T1", "C1", private=False)
GROUP = Place(BOT, "-100", private=False)
PARKS = Body(
    "parks",
    Localised.of({"en": "Parks", "cy": "Parciau"}),
    BodyKind.COMMITTEE,
    ((ADA, Role.MEMBER), (BEN, Role.ORGANISER)),
    (HALL,),
    answer_days=21,
)
TREES = Topic("trees", Localised.of("Trees"))
ROADS = Body("roads", Localised.of("Roads"), BodyKind.COMMISSION)


async def _body(rooms: Rooms, slug: str) -> Body | None:
    async with rooms.store.work(inbound(CAT)) as work:
        return await work.body(slug)


async def test_bodies_come_back_as_declared(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), (TREES,))])
    assert await _body(rooms, "parks") == await rooms.store.body("parks") == PARKS
    assert await rooms.store.topics() == (TREES,)
    assert await _body(rooms, "roads") == ROADS
    assert await _body(rooms, "rivers") is None
    await rooms.store.record([BodiesLoaded((replace(PARKS, members=(), channels=()),), ())])
    assert await _body(rooms, "parks") == replace(PARKS, members=(), channels=())
    assert await _body(rooms, "roads") is None


async def test_who_was_named_before_they_wrote_has_their_role_when_they_do(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS,), ())])
    assert await rooms.store.member_at(BEN) is None
    ada, ben = await rooms.turn(ADA), await rooms.turn(BEN)
    assert (ada.is_organiser, ben.is_organiser) == (False, True)
    await rooms.store.record([BodiesLoaded((ROADS,), ())])
    assert not (await rooms.member(BEN)).is_organiser


async def test_channels_attached_by_hand_stay_when_bodies_are_loaded_again(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ())])
    await rooms.turn(BEN, ChannelAttached("roads", GROUP))
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ())])
    assert await _body(rooms, "roads") == replace(ROADS, channels=(GROUP,))
    async with rooms.store.work(inbound(BEN)) as work:
        found = await work.body_at(replace(GROUP, thread="5"))
        assert found is not None
        assert found.slug == "roads"
        assert await work.body_at(Place(BOT, "-999", private=False)) is None
        await work.record(await work.session(), [ChannelDetached(GROUP)], [])
    assert await _body(rooms, "roads") == ROADS


async def test_a_channel_belongs_to_the_body_it_was_attached_to_last(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ())])
    await rooms.store.record([ChannelAttached("roads", HALL)])
    assert await _body(rooms, "roads") == replace(ROADS, channels=(HALL,))
    assert await _body(rooms, "parks") == replace(PARKS, channels=())


async def test_a_group_that_moves_takes_its_body_and_its_messages_along(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((ROADS,), ()), ChannelAttached("roads", GROUP)])
    await rooms.store.record([], [Post(GROUP, Message("Hello all"))])
    await rooms.store.record([PlaceMoved(BOT, "-100", "-200")])
    moved = replace(GROUP, chat="-200")
    assert await _body(rooms, "roads") == replace(ROADS, channels=(moved,))
    assert [one.to for one in await rooms.claim()] == [moved]


async def test_a_group_may_move_to_where_we_are_already(rooms: Rooms) -> None:
    there = replace(GROUP, chat="-200")
    attached = [ChannelAttached("roads", GROUP), ChannelAttached("roads", there)]
    await rooms.store.record([BodiesLoaded((ROADS,), ()), *attached, PlaceMoved(BOT, "-100", "-200")])
    assert await _body(rooms, "roads") == replace(ROADS, channels=(there,))


async def test_a_thread_under_a_card_is_known_for_its_consultation(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ()), ChannelAttached("roads", GROUP)])
    await rooms.broadcast(audience=Audience(("roads",)))
    await rooms.store.record([], [Post(HALL, Message("A card"), Priority.POST, consultation="parks")])
    for account in (BOT, "slack:T1"):
        (claimed,) = await rooms.claim(account=account)
        assert claimed.priority is Priority.POST
        await rooms.mark(sent(claimed, "card 1"), account=account)
    assert await rooms.store.card_at(replace(GROUP, thread="card 1")) == "city"
    assert await rooms.store.card_at(replace(HALL, thread="card 1")) == "parks"
    assert await rooms.store.card_at(replace(HALL, thread="card 2")) is None
    assert await rooms.store.card_at(HALL) is None


async def test_invitations_go_to_the_channels_of_the_bodies_that_are_asked(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ()), ChannelAttached("roads", GROUP)])
    await rooms.broadcast(step="to-all")
    await rooms.broadcast(step="to-parks", audience=Audience(("parks",)))
    await rooms.broadcast(step="to-followers", audience=Audience((), ("trees",)))
    assert texts(await rooms.claim(NOON)) == ["to-all"]
    cards = await rooms.claim(NOON, account="slack:T1")
    assert sorted(texts(cards)) == ["to-all", "to-parks"]
    assert {one.to for one in cards} == {HALL}
