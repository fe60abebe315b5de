"""The same payloads over Slack's own connection, for a workspace without a public address."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.inbound import Commanded, Said
from tests.fakes.slack_sender import command, direct_message, event, from_view, press, typed
from tests.slack.asking import good_city
from tests.slack.conftest import Bot, Start


@pytest.fixture
async def bot(start: Start) -> AsyncIterator[Bot]:
    async with start(signing_secret="", app_token="xapp-one") as running:
        listening = asyncio.create_task(running.intake.run_socket_mode())
        await asyncio.wait_for(running.slack.connected.wait(), 10)
        yield running
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_events_and_commands_are_taken_in_and_acknowledged(bot: Bot) -> None:
    assert await bot.slack.send_envelope("events_api", event(direct_message("More trees")))
    assert await bot.slack.send_envelope("slash_commands", command("/idea", "A pond"))
    assert [type(inbound.deed) for inbound in bot.taken] == [Said, Commanded]
    assert bot.taken[0].name == "Ada"


async def test_what_could_not_be_taken_in_is_not_acknowledged(bot: Bot) -> None:
    payload = event(direct_message("More trees"))
    bot.take.faults.append(RuntimeError("the database is away"))
    assert await bot.slack.send_envelope("events_api", payload, patience=0.3) is None
    assert await bot.slack.send_envelope("events_api", payload)
    assert len(bot.taken) == 1


async def test_the_form_is_checked_over_the_same_connection(bot: Bot) -> None:
    bot.lookup.known.append(good_city())
    assert await bot.slack.send_envelope("interactive", press("begin:good-city"))
    view = bot.slack.called("views.open")[0]["view"] | {"id": "V000001", "hash": "x"}
    answer = await bot.slack.send_envelope("interactive", from_view("view_submission", view, {"idea": typed("?")}))
    assert answer is not None
    assert answer["payload"]["response_action"] == "errors"
