"""The file about me is complete: whatever being forgotten would destroy, it tells."""

import pytest

from core.flows.keeping import write_kept
from core.kept import Kept
from storage.database import Database
from storage.schema import metadata
from tests.contracts.rooms import Rooms, inbound, over
from tests.storage.somebody import CODE, IDS, NAME, OTHERS, WORDS, ZED, Somebody, found_in, numbers_in

TOLD = {
    "member": "name, language, timezone, agreed_at, said_stop_at, is_organiser",
    "address": "addresses",
    "follow": "topics",
    "link_offer": "link_code_good_until",
    "declared": "offices",
    "participation": "taking_part",
    "answer": "answers",
    "idea": "ideas",
    "story": "story",
    "support": "ideas_supported",
    "capture": "captures",
    "delivery": "messages",
    "line": "web_chat",
    "chat": "web_chat",
    "inbound": "deeds_known_by_key",
    "api_token": "access_tokens",
    "hook": "webhooks",
    "roll_try": "tried_to_verify_at",
    "desk_link": "desk_link_good_until",
    "sitting": "sittings",
    "deed": "done_in_office, done_about_you",
    "draft": "drafts",
    "saved_group": "saved_groups",
    "member_import": "imports",
}
"""The tables in which something of a member is, and under which names the file tells of it."""

UNTOLD = {
    "farewell": "is empty while somebody is a member",
    "body": "", "topic": "", "organisation": "", "channel": "", "consultation": "", "discussion": "", "broadcast": "",
    "lane": "", "secret": "", "organiser_code": "", "referral": "", "leaf": "", "node": "", "seal": "",
    "thinned": "", "roll_guess": "", "arrangement": "", "api_answer": "", "hook_delivery": "", "idea_topic": "",
}  # fmt: skip
"""Those in which nothing is, that is about one member."""

ELSEWHERE = {
    "roll": "/me says when they were verified; the row holds digests alone",
    "roll_clash": "that they claimed a row which another had",
    "expected": "a language and topics for an address, until its member writes",
    "handover": "talks_with_people in the file: tests/desk/test_talking.py",
    "handover_word": "talks_with_people in the file: tests/desk/test_talking.py",
    "idea_word": "the words of ideas once more, to be searched; they go with them",
}
"""Where a member, or whoever holds an office, sees what is there, if not in the file; forgetting reaches it as well."""

OF_MEMBERS = {"member_id", "user_id", "author_user", "reach_user"}
"""The names of columns that say whose a row is."""


async def _kept(rooms: Rooms) -> Kept:
    async with rooms.store.work(inbound(ZED, name=NAME)) as work:
        return await work.kept()


def test_each_table_has_its_place() -> None:
    """A new one fails here until somebody says whether a member's file tells of it; then forgetting has to reach it."""
    assert set(metadata.tables) == TOLD.keys() | UNTOLD.keys() | ELSEWHERE.keys()
    of_members = {
        table.name for table in metadata.sorted_tables if OF_MEMBERS & {column.name for column in table.columns}
    }
    tables = metadata.sorted_tables
    referring = {table.name for table in tables for key in table.foreign_keys if key.column.table.name == "member"}
    assert {"address", "answer", "support"} <= referring
    assert of_members | referring <= TOLD.keys() | ELSEWHERE.keys() | {"farewell"}


async def test_the_file_tells_all_that_being_forgotten_would_destroy(database: Database) -> None:
    rooms = over(database)
    somebody = Somebody(rooms, database)
    await somebody.lives()
    file = " ".join(write_kept(await _kept(rooms)).replace('\\"', '"').split())
    for said in (*WORDS, *IDS, NAME, CODE, OTHERS):
        assert " ".join(said.strip("“”").split()) in file, said
    for names in TOLD.values():
        for name in set(names.split(", ")) - {"timezone", "said_stop_at", "is_organiser"}:
            assert f"{name}:" in file, name


@pytest.mark.parametrize("table", sorted(TOLD.keys() - {"member", "address", "story", "chat"}))
async def test_somebody_who_did_everything_is_in_every_table(sqlite_database: Database, table: str) -> None:
    """So that the walk through the database after they were forgotten means something."""
    somebody = Somebody(over(sqlite_database), sqlite_database)
    await somebody.lives()
    found = await found_in(sqlite_database, *WORDS, *IDS, NAME, CODE, OTHERS)
    found |= await numbers_in(sqlite_database, somebody.id)
    assert table in {one.partition(".")[0] for one in found}


async def test_the_file_has_nothing_of_anybody_else(database: Database) -> None:
    rooms = over(database)
    somebody = Somebody(rooms, database)
    await somebody.lives()
    file = write_kept(await _kept(rooms))
    assert "Ben’s own idea" not in file
    assert "Hn3-secretary" not in file
    assert "Somebody else’s words" not in file
