"""Coming to the desk and leaving it: one-time links, sittings, and who is let in."""

import re
from html import unescape

import pytest

from core.events import DeskAsked
from core.sittings import IDLE_LASTS, LINK_LASTS, digest
from tests.desk.stage import ADA, BOT, CHIEF, DAY, LEEDS, NOW, SECRETARY, Stage, consultation

SECRET = "nobody-can-guess-this-0123456789"


async def _link(stage: Stage) -> str:
    await stage.turn(CHIEF, DeskAsked(digest(SECRET), stage.clock.at + LINK_LASTS))
    return f"/desk/enter/{SECRET}"


async def test_a_link_leads_in_once(stage: Stage) -> None:
    link, browser, another = await _link(stage), await stage.browser(), await stage.browser()
    assert (await browser.get(link)).status_code == 200, "looking at it uses nothing up"
    assert (await browser.post(link)).headers["location"] == "/desk"
    assert "Consultations" in (await browser.get("/desk/consultations")).text
    assert (await another.post(link)).status_code == 404
    assert (await another.get(link)).status_code == 404


async def test_a_link_is_no_good_after_a_quarter_of_an_hour(stage: Stage) -> None:
    link, browser = await _link(stage), await stage.browser()
    stage.clock.at += LINK_LASTS
    assert (await browser.post(link)).status_code == 404


async def test_a_link_posted_from_another_site_is_not_taken(stage: Stage) -> None:
    link, browser = await _link(stage), await stage.browser()
    answer = await browser.post(link, headers={"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert (await browser.post(link)).status_code == 303, "it wasn't used up by that"


async def test_whoever_holds_no_office_has_no_desk(stage: Stage) -> None:
    browser = await stage.at_desk(ADA)
    answer = await browser.get("/desk/consultations")
    assert answer.headers["location"].startswith("/desk/enter")


async def test_whoever_came_for_a_page_is_led_there_after_the_door(stage: Stage) -> None:
    browser = await stage.browser()
    answer = await browser.get("/desk/log?before=7")
    assert answer.headers["location"] == "/desk/enter?then=%2Fdesk%2Flog%3Fbefore%3D7"
    for trap in ("https://elsewhere.example", "//elsewhere.example", "/desk\\@elsewhere", "/desk/enter/x"):
        link = await _link(stage)
        assert (await browser.post(link, data={"then": trap})).headers["location"] == "/desk"


async def test_words_that_come_after_the_sitting_has_ended_are_not_lost(stage: Stage) -> None:
    await stage.load(consultation())
    browser, own = await stage.at_desk(), "/desk/consultations/city/outcome"
    stage.clock.at += IDLE_LASTS
    late = await browser.post(own, data={"words-en": 'We plant trees.\nTwo "hundred".', "words-cy": ""})
    assert late.status_code == 403
    sent = {name: unescape(one) for name, one in re.findall(r'hidden" name="([^"]+)" value="([^"]*)"', late.text)}
    assert sent == {"words-en": 'We plant trees.\nTwo "hundred".', "words-cy": ""}
    assert f'action="{own}"' in late.text
    assert "<p>We plant trees." in late.text
    again = await stage.at_desk()
    assert "Two &#34;hundred&#34;." in (await again.post(own, data=sent)).text


@pytest.mark.parametrize("sent", [{}, {"sitting": "others"}])
async def test_whoever_pressed_a_button_too_late_is_led_to_the_door(stage: Stage, sent: dict[str, str]) -> None:
    late = await (await stage.browser()).post("/desk/sittings", data=sent)
    assert late.headers["location"] == "/desk/enter?then=%2Fdesk"


async def test_a_sitting_ends_when_nothing_is_asked_in_it_for_a_week(stage: Stage) -> None:
    browser = await stage.at_desk()
    stage.clock.at += IDLE_LASTS - DAY
    assert (await browser.get("/desk/log")).status_code == 200
    stage.clock.at += IDLE_LASTS - DAY
    assert (await browser.get("/desk/log")).status_code == 200, "it was seen in between"
    stage.clock.at += IDLE_LASTS
    assert (await browser.get("/desk/log")).status_code == 303


async def test_ones_sittings_are_listed_and_can_be_ended(stage: Stage) -> None:
    browser, other = await stage.at_desk(), await stage.at_desk()
    page = (await browser.get("/desk/sittings")).text
    [which] = re.findall(r'name="sitting" value="(\d+)"', page)
    assert (await browser.post("/desk/sittings", data={"sitting": which})).status_code == 303
    assert (await other.get("/desk/log")).status_code == 303
    assert (await browser.get("/desk/log")).status_code == 200


async def test_nobody_ends_somebody_elses_sitting(stage: Stage) -> None:
    chief, lee = await stage.at_desk(CHIEF), await stage.at_desk(LEEDS)
    [sitting] = await stage.assembly.desk.sittings.of((await stage.turn(CHIEF)).id, NOW)
    await lee.post("/desk/sittings", data={"sitting": str(sitting.id)})
    assert (await chief.get("/desk/log")).status_code == 200


async def test_leaving_ends_the_sitting(stage: Stage) -> None:
    browser = await stage.at_desk()
    assert (await browser.post("/desk/leave")).headers["location"] == "/desk/enter"
    assert (await browser.get("/desk/log")).status_code == 303


async def test_the_log_says_who_came_and_is_for_organisers(stage: Stage) -> None:
    page = (await (await stage.at_desk()).get("/desk/log")).text
    assert "Chief" in page
    assert "came to the desk" in page
    assert (await (await stage.at_desk(SECRETARY)).get("/desk/log")).status_code == 403


@pytest.mark.parametrize("path", ["/desk", "/desk/consultations", "/desk/log", "/desk/sittings"])
async def test_no_page_of_the_desk_is_kept_by_browsers_or_found_by_search_engines(stage: Stage, path: str) -> None:
    answer = await (await stage.at_desk()).get(path, follow_redirects=True)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"


async def test_the_account_says_where_the_link_was_sent(stage: Stage) -> None:
    await _link(stage)
    begun = await stage.assembly.desk.sittings.redeem(SECRET, NOW, "Firefox")
    assert begun is not None
    found = await stage.assembly.desk.sittings.find(begun.secret, NOW)
    assert found is not None
    assert found.address is not None
    assert found.address.account == BOT
