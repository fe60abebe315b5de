"""Members at the desk: the list of those within one's scope, looked for, counted, taken along as a file; and groups,
which are searches that were saved."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.bodies import Body
from core.deeds import Deed, Did
from core.numerals import read_whole
from core.register import (
    LONGEST_NAME,
    ROLES,
    Activity,
    Consent,
    Listed,
    Proof,
    read_sought,
)
from core.texts import Phrase, T
from core.turns.oneself import CHANNELS
from web import spreadsheets
from web.desk.desk import At, Desk
from web.desk.numbers import NUMBER
from web.routes import Routes
from web.trouble import Trouble, nothing_here

ON_A_PAGE = 50
COUNTED = 10_000
"""So many are counted while somebody waits for a page; more are counted when it is there."""
AT = "/desk/members"

CONSENTS: dict[Consent, Phrase] = {
    Consent.AGREED: T("agreed"),
    Consent.NOT_YET: T("hasn’t agreed yet"),
    Consent.STOPPED: T("said STOP"),
    Consent.UNREACHABLE: T("unreachable"),
}
ACTIVITIES: dict[Activity, Phrase] = {
    Activity.MONTH: T("wrote within a month"),
    Activity.QUARTER: T("wrote within three months"),
    Activity.YEAR: T("wrote within a year"),
    Activity.QUIET: T("quiet for a year"),
    Activity.TOOK_PART: T("took part before"),
    Activity.NEVER: T("never took part"),
}
PROOFS: dict[Proof, Phrase] = {
    Proof.VERIFIED: T("verified"),
    Proof.UNVERIFIED: T("not verified"),
    Proof.CLASH: T("claimed by two"),
}


class Members:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._own = desk, desk.parts, desk.own.membership

    def routes(self) -> Routes:
        routes = Routes()
        routes.page(AT, self.show)
        routes.post(f"{AT}/members.csv", self.file)
        routes.get(f"{AT}/count", self.count)
        routes.get(f"{AT}/groups", self.groups)
        routes.post(f"{AT}/groups", self.save_group)
        routes.post(f"{AT}/groups/{{id:{NUMBER}}}/drop", self.drop_group)
        return routes

    async def show(self, request: Request) -> Response:
        here = await self._desk.organiser(request)
        scope, register, now = here.authority.scope, self._own.register, here.by.at
        sought = read_sought(request.query_params)
        before = read_whole(request.query_params.get("before"))
        found = await register.page(scope, sought, now, ON_A_PAGE + 1, before)
        values: dict[str, Any] = {
            "found": found[:ON_A_PAGE],
            "next": found[ON_A_PAGE - 1].member.id if len(found) > ON_A_PAGE else None,
            "is_first": before is None,
            "sought": sought,
            "query": urlencode(sought.written()),
            "counted": await register.count(scope, sought, now, COUNTED),
            "most": COUNTED,
            **WORDS,
        }
        if request.headers.get("hx-target") == "found":
            return self._desk.fragment("desk/members-found.html", here, **values)
        groups = await self._own.groups.of(here.authority.member.id, scope)
        return self._desk.show(
            request, "desk/members.html", here, part="members", bodies=bodies_of(here), groups=groups, counts={},
            channels=CHANNELS, languages_read=await register.languages(), problem=request.query_params.get("problem"),
            longest=LONGEST_NAME, **values,
        )  # fmt: skip

    async def count(self, request: Request) -> Response:
        """All of them, however many: asked for once the page is there."""
        here = await self._desk.organiser(request)
        sought = read_sought(request.query_params)
        counted = await self._own.register.count(here.authority.scope, sought, here.by.at)
        return self._desk.fragment("desk/members-count.html", here, counted=counted, most=counted.all, query="")

    async def groups(self, request: Request) -> Response:
        """With how many are in each."""
        here = await self._desk.organiser(request)
        scope, register = here.authority.scope, self._own.register
        groups = await self._own.groups.of(here.authority.member.id, scope)
        counts = {one.id: await register.count(scope, one.sought, here.by.at, COUNTED) for one in groups}
        return self._desk.fragment("desk/members-groups.html", here, groups=groups, counts=counts, most=COUNTED)

    async def file(self, request: Request) -> Response:
        """Those that are sought, as CSV: who they are, and never what they said."""
        here, form = await self._desk.posted_by_organiser(request)
        sought = read_sought({name: str(value) for name, value in form.items()})
        scope = here.authority.scope
        body = next(iter(scope)) if scope and len(scope) == 1 else None
        await self._desk.own.deeds.note(here.by, Deed(Did.EXPORTED, "members", body, "CSV"))
        pages = self._own.register.all(scope, sought, here.by.at)
        headers = {"content-disposition": 'attachment; filename="members.csv"'}
        return StreamingResponse(_csv(pages), media_type="text/csv; charset=utf-8", headers=headers)

    # --- groups
    async def save_group(self, request: Request) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        sought = read_sought({name: str(value) for name, value in form.items()})
        name = " ".join(str(form.get("group", "")).replace("\0", "").split())[:LONGEST_NAME]
        if not name or sought.is_everybody:
            problem = "name" if not name else "everybody"
            return self._desk.go(f"{AT}?{urlencode({**sought.written(), 'problem': problem})}")
        await self._own.groups.save(here.by, here.authority.scope, name, sought)
        return self._desk.go(f"{AT}?{urlencode(sought.written())}", "group-saved")

    async def drop_group(self, request: Request, id: int) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        if not await self._own.groups.drop(here.by, here.authority.scope, id):
            raise nothing_here()
        return self._desk.go(AT, "group-dropped")


WORDS: dict[str, Any] = {
    "consents": CONSENTS, "activities": ACTIVITIES, "proofs": PROOFS, "roles": ROLES, "names_of_channels": CHANNELS,
}  # fmt: skip
"""What templates of members say things with."""


def bodies_of(here: At) -> list[Body]:
    """The living ones within their scope."""
    scope = here.authority.scope
    return [body for body in here.bodies.living if scope is None or body.slug in scope]


def find_body(here: At, slug: str) -> Body:
    """Raises Trouble where it isn't theirs."""
    found = next((body for body in bodies_of(here) if body.slug == slug), None)
    if found is None:
        raise Trouble(400, T("That isn’t a body of yours"), T("Go back, and choose one of those that are offered."))
    return found


HEADER = (
    "number", "name", "language", "channels", "offices", "consent", "agreed_at", "said_stop_at", "last_wrote_at",
    "took_part_at", "verified_at",
)  # fmt: skip


async def _csv(pages: AsyncIterator[Sequence[Listed]]) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + spreadsheets.lines([HEADER]).encode()
    async for page in pages:
        yield spreadsheets.lines(_row(one) for one in page).encode("utf-8", "replace")


def _row(one: Listed) -> list[str]:
    who = one.member
    times = (who.consented_at, who.stopped_at, one.seen_at, one.took_part_at, who.verified_at)
    agreed, stopped, *others = (time.isoformat() if time else "" for time in times)
    offices = " | ".join(f"{body}:{role.value}" for body, role in one.offices)
    kept = [str(who.id), who.name, who.language, " ".join(one.channels), offices, one.consent.value]
    return [*kept, agreed, stopped, *others]
