"""The gate: every route of the interface, with every kind of token, and with none."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.bodies import Bodies
from core.deeds import By, Via
from core.events import BodiesLoaded
from core.floods import Flow
from core.members import Address, Role
from core.tokens import LASTS_DAYS, Scope, is_token
from folkmoot.running import Channels, parts_for
from tests.api.programs import EVERY, ROOT, bearing, forgotten, idea, program, token
from tests.desk.stage import ADA, BODIES, CHIEF, DAY, LEEDS, SECRETARY, TOPICS, YORK, Stage, consultation
from tests.web.stage import serving
from web.app import create_app

HOOK = {"name": "x", "url": "https://example.org/hook", "kinds": ["idea.received"]}
BODIES_OF = {
    "/webhooks": HOOK,
    "/webhooks/{id}": HOOK,
    "/consultations/{slug}/outcome": {"outcome": "Done."},
    "/consultations/{slug}/broadcasts": {},
    "/ideas/{code}/acts": {"act": "decline", "reason": "There is no money for it."},
}
FOR_ALL = {"/me", "/bodies", "/topics", "/log", "/members", "/consultations", "/ideas", "/webhooks", "/bodies/{slug}"}
"""Lists, of which each sees what is theirs, and what is public."""


async def _operations(stage: Stage) -> list[tuple[str, str, str]]:
    """Method, path and scope of each."""
    stranger = await bearing(stage, None)
    described = (await stranger.get("/openapi.json")).json()
    return [
        (method.upper(), path, operation.get("x-scope", ""))
        for path, item in described["paths"].items()
        for method, operation in item.items()
    ]


def _address(path: str, code: str, member: int = 1) -> str:
    named = "/members/{id}" if "/members" in path else path
    filled = named.replace("{id}", str(member)) if "/members" in path else path
    values = {"{slug}": "leeds", "{code}": code, "{delivery}": "1", "{id}": "hk_0"}
    for name, value in values.items():
        filled = filled.replace(name, value)
    return filled


async def _ask(client: httpx.AsyncClient, method: str, path: str, code: str, member: int = 1) -> httpx.Response:
    sent = BODIES_OF.get(path) if method in ("POST", "PUT") else None
    if (method == "PUT" and path in ("/bodies", "/consultations/{slug}")) or (method, path) == (
        "POST",
        "/consultations",
    ):
        kind = {"content-type": "application/yaml"}
        return await client.request(method, _address(path, code), content="nothing: here", headers=kind)
    return await client.request(method, _address(path, code, member), json=sent)


@pytest.fixture
async def leeds_idea(stage: Stage) -> str:
    """Said in a consultation of Leeds’, and with Leeds: nothing of it is York’s."""
    await stage.load(consultation("leeds", bodies=("leeds",)))
    return await idea(stage, body="leeds", slug="leeds")


async def test_no_route_answers_without_a_token_that_is_good(stage: Stage, leeds_idea: str) -> None:
    good = await token(stage)
    short = await token(stage, lasts=timedelta(days=1))
    ended = await token(stage)
    member = await stage.assembly.store.member_at(CHIEF)
    assert member is not None
    await stage.assembly.desk.developers.tokens.end(By(Via.DESK, stage.clock.at, member.id), ended.token.id)
    stage.clock.at += DAY
    wrong = good.secret[:-1] + ("a" if good.secret[-1] != "a" else "b")
    operations = await _operations(stage)
    assert len(operations) > 30
    for secret in (None, "x", wrong, short.secret, ended.secret, "fm_" + "0" * 39):
        client = await bearing(stage, secret)
        for method, path, _ in operations:
            answer = await _ask(client, method, path, leeds_idea)
            assert answer.status_code == 401, (secret, method, path)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_no_route_answers_to_a_token_without_its_scope(stage: Stage, leeds_idea: str) -> None:
    operations = await _operations(stage)
    for scope in Scope:
        client = await program(stage, CHIEF, EVERY - {scope})
        for method, path, needed in operations:
            if needed == scope:
                answer = await _ask(client, method, path, leeds_idea)
                assert answer.status_code == 403, (method, path)
                assert f'scope="{scope.value}"' in answer.headers["www-authenticate"]
    assert {needed for _, path, needed in operations if path != "/me"} == {scope.value for scope in Scope}


async def test_yorks_organiser_finds_nothing_of_leeds_by_any_address(stage: Stage, leeds_idea: str) -> None:
    york, leeds, chief = [await program(stage, who) for who in (YORK, LEEDS, CHIEF)]
    ada = next(one["id"] for one in (await chief.get("/members")).json()["items"] if one["name"] == "Ada")
    for method, path, _ in await _operations(stage):
        if path in FOR_ALL:
            continue
        answer = await _ask(york, method, path, leeds_idea, ada)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await york.get("/consultations")).json()["items"] == []
    assert (await york.get("/ideas")).json()["items"] == []
    assert [one["name"] for one in (await york.get("/members")).json()["items"]] == ["Yorick"]
    for about in ("consultation:leeds", f"idea:{leeds_idea}"):
        assert (await york.get("/log", params={"about": about})).status_code == 404
    of_chief = next(one for one in (await chief.get("/log")).json()["items"] if one["did"] == "token")
    assert (await york.get("/log", params={"about": of_chief["about"]})).json()["items"] == []
    assert [one["slug"] for one in (await leeds.get("/consultations")).json()["items"]] == ["leeds"]
    assert [one["code"] for one in (await leeds.get("/ideas")).json()["items"]] == [leeds_idea]
    assert {one["name"] for one in (await leeds.get("/members")).json()["items"]} == {"Lee", "Ada"}


async def test_a_branch_organiser_writes_nothing_beyond_the_branch(stage: Stage) -> None:
    york = await program(stage, YORK)
    for audience in ("", "audience: {bodies: [leeds]}\n", "audience: {bodies: [york, leeds]}\n"):
        answer = await york.post("/consultations", content=YAML + audience, headers=AS_YAML)
        assert answer.status_code == 403
    mine = await york.post("/consultations", content=YAML + "audience: {bodies: [york]}\n", headers=AS_YAML)
    assert mine.status_code == 201
    answer = await york.put("/consultations/trams", content=YAML, headers=AS_YAML)
    assert answer.status_code == 403, "nor is what is theirs made everybody’s"
    answer = await york.put("/bodies", content="bodies:\n  york: {name: York}\n", headers=AS_YAML)
    assert answer.status_code == 403


AS_YAML = {"content-type": "application/yaml"}
YAML = "consultation: trams\ntitle: Trams\nframing: Tell us.\nprompts:\n  - text: why\n    ask: Why?\n"


@pytest.mark.parametrize("who", [SECRETARY, ADA])
async def test_who_organises_nothing_has_no_token_that_works(stage: Stage, who: Address) -> None:
    assert (await (await program(stage, who)).get("/me")).status_code == 401


async def test_a_token_ends_with_its_owners_office_for_good(stage: Stage) -> None:
    lee = await program(stage, LEEDS)
    assert (await lee.get("/me")).json()["bodies"] == ["leeds"]
    without = tuple(replace(body, members=()) for body in BODIES.all)
    await stage.assembly.store.record([BodiesLoaded(without, TOPICS)])
    assert (await lee.get("/me")).status_code == 401
    await stage.assembly.store.record([BodiesLoaded(Bodies(BODIES.all).all, TOPICS)])
    assert (await lee.get("/me")).status_code == 401, "office regained, it stays ended"


async def test_a_token_ends_when_its_owner_is_forgotten(stage: Stage) -> None:
    lee = await program(stage, LEEDS)
    await forgotten(stage, LEEDS)
    assert (await lee.get("/me")).status_code == 401


async def test_a_cookie_is_nobodys_token(stage: Stage) -> None:
    browser = await stage.at_desk(CHIEF)
    assert (await browser.get(f"{ROOT}/me")).status_code == 401
    answer = await browser.get(f"{ROOT}/openapi.json", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert "set-cookie" not in answer.headers


async def test_tokens_are_told_by_their_form_and_kept_as_digests(stage: Stage) -> None:
    made = await token(stage)
    assert is_token(made.secret)
    assert made.secret.startswith("fm_")
    assert LASTS_DAYS == (30, 90, 365)
    slip = made.secret[:10] + ("x" if made.secret[10] != "x" else "y") + made.secret[11:]
    assert not is_token(slip)
    file = Path(stage.assembly.settings.database_url.removeprefix("sqlite:///"))
    kept = await asyncio.to_thread(file.read_bytes)
    assert made.secret.encode() not in kept


# --- how fast
async def _hasty(stage: Stage, flow: Flow) -> str:
    assembly, seconds = stage.assembly, 0.0
    slow = replace(assembly.desk.developers, flow=flow, seconds=lambda: seconds)
    assembly = replace(assembly, desk=replace(assembly.desk, developers=slow))
    return await stage.open.enter_async_context(
        serving(create_app(parts_for(assembly, Channels(assembly, None, None))))
    )


async def test_whoever_asks_too_fast_is_told_when_to_go_on(stage: Stage) -> None:
    url = await _hasty(stage, Flow(4, 0.5))
    secret, another = (await token(stage)).secret, (await token(stage)).secret
    async with httpx.AsyncClient(base_url=f"{url}{ROOT}", headers={"authorization": f"Bearer {secret}"}) as client:
        answers = [await client.get("/me") for _ in range(6)]
        other = await client.get("/me", headers={"authorization": f"Bearer {another}"})
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 429, 429]
    assert [one.headers["ratelimit-remaining"] for one in answers] == ["3", "2", "1", "0", "0", "0"]
    assert answers[0].headers["ratelimit-limit"] == "4"
    assert answers[0].headers["ratelimit-reset"] == "2"
    assert answers[4].headers["retry-after"] == "4"
    assert other.status_code == 200, "each token has its own"


# --- twice
async def test_a_request_with_a_key_is_done_once_and_answered_alike(stage: Stage) -> None:
    chief = await program(stage)
    first = await chief.post("/webhooks", json=HOOK, headers={"idempotency-key": "a"})
    again = await chief.post("/webhooks", json=HOOK, headers={"idempotency-key": "a"})
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await chief.get("/webhooks")).json()["items"]) == 1
    other = await chief.post("/webhooks", json=HOOK | {"name": "y"}, headers={"idempotency-key": "a"})
    assert other.status_code == 422
    theirs = await (await program(stage)).post("/webhooks", json=HOOK, headers={"idempotency-key": "a"})
    assert theirs.json()["id"] != first.json()["id"], "another token’s keys are its own"
    stage.clock.at += DAY
    later = await chief.post("/webhooks", json=HOOK, headers={"idempotency-key": "a"})
    assert later.json()["id"] != first.json()["id"], "a day later it is forgotten"


async def test_a_request_that_is_still_being_answered_is_not_begun_again(stage: Stage) -> None:
    made = await token(stage)
    asked, now = stage.assembly.desk.developers.asked, stage.clock.at
    client = await bearing(stage, made.secret)
    answer = await client.post("/webhooks", json=HOOK, headers={"idempotency-key": "b"})
    assert answer.status_code == 201
    assert (await asked.begin(made.token.id, "c", "something", now)).__class__.__name__ == "First"
    assert (await asked.begin(made.token.id, "c", "something", now)).__class__.__name__ == "StillAnswered"


async def test_a_key_that_is_none_is_refused(stage: Stage) -> None:
    chief = await program(stage)
    answer = await chief.post("/webhooks", json=HOOK, headers={"idempotency-key": "x" * 201})
    assert answer.status_code == 400


async def test_a_token_ends_when_an_office_that_was_given_by_hand_is_taken(stage: Stage) -> None:
    chief, ada = await stage.assembly.store.member_at(CHIEF), await stage.assembly.store.member_at(ADA)
    assert chief is not None
    assert ada is not None
    register, by = stage.assembly.desk.developers.register, By(Via.DESK, stage.clock.at, chief.id)
    await register.give(by, ada.id, ("leeds", Role.ORGANISER))
    hers = await program(stage, ADA)
    assert (await hers.get("/me")).json()["bodies"] == ["leeds"]
    assert await register.take(by, ada.id, ("leeds", Role.ORGANISER))
    await register.give(by, ada.id, ("leeds", Role.ORGANISER))
    assert (await hers.get("/me")).status_code == 401, "office regained, it stays ended"


@pytest.mark.parametrize("depth", [100, 600, 900, 20_000])
async def test_what_is_nested_however_deep_is_refused_with_a_sentence(stage: Stage, depth: int) -> None:
    await stage.load(consultation("city"))
    chief, nested = await program(stage), "[" * depth + "]" * depth
    for path in ("/consultations/city/broadcasts", "/consultations"):
        answer = await chief.post(path, content=f'{{"at": {nested}}}', headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), (path, answer.text)
        assert answer.json()["detail"]
