"""What is told of results: table, Markdown, JSON and picture."""

import json
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from bench import picture
from bench.growth import Point
from bench.measuring import Ratio, Result, Target
from bench.reports import NoPlace, markdown, number, table, write_between, write_json

LINES = [
    Result("quick", 300, "a second", 1_000, "bare", Ratio(0.3, 0.2, 0.4), Target(least=0.2), "SQLite", "of ten"),
    Result("slow", 1.6, "s", 1.0, "idle", Ratio(1.6, 1.0, 2.0), Target(most=1.5), "PostgreSQL"),
    Result("lost", 0, "", goal=Target(most=0)),
    Result("other", 5, "ms"),
]
POINTS = [
    Point(what, database, among, 7.0 * len(what) * among**0.1)
    for what in ("a turn", "finding a story")
    for database in ("SQLite", "PostgreSQL")
    for among in (1_000, 10_000)
]


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    console = Console(width=180, file=StringIO())
    with console.capture() as captured:
        console.print(table("Everything", LINES))
    text = captured.get()
    quick, slow, lost, other = (next(line for line in text.splitlines() if one.name in line) for one in LINES)
    assert all(words in quick for words in ("0.30 (0.20–0.40)", "at least 0.2", "300 a second", "met", "(of ten)"))
    assert all(words in slow for words in ("at most 1.5", "missed"))
    assert "met" in lost
    assert not any(words in other for words in ("met", "missed"))


def test_the_json_has_one_object_a_result_with_the_same_eight_fields(tmp_path: Path) -> None:
    write_json(LINES, tmp_path / "results.json")
    told = json.loads((tmp_path / "results.json").read_text())
    assert all(list(one) == ["name", "database", "value", "unit", "against", "ratio", "goal", "met"] for one in told)
    assert told[0] == {
        "name": "quick, against bare", "database": "SQLite", "value": 300, "unit": "a second", "against": 1_000,
        "ratio": 0.3, "goal": "at least 0.2", "met": True,
    }  # fmt: skip
    assert [one["met"] for one in told] == [True, False, True, None]


def test_the_markdown_has_a_row_for_each_result() -> None:
    head, rule, *rows = markdown(LINES).splitlines()
    assert len({line.count("|") for line in (head, rule, *rows)}) == 1
    assert rows[1] == "| slow | PostgreSQL | 1.6 s | 1 s, idle | 1.60 (1.00–2.00) | at most 1.5 | missed |"


def test_what_stands_between_two_lines_of_a_page_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- results -->\nold\nolder\n<!-- end of results -->\nafter\n")
    write_between("results", "new", page)
    assert page.read_text() == "before\n<!-- results -->\nnew\n<!-- end of results -->\nafter\n"
    with pytest.raises(NoPlace, match="growth"):
        write_between("growth", "new", page)


def test_the_page_has_a_place_for_the_table_and_for_the_numbers_of_the_picture(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text((Path(__file__).parents[2] / "docs" / "performance.md").read_text())
    write_between("results", markdown(LINES), page)
    write_between("growth", picture.numbers(POINTS), page)
    assert "| slow |" in page.read_text()
    assert "among 10,000 |" in page.read_text()


def test_the_picture_is_svg_with_words_for_whoever_sees_it_and_for_whoever_does_not(tmp_path: Path) -> None:
    picture.write(POINTS, tmp_path / "growth.svg")
    svg = ElementTree.fromstring((tmp_path / "growth.svg").read_text())  # noqa: S314  our own
    named = "{http://www.w3.org/2000/svg}"
    assert (svg.get("role"), svg.findtext(f"{named}title")) == (
        "img", "How the cost of one grows with how many there are",
    )  # fmt: skip
    assert "among 1,000 to 10,000" in (svg.findtext(f"{named}desc") or "")
    words = {text.text for text in svg.iter(f"{named}text")}
    assert {"a turn", "finding a story", "SQLite", "PostgreSQL", "1,000", "microseconds"} <= words
    assert "prefers-color-scheme: dark" in (svg.findtext(f"{named}style") or "")


def test_numbers_have_as_many_digits_as_say_something() -> None:
    assert [number(value) for value in (1234.5, 100, 12.345, 0.01234, 3)] == ["1,234", "100", "12.3", "0.0123", "3"]
