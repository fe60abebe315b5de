"""Being forgotten: nothing of a former member is found anywhere, and everything that stays still proves."""

from pathlib import Path

from sqlalchemy import select

from core.deeds import By, Via
from core.deliveries import DeliveryState
from core.events import ConsentGiven, IdeaCaptured, MemberForgotten
from core.ledger.checking import verify_consistency, verify_receipt
from core.ledger.seals import Erased, Proven
from core.register import Sought
from core.standings import Stage
from core.stories import EntryKind
from storage.database import Database
from storage.desk.groups import SqlGroups
from storage.ledger import SqlLedger
from storage.outgoing import broadcast, delivery
from storage.tables import idea, support
from tests.contracts.rooms import ADA, HOUR, NOON, Rooms, over, sent
from tests.contracts.rooms import idea as new_idea
from tests.storage.somebody import (
    CODE,
    COMPOSITE,
    FAREWELL,
    IDS,
    NAME,
    OTHERS,
    PART,
    SHORT,
    WORDS,
    ZED,
    ZED_ON_THE_WEB,
    Somebody,
    found_in,
    numbers_in,
)

MOST = 10_000


async def _lived(rooms: Rooms, database: Database) -> Somebody:
    somebody = Somebody(rooms, database)
    await somebody.lives()
    return somebody


async def test_the_one_who_is_to_be_forgotten_left_traces_everywhere(database: Database) -> None:
    """Or the other tests here would find nothing in any case."""
    await _lived(over(database), database)
    assert await found_in(database, *WORDS) >= {
        "story.text", "story.reason", "answer.value", "capture.text", "line.message", "delivery.content",
        "consultation.outcome",
    }  # fmt: skip
    assert await found_in(database, *IDS) >= {
        "address.user_id", "idea.chat", "idea.attachments", "capture.author_user", "declared.user_id", "delivery.chat",
        "inbound.key", "line.user_id", "chat.user_id",
    }  # fmt: skip
    assert await found_in(database, NAME) >= {
        "member.name",
        "capture.asked_by",
        "delivery.content",
        "saved_group.filter",
    }
    for words in WORDS:
        assert await found_in(database, words)


async def test_nothing_of_a_forgotten_member_is_in_any_table(database: Database) -> None:
    rooms = over(database)
    somebody = await _lived(rooms, database)
    await somebody.is_forgotten()
    assert await found_in(database, *WORDS, NAME) == set()
    just_now = {"farewell.user_id", "delivery.chat", "chat.user_id", "inbound.key"}
    assert await found_in(database, *IDS) <= just_now
    assert await numbers_in(database, somebody.id, somebody.linked) <= {"farewell.member_id"}
    await somebody.is_effaced()
    assert await found_in(database, *WORDS, NAME, *IDS) == set()
    assert await numbers_in(database, somebody.id, somebody.linked) == set()


async def test_a_farewell_in_the_web_chat_is_read_and_then_gone(database: Database) -> None:
    rooms = over(database)
    somebody = await _lived(rooms, database)
    seen = max(line.revision for line in await rooms.transcript.lines(ZED_ON_THE_WEB.user))
    await somebody.is_forgotten(ZED_ON_THE_WEB)
    assert await rooms.transcript.lines(ZED_ON_THE_WEB.user) == ()
    (delivered,) = await rooms.claim(account="web")
    assert delivered.content == FAREWELL
    number = await rooms.transcript.append(ZED_ON_THE_WEB.user, True, FAREWELL, NOON)
    await rooms.mark(sent(delivered, str(number)), account="web")
    (line,) = await rooms.transcript.lines(ZED_ON_THE_WEB.user, since=seen)
    assert line.message == FAREWELL
    await somebody.is_effaced()
    assert await found_in(database, *WORDS, NAME, *IDS) == set()


async def test_what_nobody_could_deliver_goes_as_well(database: Database) -> None:
    rooms = over(database)
    somebody = await _lived(rooms, database)
    await somebody.is_forgotten()
    assert await rooms.store.efface(NOON) == 0
    assert await found_in(database, "You are forgotten") == {"delivery.content"}
    assert await rooms.store.efface(NOON + HOUR) == 2
    assert await found_in(database, "You are forgotten", *IDS) == set()


async def test_nothing_of_a_forgotten_member_is_in_the_files(sqlite_database: Database) -> None:
    rooms = over(sqlite_database)
    somebody = await _lived(rooms, sqlite_database)
    needles = [needle.encode() for needle in (*WORDS, *(word.upper() for word in WORDS), NAME, *IDS)]
    assert _in_files(sqlite_database, needles)
    await somebody.is_forgotten()
    await somebody.is_effaced()
    assert _in_files(sqlite_database, needles) == []


def _in_files(database: Database, needles: list[bytes]) -> list[bytes]:
    file = Path(database.url.database or "")
    written = b"".join(one.read_bytes() for one in sorted(file.parent.glob(f"{file.name}*")))
    return [needle for needle in needles if needle in written]


async def test_the_log_is_emptied_once_nobody_reads_what_was_before(sqlite_database: Database) -> None:
    rooms = over(sqlite_database)
    somebody = await _lived(rooms, sqlite_database)
    needles = [word.encode() for word in WORDS]
    async with sqlite_database.reading() as connection:
        await connection.execute(select(idea))
        await somebody.is_forgotten()
        await somebody.is_effaced()
        assert _in_files(sqlite_database, needles)
    await rooms.store.efface(NOON + HOUR)
    assert _in_files(sqlite_database, needles) == []


