"""Web and workers apart, on a real PostgreSQL, with workers that die."""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.contracts.postgres import Postgres
from tests.fakes.telegram_payloads import TOKEN, Json
from tests.fakes.telegram_server import TelegramServer
from tests.house.processes import house
from tests.patience import until

SECRET = "a-webhook-secret"
MEMBERS = range(1001, 1041)
CONSULTATION = """
consultation: parks
title: Parks
framing: Which park shall we mend first?
timezone: {zone}
prompts:
  - one: which
    ask: Which park?
    options: [North, South]
"""


def at_noon() -> str:
    """A time zone in which it is about noon now: invitations keep out of the night."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


class Posted:
    """Telegram posting to our webhook, every update four times and all at once."""

    def __init__(self, telegram: TelegramServer, url: str) -> None:
        self._telegram, self._url = telegram, f"{url}/telegram/webhook"

    async def __call__(self, *updates: Json) -> None:
        posts = (self._telegram.post(one, secret=SECRET, url=self._url) for one in updates for _ in range(4))
        assert set(await asyncio.gather(*posts)) == {200}


async def test_a_broadcast_reaches_everybody_once_though_a_worker_is_killed_and_updates_come_four_times(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = await postgres.empty()
    async with TelegramServer() as telegram:
        telegram.world.open_to_all = True
        settings = {
            "DATABASE_URL": url, "SECRET_KEY": "the same in each", "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        async with house(tmp_path, **settings) as built:
            assert built.run("migrate").returncode == 0
            await built.serve("web")
            workers = [built.start("worker"), built.start("worker")]
            await until(lambda: built.log().count("connected as") == 3, "all three to know their bot")
            posted = Posted(telegram, built.url)

            await posted(*(telegram.user_says(member, "/start") for member in MEMBERS))
            await telegram.until(lambda: all(telegram.sent(member) for member in MEMBERS))
            await posted(*(telegram.press(member, "Yes, I agree") for member in MEMBERS))
            await telegram.until(lambda: all("Nothing is being" in _last(telegram, m) for m in MEMBERS))
            assert all(len(telegram.sent(member)) == 1 for member in MEMBERS), "each greeted once, changed in place"

            (tmp_path / "parks.yaml").write_text(CONSULTATION.format(zone=at_noon()))
            assert built.run("load", "parks.yaml").returncode == 0
            assert built.run("open", "parks").returncode == 0
            await until(lambda: _invited(telegram), "the first invitation")
            workers[0].send_signal(signal.SIGKILL)

            await until(lambda: "100 %" in built.run("status", "parks").stdout, "all deliveries to settle")
            status = built.run("status", "parks").stdout
            assert max(_invited(telegram).values()) == 1, "nobody is asked twice"
            assert len(_invited(telegram)) + _uncertain(status) >= len(MEMBERS), status
            assert not [refusal for _, refusal in telegram.refused if refusal.code == 429], "no limit was broken"
    await postgres.drop(url)


def _invited(telegram: TelegramServer) -> dict[int, int]:
    """How many invitations reached each member who got any."""
    counts = {member: sum("You are asked" in text for text in telegram.texts(member)) for member in MEMBERS}
    return {member: count for member, count in counts.items() if count}


def _uncertain(status: str) -> int:
    _, found, count = status.partition("uncertain: ")
    return int(count.split()[0]) if found else 0


def _last(telegram: TelegramServer, member: int) -> str:
    texts = telegram.texts(member)
    return texts[-1] if texts else ""


async def test_a_forged_webhook_is_refused_and_nonsense_is_not_sent_again(tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        async with house(tmp_path, **settings) as built:
            await built.serve()
            await until(lambda: "connected as" in built.log(), "Telegram to be connected")
            url = f"{built.url}/telegram/webhook"
            update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}}
            assert await telegram.post(update, secret="forged", url=url) == 403
            assert await telegram.post({"update_id": "x"}, secret=SECRET, url=url) == 200
            assert await telegram.post(b"{nonsense", secret=SECRET, url=url) == 200
            async with httpx.AsyncClient() as sender:
                assert (await sender.post(url, content=b"[" * 1_100_000)).status_code == 413
            assert "Traceback" not in built.log()
