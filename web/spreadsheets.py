"""Spreadsheets: what is written for them, so that nothing a person wrote is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")


def lines(rows: Iterable[Iterable[str | float | None]]) -> str:
    """Rows of CSV: nothing for None, and words made plain."""
    written = io.StringIO()
    csv.writer(written).writerows([_cell(one) for one in row] for row in rows)
    return written.getvalue()


def _cell(value: str | float | None) -> str | float | None:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return plain(value)
        case _:
            return value


def plain(text: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe before it, as spreadsheets themselves do."""
    return f"'{text}" if _FORMULA.match(text) else text
