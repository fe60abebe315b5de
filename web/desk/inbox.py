"""The inbox of ideas: what needs somebody today, then everything, to search and to sift; and several answered alike."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from core.inbox import Need, Sight, Sort, Sought, words_sought
from core.receipts import read_code
from core.standings import Stage
from core.telling import STAGES
from core.texts import Localised, Phrase, T
from web.desk.desk import At, Desk
from web.desk.offices import sight_of
from web.desk.rows import rows_of
from web.routes import Routes

ON_A_PAGE = 40
SHOWN_OF_A_NEED = 4
LONGEST_SEARCH = 200

NEEDS: dict[Need, Phrase] = {
    Need.LATE: T("Late"),
    Need.TODAY: T("Due today"),
    Need.REPLIED: T("The author has answered your question"),
    Need.APPEAL: T("Appealed"),
    Need.HIDING: T("Appealed against being hidden"),
    Need.ASTRAY: T("With no body"),
    Need.WEEK: T("Due within a week"),
    Need.OVERDUE: T("Late with others"),
}
SORTS: dict[Sort, Phrase] = {
    Sort.NEWEST: T("newest first"),
    Sort.OLDEST: T("oldest first"),
    Sort.STILL: T("longest unmoved first"),
    Sort.SUPPORTED: T("most supported first"),
}
PICKED_STAGES = (
    Stage.RECEIVED, Stage.WAITING, Stage.ACCEPTED, Stage.DECLINED, Stage.ADOPTED, Stage.CARRIED_OUT,
    Stage.NOT_CARRIED_OUT, Stage.MERGED, Stage.WITHDRAWN, Stage.CLOSED, Stage.ERASED,
)  # fmt: skip


class Inboxes:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/ideas", self.show)
        return routes

    async def show(self, request: Request) -> Response:
        here = await self._desk.at(request)
        sight, asked = await sight_of(self._desk, here), _asked(request)
        sought, inbox, bodies = _read(asked), self._desk.own.inbox, here.bodies
        now = here.by.at
        after = request.query_params.get("after", "")[:40]
        found = await inbox.find(sought, sight, bodies, now, ON_A_PAGE, after)
        rows = await rows_of(self._desk, here, found.codes)
        values: dict[str, Any] = {
            "rows": rows,
            "count": found.count,
            "is_more": found.is_more,
            "asked": {**dict.fromkeys((*FIELDS, "sort"), ""), **asked},
            "is_sifted": sought != Sought(sort=sought.sort),
            "further": _address(asked, after=found.after) if found.after else "",
            "is_further": bool(after),
            "needs": NEEDS,
            "sorts": SORTS,
            "stages": {one: STAGES[one] for one in PICKED_STAGES},
            "topics": {one.slug: one.name for one in await self._desk.parts.store.topics()},
            "bodies": _bodies(here, sight),
            "consultations": await self._consultations(here),
        }
        names = {"topic": values["topics"], "consultation": values["consultations"], "body": values["bodies"]}
        values["chips"] = _chips(here, asked, names)
        if request.headers.get("hx-target") == "found":
            return self._desk.fragment("desk/ideas-found.html", here, **values)
        is_first = sought == Sought(sort=sought.sort) and not after
        needed = await inbox.needs(sight, bodies, now) if is_first else {}
        return self._desk.show(
            request, "desk/ideas.html", here, part="ideas", **values,
            today=await self._today(here, sight, needed) if needed else [], is_first=is_first,
        )  # fmt: skip

    async def _today(self, here: At, sight: Sight, needed: Mapping[Need, int]) -> list[Mapping[str, object]]:
        """The first few of each, those that stand there already left out."""
        told, groups = set[str](), list[Mapping[str, object]]()
        codes: dict[Need, list[str]] = {}
        for need in needed:
            sought = Sought(need=need, sort=Sort.STILL)
            found = await self._desk.own.inbox.find(
                sought, sight, here.bodies, here.by.at, 2 * SHOWN_OF_A_NEED, is_counted=False
            )
            codes[need] = [code for code in found.codes if code not in told][:SHOWN_OF_A_NEED]
            told.update(codes[need])
        rows = {row.code: row for row in await rows_of(self._desk, here, sorted(told))}
        for need, count in needed.items():
            shown = [rows[code] for code in codes[need] if code in rows]
            groups.append({"need": need, "label": NEEDS[need], "count": count, "rows": shown})
        return groups

    async def _consultations(self, here: At) -> dict[str, Localised]:
        known = await self._desk.parts.store.consultations()
        sees_all = here.authority.concerns is None
        return {one.slug: one.title for one in known if sees_all or here.authority.may_run(one)}


FIELDS = ("q", "need", "stage", "body", "topic", "consultation", "attached", "hidden")


def _chips(
    here: At, asked: Mapping[str, str], names: Mapping[str, Mapping[str, Localised]]
) -> list[tuple[Phrase | str, str]]:
    """What the list was narrowed by: how each is called, and the address without it."""

    def called(name: str, value: str) -> Phrase | str:
        match name:
            case "q":
                return T("“{text}”", text=value)
            case "need":
                return NEEDS[Need(value)]
            case "stage":
                return STAGES[Stage(value)]
            case "attached":
                return T("with attachments")
            case "hidden":
                return T("words hidden")
            case _:
                known = names[name].get(value)
                return known.in_language(here.reader.language) if known else value

    without = {name: {key: value for key, value in asked.items() if key != name} for name in FIELDS if name in asked}
    return [(called(name, asked[name]), _address(rest)) for name, rest in without.items()]


def _asked(request: Request) -> dict[str, str]:
    """What was asked for, as far as it means anything."""
    query = request.query_params
    asked = {name: query.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH] for name in (*FIELDS, "sort")}
    for name, choices in (("need", Need), ("stage", Stage), ("sort", Sort)):
        if not _is_one(choices, asked[name]):
            asked[name] = ""
    return {name: value for name, value in asked.items() if value}


def _is_one(choices: type[StrEnum], value: str) -> bool:
    return any(value == choice for choice in choices)


def _read(asked: Mapping[str, str]) -> Sought:
    typed = asked.get("q", "")
    code = read_code(typed) if "-" in typed or any(one.isdecimal() for one in typed) else None
    words = words_sought(typed) or ((typed,) if typed else ())  # signs alone are no words, and find nothing
    return Sought(
        words=() if code else words,
        code=code or "",
        stage=Stage(asked["stage"]) if "stage" in asked else None,
        body=asked.get("body", ""),
        topic=asked.get("topic", ""),
        consultation=asked.get("consultation", ""),
        need=Need(asked["need"]) if "need" in asked else None,
        is_attached="attached" in asked,
        is_hidden="hidden" in asked,
        sort=Sort(asked.get("sort", Sort.STILL if "need" in asked else Sort.NEWEST)),
    )


def _address(asked: Mapping[str, str], **more: str) -> str:
    query = urlencode({**asked, **more})
    return f"/desk/ideas?{query}" if query else "/desk/ideas"


def _bodies(here: At, sight: Sight) -> dict[str, Localised]:
    theirs = sight.concerns
    return {body.slug: body.name for body in here.bodies.all if theirs is None or body.slug in theirs}
