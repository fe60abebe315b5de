"""How a consultation stands while it runs: what an organiser sees, orders, holds, sends again and shows to others."""

import asyncio
import re
from collections.abc import Iterable

import httpx
import pytest

from core.consultations import Audience, NudgeKind
from core.deeds import Did
from core.deliveries import Delivery, DeliveryState, Lease, Mark
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    BroadcastOrdered,
    ChannelAttached,
    ConsultationBegun,
    ConsultationFinished,
    IdeaCaptured,
    StoryContinued,
)
from core.ideas import Idea
from core.members import Address
from core.outbound import Message, Picture
from core.places import Place, Source
from core.stories import Entry, EntryKind, Rule
from core.watching import Watched
from tests.desk.stage import ADA, BODIES, BOT, CHIEF, DAY, LEEDS, NOW, SECRETARY, TOPICS, YORK, Stage, consultation

CITY = "/desk/consultations/city"
CHANNEL = Place("slack:T1", "C77", private=False)


# --- what happens on the stage
async def _broadcast(stage: Stage, slug: str = "city", audience: Audience | None = None) -> str:
    """Ordered and planned; its id."""
    id = f"{slug}-by-hand"
    at = stage.clock.at
    order = BroadcastOrdered(id, slug, "by-hand", NudgeKind.INVITATION, audience or Audience(), at)
    await stage.assembly.store.record([order])
    [ordered] = [one for one in await stage.assembly.planner.unplanned(at) if one.id == id]
    while not ordered.is_planned:
        ordered = await stage.assembly.planner.plan_page(ordered, {None: at}, None, 100)
    return id


async def _lease(stage: Stage, account: str = BOT) -> Lease:
    at = stage.clock.at
    leases = await stage.assembly.outbox.take_lanes("worker", at, at + DAY)
    return next(one for one in leases if one.account == account)


async def _claim(stage: Stage, account: str = BOT) -> tuple[Delivery, ...]:
    return await stage.assembly.outbox.claim(await _lease(stage, account), stage.clock.at, 100)


async def _settle(stage: Stage, state: DeliveryState, deliveries: Iterable[Delivery], why: str = "") -> None:
    marks = [Mark(one.id, state, why) for one in deliveries]
    await stage.assembly.outbox.mark(await _lease(stage), marks, stage.clock.at)


async def _look(stage: Stage, slug: str = "city") -> Watched:
    found = await stage.assembly.desk.watching.look(slug, stage.clock.at)
    assert found is not None
    return found


async def _answers(stage: Stage, who: Address, slug: str = "city") -> None:
    await stage.turn(
        who,
        ConsultationBegun(slug, NOW),
        AnswerGiven(slug, "one", "parks", NOW),
        AnswerGiven(slug, "many", ("parks", "bins"), NOW),
        ConsultationFinished(slug, NOW),
    )


async def _idea(stage: Stage, code: str, words: str, slug: str = "city") -> None:
    author = await stage.turn(ADA)
    story = (Entry(EntryKind.SAID, NOW, words), Entry(EntryKind.ACKNOWLEDGED, NOW))
    await stage.turn(ADA, IdeaCaptured(Idea(code, author.id, Source(BOT, "100", code), story, slug, "idea")))


async def _deeds(stage: Stage) -> list[Did]:
    return [one.deed.did for one in await stage.assembly.desk.deeds.latest(20, about="consultation:city")]


# --- the page
async def test_an_empty_one_says_what_will_be_seen(stage: Stage) -> None:
    await stage.load(consultation())
    page = (await (await stage.at_desk()).get(CITY)).text
    assert "About city" in page
    assert "Nothing has gone out yet." in page
    assert "No idea has come in yet." in page
    assert f'<a href="{CITY}">Look again</a>' in page, "it works without a script"


async def test_a_broadcast_says_what_became_of_every_message_and_why(stage: Stage) -> None:
    await stage.load(consultation())
    await _broadcast(stage)
    first, second, third, *rest = await _claim(stage)
    await _settle(stage, DeliveryState.SENT, [first])
    await _settle(stage, DeliveryState.FAILED, [second], "the chat <b>is</b> full")
    await _settle(stage, DeliveryState.SUPPRESSED, [third], "weekly budget")
    await _settle(stage, DeliveryState.UNCERTAIN, rest, "the sender was lost")
    page = (await (await stage.at_desk()).get(CITY)).text
    assert "the chat &lt;b&gt;is&lt;/b&gt; full" in page
    assert "had enough messages this week" in page
    assert "Neither tells us whether it was seen." in page
    assert "Send 2 uncertain ones again" in page
    assert "100 % settled" in page


