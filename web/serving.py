"""Serving: the one way in which the application is put on a port, so that it also stops as it should."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from h11 import IDLE, SEND_RESPONSE
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from bots.webchat.bell import Bell

STOPS_WITHIN = 5
"""Seconds that requests which are being answered have to end when the server is told to stop."""


class Server(uvicorn.Server):
    """Sends open streams home before it waits for connections to end; they come back to the next server."""

    def __init__(self, config: uvicorn.Config, bell: Bell) -> None:
        super().__init__(config)
        self._bell = bell

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: the process listens for them itself, for it has more to end than this server."""
        yield

    def stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._bell.close()
        await super().shutdown(sockets)


class Line(H11Protocol):
    """A visitor's connection. Where what comes stops being HTTP after we began to answer, it is only closed: the
    library would answer a second time, which raises."""

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in (IDLE, SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket to serve on. Raises OSError with a sentence where that can't be."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OSError(
            f"can't listen on {host}, port {port} ({os.strerror(error.errno or 0)}): set HOST or PORT otherwise"
        ) from error


def server_for(
    app: ASGIApp, bell: Bell, host: str = "127.0.0.1", port: int = 8000, log_level: str = "warning"
) -> Server:
    config = uvicorn.Config(
        app,
        host,
        port,
        http=Line,
        ws="none",
        lifespan="on",
        log_level=log_level,
        access_log=False,  # addresses hold receipt codes
        server_header=False,
        timeout_graceful_shutdown=STOPS_WITHIN,
    )
    return Server(config, bell)
