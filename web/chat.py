"""The web chat over HTTP: the page, what is posted to it, and its lines as they come. Works without any script."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from urllib.parse import quote, urlencode

from fastapi.sse import format_sse_event
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from bots.webchat.bell import heard
from bots.webchat.reading import address, read, read_nonce, read_timezone, read_visit
from bots.webchat.writing import own_words
from core.floods import Verdict
from core.inbound import LONGEST_TEXT, Inbound
from core.numerals import read_whole
from core.outbound import Picture
from core.places import Place
from core.ports import Line, StoreUnavailable
from web.crowds import Crowds
from web.pages import Pages
from web.parts import Parts
from web.protection import form_of, is_from_here
from web.readers import TIMEZONE_COOKIE, Reader, reader_of, stranger
from web.routes import Routes
from web.trouble import Trouble, from_elsewhere, needs_cookie, not_now, nothing_here, too_fast, too_many

PICTURES = ("image/png",)
"""What is shown where it stands, and not only to be downloaded."""

PATIENCE = 3.0
"""Seconds that a page waits for our answers before it is shown without them."""
LOOK_EVERY = 1.0
"""Seconds between two looks at the transcript, where the worker that writes it is another process."""
LOOK_WHILE_WAITING = 0.1
ALIVE_EVERY = 15.0
"""Seconds between signs of life on a quiet stream, by which a browser notices that a connection is dead."""
LINES = "application/vnd.folkmoot.lines+html"
"""What our script accepts: the new and changed lines alone, as they stand in the page."""


class Chat:
    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages
        self._visitors, self._crowds = parts.visitors, Crowds()

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/chat", self.show)
        routes.post("/chat", self.post)
        routes.get("/chat/lines", self.lines)
        routes.get("/chat/stream", self.stream)
        routes.get("/chat/files/{line}", self.file)
        return routes

    async def show(self, request: Request) -> Response:
        """A newcomer gets the cookie first and is greeted when it comes back, so that what keeps no cookies (a link
        preview, a search engine) starts no conversation."""
        if request.headers.get("sec-purpose", "").startswith("prefetch"):
            return Response(status_code=503)  # nobody has come yet
        if request.method == "HEAD":
            return HTMLResponse()  # somebody asks whether the page is there, and won't read it
        user = self._visitors.recognise(request)
        came_back = "welcome" in request.query_params
        if user is None:
            return self._ask_for_cookie(request) if came_back else self._welcome(request)
        payload = request.query_params.get("start", "")
        if payload:
            await self._greet(request, user, payload, secrets.token_urlsafe(12))
            return _to_chat(request, at_end=not came_back)
        lines = await self._parts.transcript.lines(user)
        if not lines:
            await self._greet(request, user, "", "hello")
            lines = await self._parts.transcript.lines(user)
        response = _to_chat(request, at_end=False) if came_back else await self._page(request, user, lines)
        self._visitors.remember(response, user)
        return response

    async def post(self, request: Request) -> Response:
        """A plain form waits for the answers and goes back to the page; the script gets the new lines at once. What
        can't be taken in now stands in the page that says so, to be sent again."""
        if not is_from_here(request, self._parts.public_url):
            raise from_elsewhere()
        user = self._visitors.recognise(request)
        if user is None:
            raise needs_cookie()
        form = {name: value for name, value in (await form_of(request)).items() if isinstance(value, str)}
        form["key"] = read_nonce(form) or secrets.token_urlsafe(12)
        try:
            return await self._posted(request, user, form)
        except StoreUnavailable:
            return self._pages.refuse(request, not_now(), again=form)
        except Trouble as trouble:
            return self._pages.refuse(request, trouble, again=form)

    async def _posted(self, request: Request, user: str, form: dict[str, str]) -> Response:
        zone = read_timezone(form.get("timezone")) or read_timezone(request.cookies.get(TIMEZONE_COOKIE))
        locale = stranger(request, self._parts.texts).language
        inbound = read(form, user, self._parts.clock.now(), locale=locale, timezone=zone)
        if inbound is not None:
            if self._crowds.is_too_much(request):
                raise too_many()
            await self._take(inbound, user)
        if LINES in request.headers.get("accept", ""):
            return await self._fragment(request, user, read_whole(form.get("since")) or 0)
        if inbound is not None:
            await self._answers(user)
        return _to_chat(request)

    async def lines(self, request: Request) -> Response:
        """What is new or changed since a revision."""
        user = self._visitors.recognise(request)
        if user is None:
            raise needs_cookie()
        return await self._fragment(request, user, read_whole(request.query_params.get("since")) or 0)

    async def file(self, request: Request, line: str) -> Response:
        """The file of one line. To anybody else than whose chat it is, there is nothing here."""
        user = self._visitors.recognise(request)
        lines = await self._parts.transcript.lines(user) if user else ()
        file = next((one.message.file for one in lines if str(one.id) == line), None)
        if file is None:
            raise nothing_here()
        is_shown = isinstance(file, Picture) and file.media_type in PICTURES
        how, charset = ("inline", "") if is_shown else ("attachment", "; charset=utf-8")
        headers = {"content-disposition": f"{how}; filename*=utf-8''{quote(file.name, safe='')}"}
        return Response(file.content, media_type=f"{file.media_type}{charset}", headers=headers)

    async def stream(self, request: Request) -> Response:
        """The same as it happens. A browser that lost the connection says which revision it has seen last."""
        user = self._visitors.recognise(request)
        if user is None:
            return Response(status_code=204)  # tells an EventSource not to try again
        since = read_whole(request.headers.get("last-event-id") or request.query_params.get("since")) or 0
        reader = await reader_of(request, self._parts)
        return StreamingResponse(
            self._events(user, since, reader),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _events(self, user: str, since: int, reader: Reader) -> AsyncIterator[bytes]:
        bell, loop = self._parts.bell, asyncio.get_running_loop()
        yield format_sse_event(event="alive", data_str="", retry=1_000)
        with bell.listen(user) as rung:
            spoke, types = loop.time(), False
            while not bell.is_closed:
                rung.clear()
                if types != bell.is_typing(user):
                    types = not types
                    yield format_sse_event(event="typing", data_str="yes" if types else "no")
                lines = await self._parts.transcript.lines(user, since)
                if lines:
                    since = max(line.revision for line in lines)
                    yield format_sse_event(event="lines", data_str=self._render(lines, reader), id=str(since))
                    spoke = loop.time()
                elif loop.time() - spoke >= ALIVE_EVERY:
                    yield format_sse_event(event="alive", data_str="")
                    spoke = loop.time()
                await heard(rung, LOOK_EVERY)

    async def _greet(self, request: Request, user: str, payload: str, nonce: str) -> None:
        said = stranger(request, self._parts.texts)
        now = self._parts.clock.now()
        if self._crowds.is_too_much(request):
            raise too_many()
        await self._parts.take(read_visit(payload, nonce, user, now, locale=said.language, timezone=said.zone))
        await self._answers(user)

    async def _take(self, inbound: Inbound, user: str) -> None:
        """The member's line first, so that it stands above the answer; both know a repeat by the key. What isn't kept
        doesn't stand there."""
        verdict = self._parts.judge(inbound)
        if verdict is Verdict.LET_GO:
            raise too_fast()
        words = own_words(inbound)
        if words is not None and verdict is Verdict.TAKE:
            await self._parts.transcript.append(user, False, words, inbound.at, inbound.key)
        await self._parts.take(inbound)
        self._parts.bell.ring(user)

    async def _answers(self, user: str) -> None:
        """Waits until everything that we have to say is in the transcript, but not for ever."""
        loop, place = asyncio.get_running_loop(), Place.private_to(address(user))
        patient_until = loop.time() + PATIENCE
        with self._parts.bell.listen(user) as rung:
            while loop.time() < patient_until and await self._parts.outbox.backlog(place):
                await heard(rung, LOOK_WHILE_WAITING)
                rung.clear()

    async def _page(self, request: Request, user: str, lines: tuple[Line, ...]) -> Response:
        reader = await reader_of(request, self._parts)
        is_waiting = await self._parts.outbox.backlog(Place.private_to(address(user))) > 0
        response = self._pages.show(
            request,
            "chat.html",
            reader,
            here="chat",
            lines=lines,
            revision=max((line.revision for line in lines), default=0),
            nonce=secrets.token_urlsafe(12),
            longest=LONGEST_TEXT,
            is_waiting=is_waiting,
        )
        response.headers["x-robots-tag"] = "noindex"
        return response

    async def _fragment(self, request: Request, user: str, since: int) -> Response:
        lines = await self._parts.transcript.lines(user, since)
        return HTMLResponse(self._render(lines, await reader_of(request, self._parts)))

    def _render(self, lines: tuple[Line, ...], reader: Reader) -> str:
        return self._pages.fragment("lines.html", reader, lines=lines, nonce=secrets.token_urlsafe(12))

    def _welcome(self, request: Request) -> Response:
        query = {name: request.query_params[name] for name in ("start", "lang") if name in request.query_params}
        response = RedirectResponse("/chat?" + urlencode({**query, "welcome": "1"}), 303)
        self._visitors.remember(response, self._visitors.new())
        return response

    def _ask_for_cookie(self, request: Request) -> Response:
        return self._pages.refuse(request, needs_cookie())


def _to_chat(request: Request, *, at_end: bool = True) -> Response:
    language = request.query_params.get("lang")
    query = "?" + urlencode({"lang": language}) if language else ""
    return RedirectResponse(f"/chat{query}{'#end' if at_end else ''}", 303)
