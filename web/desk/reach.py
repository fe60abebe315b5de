"""Whom it reaches: how many get an invitation now, how many later and when, and why the others won't."""

from typing import Any

from babel import Locale, UnknownLocaleError
from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Phase
from core.flows.problems import show_problem
from core.reach import Reach, Standing
from core.texts import Phrase, T
from web.desk.desk import Desk
from web.desk.screens import CHANNELS
from web.desk.tried import Tries
from web.routes import Routes

LATER = (Standing.ASLEEP, Standing.OVER_BUDGET)
STANDINGS: dict[Standing, Phrase] = {
    Standing.NOW: T("get it at once"),
    Standing.ASLEEP: T("are in their quiet hours, and get it in their morning"),
    Standing.OVER_BUDGET: T("have had their unasked messages of this week, and get it when the week is over"),
    Standing.ASKED: T("were asked about it within the last 20 hours"),
    Standing.TOO_LATE: T("have had their unasked messages of this week, and after that it will be closed"),
    Standing.ANSWERED: T("have answered already"),
    Standing.STOPPED: T("said STOP"),
    Standing.NOT_AGREED: T("never agreed to be written to"),
    Standing.UNREACHABLE: T("can’t be reached any more: their address is gone"),
}
"""In the order in which they are shown: who gets it, who will, who won't."""


class Reaching:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._tries = desk, Tries(desk)

    def routes(self) -> Routes:
        routes = Routes()
        for address in self._tries.addresses("reach"):
            routes.page(address, self.show)
        return routes

    async def show(self, request: Request, slug: str = "", draft: int = 0) -> Response:
        here = await self._desk.organiser(request)
        tried = await self._tries.find(here, slug, draft)
        now, reach = self._desk.parts.clock.now(), None
        if tried.consultation is not None:
            reach = await self._desk.own.counting.count(tried.consultation, now, self._desk.own.manners)
        values: dict[str, Any] = {
            "tried": tried,
            "reach": reach,
            "phase": tried.consultation.phase(now) if tried.consultation else Phase.DRAFT,
            "rows": _rows(reach) if reach else [],
            "shares": _shares(reach) if reach else [],
            "channels": CHANNELS,
            "spoken": {code: _language(code, here.reader.language) for code in reach.languages} if reach else {},
            "budget": self._desk.own.manners.budget,
            "show_problem": show_problem,
        }
        if "hx-request" in request.headers or "pane" in request.query_params:
            return self._desk.fragment("desk/reach_inside.html", here, **values)
        return self._desk.show(request, "desk/reach.html", here, part="consultations", **values)


def _rows(reach: Reach) -> list[tuple[Standing, int, Phrase]]:
    return [(standing, reach.of(standing), label) for standing, label in STANDINGS.items() if reach.of(standing)]


def _shares(reach: Reach) -> list[dict[str, object]]:
    """Of the whole audience, for the bar."""
    if not reach.audience:
        return []
    parts = (("now", reach.of(Standing.NOW)), ("later", sum(map(reach.of, LATER))))
    start, shares = 0.0, []
    for name, count in (*parts, ("never", reach.audience - sum(count for _, count in parts))):
        length = round(100 * count / reach.audience, 3)
        shares.append({"name": name, "start": round(start, 3), "length": length})
        start += length
    return shares


def _language(code: str, language: str) -> str:
    try:
        return Locale.parse(code).get_display_name(language) or code
    except (UnknownLocaleError, ValueError):
        return code
