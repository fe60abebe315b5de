"""Spreadsheets: what is written for them, so that nothing a person wrote is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")


def plain(text: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe before it, as spreadsheets themselves do."""
    return f"'{text}" if _FORMULA.match(text) else text


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Rows of CSV, each cell made plain."""
    written = io.StringIO()
    csv.writer(written).writerows([plain(cell) for cell in row] for row in rows)
    return written.getvalue()
