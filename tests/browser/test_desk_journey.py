"""The whole way of a consultation at the desk, by somebody who was never told how: by mouse on a laptop, by keyboard
alone on a phone, with real processes behind it; and the public pages without any script."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from core.events import ConsultationClosed, OutcomePublished
from core.texts import Localised
from tests.desk.full import SLUG, fill
from tests.desk.screens import IDEA
from tests.desk.stage import staged
from tests.house.processes import House, house, quiet_example
from tests.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

CITIES = ("Europe/London", "America/New_York", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland")
LINK = re.compile(r"The desk: (http\S+/desk/enter/\S+)")


def where_it_is_day() -> str:
    """A zone whose people may be written to now, and for some hours yet."""
    now = datetime.now(UTC)
    return next(city for city in CITIES if 9 <= now.astimezone(ZoneInfo(city)).hour < 18)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[House, str]]:
    """With the link to the desk that stands on its console. The example asks nobody, or what is asked here would be
    more than a week's messages."""
    async with house(folder, TIMEZONE=where_it_is_day()) as built:
        await built.serve("serve", "--example", str(quiet_example(folder)))
        await until(lambda: LINK.search(built.log()), "a link on the console")
        found = LINK.search(built.log())
        assert found is not None
        yield built, found[1]


async def somebody(browser: Browser, url: str, width: int = 1280, *, script: bool = True) -> Page:
    context = await browser.new_context(
        base_url=url, viewport={"width": width, "height": 800}, locale="en-GB", timezone_id=where_it_is_day(),
        reduced_motion="reduce", java_script_enabled=script,
    )  # fmt: skip
    return await context.new_page()


def faults_of(page: Page) -> list[str]:
    """What its scripts trip over, what the policy forbids, and what the server couldn't answer."""
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
    return faults


async def press(page: Page, name: str, role: str = "button") -> None:
    await page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]  # a role, as it is called


async def agree(page: Page) -> None:
    await page.goto("/chat")
    await press(page, "Yes, I agree")
    await expect(page.get_by_text("Open now")).to_be_visible()


async def take_part(page: Page, idea: str, wait: str) -> str:
    """Both questions; the receipt code of the idea."""
    await page.get_by_role("button", name="Answer", exact=True).last.click()
    await page.get_by_role("button", name=wait, exact=True).last.click()
    await expect(page.get_by_text("What would make it better?").last).to_be_visible()
    await page.get_by_label("Your message").fill(idea)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("That’s everything. Thank you!")).to_be_visible()
    found = re.search(r"receipt: (\w{4}-\w{4})", await page.locator("main").inner_text())
    assert found is not None
    return found[1]


