"""The first page, and whether we are alive and ready."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from web.links import of_page
from web.noticeboard import Noticeboard
from web.pages import Pages
from web.parts import Parts
from web.readers import reader_of
from web.routes import Routes

PAST_SHOWN = 4


class Home:
    def __init__(self, parts: Parts, pages: Pages, board: Noticeboard) -> None:
        self._parts, self._pages, self._board = parts, pages, board

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/", self.show)
        routes.page("/healthz", self.alive)
        routes.page("/readyz", self.ready)
        return routes

    async def show(self, request: Request) -> Response:
        reader = await reader_of(request, self._parts)
        signs, now = await self._board.signwriter(reader.language, reader.zone), self._parts.clock.now()
        is_open, over = await self._board.listed()
        return self._pages.show(
            request, "home.html", reader, here="home",
            open=[signs.placard(one, now) for one in is_open],
            past=[signs.placard(one, now) for one in over[:PAST_SHOWN]], has_more=len(over) > PAST_SHOWN,
            card=of_page("/", self._parts, reader.language, request),
        )  # fmt: skip

    async def alive(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(self, _: Request) -> Response:
        """200, or 503 with a sentence that says what is missing."""
        missing = await self._parts.store.readiness()
        return PlainTextResponse(missing or "ready", 503 if missing else 200)
