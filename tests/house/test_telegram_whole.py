"""The whole product as members, a group and an organiser use it in Telegram."""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.telegram_payloads import BOT_NAME, TOKEN
from tests.fakes.telegram_server import TelegramServer
from tests.house.browser import Visitor
from tests.house.people import Person
from tests.house.processes import ROOT, House, house
from tests.house.test_apart import at_noon
from tests.patience import until

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
EVERY_KIND = str(ROOT / "tests" / "house" / "every-kind.yaml")
BODIES = str(ROOT / "examples" / "bodies.yaml")
GROUP, SUPERGROUP = -500, -1_001_000_000_777
PARKS = f"""
consultation: parks
title: Parks
framing: Which park shall we mend first?
timezone: {at_noon()}
audience: {{topics: [green]}}
prompts:
  - one: which
    ask: Which park?
    options: [North, South]
""".encode()


@asynccontextmanager
async def town(folder: Path, **more: str) -> AsyncIterator[tuple[TelegramServer, House]]:
    """A house with the consultation of every kind open, and Telegram outside."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramServer())
        telegram.world.clock = time.time
        settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, **more}
        built = await stack.enter_async_context(house(folder, **settings))
        await built.serve("serve", "--example", EVERY_KIND)
        yield telegram, built
        assert "Traceback" not in built.log()
        refused = [refusal.description for _, refusal in telegram.refused if refusal.code == 400]
        assert all("not modified" in why for why in refused), refused


async def test_members_a_group_a_visitor_and_an_organiser_spend_an_evening_with_it(tmp_path: Path) -> None:
    async with town(tmp_path) as (telegram, built):
        await asyncio.gather(
            answers_everything(Person(telegram, 7, "Ann")),
            changes_an_answer_and_stops(Person(telegram, 6, "Amy")),
            speaks_up(Person(telegram, 8, "Bob"), built),
            is_two_people_and_then_one(Person(telegram, 9, "Catrin", "cy"), built),
            blocks_and_comes_back(Person(telegram, 10, "Dan"), built),
            organises(Person(telegram, 20, "Olga"), Person(telegram, 21, "Pat"), Person(telegram, 22, "Bert"), built),
        )
        assert "begun 4, finished 2" in (await run(built, "status", "nine")), "Catrin is one, not two"


def asks(built: House, question: str) -> list[tuple[object, ...]]:
    """What the database answers."""
    with sqlite3.connect(built.folder / "var" / "folkmoot.db") as database:
        return database.execute(question).fetchall()


async def run(built: House, *command: str) -> str:
    """What a command of ours prints."""
    return (await asyncio.to_thread(built.run, *command)).stdout


async def answers_everything(ann: Person) -> None:
    assert "Hello Ann!" in await ann.says("/start c_nine", "all right with you")
    await ann.presses("Yes, I agree", "Question 1 of 8")
    await ann.presses("Agree", "Question 2")
    assert "1 to 5" in await ann.says("7", "Question 2")
    await ann.says("very", "Question 3")
    await ann.presses("By car", "Question 4 of 9")
    assert "Your answer: By car" in await ann.presses("← Back", "How do you get about")
    await ann.presses("By bus", "Question 4 of 8")
    await ann.presses("☐ Homes", "What is missing")
    assert "☑ Homes" in ann.labels()
    await ann.presses("Done", "✓ What is missing? Homes")
    await ann.says("parks then buses", "Would you come")
    await ann.presses("Yes", "Question 7 of 9")
    await ann.says("twelve", "Please send a number")
    await ann.says("12.5", "What one thing would help")
    await ann.says("A bench at every stop", "Your idea is in")
    await ann.hears("Question 9 of 9")
    await ann.presses("Skip", "That’s everything")


async def changes_an_answer_and_stops(amy: Person) -> None:
    await amy.says("nonagon", "all right with you")
    await amy.presses("Yes, I agree", "Question 1 of 8")
    for label in ("Skip", "5", "On foot", "Skip"):
        await amy.presses(label, "Question")
    assert "Your answers so far are kept" in await amy.presses("Later", "Open now")
    await amy.says("NONAGON", "Which two matter most?")
    await amy.presses("Skip", "Would you come?")
    await amy.says("no", "What one thing would help?")
    await amy.says("More benches", "Your idea is in")
    await amy.says("nothing else", "That’s everything")
    await amy.presses("My answers", "2. How happy are you? 5")
    await amy.presses("Change 1", "Streets should be slow.")
    assert "8. Anything else? nothing else" in await amy.presses("Disagree", "1. Streets should be slow. Disagree")
    await amy.says("stop", "You won’t hear from me again")


async def speaks_up(bob: Person, built: House) -> None:
    telegram = bob.telegram
    await bob.says("More trees please", "all right with you")
    await bob.presses("Yes, I agree", "Is this an idea")
    await bob.presses("Change it", "How should it read")
    await bob.says("More trees in the high street", "Is this an idea")
    trees = CODE.findall(await bob.presses("Yes", "Your idea is in"))[0]
    await bob.says("Fewer cars", "Is this an idea")
    await bob.presses("No", "it isn’t kept")
    assert "More trees in the high" in await bob.says(trees.lower().replace("-", " "), f"Idea {trees}")

    swings = CODE.findall(await bob.says("/idea Swings in the park", "Your idea is in"))[0]
    before = len(telegram.calls)
    telegram.edit(8, bob.said["message_id"], "/idea Swings and slides in the park")
    await bob.hears("now reads as you changed it", before)
    story = await read_story(built, swings)
    assert story["text"] == "Swings and slides in the park"
    assert [text for entry in story["story"] if (text := entry.get("text"))] == [
        "Swings in the park",
        "Swings and slides in the park",
    ]
    async with Visitor(built.url) as anybody:
        page = await anybody.opens(f"/ideas/{swings}")
        assert "Swings in the park" in page
        assert "Swings and slides in the park" in page
    await bob.says(f"/story {swings}", "Swings and slides")
    await bob.presses("Withdraw it", "Withdraw idea")
    await bob.presses("Yes, withdraw it", "withdrawn by its author")
    assert (await read_story(built, swings))["state"] == "withdrawn"

    before = len(telegram.calls)
    telegram.user_sends_photo(8, "The broken swing", b"\xff\xd8 the swing")
    await bob.hears("“The broken swing”", before)
    photo = CODE.findall(await bob.presses("Yes", "Your idea is in"))[0]
    before = len(telegram.calls)
    telegram.user_sends_voice(8, b"OggS a long story")
    await bob.hears("Which idea does it belong to", before)
    voice = CODE.findall(await bob.says("As I say in the note", "Your idea is in"))[0]
    async with httpx.AsyncClient(base_url=built.url) as anybody_else:
        for code, content, kind in (
            (photo, b"\xff\xd8 the swing", "image/jpeg"),
            (voice, b"OggS a long story", "audio"),
        ):
            file = await anybody_else.get(f"/ideas/{code}/attachments/1")
            assert file.content == content
            assert file.headers["content-type"].startswith(kind)
            assert (await anybody_else.get(f"/ideas/{code}/attachments/2")).status_code == 404
    fetched = [call["file_id"] for call in telegram.called("getFile") if not call["file_id"].startswith("BQAC")]
    assert len(fetched) == 2, "each when somebody looks, and not before"


async def is_two_people_and_then_one(catrin: Person, built: House) -> None:
    await catrin.says("/start", "Helo Catrin!")
    await catrin.presses("Ydy, rwy’n cytuno", "Ar agor nawr")
    await catrin.presses("Un o bob math", "Cwestiwn 1 o 8")
    await catrin.presses("Cytuno", "Cwestiwn 2")
    await catrin.presses("4", "Cwestiwn 3")
    async with Visitor(built.url) as visitor:
        await visitor.opens("/chat?start=c_nine")
        await visitor.presses("Yes, I agree")
        await visitor.presses("Disagree")
        code = CODE.findall(await visitor.says("/link"))[-1]
        await catrin.says(f"/link {code}", "Ni ellir ei ddadwneud yma")
        await catrin.presses("Ie, fi yw’r ddau", "un llais")
        assert "You write from Telegram." in await visitor.says("/me")
        assert "Question 3" in await visitor.opens("/chat?start=c_nine"), "what was answered there is answered here"
    await catrin.says("/language English", "From now on I write to you in English")
    await catrin.says("/me", "Language: English")


async def read_story(built: House, code: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=built.url) as program:
        told: dict[str, Any] = (await program.get(f"/ideas/{code}", headers={"accept": "application/json"})).json()
        return told


async def blocks_and_comes_back(dan: Person, built: House) -> None:
    telegram, gone = dan.telegram, "SELECT gone_at IS NOT NULL FROM address WHERE user_id = '10'"
    await dan.says("/start c_nine", "all right with you")
    await dan.presses("Yes, I agree", "Question 1")
    telegram.world.blocked.add(10)
    telegram.press(10, "Agree")
    await until(lambda: asks(built, gone) == [(1,)], "Dan to be known as gone")
    telegram.unblock(10)
    assert "Your answers so far are kept" in await dan.says("/start", "Open now")
    await dan.says("nonagon", "Question 2")
    assert asks(built, gone) == [(0,)]


async def organises(olga: Person, pat: Person, bert: Person, built: House) -> None:
    telegram = olga.telegram
    await olga.says("/status nine", "That is for organisers")
    await run(built, "load", BODIES)
    await olga.says(CODE.findall(await run(built, "organiser", "Olga"))[-1], "You are an organiser now")
    await asyncio.gather(follows_green(pat), mistypes_and_loads(olga))

    before = len(telegram.calls)
    await olga.says("/open parks", "is open now")
    await pat.hears("You are asked", before)
    await asyncio.gather(group_talks(olga.within(GROUP), bert, built), pat_answers(pat))

    await olga.says("/broadcast parks", "This asks 0 members")
    await olga.presses("Send it", "It is on its way")
    await olga.presses("How it stands", "finished 1")
    await olga.says("/close parks", "is closed")
    before = len(telegram.calls)
    await olga.says("/outcome parks Twelve benches will be built.", "Published")
    assert "Twelve benches will be built." in await pat.hears("this is what came of it", before)
    assert "Twelve benches" in await pat.says("/start c_parks", "This consultation closed")
    assert sum("You are asked" in text for text in pat.heard()) == 1, "who has answered isn't asked again"


async def follows_green(pat: Person) -> None:
    await pat.says("/start", "all right with you")
    await pat.presses("Yes, I agree", "Open now")
    await pat.says("/topics", "Tick what you want")
    await pat.presses("☐ Parks and nature", "Tick what you want")
    assert "☑ Parks and nature" in pat.labels()


async def mistypes_and_loads(olga: Person) -> None:
    before = len(olga.telegram.calls)
    olga.telegram.user_sends_document(20, "parks.yaml", PARKS.replace(b"title", b"titel"), "/check")
    await olga.hears("Did you mean “title”?", before)
    olga.telegram.user_sends_document(20, "deep.yml", b"[" * 200_000, "/check")
    await olga.hears("There is too much in here")
    olga.telegram.user_sends_document(20, "parks.yaml", PARKS, "/load")
    await olga.hears("Loaded “Parks”", before)


async def pat_answers(pat: Person) -> None:
    await pat.presses("Answer", "Which park?")
    await pat.presses("North", "That’s everything")


async def group_talks(olga: Person, bert: Person, built: House) -> None:
    telegram, there = olga.telegram, bert.within(GROUP)
    telegram.group_says(GROUP, 240_240, "I am Wanda and talk about swans")
    await olga.says(f"/attach@{BOT_NAME} riverside", "belongs to Riverside branch")
    await olga.says(f"/post@{BOT_NAME} parks", "Which park shall we mend first?")
    (answer, about), *_ = telegram.sent(GROUP)[-1]["reply_markup"]["inline_keyboard"]
    assert answer["url"] == f"https://t.me/{BOT_NAME}?start=c_parks"
    assert about["text"] == "What is this?"

    before = len(telegram.calls)
    telegram.press(22, "What is this?", chat_id=GROUP)
    assert "Which park shall" in await there.hears("Parks", before), "who never wrote to the bot is told all the same"
    quoted = telegram.group_says(GROUP, 22, "More benches by the river")["message"]
    await olga.says(f"/idea@{BOT_NAME}", "Bert, is that all right?", reply=quoted)
    await olga.presses("Yes, put it forward", "Only the person who said it")
    code = CODE.findall(await there.presses("Yes, put it forward", "Your idea is in"))[0]
    assert (await read_story(built, code))["text"] == "More benches by the river"

    before = len(telegram.calls)
    telegram.group_says(GROUP, 20, f"/me@{BOT_NAME}")
    await Person(telegram, 20).hears("What is kept about you", before)
    assert not any("What is kept" in text for text in there.heard(before)), "a private matter"

    telegram.migrate(GROUP, SUPERGROUP, 22)
    await olga.within(SUPERGROUP).says("/post parks", "Which park shall")
    with sqlite3.connect(built.folder / "var" / "folkmoot.db") as database:
        kept = "\n".join(database.iterdump())
    assert str(SUPERGROUP) in kept
    assert "Wanda" not in kept
    assert "swans" not in kept
    assert "240240" not in kept, "who only talks in a group stays unknown"
