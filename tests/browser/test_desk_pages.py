"""Every page of the desk with a town’s worth on it, on a phone and a laptop, light and dark: axe finds nothing, and
nothing runs off the side."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.eyes import faults_of
from tests.desk.full import SLUG, fill
from tests.desk.screens import IDEA
from tests.desk.screens import PAGES as MAIN
from tests.desk.stage import Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = MAIN | {
    "archive": "/desk/archive",
    "new draft": "/desk/drafts/new",
    "draft as yaml": "/desk/drafts/{draft}/file",
    "what is asked": f"/desk/consultations/{SLUG}/edit",
    "reach": "/desk/drafts/{draft}/reach",
    "timeline": "/desk/drafts/{draft}/timeline",
    "export": f"/desk/consultations/{SLUG}/export",
    "import": "/desk/members/import",
    "developers": "/desk/developers",
    "log": "/desk/log",
    "sittings": "/desk/sittings",
    "welsh": "/desk/consultations?lang=cy",
    "results": f"/consultations/{SLUG}/results",
    "talk": f"/desk/ideas/{IDEA}/talk",
}
WIDTHS = (360, 1280)


@pytest_asyncio.fixture(loop_scope="session")
async def town(migrated_copy: Path) -> AsyncIterator[tuple[Stage, str]]:
    async with staged(migrated_copy) as stage:
        await fill(stage.assembly, f"sqlite:///{migrated_copy}")
        desk = await stage.at_desk()
        made = await desk.post(f"/desk/consultations/{SLUG}/edit")
        yield stage, made.headers["location"].rstrip("/").split("/")[3].split("?")[0]


async def _page(browser: Browser, stage: Stage) -> Page:
    desk = await stage.at_desk()
    context = await browser.new_context(base_url=stage.url, locale="en-GB", reduced_motion="reduce")
    await context.add_cookies([{"name": "desk", "value": desk.cookies["desk"], "url": stage.url}])
    return await context.new_page()


async def test_every_page_of_the_desk_is_accessible(browser: Browser, town: tuple[Stage, str]) -> None:
    stage, draft = town
    page = await _page(browser, stage)
    wrong: list[str] = []
    page.on("pageerror", lambda fault: wrong.append(str(fault)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    found: dict[str, object] = {}
    for name, path in PAGES.items():
        answer = await page.goto(path.format(draft=draft))
        assert answer is not None
        if not answer.ok:
            found[name] = answer.status
        elif faults := await faults_of(page, WIDTHS):
            found[name] = faults
    await page.context.close()
    assert (found, wrong) == ({}, [])
