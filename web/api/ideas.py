"""Ideas for programs: looked through, told with their stories, and acted upon, by the rules of the chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import Field
from starlette.requests import Request

from core.authority import Authority
from core.bodies import Bodies, Office
from core.bodies import Body as AnsweringBody
from core.ideas import Idea
from core.inbox import Sight, Sort, Sought, words_sought
from core.members import Member
from core.ports import StoryMoved
from core.receipts import read_code
from core.standings import Stage, may_follow
from core.stories import NEEDS_REASON, EntryKind, Rule
from core.telling import HEADINGS, sentence
from core.texts import Phrase, T
from core.tokens import Scope
from core.turns.acting import read_reason
from core.turns.acts import barred, entry_of, seat_for, write_down
from core.turns.moderation import blacked_out
from web.api.gate import Gate, caller
from web.api.problems import Mistake, Refused, conflict, language_of, mistaken, nothing, problems
from web.api.shapes import ON_A_PAGE, Cursor, Limit, Moment, Page, Sent, Shape, Texts, read_cursor, write_cursor
from web.finding import as_shown, is_readable
from web.standings import days_late, last_day

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
GOES_ON = frozenset({EntryKind.PASSED, EntryKind.SENT})
"""That need a body to go to; what is accepted may go to one."""
BY_A_RULE = frozenset({EntryKind.HIDDEN, EntryKind.REDACTED})
LONGEST_WORDS = 4_000


class Doing(Sent):
    """`reason` where somebody is told no, or asked. `to`: the body that it goes to. `rule` where words are hidden or
    blacked out; `words`: those to be blacked out, exactly as they stand. `entries`: how many its story had when you
    read it; if it has gone on since, nothing is done."""

    act: Act
    reason: str = Field(default="", max_length=LONGEST_WORDS)
    to: str = Field(default="", max_length=100)
    rule: Rule | None = None
    words: str = Field(default="", max_length=LONGEST_WORDS)
    entries: int | None = Field(default=None, ge=1)


class WithBody(Shape):
    body: str
    name: Texts
    since: Moment
    answers_by: date
    days_late: int


class Told(Shape):
    """One entry of the story. `sentence` says it in words; `text` are its author’s words, where they may be read."""

    number: int
    kind: EntryKind
    at: Moment
    sentence: str
    text: str | None
    reason: str | None
    body: str | None
    next: str | None
    rule: Rule | None
    other: str | None
    score: int | None
    on: date | None


class Listed(Shape):
    """`text` null where its words are hidden or erased. Who said it stands nowhere."""

    code: str
    state: Stage
    text: str | None
    is_hidden: bool
    said_at: Moment
    consultation: str | None
    prompt: str | None
    with_body: WithBody | None
    part_of: str | None
    entries: int


class Whole(Listed):
    parts: list[str]
    supporters: int
    story: list[Told]


class Done(Shape):
    """Without anybody’s words: those are in its story."""

    code: str
    state: Stage
    entries: int
    with_body: WithBody | None


@dataclass(frozen=True, slots=True)
class ByProgram:
    """Somebody in office whose program acts, as turns want to know them."""

    authority: Authority
    now: datetime

    @property
    def member(self) -> Member:
        return self.authority.member

    @property
    def offices(self) -> frozenset[Office]:
        return self.authority.offices

    @property
    def bodies(self) -> Bodies:
        return self.authority.bodies


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
            "/{code}", self.show, methods=["GET"], response_model=Whole, openapi_extra=reads, responses=problems(),
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
        sight = Sight.of(authority, await self._runs(authority))
        found = await self._own.inbox.find(sought, sight, authority.bodies, now, limit, read_cursor(cursor, str, ""))
        ideas = await self._own.store.ideas(found.codes)
        items = [self._listed(idea, authority.bodies, now) for idea in ideas if authority.sees(idea, sight.runs)]
        return Page(items=items, next=write_cursor(found.after) if found.after else None)

    async def show(self, request: Request, code: Code) -> Whole:
        idea, now = await self._found(request, code), self._gate.parts.clock.now()
        bodies, shown = caller(request).authority.bodies, as_shown(idea)
        texts = self._gate.parts.texts
        language = language_of(request, texts)
        story = [
            Told(
                number=number,
                kind=entry.kind,
                at=entry.at,
                sentence=texts.say(sentence(entry, bodies), language),
                text=entry.text,
                reason=entry.reason,
                body=entry.body,
                next=entry.next,
                rule=entry.rule,
                other=entry.other,
                score=entry.score,
                on=entry.on,
            )
            for number, entry in enumerate(shown.story, 1)
        ]
        return Whole(
            **self._listed(idea, bodies, now).model_dump(),
            parts=list(idea.standing.parts),
            supporters=await self._own.store.supporters(idea.code),
            story=story,
        )

    async def act(self, request: Request, code: Code, doing: Annotated[Doing, Body()]) -> Done:
        """The same as at the desk and in chat, by the same rules: whoever doesn’t answer for the body that has it can’t
        answer it here either. It stands in its story, in the log, and whom it concerns is told."""
        idea, now = await self._found(request, code), self._gate.parts.clock.now()
        here, kind = caller(request), KINDS[doing.act]
        if doing.entries is not None and doing.entries != len(idea.story):
            raise _gone_on()
        officer = ByProgram(here.authority, now)
        if closed := barred(officer, idea, kind):
            raise conflict(closed)
        seat = seat_for(officer, idea, kind)
        if not may_follow(idea.standing, kind):
            last = HEADINGS[idea.story[-1].kind]
            raise conflict(T("It isn’t open for that any more. Its story ends with “{kind}”.", kind=last))
        if seat is None:
            raise Refused(
                403,
                T("That isn’t yours to do"),
                T("Those who answer for the body that has it decide about it."),
            )
        to, text = self._where(doing, kind, here.authority.bodies, seat.body), None
        if kind is EntryKind.REDACTED:
            text = _left(idea, doing)
        reason, rule = _reason(doing, kind), self._rule(doing, kind, idea)
        entry = entry_of(officer, seat, kind, reason=reason, to=to, rule=rule, text=text)
        try:
            await self._own.store.record(write_down(officer, idea, entry), by=here.by)
        except StoryMoved:
            raise _gone_on() from None
        after = await self._found(request, code)
        return Done(
            code=after.code,
            state=after.standing.stage,
            entries=len(after.story),
            with_body=_with_body(after, here.authority.bodies, now),
        )

    # --- one of them
    async def _runs(self, authority: Authority) -> frozenset[str]:
        return frozenset(one.slug for one in await self._own.store.consultations() if authority.may_run(one))

    async def _found(self, request: Request, typed: str) -> Idea:
        authority, code = caller(request).authority, read_code(typed)
        idea = await self._own.store.idea(code) if code else None
        if idea is None or not authority.sees(idea, await self._runs(authority)):
            raise nothing()
        return idea

    def _where(self, doing: Doing, kind: EntryKind, bodies: Bodies, ours: str) -> AnsweringBody | None:
        if kind not in GOES_ON and (kind is not EntryKind.ACCEPTED or not doing.to):
            return None
        found = next((one for one in bodies.living if one.slug == doing.to and one.slug != ours), None)
        if found is None:
            raise mistaken([Mistake(T("Say to which body: one that there is, and another than yours."), "body.to")])
        return found

    def _rule(self, doing: Doing, kind: EntryKind, idea: Idea) -> Rule | None:
        if kind in BY_A_RULE:
            if doing.rule is None:
                raise mistaken(
                    [Mistake(T("Say under which rule: there is no other reason to hide words."), "body.rule")]
                )
            return doing.rule
        return idea.standing.rule if kind is EntryKind.UPHELD else None

    def _listed(self, idea: Idea, bodies: Bodies, now: datetime) -> Listed:
        shown, standing = as_shown(idea), idea.standing
        return Listed(
            code=idea.code,
            state=standing.stage,
            text=(shown.text or None) if is_readable(idea) else None,
            is_hidden=standing.is_hidden,
            said_at=idea.said_at,
            consultation=idea.consultation,
            prompt=idea.prompt,
            with_body=_with_body(idea, bodies, now),
            part_of=standing.part_of,
            entries=len(idea.story),
        )


def _reason(doing: Doing, kind: EntryKind) -> str | None:
    if kind not in NEEDS_REASON:
        return None
    reason = read_reason(doing.reason)
    if isinstance(reason, Phrase):
        raise mistaken([Mistake(reason, "body.reason")])
    return reason


def _left(idea: Idea, doing: Doing) -> str:
    left = blacked_out(idea.text, doing.words.strip())
    if isinstance(left, Phrase):
        raise mistaken([Mistake(left, "body.words")])
    return left


def _gone_on() -> Refused:
    return conflict(T("Its story has gone on since you read it. Look again, then decide."))


def _with_body(idea: Idea, bodies: Bodies, now: datetime) -> WithBody | None:
    referral = idea.standing.with_body
    if referral is None:
        return None
    return WithBody(
        body=referral.body,
        name=dict(bodies.name(referral.body).texts),
        since=referral.since,
        answers_by=last_day(referral, bodies),
        days_late=days_late(referral, bodies, now),
    )