async def test_what_stands_stays_without_them(database: Database) -> None:
    rooms = over(database)
    somebody = await _lived(rooms, database)
    await somebody.is_forgotten()
    for code in (CODE, PART, SHORT):
        told = await rooms.idea(code)
        assert (told.is_erased, told.author, told.text, told.attachments) == (True, None, "", ())
        assert told.standing.stage is Stage.ERASED
        assert told.standing.with_body is None
    told = await rooms.idea(CODE)
    assert [entry.reason for entry in told.story if entry.kind is EntryKind.DECLINED] == [
        None,
        "Still no money, we are sorry",
    ]
    assert (await rooms.idea(PART)).standing.part_of == COMPOSITE
    assert (await rooms.idea(COMPOSITE)).standing.parts == (PART,)
    assert (await rooms.idea(OTHERS)).text == "Ben’s own idea about trees"
    async with database.reading() as connection:
        rows = (await connection.execute(select(idea.c.code, idea.c.entries, idea.c.stage))).all()
        for code, entries, stage in rows:
            story = (await rooms.idea(code)).story
            assert entries == len(story)
            assert (stage == "erased") == (story[-1].kind is EntryKind.ERASED)
        assert len((await connection.execute(select(support))).all()) == 1
        nudges = select(delivery.c.state, delivery.c.why).join(broadcast, broadcast.c.id == delivery.c.broadcast_id)
        told_of = (await connection.execute(nudges.where(delivery.c.member_id.is_(None)))).all()
        cards = (await connection.scalars(select(delivery.c.consultation).where(delivery.c.chat == "#town"))).all()
    assert {DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.SUPPRESSED} <= {state for state, _ in told_of}
    assert cards == ["city"]
    assert await rooms.docket.waiting_for("council") == ()


async def test_every_proof_still_holds(database: Database) -> None:
    rooms, ledger = over(database), SqlLedger(database)
    somebody = await _lived(rooms, database)
    old = await ledger.seal(NOON, MOST)
    assert old is not None
    codes = (CODE, PART, SHORT, COMPOSITE, OTHERS)
    before = {code: await ledger.receipt(code) for code in codes}
    await somebody.is_forgotten()
    new = await ledger.seal(NOON + HOUR, MOST)
    assert new is not None
    proof = await ledger.consistency(old.size, new.size)
    assert proof is not None
    assert verify_consistency(old, new, proof).is_good
    for code in codes:
        kept = before[code]
        assert kept is not None
        assert verify_receipt(kept, old).is_good
        for seal in (old, new):
            receipt = await ledger.receipt(code, seal.size)
            assert receipt is not None
            assert verify_receipt(receipt, seal).is_good
    theirs = await ledger.receipt(CODE)
    assert theirs is not None
    kinds = [entry.kind for entry in (await rooms.idea(CODE)).story]
    proven = {kind for kind, entry in zip(kinds, theirs.entries, strict=True) if isinstance(entry, Proven)}
    assert proven >= {EntryKind.SENT, EntryKind.SEEN, EntryKind.ASKED, EntryKind.DECLINED, EntryKind.ERASED}
    assert isinstance(theirs.entries[0], Erased)
    audit = await ledger.audit([old, new])
    assert audit.is_good, audit.findings
    assert audit.erased > 0


async def test_entries_that_wait_to_be_sealed_may_be_erased(database: Database) -> None:
    rooms, ledger = over(database), SqlLedger(database)
    ada = await rooms.turn(ADA)
    await rooms.turn(ADA, IdeaCaptured(new_idea(CODE, ada.id)))
    await rooms.turn(ADA, MemberForgotten(NOON))
    seal = await ledger.seal(NOON, MOST)
    assert seal is not None
    receipt = await ledger.receipt(CODE)
    assert receipt is not None
    assert verify_receipt(receipt, seal).is_good
    assert [isinstance(entry, Erased) for entry in receipt.entries] == [True, False, False]
    assert (await ledger.audit()).is_good


async def test_a_search_by_a_name_that_others_have_too_stays(database: Database) -> None:
    rooms, groups, by = over(database), SqlGroups(database), By(Via.DESK, NOON)
    ada = await Somebody(rooms, database).does(ADA, ConsentGiven(NOON), name="Ada Lovelace")
    await Somebody(rooms, database).does(ZED, ConsentGiven(NOON), name="Ada Quist")
    for sought in ("ada", "Lovelace"):
        await groups.save(by, None, f"About {sought}", Sought(sought))
    await groups.save(by, None, "Ada Lovelace and friends", Sought(body="leeds"))
    await rooms.turn(ADA, MemberForgotten(NOON))
    assert [group.name for group in await groups.of(ada, None)] == ["About ada"]


async def test_who_writes_again_is_a_newcomer(database: Database) -> None:
    rooms = over(database)
    somebody = await _lived(rooms, database)
    await somebody.is_forgotten()
    number = await somebody.does(ZED)
    await somebody.does(ZED, ConsentGiven(NOON))
    assert number not in (somebody.id, somebody.linked)
    newcomer = await rooms.member(ZED)
    assert newcomer.has_consented
    assert await rooms.store.ideas_of(ZED) == ()
    assert await rooms.store.member_at(ZED_ON_THE_WEB) is None
    await somebody.is_effaced()
    assert (await rooms.member(ZED)).id == number
