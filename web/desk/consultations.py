"""The first page of the desk: the consultations that somebody runs."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.consultations import Phase
from core.texts import Phrase, T
from web.desk.desk import At, Desk
from web.desk.drafts import Drawer
from web.routes import Routes

PHASES: dict[Phase, Phrase] = {
    Phase.DRAFT: T("not open yet"),
    Phase.SCHEDULED: T("scheduled"),
    Phase.OPEN: T("open"),
    Phase.CLOSED: T("closed"),
}

HEADINGS: dict[Phase, Phrase] = {
    Phase.OPEN: T("Open"),
    Phase.SCHEDULED: T("Scheduled"),
    Phase.DRAFT: T("Not open yet"),
    Phase.CLOSED: T("Closed"),
}
"""In the order in which they are listed."""


class Consultations:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._drawer = desk, Drawer(desk)

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk", self.first)
        routes.page("/desk/consultations", self.show)
        routes.page("/desk/archive", self.archive)
        return routes

    async def first(self, request: Request) -> Response:
        """To what is theirs: whoever only answers ideas has no consultations to run."""
        here = await self._desk.at(request)
        return RedirectResponse("/desk/consultations" if here.authority.is_organiser else "/desk/ideas", 303)

    async def show(self, request: Request) -> Response:
        here = await self._desk.organiser(request)
        return await self._list(request, here, "desk/consultations.html", is_archive=False)

    async def archive(self, request: Request) -> Response:
        here = await self._desk.organiser(request)
        return await self._list(request, here, "desk/consultations-archived.html", is_archive=True)

    async def _list(self, request: Request, here: At, template: str, *, is_archive: bool) -> Response:
        now = self._desk.parts.clock.now()
        theirs = [one for one in await self._desk.parts.store.consultations() if here.authority.may_run(one)]
        shown = [one for one in theirs if (one.archived_at is not None) is is_archive]
        by_phase = {phase: [one for one in shown if one.phase(now) is phase] for phase in PHASES}
        drafts = [] if is_archive else await self._drawer.all(here)
        return self._desk.show(
            request, template, here, part="consultations", consultations=shown, phases=PHASES, drafts=drafts,
            groups=[(HEADINGS[phase], by_phase[phase]) for phase in HEADINGS if by_phase[phase]],
            archived=len(theirs) - len(shown) if not is_archive else 0,
        )  # fmt: skip
