"""Every page, in light and dark, on a phone and a laptop: axe finds nothing, and nothing runs off the side."""

import pytest
from playwright.async_api import Browser, Page

from tests.browser.eyes import faults_of, runs_off_the_side
from tests.web.examples import COMPOSED, ERASED, HIDDEN, LATE, LONG, REDACTED, furnish
from tests.web.stage import CODE, NOW, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = {
    "home": "/",
    "box": "/ideas",
    "slip": "/ideas?code=K7M4-QX2P",
    "story": f"/ideas/{CODE}",
    "long story": f"/ideas/{LONG}",
    "composite": f"/ideas/{COMPOSED}",
    "hidden": f"/ideas/{HIDDEN}",
    "erased": f"/ideas/{ERASED}",
    "redacted": f"/ideas/{REDACTED}",
    "late": f"/ideas/{LATE}",
    "board": "/board",
    "body": "/board/planning",
    "body with few answers": "/board/riverside",
    "seals": "/seals",
    "trouble": "/nowhere",
    "welsh": "/?lang=cy",
}
WIDTHS = (320, 1280)
"""A small telephone and a laptop."""


async def chat_a_little(page: Page) -> None:
    await page.goto("/chat")
    await page.get_by_role("button", name="Answer its questions").click()
    await page.get_by_role("button", name="Very well").click()
    await page.get_by_text("What would you change?").wait_for()
    await page.get_by_label("Your message").fill("Benches at every tram stop, with a back to lean on.")
    await page.keyboard.press("Enter")
    await page.get_by_text("Thank you.").wait_for()
    await page.locator(".unsent li").wait_for(state="detached")


async def test_every_page_can_be_used_by_everybody(browser: Browser, url: str, stage: Stage) -> None:
    context = await browser.new_context(
        base_url=url,
        reduced_motion="reduce",
        bypass_csp=True,  # for axe's own script, which no policy of ours would let in
    )
    page = await context.new_page()
    found: dict[str, list[str]] = {}

    async def look(name: str) -> None:
        if faults := await faults_of(page, WIDTHS):
            found[name] = faults

    for path in ("/seals", "/board"):
        await page.goto(path)
        await look(f"{path}, before the first")
    furnish(stage)
    await stage.ledger.seal(NOW, 2)
    await stage.ledger.seal(NOW, 1)
    for name, path in PAGES.items():
        await page.goto(path)
        await look(name)
    await chat_a_little(page)
    await look("chat")
    stage.breaks = True
    await page.get_by_label("Your message").fill("And a roof, please.")
    await page.keyboard.press("Enter")
    await page.get_by_text("The connection is lost.").wait_for()
    await look("chat without a connection")
    assert found == {}
    await context.close()


async def test_every_target_is_large_enough_for_a_thumb(page: Page) -> None:
    await chat_a_little(page)
    for target in await page.locator("button, .button, .top a").all():
        box = await target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        assert box["height"] >= 44


async def test_the_page_grows_with_the_letters(browser: Browser, url: str, stage: Stage) -> None:
    furnish(stage)
    context = await browser.new_context(base_url=url, viewport={"width": 640, "height": 512}, device_scale_factor=2)
    page = await context.new_page()
    for path in ("/", f"/ideas/{LONG}", "/board", "/board/planning", "/chat"):
        await page.goto(path)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert not await runs_off_the_side(page)
    await context.close()


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_board_is_a_table_for_the_ear_however_it_looks(
    browser: Browser, url: str, stage: Stage, width: int
) -> None:
    furnish(stage)
    context = await browser.new_context(base_url=url, viewport={"width": width, "height": 740})
    page = await context.new_page()
    await page.goto("/board")
    table = page.get_by_role("table", name="How each body has answered")
    assert await table.get_by_role("columnheader").count() == 10
    row = table.get_by_role("row", name="Riverside branch")
    assert await row.get_by_role("rowheader").count() == 1
    assert await row.get_by_role("cell").count() == 9
    await context.close()
