"""The simulator beside the form: what was said to a draft is said again to what is written now."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.eyes import found_by_axe, runs_off_the_side
from tests.desk.stage import CHIEF, NOW, Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def stage(migrated_copy: Path) -> AsyncIterator[Stage]:
    async with staged(migrated_copy) as stage:
        yield stage


async def sit_down(browser: Browser, stage: Stage, width: int) -> Page:
    begun = await stage.assembly.desk.sittings.begin(CHIEF, NOW, "Firefox · Linux")
    assert begun is not None
    context = await browser.new_context(base_url=stage.url, viewport={"width": width, "height": 800}, bypass_csp=True)
    await context.add_cookies([{"name": "desk", "value": begun.secret, "url": stage.url}])
    return await context.new_page()


@pytest.mark.parametrize("width", [1280, 360])
async def test_a_draft_is_talked_through_beside_its_form_while_it_is_written(
    browser: Browser, stage: Stage, width: int
) -> None:
    page = await sit_down(browser, stage, width)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    await page.goto("/desk/drafts/new")
    await page.get_by_label("What do you want to ask about?").fill("Our parks")
    await page.get_by_role("button", name="Begin", exact=True).click()
    beside = page.get_by_role("region", name="Rehearsal")
    await page.locator("#try-pane h2").first.scroll_into_view_if_needed()
    await expect(beside).to_contain_text("It can’t be tried out yet")

    await page.get_by_label("Framing").fill("They are yours.")
    await page.get_by_role("button", name="Yes or no", exact=True).click()
    await page.locator("#f-prompts-0-ask-en").fill("Do you go there?")
    await beside.get_by_role("button", name="Answer", exact=True).click()
    await expect(beside).to_contain_text("Do you go there?")
    await page.locator("#f-prompts-0-ask-en").fill("Do you ever go there?")
    await expect(beside).to_contain_text("Do you ever go there?")
    await expect(page.locator("#f-prompts-0-ask-en")).to_be_focused()

    await page.get_by_role("button", name="An idea, which gets a story").click()
    await page.locator("#f-prompts-1-ask-en").fill("What is missing?")
    await expect(beside).to_contain_text("Question 1 of 2")
    await beside.get_by_role("button", name="Yes", exact=True).click()
    await expect(beside).to_contain_text("What is missing?")
    await expect(page.locator("#try-screen")).to_be_focused()
    await expect(page.get_by_label("Framing")).to_have_value("They are yours.")
    assert await found_by_axe(page) == []
    assert not await runs_off_the_side(page)
    await page.reload()
    await page.locator("#try-pane h2").first.scroll_into_view_if_needed()
    await expect(beside).to_contain_text("You are asked:")
    await expect(page.locator("body")).to_be_focused()
    assert faults == []
    await page.context.close()
