"""How a consultation stands, while it runs: a page that keeps itself up to date, and works as well without a script."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from hashlib import blake2b

from fastapi.sse import format_sse_event
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bots.webchat.bell import heard
from core.consultations import Phase
from core.ports import StoreUnavailable
from core.results import Results
from core.watching import LATELY, Watched
from web.desk.consultations import PHASES
from web.desk.desk import At, Desk, MustEnter
from web.desk.lookout import Lookout
from web.desk.orders import Orders
from web.desk.progress import asked, progress_of, troubles
from web.desk.showing import Showing
from web.finding import as_shown
from web.routes import Routes
from web.standings import where
from web.trouble import Trouble, nothing_here

ALIVE_EVERY = 15.0
"""Seconds between signs of life on a quiet stream."""

LONGEST_SINCE = 4_000

Marks = dict[str, str]
"""Of each part of the page, what it looked like when it was last sent."""


class Watch:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sent = Lookout(self._look)
        self._answered = Lookout(self._count)
        self._orders = Orders(desk, self._sent.forget)
        self._showing = Showing(desk)

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/consultations/{slug}", self.show)
        routes.get("/desk/consultations/{slug}/stream", self.stream)
        return Routes([*routes, *self._orders.routes(), *self._showing.routes()])

    async def show(self, request: Request, slug: str) -> Response:
        here = await self._desk.organiser(request)
        consultation = await self._desk.consultation(here, slug)
        parts = await self._parts(here, slug)
        return self._desk.show(
            request,
            "desk/watch.html",
            here,
            part="consultations",
            consultation=consultation,
            phase=consultation.phase(here.by.at),
            parts={name: Markup(html) for name, html in parts.items()},  # noqa: S704  from templates of ours
            since=write_marks({name: mark(html) for name, html in parts.items()}),
            closed=Phase.CLOSED,
        )

    # --- as it happens
    async def stream(self, request: Request, slug: str) -> Response:
        here = await self._desk.organiser(request)
        await self._desk.consultation(here, slug)
        since = request.headers.get("last-event-id") or request.query_params.get("since") or ""
        return StreamingResponse(
            self._events(request, slug, read_marks(since[:LONGEST_SINCE])),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _events(self, request: Request, slug: str, seen: Marks) -> AsyncIterator[bytes]:
        """What has changed since it was last sent, part by part, until the sitting ends or the server does."""
        bell, loop = self._desk.parts.bell, asyncio.get_running_loop()
        yield format_sse_event(event="alive", data_str="", retry=2_000)
        spoke = loop.time()
        with bell.listen("desk") as rung:
            while not bell.is_closed:
                try:
                    here = await self._desk.organiser(request)
                    await self._desk.consultation(here, slug)
                    parts = await self._parts(here, slug)
                except (MustEnter, Trouble):
                    yield format_sse_event(event="over", data_str="")
                    return
                except StoreUnavailable:
                    parts = {}  # what was seen last stays
                for name, html in parts.items():
                    if seen.get(name) != (now := mark(html)):
                        seen[name] = now
                        yield format_sse_event(event="part", data_str=html, id=write_marks(seen))
                        spoke = loop.time()
                if loop.time() - spoke >= ALIVE_EVERY:
                    yield format_sse_event(event="alive", data_str="")
                    spoke = loop.time()
                rung.clear()
                await heard(rung, max(1.0, min(self._sent.due_in(slug), ALIVE_EVERY)))

    # --- what is seen
    async def _look(self, slug: str) -> Watched | None:
        return await self._desk.own.watching.look(slug, self._desk.parts.clock.now())

    async def _count(self, slug: str) -> Results | None:
        return await self._desk.own.answered.results(slug, self._desk.parts.clock.now())

    async def _parts(self, here: At, slug: str) -> Mapping[str, str]:
        """The parts of the page by name, as this reader sees them."""
        watched, results = await self._sent.at(slug), await self._answered.at(slug)
        if watched is None or results is None:
            raise nothing_here()
        topics = await self._desk.parts.store.topics()
        consultation = watched.consultation
        values: dict[str, object] = {
            "consultation": consultation,
            "phase": consultation.phase(here.by.at),
            "phases": PHASES,
            "watched": watched,
            "results": results,
            "lately": LATELY,
            "asked": asked(consultation.audience, here.bodies, topics),
            "sendings": [progress_of(one, n, here.bodies, topics) for n, one in enumerate(watched.sendings)],
            "troubles": troubles(watched.lanes, here.by.at),
            "most_left": max((step.left for step in results.funnel), default=0),
            "bodies": here.bodies,
            "ideas": [(as_shown(one), where(one, here.bodies, here.by.at)) for one in watched.latest],
        }
        parts = {name: self._part(name, here, values) for name in ("state", "sendings", "funnel")}
        parts |= self._showing.parts(here, watched, results)
        return parts | {name: self._part(name, here, values) for name in ("turnout", "ideas")}

    def _part(self, name: str, here: At, values: Mapping[str, object]) -> str:
        return self._desk.pages.fragment(f"desk/watch-{name}.html", here.reader, at=here, **values)


def mark(html: str) -> str:
    return blake2b(html.encode(), digest_size=6).hexdigest()


def write_marks(marks: Mapping[str, str]) -> str:
    return ",".join(f"{name}.{one}" for name, one in marks.items())


def read_marks(written: str) -> Marks:
    """What a browser says that it shows. What is no mark of ours is only sent once more."""
    pairs = (one.rpartition(".") for one in written.split(","))
    return {name: one for name, _, one in pairs if name}
