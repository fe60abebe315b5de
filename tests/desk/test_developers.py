"""Developers' part of the desk: tokens shown once, webhooks with their log, each organiser's own alone."""

import re

import pytest

from core.tokens import is_token
from tests.api.programs import bearing
from tests.desk.stage import ADA, CHIEF, LEEDS, SECRETARY, YORK, Stage

TOKEN = {"name": "Website <b>", "scope": ["consultations:read", "ideas:read"], "days": "30"}
HOOK = {"name": "Newsletter", "url": "https://example.org/hook", "kind": ["idea.received"]}


async def _token(stage: Stage, client: object) -> str:
    page = await client.post("/desk/developers/tokens", data=TOKEN)  # type: ignore[attr-defined]  # a browser
    [secret] = re.findall(r"fm_\w+", page.text)
    return str(secret)


async def test_a_token_is_shown_once_and_lets_a_program_in(stage: Stage) -> None:
    lee = await stage.at_desk(LEEDS)
    secret = await _token(stage, lee)
    assert is_token(secret)
    page = (await lee.get("/desk/developers")).text
    assert secret not in page
    assert "Website &lt;b&gt;" in page
    me = (await (await bearing(stage, secret)).get("/me")).json()
    assert (me["scopes"], me["bodies"]) == (["consultations:read", "ideas:read"], ["leeds"])
    assert "made an access token" in (await (await stage.at_desk(CHIEF)).get("/desk/log")).text


async def test_a_token_is_ended_by_its_button_and_by_its_owner_alone(stage: Stage) -> None:
    lee, york = await stage.at_desk(LEEDS), await stage.at_desk(YORK)
    client = await bearing(stage, await _token(stage, lee))
    [number] = re.findall(r"/desk/developers/tokens/(\d+)/end", (await lee.get("/desk/developers")).text)
    assert (await york.post(f"/desk/developers/tokens/{number}/end")).status_code == 404
    assert (await client.get("/me")).status_code == 200
    assert (await lee.post(f"/desk/developers/tokens/{number}/end")).status_code == 303
    assert (await client.get("/me")).status_code == 401


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ({"name": " "}, "Give it a name"),
        ({"name": "x" * 61}, "Give it a name"),
        ({"scope": []}, "Choose what it may do"),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_stays(
    stage: Stage, slip: dict[str, object], sentence: str
) -> None:
    chief = await stage.at_desk()
    page = await chief.post("/desk/developers/tokens", data={**TOKEN, **slip})
    assert page.status_code == 422
    assert sentence in page.text
    assert not re.findall(r"fm_\w+", page.text)
    assert re.search(r'value="30"\s+checked', page.text)


async def test_a_webhook_is_set_up_changed_tried_and_ended(stage: Stage) -> None:
    chief = await stage.at_desk()
    where = (await chief.post("/desk/developers/hooks", data=HOOK)).headers["location"]
    page = (await chief.get(where)).text
    assert "Nothing was delivered yet" in page
    assert "whsec_" not in page
    shown = re.findall(r"whsec_[\w+/=]+", (await chief.post(f"{where}/secret")).text)
    changed = re.findall(r"whsec_[\w+/=]+", (await chief.post(f"{where}/rotate")).text)
    assert changed[1:] == shown
    assert (await chief.post(f"{where}/test")).status_code == 303
    page = (await chief.get(where)).text
    assert "waits to be tried" in page
    [delivery] = re.findall(r'name="delivery" value="(\d+)"', page)
    assert (await chief.post(f"{where}/again", data={"delivery": delivery})).status_code == 303
    assert (await chief.post(f"{where}/again", data={"delivery": "999"})).status_code == 404
    assert (await chief.post(where, data=HOOK | {"name": "Letters"})).status_code == 303
    assert "switched off by hand" in (await chief.get(where)).text
    assert (await chief.post(f"{where}/end")).status_code == 303
    assert (await chief.get(where)).status_code == 404


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ({"url": "http://example.org"}, "https://"),
        ({"kind": []}, "Choose what it is told of"),
        ({"name": ""}, "a name"),
    ],
)
async def test_a_webhook_with_a_mistake_is_not_set_up(stage: Stage, slip: dict[str, object], sentence: str) -> None:
    chief = await stage.at_desk()
    page = await chief.post("/desk/developers/hooks", data={**HOOK, **slip})
    assert page.status_code == 422
    assert sentence in page.text
    assert "You have no webhook yet" in page.text


async def test_nobody_finds_somebody_elses_webhook(stage: Stage) -> None:
    chief, york = await stage.at_desk(CHIEF), await stage.at_desk(YORK)
    where = (await chief.post("/desk/developers/hooks", data=HOOK)).headers["location"]
    assert (await york.get(where)).status_code == 404
    for act in ("", "/secret", "/rotate", "/test", "/again", "/end"):
        assert (await york.post(f"{where}{act}", data=HOOK)).status_code == 404
    assert "Newsletter" in (await chief.get(where)).text


async def test_it_is_for_organisers(stage: Stage) -> None:
    assert (await (await stage.at_desk(SECRETARY)).get("/desk/developers")).status_code == 403
    assert (await (await stage.at_desk(SECRETARY)).post("/desk/developers/tokens", data=TOKEN)).status_code == 403
    assert (await (await stage.at_desk(ADA)).get("/desk/developers")).status_code == 303
    browser = await stage.at_desk()
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    assert (await browser.post("/desk/developers/tokens", data=TOKEN, headers=elsewhere)).status_code == 403


async def test_the_reference_tells_of_every_operation_and_is_for_all(stage: Stage) -> None:
    browser = await stage.browser()
    page = await browser.get("/developers")
    assert page.status_code == 200
    described = (await browser.get("/api/v1/openapi.json")).json()
    for path, item in described["paths"].items():
        for operation in item.values():
            assert operation["summary"] in page.text
        assert f"<code>{path}</code>" in page.text
    assert '<script src="http' not in page.text
