"""Importing members: a file is sent up, its columns are named, every row is looked at, and then it is imported. And the
membership roll, as far as it can be seen."""

import asyncio

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from core.headings import Columns, Part, recognise
from core.imports import Fate, Import, ImportState
from core.register import ROLES
from core.texts import Phrase, T
from web.desk.desk import At, Desk
from web.desk.importing import Importer, is_cut_short
from web.desk.numbers import NUMBER
from web.desk.opening import UPLOADED_TO
from web.desk.uploads import LARGEST_UPLOAD, Layout, look
from web.routes import Routes
from web.trouble import Trouble, nothing_here

PARTS: dict[Part, Phrase] = {
    Part.NUMBER: T("Membership number"),
    Part.POSTCODE: T("Postcode"),
    Part.NUMBER_HASH: T("Hash of the number"),
    Part.ROLL_HASH: T("Hash of number and postcode"),
    Part.CHANNEL: T("Channel (telegram or slack)"),
    Part.USER: T("User id"),
    Part.NAME: T("Name (shown here, not kept)"),
    Part.BODY: T("Body"),
    Part.ROLE: T("Role"),
    Part.LANGUAGE: T("Language"),
    Part.TOPICS: T("Topics"),
}
FATES: dict[Fate, Phrase] = {
    Fate.NEW: T("new"),
    Fate.KNOWN: T("known"),
    Fate.CLASH: T("clash"),
    Fate.REJECTED: T("rejected"),
}


def _unreadable() -> Trouble:
    return Trouble(
        400,
        T("That file can’t be read"),
        T("It has to be CSV with headings in its first row. In a spreadsheet: save as, CSV."),
    )