async def test_a_consultation_is_written_asked_watched_answered_and_closed(browser: Browser, tmp_path: Path) -> None:
    async with opened(tmp_path) as (built, link):
        desk, ada, bryn = [await somebody(browser, built.url, width) for width in (1280, 360, 360)]
        faults = [faults_of(page) for page in (desk, ada, bryn)]
        for member in (ada, bryn):
            await agree(member)

        # coming in, and writing
        await desk.goto(link)
        await press(desk, "Come in")
        await press(desk, "Write a consultation", "link")
        await desk.get_by_label("What do you want to ask about?").fill("Our bus stops")
        await press(desk, "Begin")
        await desk.get_by_label("Framing").fill("You wait there, we build them.")
        await press(desk, "An idea, which gets a story")
        await desk.locator("#f-prompts-0-ask-en").fill("What would make it better?")
        await press(desk, "Pick one")
        await desk.locator("#f-prompts-1-ask-en").fill("How do you mostly wait?")
        for number, words in enumerate(("Standing", "Sitting")):
            await desk.locator(f"#f-prompts-1-options-{number}-label-en").fill(words)
        await desk.get_by_role("button", name="Move up").last.click()
        await expect(desk.locator(".which").first).to_contain_text("How do you mostly wait?")
        await desk.get_by_label("The body that answers").select_option(label="Planning Commission")
        await expect(desk.get_by_text("An invitation reaches 3 members now.")).to_be_visible()

        # trying it: on the simulator, and on oneself
        await press(desk, "Try it out")
        await press(desk, "Answer")
        await expect(desk.get_by_role("button", name="Standing")).to_be_visible()
        await press(desk, "Back to writing it", "link")
        await press(desk, "Publish …")
        await press(desk, "Send me the test")
        await expect(desk.get_by_text("A test is on its way to your own chat.")).to_be_visible()

        # asking
        await press(desk, "Publish it and open it now")
        await expect(desk.get_by_text("It is published and open.")).to_be_visible()
        await expect(desk.get_by_text("This page keeps itself up to date.")).to_be_visible()
        for member in (ada, bryn):
            await expect(member.get_by_text("You are asked:")).to_be_visible()
        await press(desk, "Ask people now", "link")
        await press(desk, "See whom it reaches")
        await press(desk, "Send it")
        await expect(desk.get_by_text("It is on its way.")).to_be_visible()

        # answering, and watching it without looking again
        code = await take_part(ada, "Benches with a back, and a roof.", "Standing")
        await take_part(bryn, '=HYPERLINK("x") <script>alert(1)</script> A clock.', "Sitting")
        ideas = desk.locator('[data-part="ideas"]')
        await expect(ideas).to_contain_text("Benches with a back")
        await expect(ideas).to_contain_text("<script>alert(1)</script>")
        await expect(desk.locator('[data-part="funnel"]')).to_contain_text("How do you mostly wait?")
        await press(desk, "Answers", "link")
        await expect(desk.locator("main")).to_contain_text("2 answers.")

        # who may answer, and answering
        await desk.goto(f"/desk/ideas/{code}")
        await expect(desk.get_by_text("You don’t. Nobody does yet.")).to_be_visible()
        await press(desk, "Give yourself this role", "link")
        await press(desk, "Give this role")
        await expect(desk.get_by_text("The role is given.")).to_be_visible()
        await desk.goto(f"/desk/ideas/{code}")
        await desk.locator("summary.is-accepted").click()
        await press(desk, "Accept")
        await expect(ada.get_by_text("Planning Commission accepted it.")).to_be_visible()

        # stepping in, and handing back
        await press(desk, "Write to its author yourself")
        await desk.get_by_label("Your message").fill("Which stop do you mean?")
        await press(desk, "Send")
        await expect(ada.get_by_text("Which stop do you mean?")).to_be_visible()
        await ada.get_by_label("Your message").fill("The one at the hospital.")
        await ada.keyboard.press("Enter")
        await expect(desk.get_by_text("The one at the hospital.")).to_be_visible()
        await press(desk, "Hand back to the bot")
        await expect(ada.get_by_text("You are talking with the bot again.")).to_be_visible()

        # closing, and saying what came of it
        await desk.goto("/desk/consultations/our-bus-stops")
        await press(desk, "Close it", "link")
        await press(desk, "Close it")
        await press(desk, "Write what came of it", "link")
        await desk.locator("#words-en").fill("Benches come to the six busiest stops this winter.")
        await press(desk, "See how it will look")
        await expect(desk.get_by_text("2 members who took part will be told.")).to_be_visible()
        await press(desk, "Publish and tell them")
        for member in (ada, bryn):
            await expect(member.get_by_text("Benches come to the six busiest stops this winter.")).to_be_visible()

        # what everybody sees, what is taken along, and what is written down about it
        await ada.goto("/consultations/our-bus-stops")
        await expect(ada.locator("main")).to_contain_text("Benches come to the six busiest stops this winter.")
        await ada.goto("/consultations/our-bus-stops/results")
        await expect(ada.get_by_text("Too few answered to show how.").first).to_be_visible()
        await desk.goto("/desk/consultations/our-bus-stops/export")
        async with desk.expect_download() as coming:
            await press(desk, "Take the CSV file")
        taken = await (await coming.value).path()
        rows = await asyncio.to_thread(taken.read_text, "utf-8-sig")
        assert len(rows.splitlines()) == 3
        assert "'=HYPERLINK" in rows
        await desk.goto("/desk/log")
        for done in ("took data out", "published the outcome", "closed it", "stepped into a conversation", "opened it"):
            await expect(desk.get_by_text(done).first).to_be_visible()
        assert faults == [[], [], []]
        for page in (desk, ada, bryn):
            await page.context.close()


