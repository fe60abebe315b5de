"""Importing: a file of members gone through in pages beside everything else, first to see what would become of each
row, then to write it down. What is cut short goes on where it was, and taken twice changes nothing."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic

from core.authority import Authority
from core.bodies import Office, Topic
from core.deeds import By
from core.imports import Fate, Import, ImportState, Judged, Reading, Row, names_of
from core.members import Role
from core.ports import Clock
from core.rolls import Rolls
from core.texts import Phrase, T
from web import spreadsheets
from web.desk.parts import Membership
from web.desk.uploads import MOST_ROWS, Cells, Folder, Numbered, read_layout, rows

log = logging.getLogger(__name__)

ON_A_PAGE = 500
SHOWN = 100
"""Rows of each kind that the preview shows."""
TOLD_EVERY = 1.0
"""Seconds between two notes of how far the checking has got."""
CUT_SHORT_AFTER = timedelta(seconds=20)
"""Work that nobody noted anything of for so long was cut short: its process has ended."""
KEPT_FOR = timedelta(days=1)


def is_cut_short(found: Import, now: datetime) -> bool:
    return found.state.is_at_work and now - found.touched_at >= CUT_SHORT_AFTER


@dataclass(frozen=True, slots=True)
class Taken:
    """A row of the file: what it says, or why it is rejected, or that it stands there already."""

    number: int
    cells: Cells
    found: Row | Judged


@dataclass(slots=True)
class Reader:
    """Reads a file in pages, and remembers, in a few bytes each, what it has seen."""

    rows: Iterator[Numbered]
    columns_of: Callable[[Cells], Row | Phrase]
    width: int
    seen: dict[int, int] = field(default_factory=dict)
    count: int = 0

    def page(self) -> list[Taken]:
        return [self._take(number, cells) for number, cells in islice(self.rows, ON_A_PAGE)]

    def _take(self, number: int, cells: Cells | None) -> Taken:
        self.count += 1
        if cells is None:
            why = T("A quotation mark is opened here and never closed.")
            return Taken(number, [], Judged(Fate.REJECTED, why))
        if self.count > MOST_ROWS:
            why = T("More than {count} rows: put the rest into another file.", count=MOST_ROWS)
            return Taken(number, cells, Judged(Fate.REJECTED, why))
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            return Taken(number, cells, Judged(Fate.REJECTED, T("There are more cells than headings.")))
        found = self.columns_of(cells)
        if isinstance(found, Phrase):
            return Taken(number, cells, Judged(Fate.REJECTED, found))
        return Taken(number, cells, self._seen(number, found) or found)

    def _seen(self, number: int, row: Row) -> Judged | None:
        if row.membership:
            first = self.seen.setdefault(int(row.membership.number[:16], 16), number)
            if first != number:
                return Judged(Fate.REJECTED, T("This number stands in row {row} already.", row=first))
        elif row.who:
            first = self.seen.setdefault(hash((row.who, row.offices)), number)
            if first != number:
                return Judged(Fate.KNOWN, T("The same stands in row {row} already.", row=first))
        return None


@dataclass(frozen=True, slots=True)
class Shown:
    """A row in the preview."""

    row: int
    who: str
    offices: list[Office]
    why: str


class Importer:
    """One for each process that shows pages."""

    def __init__(self, membership: Membership, clock: Clock, topics: Callable[[], Awaitable[Sequence[Topic]]]) -> None:
        self._imports, self._rolls, self._clock = membership.imports, membership.rolls, clock
        self.folder, self._topics = Folder(membership.uploads), topics
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def check(self, by: By, authority: Authority, found: Import, say: Callable[[Phrase], str]) -> None:
        """Begins to, unless somebody is at it."""
        await self._start(by, found, ImportState.CHECKING, lambda: self._check(by, authority, found, say))

    async def take(self, by: By, authority: Authority, found: Import) -> None:
        """Begins to write it down, or goes on with that."""
        await self._start(by, found, ImportState.IMPORTING, lambda: self._take(by, authority, found))

    async def _start(self, by: By, found: Import, state: ImportState, work: Callable[[], Awaitable[None]]) -> None:
        now = self._clock.now()
        if not await self._imports.start(by, found.id, state, found.state, now - CUT_SHORT_AFTER):
            return
        task = asyncio.create_task(self._to_its_end(found.id, by, work), name=f"import {found.id}")
        self._tasks[found.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(found.id, None))

    async def _to_its_end(self, id: int, by: By, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except FileNotFoundError:
            await self._imports.end(by, id, ImportState.BROKEN)
        except OSError as error:  # the database or the disk: it can be gone on with
            log.warning("import %s was cut short: %s", id, type(error).__name__)

    async def done(self, id: int) -> None:
        """Waits until this process works on it no more."""
        if task := self._tasks.get(id):
            await asyncio.wait([task])

    # --- looking
    async def _check(self, by: By, authority: Authority, found: Import, say: Callable[[Phrase], str]) -> None:
        reader, counts, shown = (
            await self._reader(authority, found),
            Counter[Fate](),
            {fate: list[Shown]() for fate in Fate},
        )
        told, noted = self.folder.told(found.file), monotonic()
        await asyncio.to_thread(self.folder.write, told, b"")
        with told.open("a", encoding="utf-8-sig", newline="") as file:
            header = [part.value if part else "" for part in found.columns.parts]
            file.write(spreadsheets.lines([["row", "becomes", "reason", *header]]))
            while page := await asyncio.to_thread(reader.page):
                judged = await self._judge(page, authority)
                told_of = []
                for taken, one in zip(page, judged, strict=True):
                    why = say(one.why) if one.why else ""
                    counts[one.fate] += 1
                    told_of.append([str(taken.number), one.fate.value, why, *taken.cells])
                    if len(shown[one.fate]) < SHOWN:
                        shown[one.fate].append(_shown(taken, why))
                await asyncio.to_thread(file.write, spreadsheets.lines(told_of))
                if monotonic() - noted >= TOLD_EVERY:
                    noted, now = monotonic(), self._clock.now()
                    await self._imports.reach(found.id, ImportState.CHECKING, reader.count, counts, now)
        written = json.dumps({fate.value: [_write(one) for one in some] for fate, some in shown.items()})
        await asyncio.to_thread(self.folder.write, self.folder.shown(found.file), written.encode())
        await self._imports.reach(found.id, ImportState.CHECKED, reader.count, counts, self._clock.now())

    async def _judge(self, page: Sequence[Taken], authority: Authority) -> list[Judged]:
        read = [taken.found for taken in page if isinstance(taken.found, Row)]
        judged = iter(await self._imports.judge(read, authority.scope) if read else ())
        return [next(judged) if isinstance(taken.found, Row) else taken.found for taken in page]

    # --- writing
    async def _take(self, by: By, authority: Authority, found: Import) -> None:
        reader = await self._reader(authority, found)
        begins = found.reached if found.state is ImportState.IMPORTING else 0
        while page := await asyncio.to_thread(reader.page):
            if reader.count <= begins:
                continue
            read = [taken.found for taken in page if isinstance(taken.found, Row)]
            others = Counter(taken.found.fate for taken in page if isinstance(taken.found, Judged))
            now = self._clock.now()
            await self._imports.take(found.id, read, authority.scope, reader.count, others, now)
        await self._imports.end(By(by.via, self._clock.now(), by.member), found.id, ImportState.DONE)
        await asyncio.to_thread(self.folder.upload(found.file).unlink, True)

    async def _reader(self, authority: Authority, found: Import) -> Reader:
        topics = await self._topics()
        accounts = await self._imports.accounts()
        reading = _reading(authority, topics, accounts, self._rolls)
        layout, columns = read_layout(found.layout), found.columns
        found_rows = rows(self.folder.upload(found.file), layout)
        return Reader(found_rows, lambda cells: reading.read(columns.of(cells)), len(columns.parts))

    async def sweep(self, now: datetime) -> None:
        """Throws away what lies there for longer than a day, imported or not."""
        for one in await self._imports.older(now - KEPT_FOR):
            await self.drop(one)
        await asyncio.to_thread(self.folder.drop_older, now - KEPT_FOR)

    async def drop(self, found: Import) -> None:
        await asyncio.to_thread(self.folder.drop, found.file)
        await self._imports.drop(found.id)

    def shown(self, found: Import) -> dict[Fate, list[Shown]]:
        """The first rows of each kind; none where that isn't known here."""
        try:
            read = json.loads(self.folder.shown(found.file).read_bytes())
        except OSError:
            return {}
        return {Fate(fate): [_read(one) for one in some] for fate, some in read.items()}


def _reading(authority: Authority, topics: Sequence[Topic], accounts: tuple[str, ...], rolls: Rolls) -> Reading:
    return Reading(
        topics=tuple(topics),
        accounts=accounts,
        scope=authority.scope,
        hashed=rolls.keep,
        kept=rolls.kept,
        slugs=names_of(authority.bodies),
    )


def _shown(taken: Taken, why: str) -> Shown:
    row = taken.found if isinstance(taken.found, Row) else None
    if row is None:
        return Shown(taken.number, " · ".join(filter(None, taken.cells))[:80], [], why)
    named = [row.name] if row.name else []
    address = [f"{row.who.channel} {row.who.user}"] if row.who else []
    return Shown(taken.number, " · ".join([*named, *address])[:80], list(row.offices), why)


def _write(one: Shown) -> list[object]:
    return [one.row, one.who, [[body, role] for body, role in one.offices], one.why]


def _read(written: list[object]) -> Shown:
    row, who, offices, why = written
    held = [(str(body), Role(role)) for body, role in offices]  # type: ignore[attr-defined]  # a list of pairs
    return Shown(int(str(row)), str(who), held, str(why))
