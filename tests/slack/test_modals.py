"""Opening, following and sending off the form, over real HTTP."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bots.slack.fields import Given
from core.consultations import Consultation
from core.inbound import Pressed, Submitted
from core.members import Address, Member
from core.places import Place
from core.texts import Phrase, T
from tests.fakes.slack_sender import from_view, picked, press, typed
from tests.slack.asking import good_city
from tests.slack.conftest import NOW, Bot

ME = Address("slack:T1", "U1")
RANKED = {"order/1": picked("bus"), "order/2": picked("bike"), "order/3": picked("car")}


@dataclass(frozen=True)
class FakeTurn:
    problems: dict[str, Phrase] = field(default_factory=dict)


@pytest.fixture
def asked(bot: Bot) -> Consultation:
    consultation = good_city()
    bot.lookup.known.append(consultation)
    bot.lookup.members[ME] = Member(1, "Ada", "en", consented_at=NOW)
    return consultation


async def opened(bot: Bot, **more: Any) -> dict[str, Any]:
    """The view that Slack shows after a press on *Answer*."""
    before = len(bot.slack.called("views.open"))
    assert (await bot.sender.interaction(press("begin:good-city", **more)))[0] == 200
    views = bot.slack.called("views.open")
    assert len(views) == before + 1
    id = list(bot.slack.hashes)[-1]
    return {**views[-1]["view"], "id": id, "hash": bot.slack.hashes[id]}


async def sent_off(bot: Bot, view: dict[str, Any], state: dict[str, Any]) -> Any:
    status, body = await bot.sender.interaction(from_view("view_submission", view, state))
    assert status == 200
    return json.loads(body) if body else None


async def test_answer_in_a_channel_opens_the_form_and_nothing_is_taken_in(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    assert json.loads(view["private_metadata"]) == {"consultation": "good-city", "chat": "C1"}
    assert view["callback_id"] == "answers"
    assert bot.taken == []


async def test_begin_in_a_direct_message_is_conversation(bot: Bot, asked: Consultation) -> None:
    await bot.sender.interaction(press("begin:good-city", channel="DU1"))
    assert bot.slack.called("views.open") == []
    assert [inbound.deed for inbound in bot.taken] == [Pressed("begin:good-city", "1700000000.000300")]


async def test_what_is_this_and_closed_consultations_go_to_the_conversation(bot: Bot, asked: Consultation) -> None:
    bot.lookup.known.append(replace(asked, slug="over", closes_at=NOW))
    for action in ("about:good-city", "begin:over", "begin:unknown", "begin", "from:an:older:version"):
        assert (await bot.sender.interaction(press(action)))[0] == 200
    assert bot.slack.called("views.open") == []
    assert len(bot.taken) == 5


async def test_an_answer_brings_its_prompts_about_and_what_is_typed_stays(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    state = {"idea": typed("A pond"), "home": picked("yes")}
    await bot.sender.interaction(from_view("block_actions", view, state))
    (update,) = bot.slack.called("views.update")
    assert (update["view_id"], update["hash"]) == (view["id"], view["hash"])
    fields = {block["block_id"]: block for block in update["view"]["blocks"] if block["type"] == "input"}
    assert "years" in fields
    assert fields["idea"]["element"]["initial_value"] == "A pond"
    assert bot.taken == []


async def test_a_press_that_changes_nothing_or_came_too_late_is_harmless(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    await bot.sender.interaction(from_view("block_actions", view, {"home": picked("no")}))
    assert bot.slack.called("views.update") == []
    for late in ({**view, "hash": "0.older"}, {**view, "id": "V999999"}):
        assert (await bot.sender.interaction(from_view("block_actions", late, {"home": picked("yes")})))[0] == 200


async def test_a_good_form_is_taken_in_once_and_closes(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    state = {"idea": typed("A pond"), "home": picked("no"), "mood": picked("4"), **RANKED}
    assert await sent_off(bot, view, state) is None
    assert await sent_off(bot, view, state) is None
    first, second = bot.taken
    values: dict[str, Given] = {"idea": "A pond", "home": "no", "mood": "4", "order": ("bus", "bike", "car")}
    assert first.deed == Submitted("good-city", values)
    assert first.place == Place("slack:T1", "C1", private=False)
    assert first.key == second.key


async def test_mistakes_are_shown_in_the_form_and_nothing_is_taken_in(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    answer = await sent_off(bot, view, {"idea": typed("?"), "order/2": picked("bus")})
    assert answer == {
        "response_action": "errors",
        "errors": {
            "idea": "Please say it in a few words.",
            "order/1": "Please put all 3 in order, the best first.",
        },
    }
    assert bot.taken == []


async def test_a_number_brings_its_prompt_about_when_the_form_is_sent(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    state = {"idea": typed("A pond"), "home": picked("yes")}
    await bot.sender.interaction(from_view("block_actions", view, state))
    wider = {**bot.slack.called("views.update")[-1]["view"], "id": view["id"], "hash": "x"}
    answer = await sent_off(bot, wider, {**state, "years": typed("70")})
    assert answer["response_action"] == "update"
    assert "old" in [block.get("block_id") for block in answer["view"]["blocks"]]
    assert bot.taken == []
    assert await sent_off(bot, answer["view"] | {"id": view["id"]}, {**state, "years": typed("70")}) is None
    assert len(bot.taken) == 1


async def test_a_newcomer_agrees_in_the_form(bot: Bot, asked: Consultation) -> None:
    bot.lookup.members.clear()
    view = await opened(bot)
    answer = await sent_off(bot, view, {"idea": typed("A pond")})
    assert answer["errors"] == {"consent": "I can only keep your answers if you agree."}
    assert await sent_off(bot, view, {"idea": typed("A pond"), "consent": picked("yes", several=True)}) is None
    (inbound,) = bot.taken
    assert inbound.deed == Submitted("good-city", {"idea": "A pond", "consent": ("yes",)})


async def test_a_form_of_a_consultation_that_closed_says_so_in_the_form(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    bot.lookup.known[:] = [replace(asked, closes_at=NOW)]
    bot.take.answer = FakeTurn({"idea": T("This consultation isn’t open any more.")})
    answer = await sent_off(bot, view, {"idea": typed("A pond")})
    assert answer["errors"] == {"idea": "This consultation isn’t open any more."}
    bot.take.answer = FakeTurn({"consent": T("I can only keep your answers if you agree.")})
    answer = await sent_off(bot, view, {"idea": typed("A pond")})
    assert answer["response_action"] == "update"
    assert "I can only keep your answers if you agree." in str(answer["view"])


async def test_a_fault_keeps_the_form_open(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot)
    bot.take.faults.append(RuntimeError("the database is away"))
    payload = from_view("view_submission", view, {"idea": typed("A pond")})
    assert (await bot.sender.interaction(payload))[0] == 500
    assert (await bot.sender.interaction(payload))[0] == 200
    assert len(bot.taken) == 1


async def test_the_form_speaks_the_members_language(bot: Bot, asked: Consultation) -> None:
    bot.lookup.members[ME] = Member(1, "Ada", "cy", consented_at=NOW)
    view = await opened(bot)
    assert view["blocks"][0]["text"]["text"] == "Beth sy’n gwneud dinas dda?"


async def test_answer_on_the_home_page_opens_the_form(bot: Bot, asked: Consultation) -> None:
    view = await opened(bot, type="view", view_id="HU1", message_ts=None, channel_id=None)
    assert view["callback_id"] == "answers"
