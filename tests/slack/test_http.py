"""Payloads over real HTTP, through bolt, to what the conversation is given."""

import json
import time

import pytest
from starlette.requests import Request
from starlette.types import Message

from bots.slack.doorway import LARGEST_BODY, SlackDoorway
from bots.slack.settings import SlackSettings
from core.inbound import Commanded, Discussed, Edited, PutForward, Said
from core.members import Address
from core.places import Place
from tests.fakes.slack_sender import channel_message, command, direct_message, event, reaction, shortcut
from tests.fakes.slack_server import Failure
from tests.slack.conftest import SECRET, Bot, Start


async def test_a_direct_message_is_taken_in_before_it_is_acknowledged(bot: Bot) -> None:
    status, body = await bot.sender.event(event(direct_message("More trees")))
    assert (status, body) == (200, "")
    (inbound,) = bot.taken
    assert inbound.deed == Said("More trees", "1700000000.000100")
    assert inbound.place == Place.private_to(Address("slack:T1", "U1"))
    assert (inbound.name, inbound.locale, inbound.timezone) == ("Ada", "cy-GB", "Europe/London")


async def test_a_fault_answers_5xx_and_the_second_delivery_has_the_same_key(bot: Bot) -> None:
    payload = event(direct_message("More trees"))
    bot.take.faults.append(RuntimeError("the database is away"))
    assert await bot.sender.event(payload) == (500, "")
    assert bot.taken == []
    for attempt in (1, 2, 3):
        assert (await bot.sender.event(payload, attempt=attempt))[0] == 200
    assert len({inbound.key for inbound in bot.taken}) == 1
    assert len(bot.taken) == 3


async def test_a_forged_signature_is_refused(bot: Bot) -> None:
    body = json.dumps(event(direct_message("More trees"))).encode()
    for forged in ("v0=" + "0" * 64, "", "v0=é", "v1=nonsense"):
        status, _ = await bot.sender.raw(body, "application/json", headers={"X-Slack-Signature": forged})
        assert status == 401
    assert bot.taken == []


