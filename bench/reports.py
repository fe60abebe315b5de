"""What is told of the results: a table in the terminal, the same in Markdown for the documentation, and JSON."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from bench.measuring import Result

BENCH = Path(__file__).resolve().parent
JSON_FILE = BENCH / "results.json"
PAGE = BENCH.parent / "docs" / "performance.md"
COLUMNS = ("what", "database", "measured", "against", "ratio (least–greatest)", "goal", "")


class NoPlace(Exception):
    def __init__(self, page: Path, part: str) -> None:
        super().__init__(f"{page} has no lines <!-- {part} --> and <!-- end of {part} --> to write between")


def table(title: str, results: Iterable[Result]) -> Table:
    shown = Table(title=title, title_justify="left")
    for column in COLUMNS:
        shown.add_column(column, overflow="fold")
    for one in results:
        *cells, met = _cells(one)
        shown.add_row(*cells, f"[{'green' if one.is_met else 'red'}]{met}" if met else "")
    return shown


def markdown(results: Iterable[Result]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "| --- " * len(COLUMNS) + "|"]
    lines += ["| " + " | ".join(_cells(one)) + " |" for one in results]
    return "\n".join(lines)


def _cells(one: Result) -> tuple[str, ...]:
    what = f"{one.name} ({one.remark})" if one.remark else one.name
    against = one.floor if one.against is None else f"{number(one.against)} {one.unit}, {one.floor}".rstrip(", ")
    goal = "" if one.goal is None else str(one.goal) if one.ratio else f"{one.goal} {one.unit}".rstrip()
    met = "" if one.is_met is None else "met" if one.is_met else "missed"
    measured = f"{number(one.value)} {one.unit}".rstrip()
    return what, one.database, measured, against, str(one.ratio or ""), goal, met


def number(value: float) -> str:
    """With as many digits as say something."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def as_json(results: Iterable[Result]) -> str:
    told = [
        {
            "name": f"{one.name}, against {one.floor}" if one.floor else one.name,
            "database": one.database,
            "value": one.value,
            "unit": one.unit,
            "against": one.against,
            "ratio": one.ratio.middle if one.ratio else None,
            "goal": str(one.goal) if one.goal else None,
            "met": one.is_met,
        }
        for one in results
    ]
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def write_json(results: Sequence[Result], file: Path = JSON_FILE) -> None:
    file.write_text(as_json(results), encoding="utf-8")


def write_between(part: str, text: str, page: Path = PAGE) -> None:
    """Replaces what stands in a page between the two lines that name the part."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise NoPlace(page, part)
    page.write_text(f"{before}{begin}{text.strip()}\n{end}{after}", encoding="utf-8")
