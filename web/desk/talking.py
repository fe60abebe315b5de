"""Talking with an idea's author: stepping into their conversation with the bot, and handing it back."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.handovers import LONGEST_WORDS, Handover, mark
from core.ideas import Idea
from core.numerals import read_whole
from core.receipts import read_code
from core.texts import Phrase
from core.turns.acts import talking
from core.turns.seats import Seat
from web.desk.desk import At, Desk, refuse_office
from web.desk.offices import as_read, idea_of, officer_of, runs_of
from web.routes import Routes
from web.trouble import nothing_here


class Talking:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._talks = desk, desk.own.talks

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/ideas/{code}/talk", self.show)
        routes.post("/desk/ideas/{code}/talk", self.say)
        routes.post("/desk/ideas/{code}/talk/begin", self.begin)
        routes.get("/desk/ideas/{code}/talk/lines", self.lines)
        routes.post("/desk/ideas/{code}/talk/typing", self.typing)
        routes.post("/desk/ideas/{code}/talk/end", self.end)
        return routes

    async def begin(self, request: Request, code: str) -> Response:
        here, _ = await self._desk.posted(request)
        idea, seat = await self._seated(here, code)
        found = await self._talks.heard_by(officer_of(here), idea)
        if found is None or not self._is_theirs(here, found) or found.is_over(here.by.at):
            begun = await self._talks.step_in(idea, seat, here.authority.member.id, here.by)
            if isinstance(begun, Phrase):
                return await self._page(request, here, idea, None, begun, status=409)
        return RedirectResponse(f"/desk/ideas/{idea.code}/talk", 303)

    async def show(self, request: Request, code: str) -> Response:
        here = await self._desk.at(request)
        idea, _ = await self._seated(here, code)
        found = await self._talks.heard_by(officer_of(here), idea)
        return await self._page(request, here, idea, found)

    async def say(self, request: Request, code: str) -> Response:
        here, form = await self._desk.posted(request)
        idea, _ = await self._seated(here, code)
        text = str(form.get("text", "")).replace("\0", "")[: LONGEST_WORDS + 1]
        found = await self._talks.heard_by(officer_of(here), idea)
        if found is None or not self._is_theirs(here, found):
            refuse_office()
        if problem := await self._talks.say(found, text, here.by):
            again = await self._talks.handovers.find(found.id)
            return await self._page(request, here, idea, again, problem, text, status=409)
        return RedirectResponse(f"/desk/ideas/{idea.code}/talk#end", 303)

    async def lines(self, request: Request, code: str) -> Response:
        """What was said since the last line that is shown; the whole page anew once it has ended."""
        here = await self._desk.at(request)
        idea, _ = await self._seated(here, code)
        found, after = (
            await self._talks.heard_by(officer_of(here), idea),
            read_whole(request.query_params.get("after")) or 0,
        )
        if found is None or found.is_over(here.by.at):
            return Response(status_code=204, headers={"hx-refresh": "true"})
        words = await self._talks.handovers.words(found.id, after)
        if not words:
            return Response(status_code=204)
        last = words[-1].id
        return self._desk.fragment("desk/talk-lines.html", here, idea=idea, words=words, last=last, is_first=False)

    async def typing(self, request: Request, code: str) -> Response:
        here, _ = await self._desk.posted(request)
        idea, _ = await self._seated(here, code)
        found = await self._talks.heard_by(officer_of(here), idea)
        if found and self._is_theirs(here, found) and not found.is_over(here.by.at):
            await self._talks.show_typing(found.place)
        return Response(status_code=204)

    async def end(self, request: Request, code: str) -> Response:
        here, _ = await self._desk.posted(request)
        idea, _ = await self._seated(here, code)
        found = await self._talks.heard_by(officer_of(here), idea)
        if found:
            await self._talks.hand_back(found, here.by)
        return self._desk.go(f"/desk/ideas/{idea.code}", "handed-back")

    async def _seated(self, here: At, code: str) -> tuple[Idea, Seat]:
        idea = await idea_of(self._desk, here, code if read_code(code) else "")
        seat = talking(officer_of(here), idea, await runs_of(self._desk, here))
        if seat is None or idea.author == here.authority.member.id:
            raise nothing_here()
        return idea, seat

    def _is_theirs(self, here: At, handover: Handover) -> bool:
        return handover.officer == here.authority.member.id

    async def _page(
        self,
        request: Request,
        here: At,
        idea: Idea,
        found: Handover | None,
        problem: Phrase | None = None,
        text: str = "",
        *,
        status: int = 200,
    ) -> Response:
        words = await self._talks.handovers.words(found.id) if found else ()
        is_open = found is not None and not found.is_over(here.by.at)
        return self._desk.show(
            request, "desk/talk.html", here, part="ideas", status=status, idea=as_read(here, idea), talk=found,
            words=words, last=words[-1].id if words else 0, is_open=is_open, is_first=True,
            is_theirs=found is not None and self._is_theirs(here, found), problem=problem, text=text,
            mark=mark(found, here.bodies) if found else "", longest=LONGEST_WORDS,
        )  # fmt: skip