class Imports:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._own = desk, desk.parts, desk.own.membership
        self._importer = Importer(self._own, desk.parts.clock, desk.parts.store.topics)

    def routes(self) -> Routes:
        routes, at = Routes(), UPLOADED_TO
        routes.page(at, self.show)
        routes.post(at, self.upload)
        routes.page(f"{at}/{{id:{NUMBER}}}", self.one)
        routes.get(f"{at}/{{id:{NUMBER}}}/progress", self.progress)
        routes.get(f"{at}/{{id:{NUMBER}}}/rows.csv", self.rows)
        routes.post(f"{at}/{{id:{NUMBER}}}/columns", self.name_columns)
        routes.post(f"{at}/{{id:{NUMBER}}}/begin", self.begin)
        routes.post(f"{at}/{{id:{NUMBER}}}/drop", self.drop)
        return routes

    # --- sending up
    async def show(self, request: Request) -> Response:
        here = await self._desk.organiser(request)
        earlier = await self._own.imports.of(here.authority.member.id)
        roll = await self._own.register.on_the_roll(here.authority.scope)
        key = self._own.rolls.key if here.authority.organises_all else ""
        return self._desk.show(
            request, "desk/members-import.html", here, part="members", earlier=earlier, roll=roll, key=key,
            states=STATES, most=LARGEST_UPLOAD // 1_000_000,
        )  # fmt: skip

    async def upload(self, request: Request) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.size:
            await form.close()
            raise Trouble(400, T("No file was chosen"), T("Go back, and choose a file of members in CSV."))
        name = await asyncio.to_thread(self._importer.folder.keep, file.file)
        await form.close()
        layout, header = await asyncio.to_thread(look, self._importer.folder.upload(name))
        columns = recognise(header)
        if not any(heading.strip() for heading in header):
            await asyncio.to_thread(self._importer.folder.drop, name)
            raise _unreadable()
        found = await self._own.imports.begin(here.by, name, layout.written(), columns)
        if columns.is_sure and columns.is_enough:
            await self._check(here, found)
        return RedirectResponse(f"{UPLOADED_TO}/{found.id}", 303)

    async def _check(self, here: At, found: Import) -> None:
        def say(words: Phrase) -> str:
            return self._parts.texts.say(words, here.reader.language)

        await self._importer.check(here.by, here.authority, found, say)

    # --- one file
    async def one(self, request: Request, id: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._find(here, id)
        now = self._parts.clock.now()
        header: list[str] = []
        if found.state is ImportState.ASKING:
            header = (await self._header(found))[1]
        shown = await asyncio.to_thread(self._importer.shown, found) if found.state is ImportState.CHECKED else {}
        return self._desk.show(
            request, "desk/members-import-one.html", here, part="members", found=found, shown=shown, header=header,
            parts_of=PARTS, fates=FATES, roles=ROLES, states=STATES, is_cut_short=is_cut_short(found, now),
            problem=request.query_params.get("problem", ""), has_rows=self._importer.folder.told(found.file).is_file(),
        )  # fmt: skip

    async def _header(self, found: Import) -> tuple[Layout, list[str]]:
        try:
            return await asyncio.to_thread(look, self._importer.folder.upload(found.file))
        except OSError:
            raise nothing_here() from None

    async def progress(self, request: Request, id: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._find(here, id)
        cut_short = is_cut_short(found, self._parts.clock.now())
        if not found.state.is_at_work or cut_short:
            return Response(status_code=204, headers={"hx-refresh": "true"})
        return self._desk.fragment("desk/members-import-progress.html", here, found=found)

    async def rows(self, request: Request, id: int) -> Response:
        """Every row with what becomes of it, as it was looked at."""
        here = await self._desk.organiser(request)
        found = await self._find(here, id)
        path = self._importer.folder.told(found.file)
        if not found.file or not path.is_file():
            raise nothing_here()
        return FileResponse(path, media_type="text/csv; charset=utf-8", filename=f"import-{found.id}.csv")

    async def name_columns(self, request: Request, id: int) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        found = await self._find(here, id)
        if found.state is not ImportState.ASKING:
            return RedirectResponse(f"{UPLOADED_TO}/{id}", 303)
        chosen = [str(form.get(f"column-{place}", "")) for place in range(len(found.columns.parts))]
        columns = Columns(tuple(Part(one) if one in set(Part) else None for one in chosen))
        await self._own.imports.map(found.id, columns)
        if columns.repeated or not columns.is_enough:
            problem = "twice" if columns.repeated else "missing"
            return RedirectResponse(f"{UPLOADED_TO}/{id}?problem={problem}", 303)
        await self._check(here, await self._find(here, id))
        return RedirectResponse(f"{UPLOADED_TO}/{id}", 303)

    async def begin(self, request: Request, id: int) -> Response:
        """The import; and going on with whatever was cut short."""
        here, _ = await self._desk.posted_by_organiser(request)
        found = await self._find(here, id)
        if found.state is ImportState.CHECKING:
            await self._check(here, found)
        elif found.state in (ImportState.CHECKED, ImportState.IMPORTING):
            await self._importer.take(here.by, here.authority, found)
        return RedirectResponse(f"{UPLOADED_TO}/{id}", 303)

    async def drop(self, request: Request, id: int) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        found = await self._find(here, id)
        if found.state.is_at_work and not is_cut_short(found, self._parts.clock.now()):
            raise Trouble(409, T("It is being worked on"), T("Wait until that is done, or was cut short."))
        await self._importer.drop(found)
        return self._desk.go(UPLOADED_TO, "dropped")

    async def _find(self, here: At, id: int) -> Import:
        """One of their own: what stands in somebody's file is nobody else's business."""
        found = await self._own.imports.find(id)
        if found is None or found.member != here.authority.member.id:
            raise nothing_here()
        return found


STATES: dict[ImportState, Phrase] = {
    ImportState.ASKING: T("waits to be told which column is which"),
    ImportState.CHECKING: T("is being looked at"),
    ImportState.CHECKED: T("can be imported"),
    ImportState.IMPORTING: T("is being imported"),
    ImportState.DONE: T("imported"),
    ImportState.BROKEN: T("can’t be read any more"),
}
