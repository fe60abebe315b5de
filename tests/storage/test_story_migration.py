"""Ideas and bodies from before there were whole stories stand where their stories left them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from core.bodies import Body, BodyKind
from core.events import BodiesLoaded, IdeaCaptured, StoryContinued
from core.ideas import Idea
from core.places import Source
from core.standings import Stage
from core.stories import Entry, EntryKind
from core.texts import Localised
from storage.database import Database, Fault
from storage.ledger import SqlLedger
from storage.migrations import downgrade, migrate
from storage.store import SqlStore

DAWN = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = {
    "AAAA-0001": ["said"],
    "AAAA-0002": ["said", "confirmed", "acknowledged"],
    "AAAA-0003": ["said", "acknowledged", "edited", "edited"],
    "AAAA-0004": ["said", "acknowledged", "edited", "withdrawn"],
}
STAGES = [Stage.BEGUN, Stage.RECEIVED, Stage.RECEIVED, Stage.WITHDRAWN]
WORDED = ("said", "edited")


async def _before(database: Database) -> None:
    """As the version before would have left it."""
    statements = [
        "INSERT INTO member (id, name, language, language_chosen, timezone_chosen, organiser)"
        " VALUES (1, 'Ada', 'en', false, false, false)",
        "INSERT INTO body (slug, name, kind, answer_days)"
        """ VALUES ('parks', '{"texts":[["en","Parks"]]}', 'branch', 9)""",
    ]
    for number, (code, kinds) in enumerate(KINDS.items(), 1):
        statements.append(
            "INSERT INTO idea (id, code, member_id, account, chat, message, consultation, attachments, said_at)"  # noqa: S608
            f" VALUES ({number}, '{code}', 1, 'web', '1', '{number}', 'city', '[]', '2026-03-01 12:00:00')"
        )
        for minute, kind in enumerate(kinds):
            words = f"'{code} {minute}'" if kind in WORDED else "NULL"
            statements += [
                "INSERT INTO story (idea, kind, at, text)"  # noqa: S608
                f" VALUES ('{code}', '{kind}', '2026-03-01 12:0{minute}:00', {words})",
            ]
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        await connection.execute(text("INSERT INTO leaf (entry, salt) SELECT id, :salt FROM story"), {"salt": b"salt"})


def _said(code: str, number: int) -> Idea:
    story = tuple(
        Entry(EntryKind(kind), DAWN.replace(minute=minute), f"{code} {minute}" if kind in WORDED else None)
        for minute, kind in enumerate(KINDS[code])
    )
    return Idea(code, 1, Source("web", "1", str(number)), story, consultation="city")


async def test_ideas_stand_where_their_stories_left_them(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database, "0004")
        await _before(database)
        await migrate(database)
        store = SqlStore(database)
        found = await store.ideas(list(KINDS))
        assert list(found) == [_said(code, number) for number, code in enumerate(KINDS, 1)]
        assert [one.standing.stage for one in found] == STAGES
        async with database.reading() as connection:
            rows = (await connection.execute(text("SELECT * FROM idea ORDER BY id"))).all()
        assert [(row.stage, row.entries, bool(row.is_hidden), row.part_of) for row in rows] == [
            (one.standing.stage.value, len(one.story), False, None) for one in found
        ]
        assert [row.stage_at and str(row.stage_at)[:16] for row in rows] == [
            one.standing.since and f"{one.standing.since:%Y-%m-%d %H:%M}" for one in found
        ]


async def test_stories_go_on_from_where_they_were(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database, "0004")
        await _before(database)
        await migrate(database)
        store = SqlStore(database)
        sent = Entry(EntryKind.SENT, NOON, next="parks", days=9)
        await store.record([StoryContinued("AAAA-0002", sent, 3)])
        found = await store.idea("AAAA-0002")
        assert found is not None
        assert found.story == (*_said("AAAA-0002", 2).story, sent)
        ledger = SqlLedger(database)
        assert await ledger.seal(NOON, 100) is not None
        assert (await ledger.audit()).is_good
        await _refuses(
            database, "INSERT INTO story (idea, kind, at) VALUES ('0000-0000', 'said', '2026-03-01 12:00:00')"
        )


async def test_old_entries_cannot_be_changed_after_the_migration_either(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database, "0004")
        await _before(database)
        await migrate(database)
        for change in ("text = 'Mine'", "kind = 'adopted'", "reason = 'Because'", "score = 1"):
            await _refuses(database, f"UPDATE story SET {change}")  # noqa: S608  # names of ours
        await _refuses(database, "DELETE FROM story")


async def test_bodies_are_what_they_were_and_can_be_declared_anew(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database, "0004")
        await _before(database)
        await migrate(database)
        store = SqlStore(database)
        parks = Body("parks", Localised.of("Parks"), BodyKind.BRANCH, answer_days=9)
        assert (await store.bodies()).all == (parks,)
        await store.record([BodiesLoaded((), ())])
        assert (await store.bodies()).living == ()


async def test_on_the_way_back_every_idea_stays_also_one_that_nobody_wrote(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database)
        store = SqlStore(database)
        composed = Entry(EntryKind.COMPOSED, NOON, "One text", body="parks")
        composite = Idea("COMP-0001", None, Source("desk", "", "1"), (composed,))
        await store.record([IdeaCaptured(composite)])
        await downgrade(database, "0004")
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT idea, kind, text FROM story"))).one() == (
                "COMP-0001", "composed", "One text",
            )  # fmt: skip
        await _refuses(database, "UPDATE story SET kind = 'adopted'")
        await migrate(database)
        found = await store.idea("COMP-0001")
        assert found is not None
        assert (found.author, found.text) == (None, "One text")


async def _refuses(database: Database, statement: str) -> None:
    with pytest.raises(Fault):
        async with database.writing() as connection:
            await connection.execute(text(statement))
