"""What is asked: a loaded consultation as it stands, its draft, its copy, and the archive."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.consultations import Consultation, Phase
from core.drafts import Content
from core.events import ConsultationArchived, ConsultationUnarchived
from core.prompts import Condition
from core.recurrence import next_openings
from core.texts import T
from web.desk import editing
from web.desk.consultations import PHASES
from web.desk.desk import Desk
from web.desk.drafts import Drawer, written
from web.desk.progress import asked
from web.routes import Routes
from web.trouble import Trouble


class Asked:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._drawer = desk, Drawer(desk)

    def routes(self) -> Routes:
        routes, own = Routes(), "/desk/consultations/{slug}"
        routes.page(f"{own}/edit", self.show)
        routes.post(f"{own}/edit", self.change)
        routes.page(f"{own}/archive", self.ask)
        routes.post(f"{own}/archive", self.archive)
        routes.post(f"{own}/unarchive", self.unarchive)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        here = await self._desk.organiser(request)
        found = await self._desk.consultation(here, slug)
        draft, now = await self._desk.own.drafts.of(slug), self._desk.parts.clock.now()
        if draft is not None and not here.authority.may_ask(draft.content.audience):
            draft = None
        topics = await self._desk.parts.store.topics()
        return self._desk.show(
            request, "desk/asked.html", here, part="consultations", consultation=found, draft=draft,
            phase=found.phase(now), phases=PHASES, kinds=editing.KINDS, tests=editing.TESTS,
            whom=asked(found.audience, here.bodies, topics),
            times=next_openings(found, now), means=lambda check: _means(found, check), results=editing.RESULTS,
        )  # fmt: skip

    async def change(self, request: Request, slug: str) -> Response:
        """To its draft, which is made of it as it stands where there is none."""
        here, _ = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        draft = await self._desk.own.drafts.of(slug)
        if draft is None:
            content = editing.content_of(written(found), Content("", audience=found.audience))
            id = await self._desk.own.drafts.begin(content, here.by, of=slug)
            return self._desk.go(f"/desk/drafts/{id}", "draft-begun")
        if not here.authority.may_ask(draft.content.audience):
            raise Trouble(
                409,
                T("Somebody else is changing it"),
                T("There is a draft of it that asks more than you organise. Ask whoever organises the whole."),
            )
        return RedirectResponse(f"/desk/drafts/{draft.id}", 303)

    # --- the archive
    async def ask(self, request: Request, slug: str) -> Response:
        here = await self._desk.organiser(request)
        found = await self._desk.consultation(here, slug)
        return self._desk.show(
            request, "desk/archive.html", here, part="consultations", consultation=found,
            phase=found.phase(self._desk.parts.clock.now()),
        )  # fmt: skip

    async def archive(self, request: Request, slug: str) -> Response:
        here, _ = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        now = self._desk.parts.clock.now()
        if found.phase(now) in (Phase.OPEN, Phase.SCHEDULED):
            raise Trouble(
                409,
                T("It can’t go into the archive yet"),
                T("People can take part in it, or soon will. Close it first."),
            )
        if found.archived_at is None:
            await self._desk.own.drafts.change([ConsultationArchived(slug, now)], here.by)
        return self._desk.go("/desk/consultations", "archived")

    async def unarchive(self, request: Request, slug: str) -> Response:
        here, _ = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        if found.archived_at is not None:
            await self._desk.own.drafts.change([ConsultationUnarchived(slug)], here.by)
        return self._desk.go(f"/desk/consultations/{slug}/edit", "unarchived")


def _means(consultation: Consultation, check: Condition) -> tuple[str, str]:
    """A condition in words: the question that it asks about, and the answers."""
    prompt = consultation.prompt(check.prompt)
    labels = {option.key: option.label for option in prompt.choices} if prompt else {}
    values = [labels.get(str(value), str(value)) for value in check.values]
    shown = [getattr(value, "texts", ((None, getattr(value, "msgid", value)),))[0][1] for value in values]
    return (prompt.text.texts[0][1] if prompt else check.prompt), ", ".join(map(str, shown))
