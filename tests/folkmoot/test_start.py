"""A start loads what pages need, and nothing that waits for its first use."""

import subprocess
import sys
from pathlib import Path

STARTS = """
import asyncio, sys
from folkmoot import cli
from folkmoot.running import running
from folkmoot.settings import Settings

async def start() -> None:
    async with running(Settings(_env_file=None), web=True, work=False):
        print(*sorted({name.partition(".")[0] for name in sys.modules}))

asyncio.run(start())
"""
LATER = {
    "alembic": "the database is up to date", "telegram": "there is no bot", "slack_bolt": "there is no workspace",
    "aiohttp": "there is neither", "apscheduler": "that is a worker’s", "PIL": "no picture was asked for",
    "ruamel": "no file was given", "holidays": "no body keeps any", "rapidfuzz": "nobody compares ideas",
    "cryptography": "nothing is kept sealed", "segno": "no QR code was asked for", "rich": "nobody watches",
    "prometheus_client": "nobody asked for the metrics", "vl_convert": "no chart is drawn", "typst": "no poster is set",
    "xlsxwriter": "nobody takes a spreadsheet out",
}  # fmt: skip


def test_what_is_loaded_later_is_not_loaded_at_the_start(tmp_path: Path, migrated_copy: Path) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{migrated_copy}", "SECRET_KEY": "s"}
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", STARTS], cwd=tmp_path, env={**environment, "PYTHONPATH": root},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"fastapi", "sqlalchemy", "jinja2"} <= loaded
    assert {name: why for name, why in LATER.items() if name in loaded} == {}
