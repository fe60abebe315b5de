"""Developers' part of the desk: access tokens, webhooks, and what was delivered to them. Each has their own alone."""

from dataclasses import replace
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from core.deeds import Deed, Did, of_hook
from core.hooks import LONGEST_NAME as LONGEST_HOOK_NAME
from core.hooks import TOLD, DeliveryState, Happened, Hook, HookDelivery, read_address
from core.numerals import read_whole
from core.texts import Phrase, T
from core.tokens import LASTS_DAYS, LONGEST_NAME, MEANS, Scope
from web.api.door import ROOT
from web.desk.desk import At, Desk
from web.desk.numbers import NUMBER
from web.hooks import HookKeys, new_hook
from web.routes import Routes
from web.trouble import nothing_here

ON_A_PAGE = 50

STATES: dict[DeliveryState, Phrase] = {
    DeliveryState.WAITING: T("waits to be tried"),
    DeliveryState.CLAIMED: T("on its way"),
    DeliveryState.DELIVERED: T("delivered"),
    DeliveryState.GIVEN_UP: T("given up"),
}
WHYS: dict[str, Phrase] = {
    "no answer in time": T("It didn’t answer within ten seconds."),
    "refused": T("It answered with another status than 200 to 299."),
    "redirects aren't followed": T("It answered with a redirect, which isn’t followed."),
    "not a public address": T("Its address leads to a network that isn’t public."),
    "no such host": T("There is no host of that name."),
    "no connection": T("There was no connection."),
    "no valid certificate": T("Its certificate isn’t valid."),
    "no answer that is HTTP": T("Its answer wasn’t HTTP."),
    "no secret": T("It has no secret to sign with that can be read. Change its secret."),
    "our fault": T("By a fault of ours it couldn’t be told. Whoever runs the server finds it in the log."),
    "off": T("The webhook was off for longer than a day."),
}
OFFS: dict[str, Phrase] = {
    "": T("It was switched off by hand."),
    "failed": T("It was switched off: for three days nothing reached it."),
    "gone": T("It was switched off: it answered that it is gone."),
    "left office": T("It was switched off with your office."),
}


