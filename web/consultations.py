"""Consultations for everybody: the list of them, the page of each, what people said in it, and the code to scan."""

from collections.abc import Mapping
from io import BytesIO

from starlette.requests import Request
from starlette.responses import Response

from core.numerals import read_whole
from core.standings import Stage
from core.telling import STAGES
from core.texts import Phrase
from web.links import of_consultation, of_page
from web.noticeboard import Noticeboard
from web.pages import Pages
from web.parts import Parts
from web.placards import HOW
from web.previews import reached_at
from web.readers import reader_of
from web.routes import Routes
from web.standings import where

PAST_ON_A_PAGE = 20
IDEAS_ON_A_PAGE = 20
IDEAS_SHOWN = 4
"""As many as the page of a consultation itself shows."""


class Consultations:
    def __init__(self, parts: Parts, pages: Pages, board: Noticeboard) -> None:
        self._parts, self._pages, self._board = parts, pages, board

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/consultations", self.list)
        routes.page("/consultations/{slug}", self.show)
        routes.page("/consultations/{slug}/ideas", self.show_ideas)
        routes.page("/consultations/{slug}/qr.svg", self.scan)
        return routes

    async def list(self, request: Request) -> Response:
        reader, (is_open, over) = await reader_of(request, self._parts), await self._board.listed()
        signs, now = await self._board.signwriter(reader.language, reader.zone), self._parts.clock.now()
        page = read_whole(request.query_params.get("page")) or 1
        start = (page - 1) * PAST_ON_A_PAGE
        return self._pages.show(
            request, "consultations.html", reader, here="consultations",
            open=[signs.placard(one, now) for one in is_open] if page == 1 else [],
            past=[signs.placard(one, now) for one in over[start : start + PAST_ON_A_PAGE]],
            page=page, has_more=len(over) > start + PAST_ON_A_PAGE,
            card=of_page("/consultations", self._parts, reader.language, request),
        )  # fmt: skip

    async def show(self, request: Request, slug: str) -> Response:
        found, reader = await self._board.find(slug), await reader_of(request, self._parts)
        placard = await self._board.placard(found, reader.language, reader.zone)
        plain = await self._board.placard(found, reader.language)
        shown, bodies = await self._board.shown(found), await self._parts.store.bodies()
        ideas = await self._board.ideas(found, IDEAS_SHOWN)
        return self._pages.show(
            request, "consultation.html", reader, here="consultations", placard=placard, how=HOW,
            ways=self._parts.invites(placard.payload), body=bodies.get(found.body) if found.body else None,
            results=shown.results if shown else None, stages=_stages(shown.stages) if shown else [],
            ideas=[(idea, STAGES[idea.standing.stage]) for idea in ideas],
            address=f"{reached_at(request, self._parts.public_url)}{placard.path}",
            card=of_consultation(plain, shown, self._parts, reader.language, request),
        )  # fmt: skip

    async def show_ideas(self, request: Request, slug: str) -> Response:
        """What people said in it. Search engines are asked to leave it out, as they are with each story."""
        found, reader = await self._board.find(slug), await reader_of(request, self._parts)
        bodies, now = await self._parts.store.bodies(), self._parts.clock.now()
        ideas = await self._board.ideas(found, IDEAS_ON_A_PAGE + 1, request.query_params.get("before", "")[:20])
        page, shown = ideas[:IDEAS_ON_A_PAGE], await self._board.shown(found)
        response = self._pages.show(
            request, "consultation-ideas.html", reader, here="consultations", listed=found.lists_ideas,
            placard=await self._board.placard(found, reader.language, reader.zone),
            ideas=[(idea, STAGES[idea.standing.stage], where(idea, bodies, now)) for idea in page],
            stages=_stages(shown.stages) if shown else [],
            before=page[-1].code if len(ideas) > len(page) else "",
        )  # fmt: skip
        response.headers["x-robots-tag"] = "noindex"
        return response

    async def scan(self, request: Request, slug: str) -> Response:
        """The code that a telephone's camera reads: it leads to the consultation's page, where every way in stands."""
        found = await self._board.find(slug)
        drawn = qr_code(f"{reached_at(request, self._parts.public_url)}/consultations/{found.slug}")
        headers = {"cache-control": "public, max-age=3600", "cross-origin-resource-policy": "cross-origin"}
        return Response(drawn, media_type="image/svg+xml", headers=headers)


def qr_code(address: str) -> bytes:
    """As SVG: dark on white with the quiet edge around it, whatever lies behind."""
    import segno  # loaded once somebody asks for a code

    written = BytesIO()
    segno.make(address, error="m").save(
        written, kind="svg", border=4, dark="#1c2420", light="#ffffff", xmldecl=False, svgclass=None, lineclass=None,
        omitsize=True,
    )  # fmt: skip
    return written.getvalue()


def _stages(counted: Mapping[Stage, int]) -> list[tuple[str, Phrase, int]]:
    """Where ideas stand, in the order in which a story goes: as style has it, in words, and how many."""
    return [(stage.value, STAGES[stage], counted[stage]) for stage in STAGES if counted.get(stage)]
