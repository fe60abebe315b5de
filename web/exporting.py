"""Exporting: what was answered to a consultation as CSV, XLSX, JSON, and as open data; never all at once."""

import asyncio
import io
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

from core.anonymity import Traits, generalised
from core.codebooks import WORDS, Cell, Column, codebook, open_cell, open_codebook, row_of
from core.consultations import Consultation
from core.counting import IN_WORDS, count
from core.ideas import Idea
from core.prompts import Value
from core.results import Answered, PromptResult, Results, Sheet, suppressed
from web.codebooks import codebook_json, codebook_markdown, datapackage, results_json
from web.finding import as_shown
from web.spreadsheets import lines

AT_ONCE = 200
CHUNK = 65_536
LONGEST_CELL = 32_767
"""Characters that a cell of XLSX takes."""

Find = Callable[[Collection[str]], Awaitable[tuple[Idea, ...]]]


class Exporting:
    """`find`: ideas by their codes."""

    def __init__(self, answered: Answered, find: Find) -> None:
        self._answered, self._find = answered, find

    async def _rows(self, consultation: Consultation, columns: Sequence[Column]) -> AsyncIterator[list[list[Cell]]]:
        """So many at once, with the words of the ideas in them."""
        codes = [n for n, column in enumerate(columns) if column.option == WORDS]
        page: list[list[Cell]] = []
        async for sheet in self._answered.sheets(consultation.slug):
            page.append(row_of(columns, sheet))
            if len(page) >= AT_ONCE:
                yield await self._worded(page, codes)
                page = []
        if page:
            yield await self._worded(page, codes)

    async def _worded(self, page: list[list[Cell]], places: Sequence[int]) -> list[list[Cell]]:
        """The column before that of the words has the code."""
        said = {str(row[n - 1]) for row in page for n in places if row[n - 1]}
        words = {idea.code: as_shown(idea).text for idea in await self._find(said)} if said else {}
        for row in page:
            for n in places:
                row[n] = words.get(str(row[n - 1]))
        return page

    async def csv(self, consultation: Consultation) -> AsyncIterator[bytes]:
        """With a mark at its beginning by which spreadsheets know that it is UTF-8."""
        columns = codebook(consultation)
        yield b"\xef\xbb\xbf" + lines([[column.name for column in columns]]).encode()
        async for page in self._rows(consultation, columns):
            yield lines(page).encode()

    async def json(self, consultation: Consultation, at: datetime) -> AsyncIterator[bytes]:
        """Lists where several were picked, null where something was skipped, nothing where it wasn't asked."""
        head: dict[str, object] = {"format": "folkmoot-answers-1", "exported_at": at.isoformat(timespec="seconds")}
        head |= {"consultation": consultation.slug, "title": dict(consultation.title.texts)}
        head |= {"codebook": codebook_json(codebook(consultation))}
        yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "answers": ['
        first = True
        async for sheet in self._answered.sheets(consultation.slug):
            written = json.dumps(_sheet_json(sheet), ensure_ascii=False)
            yield (b"\n" if first else b",\n") + written.encode()
            first = False
        yield b"\n]}\n"

    async def xlsx(self, consultation: Consultation) -> IO[bytes]:
        """The answers, and on a second sheet what each column says."""
        # Loaded where one is written, alone.
        from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it ships no types

        columns = codebook(consultation)
        file: IO[bytes] = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
        book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        sheet, bold = book.add_worksheet("Answers"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.name, bold)
        line = 1
        async for page in self._rows(consultation, columns):
            await asyncio.to_thread(_write_page, sheet, line, page)
            line += len(page)
        about = book.add_worksheet("Codebook")
        about.set_column(0, 3, 40)
        _write_page(about, 0, [["column", "question", "what it says", "values"], *map(_about, columns)])
        await asyncio.to_thread(book.close)
        return file

    # --- as open data
    async def open_data(self, consultation: Consultation, results: Results, at: datetime) -> IO[bytes]:
        """Reads everybody once into a file that nobody sees, and decides by what is in it what may be told."""
        zone, k = ZoneInfo(consultation.timezone), consultation.least
        given: dict[str, Counter[Value]] = defaultdict(Counter)
        skipped: Counter[str] = Counter()
        people: Counter[Traits] = Counter()
        closed = [prompt.key for prompt in consultation.prompts if prompt.kind not in IN_WORDS]
        with TemporaryFile("w+", encoding="utf-8") as spool:
            async for sheet in self._answered.sheets(consultation.slug):
                traits, answers = _traits(sheet, zone), {key: sheet.answers.get(key) for key in closed}
                people[traits] += 1
                for key, value in answers.items():
                    if value is not None:
                        given[key][value] += 1
                    elif key in sheet.answers:
                        skipped[key] += 1
                spool.write(json.dumps([traits, answers], ensure_ascii=False) + "\n")
            prompts = tuple(count(one, given[one.key], skipped[one.key]) for one in consultation.prompts)
            counted = replace(results, consultation=consultation, prompts=prompts)
            return await asyncio.to_thread(_open_data, spool, counted, people, k, at)


def _open_data(spool: IO[str], counted: Results, people: Counter[Traits], k: int, at: datetime) -> IO[bytes]:
    shown = suppressed(counted, k)
    by_key = {one.prompt.key: one for one in shown.prompts}
    columns = open_codebook(counted.consultation, shown.prompts)
    told = generalised(people, k, order=(3, 1, 2, 0))
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("answers.csv", "w") as binary, io.TextIOWrapper(binary, "utf-8", newline="") as written:
            written.write(lines([[column.name for column in columns]]))
            spool.seek(0)
            for number, line in enumerate(spool if told else (), 1):
                traits, answers = json.loads(line)
                row = _open_row(number, told[tuple(traits)], answers, columns, by_key)
                written.write(lines([row]))
        archive.writestr("codebook.json", _pretty(codebook_json(columns)))
        archive.writestr("codebook.md", codebook_markdown(shown, columns, k, at))
        archive.writestr("results.json", _pretty(results_json(shown, k, at)))
        archive.writestr("datapackage.json", _pretty(datapackage(counted.consultation, columns, k, at)))
    return file


def _open_row(
    number: int, told: Traits, answers: Mapping[str, Any], columns: Sequence[Column], by_key: Mapping[str, PromptResult]
) -> Iterable[Cell]:
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in answers.items()}
    language, channel, bodies, day = told
    about: Mapping[str, Cell] = {
        "number": number, "language": language, "channel": channel, "bodies": bodies, "begun_on": day,
    }  # fmt: skip
    for column in columns:
        if column.prompt is None:
            yield about[column.name]
        else:
            yield open_cell(column, given, by_key[column.prompt.key])


