"""The whole house under platforms that fail, deliveries that repeat, processes that die, and people who attack it."""

import asyncio
import random
import signal
from collections.abc import Iterable
from pathlib import Path

from tests.fakes import telegram_payloads as payloads
from tests.fakes.telegram_payloads import Json
from tests.fakes.telegram_server import TelegramServer
from tests.house.browser import Visitor
from tests.house.people import Person
from tests.house.processes import House
from tests.house.test_telegram_whole import asks, town
from tests.patience import until

SECRET = "a-webhook-secret"
AT_ONCE = 20


async def test_a_platform_that_fails_for_a_while_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    async with town(tmp_path) as (telegram, _):
        ann = Person(telegram, 7, "Ann")
        await ann.says("/start c_nine", "all right with you")
        telegram.fail("answerCallbackQuery", 500, "Internal Server Error")
        telegram.fail("editMessageText", 429, "Too Many Requests: retry after 1", retry_after=1)
        await ann.presses("Yes, I agree", "Question 1")
        telegram.fail("getUpdates", 502, "Bad Gateway")
        telegram.fail("editMessageText", 500, "Internal Server Error")
        await ann.presses("Agree", "Question 2")
        telegram.hang("sendMessage", 1, accepts=False)
        await ann.says("3", "Question 3")
        telegram.drop("sendMessage", accepts=False)
        await ann.says("by car", "Question 4")
        for question in range(1, 5):
            assert sum(f"Question {question} of" in text for text in ann.heard()) == 1
        telegram.drop("sendMessage", accepts=True)
        before = len(telegram.calls)
        await ann.says("Because it rains", "Question 5")
        await until(lambda: len(ann.heard(before)) == 2, "the answer again, for nobody knows whether it arrived")


class Hook:
    """Telegram posting updates to us, as often and in what order a test likes."""

    def __init__(self, telegram: TelegramServer, built: House) -> None:
        self._telegram, self._url, self._number = telegram, f"{built.url}/telegram/webhook", 1_000

    def says(self, member: int, text: str) -> Json:
        self._telegram.world.started.add(member)
        who = self._telegram.world.user(member)
        self._number += 1
        message = payloads.message(text, sender=who, number=self._number, date=self._telegram.world.next_second())
        return payloads.build_update("message", message, self._number)

    def presses(self, member: int, data: str) -> Json:
        self._number += 1
        self._telegram.world.callbacks.add(f"callback-{self._number}")
        of, who = self._telegram.sent(member)[0], self._telegram.world.user(member)
        press = payloads.press(data, of, sender=who, callback=f"callback-{self._number}")
        return payloads.build_update("callback_query", press, self._number)

    async def posts(self, update: object) -> int:
        return await self._telegram.post(update, secret=SECRET, url=self._url)

    async def posts_all(self, updates: Iterable[Json], times: int = 4) -> list[int]:
        """Each so many times, in any order, all at once."""
        every = [update for update in updates for _ in range(times)]
        random.Random(5).shuffle(every)
        return await asyncio.gather(*map(self.posts, every))

    async def agrees(self, *members: int) -> None:
        await self.posts_all([self.says(member, "/start") for member in members], 1)
        await self._telegram.until(lambda: all(self._telegram.sent(member) for member in members))
        await self.posts_all([self.presses(member, "consent:yes") for member in members], 1)


