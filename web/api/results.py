"""How a consultation goes, for programs: how it stands, its results, and every single answer."""

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import StreamingResponse

from core.deeds import Deed, Did, of_consultation
from core.results import Sheet
from core.tokens import Scope
from web.api.gate import Gate, caller
from web.api.problems import nothing, problems
from web.api.shapes import Moment, Shape, Slug, rfc3339

NDJSON = "application/x-ndjson"


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
        reads = {"x-scope": Scope.CONSULTATIONS_READ}
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
