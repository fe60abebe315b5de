"""One idea at the desk: its words, its story, who said alike, and what somebody may do about it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from core.bodies import Power
from core.events import IdeaTagged
from core.ideas import Idea
from core.inbox import Need, Sort, Sought, telling_words
from core.numerals import read_whole
from core.ports import StoryMoved
from core.register import ROLES
from core.register import Sought as Within
from core.standings import Stage, may_follow
from core.stories import Entry, EntryKind
from core.telling import RULES, STAGES
from core.texts import Phrase, T
from core.turns.acts import answering, open_to, talking, write_down
from core.turns.filling import Wrong, hindrance
from core.turns.picking import ALIKE, likeness
from web.desk.acting import Ticked, acts_for, entry_from, is_as_seen, pieces, read_filled
from web.desk.desk import At, Desk
from web.desk.offices import as_read, idea_of, officer_of, runs_of, sight_of
from web.desk.rows import rows_of
from web.finding import as_shown, is_readable
from web.happenings import happenings, hiding
from web.routes import Routes
from web.standings import days_late, where, where_appeal
from web.stories import ATTACHED

MOST_KIN, LOOKED_THROUGH = 5, 60
MOST_PIECES = 400
"""Pieces of a text that are offered one by one; of a longer one the words are typed."""
QUICKER = T("Somebody was quicker: something happened to it while you wrote. Look again; what you wrote is kept below.")


class Ideas:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/ideas/{code}", self.show)
        routes.post("/desk/ideas/{code}/act", self.act)
        routes.post("/desk/ideas/{code}/seen", self.seen)
        routes.post("/desk/ideas/{code}/topics", self.tag)
        return routes

    async def show(self, request: Request, code: str) -> Response:
        here = await self._desk.at(request)
        return await self._page(request, here, await idea_of(self._desk, here, code))

    # --- what they do
    async def act(self, request: Request, code: str) -> Response:
        here, form = await self._desk.posted(request)
        idea, filled = await idea_of(self._desk, here, code), read_filled(form)
        if filled is None:
            return self._desk.go(f"/desk/ideas/{idea.code}")
        if not is_as_seen(idea, read_whole(form.get("seen_with")) or 0):
            return await self._page(request, here, idea, filled, QUICKER, status=409)
        officer = officer_of(here)
        seat = open_to(officer, idea, filled.kind)
        if seat is None:
            why = hindrance(officer, idea, filled.kind) or QUICKER
            status = 403 if may_follow(idea.standing, filled.kind) else 409
            return await self._page(request, here, idea, filled, why, status=status)
        entry = entry_from(officer, seat, idea, filled)
        if isinstance(entry, Wrong):
            return await self._page(request, here, idea, filled, entry.why, status=422)
        try:
            await self._desk.parts.store.record(write_down(officer, idea, entry), (), by=here.by)
        except StoryMoved:
            again = await idea_of(self._desk, here, code)
            return await self._page(request, here, again, filled, QUICKER, status=409)
        return self._desk.go(f"/desk/ideas/{idea.code}", "written")

    async def seen(self, request: Request, code: str) -> Response:
        """That the body has seen it, which its author is told: from then on the words can't be changed under the eyes
        of whoever decides."""
        here, _ = await self._desk.posted(request)
        idea, officer = await idea_of(self._desk, here, code), officer_of(here)
        seat, now = answering(officer, idea), idea.standing
        if seat and now.with_body and not now.with_body.seen and may_follow(now, EntryKind.SEEN):
            entry = Entry(EntryKind.SEEN, officer.now, body=seat.body, by=seat.by)
            with suppress(StoryMoved):  # whatever happened, the page that is looked at will say so
                await self._desk.parts.store.record(write_down(officer, idea, entry), (), by=here.by)
        if request.headers.get("hx-request"):
            return Response(status_code=204)
        return self._desk.go(f"/desk/ideas/{idea.code}")

    async def tag(self, request: Request, code: str) -> Response:
        here, form = await self._desk.posted(request)
        idea = await idea_of(self._desk, here, code)
        known = {topic.slug for topic in await self._desk.parts.store.topics()}
        chosen = tuple(sorted(known.intersection(str(one) for one in form.getlist("topic"))))
        tagged = IdeaTagged(idea.code, chosen, here.by.at, body_concerned(idea))
        await self._desk.parts.store.record([tagged], (), by=here.by)
        return self._desk.go(f"/desk/ideas/{idea.code}", "tagged")

    # --- what they see
    async def _page(
        self,
        request: Request,
        here: At,
        whole: Idea,
        filled: Ticked | None = None,
        problem: Phrase | None = None,
        *,
        status: int = 200,
    ) -> Response:
        store, bodies, now = self._desk.parts.store, here.bodies, here.by.at
        idea, officer = as_read(here, whole), officer_of(here)
        standing = idea.standing
        acts = acts_for(officer, whole)
        answers = answering(officer, whole)
        is_unseen = bool(answers and standing.with_body and not standing.with_body.seen)
        return self._desk.show(
            request,
            "desk/idea.html",
            here,
            part="ideas",
            status=status,
            idea=idea,
            seen_with=len(whole.story),
            standing=standing,
            state=STAGES[standing.stage],
            late=days_late(standing.with_body, bodies, now),
            where=where(idea, bodies, now),
            appeal=where_appeal(idea, bodies, now),
            hiding=hiding(idea, bodies),
            is_readable=is_readable(whole),
            story=happenings(idea, bodies),
            supporters=await store.supporters(idea.code),
            consultation=await store.consultation(idea.consultation) if idea.consultation else None,
            runs=bool(idea.consultation) and idea.consultation in await runs_of(self._desk, here),
            attached=[ATTACHED[attachment.kind] for attachment in as_shown(whole).attachments],
            acts=acts,
            rules=RULES,
            pieces=pieces(idea.text) if any(act.kind is EntryKind.REDACTED for act in acts) else [],
            most_pieces=MOST_PIECES,
            filled=filled,
            problem=problem,
            is_unseen=is_unseen,
            kin=await self._kin(here, idea),
            parts=await self._parts(here, standing.parts),
            awaited=None if answers else await self._awaited(here, idea),
            **await self._topics(here, whole),
            **await self._talk(here, whole),
            next_one=await self._next(here, idea.code),
        )

    async def _kin(self, here: At, idea: Idea) -> list[object]:
        """Others that read like it, the likest first."""
        words = telling_words(idea.text) if idea.text and is_readable(idea) else ()
        if not words:
            return []
        sight = await sight_of(self._desk, here)
        codes = await self._desk.own.inbox.kin(idea.code, words, sight, LOOKED_THROUGH)
        others = [as_shown(one) for one in await self._desk.parts.store.ideas(codes)]
        scores = {one.code: likeness(idea, one) for one in others if one.text}
        best = sorted((code for code, score in scores.items() if score >= ALIKE), key=lambda code: -scores[code])
        return list(await rows_of(self._desk, here, best[:MOST_KIN]))

    async def _awaited(self, here: At, idea: Idea) -> Mapping[str, Any] | None:
        """Who answers it, where whoever looks doesn't."""
        with_body = idea.standing.with_body
        body = here.bodies.get(with_body.body) if with_body else None
        if body is None:
            return None
        roles, register = body.roles_that_may(Power.ANSWER), self._desk.own.membership.register
        holders = 0
        for role in roles:
            sought = Within(body=body.slug, role=role)
            holders += (await register.count(frozenset({body.slug}), sought, here.by.at, 1)).all
        is_ours = here.authority.organises(body.slug) and bool(roles)
        return {
            "body": body, "roles": [ROLES[role] for role in roles], "role": next(iter(roles), None),
            "holders": holders, "is_ours": is_ours,
        }  # fmt: skip

    async def _parts(self, here: At, codes: tuple[str, ...]) -> list[object]:
        return list(await rows_of(self._desk, here, codes)) if codes else []

    async def _topics(self, here: At, idea: Idea) -> Mapping[str, Any]:
        """Its topics; and while no body has it, the one that answers these."""
        topics = await self._desk.parts.store.topics()
        chosen = (await self._desk.own.inbox.topics_of([idea.code])).get(idea.code, ())
        suited = None
        if idea.standing.stage is Stage.RECEIVED and chosen:
            suited = here.bodies.answering(idea.consultation, None, chosen, None)
        return {"topics": topics, "chosen_topics": chosen, "suited": suited}

    async def _talk(self, here: At, idea: Idea) -> Mapping[str, Any]:
        officer = officer_of(here)
        seat = talking(officer, idea, await runs_of(self._desk, here))
        found = await self._desk.own.talks.heard_by(officer, idea)
        is_open = found is not None and not found.is_over(here.by.at)
        return {
            "may_talk": seat is not None and idea.author != here.authority.member.id,
            "is_talking": is_open,
            "has_talked": found is not None,
        }

    async def _next(self, here: At, code: str) -> str:
        """Another idea that needs them, the most urgent first."""
        sight = await sight_of(self._desk, here)
        for need in (Need.LATE, Need.TODAY, Need.REPLIED, Need.APPEAL, Need.HIDING, Need.ASTRAY, Need.WEEK):
            sought = Sought(need=need, sort=Sort.STILL)
            found = await self._desk.own.inbox.find(sought, sight, here.bodies, here.by.at, 2, is_counted=False)
            if others := [one for one in found.codes if one != code]:
                return others[0]
        return ""


def body_concerned(idea: Idea) -> str | None:
    """The one that has it, or had it last: in whose log a change stands."""
    return next((entry.next or entry.body for entry in reversed(idea.story) if entry.next or entry.body), None)
