"""The results of a consultation as anybody may see them: as a page, as JSON, as CSV; and when they may not."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from core.codebooks import LICENCE_URL
from core.consultations import ResultsWhen
from core.texts import Localised
from tests.web.publics import (
    DAY,
    DECIDED,
    HOSTILE,
    NEVER,
    OPEN,
    OURS,
    OVER,
    PROMPTS,
    GivenAnswers,
    consultation,
    public_stage,
    results,
)
from tests.web.stage import NOW, visiting
from web.noticeboard import COUNTED_EVERY


@pytest.mark.parametrize(
    ("of", "may"),
    [(OPEN, True), (OVER, True), (DECIDED, True), (OURS, False), (NEVER, False)],
    ids=lambda x: str(x)[:9],
)
async def test_results_are_shown_from_when_the_organiser_set_and_the_page_says_it(of: object, may: bool) -> None:
    path = f"/consultations/{getattr(of, 'slug', '')}/results"
    async with visiting(public_stage()) as visitor:
        page, told, table = [await visitor.get(f"{path}{kind}") for kind in ("", ".json", ".csv")]
    assert page.status_code == 200, "it says at least from when on there are any"
    assert ("1,204" in page.text) is may
    assert ("620" in page.text) is may
    assert [told.status_code, table.status_code] == ([200, 200] if may else [403, 403])
    assert "the results" in page.text.casefold()


async def test_results_with_the_outcome_come_with_it_and_not_before() -> None:
    of = consultation("x", closes_at=NOW - DAY, results=ResultsWhen.OUTCOME, outcome=Localised.of("So be it."),
                      outcome_at=NOW + DAY)  # fmt: skip
    stage = public_stage(of)
    async with visiting(stage) as visitor:
        before = await visitor.get("/consultations/x/results.json")
        stage.clock.at += 2 * DAY
        after = await visitor.get("/consultations/x/results.json")
    assert (before.status_code, after.status_code) == (403, 200)
    assert "together with the outcome" in before.json()["error"]


async def test_a_small_number_is_kept_back_everywhere() -> None:
    stage = public_stage()
    async with visiting(stage) as visitor:
        page = (await visitor.get("/consultations/trams/results")).text
        told = (await visitor.get("/consultations/trams/results.json")).json()
        table = (await visitor.get("/consultations/trams/results.csv")).text
        card = (await visitor.get("/consultations/trams/card?prompt=travel")).text
    travel = told["prompts"][0]
    assert {one["key"]: one["count"] for one in travel["counts"]} == {"walk": 620, "bus": None, "car": None}
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["part"] == "option" and row["prompt"] == "travel"]
    assert [row["value"] for row in rows] == ["620", "", ""]
    assert told["smallest_group"] == 5
    assert {one["begun"] for one in told["turnout"]} == {None}, "of two, one alone isn't kept back"
    assert "Numbers under 5 are kept back" in page
    assert "not shown" in page
    assert "40%" not in page + card


async def test_a_larger_limit_is_kept_to_and_said() -> None:
    async with visiting(public_stage(replace(OPEN, least=200))) as visitor:
        page = (await visitor.get("/consultations/trams/results")).text
        told = (await visitor.get("/consultations/trams/results.json")).json()
    assert "Numbers under 200 are kept back" in page
    assert told["smallest_group"] == 200
    assert "1" not in {one["key"]: one["count"] for one in told["prompts"][1]["counts"] if one["count"] is not None}


async def test_the_page_has_a_chart_and_a_table_for_each_prompt_and_says_how_it_was_counted() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/consultations/trams/results")).text
    for prompt in PROMPTS:
        assert f'id="prompt-{prompt.key}"' in page
    assert page.count('role="img"') == 3, "two prompts that are counted, and the turnout"
    assert page.count("<details") == 3
    for said in (
        "How it was counted",
        "One member is one voice",
        "Counted on 12 May 2026",
        "CC0 1.0",
        'href="/consultations/trams/results.csv"',
        "&lt;iframe src=&#34;https://chat.example.org/consultations/trams/card&#34;",
        'type="application/json+oembed"',
    ):
        assert said in page


async def test_the_open_data_may_be_read_from_anywhere_and_used_for_anything() -> None:
    async with visiting(public_stage()) as visitor:
        told = await visitor.get("/consultations/trams/results.json")
        table = await visitor.get("/consultations/trams/results.csv")
    for answer in (told, table):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["link"] == f'<{LICENCE_URL}>; rel="license"'
    assert told.json()["license"] == LICENCE_URL
    assert told.json()["url"] == "https://chat.example.org/consultations/trams/results"
    assert told.json()["prompts"][1]["mean"] == 3.4
    assert told.json()["prompts"][0]["counts"][0]["label"] == {"en": "Walk", "cy": "Walk"}
    assert 'filename="trams-results.csv"' in table.headers["content-disposition"]
    finished = [row for row in csv.DictReader(io.StringIO(table.text)) if row["part"] == "all"]
    assert {row["measure"]: row["value"] for row in finished} == {"asked": "5000", "begun": "1300", "finished": "1204"}


async def test_no_cell_of_the_csv_is_a_formula() -> None:
    for start in "=+-@\t":
        of = consultation("x", title=Localised.of(f"{start}cmd|' /C calc'!A0 {HOSTILE}"))
        async with visiting(public_stage(of)) as visitor:
            rows = list(csv.reader(io.StringIO((await visitor.get("/consultations/x/results.csv")).text)))
        assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]


async def test_many_looks_cost_one_counting() -> None:
    stage = public_stage(OPEN)
    assert isinstance(stage.answered, GivenAnswers)
    async with visiting(stage) as visitor:
        for path in ("", "/results", "/results.json", "/results.csv", "/card", "/preview.png"):
            await visitor.get(f"/consultations/trams{path}")
        assert stage.answered.counted == 1
        stage.answered.given["trams"] = results(OPEN, walk=700)
        soon = (await visitor.get("/consultations/trams/results.json")).json()
        stage.clock.at += COUNTED_EVERY + timedelta(seconds=1)
        later = (await visitor.get("/consultations/trams/results.json")).json()
    assert [one["prompts"][0]["counts"][0]["count"] for one in (soon, later)] == [620, 700]


async def test_a_consultation_that_was_changed_is_counted_anew() -> None:
    stage = public_stage(OPEN)
    async with visiting(stage) as visitor:
        await visitor.get("/consultations/trams/results.json")
        stage.store.loaded = (replace(OPEN, least=1_000),)
        told = (await visitor.get("/consultations/trams/results.json")).json()
    assert told["smallest_group"] == 1_000
    assert {one["count"] for one in told["prompts"][0]["counts"]} == {None}


async def test_where_nothing_was_counted_the_page_says_so() -> None:
    stage = public_stage(OPEN)
    stage.answered = GivenAnswers()
    async with visiting(stage) as visitor:
        page = await visitor.get("/consultations/trams/results")
    assert page.status_code == 200
    assert "Nothing was counted yet." in page.text


async def test_the_page_is_a_page_of_its_own_for_whoever_links_to_it() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/consultations/trams/results")).text
    assert '<link rel="canonical" href="https://chat.example.org/consultations/trams/results">' in page
    assert '<meta property="og:title" content="Results of “About trams”">' in page
