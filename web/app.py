"""The web application, put together from what the composition gives it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from core.ports import StoreUnavailable
from web.boards import Boards
from web.chat import Chat
from web.doors import Doors
from web.home import Home
from web.metrics import Metrics
from web.pages import STATIC, pages_for
from web.parts import Parts
from web.previews import Previews
from web.protection import Protected
from web.pulse import Counted
from web.seals import Seals
from web.stories import Stories
from web.trouble import Trouble, not_now, of_status, our_fault


class Files(StaticFiles):
    """Style, script and pictures: kept for ever where the address carries the mark of the content."""

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

    async def tell(request: Request, trouble: Exception) -> Response:
        match trouble:
            case Trouble():
                return pages.refuse(request, trouble)
            case HTTPException():
                response = pages.refuse(request, of_status(trouble.status_code))
                response.headers.update(trouble.headers or {})
                return response
            case StoreUnavailable():
                return pages.refuse(request, not_now())
            case _:
                return pages.refuse(request, our_fault())

    app = FastAPI(title="Folkmoot", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.add_exception_handler(Trouble, tell)
    app.add_exception_handler(HTTPException, tell)
    app.add_exception_handler(StoreUnavailable, tell)
    app.add_exception_handler(Exception, tell)
    app.add_middleware(Protected, refuse=pages.refuse, is_https=parts.is_https)
    app.add_middleware(Counted, pulse=parts.pulse)
    app.router.routes.extend(Doors(parts).routes())  # first, for most of what comes comes there
    app.mount("/static", Files(directory=STATIC), name="static")
    rooms = (
        Home(parts, pages),
        Chat(parts, pages),
        Stories(parts, pages),
        Previews(parts),
        Boards(parts, pages),
        Seals(parts, pages),
        Metrics(parts),
    )
    for room in rooms:
        app.include_router(room.routes())
    return app
