"""An idea's story, for people and for programs: everything that happened, and never who said it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.texts import Texts
from tests.web.stage import CODE, CONSULTATION, NOW, PICTURE, Stage, Welsh, visiting


async def test_a_story_is_a_page_with_the_words_and_all_that_happened() -> None:
    async with visiting(Stage()) as visitor:
        page = await visitor.get(f"/ideas/{CODE}")
        assert page.status_code == 200
        assert page.headers["x-robots-tag"] == "noindex"
        for words in ("and a roof.", "What makes a good city?", "Put forward", "Received", "12 May 2026, 13:05"):
            assert words in page.text
        assert page.text.index("Said</h3>") < page.text.index("Reworded</h3>")
        assert "somebody" not in page.text


@pytest.mark.parametrize(("path", "accept"), [(f"/ideas/{CODE}", "application/json"), (f"/ideas/{CODE}.json", "*/*")])
async def test_a_story_is_json_for_programs(path: str, accept: str) -> None:
    async with visiting(Stage(public_url="https://chat.example.org")) as visitor:
        told = (await visitor.get(path, headers={"accept": accept})).json()
    assert told["code"] == CODE
    assert told["state"] == "received"
    assert [entry["kind"] for entry in told["story"]] == ["said", "confirmed", "acknowledged", "edited"]
    assert told["story"][0] == {
        "kind": "said",
        "at": "2026-05-12T11:05:00+00:00",
        "text": "Benches at every tram stop, with a back to lean on.",
    }
    assert told["consultation"]["slug"] == "good-city"
    assert told["attachments"] == [
        {
            "kind": "photo",
            "media_type": "image/jpeg",
            "url": f"https://chat.example.org/ideas/{CODE}/attachments/1",
        }
    ]
    assert "somebody" not in str(told)
    assert "telegram" not in str(told)


async def test_a_story_leads_to_its_consultation_where_that_has_a_page() -> None:
    stage = Stage()
    link = '<a href="/consultations/good-city">Said in the consultation'
    async with visiting(stage) as visitor:
        page = (await visitor.get(f"/ideas/{CODE}")).text
        stage.store.loaded = (replace(CONSULTATION, opens_at=NOW + timedelta(days=1)),)
        before = (await visitor.get(f"/ideas/{CODE}")).text
    assert link in page
    assert link not in before
    assert "Said in the consultation" in before


@pytest.mark.parametrize("typed", ["k7m4qx2n", "K7M4 QX2N", "k7m4-qx2n"])
async def test_a_code_may_be_typed_in_any_way(typed: str) -> None:
    async with visiting(Stage()) as visitor:
        assert (await visitor.get(f"/ideas/{typed}")).status_code == 200
        found = await visitor.get("/ideas", params={"code": typed})
        assert (found.status_code, found.headers["location"]) == (303, f"/ideas/{CODE}")


async def test_a_slip_is_told_from_a_code_that_we_never_gave_out() -> None:
    async with visiting(Stage()) as visitor:
        slip, unknown = await visitor.get("/ideas/K7M4-QX2P"), await visitor.get("/ideas/0000-0000")
        assert (slip.status_code, unknown.status_code) == (404, 404)
        assert "slipped" in slip.text
        assert "never gave it out" in unknown.text
        told = await visitor.get("/ideas/0000-0000.json")
        assert (told.status_code, list(told.json())) == (404, ["error"])


async def test_the_box_says_what_is_wrong_with_a_code() -> None:
    async with visiting(Stage()) as visitor:
        empty, slip = await visitor.get("/ideas"), await visitor.get("/ideas", params={"code": '"><script>'})
        assert (empty.status_code, slip.status_code) == (200, 422)
        assert "slipped" not in empty.text
        assert 'aria-invalid="true"' in slip.text
        assert "<script>" not in slip.text


async def test_an_attachment_is_fetched_and_can_do_no_harm() -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        picture = await visitor.get(f"/ideas/{CODE}/attachments/1")
        assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/jpeg")
        assert "sandbox" in picture.headers["content-security-policy"]
        for number in ("0", "2", "-1", "x", "9999"):
            assert (await visitor.get(f"/ideas/{CODE}/attachments/{number}")).status_code == 404


async def test_an_attachment_that_could_run_is_only_saved() -> None:
    stage = Stage()
    stage.serves = (b"<script>alert(1)</script>", "text/html; charset=utf-8")
    async with visiting(stage) as visitor:
        file = await visitor.get(f"/ideas/{CODE}/attachments/1")
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["content-disposition"].startswith("attachment")


async def test_an_attachment_that_its_platform_does_not_give_is_said_to_be_away() -> None:
    stage = Stage()
    stage.serves = None
    async with visiting(stage) as visitor:
        away = await visitor.get(f"/ideas/{CODE}/attachments/1")
        assert away.status_code == 502
        assert "Try again later" in away.text


async def test_a_page_speaks_the_language_that_was_asked_for() -> None:
    async with visiting(Stage(texts=Texts({"cy": Welsh()}))) as visitor:
        assert "Dod o hyd i syniad" not in (await visitor.get("/ideas")).text
        by_header = await visitor.get("/ideas", headers={"accept-language": "cy-GB, en;q=0.5"})
        assert "Dod o hyd i syniad" in by_header.text
        assert '<html lang="cy" dir="ltr">' in by_header.text
        assert "Dod o hyd i syniad" in (await visitor.get("/ideas?lang=cy")).text
        assert "Dod o hyd i syniad" in (await visitor.get("/ideas")).text, "a language that was chosen is remembered"
        assert "Dod o hyd i syniad" not in (await visitor.get("/ideas?lang=en")).text
