"""Told to end, every kind of process ends well within ten seconds, whatever else has stopped answering by then."""

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest

from tests.contracts.postgres import Postgres
from tests.fakes.telegram_payloads import TOKEN
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.wire import wire
from tests.house.processes import House, free_port, house
from tests.house.test_telegram_whole import asks
from tests.patience import until

STOPS_WITHIN = 10
OWNED = "SELECT account FROM lane WHERE owner IS NOT NULL"
SECRET = "a-webhook-secret"
AT_WORK = "The worker is at work."


async def starts(built: House, kind: str) -> "subprocess.Popen[bytes]":
    if kind != "worker":
        return await built.serve(kind)
    process = built.start(kind)
    await until(lambda: AT_WORK in built.log(), "the worker to be at work")
    return process


async def ends_well(process: "subprocess.Popen[bytes]", built: House) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        assert await asyncio.to_thread(process.wait, STOPS_WITHIN) == 0, built.log()
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it goes on after {STOPS_WITHIN} s:\n{built.log()}") from None


@pytest.mark.parametrize("how", ["cut", "hang"])
async def test_while_the_database_is_gone_or_says_nothing_any_more(
    tmp_path: Path, postgres: Postgres, how: str
) -> None:
    url = await postgres.fresh()
    async with wire(url) as (between, through), house(tmp_path, DATABASE_URL=through, SECRET_KEY="s") as built:
        processes = [await built.serve("web"), built.start("worker"), built.start("serve", PORT=str(free_port()))]
        await until(lambda: built.log().count("is at http") == 2 and AT_WORK in built.log(), "all three to be at work")
        between.cut() if how == "cut" else between.hang()
        await asyncio.sleep(1)  # whatever looks at the database every so often has looked and is waiting
        await asyncio.gather(*(ends_well(process, built) for process in processes))


@pytest.mark.parametrize("kinds", [("serve",), ("web", "worker")])
async def test_while_the_platform_takes_a_call_and_does_not_answer(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    async with TelegramServer() as telegram:
        telegram.world.open_to_all = True
        settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        async with house(tmp_path, **settings) as built:
            processes = [await starts(built, kind) for kind in kinds]
            await until(lambda: built.log().count("connected as") == len(kinds), "all to know their bot")
            telegram.hang("sendMessage", STOPS_WITHIN + 1, accepts=False)
            hook = f"{built.url}/telegram/webhook"
            assert await telegram.post(telegram.user_says(7, "/start"), secret=SECRET, url=hook) == 200
            await until(
                lambda: "sendMessage" in {call.method for call in telegram.calls}, "the greeting to be under way"
            )
            await asyncio.gather(*(ends_well(process, built) for process in processes))


async def test_lanes_are_given_back(tmp_path: Path) -> None:
    async with house(tmp_path) as built:
        process = await starts(built, "serve")
        await until(lambda: asks(built, OWNED) == [("web",)], "the worker to take its lane")
        await ends_well(process, built)
        assert asks(built, OWNED) == []


async def test_before_it_has_begun(tmp_path: Path, postgres: Postgres) -> None:
    url = await postgres.fresh()
    async with wire(url) as (between, through), house(tmp_path, DATABASE_URL=through, SECRET_KEY="s") as built:
        between.hang()
        process = built.start("web")
        await until(lambda: between.is_in_use, "the process to call its database")
        await ends_well(process, built)
