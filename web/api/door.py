"""The door for programs: the interface is put together when the first of them comes, for most processes have none."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from web.api.parts import Developers
from web.api.problems import tell
from web.parts import Parts
from web.protection import protect
from web.trouble import Trouble

if TYPE_CHECKING:
    from fastapi import FastAPI

ROOT = "/api/v1"


def is_for_programs(request: Request) -> bool:
    return request.url.path.startswith(f"{ROOT}/")


def refuse_program(request: Request, trouble: Trouble, parts: Parts) -> Response:
    """What was refused before it came to the interface."""
    response = tell(request, trouble, parts.texts)
    protect(response.raw_headers, request.url.path, parts.is_https)
    return response


class Programs:
    def __init__(self, parts: Parts, own: Developers) -> None:
        self._parts, self._own = parts, own

    @cached_property
    def _api(self) -> "FastAPI":
        from web.api.app import create_api  # and with it what reads files

        return create_api(self._parts, self._own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._api(scope, receive, send)

    def description(self) -> dict[str, Any]:
        from web.api.app import description

        return description(self._api)
