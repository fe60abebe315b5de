"""A deploy: the version before the newest migration and the present one at work on one database, side by side."""

import asyncio
import io
import signal
import subprocess
import tarfile
from pathlib import Path

import pytest

from storage.migrations import newest
from tests.contracts.postgres import Postgres
from tests.fakes.telegram_payloads import TOKEN
from tests.fakes.telegram_server import TelegramServer
from tests.house.processes import ROOT, house
from tests.house.test_apart import SECRET, Posted
from tests.patience import until

VERSIONS = ROOT / "storage" / "migrations" / "versions"


def git(*words: str) -> bytes:
    """Skips where the history isn't here: in an archive of the source, or a clone without depth."""
    try:
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the version before isn’t to be had: git {words[0]} gives nothing ({error!r})")


@pytest.fixture
def version_before(tmp_path: Path) -> Path:
    """The program as it was just before the newest migration came."""
    (migration,) = VERSIONS.glob(f"{newest()}_*.py")
    added = git("log", "--diff-filter=A", "--format=%H", "--", str(migration)).decode().split()
    before = f"{added[-1]}^" if added else "HEAD"
    archive = git("archive", before, "core", "bots", "storage", "web", "folkmoot")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(tmp_path / "before", filter="data")
        assert not [name for name in files.getnames() if name.endswith(migration.name)]
    return tmp_path / "before"


async def test_no_turn_is_lost_and_none_happens_twice_while_one_version_gives_way_to_the_next(
    tmp_path: Path, postgres: Postgres, version_before: Path
) -> None:
    url, old = await postgres.empty(), {"PYTHONPATH": str(version_before)}
    async with TelegramServer() as telegram:
        telegram.world.open_to_all = True
        settings = {
            "DATABASE_URL": url, "SECRET_KEY": "the same in each", "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        async with house(tmp_path, **settings) as built, house(tmp_path, **settings) as beside:
            old_web = await built.serve("web", **old)
            old_worker = built.start("worker", **old)
            posts_to_old, posts_to_new = Posted(telegram, built.url), Posted(telegram, beside.url)
            await until(lambda: built.log().count("connected as") == 2, "both to know their bot")
            await greets(telegram, range(1001, 1006), posts_to_old)

            assert (await asyncio.to_thread(beside.run, "migrate")).returncode == 0
            await greets(telegram, range(1006, 1011), posts_to_old)

            await beside.serve("web")
            beside.start("worker")
            await until(lambda: built.log().count("connected as") == 4, "all four to know their bot")
            await asyncio.gather(
                greets(telegram, range(1011, 1016), posts_to_old), greets(telegram, range(1016, 1021), posts_to_new)
            )

            for process in (old_worker, old_web):
                process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(process.wait, 10) in (0, -signal.SIGTERM)
            everybody = range(1001, 1021)
            await posts_to_new(*(telegram.press(member, "Yes, I agree") for member in everybody))
            await telegram.until(lambda: all("Nothing is being" in telegram.texts(m)[-1] for m in everybody))
            assert all(len(telegram.sent(member)) == 1 for member in everybody), "each greeted once"
            assert f'File "{ROOT}/folkmoot' not in built.log(), "the old version's faults are its own"
    await postgres.drop(url)


async def greets(telegram: TelegramServer, members: range, posts: Posted) -> None:
    """Each update comes four times."""
    await posts(*(telegram.user_says(member, "/start") for member in members))
    await telegram.until(lambda: all(telegram.sent(member) for member in members))
