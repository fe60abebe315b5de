"""Webhooks for programs: set up, changed, tried and ended, their secrets, and what was delivered."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from core.deeds import Deed, Did, of_hook
from core.hooks import LONGEST_NAME, LONGEST_URL, Happened, HookDelivery, read_address
from core.hooks import Hook as HookKept
from core.texts import Phrase, T
from core.tokens import Scope
from web.api.gate import Gate, caller
from web.api.problems import Mistake, conflict, mistaken, nothing, problems
from web.api.shapes import (
    LARGEST_NUMBER,
    ON_A_PAGE,
    Cursor,
    Limit,
    Moment,
    Page,
    Sent,
    Shape,
    page,
    read_cursor,
    read_number,
)
from web.hooks import HookKeys, new_hook

Id = Annotated[str, Path(max_length=60, description="The webhook’s id.")]
Kind = Literal[
    "consultation.opened", "consultation.closed", "consultation.outcome", "idea.received", "idea.continued",
    "broadcast.finished",
]  # fmt: skip


class Hook(Shape):
    """`failing_since`: when a try failed, if none has succeeded since. `off_why` says why it is off."""

    id: str
    name: str
    url: str
    kinds: list[str]
    made_at: Moment
    is_on: bool
    off_why: str
    failing_since: Moment | None


class Hooks(Shape):
    items: list[Hook]


class Wanted(Sent):
    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    url: str = Field(min_length=1, max_length=LONGEST_URL, description="It begins with https://.")
    kinds: list[Kind] = Field(min_length=1, max_length=20)
    is_on: bool = True


class SecretShape(Shape):
    """Sign with it as https://www.standardwebhooks.com says. `until`: an earlier one, which is still signed with."""

    secret: str
    until: Moment | None


class Secrets(Shape):
    items: list[SecretShape]


class Delivery(Shape):
    """`message_id` is what `webhook-id` says, the same at every try."""

    id: int
    message_id: str
    kind: str
    about: str
    at: Moment
    state: str
    tries: int
    tried_at: Moment | None
    next_at: Moment | None
    status: int | None
    why: str


class Began(Shape):
    delivery: int


