"""The public board: how each body has answered, as pages and as open data."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.codebooks import LICENCE_URL
from core.stories import Rule
from core.telling import RULES
from core.texts import T
from web.links import of_page
from web.noticeboard import Noticeboard
from web.pages import Pages
from web.parts import Parts
from web.readers import reader_of
from web.routes import Routes
from web.tallies import ENOUGH_TO_SHOW, Row, board_csv, board_json, row, rows
from web.trouble import Trouble

MOST_OPINIONS = 200
"""The latest answers to “were you heard?” whose words a body's page shows."""

CONSULTATIONS_SHOWN = 10
"""Of those that ask its members: the ones that are open first, then the latest."""

OPEN = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "link": f'<{LICENCE_URL}>; rel="license"',
    "cache-control": "public, max-age=60",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """How many gave that score, and the words that some of them added."""

    score: int
    count: int
    words: tuple[str, ...]


class Boards:
    def __init__(self, parts: Parts, pages: Pages, board: Noticeboard) -> None:
        self._parts, self._pages, self._board = parts, pages, board

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/board", self.show)
        routes.page("/board.json", self.tell_programs)
        routes.page("/board.csv", self.tell_spreadsheets)
        routes.page("/board/{body}", self.show_body)
        return routes

    async def show(self, request: Request) -> Response:
        reader = await reader_of(request, self._parts)
        return self._pages.show(
            request,
            "board.html",
            reader,
            here="board",
            rows=await self._rows(),
            moderated=await self._parts.board.moderated(),
            rules=[(rule, RULES[rule]) for rule in Rule],
            enough=ENOUGH_TO_SHOW,
            card=of_page("/board", self._parts, reader.language, request, T("Public board")),
        )

    async def tell_programs(self, _: Request) -> Response:
        told = board_json(await self._rows(), await self._parts.board.moderated())
        return JSONResponse(told, headers=OPEN)

    async def tell_spreadsheets(self, _: Request) -> Response:
        headers = OPEN | {"content-disposition": 'attachment; filename="board.csv"'}
        return Response(board_csv(await self._rows()), media_type="text/csv", headers=headers)

    async def show_body(self, request: Request, body: str) -> Response:
        bodies, tallies = await self._parts.store.bodies(), await self._parts.board.tallies()
        found = bodies.get(body)
        if found is None and all(tally.body != body for tally in tallies):
            raise Trouble(
                404, T("There is no such body"), T("The board lists every body to which an idea was ever sent.")
            )
        told = row(body, bodies, tallies)
        appeals = bodies.hears_appeals(body)
        above = bodies.above(body)
        reader, now = await reader_of(request, self._parts), self._parts.clock.now()
        signs = await self._board.signwriter(reader.language, reader.zone)
        asked = [one for each in await self._board.listed() for one in each if body in one.audience.bodies]
        return self._pages.show(
            request,
            "body.html",
            reader,
            card=of_page(
                f"/board/{body}", self._parts, reader.language, request, T("{name}: how it answers", name=told.name)
            ),
            consultations=[signs.placard(one, now) for one in asked[:CONSULTATIONS_SHOWN]],
            here="board",
            row=told,
            body=found,
            above=above[0] if above else None,
            below=[one for one in bodies.living if one.parent == body],
            appeals=appeals if appeals and appeals.slug != body else None,
            holidays=bodies.holidays,
            today=now.date(),
            heard=await self._heard(told),
            enough=ENOUGH_TO_SHOW,
        )

    async def _heard(self, told: Row) -> list[Heard]:
        """The highest score first; the words in no order of time. Nothing where there are too few."""
        if told.heard_by < ENOUGH_TO_SHOW:
            return []
        opinions = await self._parts.board.opinions(told.slug, MOST_OPINIONS)
        words = {score: sorted(o.text for o in opinions if o.score == score and o.text) for score in range(1, 6)}
        return [Heard(score, told.tally.heard.get(score, 0), tuple(words[score])) for score in range(5, 0, -1)]

    async def _rows(self) -> list[Row]:
        return rows(await self._parts.store.bodies(), await self._parts.board.tallies())
