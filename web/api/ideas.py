"""Ideas for programs: looked through, told with their stories, and acted upon, by the rules of the chat."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import Field
from starlette.requests import Request

from core.inbox import Sight, Sort, Sought, words_sought
from core.ports import StoryMoved
from core.standings import Stage, may_follow
from core.stories import EntryKind, Rule
from core.texts import T
from core.tokens import Scope
from core.turns.acts import InOffice, open_to, seat_for, write_down
from core.turns.filling import Filled, Wrong, draw_up, hindrance
from web.api.gate import Gate, caller
from web.api.problems import Mistake, conflict, language_of, mistaken, not_yours, problems
from web.api.shapes import ON_A_PAGE, Cursor, Limit, Page, Sent, Shape, read_cursor, write_cursor
from web.api.stories import Listed, WholeIdea, WithBody, listed, told, with_body_of

Code = Annotated[str, Path(max_length=40, description="Its receipt code, as K7M4-QX2P.")]


class Act(StrEnum):
    SEEN = "seen"
    ACCEPT = "accept"
    DECLINE = "decline"
    ASK = "ask"
    PASS = "pass"  # noqa: S105  to pass on
    NOT_OURS = "not-ours"
    ROUTE = "route"
    ADOPT = "adopt"
    CARRIED_OUT = "carried-out"
    NOT_CARRIED_OUT = "not-carried-out"
    HIDE = "hide"
    RESTORE = "restore"
    UPHOLD = "uphold"
    REDACT = "redact"


KINDS: Mapping[Act, EntryKind] = {
    Act.SEEN: EntryKind.SEEN,
    Act.ACCEPT: EntryKind.ACCEPTED,
    Act.DECLINE: EntryKind.DECLINED,
    Act.ASK: EntryKind.ASKED,
    Act.PASS: EntryKind.PASSED,
    Act.NOT_OURS: EntryKind.NOT_OURS,
    Act.ROUTE: EntryKind.SENT,
    Act.ADOPT: EntryKind.ADOPTED,
    Act.CARRIED_OUT: EntryKind.CARRIED_OUT,
    Act.NOT_CARRIED_OUT: EntryKind.NOT_CARRIED_OUT,
    Act.HIDE: EntryKind.HIDDEN,
    Act.RESTORE: EntryKind.RESTORED,
    Act.UPHOLD: EntryKind.UPHELD,
    Act.REDACT: EntryKind.REDACTED,
}
GONE_ON = T("Its story has gone on since you read it. Look again, then decide.")
LONGEST_WORDS = 4_000


class Doing(Sent):
    """`reason` where somebody is told no, or asked; as you like where it was adopted or carried out. `to`: the body
    that it goes to. `rule` where words are hidden or blacked out; `words`: those to be blacked out, exactly as they
    stand. `entries`: how many its story had when you read it; if it has gone on since, nothing is done."""

    act: Act
    reason: str = Field(default="", max_length=LONGEST_WORDS)
    to: str = Field(default="", max_length=100)
    rule: Rule | None = None
    words: str = Field(default="", max_length=LONGEST_WORDS)
    entries: int | None = Field(default=None, ge=1)


class Done(Shape):
    """Without anybody’s words: those are in its story."""

    code: str
    state: Stage
    entries: int
    with_body: WithBody | None


class Ideas:
    def __init__(self, gate: Gate) -> None:
        self._gate, self._own = gate, gate.own

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/ideas", tags=["Ideas"], route_class=self._gate.routes)
        reads = {"x-scope": Scope.IDEAS_READ}
        router.add_api_route(
            "", self.every, methods=["GET"], response_model=Page[Listed], openapi_extra=reads, responses=problems(),
            summary="Look through ideas",
        )  # fmt: skip
        router.add_api_route(
            "/{code}", self.show, methods=["GET"], response_model=WholeIdea, openapi_extra=reads, responses=problems(),
            summary="Read one with its story",
        )  # fmt: skip
        router.add_api_route(
            "/{code}/acts", self.act, methods=["POST"], response_model=Done,
            openapi_extra={"x-scope": Scope.IDEAS_WRITE}, responses=problems(409, 413), summary="Act upon it",
        )  # fmt: skip
        return router

    async def every(
        self,
        request: Request,
        consultation: Annotated[str, Query(max_length=40, description="Said in this one.")] = "",
        body: Annotated[str, Query(max_length=100, description="With this body now, or once.")] = "",
        topic: Annotated[str, Query(max_length=100)] = "",
        state: Stage | None = None,
        words: Annotated[str, Query(max_length=200, description="That stand in it, or begin one.")] = "",
        sort: Sort = Sort.NEWEST,
        cursor: Cursor = "",
        limit: Limit = ON_A_PAGE,
    ) -> Page[Listed]:
        authority, now = caller(request).authority, self._gate.parts.clock.now()
        wanted = words_sought(words)
        if words.strip() and not wanted:
            return Page(items=[], next=None)
        sought = Sought(wanted, "", state, body, topic, consultation, sort=sort)
        sight = Sight.of(authority, authority.runs(await self._own.store.consultations()))
        found = await self._own.inbox.find(sought, sight, authority.bodies, now, limit, read_cursor(cursor, str, ""))
        ideas = await self._own.store.ideas(found.codes)
        items = [listed(idea, authority.bodies, now) for idea in ideas if authority.sees(idea, sight.runs)]
        return Page(items=items, next=write_cursor(found.after) if found.after else None)

    async def show(self, request: Request, code: Code) -> WholeIdea:
        idea, now = await self._gate.idea(request, code), self._gate.parts.clock.now()
        bodies, texts = caller(request).authority.bodies, self._gate.parts.texts
        return WholeIdea(
            **listed(idea, bodies, now).model_dump(),
            parts=list(idea.standing.parts),
            supporters=await self._own.store.supporters(idea.code),
            story=told(idea, bodies, texts, language_of(request, texts)),
        )

    async def act(self, request: Request, code: Code, doing: Annotated[Doing, Body()]) -> Done:
        """The same as at the desk and in chat, by the same rules: whoever doesn’t answer for the body that has it can’t
        answer it here either. It stands in its story, in the log, and whom it concerns is told."""
        idea, now = await self._gate.idea(request, code), self._gate.parts.clock.now()
        here, kind = caller(request), KINDS[doing.act]
        if doing.entries is not None and doing.entries != len(idea.story):
            raise conflict(GONE_ON)
        officer = InOffice(here.authority, now)
        seat = open_to(officer, idea, kind)
        if seat is None:
            why = hindrance(officer, idea, kind) or GONE_ON
            is_theirs = seat_for(officer, idea, kind) is not None
            raise conflict(why) if is_theirs or not may_follow(idea.standing, kind) else not_yours(why)
        filled = Filled(kind, doing.reason, doing.to, doing.rule or "", doing.words)
        entry = draw_up(officer, seat, idea, filled)
        if isinstance(entry, Wrong):
            raise mistaken([Mistake(entry.why, f"body.{entry.field}")])
        try:
            await self._own.store.record(write_down(officer, idea, entry), by=here.by)
        except StoryMoved:
            raise conflict(GONE_ON) from None
        after = await self._gate.idea(request, code)
        return Done(
            code=after.code,
            state=after.standing.stage,
            entries=len(after.story),
            with_body=with_body_of(after, here.authority.bodies, now),
        )
