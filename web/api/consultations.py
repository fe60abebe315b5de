"""Consultations for programs: read, written as a file in JSON or YAML, opened, closed, and what came of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Header, Query
from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Audience, Consultation, Phase
from core.events import ConsultationClosed, ConsultationOpened, Event, OutcomePublished
from core.flows.problems import Checked, show_problem
from core.flows.reading import LONGEST_OUTCOME
from core.texts import Localised, Phrase, T
from core.tokens import Scope
from core.versions import version
from web.api.documents import JSON, Document, as_json, as_yaml, read, read_text
from web.api.gate import Gate, caller
from web.api.problems import beyond, changed, conflict, language_of, nothing, problems
from web.api.shapes import ON_A_PAGE, Cursor, Limit, Moment, Page, Sent, Shape, Slug, Texts, page, read_cursor
from web.known import known_to

YAML = "application/yaml"
LONGEST_MARK = 200

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=LONGEST_MARK, description="The ETag that you read; 412 if it is another now."),
]
DOCUMENT = {
    "type": "object",
    "description": "A consultation’s file, as docs/consultations.md describes it.",
    "required": ["consultation", "title", "prompts"],
    "properties": {
        "consultation": {"type": "string", "description": "Its short name."},
        "title": {"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]},
        "prompts": {"type": "array", "items": {"type": "object"}},
    },
    "example": {
        "consultation": "good-city",
        "title": {"en": "What makes a good city?", "cy": "Beth sy’n gwneud dinas dda?"},
        "framing": {"en": "It takes three minutes.", "cy": "Mae’n cymryd tair munud."},
        "prompts": [{"scale": "trams", "ask": {"en": "How well do the trams work?", "cy": "Sut mae’r tramiau?"}}],
    },
}
SENT = {
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": DOCUMENT}, YAML: {"schema": {"type": "string"}}},
    }
}
GIVEN = {"schema": {"type": "string", "description": "The file."}}


class WhoIsAsked(Shape):
    """Everybody where all of it is empty."""

    bodies: list[str]
    topics: list[str]
    languages: list[str]
    active_days: int | None
    verified: bool = Field(description="Only who is on the membership roll.")

    @classmethod
    def of(cls, audience: Audience) -> "WhoIsAsked":
        return cls(
            bodies=list(audience.bodies),
            topics=list(audience.topics),
            languages=list(audience.languages),
            active_days=audience.active_days,
            verified=audience.verified,
        )


class Summary(Shape):
    slug: str
    title: Texts
    phase: Literal["draft", "scheduled", "open", "closed"]
    opens_at: Moment | None
    closes_at: Moment | None
    timezone: str
    audience: WhoIsAsked
    body: str | None = Field(description="The body that answers its ideas.")
    outcome_at: Moment | None
    version: str = Field(description="Its ETag, without the quotation marks.")


class WholeConsultation(Summary):
    outcome: Texts | None
    document: Document = Field(description="Its file. What was opened and closed by hand stands in it, too.")
    doubts: list[str] = Field(default=[], description="What is doubtful in a file that was just sent.")


class Outcome(Sent):
    """What came of it: words, or words by language."""

    outcome: str | Texts

    @model_validator(mode="after")
    def _has_words(self) -> "Outcome":
        said = self.outcome.values() if isinstance(self.outcome, dict) else [self.outcome]
        if not said or not all(words.strip() for words in said):
            raise ValueError("say what came of it")
        if max(map(len, said)) > LONGEST_OUTCOME:
            raise ValueError(f"it has {LONGEST_OUTCOME} letters at the most")
        if isinstance(self.outcome, dict) and not all(
            2 <= len(code) <= 3 and code.isascii() and code.islower() for code in self.outcome
        ):  # fmt: skip
            raise ValueError("languages are named by their codes: en, cy")
        return self


class Consultations:
    def __init__(self, gate: Gate) -> None:
        self._gate, self._store = gate, gate.own.store

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/consultations", tags=["Consultations"], route_class=self._gate.routes)
        reads, writes = ({"x-scope": scope} for scope in (Scope.CONSULTATIONS_READ, Scope.CONSULTATIONS_WRITE))
        etag = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "Its version."}}}
        router.add_api_route(
            "", self.every, methods=["GET"], response_model=Page[Summary], openapi_extra=reads, responses=problems(),
            summary="List consultations",
        )  # fmt: skip
        router.add_api_route(
            "", self.create, methods=["POST"], status_code=201, response_model=WholeConsultation,
            openapi_extra=writes | SENT, responses=problems(409, 413, 415) | {201: etag},
            summary="Write a consultation",
        )  # fmt: skip
        router.add_api_route(
            "/{slug}", self.show, methods=["GET"], response_model=WholeConsultation, openapi_extra=reads,
            responses=problems() | {200: etag | {"content": {YAML: GIVEN}}, 304: {"description": "As you have it."}},
            summary="Read one, as JSON or YAML",
        )  # fmt: skip
        router.add_api_route(
            "/{slug}", self.replace, methods=["PUT"], response_model=WholeConsultation, openapi_extra=writes | SENT,
            responses=problems(409, 412, 413, 415) | {200: etag, 201: etag | {"description": "It is new."}},
            summary="Replace it, or write it under this name",
        )  # fmt: skip
        for verb, act, summary in (
            ("open", self.open, "Open it now"),
            ("close", self.close, "Close it now"),
        ):
            router.add_api_route(
                f"/{{slug}}/{verb}", act, methods=["POST"], response_model=WholeConsultation, openapi_extra=writes,
                responses=problems(412) | {200: etag}, summary=summary,
            )  # fmt: skip
        router.add_api_route(
            "/{slug}/outcome", self.publish, methods=["POST"], response_model=WholeConsultation, openapi_extra=writes,
            responses=problems(412, 413) | {200: etag}, summary="Publish what came of it",
            description="All who took part are told, each in their own channel and language.",
        )  # fmt: skip
        return router

    # --- reading
    async def every(
        self,
        request: Request,
        phase: Annotated[Phase | None, Query(description="Only those.")] = None,
        cursor: Cursor = "",
        limit: Limit = ON_A_PAGE,
    ) -> Page[Summary]:
        """Those that the token’s owner runs, by short name."""
        authority, now = caller(request).authority, self._gate.parts.clock.now()
        after = read_cursor(cursor, str, "")
        theirs = sorted(
            (one for one in await self._store.consultations() if one.slug > after and authority.may_run(one)),
            key=lambda one: one.slug,
        )
        found = [one for one in theirs if phase is None or one.phase(now) is phase][: limit + 1]
        here, following = page(found, limit, lambda one: one.slug)
        return Page(items=[self._summary(one) for one in here], next=following)

    async def show(
        self,
        request: Request,
        slug: Slug,
        if_none_match: Annotated[str | None, Header(alias="If-None-Match", max_length=LONGEST_MARK)] = None,
        accept: Annotated[str, Header(max_length=500, description="application/json or application/yaml")] = JSON,
    ) -> Response:
        """As its file with `Accept: application/yaml`."""
        found = await self._gate.consultation(request, slug)
        if if_none_match is not None and _matches(if_none_match, found):
            return Response(status_code=304, headers={"etag": _mark(found), "vary": "Accept"})
        return self._answer(found, as_file="yaml" in accept and "json" not in accept)

    # --- writing
    async def create(self, request: Request) -> Response:
        """A file under a new short name. It opens by its own times, or by hand."""
        checked = await self._read(request, await read_text(request))
        return await self._write(request, checked.value, None, [show_problem(one) for one in checked.warnings])

    async def replace(self, request: Request, slug: Slug, if_match: IfMatch = None) -> Response:
        """With `If-Match` only where it is still as you read it. What was opened or closed by hand stays so, unless the
        file’s own times have changed."""
        before = await self._store.consultation(slug)
        if before is not None and not caller(request).authority.may_run(before):
            raise nothing()
        if if_match is not None and (before is None or not _matches(if_match, before)):
            raise changed()
        checked = await self._read(request, await read_text(request), besides=slug)
        if checked.value.slug != slug:
            raise conflict(T("The file is for “{name}”. The short name in it and in the address must be the same.",
                             name=checked.value.slug))  # fmt: skip
        return await self._write(request, checked.value, before, [show_problem(one) for one in checked.warnings])

    async def open(self, request: Request, slug: Slug, if_match: IfMatch = None) -> Response:
        """Its invitations go out by its plan. Open already, it stays as it is."""
        found, now = await self._found(request, slug, if_match), self._gate.parts.clock.now()
        return await self._record(request, slug, [] if found.is_open(now) else [ConsultationOpened(slug, now)])

    async def close(self, request: Request, slug: Slug, if_match: IfMatch = None) -> Response:
        """Nobody is asked about it any more. Closed already, it stays as it is."""
        found, now = await self._found(request, slug, if_match), self._gate.parts.clock.now()
        is_closed = found.phase(now) is Phase.CLOSED
        return await self._record(request, slug, [] if is_closed else [ConsultationClosed(slug, now)])

    async def publish(
        self, request: Request, slug: Slug, outcome: Annotated[Outcome, Body()], if_match: IfMatch = None
    ) -> Response:
        await self._found(request, slug, if_match)
        words, now = Localised.of(outcome.outcome), self._gate.parts.clock.now()
        return await self._record(request, slug, [OutcomePublished(slug, words, now)])

    # --- one of them
    async def _found(self, request: Request, slug: str, if_match: str | None) -> Consultation:
        found = await self._gate.consultation(request, slug)
        if if_match is not None and not _matches(if_match, found):
            raise changed()
        return found

    async def _read(self, request: Request, text: str, besides: str = "") -> Checked[Consultation]:
        authority, now = caller(request).authority, self._gate.parts.clock.now()
        consultations, topics = await self._store.consultations(), await self._store.topics()
        return read(text, known_to(authority, consultations, topics, now, besides))

    async def _write(
        self, request: Request, new: Consultation, before: Consultation | None, doubts: list[Phrase]
    ) -> Response:
        here = caller(request)
        if not here.authority.may_run(new):
            raise beyond()
        if not await self._gate.own.replacing.replace(new, version(before) if before else None, here.by):
            taken = T("There is a consultation of that short name already. Choose another, or replace it.")
            raise changed() if before else conflict(taken)
        stored = await self._store.consultation(new.slug) or new
        language = language_of(request, self._gate.parts.texts)
        said = [self._gate.parts.texts.say(one, language) for one in doubts]
        return self._answer(stored, status=200 if before else 201, doubts=said)

    async def _record(self, request: Request, slug: str, happened: list[Event]) -> Response:
        if happened:
            await self._store.record(happened, by=caller(request).by)
        return self._answer(await self._gate.consultation(request, slug))

    def _answer(
        self, found: Consultation, *, status: int = 200, as_file: bool = False, doubts: list[str] | None = None
    ) -> Response:
        headers = {"etag": _mark(found), "vary": "Accept"}
        if as_file:
            return Response(as_yaml(found), status, headers, f"{YAML}; charset=utf-8")
        outcome = dict(found.outcome.texts) if found.outcome else None
        summary = self._summary(found).model_dump()
        whole = WholeConsultation(**summary, outcome=outcome, document=as_json(found), doubts=doubts or [])
        return Response(whole.model_dump_json(), status, headers, JSON)

    def _summary(self, one: Consultation) -> Summary:
        return Summary(
            slug=one.slug,
            title=dict(one.title.texts),
            phase=one.phase(self._gate.parts.clock.now()).value,
            opens_at=one.opens_at,
            closes_at=one.closes_at,
            timezone=one.timezone,
            audience=WhoIsAsked.of(one.audience),
            body=one.body,
            outcome_at=one.outcome_at,
            version=version(one),
        )


def _mark(consultation: Consultation) -> str:
    return f'"{version(consultation)}"'


def _matches(header: str, consultation: Consultation) -> bool:
    marks = {mark.strip().removeprefix("W/") for mark in header.split(",")}
    return "*" in marks or _mark(consultation) in marks