class DevelopersRoom:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._own = desk, desk.own.developers
        self._keys = HookKeys(self._own.vault)

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/developers", self.show)
        routes.post("/desk/developers/tokens", self.make_token)
        routes.post(f"/desk/developers/tokens/{{id:{NUMBER}}}/end", self.end_token)
        routes.post("/desk/developers/hooks", self.make_hook)
        routes.page("/desk/developers/hooks/{id}", self.hook)
        routes.post("/desk/developers/hooks/{id}", self.change_hook)
        for act, what in (
            ("end", self.end_hook), ("secret", self.show_secret), ("rotate", self.rotate), ("test", self.test),
            ("again", self.again),
        ):  # fmt: skip
            routes.post(f"/desk/developers/hooks/{{id}}/{act}", what)
        return routes

    async def show(self, request: Request) -> Response:
        return await self._page(request, await self._desk.organiser(request))

    async def _page(self, request: Request, here: At, *, status: int = 200, **values: object) -> Response:
        member = here.authority.member.id
        blank: dict[str, object] = {
            "shown": None, "token_problem": None, "typed": {"name": "", "scopes": [], "days": LASTS_DAYS[1]},
            "hook_problem": None, "hook_typed": {"name": "", "url": "", "kinds": []},
        }  # fmt: skip
        return self._desk.show(
            request, "desk/developers.html", here, part="developers", status=status,
            tokens=await self._own.tokens.of(member), hooks=await self._own.hooks.of(member), scopes=MEANS,
            lasts=LASTS_DAYS, told=TOLD, root=ROOT, longest=LONGEST_NAME, **(blank | values),
        )  # fmt: skip

    # --- tokens
    async def make_token(self, request: Request) -> Response:
        """Shown on the page that answers, and never again."""
        here, form = await self._desk.posted_by_organiser(request)
        name = _words(form, "name")
        scopes = [scope for scope in Scope if scope.value in form.getlist("scope")]
        days = next((days for days in LASTS_DAYS if str(days) == form.get("days")), LASTS_DAYS[1])
        problem: Phrase | None = None
        if not name or len(name) > LONGEST_NAME:
            problem = T("Give it a name of 1 to {most} letters, by which you will know it again.", most=LONGEST_NAME)
        elif not scopes:
            problem = T("Choose what it may do.")
        made = None if problem else await self._own.tokens.make(here.by, name, scopes, timedelta(days=days))
        if made is None:
            problem = problem or T("You have as many tokens as anybody may have. End one first.")
            typed = {"name": name, "scopes": [scope.value for scope in scopes], "days": days}
            return await self._page(request, here, status=422, token_problem=problem, typed=typed)
        return await self._page(request, here, shown=made)

    async def end_token(self, request: Request, id: int) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        if not await self._own.tokens.end(here.by, id):
            raise nothing_here()
        return self._desk.go("/desk/developers", "token-ended")

    # --- webhooks
    async def make_hook(self, request: Request) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        name, url, kinds, problem = self._read_hook(form)
        if problem is None:
            hook = new_hook(here.authority.member.id, name, url, kinds, here.by.at)
            await self._keys.begin(hook.id)
            if await self._own.hooks.make(here.by, hook):
                return self._desk.go(f"/desk/developers/hooks/{hook.id}", "hook-made")
            await self._keys.drop(hook.id)
            problem = T("You have as many webhooks as anybody may have. End one first.")
        typed = {"name": name, "url": url, "kinds": [kind.value for kind in kinds]}
        return await self._page(request, here, status=422, hook_problem=problem, hook_typed=typed)

    async def hook(self, request: Request, id: str) -> Response:
        here = await self._desk.organiser(request)
        return await self._hook_page(request, here, await self._found(here, id))

    async def change_hook(self, request: Request, id: str) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        hook = await self._found(here, id)
        name, url, kinds, problem = self._read_hook(form)
        changed = replace(hook, name=name, url=url, kinds=kinds).switched(is_on=form.get("is_on") == "yes")
        if problem:
            return await self._hook_page(request, here, changed, status=422, problem=problem)
        await self._own.hooks.change(here.by, changed)
        return self._desk.go(f"/desk/developers/hooks/{id}", "hook-changed")

    async def end_hook(self, request: Request, id: str) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        await self._found(here, id)
        await self._own.hooks.end(here.by, id)
        return self._desk.go("/desk/developers", "hook-ended")

    async def show_secret(self, request: Request, id: str) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        hook = await self._found(here, id)
        return await self._hook_page(request, here, hook, secrets=await self._keys.of(hook.id))

    async def rotate(self, request: Request, id: str) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        hook = await self._found(here, id)
        await self._keys.rotate(hook.id, here.by.at)
        await self._desk.own.deeds.note(here.by, Deed(Did.HOOK, of_hook(hook.id)))
        return await self._hook_page(request, here, hook, secrets=await self._keys.of(hook.id))

    async def test(self, request: Request, id: str) -> Response:
        here, _ = await self._desk.posted_by_organiser(request)
        hook = await self._found(here, id)
        await self._own.hooks.test(hook.id, here.by.at)
        return self._desk.go(f"/desk/developers/hooks/{id}", "hook-tested")

    async def again(self, request: Request, id: str) -> Response:
        here, form = await self._desk.posted_by_organiser(request)
        hook, number = await self._found(here, id), read_whole(form.get("delivery"))
        known = await self._own.hooks.log(hook.id, 1, number + 1) if number else []
        if not known or known[0].id != number:
            raise nothing_here()
        await self._own.hooks.again(hook.id, number, here.by.at)
        return self._desk.go(f"/desk/developers/hooks/{id}", "hook-again")

    async def _hook_page(
        self, request: Request, here: At, hook: Hook, *, status: int = 200, **values: object
    ) -> Response:
        before = read_whole(request.query_params.get("before"))
        log = list(await self._own.hooks.log(hook.id, ON_A_PAGE + 1, before))
        more = log[ON_A_PAGE - 1].id if len(log) > ON_A_PAGE else None
        blank: dict[str, object] = {"secrets": (), "problem": None}
        return self._desk.show(
            request, "desk/developers-hook.html", here, part="developers", status=status, hook=hook,
            log=log[:ON_A_PAGE], earlier=more, told=TOLD, states=STATES, why=_why, off=OFFS.get(hook.off_why, OFFS[""]),
            about=_about, **(blank | values),
        )  # fmt: skip

    # --- whose they are
    async def _found(self, here: At, id: str) -> Hook:
        found = await self._own.hooks.find(here.authority.member.id, id)
        if found is None:
            raise nothing_here()
        return found

    def _read_hook(self, form: FormData) -> tuple[str, str, frozenset[Happened], Phrase | None]:
        name, url = _words(form, "name"), _words(form, "url")
        kinds = frozenset(kind for kind in TOLD if kind.value in form.getlist("kind"))
        address = read_address(url, may_go_anywhere=self._own.hooks_may_go_anywhere)
        problem, url = (address, url) if isinstance(address, Phrase) else (None, address)
        if not name or len(name) > LONGEST_HOOK_NAME:
            most = LONGEST_HOOK_NAME
            problem = T("Give it a name of 1 to {most} letters, by which you will know it again.", most=most)
        elif not problem and not kinds:
            problem = T("Choose what it is told of.")
        return name, url, kinds, problem


def _words(form: FormData, field: str) -> str:
    return " ".join(str(form.get(field, "")).replace("\0", "").split())


def _why(one: HookDelivery) -> Phrase | None:
    return WHYS.get(one.why) if one.why else None


def _about(one: HookDelivery) -> Phrase:
    return TOLD.get(one.kind, T("A test"))
