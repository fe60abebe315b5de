"""A newcomer's house: one process on SQLite."""

import re
import signal
from pathlib import Path

import httpx
import pytest

from tests.fakes.telegram_payloads import TOKEN
from tests.fakes.telegram_server import TelegramServer
from tests.house.browser import Visitor
from tests.house.processes import house, quiet_example
from tests.patience import until

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


async def test_a_newcomer_goes_from_greeting_to_story_in_the_browser_and_a_kill_loses_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as built, Visitor(built.url) as visitor:
        process = await built.serve()
        assert "Is that all right with you?" in await visitor.opens()
        await visitor.presses("Yes, I agree")
        await visitor.presses("What makes a good city?")
        assert "Question 2 of 6" in await visitor.presses("4")

        process.send_signal(signal.SIGKILL)
        process.wait()
        await built.serve()

        assert "Question 2 of 6" in await visitor.opens()
        assert "Question 3 of 6" in await visitor.presses("By bike")
        for label in ("Skip", "Agree"):
            await visitor.presses(label)
        said = await visitor.says("A bench at every bus stop")
        code = CODE.findall(said)[-1]
        assert "Question 6 of 6" in said
        assert "That’s everything" in await visitor.presses("Yes")
        assert "waits for an answer" in await visitor.says(code)
        assert "A bench at every bus stop" in await visitor.opens(f"/ideas/{code}")
        async with httpx.AsyncClient(base_url=built.url) as anybody:
            story = (await anybody.get(f"/ideas/{code}", headers={"accept": "application/json"})).json()
        assert [entry["kind"] for entry in story["story"]] == ["said", "confirmed", "acknowledged", "sent"]
        status = built.run("status", "good-city")
        assert "finished 1" in status.stdout, status


async def test_it_says_what_to_open_and_which_variables_are_missing(tmp_path: Path) -> None:
    async with house(tmp_path) as built:
        await built.serve()
        await until(lambda: "Slack:" in built.log(), "the lines at the start")
        assert f"{built.url}/chat" in built.log()
        assert "TELEGRAM_BOT_TOKEN is missing" in built.log()
        assert "SLACK_BOT_TOKEN" in built.log()


async def test_it_ends_within_ten_seconds_when_told_to_and_answers_until_then(tmp_path: Path) -> None:
    async with house(tmp_path) as built, Visitor(built.url) as visitor:
        process = await built.serve()
        await visitor.opens()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        await built.serve()
        assert "Is that all right with you?" in await visitor.opens()


async def test_a_member_in_telegram_is_asked_answers_and_says_stop_and_a_kill_in_between_loses_nothing(
    tmp_path: Path,
) -> None:
    async with TelegramServer() as telegram:
        telegram.meet(7, "Ann", "en", started=True)
        async with house(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url) as built:
            serving = ("serve", "--example", str(quiet_example(tmp_path)))
            process = await built.serve(*serving)
            telegram.user_says(7, "/start c_good-city")
            await telegram.until(lambda: "Is that all right" in _last(telegram))
            telegram.press(7, "Yes, I agree")
            await telegram.until(lambda: "Question 1" in _last(telegram))
            telegram.press(7, "4")
            await telegram.until(lambda: "Question 2" in _last(telegram))

            process.send_signal(signal.SIGKILL)
            process.wait()
            telegram.press(7, "By bike")
            await built.serve(*serving)

            await telegram.until(lambda: "Question 3" in _last(telegram))
            telegram.user_says(7, "STOP")
            await telegram.until(lambda: "You won’t hear from me" in _last(telegram))
            assert len(telegram.sent(7)) == 2, "the question changed in place, and STOP got one answer"


def _last(telegram: TelegramServer) -> str:
    texts = telegram.texts(7)
    return texts[-1] if texts else ""


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"DATABASE_URL": "mysql://x/y"}, "sqlite"),
        ({"TIMEZONE": "Europe/Londno"}, "isn't a time zone"),
        ({"PORT": "a lot"}, "PORT"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_with_a_sentence(
    tmp_path: Path, settings: dict[str, str], why: str
) -> None:
    async with house(tmp_path) as built:
        process = built.start("serve", **settings)
        assert process.wait(timeout=30) == 2
        assert why in built.log()
        assert "Traceback" not in built.log()
