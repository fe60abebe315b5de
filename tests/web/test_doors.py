"""The doors for platforms, and whether we are alive and ready."""

from dataclasses import replace

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.web.stage import Stage, serving, visiting
from web.app import create_app


class Slack:
    async def handle(self, request: Request) -> Response:
        return PlainTextResponse(f"{request.method} {request.url.path} {(await request.body()).decode()}")


async def test_an_update_is_handed_on_untouched_and_answered_as_the_channel_says() -> None:
    stage = Stage()
    async with visiting(stage) as telegram:
        secret = {"x-telegram-bot-api-secret-token": "right"}
        assert (await telegram.post("/telegram/webhook", content=b'{"a": 1}', headers=secret)).status_code == 200
        forged = await telegram.post("/telegram/webhook", content=b"{", headers={"accept": "text/html"})
        assert (forged.status_code, forged.content) == (403, b"")
        assert forged.headers["connection"] == "close"
    assert stage.webhooks == [(b'{"a": 1}', "right")]


async def test_what_could_not_be_written_down_is_not_acknowledged() -> None:
    stage = Stage()
    stage.breaks = True
    async with visiting(stage) as telegram:
        secret = {"x-telegram-bot-api-secret-token": "right"}
        refused = await telegram.post("/telegram/webhook", content=b"{}", headers=secret)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "5"


async def test_slack_gets_its_requests_whole() -> None:
    stage = Stage()
    parts = replace(stage.parts(), slack=Slack())
    async with serving(create_app(parts), bell=stage.bell) as url, httpx.AsyncClient(base_url=url) as slack:
        assert (await slack.post("/slack/events", content=b"a=1")).text == "POST /slack/events a=1"
        assert (await slack.get("/slack/install")).text == "GET /slack/install "
        assert (await slack.get("/slack/oauth_redirect?code=1")).text == "GET /slack/oauth_redirect "


async def test_the_door_of_a_channel_that_is_off_says_so() -> None:
    stage = Stage()
    parts = replace(stage.parts(), telegram=None)
    async with serving(create_app(parts), bell=stage.bell) as url, httpx.AsyncClient(base_url=url) as anybody:
        for method, path in (
            ("POST", "/telegram/webhook"),
            ("POST", "/slack/events"),
            ("GET", "/slack/install"),
            ("GET", "/slack/oauth_redirect"),
        ):
            closed = await anybody.request(method, path)
            assert closed.status_code == 404
            assert closed.json()["error"].startswith("This server")


async def test_alive_is_one_thing_and_ready_another() -> None:
    stage = Stage()
    async with visiting(stage) as monitor:
        assert (await monitor.get("/healthz")).text == "ok"
        assert (await monitor.head("/readyz")).status_code == 200
        stage.store.missing = "The database lacks a migration: run `folkmoot migrate`."
        assert (await monitor.get("/healthz")).status_code == 200
        unready = await monitor.get("/readyz")
        assert (unready.status_code, unready.text) == (503, stage.store.missing)


async def test_the_first_page_shows_what_is_open_and_leads_into_it() -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        page = (await visitor.get("/")).text
        assert "What makes a good city?" in page
        assert 'href="/chat?start=c_good-city"' in page
        assert "Open until 1 June 2026, 14:05" in page
        stage.store.loaded = (replace(stage.store.loaded[0], closes_at=stage.clock.at),)
        assert "No consultation is open just now." in (await visitor.get("/")).text