async def test_what_waits_for_its_hour_is_told_apart_from_what_waits_its_turn(stage: Stage) -> None:
    await stage.load(consultation())
    await _broadcast(stage)
    [first, *_] = claimed = await _claim(stage)
    later = Mark(first.id, DeliveryState.PLANNED, "quiet hours", not_before=NOW + DAY, counted=False)
    again = [Mark(one.id, DeliveryState.PLANNED, counted=False) for one in claimed[1:]]
    await stage.assembly.outbox.mark(await _lease(stage), [later, *again], NOW)
    [sending] = (await _look(stage)).sendings
    assert (sending.later, sending.next_at, sending.settled, sending.total) == (1, NOW + DAY, 0, 5)
    assert sending.why == {DeliveryState.PLANNED: {"quiet hours": 1}}


async def test_what_is_over_is_counted_once_and_again_when_something_of_it_is_sent_again(stage: Stage) -> None:
    await stage.load(consultation())
    id = await _broadcast(stage)
    await _settle(stage, DeliveryState.UNCERTAIN, await _claim(stage))
    assert [one.states for one in (await _look(stage)).sendings] == [{DeliveryState.UNCERTAIN: 5}]
    assert [one.states for one in (await _look(stage)).sendings] == [{DeliveryState.UNCERTAIN: 5}]
    chief = await stage.at_desk()
    await chief.post(f"{CITY}/resend", data={"broadcast": id})
    assert [one.states for one in (await _look(stage)).sendings] == [{DeliveryState.PLANNED: 5}]
    await _settle(stage, DeliveryState.SENT, await _claim(stage))
    assert [one.states for one in (await _look(stage)).sendings] == [{DeliveryState.SENT: 5}]


async def test_answers_and_ideas_are_seen_as_they_come(stage: Stage) -> None:
    await stage.load(consultation())
    await _answers(stage, ADA)
    await _idea(stage, "K7M4-QX2N", "<script>alert(1)</script> \u202e trees " + "🌳" * 4000)
    watched = await _look(stage)
    assert (watched.begun, watched.finished, watched.finished_lately, watched.ideas) == (1, 1, 1, 1)
    page = (await (await stage.at_desk()).get(CITY)).text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "K7M4-QX2N" in page
    assert page.count("🌳") < 200, "words are cut short"


async def test_words_that_are_hidden_are_not_shown(stage: Stage) -> None:
    await stage.load(consultation())
    await _idea(stage, "K7M4-QX2N", "something unkind")
    [idea] = (await _look(stage)).latest

    hidden = Entry(EntryKind.HIDDEN, NOW, reason="unkind", body="planning", rule=next(iter(Rule)))
    await stage.assembly.store.record([StoryContinued(idea.code, hidden, len(idea.story))])
    page = (await (await stage.at_desk()).get(CITY)).text
    assert "something unkind" not in page
    assert "can’t be shown" in page


async def test_trouble_on_a_lane_is_told(stage: Stage) -> None:
    await stage.load(consultation())
    await _broadcast(stage)
    page = (await (await stage.at_desk()).get(CITY)).text
    assert "no process sends here" in page


# --- who may
ADDRESSES = ("", "/stream", "/open", "/close", "/broadcast", "/resend?broadcast=x")
ACTS = ("/open", "/close", "/broadcast", "/hold", "/resume", "/resend", "/picture")


@pytest.mark.parametrize("who", [YORK, SECRETARY])
async def test_of_another_branch_s_consultation_there_is_nothing_here(stage: Stage, who: Address) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    browser, own = await stage.at_desk(who), "/desk/consultations/leeds"
    for address in ADDRESSES:
        assert (await browser.get(own + address)).status_code in (403, 404), address
    for act in ACTS:
        assert (await browser.post(own + act, data={"broadcast": "x"})).status_code in (403, 404), act
    assert (await (await stage.at_desk(LEEDS)).get(own)).status_code == 200


async def test_a_broadcast_of_another_consultation_can_not_be_held_through_ones_own(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)), consultation("york", bodies=("york",)))
    id = await _broadcast(stage, "york", Audience(("york",)))
    lee = await stage.at_desk(LEEDS)
    for act in ("hold", "resume", "resend"):
        answer = await lee.post(f"/desk/consultations/leeds/{act}", data={"broadcast": id})
        assert answer.status_code == 404, act
    assert (await lee.get(f"/desk/consultations/leeds/resend?broadcast={id}")).status_code == 404


async def test_nothing_is_done_for_a_form_from_elsewhere(stage: Stage) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    for act in ACTS:
        headers = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
        assert (await chief.post(CITY + act, headers=headers)).status_code == 403, act


# --- opening and closing
async def test_it_is_opened_and_closed_after_a_question(stage: Stage) -> None:
    await stage.load(consultation(is_open=False))
    chief = await stage.at_desk()
    assert "Open it now?" in (await chief.get(f"{CITY}/open")).text
    opened = await chief.post(f"{CITY}/open")
    assert opened.headers["location"] == CITY
    assert "It is open." in (await chief.get(CITY)).text
    assert "Close it now?" in (await chief.get(f"{CITY}/close")).text
    await chief.post(f"{CITY}/close")
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert found.phase(NOW).value == "closed"
    assert await _deeds(stage) == [Did.CLOSED, Did.OPENED]