async def test_what_is_delivered_often_out_of_order_and_at_once_has_one_effect_and_nothing_races(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, TELEGRAM_WEBHOOK_SECRET=SECRET) as (telegram, built), Visitor(built.url) as visitor:
        await until(lambda: "connected as" in built.log(), "Telegram to be connected")
        hook = Hook(telegram, built)
        await hook.agrees(7, 8)
        ideas = [hook.says(8, f"/idea Number {number}") for number in range(5)]
        presses = [
            hook.presses(7, f"answer:nine:slow:{one}") for one in ("agree", "disagree") for _ in range(AT_ONCE // 2)
        ]
        await visitor.opens("/chat?start=c_nine")
        await visitor.presses("Yes, I agree")

        statuses, answered = await asyncio.gather(hook.posts_all([*ideas, *presses]), types_at_once(visitor))
        assert set(statuses) == {200}
        assert answered == {200}

        assert asks(built, "SELECT count(*), count(DISTINCT code) FROM idea") == [(5, 5)]
        counted = "SELECT count(*), sum(latest) FROM answer WHERE prompt = 'slow'"
        assert asks(built, counted) == [(AT_ONCE, 1)], "every press counts once, and one of them is the latest"
        twice = "SELECT member_id, prompt FROM answer WHERE latest GROUP BY member_id, prompt HAVING count(*) > 1"
        assert asks(built, twice) == []
        page = await visitor.opens()
        assert page.count("You said: passable") == AT_ONCE
        await telegram.until(lambda: sum("Your idea is in" in text for text in telegram.texts(8)) == 5)
        assert sum("Your idea is in" in text for text in telegram.texts(8)) == 5


async def types_at_once(visitor: Visitor) -> set[int]:
    """Twenty messages from one browser, each sent twice, as by a double click."""
    posts = (visitor.post({"text": "passable", "key": f"nonce-{number:04}"}) for number in range(AT_ONCE) for _ in "12")
    return {answer.status_code for answer in await asyncio.gather(*posts)}


async def test_a_house_that_is_stopped_or_killed_under_load_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    async with town(tmp_path, TELEGRAM_WEBHOOK_SECRET=SECRET) as (telegram, built):
        await until(lambda: "connected as" in built.log(), "Telegram to be connected")
        hook = Hook(telegram, built)
        members = range(1_001, 1_021)
        await hook.agrees(*members)
        await holds_when(signal.SIGTERM, 1, telegram, built, hook, members)
        receipts = len(members)
        assert count(telegram, "Your idea is in", members) == receipts, "told to stop, it finishes what it is saying"
        await holds_when(signal.SIGKILL, 2, telegram, built, hook, members)


async def holds_when(
    stop: signal.Signals, number: int, telegram: TelegramServer, built: House, hook: Hook, members: range
) -> None:
    """The `number`th time that it is stopped: everybody puts an idea forward, and what got no answer comes again."""
    ideas = [hook.says(member, f"/idea Round {number} of {member}") for member in members]
    posts = [asyncio.create_task(hook.posts(update)) for update in ideas]
    await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    built.newest.send_signal(stop)
    statuses = await asyncio.gather(*posts)
    assert set(statuses) <= {0, 200, 500, 503}
    assert await asyncio.to_thread(built.newest.wait, 15) == (0 if stop is signal.SIGTERM else -stop)
    kept = {text for (text,) in asks(built, "SELECT text FROM story WHERE kind = 'said'")}
    acknowledged = [of["message"]["text"] for of, status in zip(ideas, statuses, strict=True) if status == 200]
    assert {text.removeprefix("/idea ") for text in acknowledged} <= kept
    await built.serve("serve")
    await until(lambda: built.log().count("connected as") == number + 1, "Telegram to be connected again")
    assert set(await hook.posts_all(ideas, 2)) == {200}
    expected = len(members) * number
    assert asks(built, "SELECT count(*) FROM idea") == [(expected,)]
    await telegram.until(lambda: count(telegram, "Your idea is in", members) >= expected)


def count(telegram: TelegramServer, words: str, members: Iterable[int]) -> int:
    return sum(words in text for member in members for text in telegram.texts(member))


NONSENSE: dict[str, object] = {
    "no JSON": b"{nonsense",
    "no Unicode": b"\xff\xfe",
    "no object": [1, 2],
    "depths": b"[" * 50_000,
    "a number without end": b'{"update_id": ' + b"9" * 5_000 + b"}",
    "an unknown kind": {"update_id": 1, "purchased_paid_media": {"from": 1}},
    "a message that is none": {"update_id": 2, "message": {"message_id": "x", "chat": 5}},
}
ODD_WORDS = {
    "nearly a megabyte": "x" * 990_000,
    "lone surrogates": "\ud800 more trees \udfff",
    "NUL": "more\0 trees",
    "overrides of direction": "\u202e\u2066 more trees \u202d",
    "emoji": "😀" * 4_096,
    "nothing to see": "\u200b" * 60,
    "braces": "{0} {text} %s more trees",
    "a command to nobody": "/",
    "a story of nothing": "/story '; DROP TABLE idea; --",
    "a zone that is none": "/timezone ../../etc/passwd",
    "a far consultation": "/start c_" + "z" * 60,
}
ODD_BUTTONS = [
    "retired:verb", ":::", "answer:nine", "answer:nine:slow:perhaps", "answer:gone:slow:agree", "ask:nine:gone",
    "tick:nine:missing:gone", "done:nine:best", "capture:ZZZZZZZZ:yes", "consent:perhaps", "language:xx",
    "timezone:Mars/Olympus", "follow:gone", "send:ZZZZZZZZ", "linked:ZZZZZZZZ", "withdrawn:AAAA-AAAA",
    "begin:" + "y" * 300, "code:\u0661\u0662", "story:\ud800",
]  # fmt: skip


async def test_whatever_telegram_may_ever_post_is_taken_and_answered_without_a_trace_of_a_fault(tmp_path: Path) -> None:
    async with town(tmp_path, TELEGRAM_WEBHOOK_SECRET=SECRET) as (telegram, built):
        await until(lambda: "connected as" in built.log(), "Telegram to be connected")
        hook = Hook(telegram, built)
        await hook.agrees(7, *range(1_001, 1_001 + len(ODD_WORDS)))
        await telegram.until(lambda: "Open now" in telegram.texts(7)[-1])
        for name, update in NONSENSE.items():
            assert await hook.posts(update) == 200, name
        for member, (name, words) in enumerate(ODD_WORDS.items(), 1_001):
            assert await hook.posts(hook.says(member, words)) == 200, name
        for data in ODD_BUTTONS:
            assert await hook.posts(hook.presses(7, data)) == 200, data
        members = range(1_001, 1_001 + len(ODD_WORDS))
        silent = {1_001 + list(ODD_WORDS).index("a command to nobody")}
        await telegram.until(lambda: all(len(telegram.sent(member)) == 2 for member in {*members} - silent))
        answers = dict(zip(ODD_WORDS, (telegram.texts(member)[-1] for member in members), strict=True))
        assert "longer than I can take" in answers["nearly a megabyte"]
        assert "“� more trees �”" in answers["lone surrogates"]
        assert "“more trees”" in answers["NUL"]
        assert "Please say it in a few words" in answers["emoji"]
        assert "“{0} {text} %s more trees”" in answers["braces"]
        assert asks(built, "SELECT count(*) FROM idea") == [(0,)]

        await asyncio.to_thread(built.run, "close", "nine")
        before = len(telegram.calls)
        assert await hook.posts(hook.presses(1_002, "answer:nine:slow:agree")) == 200
        await Person(telegram, 1_002).hears("This consultation closed", before)
        assert asks(built, "SELECT count(*) FROM answer") == [(0,)]
