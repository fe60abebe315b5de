"""A society in Slack, over signed HTTP, against the whole house."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bots.slack.web_api import open_session
from tests.fakes.slack_sender import (
    SlackSender,
    channel_message,
    command,
    direct_message,
    event,
    from_view,
    picked,
    press,
    reaction,
    typed,
)  # fmt: skip
from tests.fakes.slack_server import FakeSlack, direct
from tests.house.processes import ROOT, House, house
from tests.house.test_telegram_whole import asks
from tests.patience import until

SIGNING = "a-signing-secret"
OLGA, PETE = "U1", "U2"


@dataclass
class Society:
    slack: FakeSlack
    sends: SlackSender
    house: House

    def standing_in(self, channel: str) -> list[dict[str, Any]]:
        return list(self.slack.messages[channel].values())

    async def heard(self, channel: str, words: str) -> dict[str, Any]:
        """The newest message in the channel that has these words."""

        def found() -> list[dict[str, Any]]:
            return [message for message in self.standing_in(channel) if words in str(message)]

        await until(found, f"“{words}” in {channel}")
        return found()[-1]

    async def knows(self, message: dict[str, Any]) -> None:
        """The house has kept that it was sent: somebody who answers needs longer to read it."""
        known = f"SELECT count(*) FROM delivery WHERE message = '{message['ts']}'"  # noqa: S608  a time
        await until(lambda: asks(self.house, known) == [(1,)], "the house to know what it sent")

    async def told(self, words: str) -> None:
        """Somebody alone was told so."""
        await until(lambda: words in str(self.slack.called("chat.postEphemeral")) + str(self.slack.responses), words)

    async def says(self, who: str, text: str) -> None:
        assert (await self.sends.event(event(direct_message(text, user=who))))[0] == 200

    async def presses(self, who: str, label: str, message: dict[str, Any], channel: str) -> tuple[int, str]:
        for block in message["blocks"]:
            for element in block.get("elements", []):
                if element.get("type") == "button" and element["text"]["text"] == label:
                    pressed = press(element["value"], user=who, channel=channel, message_ts=message["ts"])
                    return await self.sends.interaction(pressed)
        raise AssertionError(f"no button {label!r} in {message}")


@asynccontextmanager
async def living(folder: Path, **settings: str) -> AsyncIterator[Society]:
    """The whole house with these of Slack's settings, and a Slack outside it."""
    slack = await FakeSlack().start()
    slack.users[OLGA] = {"profile": {"display_name": "Olga"}, "locale": "en-GB", "tz": "Europe/London"}
    slack.users[PETE] = {"profile": {"display_name": "Pete"}, "locale": "en-GB", "tz": "Europe/London"}
    try:
        async with house(folder, SLACK_API_URL=slack.api_url, **settings) as built, open_session() as session:
            await built.serve()
            yield Society(slack, SlackSender(f"{built.url}/slack/events", SIGNING, session), built)
    finally:
        await slack.stop()


@pytest.fixture
async def society(tmp_path: Path) -> AsyncIterator[Society]:
    async with living(tmp_path, SLACK_BOT_TOKEN="xoxb-one", SLACK_SIGNING_SECRET=SIGNING) as here:
        yield here


async def organiser(society: Society) -> None:
    code = society.house.run("organiser", "Olga").stdout.split("/organiser ")[1].strip()
    await society.says(OLGA, code)
    await society.heard(direct(OLGA), "You are an organiser now")


async def test_a_society_is_attached_given_a_card_and_its_talk_becomes_ideas(society: Society) -> None:
    await organiser(society)
    assert society.house.run("load", str(ROOT / "examples" / "bodies.yaml")).returncode == 0
    await society.sends.command(command("/folkmoot", "attach planning", user=OLGA))
    await society.heard("C1", "This channel belongs to")
    await society.sends.command(command("/folkmoot", "post good-city", user=OLGA))
    card = await society.heard("C1", "What is this?")
    await society.knows(card)

    reply = channel_message("The crossing at the school needs a light", user=PETE, thread_ts=card["ts"])
    assert (await society.sends.event(event(reply)))[0] == 200
    society.slack.messages["C1"][reply["ts"]] = reply
    bulb = event(reaction(user=OLGA, ts=reply["ts"]))
    answers = await asyncio.gather(*(society.sends.event(bulb, attempt=attempt) for attempt in range(4)))
    assert {status for status, _ in answers} == {200}
    asked = await society.heard(direct(PETE), "would like to put this forward")
    assert len(society.standing_in(direct(PETE))) == 1, "asked once, however often Slack delivers"
    await society.presses(PETE, "Yes, put it forward", asked, direct(PETE))
    await society.heard(direct(PETE), "Your idea is in")
    status = society.house.run("status", "good-city").stdout
    assert "1 reply in channels" in status, status


