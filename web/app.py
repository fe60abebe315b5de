"""The web application, put together from what the composition gives it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from core.ports import StoreUnavailable
from web.api.door import ROOT, Programs, is_for_programs, refuse_program
from web.api.reference import Reference
from web.boards import Boards
from web.cards import Cards
from web.chat import Chat
from web.consultations import Consultations
from web.desk.desk import Desk, MustEnter
from web.desk.opening import UPLOADED_TO, Opened, larger_upload
from web.doors import Doors
from web.feeds import Feeds
from web.home import Home
from web.metrics import Metrics
from web.noticeboard import Noticeboard
from web.pages import STATIC, pages_for, vendored
from web.parts import Parts
from web.posters import Posters
from web.previews import Previews, Studio
from web.privacy import Statements
from web.protection import Protected
from web.pulse import Counted
from web.results import ResultsPages
from web.seals import Seals
from web.stories import Stories
from web.trouble import Trouble, not_now, of_status, our_fault


class Files(StaticFiles):
    """Style, script and pictures, our own and those of packages: kept for ever where the address carries the mark of
    the content."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        found = vendored(path)
        return (str(found), found.stat()) if found else super().lookup_path(path)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        marked = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if marked else "public, max-age=300"
        return response


def create_app(parts: Parts) -> FastAPI:
    pages = pages_for(parts)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if parts.lifespan is None:
            yield
            return
        async with parts.lifespan():
            yield

    def refuse(request: Request, trouble: Trouble) -> Response:
        return refuse_program(request, trouble, parts) if is_for_programs(request) else pages.refuse(request, trouble)

    async def tell(request: Request, trouble: Exception) -> Response:
        match trouble:
            case Trouble():
                return refuse(request, trouble)
            case HTTPException():
                response = refuse(request, of_status(trouble.status_code))
                response.headers.update(trouble.headers or {})
                return response
            case StoreUnavailable():
                return refuse(request, not_now())
            case _:
                return refuse(request, our_fault())

    app = FastAPI(title="Folkmoot", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.add_exception_handler(Trouble, tell)
    app.add_exception_handler(HTTPException, tell)
    app.add_exception_handler(StoreUnavailable, tell)
    app.add_exception_handler(Exception, tell)
    desk = Desk(parts, parts.desk, pages) if parts.desk else None
    larger = {UPLOADED_TO: larger_upload(desk)} if desk else {}
    app.add_middleware(Protected, refuse=refuse, is_https=parts.is_https, larger=larger)
    app.add_middleware(Counted, pulse=parts.pulse)
    app.router.routes += Doors(parts).routes()  # first, for most of what comes comes there
    app.mount("/static", Files(directory=STATIC), name="static")
    board, studio = Noticeboard(parts), Studio()
    rooms = (
        Home(parts, pages, board),
        Chat(parts, pages),
        Consultations(parts, pages, board),
        ResultsPages(parts, pages, board),
        Cards(parts, pages, board, studio),
        Posters(parts, board),
        Feeds(parts, board),
        Statements(parts, pages),
        Stories(parts, pages),
        Previews(parts, studio),
        Boards(parts, pages, board),
        Seals(parts, pages),
        Metrics(parts),
    )
    for room in rooms:
        app.router.routes += room.routes()
    if parts.desk and desk:
        programs = Programs(parts, parts.desk.developers)
        app.mount(ROOT, programs, name="api")
        app.router.routes += Reference(parts, pages, programs).routes()
        _open_desk(app, desk)
    return app


def _open_desk(app: FastAPI, desk: Desk) -> None:
    async def lead(request: Request, gone: Exception) -> Response:
        assert isinstance(gone, MustEnter)  # noqa: S101  it is registered for nothing else
        return desk.lead_to_the_door(request, gone)

    app.add_exception_handler(MustEnter, lead)
    app.router.routes.append(Opened(desk))
