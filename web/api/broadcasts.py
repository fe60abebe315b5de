"""The broadcasts of a consultation, for programs: listed, ordered, held, and let go on."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field
from starlette.requests import Request

from core.consultations import NudgeKind
from core.events import BroadcastHeld, BroadcastResumed
from core.texts import T
from core.tokens import Scope
from core.turns.orders import invitation
from core.watching import Sending
from web.api.consultations import WhoIsAsked
from web.api.gate import Gate, caller
from web.api.problems import Mistake, beyond, conflict, mistaken, nothing, problems
from web.api.shapes import Moment, Sent, Shape, Slug

Id = Annotated[str, Path(max_length=100, description="The broadcast’s id.")]


class Broadcast(Shape):
    """`states`: how many messages are waiting, sent, failed …; `why` by state and reason."""

    id: str
    step: str
    kind: NudgeKind
    audience: WhoIsAsked
    at: Moment
    confirmed: bool
    held_at: Moment | None
    is_over: bool
    total: int
    states: dict[str, int]
    why: dict[str, dict[str, int]]


class Broadcasts(Shape):
    items: list[Broadcast]


class Order(Sent):
    """An invitation to all who are asked and haven’t answered; at once where no time is given. With `bodies` or
    `topics`, to those instead, as far as the consultation’s languages, roll and activity let them be asked."""

    at: Moment | None = None
    bodies: list[str] = Field(default=[], max_length=100)
    topics: list[str] = Field(default=[], max_length=100)


class Broadcasting:
    def __init__(self, gate: Gate) -> None:
        self._gate, self._own = gate, gate.own

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/consultations/{slug}", tags=["How it goes"], route_class=self._gate.routes)
        reads, writes = ({"x-scope": scope} for scope in (Scope.CONSULTATIONS_READ, Scope.CONSULTATIONS_WRITE))
        router.add_api_route(
            "/broadcasts", self.every, methods=["GET"], response_model=Broadcasts, openapi_extra=reads,
            responses=problems(), summary="List broadcasts",
        )  # fmt: skip
        router.add_api_route(
            "/broadcasts", self.order, methods=["POST"], status_code=201, response_model=Broadcast,
            openapi_extra=writes, responses=problems(409, 413), summary="Order a broadcast",
        )  # fmt: skip
        for verb, act, summary in (("hold", self.hold, "Hold it"), ("resume", self.resume, "Let it go on")):
            router.add_api_route(
                f"/broadcasts/{{id:path}}/{verb}", act, methods=["POST"], response_model=Broadcast,
                openapi_extra=writes, responses=problems(409), summary=summary,
            )  # fmt: skip
        return router

    async def every(self, request: Request, slug: Slug) -> Broadcasts:
        """The newest first, fifty at the most."""
        return Broadcasts(items=[_shape(one) for one in await self._sendings(request, slug)])

    async def order(self, request: Request, slug: Slug, order: Annotated[Order, Body()]) -> Broadcast:
        found, now = await self._gate.consultation(request, slug), self._gate.parts.clock.now()
        bodies, topics = await self._own.store.bodies(), await self._own.store.topics()
        living = {body.slug for body in bodies.living}
        unknown = [
            Mistake(T("I know no body or topic called “{slug}”.", slug=name), f"body.{field}")
            for field, names, known in (
                ("bodies", order.bodies, living), ("topics", order.topics, {topic.slug for topic in topics}),
            )
            for name in names
            if name not in known
        ]  # fmt: skip
        if unknown:
            raise mistaken(unknown)
        audience = found.audience
        if order.bodies or order.topics:
            named, followed = tuple(dict.fromkeys(order.bodies)), tuple(dict.fromkeys(order.topics))
            audience = replace(audience, bodies=named, topics=followed)
        if not caller(request).authority.may_ask(audience):
            raise beyond()
        at = max(order.at, now) if order.at else now
        if not found.is_open(at):
            raise conflict(T("It isn’t open then. Open it first."))
        token = self._own.mint.token()
        await self._own.store.record([invitation(token, slug, audience, at)], by=caller(request).by)
        return await self._one(request, slug, token)

    async def hold(self, request: Request, slug: Slug, id: Id) -> Broadcast:
        """Nothing more of it is planned or sent until it goes on. What is on its way at this moment still goes."""
        one = await self._one(request, slug, id)
        if one.held_at is None:
            if one.is_over or not one.confirmed:
                raise conflict(T("There is nothing of it that could be held."))
            held = BroadcastHeld(id, slug, self._gate.parts.clock.now())
            await self._own.store.record([held], by=caller(request).by)
        return await self._one(request, slug, id)

    async def resume(self, request: Request, slug: Slug, id: Id) -> Broadcast:
        one = await self._one(request, slug, id)
        if one.held_at is not None:
            await self._own.store.record([BroadcastResumed(id, slug)], by=caller(request).by)
        return await self._one(request, slug, id)

    async def _one(self, request: Request, slug: str, id: str) -> Broadcast:
        found = next((one for one in await self._sendings(request, slug) if one.broadcast.id == id), None)
        if found is None:
            raise nothing()
        return _shape(found)

    async def _sendings(self, request: Request, slug: str) -> tuple[Sending, ...]:
        await self._gate.consultation(request, slug)
        watched = await self._own.watching.look(slug, self._gate.parts.clock.now())
        return watched.sendings if watched else ()


def _shape(sending: Sending) -> Broadcast:
    one = sending.broadcast
    return Broadcast(
        id=one.id,
        step=one.step,
        kind=one.kind,
        audience=WhoIsAsked.of(one.audience),
        at=one.at,
        confirmed=one.confirmed,
        held_at=one.held_at,
        is_over=sending.is_over,
        total=sending.total,
        states={state.value: count for state, count in sending.states.items()},
        why={state.value: dict(reasons) for state, reasons in sending.why.items()},
    )
