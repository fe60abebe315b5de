"""Protection: what every request and every answer passes on its way. Bodies have a limit, pages run only our script."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from h11 import LocalProtocolError
from starlette.datastructures import FormData, Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.trouble import Trouble, no_form, too_long

LARGEST_BODY = 1_000_000
"""Bytes of a request's body that we read, whoever sends it. There is no exception for platforms, although
what they are refused comes again: a message of Telegram's or Slack's has some thousand characters and never comes near
it, and the exception would be for whoever merely says that they are Telegram."""

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_EVERYWHERE = {
    b"x-content-type-options": b"nosniff",
    # Not "no-referrer": browsers then send `Origin: null` with forms, and our own pages could not be told apart.
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"content-security-policy": _POLICY.encode(),
    b"cache-control": b"no-store",
}
_HTTPS = {b"strict-transport-security": b"max-age=31536000"}
# Slack's library brings pages of its own for installing, with their style inside.
_SLACKS = _EVERYWHERE | {b"content-security-policy": b"frame-ancestors 'none'"}
# A consultation's card is made to stand in a frame on anybody's page: it runs nothing and knows nobody.
_CARDS = {
    name: value
    for name, value in _EVERYWHERE.items()
    if name not in (b"x-frame-options", b"cross-origin-opener-policy")
} | {
    b"content-security-policy": b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors *",
    b"cross-origin-resource-policy": b"cross-origin",
}
_FILES = {name: value for name, value in _EVERYWHERE.items() if name != b"cache-control"}

RawHeaders = list[tuple[bytes, bytes]]


def protect(headers: RawHeaders, path: str, is_https: bool) -> None:
    """Adds what isn't said otherwise already. As bytes, for it is done to every answer."""
    kind = _EVERYWHERE
    if path.startswith("/slack/"):
        kind = _SLACKS
    elif path.startswith("/static/"):
        kind = _FILES
    elif path.startswith("/consultations/") and path.endswith("/card"):
        kind = _CARDS
    said = {name for name, _ in headers}
    headers += [pair for pair in (kind | _HTTPS if is_https else kind).items() if pair[0] not in said]


@dataclass(frozen=True, slots=True)
class Larger:
    """A longer body that one address takes when it is posted to, from those who `may`: that is asked before any of it
    is read."""

    most: int
    may: Callable[[Request], Awaitable[bool]]
    refusal: Callable[[], Trouble]


class Protected:
    """Refuses bodies over the limit, unread where their length is announced, and puts the headers on every answer."""

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Request, Trouble], Response],
        is_https: bool,
        larger: Mapping[str, Larger] | None = None,
    ) -> None:
        self._app, self._refuse, self._is_https, self._larger = app, refuse, is_https, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = headers = list(message.get("headers", ()))
                protect(headers, scope["path"], self._is_https)
            try:
                await send(message)
            except LocalProtocolError:  # the server has answered for us: what came is no HTTP, and the line is closed
                raise ClientDisconnect from None

        try:
            await self._answer(scope, receive, send_protected)
        except ClientDisconnect:  # they went away, or sent what can't be read: nobody is left to answer
            while (await receive())["type"] != "http.disconnect":
                pass

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        most, too_much = await self._limit(scope)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or len(announced) > 12 or int(announced) > most:
            refusal = self._refuse(Request(scope), too_much())
            refusal.headers["connection"] = "close"
            await refusal(scope, receive, send)
            return

        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise too_much()
            return message

        await self._app(scope, receive_counted, send)

    async def _limit(self, scope: Scope) -> tuple[int, Callable[[], Trouble]]:
        larger = self._larger.get(scope["path"]) if scope["method"] == "POST" else None
        if larger and await larger.may(Request(scope)):
            return larger.most, larger.refusal
        return LARGEST_BODY, too_long


def is_from_here(request: Request, public_url: str) -> bool:
    """Whether a form was posted from a page of ours. Programs that are no browser say nothing and carry no cookies
    of anybody else."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}


def media_type_of(request: Request, unsaid: str = "") -> str:
    """Of what was sent, without its parameters."""
    return request.headers.get("content-type", unsaid).partition(";")[0].strip().lower()


async def form_of(request: Request) -> FormData:
    """The form that was posted; empty where nothing was. Raises Trouble for a body of another kind, unread."""
    if media_type_of(request, unsaid=_FORMS[0]) not in _FORMS:
        raise no_form()
    return await request.form()
