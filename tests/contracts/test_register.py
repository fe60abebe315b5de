"""The register, on either database: who is listed within a scope, and what is then done with one of them."""

import asyncio

import pytest
from sqlalchemy import select

from core.bodies import Bodies, Body, BodyKind
from core.deeds import By, Did, Via
from core.events import BodiesLoaded, ConsentGiven, ConsultationBegun, ConsultationFinished, Event, MemberStopped
from core.members import Address, Role
from core.register import Activity, Consent, Counted, HeldOffice, OnTheRoll, Proof, Sought
from core.texts import Localised
from storage.database import Database
from storage.desk.deeds import SqlDeeds
from storage.desk.register import SqlRegister
from storage.desk.searching import declared_in
from storage.tables import member
from tests.contracts.rooms import ADA, BEN, BOT, CAT, NOON, WEB, consultation, inbound, news, over, texts

LEEDS, YORK = frozenset({"leeds"}), frozenset({"york"})
BY = By(Via.DESK, NOON)
BODIES = Bodies(
    (
        Body("leeds", Localised.of("Leeds"), BodyKind.BRANCH, ((ADA, Role.ORGANISER), (BEN, Role.MEMBER))),
        Body("york", Localised.of("York"), BodyKind.BRANCH, ((BEN, Role.SECRETARY), (CAT, Role.MEMBER))),
    )
)


class Register(SqlRegister):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.rooms, self.deeds = over(database), SqlDeeds(database)

    async def comes(self, who: Address, name: str, *events: Event) -> int:
        async with self.rooms.store.work(inbound(who, name=name)) as work:
            assert not await work.seen(NOON)
            member = await work.member()
            await work.record(await work.session(), events, ())
        return member.id

    async def names(self, scope: frozenset[str] | None, sought: Sought = Sought()) -> str:  # noqa: B008  it is frozen
        found = await self.page(scope, sought, NOON, 100)
        assert (await self.count(scope, sought, NOON)).all == len(found)
        return " ".join(one.member.name for one in found)


@pytest.fixture
async def register(database: Database) -> Register:
    """Ada and Ben are of Leeds, Ben and Cat of York; Zoë is of neither, and nobody has her consent."""
    found = Register(database)
    await found.rooms.store.record([BodiesLoaded(BODIES.all, ())])
    await found.rooms.load(consultation())
    await found.comes(ADA, "Ada", ConsentGiven(NOON), ConsultationBegun("city", NOON))
    await found.comes(BEN, "Ben", ConsentGiven(NOON), MemberStopped(NOON))
    await found.comes(CAT, "Cat", ConsentGiven(NOON), ConsultationFinished("city", NOON))
    await found.comes(WEB, "ZOË 100%")
    return found


# --- many
FOUND = (
    (None, Sought(), "ZOË 100% Cat Ben Ada"),
    (LEEDS, Sought(), "Ben Ada"),
    (YORK, Sought(), "Cat Ben"),
    (LEEDS | YORK, Sought(), "Cat Ben Ada"),
    (frozenset({"gone"}), Sought(), ""),
    (LEEDS, Sought(body="york"), ""),
    (YORK, Sought(body="york"), "Cat Ben"),
    (None, Sought(body="york", role=Role.MEMBER), "Cat"),
    (LEEDS, Sought(role=Role.SECRETARY), ""),
    (None, Sought(role=Role.SECRETARY), "Ben"),
    (None, Sought(name="a"), "Cat Ada"),
    (None, Sought(name="zoë"), "ZOË 100%"),
    (None, Sought(name="0%"), "ZOË 100%"),
    (None, Sought(name="A_a"), ""),
    (None, Sought(channel="slack"), "Cat"),
    (None, Sought(channel="telegram:1"), "Ben Ada"),
    (None, Sought(channel="tele"), ""),
    (None, Sought(language="en"), "ZOË 100% Cat Ben Ada"),
    (None, Sought(language="cy"), ""),
    (None, Sought(consent=Consent.AGREED), "Cat Ada"),
    (None, Sought(consent=Consent.STOPPED), "Ben"),
    (None, Sought(consent=Consent.NOT_YET), "ZOË 100%"),
    (None, Sought(consent=Consent.UNREACHABLE), ""),
    (None, Sought(activity=Activity.TOOK_PART), "Cat Ada"),
    (None, Sought(activity=Activity.NEVER), "ZOË 100% Ben"),
    (None, Sought(activity=Activity.MONTH), "ZOË 100% Cat Ben Ada"),
    (None, Sought(activity=Activity.QUIET), ""),
    (None, Sought(proof=Proof.VERIFIED), ""),
    (YORK, Sought(proof=Proof.UNVERIFIED, consent=Consent.AGREED), "Cat"),
)


async def test_who_is_listed(register: Register) -> None:
    for scope, sought, names in FOUND:
        assert await register.names(scope, sought) == names, sought


@pytest.mark.parametrize("role", [None, Role.MEMBER])
async def test_those_of_a_large_body_are_the_same_looked_up_one_by_one(
    register: Register, database: Database, role: Role | None
) -> None:
    async with database.reading() as connection:
        few, many = [
            set(await connection.scalars(select(member.c.name).where(declared_in(YORK, role, is_large=is_large))))
            for is_large in (False, True)
        ]
    assert few == many == ({"Cat"} if role else {"Ben", "Cat"})


