"""The pages of consultations, for everybody: axe finds nothing, nothing runs off the side, and no script is needed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse

from core.texts import Localised
from tests.browser.eyes import faults_of
from tests.browser.test_accessibility import WIDTHS
from tests.web.publics import EVERY, HOSTILE, consultation, public_stage
from tests.web.stage import serving
from web.app import create_app
from web.cards import frame

pytestmark = pytest.mark.asyncio(loop_scope="session")

ODD = consultation("odd", title=Localised.of(HOSTILE), framing=Localised.of(HOSTILE))
PAGES = {
    "home": "/",
    "every one": "/consultations",
    "open": "/consultations/trams",
    "over": "/consultations/parks",
    "decided": "/consultations/homes",
    "for one branch": "/consultations/branch-hall",
    "hostile": "/consultations/odd",
    "hostile results": "/consultations/odd/results",
    "results": "/consultations/trams/results",
    "no results yet": "/consultations/branch-hall/results",
    "ideas": "/consultations/trams/ideas",
    "no ideas yet": "/consultations/branch-hall/ideas",
    "card": "/consultations/trams/card",
    "card of a prompt": "/consultations/trams/card?prompt=happy",
    "body": "/board/riverside",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "none": "/consultations/nosuch",
    "welsh": "/consultations/trams?lang=cy",
}


@pytest_asyncio.fixture(loop_scope="session")
async def url() -> AsyncIterator[str]:
    stage = public_stage(*EVERY, ODD, public_url="")
    async with serving(create_app(stage.parts()), bell=stage.bell) as url:
        yield url


async def test_every_page_can_be_used_by_everybody(browser: Browser, url: str) -> None:
    context = await browser.new_context(
        base_url=url,
        reduced_motion="reduce",
        bypass_csp=True,  # for axe's own script, which no policy of ours would let in
    )
    page = await context.new_page()
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        await page.goto(path)
        if faults := await faults_of(page, WIDTHS):
            found[name] = faults
    assert found == {}
    await context.close()


async def test_somebody_finds_their_way_without_a_script(browser: Browser, url: str) -> None:
    context = await browser.new_context(base_url=url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_role("link", name="About homes").click()
    await expect(page.get_by_text("We will build two hundred.")).to_be_visible()
    await page.get_by_role("link", name="See all results").click()
    await expect(page.get_by_role("heading", name="How do you get about?")).to_be_visible()
    await page.get_by_text("As a table: How do you get about?").click()
    await expect(page.get_by_role("table", name="How do you get about?")).to_be_visible()
    await page.get_by_role("link", name="Consultations", exact=True).click()
    await page.get_by_role("link", name="About trams", exact=True).click()
    await page.get_by_role("link", name="Answer here").click()
    await expect(page.get_by_text("Welcome to Folkmoot")).to_be_visible()
    await context.close()


async def test_everything_is_reached_by_keyboard_and_what_it_is_on_is_shown(browser: Browser, url: str) -> None:
    context = await browser.new_context(base_url=url)
    page = await context.new_page()
    await page.goto("/consultations/trams/results")
    reached: list[str] = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        reached.append(str(await page.evaluate("document.activeElement.textContent.trim().slice(0, 40)")))
        ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if reached[-1] == "How it looks":
            break
        assert ring != "none", reached[-1]
    assert reached[0] == "Skip to the content"
    assert reached[-1] == "How it looks"
    assert "JSON" in reached
    await context.close()


async def test_a_card_stands_in_a_frame_of_another_origin(browser: Browser, url: str) -> None:
    async def show(_: Request) -> HTMLResponse:
        return HTMLResponse(frame(f"{url}/consultations/trams/card", "About trams"))

    elsewhere = FastAPI()
    elsewhere.add_route("/", show)
    context = await browser.new_context()
    page = await context.new_page()
    async with serving(elsewhere) as theirs:
        await page.goto(theirs)
        await expect(page.frame_locator("iframe").get_by_role("heading", name="About trams")).to_be_visible()
        await expect(page.frame_locator("iframe").get_by_text("1,204")).to_be_visible()
    await context.close()