async def test_a_modal_takes_all_answers_at_once_and_says_what_is_wrong(society: Society) -> None:
    await organiser(society)
    await society.sends.command(command("/folkmoot", "post good-city", user=OLGA))
    card = await society.heard("C1", "What is this?")
    await society.presses(PETE, "Answer", card, "C1")
    await until(lambda: society.slack.called("views.open"), "the modal")
    view = society.slack.called("views.open")[-1]["view"]
    blocks = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    assert len(blocks) >= 6

    def block(key: str) -> str:
        return str(next(one for one in blocks if one.endswith(key)))

    opened = {**view, "id": "V1", "hash": "1"}
    empty = from_view("view_submission", opened, {}, user=PETE)
    status, answer = await society.sends.interaction(empty)
    assert status == 200
    assert "response_action" in answer
    filled = {
        block("consent"): picked("yes", several=True), block("one_thing"): typed("A bench at every bus stop"),
        block("travel"): picked("bike"),
    }  # fmt: skip
    status, answer = await society.sends.interaction(from_view("view_submission", opened, filled, user=PETE))
    assert status == 200
    await society.heard(direct(PETE), "Your idea is in")
    await society.heard(direct(PETE), "That’s everything")
    assert "finished 1" in society.house.run("status", "good-city").stdout


async def test_the_same_conversation_in_a_direct_message_and_a_forgery_is_refused(society: Society) -> None:
    await society.says(PETE, "hello")
    asked = await society.heard(direct(PETE), "Is that all right with you?")
    await society.presses(PETE, "Yes, I agree", asked, direct(PETE))
    open_ = await society.heard(direct(PETE), "Pick one to take part")
    assert open_["ts"] == asked["ts"], "changed in place"
    await society.says(PETE, "city")
    await society.heard(direct(PETE), "Question 1 of 6")
    forged = SlackSender(f"{society.house.url}/slack/events", "another secret", society.sends._session)
    assert (await forged.event(event(direct_message("STOP", user=PETE))))[0] == 401
    await society.says(PETE, "stop")
    await society.heard(direct(PETE), "You won’t hear from me")
    assert "Traceback" not in society.house.log()


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_two_workspaces_install_by_themselves_and_their_tokens_are_nowhere_in_clear(tmp_path: Path) -> None:
    public = {"SLACK_CLIENT_ID": "client", "SLACK_CLIENT_SECRET": "secret", "SLACK_SIGNING_SECRET": SIGNING}
    async with living(tmp_path, **public) as society, httpx.AsyncClient() as admin:
        for team in ("T1", "T2"):
            page = await admin.get(f"{society.house.url}/slack/install")
            to_slack = re.search(r'href="([^"]+/authorize[^"]+)"', page.text)
            assert to_slack, page.text
            to_us = (await admin.get(f"{html.unescape(to_slack[1])}&team={team}")).headers["location"]
            cookie = page.headers["set-cookie"].split(";")[0]  # for https alone, so the client keeps it to itself here
            done = await admin.get(to_us, headers={"cookie": cookie})
            assert done.status_code == 200, done.text
            hello = event(direct_message("hello", user=f"U{team}"), team=team)
            assert (await society.sends.event(hello))[0] == 200
            await society.heard(direct(f"U{team}"), "Is that all right with you?")
        assert set(society.slack.tokens.values()) >= {"T1", "T2"}
        tokens = [token for token in society.slack.tokens if token.startswith("xoxb-code")]
        kept = b"".join(path.read_bytes() for path in (tmp_path / "var").iterdir())
        assert len(tokens) == 2
        assert not [token for token in tokens if token.encode() in kept]
        assert not [token for token in tokens if token in society.house.log()]


async def test_a_workspace_without_a_public_address_is_served_over_socket_mode(tmp_path: Path) -> None:
    async with living(tmp_path, SLACK_BOT_TOKEN="xoxb-one", SLACK_APP_TOKEN="xapp-one") as society:
        assert await society.slack.send_envelope("events_api", event(direct_message("hello", user=PETE)), patience=20)
        await society.heard(direct(PETE), "Is that all right with you?")
