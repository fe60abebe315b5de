"""What an organiser orders while a consultation runs: open, close, ask now or later, hold, resume, send again."""

import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Audience, Consultation, Phase
from core.events import (
    BroadcastHeld,
    BroadcastResumed,
    ConsultationClosed,
    ConsultationOpened,
    Event,
    UncertainResent,
)
from core.ports import Broadcast, CodeTaken
from core.texts import Phrase, T, Words
from core.turns.orders import invitation, read_time
from web.desk.desk import At, Desk
from web.desk.progress import asked
from web.routes import Routes
from web.trouble import nothing_here

_TOKEN = re.compile(r"[0-9a-f]{16}")
EVERYBODY_ASKED = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen in the form. `problems` by field."""

    to: str
    when: str
    at: str
    audience: Audience | None = None
    due: datetime | None = None
    problems: tuple[tuple[str, Phrase], ...] = ()


class Orders:
    """`changed` is told the consultation of which something was changed."""

    def __init__(self, desk: Desk, changed: Callable[[str], None]) -> None:
        self._desk, self._changed = desk, changed

    def routes(self) -> Routes:
        routes, own = Routes(), "/desk/consultations/{slug}"
        routes.page(f"{own}/open", self.ask_to_open)
        routes.post(f"{own}/open", self.open)
        routes.page(f"{own}/close", self.ask_to_close)
        routes.post(f"{own}/close", self.close)
        routes.page(f"{own}/broadcast", self.choose)
        routes.post(f"{own}/broadcast", self.broadcast)
        routes.post(f"{own}/hold", self.hold)
        routes.post(f"{own}/resume", self.resume)
        routes.page(f"{own}/resend", self.ask_to_resend)
        routes.post(f"{own}/resend", self.resend)
        return routes

    # --- opening and closing
    async def ask_to_open(self, request: Request, slug: str) -> Response:
        here, consultation = await self._at(request, slug)
        if consultation.is_open(here.by.at):
            return self._back(slug, "opened")
        reach = await self._desk.own.watching.reach(slug, consultation.audience, here.by.at)
        return self._show(request, here, "open", consultation, reach=reach, phase=consultation.phase(here.by.at))

    async def open(self, request: Request, slug: str) -> Response:
        here, consultation, _ = await self._posted(request, slug)
        if not consultation.is_open(here.by.at):
            await self._record(here, slug, ConsultationOpened(slug, here.by.at))
        return self._back(slug, "opened")

    async def ask_to_close(self, request: Request, slug: str) -> Response:
        here, consultation = await self._at(request, slug)
        if consultation.phase(here.by.at) is Phase.CLOSED:
            return self._back(slug, "closed")
        watched = await self._desk.own.watching.look(slug, here.by.at)
        under_way = watched.begun - watched.finished if watched else 0
        waiting = sum(one.total - one.settled for one in watched.sendings) if watched else 0
        return self._show(request, here, "close", consultation, under_way=max(0, under_way), waiting=waiting)

    async def close(self, request: Request, slug: str) -> Response:
        here, consultation, _ = await self._posted(request, slug)
        if consultation.phase(here.by.at) is not Phase.CLOSED:
            await self._record(here, slug, ConsultationClosed(slug, here.by.at))
        return self._back(slug, "closed")

    # --- asking by hand
    async def choose(self, request: Request, slug: str) -> Response:
        """The form; and once it is filled in, whom that would reach."""
        here, consultation = await self._at(request, slug)
        query = request.query_params
        choices = await self._choices(here, consultation)
        if "to" not in query:
            wanted = Wanted(EVERYBODY_ASKED, "now", "")
            return self._show(request, here, "ask", consultation, wanted=wanted, choices=choices, problems={})
        wanted = _read(dict(query), here, consultation, choices)
        if wanted.problems or wanted.audience is None:
            return self._show(
                request, here, "ask", consultation, status=422, wanted=wanted, choices=choices,
                problems=dict(wanted.problems),
            )  # fmt: skip
        at = wanted.due or here.by.at
        return self._show(
            request, here, "ask-surely", consultation, wanted=wanted, token=secrets.token_hex(8),
            to=choices[wanted.to][1], reach=await self._desk.own.watching.reach(slug, wanted.audience, at),
        )  # fmt: skip

    async def broadcast(self, request: Request, slug: str) -> Response:
        here, consultation, form = await self._posted(request, slug)
        choices = await self._choices(here, consultation)
        wanted = _read(form, here, consultation, choices)
        token = form.get("token", "")
        if wanted.problems or wanted.audience is None or not _TOKEN.fullmatch(token):
            return self._show(
                request, here, "ask", consultation, status=422, wanted=wanted, choices=choices,
                problems=dict(wanted.problems),
            )  # fmt: skip
        if await self._desk.own.watching.broadcast(token) is None:  # else it was posted twice
            order = invitation(token, slug, wanted.audience, wanted.due or here.by.at)
            with suppress(CodeTaken):  # by the same order, posted twice at one moment
                await self._record(here, slug, order)
        return self._back(slug, "ordered")

    async def _choices(self, here: At, consultation: Consultation) -> dict[str, tuple[Audience, tuple[Words, ...]]]:
        """Whom it may ask: all of its audience, or a body or topic within it."""
        topics, whole = await self._desk.parts.store.topics(), consultation.audience
        bodies, named = whole.bodies, whole.topics
        if not bodies and not named:
            bodies, named = tuple(body.slug for body in here.bodies.living), tuple(topic.slug for topic in topics)
        offered = {EVERYBODY_ASKED: whole}
        if len(bodies) + len(named) > 1 or not (whole.bodies or whole.topics):
            offered |= {f"body:{slug}": replace(whole, bodies=(slug,), topics=()) for slug in bodies}
            offered |= {f"topic:{slug}": replace(whole, bodies=(), topics=(slug,)) for slug in named}
        return {key: (audience, asked(audience, here.bodies, topics)) for key, audience in offered.items()}

    # --- what goes out
    async def hold(self, request: Request, slug: str) -> Response:
        here, _, form = await self._posted(request, slug)
        found = await self._broadcast(slug, form.get("broadcast", ""))
        if found.held_at is None:
            await self._record(here, slug, BroadcastHeld(found.id, slug, here.by.at))
        return self._back(slug, "held")

    async def resume(self, request: Request, slug: str) -> Response:
        here, _, form = await self._posted(request, slug)
        found = await self._broadcast(slug, form.get("broadcast", ""))
        if found.held_at is not None:
            await self._record(here, slug, BroadcastResumed(found.id, slug))
        return self._back(slug, "resumed")

    async def ask_to_resend(self, request: Request, slug: str) -> Response:
        here, consultation = await self._at(request, slug)
        found = await self._broadcast(slug, request.query_params.get("broadcast", ""))
        count = await self._desk.own.watching.uncertain(found.id, here.by.at)
        return self._show(request, here, "resend", consultation, broadcast=found, count=count)

    async def resend(self, request: Request, slug: str) -> Response:
        here, _, form = await self._posted(request, slug)
        found = await self._broadcast(slug, form.get("broadcast", ""))
        if not await self._desk.own.watching.uncertain(found.id, here.by.at):
            return self._back(slug, "nothing-uncertain")
        await self._record(here, slug, UncertainResent(found.id, slug, here.by.at))
        return self._back(slug, "resent")

    async def _broadcast(self, slug: str, id: str) -> Broadcast:
        found = await self._desk.own.watching.broadcast(id)
        if found is None or found.consultation != slug:
            raise nothing_here()
        return found

    # --- everything else
    async def _at(self, request: Request, slug: str) -> tuple[At, Consultation]:
        here = await self._desk.organiser(request)
        return here, await self._desk.consultation(here, slug)

    async def _posted(self, request: Request, slug: str) -> tuple[At, Consultation, dict[str, str]]:
        here, form = await self._desk.posted_by_organiser(request)
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        return here, await self._desk.consultation(here, slug), typed

    async def _record(self, here: At, slug: str, event: Event) -> None:
        await self._desk.parts.store.record([event], by=here.by)
        self._changed(slug)

    def _show(
        self, request: Request, here: At, name: str, consultation: Consultation, *, status: int = 200, **values: object
    ) -> Response:
        page = f"desk/watch-{name}.html"
        return self._desk.show(
            request, page, here, status=status, part="consultations", consultation=consultation, **values
        )

    def _back(self, slug: str, notice: str) -> Response:
        return self._desk.go(f"/desk/consultations/{slug}", notice)


def _read(
    typed: dict[str, str],
    here: At,
    consultation: Consultation,
    choices: dict[str, tuple[Audience, tuple[Words, ...]]],
) -> Wanted:
    now, problems = here.by.at, list[tuple[str, Phrase]]()
    to, when, at = typed.get("to", ""), typed.get("when", "now"), typed.get("at", "").strip()[:40]
    due: datetime | None = None
    audience = choices[to][0] if to in choices else None
    if audience is None:
        problems.append(("to", T("Choose whom to ask.")))
    if when == "at":
        due = read_time(at, now, consultation.timezone) if at else None
        if due is None:
            problems.append(("at", T("Say when: a day and a time.")))
        elif due <= now:
            problems.append(("at", T("{time} has passed already.", time=due)))
    if not any(field == "at" for field, _ in problems) and not consultation.is_open(due or now):
        words = T("It isn’t open then, and nobody can be asked. Open it first, or choose another time.")
        problems.append(("at" if due else "when", words))
    return Wanted(to if to in choices else EVERYBODY_ASKED, when, at, audience, due, tuple(problems))
