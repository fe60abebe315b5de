"""The pictures of the main pages that stand in the docs, drawn anew: `make screens`. Light, dark, phone, laptop."""

import asyncio
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import Browser, async_playwright

from core.receipts import receipt_code
from storage.database import Database
from storage.migrations import migrate
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.desk.full import SLUG, fill
from tests.desk.stage import Stage, staged

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "screens"
COLOURS = 128
WIDTHS = {"phone": (360, 760), "laptop": (1280, 800)}
IDEA = receipt_code("1000001")

PAGES = {
    "consultations": "/desk/consultations",
    "writing": "/desk/drafts/{draft}",
    "trying": "/desk/drafts/{draft}/try",
    "watching": f"/desk/consultations/{SLUG}",
    "answers": f"/desk/consultations/{SLUG}/answers",
    "outcome": f"/desk/consultations/{SLUG}/outcome",
    "ideas": "/desk/ideas",
    "idea": f"/desk/ideas/{IDEA}",
    "members": "/desk/members",
    "public": f"/consultations/{SLUG}",
}
"""The ten main pages."""


async def draw(stage: Stage, browser: Browser, draft: str) -> None:
    desk = await stage.at_desk()
    for scheme in ("light", "dark"):
        for width, (across, down) in WIDTHS.items():
            context = await browser.new_context(
                base_url=stage.url, viewport={"width": across, "height": down}, locale="en-GB",
                color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce",
            )  # fmt: skip
            await context.add_cookies([{"name": "desk", "value": desk.cookies["desk"], "url": stage.url}])
            for name, address in PAGES.items():
                page = await context.new_page()
                answer = await page.goto(address.format(draft=draft))
                assert answer is not None
                assert answer.ok, f"{address}: {answer.status}"
                await page.wait_for_timeout(600)  # what loads by itself comes in
                _keep(await page.screenshot(), f"{name}-{width}-{scheme}")
                await page.close()
            await context.close()


def _keep(picture: bytes, name: str) -> None:
    """With few colours, for a repository is no album."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    image = whole.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(FOLDER / f"{name}.png", optimize=True)


async def make() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "folkmoot.db"
        url = f"sqlite:///{file}"
        async with Database(url) as database:
            await migrate(database)
        async with staged(file) as stage, async_playwright() as playwright:
            await fill(stage.assembly, url)
            desk = await stage.at_desk()
            made = await desk.post(f"/desk/consultations/{SLUG}/edit")
            draft = made.headers["location"].rstrip("/").split("/")[3].split("?")[0]
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            await draw(stage, browser, draft)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(make())