async def test_what_is_open_is_not_opened_twice(stage: Stage) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    await chief.post(f"{CITY}/open")
    assert (await chief.get(f"{CITY}/open")).status_code == 303
    assert await _deeds(stage) == []


# --- asking by hand
async def test_asking_says_whom_it_reaches_and_sends_only_after_a_yes(stage: Stage) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    assert "Leeds branch" in (await chief.get(f"{CITY}/broadcast")).text
    surely = (await chief.get(f"{CITY}/broadcast", params={"to": "all", "when": "now"})).text
    assert "Ask 5 members?" in surely
    assert (await _look(stage)).sendings == ()
    fields = dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', surely))
    for _ in range(2):  # pressed twice
        assert (await chief.post(f"{CITY}/broadcast", data=fields)).headers["location"] == CITY
    [sending] = (await _look(stage)).sendings
    assert sending.broadcast.audience == Audience()
    assert await _deeds(stage) == [Did.BROADCAST]


async def test_asking_a_body_at_a_time_of_the_consultation_s_own_clock(stage: Stage) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    asked = {"to": "body:leeds", "when": "at", "at": "2026-05-13T18:00"}
    surely = (await chief.get(f"{CITY}/broadcast", params=asked)).text
    assert "Ask 2 members?" in surely
    assert "13 May 2026, 18:00" in surely
    fields = dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', surely))
    await chief.post(f"{CITY}/broadcast", data=fields)
    [sending] = (await _look(stage)).sendings
    assert sending.broadcast.audience == Audience(("leeds",))
    assert sending.broadcast.at.isoformat() == "2026-05-13T18:00:00+00:00"


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"to": "all", "when": "at", "at": ""}, "Say when"),
        ({"to": "all", "when": "at", "at": "soon"}, "Say when"),
        ({"to": "all", "when": "at", "at": "2026-05-01T18:00"}, "has passed already"),
        ({"to": "all", "when": "at", "at": "2027-05-01T18:00"}, "open then"),
        ({"to": "body:nowhere", "when": "now"}, "Choose whom"),
    ],
)
async def test_what_is_wrong_with_an_order_stands_where_it_is(
    stage: Stage, asked: dict[str, str], problem: str
) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    shown = await chief.get(f"{CITY}/broadcast", params=asked)
    posted = await chief.post(f"{CITY}/broadcast", data={**asked, "token": "0" * 16})
    assert (shown.status_code, posted.status_code) == (422, 422)
    assert problem in shown.text
    assert (await _look(stage)).sendings == ()


