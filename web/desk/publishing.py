"""What becomes of a draft: published, opened now or at its time, tried on oneself, thrown away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.consultations import Consultation, NudgeKind, Phase
from core.deeds import Deed, Did, of_consultation
from core.drafts import Draft, Moved, Saved
from core.events import ConsultationLoaded, ConsultationOpened, Event
from core.nudges import due_at, nudge, out_of_quiet
from core.numerals import read_whole
from core.places import Place
from core.ports import Post
from core.reach import Reach
from core.texts import Phrase, T
from core.trial import trial_messages
from web.desk import editing
from web.desk.desk import At, Desk
from web.desk.drafts import DRAFT, Drawer
from web.desk.editing import Edited
from web.routes import Routes
from web.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Lost:
    """A question that people answered and that isn't asked any more, or is of another kind."""

    key: str
    name: str
    answers: int


class Publishing:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._drawer = desk, Drawer(desk)

    def routes(self) -> Routes:
        routes, own = Routes(), DRAFT
        routes.page(f"{own}/publish", self.ask)
        routes.post(f"{own}/publish", self.publish)
        routes.post(f"{own}/test", self.test)
        routes.page(f"{own}/discard", self.ask_to_discard)
        routes.post(f"{own}/discard", self.discard)
        return routes

    # --- publishing
    async def ask(self, request: Request, draft: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._drawer.find(here, draft)
        return await self._ask(request, here, found)

    async def _ask(self, request: Request, here: At, draft: Draft, wrong: Phrase | None = None) -> Response:
        edited = await self._edited(here, draft)
        one, now = edited.consultation, self._desk.parts.clock.now()
        own, reach, earlier = self._desk.own, None, None
        lost: tuple[Lost, ...] = ()
        if one is not None:
            reach = await own.counting.count(one, now, own.manners)
            earlier = await self._desk.parts.store.consultation(one.slug)
            lost = await self._lost(one, earlier)
        return self._desk.show(
            request, "desk/publish.html", here, part="consultations", draft=draft, edited=edited, one=one,
            reach=reach, earlier=earlier, lost=lost, wrong=wrong, status=422 if wrong else 200,
            first=self._first(one, reach, now) if one else None, manners=own.manners,
            phase=self._phase(one, earlier, now), address=here.sitting.address,
            has_invited=earlier is not None and _has_invited(earlier, now),
        )  # fmt: skip

    async def publish(self, request: Request, draft: int) -> Response:
        here, form = await self._desk.posted(request)
        found = await self._drawer.find(here, draft)
        edited = await self._edited(here, found)
        one, now = edited.consultation, self._desk.parts.clock.now()
        if one is None:
            return RedirectResponse(f"/desk/drafts/{found.id}/publish", 303)
        earlier = await self._desk.parts.store.consultation(one.slug)
        lost = await self._lost(one, earlier)
        if lost and form.get("lose") != "yes":
            return await self._ask(request, here, found, T("Tick the box that says so, if these answers may go."))
        events: list[Event] = [ConsultationLoaded(one, now)]
        is_opening = form.get("how") == "open" and not one.is_open(now)
        if is_opening:
            events.append(ConsultationOpened(one.slug, now))
        version = read_whole(form.get("version")) or 0
        match await self._desk.own.drafts.publish(found.id, version, events, here.by):
            case Saved():
                is_open = is_opening or one.is_open(now)
                return self._desk.go(f"/desk/consultations/{one.slug}", "published-open" if is_open else "published")
            case Moved(theirs):
                changed = T("Somebody changed it meanwhile. Look at it again before you publish it.")
                return await self._ask(request, here, theirs, changed)
            case _:
                return RedirectResponse("/desk/consultations", 303)

    async def _edited(self, here: At, draft: Draft) -> Edited:
        """With what stands in the way of publishing it."""
        edited = editing.edit(draft.content.text, await self._drawer.known(here, draft.of or draft.content.slug))
        one = edited.consultation
        if one is None:
            return edited
        if not here.authority.may_run(one):
            return editing.refused(edited, "bodies", editing.not_yours(here.authority))
        if await self._drawer.is_taken(one.slug, draft.of):
            taken = T("The short name “{slug}” is taken already. Give this one another.", slug=one.slug)
            return editing.refused(edited, "slug", taken)
        if draft.of == one.slug:
            earlier = await self._desk.parts.store.consultation(one.slug)
            if earlier is not None and not here.authority.may_run(earlier):
                return editing.refused(edited, "slug", T("It is another’s now: it can’t be replaced."))
        now = self._desk.parts.clock.now()
        if one.closes_at is not None and one.closes_at <= now:
            return editing.refused(edited, "closes", T("It would be closed from the beginning: that time is over."))
        return edited

    async def _lost(self, new: Consultation, earlier: Consultation | None) -> tuple[Lost, ...]:
        if earlier is None:
            return ()
        answered = await self._desk.own.drafts.answered(new.slug)
        lost = []
        for prompt in earlier.prompts:
            count, same = answered.get(prompt.key, 0), new.prompt(prompt.key)
            if count and (same is None or same.kind is not prompt.kind):
                lost.append(Lost(prompt.key, prompt.text.texts[0][1], count))
        return tuple(lost)

    def _first(self, one: Consultation, reach: Reach | None, now: datetime) -> datetime | None:
        """When the first invitations go out, if it opens by itself."""
        due = _invites_at(one)
        return out_of_quiet(max(due, now), one.timezone, self._desk.own.manners) if due and reach else None

    @staticmethod
    def _phase(one: Consultation | None, earlier: Consultation | None, now: datetime) -> Mapping[str, Phase | None]:
        return {"new": one.phase(now) if one else None, "earlier": earlier.phase(now) if earlier else None}

    # --- trying it on oneself
    async def test(self, request: Request, draft: int) -> Response:
        here, _ = await self._desk.posted(request)
        found = await self._drawer.find(here, draft)
        edited, address = await self._edited(here, found), here.sitting.address
        if edited.consultation is None:
            return RedirectResponse(f"/desk/drafts/{found.id}/publish", 303)
        if address is None:
            raise Trouble(409, T("We don’t know your chat"), T("Come in by a link from the bot, then try again."))
        one = edited.consultation
        messages = trial_messages(nudge(NudgeKind.INVITATION, one), one, self._desk.parts.texts, here.reader.language)
        posts = [Post(Place.private_to(address), message, member=here.authority.member.id) for message in messages]
        deed = Deed(Did.TESTED, of_consultation(one.slug), _only(one.audience.bodies))
        await self._desk.own.drafts.change((), here.by, posts=posts, deeds=(deed,))
        return self._desk.go(f"/desk/drafts/{found.id}/publish", "draft-tested")

    # --- throwing it away
    async def ask_to_discard(self, request: Request, draft: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._drawer.find(here, draft)
        return self._desk.show(request, "desk/discard.html", here, part="consultations", draft=found, wrong=False)

    async def discard(self, request: Request, draft: int) -> Response:
        here, form = await self._desk.posted(request)
        found = await self._drawer.find(here, draft)
        version = read_whole(form.get("version")) or 0
        outcome = await self._desk.own.drafts.discard(found.id, version, here.by)
        if isinstance(outcome, Moved):
            return self._desk.show(
                request, "desk/discard.html", here, part="consultations", draft=outcome.draft, wrong=True, status=409
            )
        return self._desk.go("/desk/consultations", "draft-discarded")


def _invites_at(one: Consultation) -> datetime | None:
    step = next((step for step in one.nudges if step.kind is NudgeKind.INVITATION), None)
    return due_at(step, one, one.timezone) if step else None


def _has_invited(one: Consultation, now: datetime) -> bool:
    """Whether its invitations are out: what replaces it sends none then."""
    due = _invites_at(one)
    return one.is_open(now) and due is not None and due <= now


def _only(bodies: tuple[str, ...]) -> str | None:
    return bodies[0] if len(bodies) == 1 else None
