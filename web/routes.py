"""The routes of a room of pages: what stands in the address comes to its methods as arguments, beside the request.

FastAPI's own routes are for the API. They read of each method what it wants of a request, and a start waits for it; a
page wants nothing but its address.
"""

from collections.abc import Awaitable, Callable
from typing import Concatenate

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

Answer = Callable[Concatenate[Request, ...], Awaitable[Response]]


class Routes(list[BaseRoute]):
    def page(self, path: str, show: Answer) -> None:
        """May also be asked for without its body."""
        self._add(path, show, {"GET", "HEAD"})

    def get(self, path: str, show: Answer) -> None:
        """Only wanted whole: a stream, or something that is done by looking."""
        self._add(path, show, {"GET"})

    def post(self, path: str, take: Answer) -> None:
        self._add(path, take, {"POST"})

    def _add(self, path: str, answer: Answer, methods: set[str]) -> None:
        async def from_its_address(request: Request) -> Response:
            return await answer(request, **request.path_params)

        route = Route(path, from_its_address)
        route.methods = methods
        self.append(route)
