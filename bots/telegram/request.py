"""HTTP to Telegram over a shared aiohttp session, and errors that say whether a request can have arrived.

The library's stock request object gets slower with concurrency, and its error for "asked to wait" can't be built
without a deprecation warning; both are avoided here.
"""

import io
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

READ_TIMEOUT = 15.0
CONNECT_TIMEOUT = 10.0
UPLOAD_TIMEOUT = 60.0
"""Seconds."""


class SlowDown(TelegramError):
    """429: wait `after` seconds."""

    __slots__ = ("after",)

    def __init__(self, after: float) -> None:
        super().__init__(f"Telegram asks us to wait {after:g} seconds")
        self.after = after


class NotConnected(NetworkError):
    """No connection came about: nothing was sent."""


class Unanswered(TimedOut):
    """The request went out, and no answer that can be read came back: it may or may not have been done."""


class ServerFault(NetworkError):
    """5xx: Telegram itself has a fault."""


def plain(parameters: Mapping[str, object]) -> RequestData:
    """Parameters that are JSON as they are: the library would look into each of them for a file."""
    return RequestData([RequestParameter(name, value, None) for name, value in parameters.items()])


class AiohttpRequest(BaseRequest):
    """One for all bots of a process. The session belongs to whoever made it: nothing is opened or closed here."""

    __slots__ = ("_session",)

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @property
    def read_timeout(self) -> float | None:
        return READ_TIMEOUT

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        uploads = request_data is not None and request_data.contains_files
        connect = _seconds(connect_timeout, CONNECT_TIMEOUT)
        timeout = aiohttp.ClientTimeout(
            total=None,
            connect=connect,  # waiting for a free connection included
            sock_connect=connect,
            sock_read=_seconds(read_timeout, UPLOAD_TIMEOUT if uploads else READ_TIMEOUT),
        )
        try:
            async with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, **_body(request_data)
            ) as response:
                code, payload = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            # Not chained, here and below: the address holds the token, and a traceback would show it.
            raise NotConnected(f"no connection to Telegram ({type(error).__name__})") from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unanswered(f"no answer from Telegram ({type(error).__name__})") from None
        if code == 429:
            raise SlowDown(_retry_after(payload))
        if code == 413:  # by the proxy before Telegram, whose answer needn't be the Bot API's
            raise BadRequest("Request entity too large")
        if code == 504:
            raise Unanswered("Telegram's gateway had no answer in time (504)")
        if code >= 500:
            raise ServerFault(f"Telegram has a fault of its own ({code})")
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library's, without writing what can't be read to the log: it may hold somebody's words."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise Unanswered("Telegram's answer can't be read") from error
        if not isinstance(answer, dict):
            raise Unanswered("Telegram's answer is none of the Bot API's")
        return answer


def _body(request_data: RequestData | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    if not request_data.contains_files:
        return {"json": request_data.parameters}
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in request_data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content  # large bytes would go in one piece
        form.add_field(name, stream, filename=filename, content_type=media_type)
    return {"data": form}


def _seconds(given: object, default: float) -> float | None:
    """None is the library's "as long as it takes"."""
    return float(given) if isinstance(given, int | float) else None if given is None else default


def _retry_after(payload: bytes) -> float:
    try:
        return max(float(json.loads(payload)["parameters"]["retry_after"]), 1.0)
    except (ValueError, KeyError, TypeError):
        return 5.0
