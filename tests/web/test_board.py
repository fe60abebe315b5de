"""The public board: how each body has answered, as pages, JSON and CSV."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Bodies, Body, BodyKind
from core.queues import Tally
from core.texts import Localised
from tests.web.examples import rich_stage
from tests.web.stage import Stage, visiting
from web.tallies import board_csv, rows


async def test_before_anything_was_sent_the_board_says_so() -> None:
    async with visiting(Stage()) as visitor:
        page = await visitor.get("/board")
        told = (await visitor.get("/board.json")).json()
        table = (await visitor.get("/board.csv")).text
    assert "No idea was sent to a body yet." in page.text
    assert "<tbody role" not in page.text
    assert told["bodies"] == []
    assert len(table.splitlines()) == 1


async def test_every_body_has_its_numbers_on_the_board_as_it_was_declared() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get("/board")).text
    names = ["Congress", "Commission for Urban Planning and Transport", "Riverside branch", "Society of Canal Friends"]
    places = [page.index(f">{name}</a>") for name in names]
    assert places == sorted(places)
    for said in ("1,204", "903 of 1,138 in time (79%)", "17.5", "3.9 of 5", "Nothing was due yet", "no longer exists"):
        assert said in page
    assert 'data-label="Silent" class="silent">34</td>' in page


async def test_what_one_or_two_said_is_counted_and_not_shown() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get("/board/riverside")).text
        told = {one["body"]: one for one in (await visitor.get("/board.json")).json()["bodies"]}
    assert "2 authors have answered so far." in page
    assert "Only mine." not in page
    assert "1.5" not in page
    assert (told["riverside"]["heard_answers"], told["riverside"]["heard_mean"]) == (2, None)
    assert (told["canals"]["heard_answers"], told["canals"]["heard_mean"]) == (3, 5.0)


async def test_a_body_has_a_page_of_its_own() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get("/board/planning")).text
    for said in (
        "It answers within 30 days that count.",
        "They rang me up and asked what I meant.",
        "3.9 of 5",
        '<time datetime="2026-08-01">1 August 2026</time>',
        "Public holidays (GB-WLS)",
        'Next body up: <a href="/board/congress">',
        'Bodies below it: <a href="/board/riverside">',
    ):
        assert said in page
    assert "2026-05-1" not in page, "words stand without their date"


async def test_a_body_that_nothing_was_sent_to_and_one_that_ended_have_pages_too() -> None:
    stage = rich_stage()
    stage.board.counted = tuple(tally for tally in stage.board.counted if tally.body != "congress")
    async with visiting(stage) as visitor:
        congress, canals = (await visitor.get("/board/congress")).text, (await visitor.get("/board/canals")).text
        nowhere = await visitor.get("/board/nowhere")
    assert "No idea was sent to it yet." in congress
    assert "No body is above it." in congress
    assert "This body no longer exists. Its record stands." in canals
    assert nowhere.status_code == 404


async def test_the_counts_of_moderation_stand_below() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get("/board")).text
        told = (await visitor.get("/board.json")).json()["moderation"]
    assert "no advertising</th><td>4</td><td>0</td>" in page
    assert told == {
        "hidden": {"abuse": 2, "personal-data": 0, "unlawful": 0, "advertising": 4},
        "redacted": {"abuse": 0, "personal-data": 7, "unlawful": 0, "advertising": 0},
        "contested": 3,
        "restored": 1,
        "upheld": 1,
    }


@pytest.mark.parametrize("path", ["/board.json", "/board.csv"])
async def test_the_data_is_free_for_any_use_from_anywhere(path: str) -> None:
    async with visiting(rich_stage()) as visitor:
        data = await visitor.get(path)
    assert data.headers["access-control-allow-origin"] == "*"
    assert 'publicdomain/zero/1.0/>; rel="license"' in data.headers["link"]


async def test_the_files_say_the_same_as_each_other() -> None:
    async with visiting(rich_stage()) as visitor:
        told = (await visitor.get("/board.json")).json()
        table = list(csv.DictReader(io.StringIO((await visitor.get("/board.csv")).text)))
    assert told["license"].endswith("/zero/1.0/")
    for body, line in zip(told["bodies"], table, strict=True):
        assert line["name"] == body["name"]["en"]
        assert line["has_ended"] == ("true" if body["has_ended"] else "false")
        for field in line.keys() - {"name", "has_ended", "body"}:
            assert line[field] == ("" if body[field] is None else str(body[field]))
        assert body["sent"] == body["in_time"] + body["late"] + body["silent"] + body["waiting"]


@given(st.text(min_size=1))
def test_no_name_is_a_formula_in_a_spreadsheet(name: str) -> None:
    bodies = Bodies((Body("one", Localised.of(name), BodyKind.BRANCH),))
    table = board_csv(rows(bodies, (Tally("one", 1),)))
    read = next(csv.DictReader(io.StringIO(table, newline="")))["name"]
    assert read.removeprefix("'") == name.removeprefix("'")
    assert not read.startswith(("=", "+", "-", "@", "\t", "\r"))


async def test_a_name_of_a_body_is_text_on_every_page() -> None:
    stage = Stage()
    stage.store.declared = Bodies((Body("evil", Localised.of("<script>alert(1)</script>"), BodyKind.BRANCH),))
    stage.board.counted = (Tally("evil", 1, silent=1),)
    async with visiting(stage) as visitor:
        for path in ("/board", "/board/evil"):
            page = await visitor.get(path)
            assert page.status_code == 200
            assert "<script>alert" not in page.text


async def test_the_board_can_be_found_from_every_page() -> None:
    async with visiting(rich_stage()) as visitor:
        for path in ("/", "/ideas", "/board/planning"):
            assert '<a href="/board"' in (await visitor.get(path)).text
