"""The desk is opened when somebody first comes to it: until then a process serves members, and starts the sooner."""

from functools import cached_property

from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Router
from starlette.types import Receive, Scope, Send

from core.texts import T
from web.desk.desk import Desk, MustEnter
from web.desk.uploads import LARGEST_UPLOAD
from web.protection import Larger
from web.trouble import Trouble

AT = "/desk"
UPLOADED_TO = f"{AT}/members/import"


class Opened(BaseRoute):
    """All that stands behind the desk's address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def router(self) -> Router:
        from web.desk.rooms import ROOMS  # and with them all that they read, write and draw with

        return Router([route for room in ROOMS for route in room(self._desk).routes()])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope["path"] if scope["type"] == "http" else ""
        return (Match.FULL if path == AT or path.startswith(f"{AT}/") else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.router(scope, receive, send)


def larger_upload(desk: Desk) -> Larger:
    """What may be sent up there, and by whom: an organiser who sits at the desk."""

    async def may(request: Request) -> bool:
        try:
            return (await desk.at(request)).authority.is_organiser
        except MustEnter:
            return False

    return Larger(LARGEST_UPLOAD, may, _too_long)


def _too_long() -> Trouble:
    words = T("A file of members may have up to {size} megabytes. Send it in parts.", size=LARGEST_UPLOAD // 1_000_000)
    return Trouble(413, T("That file is too large"), words)
