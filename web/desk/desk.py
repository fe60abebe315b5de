"""The desk: who sits at it, what they may do there, and its pages in their frame."""

from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.authority import Authority
from core.bodies import Bodies
from core.consultations import Consultation
from core.deeds import By, Via
from core.sittings import LASTS, Sitting
from core.texts import Phrase, T
from web.desk.navigation import parts_for
from web.desk.parts import DeskParts
from web.pages import Pages
from web.parts import Parts
from web.protection import form_of, is_from_here
from web.readers import Reader, stranger
from web.trouble import Trouble, from_elsewhere, nothing_here

NOTICE_COOKIE = "notice"


class MustEnter(Exception):
    """Nobody sits here: they are led to the door, and after it to where they wanted to go. `sent`: the fields of a form
    with words in it, which are shown rather than lost."""

    def __init__(self, then: str) -> None:
        super().__init__("nobody sits at the desk in this browser")
        self.then = then
        self.sent: list[tuple[str, str]] = []


@dataclass(frozen=True, slots=True)
class At:
    """Somebody at the desk, in one request."""

    sitting: Sitting
    reader: Reader
    by: By

    @property
    def authority(self) -> Authority:
        return self.sitting.authority

    @property
    def bodies(self) -> Bodies:
        return self.sitting.authority.bodies


