"""What every request and answer passes: limits, headers, and kind words where something is refused."""

from collections.abc import AsyncIterator

import pytest

from tests.web.stage import CODE, Stage, visiting
from web.protection import LARGEST_BODY


@pytest.mark.parametrize("path", ["/chat", "/telegram/webhook", "/slack/events", "/nowhere"])
async def test_a_body_that_says_it_is_too_large_is_refused_unread(path: str) -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        refused = await visitor.post(path, content=b"x" * (LARGEST_BODY + 1))
        assert refused.status_code == 413
    assert stage.taken == []
    assert stage.webhooks == []


async def test_a_body_of_unsaid_length_is_counted_as_it_comes() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    stage = Stage()
    async with visiting(stage) as visitor:
        secret = {"x-telegram-bot-api-secret-token": "right"}
        refused = await visitor.post("/telegram/webhook", content=endless(), headers=secret)
        assert refused.status_code == 413
    assert stage.webhooks == []


async def test_a_body_within_the_limit_is_taken() -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        body = b"x" * (LARGEST_BODY - 1)
        secret = {"x-telegram-bot-api-secret-token": "right"}
        assert (await visitor.post("/telegram/webhook", content=body, headers=secret)).status_code == 200
    assert stage.webhooks == [(body, "right")]


async def test_the_limit_is_the_same_for_whoever_shows_the_secret() -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        body, secret = b"x" * (LARGEST_BODY + 1), {"x-telegram-bot-api-secret-token": "right"}
        assert (await visitor.post("/telegram/webhook", content=body, headers=secret)).status_code == 413
    assert stage.webhooks == []


@pytest.mark.parametrize("path", ["/", "/ideas", f"/ideas/{CODE}", "/nowhere", "/healthz", "/static/chat.js"])
async def test_every_answer_carries_the_headers_that_protect_it(path: str) -> None:
    async with visiting(Stage(public_url="https://chat.example.org")) as visitor:
        headers = (await visitor.get(path)).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000"


async def test_pages_carry_neither_scripts_nor_styles_of_their_own() -> None:
    async with visiting(Stage(), follow_redirects=True) as visitor:
        for path in ("/", "/chat", "/ideas", f"/ideas/{CODE}", "/nowhere"):
            page = (await visitor.get(path)).text
            assert "<style" not in page
            assert " style=" not in page
            assert "onclick" not in page
            assert page.count("<script") == page.count('<script src="/static/') <= 1
            assert "//" not in page.replace("http://127.0.0.1", "").replace("https://example.org/", "")


async def test_a_fault_of_ours_is_told_without_its_insides() -> None:
    stage = Stage()
    stage.faults = True
    async with visiting(stage) as visitor:
        page = await visitor.get("/")
        assert page.status_code == 500
        assert "our side" in page.text
        assert "secret insides" not in page.text
        assert "content-security-policy" in page.headers
        for_programs = await visitor.get("/", headers={"accept": "application/json"})
        assert list(for_programs.json()) == ["error"]


async def test_what_is_kept_by_browsers_is_marked_with_its_content() -> None:
    async with visiting(Stage()) as visitor:
        page = (await visitor.get("/")).text
        address = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "immutable" in (await visitor.get(address)).headers["cache-control"]
        assert "immutable" not in (await visitor.get("/static/folkmoot.css")).headers["cache-control"]
        assert (await visitor.get("/ideas")).headers["cache-control"] == "no-store"


async def test_a_wrong_method_is_refused_in_our_own_look() -> None:
    async with visiting(Stage()) as visitor:
        refused = await visitor.put("/chat")
        assert refused.status_code == 405
        assert "Folkmoot" in refused.text