def _traits(sheet: Sheet, zone: ZoneInfo) -> Traits:
    day = sheet.begun_at.astimezone(zone).date().isoformat() if sheet.begun_at else ""
    return sheet.language, sheet.channel, " ".join(sheet.bodies), day


# --- rows
def _write_page(sheet: Any, line: int, page: Iterable[Sequence[Cell]]) -> None:
    """Words as words, whatever they begin with: nothing in it is ever a formula."""
    for number, row in enumerate(page, line):
        for place, value in enumerate(row):
            match value:
                case None | "":
                    continue
                case bool():
                    sheet.write_boolean(number, place, value)
                case str():
                    sheet.write_string(number, place, value[:LONGEST_CELL])
                case _:
                    sheet.write_number(number, place, value)


def _about(column: Column) -> list[Cell]:
    values = "; ".join(f"{key} = {' / '.join(words.values())}" for key, words in column.values)
    return [column.name, " / ".join(column.question.values()), column.about, values]


def _sheet_json(sheet: Sheet) -> Mapping[str, object]:
    begun, finished = (at and at.isoformat(timespec="seconds") for at in (sheet.begun_at, sheet.finished_at))
    return {
        "number": sheet.number, "language": sheet.language, "channel": sheet.channel, "bodies": list(sheet.bodies),
        "begun_at": begun, "finished_at": finished, "answers": dict(sheet.answers),
    }  # fmt: skip


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


async def sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    """From its beginning, piece by piece; it is gone when it was sent, or nobody wants it any more."""
    try:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece
    finally:
        file.close()
