"""What is kept of people, and for whom these pages work: two short pages that say it plainly."""

from starlette.requests import Request
from starlette.responses import Response

from core.texts import Phrase, T
from web.links import of_page
from web.pages import Pages
from web.parts import Parts
from web.readers import reader_of
from web.routes import Routes


class Statements:
    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/privacy", self.privacy)
        routes.page("/accessibility", self.accessibility)
        return routes

    async def privacy(self, request: Request) -> Response:
        return await self._show(request, "privacy.html", T("What is kept, and what isn’t"))

    async def accessibility(self, request: Request) -> Response:
        return await self._show(request, "accessibility.html", T("For everybody"))

    async def _show(self, request: Request, template: str, title: Phrase) -> Response:
        reader = await reader_of(request, self._parts)
        card = of_page(request.url.path, self._parts, reader.language, request, title)
        return self._pages.show(request, template, reader, title=title, card=card)
