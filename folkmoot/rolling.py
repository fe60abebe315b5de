"""A membership roll hashed where it lies: a file of numbers and postcodes becomes a file of keyed hashes, in which
nobody reads either. Needs no database and no network."""

import csv
import os
from pathlib import Path

from core.headings import Part, recognise
from core.rolls import Hashed, read_number, read_postcode
from folkmoot.organisers import Said
from web.desk.uploads import look, rows

BESIDE = (Part.BODY, Part.ROLE)
"""Columns that go along as they are."""


def hash_roll(file: Path, to: Path, key: str) -> Said:
    """Rows that can't be read are named by their number, and left out."""
    layout, header = look(file)
    columns = recognise(header)
    if not {Part.NUMBER, Part.POSTCODE} <= set(columns.parts) or columns.repeated:
        headings = ", ".join(header) or "none"
        said = "It takes one column “membership number” and one “postcode”, with headings in the first row"
        return Said((f"{file}: {said}. There is: {headings}",), is_good=False)
    written, bad = 0, list[int]()
    try:
        opened = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Said((f"{to} is there already. Nothing was written.",), is_good=False)
    with os.fdopen(opened, "w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow([Part.NUMBER_HASH.value, Part.ROLL_HASH.value, *(part.value for part in BESIDE)])
        for number, cells in rows(file, layout):
            read = columns.of(cells or [])
            known, postcode = read_number(read.get(Part.NUMBER, "")), read_postcode(read.get(Part.POSTCODE, ""))
            if not known or not postcode:
                bad.append(number)
                continue
            hashed = Hashed.of(key, known, postcode)
            lines.writerow([hashed.number, hashed.proof, *(read.get(part, "") for part in BESIDE)])
            written += 1
    left = (f"Left out, as number or postcode can’t be read: rows {_some(bad)}.",) if bad else ()
    told = f"{written} rows are in {to}. Send that file up at the desk, under Members."
    return Said((*left, told), is_good=written > 0)


def _some(rows: list[int]) -> str:
    return ", ".join(map(str, rows[:20])) + (f" and {len(rows) - 20} more" if len(rows) > 20 else "")
