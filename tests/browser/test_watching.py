"""A consultation watched in a real browser: what changes is put where it stands, and nothing else moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from core.consultations import Audience, NudgeKind
from core.events import BroadcastHeld, BroadcastOrdered, BroadcastResumed
from tests.browser.eyes import found_by_axe, runs_off_the_side
from tests.desk.stage import CHIEF, NOW, Stage, consultation, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

CITY = "/desk/consultations/city"


@pytest_asyncio.fixture(loop_scope="session")
async def stage(migrated_copy: Path) -> AsyncIterator[Stage]:
    async with staged(migrated_copy) as stage:
        await stage.load(consultation())
        order = BroadcastOrdered("b1", "city", "by-hand", NudgeKind.INVITATION, Audience(), NOW)
        await stage.assembly.store.record([order])
        [ordered] = await stage.assembly.planner.unplanned(NOW)
        await stage.assembly.planner.plan_page(ordered, {None: NOW}, None, 100)
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, stage: Stage) -> AsyncIterator[Page]:
    begun = await stage.assembly.desk.sittings.begin(CHIEF, NOW, "Firefox · Linux")
    assert begun is not None
    context = await browser.new_context(base_url=stage.url, viewport={"width": 360, "height": 740}, bypass_csp=True)
    await context.add_cookies([{"name": "desk", "value": begun.secret, "url": stage.url}])
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    yield page
    assert faults == []
    await context.close()


async def test_what_changes_is_put_where_it_stands_and_focus_and_folds_stay(page: Page, stage: Stage) -> None:
    await page.goto(CITY)
    await page.get_by_text("This page keeps itself up to date.").wait_for()
    what = page.locator("#why-0 summary")
    await what.focus()
    await page.keyboard.press("Enter")
    await stage.assembly.store.record([BroadcastHeld("b1", "city", NOW)])
    await page.get_by_role("button", name="Let it go on").wait_for()
    assert await page.locator("#why-0").get_attribute("open") is not None
    assert await page.evaluate("document.activeElement === document.querySelector('#why-0 summary')")
    await stage.assembly.store.record([BroadcastResumed("b1", "city")])
    await page.get_by_role("button", name="Hold it").wait_for()


async def test_it_is_held_and_goes_on_by_keyboard_alone(page: Page) -> None:
    await page.goto(CITY)
    await page.get_by_role("button", name="Hold it").focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("It is held: nothing more of it goes out").wait_for()
    await page.get_by_role("button", name="Let it go on").focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("It goes on.").wait_for()


async def test_the_page_says_so_when_the_sitting_is_over(page: Page, stage: Stage) -> None:
    await page.goto(CITY)
    await page.get_by_text("This page keeps itself up to date.").wait_for()
    chief = await stage.assembly.store.member_at(CHIEF)
    assert chief is not None
    await stage.assembly.desk.sittings.end_others(chief.id, 0)
    await page.get_by_text("You don’t sit here any more.").wait_for()


async def test_every_page_of_it_can_be_used_by_everybody(page: Page) -> None:
    found: dict[str, list[str]] = {}
    addresses = (
        "",
        "/broadcast",
        "/broadcast?to=all&when=at&at=",
        "/broadcast?to=all&when=now",
        "/close",
        "/resend?broadcast=b1",
    )
    for address in addresses:
        await page.goto(CITY + address)
        found[address] = await found_by_axe(page)
        assert not await runs_off_the_side(page), address
    assert {address: faults for address, faults in found.items() if faults} == {}