async def test_they_are_counted_by_what_they_said_and_no_further_than_is_asked(register: Register) -> None:
    assert await register.count(None, Sought(), NOON) == Counted(4, 2, 1, 0, 0)
    assert (await register.count(None, Sought(), NOON, most=2)).all == 3
    assert await register.count(LEEDS, Sought(), NOON) == Counted(2, 1, 1, 0, 0)


async def test_they_are_listed_page_by_page_with_what_is_theirs_to_see(register: Register) -> None:
    first = await register.page(YORK, Sought(), NOON, 1)
    (ben,) = await register.page(YORK, Sought(), NOON, 1, before=first[0].member.id)
    assert (ben.member.name, ben.offices, ben.channels) == ("Ben", (("york", Role.SECRETARY),), ("telegram",))
    assert (ben.consent, ben.seen_at, ben.took_part_at) == (Consent.STOPPED, NOON, None)
    assert first[0].took_part_at == NOON
    assert [len(page) async for page in register.all(None, Sought(), NOON)] == [4]


async def test_who_was_named_and_has_not_come_is_counted_as_waiting(register: Register) -> None:
    also = Body("york", Localised.of("York"), BodyKind.BRANCH, ((Address(BOT, "900"), Role.MEMBER), (CAT, Role.MEMBER)))
    await register.rooms.store.record([BodiesLoaded((BODIES.all[0], also), ())])
    assert await register.on_the_roll(YORK) == OnTheRoll(0, 0, 0, 1)
    assert (await register.on_the_roll(LEEDS)).waiting == 0


# --- one
async def test_of_one_an_organiser_sees_what_is_within_their_scope(register: Register) -> None:
    ben = (await register.rooms.member(BEN)).id
    assert await register.person(frozenset({"gone"}), ben) is None
    of_leeds, whole = await register.person(LEEDS, ben), await register.person(LEEDS | YORK, ben)
    assert of_leeds is not None
    assert whole is not None
    assert of_leeds.offices == (HeldOffice("leeds", Role.MEMBER, by_hand=False),)
    assert (of_leeds.is_whole, of_leeds.has_more_offices) == (False, True)
    assert (whole.is_whole, whole.has_more_offices) == (True, False)
    kept = await register.kept(ben)
    assert kept is not None
    assert kept.offices == {("leeds", Role.MEMBER), ("york", Role.SECRETARY)}
    assert await register.kept(0) is None
    assert await register.reached(ben) == BEN


async def test_offices_are_given_and_taken_by_hand_and_stand_in_the_log(register: Register) -> None:
    ben, office = (await register.rooms.member(BEN)).id, ("leeds", Role.FACILITATOR)
    await register.give(BY, ben, office)
    await register.give(BY, ben, office)
    assert await register.names(LEEDS, Sought(role=Role.FACILITATOR)) == "Ben"
    assert not await register.take(BY, ben, ("leeds", Role.MEMBER)), "that the file gives"
    assert await register.take(BY, ben, office)
    assert not await register.take(BY, ben, office)
    assert [line.deed.detail for line in await register.deeds.latest(9)] == ["− facilitator", "+ facilitator"]


async def test_two_of_one_name_in_one_body_may_be_one_and_are_then_made_one(register: Register) -> None:
    rooms, also = register.rooms, Address(BOT, "101")
    leeds = Body("leeds", Localised.of("Leeds"), BodyKind.BRANCH, (*BODIES.all[0].members, (also, Role.MEMBER)))
    await rooms.store.record([BodiesLoaded((leeds, BODIES.all[1]), ())])
    other = await register.comes(also, "ADA", MemberStopped(NOON))
    ada = (await rooms.member(ADA)).id
    assert [one.member.id for one in await register.doubles(LEEDS, ada)] == [other]
    assert [one.member.id for one in await register.doubles(YORK, ada)] == []
    assert await register.merge(BY, ada, other, [news(ADA), news(also)])
    one = await rooms.member(also)
    assert (one.id, one.has_stopped, one.name) == (ada, True, "Ada")
    assert texts(await rooms.claim()) == ["Your idea was considered"] * 2
    assert not await register.merge(BY, ada, other, [news(ADA)])
    assert await rooms.claim() == (), "nothing is said where nothing was done"
    (line,) = await register.deeds.latest(9)
    assert (line.deed.did, line.deed.about, line.deed.body) == (Did.MERGED, f"member:{ada}", "leeds")


async def test_two_who_are_made_one_both_ways_at_once_become_one(register: Register) -> None:
    """Neither waits for the other for ever."""
    ada, ben = (await register.rooms.member(ADA)).id, (await register.rooms.member(BEN)).id
    done = await asyncio.gather(register.merge(BY, ada, ben, []), register.merge(BY, ben, ada, []))
    assert sorted(done) == [False, True]
    assert (await register.rooms.member(ADA)).id == (await register.rooms.member(BEN)).id


async def test_whoever_is_erased_is_gone_and_the_log_names_nobody(register: Register) -> None:
    cat = (await register.rooms.member(CAT)).id
    await register.unverify(BY, cat)
    assert await register.erase(BY, cat, [news(CAT)])
    assert not await register.erase(BY, cat, [news(CAT)])
    assert await register.names(None) == "ZOË 100% Ben Ada"
    erased, unverified = await register.deeds.latest(9)
    assert (erased.deed.did, erased.deed.about, erased.deed.body) == (Did.ERASED, "", "york")
    assert unverified.deed.about == ""


async def test_the_languages_that_members_read(register: Register) -> None:
    assert await register.languages() == ("en",)
