"""Files of members on disk: kept as they come, looked at for how they are written, read row by row. No file is ever
whole in memory."""

import codecs
import csv
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from core.headings import recognise

LARGEST_UPLOAD = 60_000_000
MOST_ROWS = 500_000
MOST_COLUMNS = 60
HEAD = 65_536
LONGEST_LINE = 200_000
DELIMITERS = ",;\t|"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Cells = list[str]
Numbered = tuple[int, Cells | None]
"""The number of a row, as a spreadsheet shows it, and what stands in it; None where it can't be told."""


@dataclass(frozen=True, slots=True)
class Layout:
    encoding: str
    delimiter: str

    def written(self) -> str:
        return f"{self.encoding} {self.delimiter}"


def read_layout(written: str) -> Layout:
    encoding, _, delimiter = written.partition(" ")
    return Layout(encoding, delimiter)


@dataclass(frozen=True, slots=True)
class Folder:
    """Where files lie until they are imported; only whom the process runs as can read there."""

    path: Path

    def keep(self, upload: BinaryIO) -> str:
        """The name by which it is found again."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16)
        with self._opened(self.upload(name)) as file:
            shutil.copyfileobj(upload, file)
        return name

    def _opened(self, path: Path) -> BinaryIO:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    def upload(self, name: str) -> Path:
        return self.path / f"{name}.csv"

    def told(self, name: str) -> Path:
        """Every row, with what becomes of it."""
        return self.path / f"{name}.told.csv"

    def shown(self, name: str) -> Path:
        """The first of each kind."""
        return self.path / f"{name}.json"

    def write(self, path: Path, content: bytes) -> None:
        with self._opened(path) as file:
            file.write(content)

    def drop(self, name: str) -> None:
        for path in (self.upload(name), self.told(name), self.shown(name)):
            path.unlink(missing_ok=True)

    def drop_older(self, than: datetime) -> None:
        """Also what nobody knows of any more, because whoever took it in died at it."""
        for path in self.path.glob("*"):
            with suppress(FileNotFoundError):  # somebody dropped it just now
                if path.stat().st_mtime < than.timestamp():
                    path.unlink()


def look(path: Path) -> tuple[Layout, Cells]:
    """How it is written, and its first row; empty where there is none."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(HEAD)
    headers = {delimiter: _first(head, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda one: (_known(headers[one]), len(headers[one])))
    return Layout(encoding, best), headers[best][:MOST_COLUMNS]


def rows(path: Path, layout: Layout) -> Iterator[Numbered]:
    """Those under the first, but for empty ones. Raises OSError where the file is gone."""
    with path.open(encoding=layout.encoding, errors="replace", newline="") as file:
        lines = csv.reader(iter(lambda: file.readline(LONGEST_LINE), ""), delimiter=layout.delimiter)
        number = 0
        while True:
            number += 1
            try:
                cells = next(lines)
            except StopIteration:
                return
            except csv.Error:
                yield number, None
                continue
            if number > 1 and any(cell.strip() for cell in cells):
                yield number, cells[:MOST_COLUMNS]


def _encoding(path: Path) -> str:
    """UTF-8 wherever it can be that, else what Windows' spreadsheets write."""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(HEAD):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _first(head: str, delimiter: str) -> Cells:
    try:
        return next(csv.reader(head.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return []


def _known(header: Sequence[str]) -> int:
    return sum(part is not None for part in recognise(header).parts)
