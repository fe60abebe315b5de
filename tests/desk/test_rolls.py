"""The membership roll: hashes that say nothing without the key, rows that are claimed once, tries that are counted."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Body, BodyKind
from core.conversation import Conversation
from core.deeds import By, Via
from core.events import BodiesLoaded, ConsentGiven, MemberForgotten
from core.headings import Columns
from core.imports import Row
from core.inbound import Commanded, Deed, Inbound, Said
from core.members import Address, Role
from core.outbound import Message
from core.places import Place
from core.register import Proof, Sought
from core.rolls import TRIES, Hashed, Rolls, read_number, read_postcode
from core.texts import Localised, load_texts
from storage.database import Database
from storage.desk.imports import SqlImports
from storage.desk.register import SqlRegister
from storage.desk.rolls import roll
from storage.schema import metadata
from storage.transcript import NOT_KEPT
from tests.contracts.rooms import ADA, BEN, DAY, NOON, over
from tests.fakes.clock import CountingMint, SetClock

ROLLS = Rolls("a secret of this test")
HERS = ROLLS.keep("4711", "LS14AP")
LEEDS = Body("leeds", Localised.of("Leeds"), BodyKind.BRANCH)


# --- hashes
@given(st.text(max_size=30), st.text(max_size=12))
def test_what_is_read_of_a_number_reads_the_same_again(number: str, postcode: str) -> None:
    assert read_number(read_number(number)) == read_number(number)
    assert read_postcode(read_postcode(postcode)) == read_postcode(postcode)


@pytest.mark.parametrize("typed", ["0047-11", " 4711 ", "００4711", "47 11"])
def test_a_number_is_the_same_however_it_is_written(typed: str) -> None:
    assert read_number(typed) == "4711"


@pytest.mark.parametrize("typed", ["", "none", "-", "1" * 25])
def test_what_can_be_no_number_is_none(typed: str) -> None:
    assert read_number(typed) == ""


def test_hashing_elsewhere_with_the_key_leads_to_the_same_row() -> None:
    assert ROLLS.kept(Hashed.of(ROLLS.key, "4711", "LS14AP")) == HERS


def test_without_the_key_or_the_secret_nothing_fits() -> None:
    others = Rolls("another secret")
    assert others.key != ROLLS.key
    assert others.keep("4711", "LS14AP").number != HERS.number
    assert ROLLS.kept(Hashed.of(others.key, "4711", "LS14AP")).proof != HERS.proof


def test_rows_of_the_secret_before_are_still_found() -> None:
    after = Rolls("a new secret", "a secret of this test")
    assert HERS in after.claims(after.numbers("4711"), "LS14AP")


# --- in chat
class Chat:
    def __init__(self, database: Database) -> None:
        self.database, self.rooms, self.clock = database, over(database), SetClock(NOON)
        self.texts, self.keys = load_texts(), 0
        self.conversation = Conversation(self.rooms.store, self.clock, CountingMint(), self.texts, rolls=ROLLS)

    async def enrol(self, *rows: Row) -> None:
        imports = SqlImports(self.database)
        found = await imports.begin(By(Via.DESK, NOON), "", "", Columns(()))
        await imports.take(found.id, rows, None, 1, {}, NOON)

    async def say(self, who: Address, text: str) -> str:
        self.keys += 1
        deed: Deed = Commanded("verify", "", "1") if text == "/verify" else Said(text, "1")
        place = Place.private_to(who)
        inbound = Inbound(f"{who.account}:{who.user}:{self.keys}", who, place, self.clock.now(), deed)
        turn = await self.conversation.receive(inbound)
        assert turn is not None
        return " ".join(self.texts.say(words, "en") for said in turn.says for words in said.paragraphs)

    async def verifies(self, who: Address, number: str = "4711", postcode: str = "LS1 4AP") -> str:
        await self.say(who, "/verify")
        await self.say(who, number)
        return await self.say(who, postcode)

    async def offices(self, who: Address) -> frozenset[tuple[str, Role]]:
        async with self.rooms.store.work(_look(who, self.keys)) as work:
            return await work.offices()


def _look(who: Address, key: int) -> Inbound:
    return Inbound(f"look-{key}", who, Place.private_to(who), NOON, Said("", "1"))


@pytest.fixture
async def chat(database: Database) -> Chat:
    chat = Chat(database)
    await chat.rooms.store.record([BodiesLoaded((LEEDS,), ())])
    for who in (ADA, BEN):
        await chat.rooms.turn(who, ConsentGiven(NOON))
    await chat.enrol(Row(membership=HERS, offices=(("leeds", Role.SECRETARY),)))
    return chat


async def test_number_and_postcode_of_the_roll_bring_its_offices(chat: Chat) -> None:
    assert "You are on the membership roll" in await chat.verifies(ADA)
    assert await chat.offices(ADA) == {("leeds", Role.SECRETARY)}
    assert (await chat.rooms.member(ADA)).verified_at == NOON


async def test_neither_number_nor_postcode_is_stored_anywhere(chat: Chat) -> None:
    await chat.verifies(ADA, "4711", "LS1 4AP")
    async with chat.database.reading() as connection:
        tables = [(await connection.execute(table.select())).all() for table in metadata.sorted_tables]
    kept = " ".join(str(tuple(row)) for rows in tables for row in rows)
    assert "4711" not in kept.replace(HERS.number, "").replace(HERS.proof, "")
    assert "LS14AP" not in kept.upper().replace(" ", "")


async def test_whoever_claims_a_row_second_reads_what_anybody_reads_and_organisers_see_it(chat: Chat) -> None:
    await chat.verifies(ADA)
    clash = await chat.verifies(BEN)
    wrong = await chat.verifies(BEN, "9999")
    assert clash.replace("4", "3") == wrong
    found = await SqlRegister(chat.database).page(None, Sought(proof=Proof.CLASH), NOON, 10)
    ada, ben = await chat.rooms.member(ADA), await chat.rooms.member(BEN)
    assert {one.member.id for one in found} == {ada.id, ben.id}
    assert ben.verified_at is None


async def test_after_five_tries_a_day_has_to_pass(chat: Chat) -> None:
    for _ in range(TRIES):
        await chat.verifies(ADA, "9999")
    assert "enough for today" in await chat.say(ADA, "/verify")
    assert await chat.offices(ADA) == frozenset()
    chat.clock.move(DAY)
    assert "You are on the membership roll" in await chat.verifies(ADA)


async def test_the_sixth_try_of_a_conversation_that_was_left_standing_fails_too(chat: Chat) -> None:
    elsewhere = Address("web", "ada-on-the-web")
    await chat.rooms.link(elsewhere, ADA)
    await chat.say(elsewhere, "/verify")
    await chat.say(elsewhere, "4711")
    for _ in range(TRIES):
        await chat.verifies(ADA, "9999")
    assert "enough for today" in await chat.say(elsewhere, "LS1 4AP")


async def test_whoever_comes_as_somebody_new_each_time_tries_no_more_postcodes_of_a_number(chat: Chat) -> None:
    strangers = [Address("web", f"cookie-{number}") for number in range(TRIES + 1)]
    for who in (*strangers, ADA):
        await chat.rooms.turn(who, ConsentGiven(NOON))
    for who in strangers[:TRIES]:
        assert "can’t find" in await chat.verifies(who, postcode="LS9 9ZZ")
        await chat.verifies(who, "9999")
    known, unknown = [await chat.verifies(strangers[TRIES], number) for number in ("4711", "9999")]
    assert "tried too often today" in known
    assert known == unknown, "whether there is such a number nobody learns"
    assert "tried too often today" in await chat.verifies(ADA), "nor which postcode is right"
    assert (await chat.rooms.member(ADA)).verified_at is None
    chat.clock.move(DAY)
    assert "You are on the membership roll" in await chat.verifies(ADA)


async def test_of_many_who_try_a_number_at_once_no_more_are_answered_than_may(chat: Chat) -> None:
    strangers = [Address("web", f"cookie-{number}") for number in range(2 * TRIES)]
    for who in strangers:
        await chat.rooms.turn(who, ConsentGiven(NOON))
        await chat.say(who, "/verify")
        await chat.say(who, "4711")
    said = await asyncio.gather(*(chat.say(who, "LS9 9ZZ") for who in strangers))
    assert sum("can’t find" in one for one in said) == TRIES


async def test_whoever_is_forgotten_leaves_their_row_free(chat: Chat) -> None:
    await chat.verifies(ADA)
    await chat.rooms.turn(ADA, MemberForgotten(NOON))
    assert "You are on the membership roll" in await chat.verifies(BEN)


async def test_two_who_become_one_are_verified_once(chat: Chat) -> None:
    await chat.verifies(ADA)
    await chat.verifies(BEN)
    await chat.rooms.link(BEN, ADA)
    assert (await chat.rooms.member(BEN)).verified_at == NOON
    assert not await SqlRegister(chat.database).page(None, Sought(proof=Proof.CLASH), NOON, 10)


async def test_another_postcode_on_the_roll_takes_the_place_of_the_one_before(chat: Chat) -> None:
    moved = ROLLS.keep("4711", "YO17HH")
    await chat.enrol(Row(membership=moved, offices=(("leeds", Role.SECRETARY),)))
    assert "can’t find" in await chat.verifies(ADA)
    assert "You are on the membership roll" in await chat.verifies(ADA, postcode="yo1 7hh")


async def test_what_is_added_to_a_claimed_row_is_added_to_its_member(chat: Chat) -> None:
    await chat.verifies(ADA)
    await chat.enrol(Row(membership=HERS, offices=(("leeds", Role.FACILITATOR),)))
    assert await chat.offices(ADA) == {("leeds", Role.SECRETARY), ("leeds", Role.FACILITATOR)}


async def test_in_the_web_chat_the_lines_in_which_they_were_typed_are_blank(chat: Chat) -> None:
    who = Address("web", "somebody-in-a-browser")
    await chat.rooms.turn(who, ConsentGiven(NOON))
    for text in ("/verify", "4711", "LS1 4AP", "hello"):
        key = f"web:{who.user}:{chat.keys + 1}"
        await chat.rooms.transcript.append(who.user, False, Message(text), NOON, key)
        await chat.say(who, text)
    lines = await chat.rooms.transcript.lines(who.user)
    assert [one.message.text for one in lines] == ["/verify", NOT_KEPT, NOT_KEPT, "hello"]


async def test_what_stands_in_the_bodies_file_and_what_was_given_by_hand_are_told_apart(chat: Chat) -> None:
    await chat.verifies(ADA)
    await chat.rooms.store.record([BodiesLoaded((LEEDS,), ())])
    assert await chat.offices(ADA) == {("leeds", Role.SECRETARY)}, "loading the file again leaves it"
    york = Body("york", Localised.of("York"), BodyKind.BRANCH)
    await chat.rooms.store.record([BodiesLoaded((york,), ())])
    assert await chat.offices(ADA) == frozenset(), "it ends with its body"


async def test_a_row_says_nothing_that_isnt_a_hash(chat: Chat) -> None:
    async with chat.database.reading() as connection:
        (row,) = (await connection.execute(roll.select())).all()
    assert (len(row.number), len(row.proof)) == (64, 64)