async def test_nobody_outside_of_its_audience_can_be_asked(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    lee, own = await stage.at_desk(LEEDS), "/desk/consultations/leeds"
    posted = await lee.post(f"{own}/broadcast", data={"to": "body:york", "when": "now", "token": "0" * 16})
    assert posted.status_code == 422
    assert "York" not in (await lee.get(f"{own}/broadcast")).text


# --- held, and sent again
async def test_a_broadcast_is_held_and_goes_on(stage: Stage) -> None:
    await stage.load(consultation())
    id = await _broadcast(stage)
    chief = await stage.at_desk()
    await chief.post(f"{CITY}/hold", data={"broadcast": id})
    page = (await chief.get(CITY)).text
    assert "held by you or another organiser" in page
    assert "Let it go on" in page
    assert await _claim(stage) == ()
    await chief.post(f"{CITY}/resume", data={"broadcast": id})
    assert len(await _claim(stage)) == 5
    assert await _deeds(stage) == [Did.RESUMED, Did.HELD]


async def test_before_the_uncertain_ones_go_again_it_is_said_what_that_means(stage: Stage) -> None:
    await stage.load(consultation())
    id = await _broadcast(stage)
    await _settle(stage, DeliveryState.UNCERTAIN, await _claim(stage))
    chief = await stage.at_desk()
    page = (await chief.get(f"{CITY}/resend", params={"broadcast": id})).text
    assert "Whoever got the first gets it twice." in page
    await chief.post(f"{CITY}/resend", data={"broadcast": id})
    assert len(await _claim(stage)) == 5
    again = await chief.post(f"{CITY}/resend", data={"broadcast": id})
    assert "notice=nothing-uncertain" in again.headers["set-cookie"]
    assert await _deeds(stage) == [Did.RESENT]


# --- as it happens
async def _events(browser: httpx.AsyncClient, address: str, enough: int, **headers: str) -> list[dict[str, str]]:
    """So many parts, or all until the stream is over."""
    found: list[dict[str, str]] = []
    async with browser.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == 200
        event: dict[str, str] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                event[name] = event.get(name, "") + value
            elif event:
                found.append(event)
                if event["event"] == "over" or sum(one["event"] == "part" for one in found) >= enough:
                    return found
                event = {}
    return found


def _since(page: str) -> str:
    [since] = re.findall(r'data-since="([^"]*)"', page)
    return str(since)


async def test_what_changes_is_sent_part_by_part(stage: Stage) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    since = _since((await chief.get(CITY)).text)
    await _idea(stage, "K7M4-QX2N", "More trees")
    async with asyncio.timeout(20):
        alive, *parts = await _events(chief, f"{CITY}/stream?since={since}", 2)
    assert alive["event"] == "alive"
    names = {re.findall(r'data-part="([^"]+)"', part["data"])[0] for part in parts}
    assert names == {"state", "ideas"}, "the others stand as they did"


async def test_a_stream_goes_on_after_what_was_seen_last(stage: Stage) -> None:
    await stage.load(consultation())
    chief = await stage.at_desk()
    every = [event for event in await _events(chief, f"{CITY}/stream", 5) if event["event"] == "part"]
    since = every[-1]["id"]
    async with asyncio.timeout(20):
        parts = await _events(chief, f"{CITY}/stream", 1, **{"last-event-id": since})
    assert parts[-1]["data"] not in [part["data"] for part in every]


async def test_a_stream_is_over_when_the_sitting_is(stage: Stage) -> None:
    await stage.load(consultation())
    chief, other = await stage.at_desk(), await stage.at_desk()
    since = _since((await chief.get(CITY)).text)

    async def end() -> None:
        await asyncio.sleep(0.2)
        await other.post("/desk/sittings", data={"sitting": "others"})

    async with asyncio.timeout(20):
        events, _ = await asyncio.gather(_events(chief, f"{CITY}/stream?since={since}", 1), end())
    assert events[-1]["event"] == "over"


async def test_nobody_hears_a_stream_who_does_not_sit(stage: Stage) -> None:
    await stage.load(consultation())
    answer = await (await stage.browser()).get(f"{CITY}/stream")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk/enter")


# --- as a picture
async def _posted(stage: Stage, account: str) -> Message:
    await stage.assembly.outbox.open_lane(account)
    [delivery] = await _claim(stage, account)
    assert isinstance(delivery.content, Message)
    return delivery.content


async def test_a_chart_goes_into_ones_own_chat_as_a_picture(stage: Stage) -> None:
    await stage.load(consultation())
    await _answers(stage, ADA)
    chief = await stage.at_desk(CHIEF)
    assert (await chief.post(f"{CITY}/picture", data={"prompt": "one", "to": "me"})).headers["location"] == CITY
    message = await _posted(stage, BOT)
    assert isinstance(message.file, Picture)
    assert message.file.content.startswith(b"\x89PNG")
    assert message.file.alt.startswith("Which one? ")
    assert "Parks: 1" in message.text
    assert await _deeds(stage) == [Did.PICTURED]


async def test_a_chart_goes_into_a_body_s_channel_without_small_numbers(stage: Stage) -> None:
    await stage.load(consultation())
    await stage.assembly.store.record([BodiesLoaded(BODIES.all, TOPICS), ChannelAttached("leeds", CHANNEL)])
    await _answers(stage, ADA)
    chief = await stage.at_desk(CHIEF)
    assert "Leeds branch · Slack" in (await chief.get(CITY)).text
    answer = await chief.post(f"{CITY}/picture", data={"prompt": "one", "to": f"{CHANNEL.account} {CHANNEL.chat}"})
    assert answer.headers["location"] == CITY
    message = await _posted(stage, CHANNEL.account)
    assert isinstance(message.file, Picture)
    assert "Too few answered" in message.text
    assert "Parks: 1" not in message.text


@pytest.mark.parametrize(
    ("prompt", "to"), [("one", "slack:T1 C1"), ("words", "me"), ("idea", "me"), ("nothing", "me"), ("one", "")]
)
async def test_where_there_is_no_chart_or_no_such_chat_nothing_is_sent(stage: Stage, prompt: str, to: str) -> None:
    await stage.load(consultation())
    answer = await (await stage.at_desk()).post(f"{CITY}/picture", data={"prompt": prompt, "to": to})
    assert answer.status_code == 404
    assert await _deeds(stage) == []


async def test_into_a_channel_of_another_branch_nothing_is_sent(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    await stage.assembly.store.record([ChannelAttached("york", CHANNEL)])
    lee = await stage.at_desk(LEEDS)
    to = f"{CHANNEL.account} {CHANNEL.chat}"
    answer = await lee.post("/desk/consultations/leeds/picture", data={"prompt": "one", "to": to})
    assert answer.status_code == 404
