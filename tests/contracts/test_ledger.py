"""The ledger over both databases: nothing is lost, rewritten or cut off unseen, whoever seals and however often."""

import asyncio
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from sqlalchemy import func, select, text

from core.events import IdeaCaptured, StoryContinued
from core.ledger import tree
from core.ledger.checking import verify_consistency, verify_receipt
from core.ledger.seals import Erased, LedgerDamaged, Proven, Seal
from core.members import Role
from core.receipts import ALPHABET, receipt_code
from core.stories import Entry, EntryKind, Rule
from storage.database import Database, Fault
from storage.ledger import SqlLedger
from storage.tables import leaf, node, story
from storage.tables import seal as seal_table
from tests.contracts.rooms import ADA, HOUR, MINUTE, NOON, Rooms, idea, over

LATER = NOON + HOUR
ALL = 1_000_000
FULL = Entry(
    EntryKind.HIDDEN, LATER, "Words", "Because", "parks", Role.SECRETARY, "roads", 21, "0000-0001", date(2026, 3, 1),
    4, Rule.ABUSE,
)  # fmt: skip
CHANGES = {
    "kind": "'adopted'", "at": "'2026-03-02 12:34:56'", "text": "'Other words'", "reason": "'Another'",
    "body": "'rivers'", "by_role": "'organiser'", "next_body": "'rivers'", "days": "22", "other": "'0000-0002'",
    "on_day": "'2026-03-02'", "score": "5", "rule": "'unlawful'",
}  # fmt: skip
"""Every column of an entry, and something else that it could say."""
TABLES = ("story", "leaf", "node", "seal")
_codes = count(1)


