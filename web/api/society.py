"""The organisation for programs: whose token it is, its bodies and topics, its members, and the log."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.requests import Request

from core.bodies import Body, Power
from core.deeds import OF_A_CONSULTATION, OF_AN_IDEA, Noted
from core.events import BodiesLoaded
from core.flows.bodies import read_bodies
from core.flows.problems import Checked, show_problem
from core.members import Role
from core.register import Listed, Sought
from core.tokens import Scope
from web.api.documents import JSON, mistake_of, read_text
from web.api.gate import Gate, caller
from web.api.problems import beyond, language_of, mistaken, nothing, problems
from web.api.shapes import (
    LARGEST_NUMBER,
    ON_A_PAGE,
    Cursor,
    Limit,
    Moment,
    Page,
    Shape,
    Texts,
    page,
    read_cursor,
    read_number,
)

DOCUMENT = {
    "type": "object",
    "description": "The bodies file, as docs/bodies.md describes it.",
    "properties": {"topics": {"type": "object"}, "bodies": {"type": "object"}},
}
SENT = {
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": DOCUMENT}, "application/yaml": {"schema": {"type": "string"}}},
    }
}


class Me(Shape):
    """`bodies`: those that its owner organises; null where that is the whole organisation."""

    name: str = Field(description="The token’s.")
    owner: str
    scopes: list[Scope]
    expires_at: Moment
    bodies: list[str] | None


class BodyShape(Shape):
    slug: str
    name: Texts
    kind: str
    parent: str | None
    appeals: str | None
    answer_days: int | None
    has_ended: bool
    topics: list[str] = Field(description="That it answers.")
    consultations: list[str] = Field(description="That it answers.")
    answers_everything: bool
    may: dict[str, list[str]] = Field(description="Who may answer and moderate, by office.")


class Bodies(Shape):
    items: list[BodyShape]


class TopicShape(Shape):
    slug: str
    name: Texts


class Topics(Shape):
    items: list[TopicShape]


class Loaded(Shape):
    bodies: int
    topics: int
    doubts: list[str]


class Office(Shape):
    body: str
    role: Role


class Member(Shape):
    """Without the ids that platforms know them by, and without what they said."""

    id: int
    name: str
    language: str
    timezone: str | None
    consent: str
    consented_at: Moment | None
    stopped_at: Moment | None
    channels: list[str]
    offices: list[Office]
    organises_all: bool


class Line(Shape):
    """`member` null where nobody is behind it any more, or it came from the command line."""

    id: int
    at: Moment
    via: str
    member: int | None
    name: str
    did: str
    about: str
    body: str | None
    detail: str


class Society:
    def __init__(self, gate: Gate) -> None:
        self._gate, self._own = gate, gate.own

    def routes(self) -> APIRouter:
        router = APIRouter(route_class=self._gate.routes)
        router.add_api_route(
            "/me", self.me, methods=["GET"], tags=["Whose token"], response_model=Me, responses=problems(),
            summary="Whose token it is, and what it may do",
        )  # fmt: skip
        reads = {"x-scope": Scope.BODIES_READ}
        for path, act, shape, summary in (
            ("/bodies", self.bodies, Bodies, "List bodies"),
            ("/bodies/{slug}", self.body, BodyShape, "Read one body"),
            ("/topics", self.topics, Topics, "List topics"),
        ):
            router.add_api_route(
                path, act, methods=["GET"], tags=["Bodies"], response_model=shape, openapi_extra=reads,
                responses=problems(), summary=summary,
            )  # fmt: skip
        router.add_api_route(
            "/bodies", self.replace, methods=["PUT"], tags=["Bodies"], response_model=Loaded,
            openapi_extra={"x-scope": Scope.BODIES_WRITE} | SENT, responses=problems(413, 415),
            summary="Replace bodies and topics",
        )  # fmt: skip
        reads = {"x-scope": Scope.MEMBERS_READ}
        router.add_api_route(
            "/members", self.members, methods=["GET"], tags=["Members"], response_model=Page[Member],
            openapi_extra=reads, responses=problems(), summary="List members",
        )  # fmt: skip
        router.add_api_route(
            "/members/{id}", self.member, methods=["GET"], tags=["Members"], response_model=Member,
            openapi_extra=reads, responses=problems(), summary="Read one member",
        )  # fmt: skip
        router.add_api_route(
            "/log", self.log, methods=["GET"], tags=["The log"], response_model=Page[Line],
            openapi_extra={"x-scope": Scope.LOG_READ}, responses=problems(), summary="Who changed what",
        )  # fmt: skip
        return router

    async def me(self, request: Request) -> Me:
        """Any token may ask."""
        bearer = caller(request).bearer
        scope = bearer.authority.scope
        return Me(
            name=bearer.token.name,
            owner=bearer.authority.member.name,
            scopes=sorted(bearer.token.scopes),
            expires_at=bearer.token.expires_at,
            bodies=None if scope is None else sorted(scope),
        )

    # --- bodies
    async def bodies(self, request: Request) -> Bodies:
        """In the order of the file; those that have ended come last. Bodies are public, so all are listed."""
        return Bodies(items=[_body(one) for one in caller(request).authority.bodies.all])

    async def body(self, request: Request, slug: Annotated[str, Path(max_length=100)]) -> BodyShape:
        found = caller(request).authority.bodies.get(slug)
        if found is None:
            raise nothing()
        return _body(found)

    async def topics(self, request: Request) -> Topics:
        found = await self._own.store.topics()
        return Topics(items=[TopicShape(slug=one.slug, name=dict(one.name.texts)) for one in found])

    async def replace(self, request: Request) -> Loaded:
        """With the file, in JSON or YAML. A body that isn’t in it has ended. For organisers of the whole alone."""
        here = caller(request)
        if not here.authority.organises_all:
            raise beyond()
        checked = read_bodies(await read_text(request))
        if not isinstance(checked, Checked):
            raise mistaken([mistake_of(problem) for problem in checked])
        declared = checked.value
        await self._own.store.record([BodiesLoaded(*declared)], by=here.by)
        texts = self._gate.parts.texts
        language = language_of(request, texts)
        doubts = [texts.say(show_problem(one), language) for one in checked.warnings]
        return Loaded(bodies=len(declared.bodies), topics=len(declared.topics), doubts=doubts)

    # --- members
    async def members(
        self,
        request: Request,
        body: Annotated[str, Query(max_length=100, description="Who is declared of it.")] = "",
        role: Role | None = None,
        cursor: Cursor = "",
        limit: Limit = ON_A_PAGE,
    ) -> Page[Member]:
        """Those of the bodies that the token’s owner organises; the newest first."""
        scope, now = caller(request).authority.scope, self._gate.parts.clock.now()
        before = read_cursor(cursor, read_number, None)
        sought = Sought(body=body, role=role)
        found = await self._own.register.page(scope, sought, now, limit + 1, before)
        here, following = page(found, limit, lambda one: one.member.id)
        return Page(items=[_member(one) for one in here], next=following)

    async def member(self, request: Request, id: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]) -> Member:
        person = await self._own.register.person(caller(request).authority.scope, id)
        if person is None:
            raise nothing()
        return _member(person.listed)

    # --- the log
    async def log(
        self,
        request: Request,
        about: Annotated[str, Query(max_length=120, description="As consultation:parks or idea:K7M4-QX2P.")] = "",
        cursor: Cursor = "",
        limit: Limit = ON_A_PAGE,
    ) -> Page[Line]:
        """The newest first. Who organises some bodies reads of these, and all about a consultation that they run or an
        idea that they see."""
        scope = caller(request).authority.scope
        if about.startswith(OF_A_CONSULTATION):
            await self._gate.consultation(request, about.removeprefix(OF_A_CONSULTATION))
            scope = None
        elif about.startswith(OF_AN_IDEA):
            await self._gate.idea(request, about.removeprefix(OF_AN_IDEA))
            scope = None
        before = read_cursor(cursor, read_number, None)
        found = await self._own.deeds.latest(limit + 1, before, about, scope)
        here, following = page(found, limit, lambda one: one.id)
        return Page(items=[_line(one) for one in here], next=following)


def _body(one: Body) -> BodyShape:
    return BodyShape(
        slug=one.slug,
        name=dict(one.name.texts),
        kind=one.kind.value,
        parent=one.parent,
        appeals=one.appeals,
        answer_days=one.answer_days,
        has_ended=one.has_ended,
        topics=list(one.remit.topics),
        consultations=list(one.remit.consultations),
        answers_everything=one.remit.everything,
        may={power.value: [role.value for role in one.roles_that_may(power)] for power in Power},
    )


def _member(one: Listed) -> Member:
    who = one.member
    return Member(
        id=who.id,
        name=who.name,
        language=who.language,
        timezone=who.timezone,
        consent=one.consent.value,
        consented_at=who.consented_at,
        stopped_at=who.stopped_at,
        channels=list(one.channels),
        offices=[Office(body=body, role=role) for body, role in one.offices],
        organises_all=who.is_organiser,
    )


def _line(one: Noted) -> Line:
    return Line(
        id=one.id,
        at=one.at,
        via=one.via.value,
        member=one.member,
        name=one.name,
        did=one.deed.did.value,
        about=one.deed.about,
        body=one.deed.body,
        detail=one.deed.detail,
    )
