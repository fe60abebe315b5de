"""What a member wrote to do harm, before the eyes of a real browser: nothing of it is run, and nothing has to be
blocked, for nothing of it ever gets so far."""

from pathlib import Path
from shutil import copy

import pytest
from playwright.async_api import Browser

from tests.desk.hostile import SLUG, build
from tests.desk.stage import staged

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_no_script_of_a_members_is_run_on_any_main_page(
    browser: Browser, migrated_file: Path, tmp_path: Path
) -> None:
    async with staged(Path(copy(migrated_file, tmp_path / "folkmoot.db"))) as stage:
        town = await build(stage)
        desk = await stage.at_desk()
        context = await browser.new_context(base_url=stage.url, viewport={"width": 360, "height": 740})
        await context.add_cookies([{"name": "desk", "value": desk.cookies["desk"], "url": stage.url}])
        page, faults = await context.new_page(), list[str]()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
        own = f"/desk/consultations/{SLUG}"
        addresses = (
            own, f"{own}/answers", f"{own}/answers/words", f"{own}/answers/idea", f"{own}/try", f"{own}/outcome",
            "/desk/ideas", *(f"/desk/ideas/{code}" for code in town.every_code[:4]), "/desk/members", "/desk/log",
            f"/desk/members/{town.other}", "/", f"/consultations/{SLUG}", f"/consultations/{SLUG}/ideas",
            f"/consultations/{SLUG}/results", f"/consultations/{SLUG}/card", "/board/planning",
            *(f"/ideas/{code}" for code in town.every_code[:3]),
        )  # fmt: skip
        for address in addresses:
            answer = await page.goto(address)
            assert answer is not None
            assert answer.ok, address
            assert await page.evaluate("typeof window.harmed") == "undefined", address
            assert await page.locator("zzharm, [onzz], [onerror], svg[onload]").count() == 0, address
        await context.close()
        assert not faults, "\n".join(faults)
