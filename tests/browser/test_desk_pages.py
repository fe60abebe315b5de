"""Every page of the desk with a town’s worth on it, on a phone and a laptop, light and dark: axe finds nothing, and
nothing runs off the side."""

from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.test_accessibility import found_by_axe, runs_off_the_side
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
WIDTHS = {"phone": 360, "laptop": 1280}


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def town(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stage, str]]:
    """One for all: nothing is changed in it."""
    file = Path(copy(migrated_file, tmp_path_factory.mktemp("town") / "folkmoot.db"))
    async with staged(file) as stage:
        await fill(stage.assembly, f"sqlite:///{file}")
        desk = await stage.at_desk()
        made = await desk.post(f"/desk/consultations/{SLUG}/edit")
        yield stage, made.headers["location"].rstrip("/").split("/")[3].split("?")[0]


async def _page(browser: Browser, stage: Stage, width: int, scheme: Literal["light", "dark"]) -> Page:
    desk = await stage.at_desk()
    context = await browser.new_context(
        base_url=stage.url, viewport={"width": width, "height": 760}, color_scheme=scheme, locale="en-GB",
        reduced_motion="reduce",
    )  # fmt: skip
    await context.add_cookies([{"name": "desk", "value": desk.cookies["desk"], "url": stage.url}])
    return await context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_every_page_of_the_desk_is_accessible(
    browser: Browser, town: tuple[Stage, str], width: int, scheme: Literal["light", "dark"]
) -> None:
    stage, draft = town
    page = await _page(browser, stage, width, scheme)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    found: dict[str, object] = {}
    for name, path in PAGES.items():
        answer = await page.goto(path.format(draft=draft))
        assert answer is not None
        if not answer.ok:
            found[name] = answer.status
            continue
        if problems := await found_by_axe(page):
            found[name] = problems
        if await runs_off_the_side(page):
            found[f"{name} runs off"] = await page.evaluate(
                "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
                ".slice(0, 3).map(e => e.outerHTML.slice(0, 120))"
            )
    await page.context.close()
    assert (found, faults) == ({}, [])
