"""Bodies, their people and their channels."""

from dataclasses import replace
from datetime import date

from core.bodies import Bodies, Body, BodyKind, Office, Power, Remit, Topic
from core.calendars import Holidays, Recess
from core.consultations import Audience
from core.deliveries import Priority
from core.events import BodiesLoaded, ChannelAttached, ChannelDetached, PlaceMoved
from core.members import Address, Role
from core.outbound import Message
from core.places import Place
from core.ports import Post
from core.texts import Localised
from storage.database import Database
from storage.store import SqlStore
from tests.contracts.rooms import ADA, BEN, BOT, CAT, NOON, Rooms, consultation, inbound, sent, texts
from tests.fakes.memory import MemoryStore

HALL = Place("slack:T1", "C1", private=False)
GROUP = Place(BOT, "-100", private=False)
PARKS = Body(
    "parks",
    Localised.of({"en": "Parks", "cy": "Parciau"}),
    BodyKind.COMMITTEE,
    ((ADA, Role.MEMBER), (BEN, Role.ORGANISER)),
    (HALL,),
    answer_days=21,
    parent="council",
    remit=Remit(("trees", "rivers"), ("city",), everything=True),
    powers=((Power.ANSWER, (Role.ORGANISER, Role.SECRETARY)), (Power.MODERATE, ())),
    recesses=(Recess(date(2026, 7, 20), date(2026, 8, 31)),),
    appeals="roads",
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


async def test_all_bodies_come_in_the_order_of_their_declaration(rooms: Rooms) -> None:
    holidays = Holidays("GB-WLS", (date(2026, 3, 1),))
    assert await rooms.store.bodies() == Bodies()
    await rooms.store.record([BodiesLoaded((ROADS, PARKS), (TREES,), holidays)])
    expected = Bodies((ROADS, replace(PARKS, members=())), holidays)
    assert await rooms.store.bodies() == expected
    async with rooms.store.work(inbound(CAT)) as work:
        assert await work.bodies() == expected
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), (TREES,))])
    assert await rooms.store.bodies() == Bodies((replace(PARKS, members=()), ROADS))


async def test_a_body_that_is_not_declared_any_more_has_ended(rooms: Rooms) -> None:
    """Its name is kept for old stories. Nobody is in it, it sits nowhere, and nothing finds it to attach to."""
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), (TREES,)), ChannelAttached("parks", GROUP)])
    await rooms.store.record([BodiesLoaded((ROADS,), ())])
    ended = replace(PARKS, members=(), channels=(), has_ended=True)
    found = await rooms.store.bodies()
    assert found == Bodies((ROADS, ended))
    assert (found.name("parks"), found.living) == (PARKS.name, (ROADS,))
    assert await _body(rooms, "parks") is await rooms.store.body("parks") is None
    async with rooms.store.work(inbound(BEN)) as work:
        assert await work.body_at(GROUP) is await work.body_at(HALL) is None
        assert not (await work.member()).is_organiser
        assert await work.offices() == frozenset()


async def test_a_body_that_is_declared_again_is_as_if_it_had_never_ended(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ()), ChannelAttached("parks", GROUP)])
    await rooms.store.record([BodiesLoaded((), ())])
    await rooms.store.record([BodiesLoaded((ROADS, PARKS), ())])
    assert await _body(rooms, "parks") == replace(PARKS, channels=(HALL, GROUP))
    assert [body.has_ended for body in (await rooms.store.bodies()).all] == [False, False]


async def test_invitations_go_to_no_channel_of_a_body_that_has_ended(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.store.record([BodiesLoaded((PARKS, ROADS), ()), ChannelAttached("parks", GROUP)])
    await rooms.store.record([BodiesLoaded((ROADS,), ())])
    await rooms.broadcast()
    await rooms.outbox.open_lane(BOT)
    assert await rooms.claim() == ()


async def test_days_end_by_the_clock_that_the_store_was_given(sqlite_database: Database) -> None:
    for store in (SqlStore(sqlite_database, "Europe/London"), MemoryStore(timezone="Europe/London")):
        assert (await store.bodies()).timezone == "Europe/London"
        async with store.work(inbound(CAT)) as work:
            assert (await work.bodies()).timezone == "Europe/London"


async def test_who_was_named_before_they_wrote_has_their_role_when_they_do(rooms: Rooms) -> None:
    await rooms.store.record([BodiesLoaded((PARKS,), ())])
    assert await rooms.store.member_at(BEN) is None
    assert await _offices(rooms, ADA) == {("parks", Role.MEMBER)}
    assert await _offices(rooms, BEN) == {("parks", Role.ORGANISER)}
    assert not (await rooms.member(BEN)).is_organiser, "of the branch alone, not of the whole"
    await rooms.store.record([BodiesLoaded((ROADS,), ())])
    assert await _offices(rooms, BEN) == frozenset()


async def _offices(rooms: Rooms, who: Address) -> frozenset[Office]:
    async with rooms.store.work(inbound(who)) as work:
        return await work.offices()


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
