"""What somebody writes at the desk isn't lost: not with their sitting, and not with a page that they leave."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Dialog, Page, expect

from tests.desk.stage import Stage, consultation, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTCOME = "/desk/consultations/city/outcome"


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, migrated_file: Path, tmp_path: Path) -> AsyncIterator[tuple[Stage, Page]]:
    async with staged(Path(copy(migrated_file, tmp_path / "folkmoot.db"))) as stage:
        await stage.load(consultation())
        context = await browser.new_context(base_url=stage.url, locale="en-GB")
        yield stage, await context.new_page()
        await context.close()


async def _sit(stage: Stage, page: Page) -> None:
    sitting = await stage.at_desk()
    await page.context.add_cookies([{"name": "desk", "value": sitting.cookies["desk"], "url": stage.url}])


async def test_a_draft_that_is_saved_after_the_sitting_has_ended(desk: tuple[Stage, Page]) -> None:
    stage, page = desk
    await _sit(stage, page)
    await page.goto("/desk/drafts/new")
    await page.get_by_role("button", name="Begin", exact=True).click()
    await page.wait_for_url(re.compile(r"/desk/drafts/\d+$"))
    address = page.url
    await page.context.clear_cookies(name="desk")
    await page.get_by_label("Framing").fill("You wait there,\nwe build them.")
    await expect(page.get_by_role("heading", name="You no longer sit at the desk")).to_be_visible()
    await expect(page.get_by_text("we build them.")).to_be_visible()
    await _sit(stage, page)
    await page.get_by_role("button", name="Send it once more").click()
    await page.wait_for_url(address)
    await expect(page.get_by_label("Framing")).to_have_value("You wait there,\nwe build them.")


async def test_whoever_leaves_words_behind_is_asked_first(desk: tuple[Stage, Page]) -> None:
    stage, page = desk
    await _sit(stage, page)
    await page.goto(OUTCOME)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    words = page.get_by_role("textbox").first
    await words.fill("We plant two hundred trees.")
    await page.get_by_role("link", name="Answers").first.click()
    await expect(words).to_have_value("We plant two hundred trees.")
    assert asked == ["beforeunload"]
    await page.get_by_role("button", name="See how it will look").click()
    await expect(page.get_by_role("heading", name="Tell everybody who took part?")).to_be_visible()
    await page.get_by_role("button", name="Back to the words").click()
    await expect(words).to_have_value("We plant two hundred trees.")
    assert asked == ["beforeunload"]
