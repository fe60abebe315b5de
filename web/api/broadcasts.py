"""How a consultation goes, for programs: its broadcasts, how it stands, its results, and every single answer."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import StreamingResponse

from core.consultations import Audience, NudgeKind
from core.deeds import Deed, Did, of_consultation
from core.events import BroadcastHeld, BroadcastOrdered, BroadcastResumed
from core.results import Sheet
from core.texts import T
from core.tokens import Scope
from core.watching import Sending
from web.api.consultations import WhoIsAsked
from web.api.gate import Gate, caller
from web.api.problems import Mistake, beyond, conflict, mistaken, nothing, problems
from web.api.shapes import Moment, Sent, Shape, Slug, rfc3339

NDJSON = "application/x-ndjson"
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
    `topics`, to those instead."""

    at: Moment | None = None
    bodies: list[str] = Field(default=[], max_length=100)
    topics: list[str] = Field(default=[], max_length=100)


class Stands(Shape):
    """`deliveries` by state, and `why` by reason."""

    slug: str
    phase: str
    asked: int
    begun: int
    finished: int
    ideas: int
    discussed: int
    planning: int
    total: int
    settled: int
    deliveries: dict[str, int]
    why: dict[str, int]


class Numbers(Shape):
    count: int | None
    mean: float | None
    median: float | None
    least: float | None
    most: float | None


class Placed(Shape):
    mean: float
    points: int


class PromptResult(Shape):
    key: str
    kind: str
    answered: int | None
    skipped: int | None
    counts: dict[str, int | None]
    numbers: Numbers | None
    ranks: dict[str, Placed]
    texts: int | None


class Turnout(Shape):
    body: str
    size: int | None
    asked: int | None
    begun: int | None
    finished: int | None


class Results(Shape):
    """As organisers see them: nothing is kept back. What may be published is `suppressed` by the desk."""

    slug: str
    at: Moment
    asked: int | None
    begun: int | None
    finished: int | None
    prompts: list[PromptResult]
    turnout: list[Turnout]
    by_day: dict[str, int | None]
    channels: dict[str, int | None]
    languages: dict[str, int | None]


class Watch:
    def __init__(self, gate: Gate) -> None:
        self._gate, self._own = gate, gate.own

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/consultations/{slug}", tags=["How it goes"], route_class=self._gate.routes)
        reads, writes = ({"x-scope": scope} for scope in (Scope.CONSULTATIONS_READ, Scope.CONSULTATIONS_WRITE))
        router.add_api_route(
            "/status", self.status, methods=["GET"], response_model=Stands, openapi_extra=reads, responses=problems(),
            summary="How it stands",
        )  # fmt: skip
        router.add_api_route(
            "/results", self.results, methods=["GET"], response_model=Results, openapi_extra=reads,
            responses=problems(), summary="What was answered, counted",
        )  # fmt: skip
        router.add_api_route(
            "/answers", self.answers, methods=["GET"], openapi_extra={"x-scope": Scope.ANSWERS_READ},
            response_class=StreamingResponse,
            responses=problems() | {200: {"content": {NDJSON: {"schema": {"type": "string"}}}}},
            summary="Every single answer, as a stream",
        )  # fmt: skip
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

    async def status(self, request: Request, slug: Slug) -> Stands:
        found = await self._gate.consultation(request, slug)
        now = await self._own.store.status(slug)
        if now is None:
            raise nothing()
        return Stands(
            slug=slug,
            phase=found.phase(self._gate.parts.clock.now()).value,
            asked=now.asked,
            begun=now.begun,
            finished=now.finished,
            ideas=now.ideas,
            discussed=now.discussed,
            planning=now.planning,
            total=now.total,
            settled=now.settled,
            deliveries={state.value: count for state, count in now.deliveries.items()},
            why=dict(now.why),
        )

    async def results(self, request: Request, slug: Slug) -> Results:
        await self._gate.consultation(request, slug)
        found = await self._own.answered.results(slug, self._gate.parts.clock.now())
        if found is None:
            raise nothing()
        return Results(
            slug=slug,
            at=found.at,
            asked=found.asked,
            begun=found.begun,
            finished=found.finished,
            prompts=[
                PromptResult(
                    key=one.prompt.key,
                    kind=one.prompt.kind.value,
                    answered=one.answered,
                    skipped=one.skipped,
                    counts=dict(one.counts),
                    numbers=None
                    if one.numbers is None
                    else Numbers(
                        count=one.numbers.count,
                        mean=one.numbers.mean,
                        median=one.numbers.median,
                        least=one.numbers.least,
                        most=one.numbers.most,
                    ),
                    ranks={key: Placed(mean=rank.mean, points=rank.points) for key, rank in one.ranks.items()},
                    texts=one.texts,
                )
                for one in found.prompts
            ],
            turnout=[
                Turnout(body=one.body, size=one.size, asked=one.asked, begun=one.begun, finished=one.finished)
                for one in found.turnout
            ],
            by_day={day.isoformat(): count for day, count in found.by_day.items()},
            channels=dict(found.channels),
            languages=dict(found.languages),
        )

    async def answers(self, request: Request, slug: Slug) -> StreamingResponse:
        """One line of JSON for each who took part, without a name; `participant` is made for this answer alone. Of an
        idea the receipt code: its words are in its story. It stands in the log that this was read."""
        await self._gate.consultation(request, slug)
        here = caller(request)
        await self._gate.own.deeds.note(here.by, Deed(Did.EXPORTED, of_consultation(slug), detail="ndjson"))
        return StreamingResponse(_lines(self._own.answered.sheets(slug)), media_type=NDJSON)

    # --- broadcasts
    async def every(self, request: Request, slug: Slug) -> Broadcasts:
        """The newest first."""
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
            audience = Audience(tuple(dict.fromkeys(order.bodies)), tuple(dict.fromkeys(order.topics)))
        if not caller(request).authority.may_ask(audience):
            raise beyond()
        at = max(order.at, now) if order.at else now
        if not found.is_open(at):
            raise conflict(T("It isn’t open then. Open it first."))
        token = self._own.mint.token()
        step = f"broadcast-{token.lower()}"
        ordered = BroadcastOrdered(token, slug, step, NudgeKind.INVITATION, audience, at)
        await self._own.store.record([ordered], by=caller(request).by)
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


async def _lines(sheets: AsyncIterator[Sheet]) -> AsyncIterator[bytes]:
    async for sheet in sheets:
        told = {
            "participant": sheet.number,
            "language": sheet.language,
            "channel": sheet.channel,
            "bodies": list(sheet.bodies),
            "begun_at": sheet.begun_at and rfc3339(sheet.begun_at),
            "finished_at": sheet.finished_at and rfc3339(sheet.finished_at),
            "answers": dict(sheet.answers),
        }
        yield json.dumps(told, ensure_ascii=False).encode(errors="replace") + b"\n"


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
