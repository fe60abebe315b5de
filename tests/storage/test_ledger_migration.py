"""Entries from before there was a ledger come under its first seal."""

from datetime import UTC, datetime

from sqlalchemy import text

from core.ledger.checking import verify_receipt
from storage.database import Database
from storage.ledger import SqlLedger
from storage.migrations import migrate

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEFORE = (
    "INSERT INTO member (id, name, language, language_chosen, timezone_chosen, organiser)"
    " VALUES (1, 'Ada', 'en', false, false, false)",
    "INSERT INTO idea (code, member_id, account, chat, message, attachments, said_at)"
    " VALUES ('K7M4-QX2P', 1, 'web', '1', '1', '[]', '2026-03-01 12:00:00')",
    "INSERT INTO story (idea, kind, at, text) VALUES ('K7M4-QX2P', 'said', '2026-03-01 12:00:00', 'Trees')",
    "INSERT INTO story (idea, kind, at) VALUES ('K7M4-QX2P', 'confirmed', '2026-03-01 12:00:00')",
)


async def test_old_entries_are_sealed_too(empty: str) -> None:
    async with Database(empty) as database:
        await migrate(database, "0003")
        async with database.writing() as connection:
            for statement in BEFORE:
                await connection.execute(text(statement))
        await migrate(database)
        ledger = SqlLedger(database)
        seal, receipt = await ledger.seal(NOW, 100), await ledger.receipt("K7M4-QX2P")
        assert seal is not None
        assert receipt is not None
        assert (seal.size, verify_receipt(receipt, seal).is_good) == (2, True)
        assert (await ledger.audit([seal])).is_good