class Town:
    """A database in which ideas are said, and its ledger, which seals in small pages."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rooms: Rooms = over(database)
        self.ledger = SqlLedger(database, page=4)
        self.codes: list[str] = []

    async def say(self, ideas: int) -> None:
        """Each has two entries."""
        for _ in range(ideas):
            number = next(_codes)
            code = receipt_code("".join(ALPHABET[number >> shift & 31] for shift in range(0, 35, 5)))
            ada = await self.rooms.turn(ADA)
            await self.rooms.turn(ADA, IdeaCaptured(idea(code, ada.id, f"Idea {code}", message=code)))
            self.codes.append(code)

    async def sealed(self) -> Seal:
        seal = await self.ledger.seal(LATER, ALL)
        assert seal is not None
        return seal

    async def run(self, *statements: str) -> None:
        async with self.database.writing() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def tamper(self, *statements: str) -> None:
        """By somebody who may do anything to the database."""
        if self.database.is_sqlite:
            async with self.database.reading() as connection:
                names = (await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))).all()
            await self.run(*(f"DROP TRIGGER {name}" for name in names), *statements)
            return
        await self.run(
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES),
            *statements,
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES),
        )

    async def restore(self, size: int) -> None:
        """As it was when the log had this size, as if from a backup."""
        nodes = ", ".join(str(place) for place, _ in tree.grow(0, [], [b""] * size))
        late = f"position >= {size}"
        await self.tamper(
            f"DELETE FROM seal WHERE size > {size}",  # noqa: S608  # numbers of ours, here and below
            f"DELETE FROM node WHERE place NOT IN ({nodes})",  # noqa: S608
            f"CREATE TABLE gone AS SELECT entry FROM leaf WHERE {late}",  # noqa: S608
            f"DELETE FROM leaf WHERE {late}",  # noqa: S608
            "DELETE FROM story WHERE id IN (SELECT entry FROM gone)",
            "DROP TABLE gone",
        )


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


# --- sealing
async def test_a_tick_that_has_to_end_seals_what_has_its_place_by_then(town: Town) -> None:
    await town.say(7)
    ledger = SqlLedger(town.database, page=5, rests=0)
    seal = await ledger.seal(LATER, ALL, lambda: True)
    assert seal is not None
    assert seal.size == 5
    whole = await ledger.seal(LATER, ALL)
    assert whole is not None
    assert whole.size == 14


async def test_every_entry_waits_until_it_is_sealed_and_then_proves(town: Town) -> None:
    assert await town.ledger.waiting() is None
    assert await town.ledger.seal(LATER, ALL) is None
    await town.say(7)
    waiting = await town.ledger.waiting()
    assert waiting is not None
    assert (waiting.count, waiting.since) == (14, NOON)
    before = await town.ledger.receipt(town.codes[0])
    assert before is not None
    assert (before.seal, before.entries, len(before.waiting)) == (None, (), 2)
    assert before.sealed_by == NOON + 10 * MINUTE
    seal = await town.sealed()
    assert (seal.size, seal.at) == (14, LATER)
    assert await town.ledger.waiting() is None
    assert await town.ledger.latest_seal() == await town.ledger.find_seal(14) == seal
    assert await town.ledger.seals(5) == (seal,)
    for code in town.codes:
        receipt = await town.ledger.receipt(code)
        assert receipt is not None
        assert verify_receipt(receipt, seal).is_good
        assert [entry.told.get("text") for entry in receipt.entries if isinstance(entry, Proven)] == [
            f"Idea {code}",
            None,
        ]
    assert await town.ledger.receipt("0000-0000") is None


async def test_sealing_again_adds_nothing(town: Town) -> None:
    await town.say(2)
    seal = await town.sealed()
    assert await town.ledger.seal(LATER + HOUR, ALL) is None
    assert await town.ledger.seals(5) == (seal,)


async def test_no_more_is_placed_than_was_asked_for(town: Town) -> None:
    await town.say(6)
    seal = await town.ledger.seal(LATER, 9)
    assert seal is not None
    assert seal.size == 9
    receipt = await town.ledger.receipt(town.codes[4])
    assert receipt is not None
    assert (len(receipt.entries), len(receipt.waiting)) == (1, 1)
    assert verify_receipt(receipt, seal).is_good


async def test_a_story_that_goes_on_is_numbered_on(town: Town) -> None:
    await town.say(2)
    first = await town.sealed()
    code = town.codes[0]
    await town.rooms.turn(ADA, StoryContinued(code, Entry(EntryKind.EDITED, LATER, "Better words"), 2))
    await town.rooms.turn(ADA, StoryContinued(code, Entry(EntryKind.WITHDRAWN, LATER), 3))
    second = await town.sealed()
    now, then = await town.ledger.receipt(code), await town.ledger.receipt(code, first.size)
    assert now is not None
    assert then is not None
    assert [entry.told["number"] for entry in now.entries if isinstance(entry, Proven)] == [1, 2, 3, 4]
    assert verify_receipt(now, second).is_good
    assert verify_receipt(then, first).is_good
    assert not verify_receipt(now, first).is_good
    assert len(then.waiting) == 2


async def test_every_seal_follows_from_every_earlier_one(town: Town) -> None:
    seals = []
    for ideas in (1, 3, 2, 5):
        await town.say(ideas)
        seals.append(await town.sealed())
    for number, new in enumerate(seals):
        for old in seals[: number + 1]:
            proof = await town.ledger.consistency(old.size, new.size)
            assert proof is not None
            assert verify_consistency(old, new, proof).is_good
    for old_size, new_size in ((0, 2), (4, 2), (2, 23)):
        assert await town.ledger.consistency(old_size, new_size) is None
    audit = await town.ledger.audit(seals)
    assert (audit.entries, audit.seals, audit.findings) == (22, 4, ())


async def test_two_workers_that_seal_at_once_seal_everything_once(town: Town) -> None:
    await town.say(30)
    async with Database(town.database.url.render_as_string(hide_password=False)) as elsewhere:
        workers = [SqlLedger(one, page=3) for one in (town.database, elsewhere)]
        made = await asyncio.gather(*(worker.seal(LATER, ALL) for worker in workers * 3))
    assert max(seal.size for seal in made if seal) == 60
    async with town.database.reading() as connection:
        positions = (await connection.scalars(select(leaf.c.position).order_by(leaf.c.position))).all()
    assert positions == list(range(60))
    assert (await town.ledger.audit()).is_good


async def test_a_worker_that_dies_while_sealing_leaves_nothing_half_done(town: Town) -> None:
    await town.say(30)
    dying = asyncio.create_task(SqlLedger(town.database, page=1).seal(LATER, ALL))
    while True:
        async with town.database.reading() as connection:
            if await connection.scalar(select(func.count(leaf.c.position))):
                break
    dying.cancel()
    await asyncio.wait([dying])
    assert await town.ledger.latest_seal() is None
    receipt = await town.ledger.receipt(town.codes[0])
    assert receipt is not None
    assert len(receipt.waiting) == 2
    assert (await town.sealed()).size == 60
    assert (await town.ledger.audit()).is_good


async def test_turns_go_on_while_the_ledger_seals(town: Town) -> None:
    await town.say(10)
    ledger = SqlLedger(town.database, page=1)
    await asyncio.gather(ledger.seal(LATER, ALL), town.say(5))
    await ledger.seal(LATER, ALL)
    seal = await town.ledger.latest_seal()
    assert seal is not None
    assert seal.size == 30
    assert (await town.ledger.audit()).is_good


# --- the database refuses
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE story SET text = 'Other words' WHERE text IS NOT NULL",
        "UPDATE story SET text = NULL",
        "UPDATE story SET kind = 'adopted'",
        "UPDATE story SET idea = (SELECT max(code) FROM idea)",
        "DELETE FROM story",
        "UPDATE leaf SET position = position + 100",
        "UPDATE leaf SET position = NULL",
        "UPDATE leaf SET number = 7",
        "UPDATE leaf SET salt = zeroed.hash FROM (SELECT hash FROM node WHERE place = 0) AS zeroed",
        "DELETE FROM leaf",
        "UPDATE node SET hash = hash",
        "DELETE FROM node WHERE place = 0",
        "UPDATE seal SET size = 3",
        "DELETE FROM seal",
    ],
)
async def test_what_is_recorded_is_not_changed_or_deleted(town: Town, statement: str) -> None:
    await town.say(2)
    await town.sealed()
    with pytest.raises(Fault):
        await town.run(statement)
    assert (await town.ledger.audit()).is_good


async def _say_in_full(town: Town) -> str:
    await town.say(1)
    code = town.codes[0]
    await town.rooms.store.record([StoryContinued(code, FULL, 2)])
    await town.sealed()
    return code


@pytest.mark.parametrize("column", ["id", "idea", *CHANGES])
async def test_nothing_that_an_entry_says_can_be_changed(town: Town, column: str) -> None:
    await _say_in_full(town)
    await town.say(1)
    other = {"id": "99", "idea": f"'{town.codes[1]}'", **CHANGES}[column]
    changes = [f"{column} = {other}"] + ([f"{column} = NULL"] if column not in ("id", "idea", "kind", "at") else [])
    salt = "UPDATE leaf SET salt = NULL WHERE position = 2"
    for preparation in ([], [salt]):
        await town.run(*preparation)
        for change in changes:
            if preparation and change in ("text = NULL", "reason = NULL"):
                continue
            with pytest.raises(Fault):
                await town.run(f"UPDATE story SET {change} WHERE kind = 'hidden'")  # noqa: S608  # names of ours


async def test_the_words_of_an_entry_go_one_by_one_or_together(town: Town) -> None:
    code = await _say_in_full(town)
    await town.run("UPDATE leaf SET salt = NULL", "UPDATE story SET text = NULL WHERE kind = 'hidden'")
    assert (await town.rooms.idea(code)).story[2] == replace(FULL, text=None)
    await town.run(
        "UPDATE story SET reason = NULL WHERE kind = 'hidden'", "UPDATE story SET text = NULL, reason = NULL"
    )
    assert (await town.rooms.idea(code)).story[2] == replace(FULL, text=None, reason=None)
    assert (await town.ledger.audit()).is_good


@pytest.mark.parametrize(("column", "value"), CHANGES.items())
async def test_whatever_of_an_entry_was_tampered_with_it_is_found_and_named(
    town: Town, column: str, value: str
) -> None:
    code = await _say_in_full(town)
    assert (await town.ledger.audit()).is_good
    receipt, seal = await town.ledger.receipt(code), await town.ledger.latest_seal()
    assert receipt is not None
    assert seal is not None
    assert verify_receipt(receipt, seal).is_good
    tampered = [f"{column} = {value}"] + ([f"{column} = NULL"] if column not in ("kind", "at") else [])
    for change in tampered:
        await town.tamper(f"UPDATE story SET {change} WHERE id = (SELECT entry FROM leaf WHERE position = 2)")  # noqa: S608
        (finding,) = (await town.ledger.audit()).findings
        assert (finding.code, finding.position) == (code, 2)
        changed = await town.ledger.receipt(code)
        assert changed is not None
        assert not verify_receipt(changed, seal).is_good


@pytest.mark.parametrize("column", ["kind", "by_role", "rule"])
async def test_a_word_that_there_is_not_is_found_and_named(town: Town, column: str) -> None:
    code = await _say_in_full(town)
    await town.tamper(f"UPDATE story SET {column} = 'odd' WHERE id = (SELECT entry FROM leaf WHERE position = 2)")  # noqa: S608
    (finding,) = (await town.ledger.audit()).findings
    assert (finding.code, finding.position) == (code, 2)


async def test_what_is_recorded_is_not_replaced_or_emptied(town: Town) -> None:
    await town.say(2)
    await town.sealed()
    statements = (
        [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" for table in TABLES]  # noqa: S608
        if town.database.is_sqlite
        else ["TRUNCATE story CASCADE", "TRUNCATE leaf", "TRUNCATE node", "TRUNCATE seal"]
    )
    for statement in statements:
        with pytest.raises(Fault):
            await town.run(statement)
    assert (await town.ledger.audit()).is_good


async def test_words_go_only_where_their_salt_is_destroyed_and_every_proof_stands(town: Town) -> None:
    await town.say(3)
    await town.run("UPDATE leaf SET salt = NULL WHERE entry = (SELECT max(entry) FROM leaf)")  # before it is sealed
    seal = await town.sealed()
    await town.run(
        "UPDATE leaf SET salt = NULL WHERE position = 0",
        "UPDATE story SET text = NULL WHERE id = (SELECT entry FROM leaf WHERE position = 0)",
    )
    receipt = await town.ledger.receipt(town.codes[0])
    assert receipt is not None
    assert isinstance(receipt.entries[0], Erased)
    assert verify_receipt(receipt, seal).is_good
    audit = await town.ledger.audit([seal])
    assert (audit.is_good, audit.erased) == (True, 2)


# --- somebody who may do anything to the database
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE story SET text = 'Mine' WHERE id = (SELECT entry FROM leaf WHERE position = 4)", "(said, position 4)"),
        ("UPDATE story SET kind = 'adopted' WHERE id = (SELECT entry FROM leaf WHERE position = 5)", "position 5"),
        ("UPDATE leaf SET number = 3 WHERE position = 5", "position 5"),
        ("UPDATE leaf SET salt = (SELECT hash FROM node WHERE place = 0) WHERE position = 5", "position 5"),
        ("UPDATE leaf SET salt = NULL WHERE position = 4", "is erased and yet has words"),
        ("DELETE FROM leaf WHERE position = 4", "The entry at position 4 is missing"),
        ("DELETE FROM node WHERE place = 8", "The hash of the entry at position 4 is missing"),
        ("DELETE FROM node WHERE place = 9", "over the entries at positions 4 to 5 is missing"),
        ("UPDATE node SET hash = (SELECT root FROM seal) WHERE place = 9", "at positions 4 to 5 is not that of"),
        ("UPDATE seal SET root = (SELECT hash FROM node WHERE place = 0)", "has another root"),
    ],
)
async def test_a_row_that_was_tampered_with_is_found_and_named(town: Town, statement: str, found: str) -> None:
    await town.say(6)
    await town.sealed()
    await town.tamper(statement)
    audit = await town.ledger.audit()
    assert not audit.is_good
    assert found in audit.findings[0].sentence


async def test_an_entry_is_named_with_its_idea(town: Town) -> None:
    await town.say(6)
    await town.sealed()
    await town.tamper("UPDATE story SET text = 'Mine' WHERE id = (SELECT entry FROM leaf WHERE position = 4)")
    (finding,) = (await town.ledger.audit()).findings
    assert (finding.code, finding.position) == (town.codes[2], 4)
    assert finding.sentence == f"Entry 1 of {town.codes[2]} (said, position 4) is not as it was sealed."


async def test_whoever_rewrites_every_hash_as_well_is_found_by_the_seals(town: Town) -> None:
    await town.say(2)
    first = await town.sealed()
    await town.say(2)
    second = await town.sealed()
    await town.tamper(
        "UPDATE story SET text = 'Mine' WHERE id = (SELECT entry FROM leaf WHERE position = 4)",
        "UPDATE leaf SET position = NULL, number = NULL",
        "DELETE FROM node",
        "DELETE FROM seal",
    )
    rewritten = await town.sealed()
    assert (await town.ledger.audit()).is_good, "from within, a thorough forgery can't be seen"
    audit = await town.ledger.audit([first, second])
    assert [finding.sentence for finding in audit.findings] == [
        "The published seal over 8 entries (2026-03-02 13:00 UTC) has another root: "
        "something at positions 4 to 7 was changed or removed after it was sealed."
    ]
    proof = await town.ledger.consistency(second.size, rewritten.size)
    assert proof is not None
    assert not verify_consistency(second, rewritten, proof).is_good


async def test_a_database_restored_from_an_old_backup_is_found_by_a_later_seal(town: Town) -> None:
    await town.say(3)
    first = await town.sealed()
    await town.say(4)
    published = await town.sealed()
    await town.restore(first.size)
    audit = await town.ledger.audit([first, published])
    assert [finding.sentence for finding in audit.findings] == [
        "The published seal of 2026-03-02 13:00 UTC is over 14 entries, and the record holds 6: 8 are missing."
    ]
    await town.say(6)
    grown = await town.sealed()
    proof = await town.ledger.consistency(published.size, grown.size)
    assert proof is not None
    assert not verify_consistency(published, grown, proof).is_good
    (finding,) = (await town.ledger.audit([first, published])).findings
    assert "positions 6 to 13" in finding.sentence


async def test_nothing_is_sealed_on_top_of_damage(town: Town) -> None:
    await town.say(3)
    await town.sealed()
    await town.tamper("DELETE FROM leaf WHERE position >= 4")
    await town.say(1)
    with pytest.raises(LedgerDamaged, match="sealed over 6 entries and holds 4"):
        await town.ledger.seal(LATER, ALL)
    found = [finding.sentence for finding in (await town.ledger.audit()).findings]
    assert found[:2] == ["The entry at position 4 is missing.", "The entry at position 5 is missing."]
    assert f"An entry of {town.codes[2]} (said) is on no list: it was not sealed and never would be." in found


async def test_a_lost_hash_stops_sealing_with_a_sentence(town: Town) -> None:
    await town.say(3)
    await town.sealed()
    await town.tamper("DELETE FROM node WHERE place = 3")
    await town.say(1)
    with pytest.raises(LedgerDamaged, match="entries 0 to 3 is missing"):
        await town.ledger.seal(LATER, ALL)


# --- many
async def test_a_long_log_is_sealed_in_pages_and_looked_at_in_pages(town: Town) -> None:
    ada = await town.rooms.turn(ADA)
    words = tuple(Entry(EntryKind.EDITED, NOON, f"{number}") for number in range(998))
    for number in range(9):
        one = idea(f"{number:04}-0000", ada.id)
        await town.rooms.store.record([IdeaCaptured(replace(one, story=(*one.story, *words)))])
    ledger = SqlLedger(town.database)
    seals = [await ledger.seal(LATER, 4_500), await ledger.seal(LATER, ALL)]
    assert [seal.size for seal in seals if seal] == [4_500, 9_000]
    for size in (1, 4_096, 4_097, 8_191, 8_192, 8_193):
        old, new = await _seal_of(town, size), seals[1]
        proof = await ledger.consistency(size, 9_000)
        assert new is not None
        assert proof is not None
        assert verify_consistency(old, new, proof).is_good
    audit = await ledger.audit([await _seal_of(town, size) for size in (1, 4_096, 5_000, 8_192, 8_999)])
    assert (audit.findings, audit.entries) == ((), 9_000)
    await town.tamper("UPDATE node SET hash = (SELECT hash FROM node WHERE place = 0) WHERE place = 8191")
    (above, *_) = (await ledger.audit()).findings
    assert above.sentence.startswith("The hash over the entries at positions 0 to 8191 is not that")
    await town.tamper("UPDATE story SET text = 'no'")
    audit = await ledger.audit()
    assert (len(audit.findings), audit.more > 7_000) == (1_000, True)


async def _seal_of(town: Town, size: int) -> Seal:
    """As it would have been made at that size: computed from the entries alone."""
    async with town.database.reading() as connection:
        leaves = await connection.scalars(
            select(node.c.hash).where(node.c.place % 2 == 0).order_by(node.c.place).limit(size)
        )
    return Seal(size, tree.root(dict(tree.grow(0, [], leaves)), size), NOON)


def test_the_tables_of_the_ledger_have_no_other_columns() -> None:
    """The triggers on SQLite name the columns that may not change: a new one has to be added there."""
    assert {column.name for column in story.columns} == {"id", "idea", *CHANGES}
    assert [column.name for column in leaf.columns] == ["entry", "salt", "number", "position"]
    assert [column.name for column in seal_table.columns] == ["size", "root", "at"]
