"""Chatting in a browser: by keyboard alone, without a script, and over a connection that comes and goes."""

import asyncio
import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from core.inbound import Said
from core.outbound import Key, Message
from tests.web.stage import CODE, NOW, Stage, serving
from web.app import create_app

pytestmark = pytest.mark.asyncio(loop_scope="session")


def said(stage: Stage) -> list[str]:
    return [inbound.deed.text for inbound in stage.taken if isinstance(inbound.deed, Said)]


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))


async def tab_to(page: Page, what: str) -> None:
    for _ in range(30):
        await page.keyboard.press("Tab")
        if (await focused(page)).startswith(what):
            return
    raise AssertionError(f"no way to {what} by keyboard")


async def test_a_whole_conversation_by_keyboard_alone(page: Page, stage: Stage) -> None:
    await page.goto("/chat")
    await page.keyboard.press("Tab")
    assert await focused(page) == "Skip to the content"
    await tab_to(page, "Answer its questions")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("How well do the trams work")).to_be_visible()
    await expect(page.locator("#line-1")).to_be_focused()
    await tab_to(page, "Very well")
    await page.keyboard.press("Space")
    await expect(page.get_by_text("What would you change?")).to_be_visible()
    await tab_to(page, "text")
    await page.keyboard.type("Benches at every tram stop,")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("with a roof")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Thank you.")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await expect(page.get_by_label("Your message")).to_have_value("")
    assert said(stage) == ["Benches at every tram stop,\nwith a roof"]


async def test_an_answer_is_announced_politely_where_it_arrives(page: Page) -> None:
    await page.goto("/chat")
    log = page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    await page.get_by_label("Your message").fill("Hello")
    await page.keyboard.press("Enter")
    await expect(log).to_contain_text("Is this an idea you want to put forward?")
    await expect(log).to_contain_text("You said: Hello")


async def test_a_line_that_changes_elsewhere_moves_nobodys_focus(page: Page, stage: Stage) -> None:
    await page.goto("/chat")
    await page.get_by_label("Your message").fill("half a sentence")
    (user,) = stage.transcript.chats
    await stage.transcript.replace(user, 1, Message("Changed while you were typing"))
    stage.bell.ring(user)
    await expect(page.get_by_text("Changed while you were typing")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await expect(page.get_by_label("Your message")).to_have_value("half a sentence")
    await expect(page.locator(".line")).to_have_count(1)


async def test_the_browser_tells_its_time_zone(page: Page, stage: Stage) -> None:
    await page.goto("/chat")
    await page.get_by_label("Your message").fill("Hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Is this an idea")).to_be_visible()
    assert [inbound.timezone for inbound in stage.taken] == [None, "Europe/London"]
    await page.goto(f"/ideas/{CODE}")
    await expect(page.get_by_text("Times are in the zone Europe/London.")).to_be_visible()


async def test_the_newest_words_are_in_view_above_the_box(page: Page) -> None:
    await page.goto("/chat")
    for number in range(8):
        await page.get_by_label("Your message").fill(f"Thought {number}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Is this an idea")).to_have_count(number + 1)
    composer = page.locator(".composer")
    last = page.locator(".line").last

    async def is_in_view() -> bool:
        above, box = await last.bounding_box(), await composer.bounding_box()
        return bool(above and box and above["y"] >= 0 and above["y"] + above["height"] <= box["y"] + 1)

    for _ in range(100):
        if await is_in_view():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the newest line is hidden")


async def test_a_code_in_the_chat_leads_to_its_story(page: Page) -> None:
    await page.goto("/chat")
    await page.get_by_label("Your message").fill("Benches at every tram stop")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name=CODE).click()
    await expect(page.get_by_role("heading", name="The story of an idea")).to_be_visible()


