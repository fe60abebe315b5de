"""Looking at a page as many see it: on narrow screens and wide ones, light and dark, with axe's rules in mind."""

from collections.abc import Iterable

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

_ALL: dict[str, object] = {"resultTypes": ["violations"]}
_COLOURS = _ALL | {"runOnly": {"type": "tag", "values": ["cat.color"]}}
_TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.unseen, .strokes'))
    .slice(0, 4).map(e => e.outerHTML.slice(0, 150))"""


async def found_by_axe(page: Page) -> list[str]:
    """In the page as it stands."""
    return await _judged(page, _ALL)


async def runs_off_the_side(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


async def what_runs_off(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(_TOO_WIDE)
    return found


async def faults_of(page: Page, widths: Iterable[int]) -> list[str]:
    """What axe finds and what runs off the side, at each width and in light and dark. Only colours differ between
    these two, so all other rules are asked about once at each width."""
    found: list[str] = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 760})
        if await runs_off_the_side(page):
            found.append(f"at {width}, runs off the side: {await what_runs_off(page)}")
        await page.emulate_media(color_scheme="light")
        found += [f"at {width}, light: {fault}" for fault in await _judged(page, _ALL)]
        await page.emulate_media(color_scheme="dark")
        found += [f"at {width}, dark: {fault}" for fault in await _judged(page, _COLOURS)]
    return found


async def _judged(page: Page, options: dict[str, object]) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    violations = await page.evaluate("options => axe.run(options).then(told => told.violations)", options)
    return [
        f"{violation['id']}: {node['html'][:120]} {node.get('failureSummary', '')}"
        for violation in violations
        for node in violation["nodes"]
    ]
