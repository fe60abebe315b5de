"""Writing a consultation: beginning a draft, its editor as a form and as the file, and saving what is typed there."""

from collections.abc import Callable, Mapping
from difflib import unified_diff
from zoneinfo import available_timezones

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from core.drafts import Draft, Gone, Moved, Saved
from core.flows.fields import LONGEST_SLUG
from core.flows.manuscripts.fields import read_fields, tidied
from core.flows.manuscripts.manuscript import Manuscript
from core.flows.manuscripts.reading import read_manuscript
from core.flows.prompts import MOST_PROMPTS
from core.flows.tree import LARGEST_FILE
from core.numerals import read_whole
from core.texts import T
from web.desk import editing
from web.desk.desk import At, Desk
from web.desk.drafts import DRAFT, EXAMPLES, Drawer, at_home, blank, copied, example
from web.desk.editing import Edited
from web.desk.pressing import focus_after, press
from web.protection import form_of
from web.readers import Reader
from web.routes import Routes
from web.trouble import Trouble

MOST_SHOWN = 400
"""Lines of what differs between two versions."""

LEADS = {"publish": "publish", "try": "try", "file": "file", "discard": "discard"}
"""Where else a button of the form leads, once it is saved."""


class Writing:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._drawer = desk, Drawer(desk)

    def routes(self) -> Routes:
        routes, own = Routes(), DRAFT
        routes.page("/desk/drafts/new", self.offer)
        routes.post("/desk/drafts/new", self.begin)
        routes.page(own, self.show)
        routes.post(own, self.save)
        routes.page(f"{own}/file", self.show_file)
        routes.post(f"{own}/file", self.save_file)
        routes.page(f"{own}/download", self.download)
        return routes

    # --- beginning
    async def offer(self, request: Request) -> Response:
        here = await self._desk.organiser(request)
        return await self._offer(request, here)

    async def _offer(self, request: Request, here: At, text: str = "", wrong: object = None) -> Response:
        found = await self._desk.parts.store.consultations()
        theirs = [one for one in found if here.authority.may_run(one)]
        status = 422 if wrong else 200
        return self._desk.show(
            request, "desk/drafts-new.html", here, part="consultations", status=status, examples=EXAMPLES,
            consultations=theirs, text=text, wrong=wrong,
        )  # fmt: skip

    async def begin(self, request: Request) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        text = await self._start(here, form)
        await form.close()
        if isinstance(text, Trouble):
            return await self._offer(request, here, str(form.get("text", ""))[:LARGEST_FILE], text.sentence)
        text = at_home(text, here.authority)
        content = editing.content_of(text, editing.content_of(at_home(blank(here, ""), here.authority)))
        if not here.authority.may_ask(content.audience):
            return await self._offer(request, here, text, editing.not_yours(here.authority))
        id = await self._desk.own.drafts.begin(content, here.by)
        is_shown = read_manuscript(text) is not None
        return self._desk.go(f"/desk/drafts/{id}" if is_shown else f"/desk/drafts/{id}/file", "draft-begun")

    async def _start(self, here: At, form: FormData) -> str | Trouble:
        match str(form.get("start", "")):
            case "example":
                return example(str(form.get("example", "")))
            case "copy":
                found = await self._desk.consultation(here, str(form.get("copy", "")))
                return copied(found, await self._free(found.slug))
            case "text":
                upload = form.get("file")
                content = await upload.read(LARGEST_FILE + 1) if isinstance(upload, UploadFile) else b""
                return _decoded(content) if content else _limited(str(form.get("text", "")))
            case _:
                return blank(here, tidied(str(form.get("title", "")))[:200])

    async def _free(self, slug: str) -> str:
        """A short name like that one, which isn’t taken."""
        taken = {one.slug for one in await self._desk.parts.store.consultations()}
        names = (f"{slug[: LONGEST_SLUG - 3].rstrip('-')}-{number}" for number in range(2, len(taken) + 3))
        return next(name for name in names if name not in taken)

    # --- the form
    async def show(self, request: Request, draft: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._drawer.find(here, draft)
        edited = editing.edit(found.content.text, await self._drawer.known(here, found.of or found.content.slug))
        if edited.manuscript is None:
            return RedirectResponse(f"/desk/drafts/{found.id}/file", 303)
        return await self._editor(request, here, found, edited)

    async def save(self, request: Request, draft: int) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        typed, do = read_fields(pairs), str(form.get("do", ""))
        opened = {str(value) for value in form.getlist("open")}
        found = await self._seen(request, here, draft, lambda: _write(typed))
        if isinstance(found, Response):
            return found
        removed, focus = None, ""
        if do and do not in LEADS:
            typed, removed, opened = press(typed, do, form, opened)
            focus = "do-back" if removed else focus_after(do, typed)
        text = _write_over(found.content.text, typed)
        known = await self._drawer.known(here, found.of or found.content.slug)
        edited = editing.edit(text, known, typed)
        is_typing = bool(request.headers.get("hx-request")) and not do
        content = editing.content_of(text, found.content)
        if not here.authority.may_ask(content.audience):
            edited = editing.refused(edited, "bodies", editing.not_yours(here.authority))
            return await self._answer(request, here, found, edited, is_typing, opened=opened, status=422)
        outcome = await self._desk.own.drafts.save(found.id, read_whole(form.get("version")) or 0, content, here.by)
        match outcome:
            case Saved(saved) if do in LEADS:
                return RedirectResponse(f"/desk/drafts/{saved.id}/{LEADS[do]}", 303)
            case Saved(saved) if is_typing or do:
                return await self._answer(
                    request, here, saved, edited, is_typing, opened=opened, removed=removed, focus=focus
                )
            case Saved(saved):
                return self._desk.go(f"/desk/drafts/{saved.id}", "draft-saved")
            case Moved(theirs):
                values = {"theirs": theirs, "differences": differences(theirs.content.text, text)}
                return await self._answer(request, here, theirs, edited, is_typing, opened=opened, status=409, **values)
            case Gone():
                return self._gone(request, here, text)

    async def _answer(
        self, request: Request, here: At, draft: Draft, edited: Edited, is_typing: bool, *, status: int = 200,
        **values: object,
    ) -> Response:  # fmt: skip
        """While somebody types, only what changed around the form; else the whole page."""
        if not is_typing:
            return await self._editor(request, here, draft, edited, status=status, **values)
        form = await form_of(request)
        before = set(str(form.get("wrong", "")).split())
        shown = self._desk.fragment(
            "desk/editor-saved.html", here, draft=draft, edited=edited, is_saved=status == 200, is_moved=status == 409,
            times=editing.next_times(edited), before=sorted(before), **_tools(edited, here),
        )  # fmt: skip
        if status == 200:
            shown.headers["hx-trigger"] = "draft-saved"
        return shown

    async def _editor(
        self, request: Request, here: At, draft: Draft, edited: Edited, *, status: int = 200, **values: object
    ) -> Response:
        store = self._desk.parts.store
        bodies, topics, scope = await store.bodies(), await store.topics(), here.authority.scope
        asked = [body for body in bodies.living if scope is None or body.slug in scope]
        nothing: dict[str, object] = {"opened": set(), "removed": None, "theirs": None, "differences": (), "focus": ""}
        shown: Mapping[str, object] = {**nothing, **values}
        return self._desk.show(
            request, "desk/editor.html", here, part="consultations", status=status, draft=draft, edited=edited,
            bodies=asked, topics=topics if scope is None else (), answering=[b for b in bodies.living if b.does_answer],
            zones=sorted(available_timezones()), times=editing.next_times(edited), most=MOST_PROMPTS,
            **_tools(edited, here), **shown,
        )  # fmt: skip

    # --- the file
    async def show_file(self, request: Request, draft: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._drawer.find(here, draft)
        return await self._file(request, here, found, found.content.text)

    async def save_file(self, request: Request, draft: int) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        text = _limited(str(form.get("text", "")).replace("\r\n", "\n"))
        if isinstance(text, Trouble):
            raise text
        found = await self._seen(request, here, draft, lambda: text)
        if isinstance(found, Response):
            return found
        content = editing.content_of(text, found.content)
        if not here.authority.may_ask(content.audience):
            wrong = editing.not_yours(here.authority)
            return await self._file(request, here, found, text, status=422, wrong=wrong)
        match await self._desk.own.drafts.save(found.id, read_whole(form.get("version")) or 0, content, here.by):
            case Saved(saved):
                return self._desk.go(f"/desk/drafts/{saved.id}/file", "draft-saved")
            case Moved(theirs):
                differing = differences(theirs.content.text, text)
                return await self._file(request, here, theirs, text, status=409, theirs=theirs, differences=differing)
            case Gone():
                return self._gone(request, here, text)

    async def download(self, request: Request, draft: int) -> Response:
        here = await self._desk.organiser(request)
        found = await self._drawer.find(here, draft)
        name = "".join(
            letter for letter in found.content.slug if letter.isascii() and (letter.isalnum() or letter == "-")
        )
        headers = {"content-disposition": f'attachment; filename="{name or "consultation"}.yaml"'}
        return PlainTextResponse(found.content.text, media_type="application/yaml", headers=headers)

    async def _file(
        self, request: Request, here: At, draft: Draft, text: str, *, status: int = 200, **values: object
    ) -> Response:
        edited = editing.edit(text, await self._drawer.known(here, draft.of or draft.content.slug))
        shown = {"theirs": None, "differences": (), "wrong": None, **values}
        return self._desk.show(
            request, "desk/editor-file.html", here, part="consultations", status=status, draft=draft, edited=edited,
            **shown,
        )  # fmt: skip

    # --- both
    async def _seen(self, request: Request, here: At, id: int, text: Callable[[], str]) -> Draft | Response:
        """The draft, or what is shown where it is no more: what was typed isn't lost with it."""
        if await self._desk.own.drafts.find(id) is None:
            return self._gone(request, here, text())
        return await self._drawer.find(here, id)

    def _gone(self, request: Request, here: At, text: str) -> Response:
        if request.headers.get("hx-request"):
            return self._desk.fragment("desk/editor-gone.html", here)
        return self._desk.show(request, "desk/drafts-gone.html", here, part="consultations", status=409, text=text)


def _tools(edited: Edited, here: At) -> dict[str, object]:
    """What the templates need beside the values."""
    codes = edited.manuscript.languages if edited.manuscript else ()
    return {
        "m": edited.manuscript, "kinds": editing.KINDS, "tests": editing.TESTS, "steps": editing.STEPS,
        "units": editing.UNITS,
        "usual_times": editing.USUAL_TIMES, "results": editing.RESULTS, "ideas_are": editing.IDEAS_ARE,
        "rules": editing.RULES,
        "in_order": editing.in_order,
        "fid": editing.field_id, "spoken": editing.languages_of(codes), "names": editing.languages_of(editing.COMMON),
        "addable": editing.offered_languages(codes),
        "moment_in": lambda at, zone: Reader(here.reader.language, zone).moment(at),
    }  # fmt: skip


def _write(typed: Manuscript) -> str:
    from core.flows.manuscripts.writing import write_manuscript

    return write_manuscript(typed)


def _write_over(old: str, typed: Manuscript) -> str:
    from core.flows.manuscripts.splicing import write_over

    return write_over(old, typed)


def _decoded(content: bytes) -> str | Trouble:
    if len(content) > LARGEST_FILE:
        return _too_large()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return Trouble(422, T("That file can’t be read"), T("This isn’t text in UTF-8. Save the file as UTF-8."))


def _limited(text: str) -> str | Trouble:
    return _too_large() if len(text.encode(errors="replace")) > LARGEST_FILE else text.replace("\r\n", "\n")


def _too_large() -> Trouble:
    most = LARGEST_FILE // 1024
    return Trouble(422, T("That is too much"), T("A consultation may have {most} KB at the most.", most=most))


def differences(theirs: str, mine: str) -> list[tuple[str, str]]:
    """Line by line: `theirs`, `mine`, or `both` where it stands around what differs."""
    marks = {"-": "theirs", "+": "mine", " ": "both"}
    lines = list(unified_diff(theirs.split("\n"), mine.split("\n"), n=2, lineterm=""))[2:]
    return [(marks[line[0]], line[1:]) for line in lines if line[:1] in marks][:MOST_SHOWN]