class Webhooks:
    def __init__(self, gate: Gate) -> None:
        self._gate, self._hooks, self._keys = gate, gate.own.hooks, HookKeys(gate.own.vault)

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/webhooks", tags=["Webhooks"], route_class=self._gate.routes)
        reads, writes = ({"x-scope": scope} for scope in (Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE))
        for path, act, shape, extra, summary in (
            ("", self.every, Hooks, reads, "List your webhooks"),
            ("/{id}", self.show, Hook, reads, "Read one"),
            ("/{id}/deliveries", self.deliveries, Page[Delivery], reads, "What was delivered, the newest first"),
            ("/{id}/secret", self.secret, Secrets, writes, "Read its secret"),
        ):
            router.add_api_route(
                path, act, methods=["GET"], response_model=shape, openapi_extra=extra, responses=problems(),
                summary=summary,
            )  # fmt: skip
        router.add_api_route(
            "", self.make, methods=["POST"], status_code=201, response_model=Hook, openapi_extra=writes,
            responses=problems(409, 413), summary="Set one up",
        )  # fmt: skip
        router.add_api_route(
            "/{id}", self.change, methods=["PUT"], response_model=Hook, openapi_extra=writes,
            responses=problems(413), summary="Change it, or switch it on or off",
        )  # fmt: skip
        router.add_api_route(
            "/{id}", self.end, methods=["DELETE"], status_code=204, response_class=Response, openapi_extra=writes,
            responses=problems(), summary="End it",
        )  # fmt: skip
        router.add_api_route(
            "/{id}/rotate", self.rotate, methods=["POST"], status_code=204, response_class=Response,
            openapi_extra=writes, responses=problems(), summary="Change its secret",
        )  # fmt: skip
        router.add_api_route(
            "/{id}/test", self.test, methods=["POST"], status_code=202, response_model=Began, openapi_extra=writes,
            responses=problems(), summary="Send a test",
        )  # fmt: skip
        router.add_api_route(
            "/{id}/deliveries/{delivery}/again", self.again, methods=["POST"], status_code=202, response_model=Began,
            openapi_extra=writes, responses=problems(409), summary="Deliver it again",
        )  # fmt: skip
        return router

    async def every(self, request: Request) -> Hooks:
        return Hooks(items=[_shape(one) for one in await self._hooks.of(caller(request).bearer.token.member)])

    async def show(self, request: Request, id: Id) -> Hook:
        return _shape(await self._found(request, id))

    async def make(self, request: Request, wanted: Annotated[Wanted, Body()]) -> Hook:
        """It is told of what its owner may see, and nothing else. Its secret is read apart."""
        here = caller(request)
        hook = new_hook(here.bearer.token.member, wanted.name, self._url(wanted), _kinds(wanted), here.by.at)
        await self._keys.begin(hook.id)
        if not await self._hooks.make(here.by, hook):
            await self._keys.drop(hook.id)
            raise conflict(T("You have as many webhooks as anybody may have. End one first."))
        return _shape(hook)

    async def change(self, request: Request, id: Id, wanted: Annotated[Wanted, Body()]) -> Hook:
        hook = await self._found(request, id)
        changed = replace(hook, name=wanted.name, url=self._url(wanted), kinds=_kinds(wanted))
        changed = changed.switched(is_on=wanted.is_on)
        if not await self._hooks.change(caller(request).by, changed):
            raise nothing()
        return _shape(changed)

    async def end(self, request: Request, id: Id) -> Response:
        """What was still to be delivered isn’t."""
        if not await self._hooks.end(caller(request).by, id):
            raise nothing()
        return Response(status_code=204)

    async def secret(self, request: Request, id: Id) -> Secrets:
        hook = await self._found(request, id)
        kept = await self._keys.of(hook.id)
        return Secrets(items=[SecretShape(secret=one.value, until=one.until) for one in kept])

    async def rotate(self, request: Request, id: Id) -> Response:
        """For a day everything is signed with both. Read the new one apart."""
        hook = await self._found(request, id)
        await self._keys.rotate(hook.id, caller(request).by.at)
        await self._gate.own.deeds.note(caller(request).by, Deed(Did.HOOK, of_hook(hook.id)))
        return Response(status_code=204)

    async def test(self, request: Request, id: Id) -> Began:
        hook = await self._found(request, id)
        return Began(delivery=await self._hooks.test(hook.id, caller(request).by.at))

    async def again(self, request: Request, id: Id, delivery: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]) -> Began:
        """With the same `webhook-id` as before."""
        hook = await self._found(request, id)
        known = await self._hooks.log(hook.id, 1, delivery + 1)
        if not known or known[0].id != delivery:
            raise nothing()
        if not await self._hooks.again(hook.id, delivery, caller(request).by.at):
            raise conflict(T("It is on its way at this moment."))
        return Began(delivery=delivery)

    async def deliveries(
        self, request: Request, id: Id, cursor: Cursor = "", limit: Limit = ON_A_PAGE
    ) -> Page[Delivery]:
        """Of the last 30 days."""
        hook = await self._found(request, id)
        before = read_cursor(cursor, read_number, None)
        here, following = page(await self._hooks.log(hook.id, limit + 1, before), limit, lambda one: one.id)
        return Page(items=[_delivery(one) for one in here], next=following)

    async def _found(self, request: Request, id: str) -> HookKept:
        found = await self._hooks.find(caller(request).bearer.token.member, id)
        if found is None:
            raise nothing()
        return found

    def _url(self, wanted: Wanted) -> str:
        found = read_address(wanted.url, may_go_anywhere=self._gate.own.hooks_may_go_anywhere)
        if isinstance(found, Phrase):
            raise mistaken([Mistake(found, "body.url")])
        return found


def _kinds(wanted: Wanted) -> frozenset[Happened]:
    return frozenset(map(Happened, wanted.kinds))


def _shape(hook: HookKept) -> Hook:
    return Hook(
        id=hook.id,
        name=hook.name,
        url=hook.url,
        kinds=sorted(hook.kinds),
        made_at=hook.made_at,
        is_on=hook.is_on,
        off_why=hook.off_why,
        failing_since=hook.failing_since,
    )


def _delivery(one: HookDelivery) -> Delivery:
    return Delivery(
        id=one.id,
        message_id=one.message_id,
        kind=one.kind.value,
        about=one.about,
        at=one.at,
        state=one.state.value,
        tries=one.tries,
        tried_at=one.tried_at,
        next_at=one.not_before if one.state == "waiting" else None,
        status=one.status,
        why=one.why,
    )
