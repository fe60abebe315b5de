"""The web of a whole house under whatever is asked of it and posted to it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.fakes.telegram_payloads import TOKEN
from tests.house.browser import Visitor
from tests.house.processes import House, house
from tests.house.test_telegram_whole import EVERY_KIND


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def serving(folder: Path) -> AsyncIterator[House]:
    """One house for all that is tried on the web."""
    async with house(folder, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9") as built:
        await built.serve("serve", "--example", EVERY_KIND)
        yield built


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_no_address_and_no_method_makes_the_web_stumble(serving: House, accept: str) -> None:
    missing = [
        "/ideas/../../etc/passwd", "/ideas/..%2f..%2fetc%2fpasswd", "/ideas/%00", "/ideas/%ed%a0%80", "/ideas/%ff",
        "/ideas/" + "A" * 5_000, "/ideas/.json", "/ideas/AAAA-AAAA", "/ideas/AAAA-AAAA.json",
        "/ideas/AAAA-AAAA/attachments/1", "/ideas/AAAA-AAAA/attachments/-1", "/static/../app.py",
        "/static/%2e%2e/app.py", "/static/", "/docs", "/openapi.json", "/telegram/webhook/x",
    ]  # fmt: skip
    async with httpx.AsyncClient(base_url=serving.url, headers={"accept": accept}) as anybody:
        for path in missing:
            assert (await anybody.get(path)).status_code == 404, path
        for path in ("/", "/chat", "/ideas", "/healthz", "/readyz"):
            seen = await anybody.head(path)
            assert (seen.status_code, seen.content) == (200, b""), path
        for method, path in (("DELETE", "/chat"), ("PUT", "/ideas"), ("OPTIONS", "/"), ("GET", "/telegram/webhook")):
            assert (await anybody.request(method, path)).status_code == 405, path
        assert (await anybody.get("/ideas?code=%00%ff")).status_code == 422
        assert (await anybody.get("/?lang=%00")).status_code == 200
    assert "Traceback" not in serving.log()


async def test_a_visitor_is_only_who_their_cookie_says_and_only_posts_from_our_own_pages(serving: House) -> None:
    async with Visitor(serving.url) as visitor:
        await visitor.opens("/chat?start=c_nine")
        assert "Question 1" in await visitor.presses("Yes, I agree")
        name, cookie = visitor.cookie
        middle = len(cookie) // 2
        tampered = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
        for forged in ("", "forged", tampered, cookie.split(".")[0] + "..", '"a.b.c"', "A" * 3_000):
            for method, path in (("GET", "/chat/lines"), ("POST", "/chat")):
                async with httpx.AsyncClient(base_url=serving.url, cookies={name: forged}) as stranger:
                    refused = await stranger.request(method, path, data={"text": "/me"} if method == "POST" else None)
                assert refused.status_code == 403, (forged, path)
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            assert (await visitor.post({"text": "/idea Not mine"}, **headers)).status_code == 403
        assert "Not mine" not in await visitor.opens()


async def test_whatever_is_posted_to_the_chat_is_taken_or_refused_with_a_page(serving: House) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    posts: list[tuple[dict[str, object], int]] = [
        ({"json": {"text": "hello"}}, 415),
        ({"content": b"text=hello", "headers": {"content-type": "text/plain"}}, 415),
        ({"content": b"--x\r\nfoo", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 303),
        ({"content": b"--x\r\nfoo", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"files": {"text": ("a.txt", b"hello")}}, 303),
        ({"content": b"&".join(b"a%d=1" % number for number in range(3_000)), "headers": form}, 400),
        ({"content": b"text=%ff%fe%ed%a0%80%00", "headers": form}, 303),
        ({"content": b"text=a&text=b&action=home&action=help", "headers": form}, 303),
        ({"data": {"text": "x" * 900_000}}, 303),
        ({"data": {"action": "home", "message": "9" * 15, "timezone": "../../x"}}, 303),
        ({"data": {"action": "retired:" * 500, "message": "-1"}}, 303),
    ]
    async with Visitor(serving.url) as visitor:
        await visitor.opens()
        await visitor.presses("Yes, I agree")
        name, cookie = visitor.cookie
        async with httpx.AsyncClient(base_url=serving.url, cookies={name: cookie}) as attacker:
            for post, expected in posts:
                assert (await attacker.post("/chat", **post)).status_code == expected, post  # type: ignore[arg-type]
        for _ in range(2):
            await visitor.post({"text": "/idea Said with a double click", "key": "one-and-the-same"})
        words = await visitor.opens()
        assert words.count("Your idea is in") == 1
        assert "longer than I can take" in words
        assert "from an earlier version" in words
    await gives_up_in_the_middle(serving)
    assert "Traceback" not in serving.log()


async def gives_up_in_the_middle(serving: House) -> None:
    """A telephone in a tunnel."""
    _, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    cookieless = b"POST /telegram/webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"
    writer.write(cookieless)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async with httpx.AsyncClient(base_url=serving.url) as anybody:
        assert (await anybody.get("/healthz")).status_code == 200
