"""The short version: a few people, one kill in the middle of a send, one cut of the database, and every account."""

from pathlib import Path

import pytest

from tests.chaos.run import Run
from tests.chaos.script import Blow, write_script


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_every_account_settles_after_a_kill_and_a_cut_of_the_database(database: str, tmp_path: Path) -> None:
    script = write_script(1, database, short=True)
    assert {Blow.KILL_SENDING, Blow.STORE_LOCKED if database == "sqlite" else Blow.STORE_KILLED} <= {
        one.blow for one in script.calamities
    }
    run = Run(script, tmp_path, patience=15)
    accounts = await run.settle()
    assert all(account.is_settled for account in accounts), "\n".join(account.line for account in accounts)
    assert run.was_hit, run.told
