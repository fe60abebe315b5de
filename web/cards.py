"""Cards: what others may put on their own pages of a consultation, how they learn of it, and its picture."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from core.consultations import Consultation
from core.numerals import read_whole
from core.texts import T
from web.charts import chart, voice
from web.links import general_notice, notice_of
from web.noticeboard import Noticeboard
from web.pages import Pages
from web.parts import Parts
from web.pictures import SIZE
from web.previews import Studio, reached_at
from web.readers import stranger
from web.routes import Routes
from web.trouble import Trouble

WIDTH, HEIGHT = 600, 420
"""Of the frame, in CSS pixels, unless somebody wants it smaller."""
ANYWHERE = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


class Cards:
    def __init__(self, parts: Parts, pages: Pages, board: Noticeboard, studio: Studio) -> None:
        self._parts, self._pages, self._board, self._studio = parts, pages, board, studio

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/consultations/{slug}/card", self.show)
        routes.page("/consultations/{slug}/preview.png", self.picture)
        routes.page("/preview.png", self.general_picture)
        routes.page("/oembed", self.tell_others)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        """For a frame on anybody's page: nothing is remembered of whoever looks at it there. `?prompt=`: with the chart
        of that one instead of the numbers."""
        found, reader = await self._board.find(slug), stranger(request, self._parts.texts)
        shown = await self._board.shown(found)
        results = shown.results if shown else None
        one = results.prompt(request.query_params.get("prompt", "")) if results else None
        written = self._pages.fragment(
            "card.html", reader, placard=await self._board.placard(found, reader.language), results=results,
            chart=chart(one, voice(self._parts.texts, reader)) if one else None,
            here_address=reached_at(request, self._parts.public_url),
        )  # fmt: skip
        return HTMLResponse(written, headers={"cache-control": "public, max-age=60", "vary": "Accept-Language"})

    async def picture(self, request: Request, slug: str) -> Response:
        found, reader = await self._board.find(slug), stranger(request, self._parts.texts)
        placard, shown = await self._board.placard(found, reader.language), await self._board.shown(found)
        return await self._studio.show(request, notice_of(placard, shown, self._parts, reader.language))

    async def general_picture(self, request: Request) -> Response:
        reader = stranger(request, self._parts.texts)
        return await self._studio.show(request, general_notice(self._parts, reader.language))

    async def tell_others(self, request: Request) -> Response:
        """oEmbed 1.0, as JSON."""
        asked = request.query_params
        if asked.get("format", "json") != "json":
            return _refused("Only JSON is spoken here: leave format out, or write format=json.", 501)
        try:
            found = await self._board.find(self._slug(asked.get("url", ""), request))
        except Trouble as trouble:
            return _refused(self._parts.texts.say(trouble.sentence, "en"), trouble.status)
        return JSONResponse(await self._embedding(found, request), headers=ANYWHERE | {"vary": "Accept-Language"})

    async def _embedding(self, found: Consultation, request: Request) -> Mapping[str, object]:
        here, reader = reached_at(request, self._parts.public_url), stranger(request, self._parts.texts)
        placard = await self._board.placard(found, reader.language)
        width, height = (_at_most(request, name, usual) for name, usual in (("maxwidth", WIDTH), ("maxheight", HEIGHT)))
        return {
            "version": "1.0",
            "type": "rich",
            "provider_name": "Folkmoot",
            "provider_url": f"{here}/",
            "title": placard.title,
            "html": frame(f"{here}{placard.path}/card", placard.title, width, height),
            "width": width,
            "height": height,
            "thumbnail_url": f"{here}{placard.path}/preview.png?lang={reader.language}",
            "thumbnail_width": SIZE[0],
            "thumbnail_height": SIZE[1],
            "cache_age": 3600,
        }

    def _slug(self, address: str, request: Request) -> str:
        """Of the consultation whose address it is. Raises Trouble where it is none of ours."""
        try:
            asked = urlsplit(address)
        except ValueError:
            raise _not_ours() from None
        here = urlsplit(reached_at(request, self._parts.public_url))
        parts = asked.path.strip("/").split("/")
        if asked.netloc != here.netloc or len(parts) < 2 or parts[0] != "consultations":
            raise _not_ours()
        return parts[1]


def frame(address: str, title: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """What somebody copies into their own page."""
    written = Markup(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" style="border:0;max-width:100%"></iframe>'
    ).format(address, title, width, height)
    return str(written)  # plain: where it stands to be copied, it is escaped once more


def _at_most(request: Request, name: str, usual: int) -> int:
    return min(usual, read_whole(request.query_params.get(name)) or usual)


def _not_ours() -> Trouble:
    return Trouble(404, T("There is nothing here"), T("That isn’t the address of a consultation of ours."))


def _refused(sentence: str, status: int) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers=ANYWHERE)