async def go(page: Page, what: str) -> None:
    """To a button or a link that begins with these words, however far, and press it."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        words = await page.evaluate("document.activeElement.matches('a, button') && document.activeElement.innerText")
        if str(words or "").startswith(what):
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way to {what} by keyboard")


async def type_into(page: Page, label: str, words: str) -> None:
    for _ in range(150):
        if label in await page.evaluate("document.activeElement.labels?.[0]?.innerText ?? ''"):
            await page.keyboard.press("ControlOrMeta+a")
            await page.keyboard.type(words)
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no way to {label} by keyboard")


async def test_the_essentials_by_keyboard_alone_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    async with opened(tmp_path) as (built, link):
        desk = await somebody(browser, built.url, 360)
        faults = faults_of(desk)
        await desk.goto(link)
        await go(desk, "Come in")
        await expect(desk.get_by_role("heading", name="Consultations", exact=True)).to_be_visible()
        await go(desk, "Write a consultation")
        await expect(desk.get_by_label("What do you want to ask about?")).to_be_visible()
        await type_into(desk, "What do you want to ask about?", "Our parks")
        await desk.keyboard.press("Enter")
        await expect(desk.get_by_role("heading", name="Our parks")).to_be_visible()
        await type_into(desk, "Framing", "They are yours.")
        await go(desk, "Yes or no")
        await expect(desk.locator("#f-prompts-0-ask-en")).to_be_focused()
        await desk.keyboard.type("Do you go there?")
        await go(desk, "An idea")
        await expect(desk.locator("#f-prompts-1-ask-en")).to_be_focused()
        await desk.keyboard.type("What is missing?")
        await go(desk, "Move up")
        await expect(desk.locator(".which").first).to_contain_text("What is missing?")
        await expect(desk.locator(":focus")).to_contain_text("Move")
        await go(desk, "Move up")
        await expect(desk.locator(".which").first).to_contain_text("Do you go there?")
        await go(desk, "Try it out")
        await expect(desk.get_by_role("heading", name="Trying out “Our parks”")).to_be_visible()
        await go(desk, "Answer")
        await expect(desk.get_by_text("Do you go there?")).to_be_visible()
        await go(desk, "Yes")
        await expect(desk.get_by_text("What is missing?")).to_be_visible()
        await desk.goto("/desk/consultations")
        await go(desk, "Our parks")
        await expect(desk.get_by_label("Framing")).to_have_value("They are yours.")
        await go(desk, "Publish …")
        await expect(desk.get_by_role("heading", name="Publish “Our parks”")).to_be_visible()
        await go(desk, "Publish it and open it now")
        await expect(desk.get_by_text("It is published and open.")).to_be_visible()
        await go(desk, "Close it")
        await expect(desk.get_by_text("Close it now?")).to_be_visible()
        await go(desk, "Close it")
        await expect(desk.get_by_text("Nobody is asked about it any more. Next: say what came of it.")).to_be_visible()
        assert faults == []
        await desk.context.close()


async def test_the_public_pages_need_no_script(browser: Browser, migrated_copy: Path) -> None:
    async with staged(migrated_copy) as stage:
        await fill(stage.assembly, f"sqlite:///{migrated_copy}", 60)
        page = await somebody(browser, stage.url, 360, script=False)
        faults = faults_of(page)
        await page.goto("/")
        await page.get_by_role("link", name="What makes a good city?").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("What makes a good city?")
        assert await page.get_by_role("link", name=re.compile("Take part|here", re.IGNORECASE)).count()
        closed = ConsultationClosed(SLUG, stage.clock.now())
        outcome = OutcomePublished(SLUG, Localised.of("A night bus to the hospital."), stage.clock.now())
        await stage.assembly.store.record([closed, outcome])
        await page.reload()
        await expect(page.get_by_text("A night bus to the hospital.").first).to_be_visible()
        await page.get_by_role("link", name="See all results").first.click()
        await expect(page.get_by_role("heading", name="Results")).to_be_visible()
        await page.get_by_text("As a table").first.click()
        await expect(page.locator("table").first).to_be_visible()
        await page.get_by_role("link", name="Board").first.click()
        await expect(page.get_by_role("table", name="How each body has answered")).to_be_visible()
        await page.get_by_role("link", name="Find an idea").first.click()
        await page.get_by_label("Receipt code").fill(IDEA)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(IDEA).first).to_be_visible()
        await page.goto(f"/ideas/{IDEA}")
        await expect(page.get_by_role("heading", name="What has happened")).to_be_visible()
        await page.goto(f"/consultations/{SLUG}/card")
        assert faults == []
        await page.context.close()
