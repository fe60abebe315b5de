"""The results of a consultation for everybody: as a page, as JSON, as CSV. Never anything of one member alone."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.consultations import Consultation
from core.texts import T
from web.boards import OPEN
from web.cards import frame
from web.charts import chart, turnout, voice
from web.figures import results_csv, results_json
from web.links import of_consultation
from web.noticeboard import COUNTED_EVERY, Noticeboard, Shown
from web.pages import Pages
from web.parts import Parts
from web.placards import RULES
from web.previews import reached_at
from web.readers import reader_of
from web.routes import Routes
from web.trouble import Trouble


class ResultsPages:
    def __init__(self, parts: Parts, pages: Pages, board: Noticeboard) -> None:
        self._parts, self._pages, self._board = parts, pages, board

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/consultations/{slug}/results", self.show)
        routes.page("/consultations/{slug}/results.json", self.tell_programs)
        routes.page("/consultations/{slug}/results.csv", self.tell_spreadsheets)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        """The page is there also before they may be seen: it says from when on they are."""
        found = await self._board.find(slug)
        reader = await reader_of(request, self._parts)
        placard = await self._board.placard(found, reader.language, reader.zone)
        plain = await self._board.placard(found, reader.language)
        shown, here = await self._board.shown(found), reached_at(request, self._parts.public_url)
        results = shown.results if shown else None
        bodies, speaks = await self._parts.store.bodies(), voice(self._parts.texts, reader)
        card = of_consultation(plain, shown, self._parts, reader.language, request)
        title = speaks.say(T("Results of “{title}”", title=placard.title))
        return self._pages.show(
            request, "results.html", reader, here="consultations", placard=placard,
            results=results,
            charts=[(one.prompt.key, chart(one, speaks)) for one in results.prompts] if results else [],
            turnout=turnout(results.turnout, bodies, speaks) if results and results.turnout else None,
            minutes=round(COUNTED_EVERY.total_seconds() / 60),
            address=f"{here}{placard.path}/results", snippet=frame(f"{here}{placard.path}/card", placard.title),
            card=replace(card, title=title, url=f"{card.url}/results"),
        )  # fmt: skip

    async def tell_programs(self, request: Request, slug: str) -> Response:
        try:
            _, shown = await self._may_see(slug)
        except Trouble as trouble:
            sentence = self._parts.texts.say(trouble.sentence, "en")
            return JSONResponse({"error": sentence}, trouble.status, headers=OPEN)
        address = f"{reached_at(request, self._parts.public_url)}/consultations/{slug}/results"
        told = results_json(shown.results, await self._parts.store.bodies(), self._parts.texts, address)
        return JSONResponse(told, headers=OPEN)

    async def tell_spreadsheets(self, _: Request, slug: str) -> Response:
        found, shown = await self._may_see(slug)
        headers = OPEN | {"content-disposition": f'attachment; filename="{found.slug}-results.csv"'}
        written = results_csv(shown.results, await self._parts.store.bodies(), self._parts.texts)
        return Response(written, media_type="text/csv", headers=headers)

    async def _may_see(self, slug: str) -> tuple[Consultation, Shown]:
        found = await self._board.find(slug)
        shown = await self._board.shown(found)
        if shown is None:
            raise Trouble(403, T("These results aren’t public now"), RULES[found.results])
        return found, shown
