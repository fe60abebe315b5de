"""Several ideas together: what will happen to which, what can't and why, and then each with an entry of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from core.events import IdeaTagged
from core.ideas import Idea
from core.numerals import read_whole
from core.ports import StoryMoved
from core.standings import may_follow
from core.stories import EntryKind
from core.texts import Phrase, T
from core.turns.acts import InOffice, open_to, write_down
from core.turns.filling import Wrong, hindrance
from web.desk.acting import (
    HINTS,
    LABELS,
    Act,
    Ticked,
    entry_from,
    is_as_seen,
    read_filled,
    where_to,
)
from web.desk.desk import At, Desk
from web.desk.ideas import body_concerned
from web.desk.offices import officer_of, runs_of
from web.desk.rows import Row, rows_of
from web.routes import Routes

MOST = 100
"""Ideas at one go."""
SEND, TOPICS = "send", "topics"
_KINDS = {
    kind.value: kind
    for kind in (EntryKind.ACCEPTED, EntryKind.DECLINED, EntryKind.ASKED, EntryKind.NOT_OURS)
}  # fmt: skip
TITLES: dict[str, Phrase] = {
    EntryKind.ACCEPTED: T("Accept them together"),
    EntryKind.DECLINED: T("Decline them together"),
    EntryKind.ASKED: T("Ask their authors the same"),
    EntryKind.NOT_OURS: T("Not ours"),
    SEND: T("Send them to a body"),
    TOPICS: T("Give them topics"),
}
MOVED = T("Somebody was quicker with it: look at it again.")


@dataclass(frozen=True, slots=True)
class One:
    """One of those that were chosen. `why`: why it can't be done to it."""

    row: Row
    why: Phrase | None = None