async def test_an_old_or_nonsensical_timestamp_is_refused(bot: Bot) -> None:
    body = json.dumps(event(direct_message("More trees"))).encode()
    assert (await bot.sender.raw(body, "application/json", at=int(time.time()) - 301))[0] == 401
    assert (await bot.sender.raw(body, "application/json", headers={"X-Slack-Request-Timestamp": "soon"}))[0] == 401
    assert bot.taken == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-slack-request-timestamp": "{now}"},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "{now}", "x-slack-signature": "v0=short"},
        {"x-slack-request-timestamp": "{now}", "x-slack-signature": "v0=" + "é" * 64},
        {"x-slack-request-timestamp": "-1", "x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "1700000000", "x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-request-timestamp": "9" * 5_000, "x-slack-signature": "v0=" + "0" * 64},
    ],
)
async def test_what_cannot_be_signed_is_refused_unread(bot: Bot, headers: dict[str, str]) -> None:
    async def never() -> Message:
        raise AssertionError("the body was read")

    now = str(int(time.time()))
    sent = [(name.encode(), value.replace("{now}", now).encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/slack/events", "query_string": b"", "headers": sent}
    doorway = SlackDoorway(SlackSettings(signing_secret=SECRET), bot.intake)
    refused = await doorway.handle(Request(scope, never))
    assert refused.status_code == 401
    assert refused.headers["connection"] == "close"


async def test_without_a_signing_secret_there_is_no_address_to_post_to(start: Start) -> None:
    async with start(signing_secret="", app_token="xapp-one") as bot:
        assert (await bot.sender.event(event(direct_message("More trees"))))[0] == 404
        assert bot.taken == []


async def test_an_unknown_event_is_acknowledged(bot: Bot) -> None:
    assert await bot.sender.event(event({"type": "emoji_changed", "subtype": "add"})) == (200, "")
    assert (await bot.sender.interaction({"type": "something_new", "team": {"id": "T1"}}))[0] == 200
    assert bot.taken == []


async def test_malformed_bodies_are_refused_cleanly(bot: Bot) -> None:
    for body in (b"{", b"[1, 2]", b'"words"', b"{" * 100_000, b'{"event": 3, "type": "event_callback"}'):
        assert (await bot.sender.raw(body, "application/json"))[0] == 400, body[:20]
    assert (await bot.sender.raw(b"\xff\xfe", "application/json"))[0] == 401
    assert (await bot.sender.raw(b"payload=%7B", "application/x-www-form-urlencoded"))[0] == 400
    assert bot.taken == []


async def test_a_body_beyond_all_reason_is_refused(bot: Bot) -> None:
    assert (await bot.sender.raw(b" " * (LARGEST_BODY + 1), "application/json"))[0] == 413


async def test_nearly_a_megabyte_of_text_is_cut_and_taken_in(bot: Bot) -> None:
    assert (await bot.sender.event(event(direct_message("x" * 900_000))))[0] == 200
    (inbound,) = bot.taken
    assert isinstance(inbound.deed, Said)
    assert len(inbound.deed.text) == 4_097


async def test_slack_can_check_the_address(bot: Bot) -> None:
    status, body = await bot.sender.event({"type": "url_verification", "challenge": "abc", "token": "x"})
    assert (status, json.loads(body)) == (200, {"challenge": "abc"})


async def test_commands_in_a_channel(bot: Bot) -> None:
    assert await bot.sender.command(command("/idea", "More &amp; better trees")) == (200, "")
    await bot.sender.command(command("/folkmoot", "Attach parks"))
    await bot.sender.command(command("/folkmoot"))
    deeds = [inbound.deed for inbound in bot.taken]
    assert deeds == [Commanded("idea", "More & better trees"), Commanded("attach", "parks"), Commanded("help", "")]
    assert bot.taken[0].place == Place("slack:T1", "C1", private=False)


async def test_a_reply_in_a_thread_is_discussion_and_asks_nobody_who_wrote_it(bot: Bot) -> None:
    await bot.sender.event(event(channel_message("I agree", thread_ts="1700000000.000001")))
    await bot.sender.event(event(channel_message("Just chatting")))
    (inbound,) = bot.taken
    assert inbound.deed == Discussed("1700000000.000200")
    assert inbound.place.thread == "1700000000.000001"
    assert bot.slack.called("users.info") == []


async def test_a_reaction_fetches_the_words_it_points_at(bot: Bot) -> None:
    parent = {"ts": "1700000000.000001", "text": "The card", "bot_id": "BBOTT1", "user": "UBOTT1"}
    reply = {
        "ts": "1700000000.000200", "thread_ts": "1700000000.000001", "text": "A pond, says <@U2>", "user": "U1",
    }  # fmt: skip
    bot.slack.messages["C1"] = {parent["ts"]: parent, reply["ts"]: reply}
    await bot.sender.event(event(reaction()))
    (inbound,) = bot.taken
    assert isinstance(inbound.deed, PutForward)
    quoted = inbound.deed.quoted
    assert (quoted.author, quoted.author_name) == (Address("slack:T1", "U1"), "Ada")
    assert (quoted.text, quoted.message) == ("A pond, says @Bob B", "1700000000.000200")
    assert inbound.sender == Address("slack:T1", "U2")
    assert inbound.place == Place("slack:T1", "C1", private=False, thread="1700000000.000001")


async def test_a_reaction_to_a_bot_or_with_another_emoji_puts_nothing_forward(bot: Bot) -> None:
    card = {"ts": "1700000000.000001", "text": "The card", "bot_id": "BBOTT1", "user": "UBOTT1"}
    bot.slack.messages["C1"] = {card["ts"]: card}
    await bot.sender.event(event(reaction(ts=card["ts"])))
    await bot.sender.event(event(reaction(name="tada")))
    await bot.sender.event(event(reaction(ts="1600000000.000001")))
    assert bot.taken == []


async def test_a_reaction_whose_message_cannot_be_fetched_now_comes_again(bot: Bot) -> None:
    message = {"ts": "1700000000.000200", "text": "A pond", "user": "U1"}
    bot.slack.messages["C1"] = {message["ts"]: message}
    bot.slack.fail("conversations.replies", Failure(status=429, retry_after=30))
    payload = event(reaction())
    assert (await bot.sender.event(payload))[0] == 500
    assert (await bot.sender.event(payload, attempt=1))[0] == 200
    assert len(bot.taken) == 1


async def test_the_shortcut_carries_its_message(bot: Bot) -> None:
    message = {"type": "message", "user": "U1", "ts": "1700000000.000200", "text": "A pond"}
    await bot.sender.interaction(shortcut(message))
    (inbound,) = bot.taken
    assert isinstance(inbound.deed, PutForward)
    assert (inbound.deed.quoted.text, inbound.deed.quoted.author_name, inbound.name) == ("A pond", "Ada", "Bob B")


async def test_an_edit_is_passed_on_and_a_link_preview_is_not(bot: Bot) -> None:
    change = {
        "type": "message", "subtype": "message_changed", "channel": "DU1", "channel_type": "im", "hidden": True,
        "ts": "1700000009.000100", "event_ts": "1700000009.000100",
        "message": {"user": "U1", "text": "Many trees", "ts": "1700000000.000100"},
        "previous_message": {"user": "U1", "text": "More trees", "ts": "1700000000.000100"},
    }  # fmt: skip
    await bot.sender.event(event(change))
    await bot.sender.event(event({**change, "previous_message": change["message"]}))
    assert [inbound.deed for inbound in bot.taken] == [Edited("Many trees", "1700000000.000100")]


async def test_people_are_asked_about_once_and_failing_to_is_harmless(bot: Bot) -> None:
    for _ in range(3):
        await bot.sender.event(event(direct_message("Hello")))
        await bot.sender.event(event(direct_message("Hello", user="U404")))
    assert [call["user"] for call in bot.slack.called("users.info")] == ["U1", "U404"]
    assert [inbound.name for inbound in bot.taken] == ["Ada", ""] * 3


async def test_a_workspace_that_let_nobody_in_gets_a_sentence_and_no_redelivery(bot: Bot) -> None:
    assert (await bot.sender.event(event(direct_message("Hello"), team="T7")))[0] == 200
    assert bot.taken == []


async def test_while_slack_cannot_say_whose_our_token_is_payloads_come_again(bot: Bot) -> None:
    bot.slack.fail("auth.test", Failure(status=503))
    payload = event(direct_message("Hello"))
    assert (await bot.sender.event(payload))[0] == 500
    assert (await bot.sender.event(payload))[0] == 200
    assert len(bot.slack.called("auth.test")) == 2
