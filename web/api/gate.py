"""The gate: every request to the interface comes through here, and leaves by it. Whose token it is, whether that may do
this, whether it comes too fast, and whether it was asked before."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from math import ceil

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.asking import LONGEST_KEY, Answered, Elsewhere, First, StillAnswered
from core.authority import Authority
from core.consultations import Consultation
from core.deeds import By, Via
from core.floods import Level, Levels
from core.ideas import Idea
from core.receipts import read_code
from core.texts import T
from core.tokens import Bearer, Scope
from web.api.parts import Developers
from web.api.problems import Refused, conflict, nothing, read_trouble, tell, unreadable
from web.parts import Parts
from web.trouble import Trouble

Handle = Callable[[Request], Awaitable[Response]]

FAULTS = (Trouble, RequestValidationError, HTTPException)
"""That whoever asks is told of; all others are ours."""

NOT_KEPT = frozenset({401, 403, 409, 429})
"""Answers that are another one the next time, maybe: whoever asks again is heard again."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose program asks, in one request."""

    bearer: Bearer
    by: By

    @property
    def authority(self) -> Authority:
        return self.bearer.authority


def caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


class Gate:
    def __init__(self, parts: Parts, own: Developers) -> None:
        self.parts, self.own = parts, own
        self._levels = Levels(own.flow)

    @property
    def routes(self) -> type[APIRoute]:
        """The class of routes that are behind this gate; each names its scope as `x-scope`."""
        gate = self

        class Guarded(APIRoute):
            def get_route_handler(self) -> Handle:  # type: ignore[override]  # awaitables will do
                handle: Handle = super().get_route_handler()
                named = (self.openapi_extra or {}).get("x-scope")
                scope = Scope(named) if named else None

                async def answer(request: Request) -> Response:
                    return await gate.answer(request, scope, handle)

                return answer

        return Guarded

    async def answer(self, request: Request, scope: Scope | None, handle: Handle) -> Response:
        try:
            bearer = await self._bearer(request)
        except Trouble as trouble:
            return tell(request, trouble, self.parts.texts)
        level = self._levels.count(bearer.token.id, self.own.seconds())
        try:
            self._admit(bearer, scope, level)
            if "\0" in request.url.path or "%00" in request.url.query:
                raise unreadable(T("There is a letter in the address that stands in no text."))
            request.state.caller = Caller(bearer, By(Via.API, self.parts.clock.now(), bearer.token.member))
            response = await self._once(request, bearer, handle)
        except FAULTS as fault:
            response = tell(request, read_trouble(fault), self.parts.texts)
        self._count(response, level)
        return response

    async def _bearer(self, request: Request) -> Bearer:
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        found = None
        if kind.casefold() == "bearer":
            found = await self.own.tokens.find(shown.strip(), self.parts.clock.now())
        if found is None:
            sentence = T("Send “Authorization: Bearer fm_…” with a token that you made at /desk/developers.")
            raise Refused(401, T("No token that we know"), sentence, headers={"www-authenticate": "Bearer"})
        return found

    def _admit(self, bearer: Bearer, scope: Scope | None, level: Level) -> None:
        if level.is_flooded:
            flow = self.own.flow
            seconds = max(1, ceil((flow.at_once / 2 - level.room) / flow.a_second))
            sentence = T("Your program asks faster than we follow. Go on in {seconds} seconds.", seconds=seconds)
            heading = T("That is faster than we can follow")
            raise Refused(429, heading, sentence, headers={"retry-after": str(seconds)})
        if scope is not None and not bearer.may(scope):
            sentence = T("The token hasn’t got the scope “{scope}”. Make one that has.", scope=scope.value)
            header = f'Bearer error="insufficient_scope", scope="{scope.value}"'
            heading = T("That isn’t what this token is for")
            raise Refused(403, heading, sentence, headers={"www-authenticate": header})

    def _count(self, response: Response, level: Level) -> None:
        flow = self.own.flow
        response.headers["ratelimit-limit"] = str(flow.at_once)
        response.headers["ratelimit-remaining"] = str(max(0, int(level.room)))
        response.headers["ratelimit-reset"] = str(ceil(max(0.0, flow.at_once - level.room) / flow.a_second))

    # --- once
    async def _once(self, request: Request, bearer: Bearer, handle: Handle) -> Response:
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            return await handle(request)
        if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise Refused(
                400, T("That isn’t a key"), T("An Idempotency-Key has 1 to {most} printable letters.", most=LONGEST_KEY)
            )
        token, asked = bearer.token.id, self.own.asked
        match await asked.begin(token, key, await _digest(request), self.parts.clock.now()):
            case First():
                pass
            case StillAnswered():
                raise conflict(T("The first request with this Idempotency-Key is still being answered. Wait for it."))
            case Elsewhere():
                raise Refused(
                    422,
                    T("That key was used for something else"),
                    T("Another request had this Idempotency-Key. Choose a new key for each thing that you want done."),
                )
            case Answered(status, media_type, content):
                headers = {"content-type": media_type, "idempotent-replayed": "true"}
                return Response(content, status, headers)
        is_kept = False
        try:
            response = await self._told(request, handle)
            if response.status_code not in NOT_KEPT and response.status_code < 500:
                media_type = response.headers.get("content-type", "")
                await asked.keep(token, key, Answered(response.status_code, media_type, bytes(response.body)))
                is_kept = True
        finally:
            if not is_kept:
                await asked.drop(token, key)
        return response

    async def _told(self, request: Request, handle: Handle) -> Response:
        try:
            return await handle(request)
        except FAULTS as fault:
            return tell(request, read_trouble(fault), self.parts.texts)

    # --- what they may see
    async def consultation(self, request: Request, slug: str) -> Consultation:
        """One that the token's owner runs. Of another there is nothing here, as at the desk."""
        found = await self.own.store.consultation(slug)
        if found is None or not caller(request).authority.may_run(found):
            raise nothing()
        return found

    async def idea(self, request: Request, typed: str) -> Idea:
        """One that the token's owner sees."""
        authority, code = caller(request).authority, read_code(typed)
        found = await self.own.store.idea(code) if code else None
        if found is None or not authority.sees(found, authority.runs(await self.own.store.consultations())):
            raise nothing()
        return found


async def _digest(request: Request) -> str:
    asked = f"{request.method} {request.url.path}?{request.url.query}\n{request.headers.get('content-type', '')}\n"
    return sha256(asked.encode() + await request.body()).hexdigest()
