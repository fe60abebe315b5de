"""Taking the answers along: as CSV, XLSX or JSON for the organisation, and as open data for everybody."""

from collections.abc import AsyncIterator
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.codebooks import codebook
from core.consultations import Consultation
from core.deeds import Deed, Did, of_consultation
from core.texts import T
from web.desk.desk import Desk
from web.exporting import Exporting, sent
from web.routes import Routes
from web.trouble import Trouble, nothing_here


class Form(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    OPEN = "open"


TYPES = {
    Form.CSV: ("csv", "text/csv; charset=utf-8"),
    Form.XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Form.JSON: ("json", "application/json"),
    Form.OPEN: ("zip", "application/zip"),
}


class ExportsRoom:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._answered = desk, desk.parts, desk.own.answered
        self._exporting = Exporting(self._answered, desk.parts.store.ideas)

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/consultations/{slug}/export", self.show)
        routes.post("/desk/consultations/{slug}/export", self.take)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        here = await self._desk.organiser(request)
        found = await self._desk.consultation(here, slug)
        results = await self._answered.results(slug, self._parts.clock.now())
        return self._desk.show(
            request, "desk/export.html", here, part="consultations", consultation=found, results=results,
            columns=codebook(found), is_open=found.is_open(self._parts.clock.now()),
        )  # fmt: skip

    async def take(self, request: Request, slug: str) -> Response:
        """It stands in the log before the first of it is sent."""
        here, form = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        chosen = str(form.get("as", ""))
        if chosen not in list(Form):
            raise Trouble(422, T("There is no such file"), T("Choose one of the files on the page."))
        which = Form(chosen)
        await self._desk.own.deeds.note(here.by, Deed(Did.EXPORTED, of_consultation(slug), detail=which.value))
        ending, media_type = TYPES[which]
        name = f"{slug}-open-data" if which is Form.OPEN else f"{slug}-answers"
        headers = {"content-disposition": f'attachment; filename="{name}.{ending}"', "cache-control": "no-store"}
        return StreamingResponse(await self._pieces(found, which), media_type=media_type, headers=headers)

    async def _pieces(self, found: Consultation, which: Form) -> AsyncIterator[bytes]:
        now = self._parts.clock.now()
        match which:
            case Form.CSV:
                return self._exporting.csv(found)
            case Form.JSON:
                return self._exporting.json(found, now)
            case Form.XLSX:
                return sent(await self._exporting.xlsx(found))
            case Form.OPEN:
                results = await self._answered.results(found.slug, now)
                if results is None:
                    raise nothing_here()
                return sent(await self._exporting.open_data(found, results, now))
