"""Charts: each kind is drawn, says its numbers in a table, holds nothing that a page forbids, and can be a picture."""

import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.bodies import Bodies
from core.counting import count
from core.prompts import Option, Prompt, PromptKind, Value
from core.results import PromptResult, Step, Turnout, suppressed
from core.texts import Localised, load_texts
from tests.core.test_results import of
from web.chart_pictures import draw_picture
from web.charts import Chart, Voice, by_channel, by_day, chart, funnel, turnout, voice
from web.readers import Reader
from web.strokes import WIDEST_LABEL, Bar, Column, Piece, bars, columns, wrapped

TEXTS = load_texts()
ENGLISH = voice(TEXTS, Reader("en"))
ARABIC = Voice(ENGLISH.say, Reader("ar"))
HOSTILE = "<script>alert(1)</script>\u202e\"'& " + "😀" * 4_000
OPTIONS = tuple(Option(key, Localised.of(words)) for key, words in (("a", "Parks"), ("b", HOSTILE), ("c", "حدائق")))
GIVEN: dict[PromptKind, dict[Value, int]] = {
    PromptKind.ONE: {"a": 7, "b": 2, "gone": 1},
    PromptKind.MANY: {("a", "b"): 3, ("c",): 1},
    PromptKind.YESNO: {"yes": 4, "no": 1},
    PromptKind.STATEMENT: {"agree": 4, "pass": 1},
    PromptKind.SCALE: {1: 3, 4: 9},
    PromptKind.NUMBER: {1: 3, 4.5: 9, 300: 1},
    PromptKind.RANK: {("a", "b", "c"): 3, ("c", "b", "a"): 1},
    PromptKind.TEXT: {},
    PromptKind.IDEA: {},
}


def result(kind: PromptKind) -> PromptResult:
    prompt = Prompt("p", kind, Localised.of(f"{HOSTILE} {kind}?"), options=OPTIONS)
    return count(prompt, GIVEN[kind], 1, 5)


@pytest.mark.parametrize("kind", PromptKind)
@pytest.mark.parametrize("speaks", [ENGLISH, ARABIC], ids=["en", "ar"])
def test_each_kind_says_its_numbers_and_nothing_that_a_page_forbids(kind: PromptKind, speaks: Voice) -> None:
    found = chart(result(kind), speaks)
    svg = str(found.svg)
    assert bool(svg) is (kind not in (PromptKind.TEXT, PromptKind.IDEA))
    for forbidden in ("<script", " style=", " id=", "url(", "http"):
        assert forbidden not in svg, forbidden
    assert all(len(row) == len(found.head) for row in found.rows)
    assert found.rows
    assert found.caption


def test_what_is_kept_back_is_said_and_not_drawn() -> None:
    one = suppressed(of(count(Prompt("p", PromptKind.YESNO, Localised.of("?")), {"yes": 90, "no": 2})), 5).prompts[0]
    found = chart(one, ENGLISH)
    assert [row[1] for row in found.rows] == ["not shown", "not shown"]
    assert "<rect" not in str(found.svg)
    assert found.note
    nobody = chart(replace(one, answered=None), ENGLISH)
    assert nobody.caption == "Too few answered to show how."


def test_numbers_stand_in_the_table_as_they_are() -> None:
    found = chart(result(PromptKind.YESNO), ENGLISH)
    assert found.rows == (("Yes", "4", "80%"), ("No", "1", "20%"))
    assert found.caption == "5 answers. 1 skipped it."


def test_charts_of_all_of_them_together() -> None:
    prompt = result(PromptKind.ONE).prompt
    days: dict[date, int | None] = {date(2026, 5, 1): 3, date(2026, 5, 4): None}
    found: list[Chart] = [
        funnel([Step(prompt, 10, 6, 1, 3)], ENGLISH),
        turnout([Turnout("x", 10, 8, 5, None), Turnout("y", 10, 8, 5, 4)], Bodies(), ENGLISH),
        by_day(days, ENGLISH),
        by_channel({"telegram": 3, "": None}, ENGLISH),
    ]
    assert all(one.svg and one.rows for one in found)
    assert [row[1] for row in found[2].rows] == ["3", "0", "0", "not shown"], "days on which nobody came stand there"
    empty = [funnel([], ENGLISH), turnout([], Bodies(), ENGLISH), by_day({}, ENGLISH), by_channel({}, ENGLISH)]
    assert not any(one.svg for one in empty)


def test_a_bar_begins_where_the_line_does() -> None:
    rows = [Bar("Parks", (Piece(0.5, "main"),), "50%")]
    assert 'class="is-main" x="0%"' in bars(rows).strokes
    assert 'class="is-main" x="68%"' in bars(rows, rtl=True).strokes
    steps = [Column("1", 1, ""), Column("2", 0.5, "")]
    assert columns(steps).strokes != columns(steps, rtl=True).strokes


@pytest.mark.parametrize(
    ("many", "label", "labelled"), [(5, "3 May", 5), (10, "12 May", 5), (10, "7", 10), (40, "12 May", 5)]
)
def test_labels_of_columns_stand_apart_on_a_small_phone(many: int, label: str, labelled: int) -> None:
    drawn = columns([Column(label, 1, "")] * many).strokes
    assert drawn.count(f">{label}</text>") == labelled


@given(st.text(max_size=400))
def test_no_line_is_wider_than_a_small_phone(words: str) -> None:
    lines = wrapped(words, WIDEST_LABEL)
    assert lines
    assert max(map(len, lines)) <= WIDEST_LABEL
    assert not any("\u202e" in line for line in lines)


@pytest.mark.parametrize("kind", [PromptKind.ONE, PromptKind.SCALE, PromptKind.TEXT])
async def test_a_picture_is_wide_enough_for_a_chat(kind: PromptKind) -> None:
    png = await draw_picture(chart(result(kind), ENGLISH), "What makes a good city?", "12 May 2026")
    with Image.open(io.BytesIO(png)) as image:
        assert image.size[0] == 1200
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 20, "letters are in it"