class Desk:
    def __init__(self, parts: Parts, own: DeskParts, pages: Pages) -> None:
        self.parts, self.own, self.pages = parts, own, pages
        self.cookie = "__Host-desk" if parts.is_https else "desk"

    # --- who
    async def at(self, request: Request) -> At:
        """Whoever sits here and still holds an office. Raises MustEnter."""
        now = self.parts.clock.now()
        secret = request.cookies.get(self.cookie, "")
        sitting = await self.own.sittings.find(secret, now) if secret else None
        if sitting is None or not sitting.authority.has_desk:
            raise MustEnter(_address(request))
        return At(sitting, self._reader(request, sitting), By(Via.DESK, now, sitting.authority.member.id))

    async def organiser(self, request: Request) -> At:
        """As `at`, of an organiser of anything. Raises Trouble for others."""
        here = await self.at(request)
        return here if here.authority.is_organiser else refuse_office()

    async def posted(self, request: Request) -> tuple[At, FormData]:
        """Who posts what, from a page of ours. Raises as `at`, and Trouble where it came from elsewhere."""
        if not is_from_here(request, self.parts.public_url):
            raise from_elsewhere()
        try:
            here = await self.at(request)
        except MustEnter as gone:
            sent = [(name, one) for name, one in (await form_of(request)).multi_items() if isinstance(one, str)]
            gone.sent = sent if any(_is_worded(one) for _, one in sent) else []
            raise
        return here, await form_of(request)

    async def posted_by_organiser(self, request: Request) -> tuple[At, FormData]:
        """As `posted`, of an organiser of anything."""
        here, form = await self.posted(request)
        return (here, form) if here.authority.is_organiser else refuse_office()

    async def consultation(self, here: At, slug: str) -> Consultation:
        """One that they run. Of another there is nothing here: not even that there is one."""
        found = await self.parts.store.consultation(slug)
        if found is None or not here.authority.may_run(found):
            raise nothing_here()
        return found

    def _reader(self, request: Request, sitting: Sitting) -> Reader:
        said, member = stranger(request, self.parts.texts), sitting.authority.member
        language = said.language if "lang" in request.query_params else self.parts.texts.language_for(member.language)
        return Reader(language, member.timezone or said.zone, is_member=True)

    # --- what they see
    def show(self, request: Request, template: str, here: At, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page of the desk. `part`: the part of the desk that it belongs to, as the navigation names it."""
        notice = request.cookies.get(NOTICE_COOKIE, "")
        shown = self.pages.show(
            request, template, here.reader, status=status, at=here, authority=here.authority,
            notice=NOTICES.get(notice), parts_of_desk=parts_for(here.authority), **({"part": ""} | values),
        )  # fmt: skip
        shown.headers["x-robots-tag"] = "noindex"
        if notice:
            shown.delete_cookie(NOTICE_COOKIE, path="/desk")
        return shown

    def fragment(self, template: str, here: At, **values: object) -> HTMLResponse:
        """A piece of a page, to be put where an earlier one stands."""
        return HTMLResponse(self.pages.fragment(template, here.reader, at=here, authority=here.authority, **values))

    def go(self, to: str, notice: str = "") -> Response:
        """After something was done: to a page, which says once what it was. `notice`: a key of NOTICES."""
        response = RedirectResponse(to, 303)
        if notice:
            assert notice in NOTICES, notice  # noqa: S101  a slip of ours
            response.set_cookie(
                NOTICE_COOKIE, notice, max_age=60, path="/desk", secure=self.parts.is_https, httponly=True,
                samesite="lax",
            )  # fmt: skip
        return response

    # --- the sitting's cookie
    def seat(self, response: Response, secret: str) -> None:
        seconds = int(LASTS.total_seconds())
        response.set_cookie(
            self.cookie, secret, max_age=seconds, path="/", secure=self.parts.is_https, httponly=True, samesite="lax"
        )

    def unseat(self, response: Response) -> None:
        response.delete_cookie(self.cookie, path="/", secure=self.parts.is_https, httponly=True, samesite="lax")

    def lead_to_the_door(self, request: Request, gone: MustEnter) -> Response:
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"hx-redirect": "/desk/enter"})
        if gone.sent:
            said = [one for _, one in gone.sent if _is_worded(one)]
            return self.pages.show(
                request, "desk/unseated.html", stranger(request, self.parts.texts), status=403, sent=gone.sent,
                said=said, to=request.url.path,
            )  # fmt: skip
        return RedirectResponse(f"/desk/enter?then={quote(gone.then, safe='')}", 303)


def refuse_office() -> NoReturn:
    raise Trouble(403, T("That isn’t yours to do"), T("It takes another office than the ones you hold."))


def _is_worded(typed: str) -> bool:
    """Whether somebody wrote it: what is chosen in a form is one word."""
    return len(typed.split()) > 1


def _address(request: Request) -> str:
    """Where they wanted to go, if they only wanted to look."""
    if request.method not in ("GET", "HEAD"):
        return "/desk"
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


NOTICES: dict[str, Phrase] = {
    "ended": T("That sitting has ended."),
    "others-ended": T("All your other sittings have ended."),
    "draft-begun": T("Here is your draft. Nobody is asked anything until you publish it."),
    "draft-saved": T("Saved."),
    "draft-discarded": T("The draft is thrown away."),
    "draft-tested": T("A test is on its way to your own chat."),
    "published": T("It is published. It opens when you or its time says so."),
    "published-open": T("It is published and open. Its invitations go out by its plan."),
    "archived": T("It is in the archive, and in no list any more."),
    "unarchived": T("It is out of the archive."),
    "opened": T("It is open. Its invitations go out by its plan."),
    "closed": T("It is closed. Nobody is asked about it any more. Next: say what came of it."),
    "ordered": T("It is on its way. Here you see how it goes out."),
    "held": T(
        "It is held: nothing more of it goes out until you resume it. What was on its way at that moment arrives."
    ),
    "resumed": T("It goes on."),
    "resent": T("They go out again. Who got the first will have it twice."),
    "nothing-uncertain": T("Nothing of it is uncertain any more, so nothing is sent again."),
    "group-saved": T("The group is saved. Who is in it is looked up anew each time."),
    "group-dropped": T("That group is gone. Its members are where they were."),
    "role-given": T("The role is given."),
    "role-taken": T("The role is taken away."),
    "role-of-the-file": T("That role stands in the bodies file. Take it out there, and load the file again."),
    "merged": T("They are one member now."),
    "erased": T("They are forgotten."),
    "unverified": T("They aren’t verified any more. Their row of the roll is free."),
    "file-sent": T("It is on its way to them."),
    "dropped": T("The file is thrown away."),
    "pictured": T("The chart is on its way into the chat."),
    "written": T("Written into its story. Its author and supporters are told."),
    "tagged": T("Its topics are kept."),
    "together": T("Written into the story of each. Authors and supporters are told where they are to be."),
    "none-chosen": T("Choose some ideas first: tick the boxes beside them."),
    "handed-back": T("They are talking with the bot again, and were told so."),
    "token-ended": T("That token has ended. Whoever used it is not let in any more."),
    "hook-made": T("The webhook is set up. Send a test to see whether it arrives."),
    "hook-changed": T("The webhook is changed."),
    "hook-ended": T("That webhook has ended."),
    "hook-tested": T("A test is on its way. Look again in a moment."),
    "hook-again": T("It is delivered once more. Look again in a moment."),
}
"""What a page says once after something was done there. Each room adds its own."""