class Together:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Routes:
        routes = Routes()
        routes.post("/desk/ideas/together", self.look)
        routes.post("/desk/ideas/together/do", self.do)
        return routes

    async def look(self, request: Request) -> Response:
        """What will happen, before anything does."""
        here, form = await self._desk.posted(request)
        act = _act(form)
        ideas = await self._chosen(here, form)
        if not ideas:
            return self._desk.go("/desk/ideas", "none-chosen")
        return await self._page(request, here, act, ideas)

    async def do(self, request: Request) -> Response:
        here, form = await self._desk.posted(request)
        act, ideas = _act(form), await self._chosen(here, form)
        if not ideas:
            return self._desk.go("/desk/ideas", "none-chosen")
        if act == TOPICS:
            return await self._tag(request, here, form, ideas)
        officer, seen_with = officer_of(here), _seen_with(form)
        done, left = list[Idea](), list[tuple[Idea, Phrase]]()
        for idea in sorted(ideas, key=lambda one: one.code):
            kind = kind_for(officer, act, idea)
            seat = open_to(officer, idea, kind)
            filled = read_filled(_with(form, kind))
            if seat is None or filled is None:
                left.append((idea, hindrance(officer, idea, kind) or MOVED))
                continue
            if not is_as_seen(idea, seen_with.get(idea.code, 0)):
                left.append((idea, MOVED))
                continue
            entry = entry_from(officer, seat, idea, filled)
            if isinstance(entry, Wrong):
                if not done and not left:  # it is what was filled in, and goes for all of them
                    return await self._page(request, here, act, ideas, filled, entry.why, status=422)
                left.append((idea, entry.why))
                continue
            try:
                await self._desk.parts.store.record(write_down(officer, idea, entry), (), by=here.by)
                done.append(idea)
            except StoryMoved:
                left.append((idea, MOVED))
        return await self._done(request, here, act, done, left)

    async def _tag(self, request: Request, here: At, form: FormData, ideas: Sequence[Idea]) -> Response:
        """Adds topics: what they had they keep."""
        known = {topic.slug for topic in await self._desk.parts.store.topics()}
        chosen = known.intersection(str(one) for one in form.getlist("topic"))
        if not chosen:
            return await self._page(request, here, TOPICS, ideas, problem=T("Choose a topic."), status=422)
        had = await self._desk.own.inbox.topics_of([idea.code for idea in ideas])
        tagged = [
            IdeaTagged(one.code, tuple(sorted(chosen.union(had.get(one.code, ())))), here.by.at, body_concerned(one))
            for one in ideas
        ]
        await self._desk.parts.store.record(tagged, (), by=here.by)
        return await self._done(request, here, TOPICS, ideas, [])

    # --- what they see
    async def _page(
        self,
        request: Request,
        here: At,
        act: str,
        ideas: Sequence[Idea],
        filled: Ticked | None = None,
        problem: Phrase | None = None,
        *,
        status: int = 200,
    ) -> Response:
        officer = officer_of(here)
        rows = {row.code: row for row in await rows_of(self._desk, here, [idea.code for idea in ideas])}
        ones = [
            One(rows[idea.code], None if act == TOPICS else hindrance(officer, idea, kind_for(officer, act, idea)))
            for idea in ideas
        ]
        values: dict[str, Any] = {"act": act, "title": TITLES[act], "titles": TITLES, "filled": filled}
        values["can"] = [one for one in ones if one.why is None]
        values["cannot"] = [one for one in ones if one.why is not None]
        values["form"] = _form_of(officer, act, ideas)
        values["topics"] = await self._desk.parts.store.topics() if act == TOPICS else ()
        return self._desk.show(
            request, "desk/together.html", here, part="ideas", status=status, problem=problem, **values
        )

    async def _done(
        self, request: Request, here: At, act: str, done: Sequence[Idea], left: Sequence[tuple[Idea, Phrase]]
    ) -> Response:
        if not left:
            return self._desk.go("/desk/ideas", "together")
        rows = {row.code: row for row in await rows_of(self._desk, here, [idea.code for idea, _ in left])}
        return self._desk.show(
            request, "desk/together-done.html", here, part="ideas", title=TITLES[act], done=done,
            left=[One(rows[idea.code], why) for idea, why in left],
        )  # fmt: skip

    async def _chosen(self, here: At, form: FormData) -> tuple[Idea, ...]:
        """Of those that they may see."""
        codes = list(dict.fromkeys(str(one)[:9] for one in form.getlist("code")))[:MOST]
        runs = await runs_of(self._desk, here)
        return tuple(one for one in await self._desk.parts.store.ideas(codes) if here.authority.sees(one, runs))


def _act(form: FormData) -> str:
    named = str(form.get("act", ""))
    return named if named in TITLES else EntryKind.ACCEPTED.value


def kind_for(officer: InOffice, act: str, idea: Idea) -> EntryKind:
    """To send is to send on what no body has, or to pass on what is with theirs."""
    if act != SEND:
        return _KINDS[act]
    return EntryKind.SENT if may_follow(idea.standing, EntryKind.SENT) else EntryKind.PASSED


def _form_of(officer: InOffice, act: str, ideas: Sequence[Idea]) -> Act | None:
    """What is asked for once, for all of them."""
    if act == TOPICS:
        return None
    kind = EntryKind.SENT if act == SEND else _KINDS[act]
    seats = {seat.body for idea in ideas if (seat := open_to(officer, idea, kind_for(officer, act, idea)))}
    but = seats.pop() if len(seats) == 1 else ""
    bodies = where_to(officer, but) if kind in (EntryKind.SENT, EntryKind.ACCEPTED) else ()
    return Act(kind, LABELS[kind], HINTS[kind], bodies)


def _with(form: FormData, kind: EntryKind) -> FormData:
    return FormData([*((name, value) for name, value in form.multi_items() if name != "act"), ("act", kind.value)])


def _seen_with(form: FormData) -> dict[str, int]:
    """How long each story was when it was looked at: `CODE NUMBER`."""
    pairs = (str(one).split() for one in form.getlist("seen"))
    return {pair[0]: read_whole(pair[1]) or 0 for pair in pairs if len(pair) == 2}
