"""The door of the desk: asking for a one-time link, coming in by it, leaving; and the list of one's own sittings."""

import secrets
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bots.webchat.reading import address, read, read_visit
from core.deeds import Deed, Did
from core.numerals import read_whole
from core.receipts import read_token
from core.register import ROLES
from core.sittings import Begun
from core.texts import T
from core.understanding import START_DESK
from web.desk.desk import At, Desk, MustEnter
from web.protection import form_of, is_from_here
from web.readers import reader_of, stranger
from web.routes import Routes
from web.trouble import Trouble, from_elsewhere

LONGEST_THEN = 300


class Door:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._pages = desk, desk.parts, desk.pages
        self._visitors = desk.parts.visitors

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/enter", self.ask)
        routes.post("/desk/enter", self.send_to_chat)
        routes.page("/desk/enter/{secret}", self.offer)
        routes.post("/desk/enter/{secret}", self.come_in)
        routes.post("/desk/leave", self.leave)
        routes.page("/desk/sittings", self.sittings)
        routes.post("/desk/sittings", self.end)
        return routes

    # --- coming in
    async def ask(self, request: Request) -> Response:
        """How to get in; straight on for somebody who is in."""
        try:
            await self._desk.at(request)
        except MustEnter:
            reader = await reader_of(request, self._parts)
            then = safe_then(request.query_params.get("then", ""))
            ways = self._parts.invites(START_DESK)
            return self._pages.show(
                request, "desk/door.html", reader, then=then, ways=ways, proofs=self._desk.own.proofs
            )
        return RedirectResponse(safe_then(request.query_params.get("then", "")), 303)

    async def send_to_chat(self, request: Request) -> Response:
        """The link is said in the web chat of this browser."""
        if not is_from_here(request, self._parts.public_url):
            raise from_elsewhere()
        user = self._visitors.recognise(request)
        if user is None:
            return RedirectResponse(f"/chat?start={START_DESK}", 303)
        now, said = self._parts.clock.now(), stranger(request, self._parts.texts)
        nonce = secrets.token_urlsafe(12)
        await self._parts.take(read_visit(START_DESK, nonce, user, now, locale=said.language, timezone=said.zone))
        return RedirectResponse("/chat#end", 303)

    async def offer(self, request: Request, secret: str) -> Response:
        """Looking uses nothing up: programs look at links, too, before people do."""
        if not await self._desk.own.sittings.has_link(secret, self._parts.clock.now()) and not read_token(secret):
            raise _used_up()
        return self._pages.show(
            request, "desk/come-in.html", stranger(request, self._parts.texts), secret=secret,
            then=safe_then(request.query_params.get("then", "")),
        )  # fmt: skip

    async def come_in(self, request: Request, secret: str) -> Response:
        if not is_from_here(request, self._parts.public_url):
            raise from_elsewhere()
        then = safe_then(str((await form_of(request)).get("then", "")))
        response = RedirectResponse(then, 303)
        begun = await self._desk.own.sittings.redeem(secret, self._parts.clock.now(), browser_of(request))
        begun = begun or await self._become_organiser(request, response, secret)
        if begun is None:
            raise _used_up()
        self._desk.seat(response, begun.secret)
        return response

    async def _become_organiser(self, request: Request, response: Response, code: str) -> Begun | None:
        """With an organiser’s code, as the console prints it: whoever chats in this browser becomes an organiser."""
        token = read_token(code)
        if token is None:
            return None
        user, now = self._visitors.recognise(request) or self._visitors.new(), self._parts.clock.now()
        said = stranger(request, self._parts.texts)
        form = {"text": f"/organiser {token}", "key": secrets.token_urlsafe(12)}
        inbound = read(form, user, now, locale=said.language, timezone=said.zone)
        if inbound is not None:
            await self._parts.take(inbound)
        self._visitors.remember(response, user)
        begun = await self._desk.own.sittings.begin(address(user), now, browser_of(request))
        sitting = await self._desk.own.sittings.find(begun.secret, now) if begun else None
        if begun and sitting and not sitting.authority.has_desk:
            await self._desk.own.sittings.end(begun.member, sitting.id)
            return None
        return begun

    # --- sittings
    async def leave(self, request: Request) -> Response:
        here, _ = await self._desk.posted(request)
        await self._end(here, here.sitting.id)
        response = RedirectResponse("/desk/enter", 303)
        self._desk.unseat(response)
        return response

    async def sittings(self, request: Request) -> Response:
        here = await self._desk.at(request)
        found = await self._desk.own.sittings.of(here.authority.member.id, self._parts.clock.now())
        return self._desk.show(request, "desk/sittings.html", here, part="sittings", sittings=found, roles=ROLES)

    async def end(self, request: Request) -> Response:
        here, form = await self._desk.posted(request)
        if form.get("sitting") == "others":
            await self._desk.own.sittings.end_others(here.authority.member.id, here.sitting.id)
            await self._desk.own.deeds.note(here.by, Deed(Did.LEFT))
            return self._desk.go("/desk/sittings", "others-ended")
        if which := read_whole(form.get("sitting")):
            await self._end(here, which)
        return self._desk.go("/desk/sittings", "ended")

    async def _end(self, here: At, which: int) -> None:
        await self._desk.own.sittings.end(here.authority.member.id, which)
        await self._desk.own.deeds.note(here.by, Deed(Did.LEFT))


def safe_then(wanted: str) -> str:
    """Only to a page of the desk: an address of somebody else's would be a trap."""
    is_ours = wanted.startswith("/desk") and len(wanted) <= LONGEST_THEN and not wanted.startswith("/desk/enter")
    return quote(wanted, safe="/?=&-_.~%") if is_ours and wanted.isprintable() and "\\" not in wanted else "/desk"


def _used_up() -> Trouble:
    return Trouble(
        404,
        T("This link is used up"),
        T("A link to the desk works once, for a quarter of an hour. Ask for a new one: say /desk to the bot."),
    )


def browser_of(request: Request) -> str:
    """In a few words, by which people know their own browsers."""
    said = request.headers.get("user-agent", "")
    names = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    found = [next((name for name in kind if name in said), "") for kind in (names, systems)]
    shown = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "Mac"}
    return " · ".join(shown.get(name, name) for name in found if name)
