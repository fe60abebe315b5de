"""Every address of the desk, tried by everybody: a new one fails here until somebody says what it names."""

import re
from collections.abc import Iterator, Mapping

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.routing import BaseRoute, Route

from core.members import Address
from folkmoot.running import Channels, parts_for
from storage.database import Database
from storage.schema import metadata
from tests.api.programs import idea, program
from tests.desk.stage import ADA, CHIEF, LEEDS, SECRETARY, YORK, Stage, consultation
from web.api.app import create_api, description
from web.app import create_app
from web.desk.opening import Opened

AT_THE_DOOR = ("/desk/enter", "/desk/leave")
"""For whoever isn’t in yet."""

NAMES = {
    "/desk/consultations/{slug}": "leeds",
    "/desk/drafts/{draft}": "draft",
    "/desk/ideas/{code}": "code",
    "/desk/members/{id}": "member",
    "/desk/members/{member}": "member",
    "/desk/members/groups/{id}": "1",
    "/desk/members/import/{id}": "1",
    "/desk/members/imports/{id}": "1",
    "/desk/developers/hooks/{id}": "hook",
    "/desk/developers/tokens/{id}": "token",
}
"""What is named by what stands in an address: something of Leeds’, or of somebody else’s."""


def _routes(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of each, those within others too."""
    for route in routes:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in sorted((route.methods or set()) - {"HEAD"}))
        elif isinstance(route, Opened):
            yield from _routes(route.router.routes)


def _of_the_desk(stage: Stage) -> list[tuple[str, str]]:
    app: FastAPI = create_app(parts_for(stage.assembly, Channels(stage.assembly, None, None)))
    found = [
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", path))
        for method, path in _routes(app.routes)
        if path.startswith("/desk")
    ]
    return [(method, path) for method, path in found if not path.startswith(AT_THE_DOOR)]


def _address(path: str, there: Mapping[str, str]) -> str:
    if "{" not in path:
        return path
    named = next((prefix for prefix in sorted(NAMES, key=len, reverse=True) if path.startswith(prefix)), None)
    assert named is not None, f"{path}: say in NAMES what it names"
    filled = path.replace(re.findall(r"\{\w+\}", named)[0], there.get(NAMES[named], NAMES[named]))
    return re.sub(r"\{\w+\}", "1", filled)


@pytest.fixture
async def there(stage: Stage) -> Mapping[str, str]:
    """Of Leeds’ organiser, and a member of theirs."""
    await stage.load(consultation("leeds", bodies=("leeds",)))
    ada = await stage.assembly.store.member_at(ADA)
    assert ada is not None
    lee = await stage.at_desk(LEEDS)
    hook = {"name": "x", "url": "https://example.org", "kind": "idea.received"}
    made = (await lee.post("/desk/developers/hooks", data=hook)).headers["location"]
    await lee.post("/desk/developers/tokens", data={"name": "x", "scope": "log:read", "days": "30"})
    [token] = re.findall(r"/tokens/(\d+)/end", (await lee.get("/desk/developers")).text)
    draft = await lee.post("/desk/drafts/new", data={"slug": "trams", "title": "Trams", "audience": "leeds"})
    await lee.post("/desk/members/groups", data={"name": "Ada", "group": "Adas"})
    await lee.post("/desk/members/import", files={"file": ("x.csv", b"channel,user,body\ntelegram,900,leeds\n")})
    found = re.search(r"/desk/drafts/([\w-]+)", draft.headers.get("location", ""))
    assert found, draft.text
    assert (await lee.get(found[0])).status_code == 200
    return {
        "code": await idea(stage, body="leeds", slug="leeds"),
        "member": str(ada.id),
        "hook": made.rpartition("/")[2],
        "token": token,
        "draft": found[1],
    }


NOT_COMPARED = frozenset({"sitting", "deed", "member_import", "api_token", "api_answer"})
"""What changes by itself: who came when, and a file that is being looked at."""


async def _everything(stage: Stage) -> Mapping[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }


def _form(path: str) -> Mapping[str, str]:
    """What could stand in any form of the desk: whoever may, does something with it."""
    return {
        "act": "declined", "reason": "It can’t be done.", "seen_with": "4", "as": "csv", "to": "me", "prompt": "one",
        "sure": "erase" if path.endswith("erase") else "one", "body": "leeds", "role": "organiser", "version": "1",
        "how": "open", "lose": "yes", "text": "consultation: mine\ntitle: Mine", "title.en": "Mine", "slug": "mine",
        "words-en": "We do it.", "when": "never", "least": "7", "broadcast": "B1", "token": "0123456789abcdef",
        "topic": "transport", "name": "mine", "url": "https://mine.example", "kind": "idea.received", "is_on": "yes",
        "delivery": "1", "column-0": "channel", "column-1": "user", "column-2": "body",
    }  # fmt: skip


async def _ask(browser: httpx.AsyncClient, method: str, address: str) -> httpx.Response:
    if method != "GET":
        return await browser.request(method, address, data=_form(address))
    async with browser.stream("GET", address) as answer:  # some of them never end
        return answer


async def test_nobody_gets_further_than_the_door_without_an_office(stage: Stage, there: Mapping[str, str]) -> None:
    before = await _everything(stage)
    for browser in (await stage.browser(), await stage.at_desk(ADA)):
        for method, path in _of_the_desk(stage):
            answer = await _ask(browser, method, _address(path, there))
            if method == "GET":
                assert answer.status_code == 303, (path, answer.status_code)
                assert answer.headers["location"].startswith("/desk/enter"), path
            else:  # with words in it, which aren't lost
                assert answer.status_code == 403, (path, answer.status_code)
                assert "You no longer sit at the desk" in answer.text, path
    assert await _everything(stage) == before


@pytest.mark.parametrize("who", [YORK, SECRETARY], ids=["york", "secretary"])
async def test_whoever_organises_elsewhere_finds_nothing_of_leeds_at_any_address(
    stage: Stage, there: Mapping[str, str], who: Address
) -> None:
    browser, wrong = await stage.at_desk(who), {}
    before = await _everything(stage)
    for method, path in _of_the_desk(stage):
        if "{" in path:
            answer = await _ask(browser, method, _address(path, there))
            if answer.status_code not in (403, 404):
                wrong[method, path] = answer.status_code
    assert wrong == {}
    assert await _everything(stage) == before, "and nothing was changed"


async def test_no_form_of_the_desk_is_taken_from_another_site(stage: Stage, there: Mapping[str, str]) -> None:
    """In the browser of somebody who may do it all."""
    lee, before, wrong = await stage.at_desk(LEEDS), await _everything(stage), {}
    lee.headers.update({"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"})
    for method, path in _of_the_desk(stage):
        if method != "GET":
            answer = await _ask(lee, method, _address(path, there))
            if answer.status_code != 403:
                wrong[method, path] = answer.status_code
    assert wrong == {}
    assert await _everything(stage) == before


# --- programs
OF_EVERYBODY = ("/bodies/{slug}",)
SENT = {
    "/consultations/{slug}": {"consultation": "leeds", "title": "Mine", "prompts": [{"idea": "i", "ask": "What?"}]},
    "/consultations/{slug}/outcome": {"outcome": "We do it."},
    "/consultations/{slug}/broadcasts": {},
    "/ideas/{code}/acts": {"act": "decline", "reason": "It can’t be done."},
    "/webhooks/{id}": {"name": "mine", "url": "https://mine.example", "kinds": ["idea.received"]},
}


async def test_yorks_program_finds_nothing_of_leeds_either(stage: Stage, there: Mapping[str, str]) -> None:
    parts = parts_for(stage.assembly, Channels(stage.assembly, None, None))
    assert parts.desk is not None
    named = {"consultations": "leeds", "ideas": there["code"], "members": there["member"], "webhooks": there["hook"]}
    api, wrong = await program(stage, YORK), {}
    before = await _everything(stage)
    for path, verbs in description(create_api(parts, parts.desk.developers))["paths"].items():
        if "{" not in path or path in OF_EVERYBODY:
            continue
        what = path.split("/")[1]
        assert what in named, f"{path}: say what it names"
        address = re.sub(r"\{\w+\}", "1", re.sub(r"\{\w+\}", named[what], path, count=1))
        for verb in verbs:
            answer = await api.request(verb.upper(), address, json=SENT.get(path))
            if answer.status_code not in (403, 404):
                wrong[verb, path] = answer.status_code, answer.text
    assert wrong == {}
    assert await _everything(stage) == before


async def test_what_was_never_opened_is_nowhere_in_public(stage: Stage) -> None:
    await stage.load(consultation("secret", bodies=("leeds",), is_open=False))
    app: FastAPI = create_app(parts_for(stage.assembly, Channels(stage.assembly, None, None)))
    nobody = await stage.browser()
    tried = [
        path for method, path in _routes(app.routes) if method == "GET" and path.startswith("/consultations/{slug")
    ]
    assert len(tried) > 5
    for path in tried:
        assert (await nobody.get(path.replace("{slug}", "secret"))).status_code == 404, path
    told = await nobody.get("/oembed", params={"url": f"{stage.url}/consultations/secret"})
    assert told.status_code == 404
    for path in ("/", "/consultations", "/feed.xml", "/sitemap.xml", "/board", "/chat"):
        assert "secret" not in (await nobody.get(path)).text, path


async def test_no_address_breaks_whoever_asks(stage: Stage, there: Mapping[str, str]) -> None:
    for who in (CHIEF, LEEDS):
        browser = await stage.at_desk(who)
        for method, path in _of_the_desk(stage):
            if method == "GET":
                answer = await _ask(browser, method, _address(path, there))
                assert answer.status_code < 500, (path, answer.status_code)
