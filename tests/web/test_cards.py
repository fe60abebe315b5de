"""Cards that stand in frames on other people's pages, and how other programs learn of them."""

import re
from html import unescape

import pytest

from core.texts import Localised
from tests.web.publics import HOSTILE, consultation, public_stage
from tests.web.stage import visiting

HERE = "https://chat.example.org"


async def test_a_card_may_be_framed_by_anybody_and_nothing_else_may() -> None:
    async with visiting(public_stage()) as visitor:
        card = await visitor.get("/consultations/trams/card")
        others = [
            await visitor.get(path)
            for path in (
                "/",
                "/consultations/trams",
                "/consultations/trams/results",
                "/consultations/trams/ideas",
                "/chat",
            )
        ]
    assert "x-frame-options" not in card.headers
    assert "frame-ancestors *" in card.headers["content-security-policy"]
    assert {one.headers["x-frame-options"] for one in others} == {"DENY"}
    assert not [one for one in others if "frame-ancestors 'none'" not in one.headers["content-security-policy"]]


@pytest.mark.parametrize("query", ["", "?prompt=travel", "?prompt=nosuch", "?lang=cy"])
async def test_a_card_runs_no_script_and_knows_nobody(query: str) -> None:
    async with visiting(public_stage()) as visitor:
        card = await visitor.get(f"/consultations/trams/card{query}")
    assert card.status_code == 200
    assert "set-cookie" not in card.headers
    assert "<script" not in card.text
    assert "script-src" not in card.headers["content-security-policy"]
    assert "default-src 'none'" in card.headers["content-security-policy"]
    assert f'href="{HERE}/consultations/trams' in card.text


async def test_a_card_shows_numbers_or_one_prompt() -> None:
    async with visiting(public_stage()) as visitor:
        numbers = (await visitor.get("/consultations/trams/card")).text
        prompt = (await visitor.get("/consultations/trams/card?prompt=happy")).text
        before = (await visitor.get("/consultations/branch-hall/card?prompt=happy")).text
    assert "1,204" in numbers
    assert "How well do the trams work?" in prompt
    assert 'role="img"' in prompt
    assert "1,204" not in before
    assert 'role="img"' not in before


async def test_programs_are_told_how_to_embed_it() -> None:
    async with visiting(public_stage()) as visitor:
        told = await visitor.get("/oembed", params={"url": f"{HERE}/consultations/trams", "maxwidth": "320"})
        of_results = await visitor.get("/oembed", params={"url": f"{HERE}/consultations/trams/results?lang=cy"})
    embedding = told.json()
    assert told.headers["access-control-allow-origin"] == "*"
    assert (embedding["version"], embedding["type"], embedding["title"]) == ("1.0", "rich", "About trams")
    assert (embedding["width"], embedding["height"]) == (320, 420)
    assert embedding["html"].startswith(f'<iframe src="{HERE}/consultations/trams/card"')
    assert of_results.status_code == 200


@pytest.mark.parametrize("width", ["0", "-1", "²", "1" * 5_000])
async def test_a_width_that_is_none_is_passed_over(width: str) -> None:
    async with visiting(public_stage()) as visitor:
        told = await visitor.get("/oembed", params={"url": f"{HERE}/consultations/trams", "maxwidth": width})
    assert (told.status_code, told.json()["width"]) == (200, 600)


@pytest.mark.parametrize(
    "address",
    ["", "https://elsewhere.example/consultations/trams", f"{HERE}/consultations/draft", f"{HERE}/ideas/x", "http://[",
     f"{HERE}/consultations"],
)  # fmt: skip
async def test_of_any_other_address_there_is_nothing_to_embed(address: str) -> None:
    async with visiting(public_stage()) as visitor:
        assert (await visitor.get("/oembed", params={"url": address})).status_code == 404


async def test_another_format_is_refused_as_the_standard_wants_it() -> None:
    async with visiting(public_stage()) as visitor:
        refused = await visitor.get("/oembed", params={"url": f"{HERE}/consultations/trams", "format": "xml"})
    assert refused.status_code == 501


async def test_a_title_breaks_out_of_no_attribute() -> None:
    odd = consultation("odd", title=Localised.of(f'" onload="alert(1) {HOSTILE}'))
    async with visiting(public_stage(odd)) as visitor:
        html = (await visitor.get("/oembed", params={"url": f"{HERE}/consultations/odd"})).json()["html"]
        page = (await visitor.get("/consultations/odd/results")).text
    shown = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert shown is not None
    assert unescape(shown[1]) == html, "what is copied is what programs are told"
    for written in (html, unescape(shown[1])):
        assert re.fullmatch(r'<iframe src="[^"<>]*" title="[^"<>]*"[^<>]*></iframe>', written, re.DOTALL)
        assert ' onload="' not in written