async def test_everything_works_without_a_script(browser: Browser, url: str, stage: Stage) -> None:
    context = await browser.new_context(base_url=url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_role("link", name="Take part").click()
    await expect(page.get_by_text("You came for “What makes a good city?”.")).to_be_visible()
    await page.get_by_role("button", name="Answer its questions").click()
    await page.get_by_role("button", name="Very well").click()
    await page.get_by_label("Your message").fill("Benches at every tram stop")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Thank you.")).to_be_visible()
    await page.reload()
    await page.get_by_role("link", name=CODE).click()
    await expect(page.get_by_text("Put forward")).to_be_visible()
    assert said(stage) == ["Benches at every tram stop"]
    await context.close()


async def test_what_is_written_while_the_connection_is_lost_is_kept_and_sent_once(
    context: BrowserContext, page: Page, stage: Stage
) -> None:
    await page.goto("/chat")
    await context.set_offline(True)
    await page.get_by_label("Your message").fill("Said in a tunnel")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The connection is lost.")
    await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("Said in a tunnel")
    await page.get_by_label("Your message").fill("not finished")
    assert said(stage) == []
    await context.set_offline(False)
    await expect(page.get_by_text("Is this an idea")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text(re.compile("Connected again.|^$"))
    await expect(page.get_by_text("Said in a tunnel")).to_have_count(1)
    await expect(page.get_by_label("Your message")).to_have_value("not finished")
    assert said(stage) == ["Said in a tunnel"]


async def test_a_server_that_was_started_anew_is_found_again(browser: Browser) -> None:
    before, after = Stage(), Stage()
    after.transcript, after.store = before.transcript, before.store
    after.messenger = type(after.messenger)(after.transcript, after.clock, after.bell)
    async with serving(create_app(before.parts()), bell=before.bell) as url:
        context = await browser.new_context(base_url=url)
        page = await context.new_page()
        await page.goto("/chat")
        await expect(page.get_by_text("Welcome to Folkmoot")).to_be_visible()
    await page.get_by_label("Your message").fill("Is anybody there?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The connection is lost.")
    (user,) = before.transcript.chats
    await after.transcript.append(user, True, Message("Said while you couldn't hear"), NOW)
    port = urlsplit(url).port
    assert port
    async with serving(create_app(after.parts()), port, bell=after.bell):
        await expect(page.get_by_text("Said while you couldn't hear")).to_be_visible()
        await expect(page.get_by_text("Is this an idea")).to_be_visible()
        assert said(after) == ["Is anybody there?"]
        await context.close()


async def test_what_was_not_sent_yet_outlives_a_reload(page: Page, stage: Stage) -> None:
    await page.goto("/chat")
    stage.breaks = True
    await page.get_by_label("Your message").fill("Kept over a reload")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The connection is lost.")
    await page.get_by_label("Your message").fill("a draft")
    stage.breaks = False
    await page.reload()
    await expect(page.get_by_text("Is this an idea")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_have_value("a draft")
    await expect(page.get_by_text("Kept over a reload")).to_have_count(1)
    assert said(stage) == ["Kept over a reload"]


async def test_a_message_that_is_too_long_is_not_cut_but_given_back(page: Page, stage: Stage) -> None:
    await page.goto("/chat")
    await page.get_by_label("Your message").fill("x" * 4097)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("too long")
    await expect(page.get_by_label("Your message")).to_have_value("x" * 4097)
    assert said(stage) == []


async def test_two_windows_of_one_visitor_show_one_conversation(context: BrowserContext, page: Page) -> None:
    await page.goto("/chat")
    other = await context.new_page()
    await other.goto("/chat")
    await page.get_by_label("Your message").fill("Hello from here")
    await page.keyboard.press("Enter")
    await expect(other.get_by_text("Hello from here")).to_be_visible()
    await expect(other.get_by_text("Is this an idea")).to_be_visible()


async def test_a_button_that_is_still_offered_keeps_the_focus(page: Page, stage: Stage) -> None:
    await page.goto("/chat")
    (user,) = stage.transcript.chats

    async def offer(*labels: str) -> None:
        keys = tuple((Key(label, f"tick:good-city:needs:{label[2:].lower()}"),) for label in labels)
        await stage.transcript.replace(user, 1, Message(f"Which? {labels}", keys=keys))
        stage.bell.ring(user)

    await offer("☐ Homes", "☐ Parks")
    await tab_to(page, "☐ Parks")
    await offer("☐ Homes", "☑ Parks")
    await expect(page.get_by_role("button", name="☑ Parks")).to_be_focused()
    await offer("☐ Homes")
    await expect(page.locator("#line-1")).to_be_focused()
