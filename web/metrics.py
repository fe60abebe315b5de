"""`/metrics`: how the service is, for whoever watches it. All processes are seen through the one database, so it is
enough to ask any of them."""

import asyncio
from datetime import datetime, timedelta
from hmac import compare_digest
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.health import Health
from core.ports import StoreUnavailable
from web.parts import Parts
from web.routes import Routes
from web.trouble import nothing_here

READ_EVERY = timedelta(seconds=5)
"""The database is asked no oftener, however often we are."""

PATIENCE = 8.0
"""Seconds after which the database counts as away; whoever asks us waits for ten by custom."""


class Metrics:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._health: Health | None = None
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    def routes(self) -> Routes:
        routes = Routes()
        routes.get("/metrics", self.show)
        return routes

    async def show(self, request: Request) -> Response:
        token = self._parts.metrics_token
        if token and not _shows(request, token):
            return PlainTextResponse("A token is needed.\n", 401, {"www-authenticate": "Bearer"})
        if not token and not _is_from_this_machine(request):
            raise nothing_here()
        from web.gauges import written  # and with it a library, of which nothing else has need

        async with self._reading:
            now = self._parts.clock.now()
            if self._read_at is None or abs(now - self._read_at) >= READ_EVERY:
                self._health = await self._read(now)
                self._read_at = now
        return Response(written(self._health, self._parts.pulse, now), media_type="text/plain; version=0.0.4")

    async def _read(self, now: datetime) -> Health | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._parts.store.health(now)
        except (StoreUnavailable, TimeoutError):
            return None


def _shows(request: Request, token: str) -> bool:
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    return kind.casefold() == "bearer" and compare_digest(shown.strip().encode(), token.encode())


def _is_from_this_machine(request: Request) -> bool:
    """And of its own accord: what a proxy passes on comes from this machine as well, and says whom it is for."""
    if request.client is None or {"x-forwarded-for", "forwarded"} & set(request.headers.keys()):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:  # a name instead of an address
        return False
