"""The log, as organisers read it: what was done in office, by whom, and how."""

from starlette.requests import Request
from starlette.responses import Response

from core.deeds import OF_A_CONSULTATION, OF_AN_IDEA, Did, Via
from core.numerals import read_whole
from core.texts import Phrase, T
from web.desk.desk import Desk
from web.desk.offices import idea_of
from web.routes import Routes

ON_A_PAGE = 100
LONGEST_ABOUT = 80

VIAS: dict[Via, Phrase] = {
    Via.DESK: T("at the desk"),
    Via.CHAT: T("in chat"),
    Via.API: T("by a program"),
    Via.COMMAND: T("on the command line"),
}
DIDS: dict[Did, Phrase] = {
    Did.LOADED: T("wrote the consultation"),
    Did.OPENED: T("opened it"),
    Did.CLOSED: T("closed it"),
    Did.OUTCOME: T("published the outcome"),
    Did.BROADCAST: T("ordered a broadcast"),
    Did.CONFIRMED: T("confirmed a broadcast"),
    Did.HELD: T("held a broadcast"),
    Did.RESUMED: T("let a broadcast go on"),
    Did.RESENT: T("sent again what was uncertain"),
    Did.DRAFTED: T("worked on a draft"),
    Did.DISCARDED: T("threw a draft away"),
    Did.ARCHIVED: T("archived it"),
    Did.UNARCHIVED: T("took it out of the archive"),
    Did.TESTED: T("sent a test to themselves"),
    Did.EXPORTED: T("took data out"),
    Did.PICTURED: T("sent a chart into a chat"),
    Did.CONTINUED: T("continued a story"),
    Did.REDACTED: T("blacked out words"),
    Did.TAGGED: T("gave an idea its topics"),
    Did.STEPPED_IN: T("stepped into a conversation"),
    Did.HANDED_BACK: T("handed a conversation back"),
    Did.BODIES: T("loaded bodies"),
    Did.ATTACHED: T("attached a channel"),
    Did.DETACHED: T("detached a channel"),
    Did.CODE: T("made a code for an organiser"),
    Did.ORGANISER: T("became an organiser"),
    Did.IMPORTED: T("imported members"),
    Did.MERGED: T("made one member of two"),
    Did.ERASED: T("erased a member"),
    Did.ROLE: T("changed a role"),
    Did.GROUPED: T("changed a group"),
    Did.ENTERED: T("came to the desk"),
    Did.LEFT: T("ended a sitting"),
    Did.TOKEN: T("made an access token"),
    Did.TOKEN_ENDED: T("ended an access token"),
    Did.HOOK: T("set up a webhook"),
    Did.HOOK_ENDED: T("ended a webhook"),
}


class Log:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/log", self.show)
        return routes

    async def show(self, request: Request) -> Response:
        here = await self._desk.organiser(request)
        before = read_whole(request.query_params.get("before"))
        about = request.query_params.get("about", "")[:LONGEST_ABOUT]
        scope = here.authority.scope
        if about.startswith(OF_A_CONSULTATION):  # of one that they run they see everything
            await self._desk.consultation(here, about.removeprefix(OF_A_CONSULTATION))
            scope = None
        elif about.startswith(OF_AN_IDEA):  # and of an idea that they see
            await idea_of(self._desk, here, about.removeprefix(OF_AN_IDEA))
            scope = None
        noted = await self._desk.own.deeds.latest(ON_A_PAGE + 1, before, about, scope)
        earlier = noted[ON_A_PAGE - 1].id if len(noted) > ON_A_PAGE else None
        return self._desk.show(
            request, "desk/log.html", here, part="log", noted=noted[:ON_A_PAGE], earlier=earlier, about=about,
            vias=VIAS, dids=DIDS,
        )  # fmt: skip
