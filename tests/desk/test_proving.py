"""Coming to the desk by Telegram's login and by Sign in with Slack: what is taken for a proof, and what isn't."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.bodies import Body, BodyKind
from core.events import BodiesLoaded, ConsentGiven
from core.members import Address, Role
from core.texts import Localised
from folkmoot.proving import GOOD_FOR, SLACK, SlackSignIn, TelegramLogin, proofs
from folkmoot.running import Channels, parts_for
from folkmoot.settings import Settings
from tests.desk.stage import ADA, BODIES, CHIEF, NOW, TOPICS, Stage
from tests.fakes.slack_server import FakeSlack
from tests.web.stage import serving
from web.app import create_app
from web.desk.proofs import Proofs

TOKEN = "1:a-token-that-was-made-up"
HERE = "http://desk.example.org"
SECOND = timedelta(seconds=1)
SLACKER = Address("slack:T1", "U1")


def signed(token: str = TOKEN, **fields: str) -> dict[str, str]:
    """As Telegram signs for the first organiser."""
    told = {"id": CHIEF.user, "first_name": "Chief", "auth_date": str(int(NOW.timestamp()))} | fields
    said = "\n".join(f"{name}={told[name]}" for name in sorted(told))
    key = hashlib.sha256(token.encode()).digest()
    return told | {"hash": hmac.new(key, said.encode(), hashlib.sha256).hexdigest()}


@asynccontextmanager
async def at_the_door(stage: Stage, by: Proofs) -> AsyncIterator[httpx.AsyncClient]:
    parts = parts_for(stage.assembly, Channels(stage.assembly, None, None))
    assert parts.desk is not None
    app = create_app(replace(parts, public_url=HERE, desk=replace(parts.desk, proofs=by)))
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    async with (
        serving(app, bell=stage.assembly.bell) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as browser,
    ):
        yield browser


def by_telegram(stage: Stage) -> Proofs:
    return Proofs(telegram=TelegramLogin(TOKEN, stage.assembly.vault))


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    server = await FakeSlack().start()
    yield server
    await server.stop()


def by_slack(slack: FakeSlack) -> Proofs:
    settings = Settings(
        slack_client_id="client", slack_client_secret="secret", slack_api_url=slack.api_url, public_url=HERE
    )
    return Proofs(slack=SlackSignIn(settings))


def claims(nonce: str) -> dict[str, object]:
    at = int(NOW.timestamp())
    told = {"iss": SLACK, "aud": "client", "nonce": nonce, "iat": at, "exp": at + 300}
    return told | {f"{SLACK}/team_id": SLACKER.account.partition(":")[2], f"{SLACK}/user_id": SLACKER.user}


# --- Telegram
async def test_whom_telegram_signs_for_comes_in(stage: Stage) -> None:
    async with at_the_door(stage, by_telegram(stage)) as browser:
        assert "Log in with Telegram" in (await browser.get("/desk/enter")).text
        led = await browser.get("/desk/enter/by/telegram?then=/desk/log")
        asked = parse_qs(urlsplit(led.headers["location"]).query)
        assert led.headers["location"].startswith("https://oauth.telegram.org/auth?")
        assert asked["bot_id"] == ["1"]
        assert asked["origin"] == [HERE]
        assert asked["return_to"] == [f"{HERE}/desk/enter/telegram"]
        came = await browser.post("/desk/enter/telegram", data=signed())
        assert came.headers["location"] == "/desk/log"
        assert (await browser.get("/desk/log")).status_code == 200


async def test_what_is_shown_a_second_time_proves_nothing(stage: Stage) -> None:
    shown = signed()
    async with at_the_door(stage, by_telegram(stage)) as browser:
        await browser.get("/desk/enter/by/telegram")
        assert (await browser.post("/desk/enter/telegram", data=shown)).status_code == 303
    async with at_the_door(stage, by_telegram(stage)) as another:
        await another.get("/desk/enter/by/telegram")
        assert (await another.post("/desk/enter/telegram", data=shown)).status_code == 403
        assert "/desk/enter" in (await another.get("/desk/log")).headers["location"]


@pytest.mark.parametrize(
    "fields",
    [
        signed("2:another-bots"),
        signed() | {"id": "2"},
        signed() | {"hash": ""},
        signed() | {"hash": "é" * 64},
        signed(auth_date=str(int((NOW - GOOD_FOR - SECOND).timestamp()))),
        signed(auth_date=str(int((NOW + GOOD_FOR).timestamp()))),
        signed(auth_date="-1"),
        signed(id="1 OR 1"),
        {},
    ],
    ids=range(9),
)
async def test_what_telegram_has_not_signed_for_just_now_proves_nothing(stage: Stage, fields: dict[str, str]) -> None:
    async with at_the_door(stage, by_telegram(stage)) as browser:
        await browser.get("/desk/enter/by/telegram")
        assert (await browser.post("/desk/enter/telegram", data=fields)).status_code == 403


async def test_a_browser_that_never_set_out_is_sent_to_the_door(stage: Stage) -> None:
    """Else somebody could be put into another's sitting by a link."""
    async with at_the_door(stage, by_telegram(stage)) as browser:
        assert (await browser.post("/desk/enter/telegram", data=signed())).status_code == 403
        await browser.get("/desk/enter/by/telegram")
        elsewhere = {"sec-fetch-site": "cross-site"}
        assert (await browser.post("/desk/enter/telegram", data=signed(), headers=elsewhere)).status_code == 403
        assert (await browser.post("/desk/enter/telegram", data=signed())).status_code == 303


async def test_a_member_without_an_office_is_told_kindly_and_sits_nowhere(stage: Stage) -> None:
    async with at_the_door(stage, by_telegram(stage)) as browser:
        await browser.get("/desk/enter/by/telegram")
        refused = await browser.post("/desk/enter/telegram", data=signed(id=ADA.user))
        nobody = await browser.post("/desk/enter/telegram", data=signed(id="999999"))
    assert (refused.status_code, nobody.status_code) == (403, 403)
    assert "The desk isn’t open to you" in refused.text
    assert refused.text == nobody.text, "nobody learns from it who is a member"
    ada = await stage.turn(ADA)
    assert await stage.assembly.desk.sittings.of(ada.id, NOW) == ()


async def test_what_stands_in_the_address_is_shown_and_not_taken(stage: Stage) -> None:
    shown = signed()
    async with at_the_door(stage, by_telegram(stage)) as browser:
        await browser.get("/desk/enter/by/telegram")
        page = await browser.get("/desk/enter/telegram", params=shown | {"first_name": '"><script>'})
        assert f'name="hash" value="{shown["hash"]}"' in page.text
        assert '"><script>' not in page.text
        assert "set-cookie" not in page.headers
        assert (await browser.get("/desk/log")).status_code == 303


# --- Slack
async def test_whom_slack_tells_of_comes_in(stage: Stage, slack: FakeSlack) -> None:
    hall = Body("hall", Localised.of("Hall"), BodyKind.COMMITTEE, ((SLACKER, Role.SECRETARY),))
    await stage.assembly.store.record([BodiesLoaded((*BODIES.all, hall), TOPICS)])
    await stage.turn(SLACKER, ConsentGiven(NOW))
    async with at_the_door(stage, by_slack(slack)) as browser:
        assert "Sign in with Slack" in (await browser.get("/desk/enter")).text
        led = await browser.get("/desk/enter/by/slack?then=/desk/ideas")
        asked = parse_qs(urlsplit(led.headers["location"]).query)
        assert asked["scope"] == ["openid"], "neither their address nor their name"
        assert asked["redirect_uri"] == [f"{HERE}/desk/enter/slack"]
        slack.identities["code-1"] = claims(asked["nonce"][0])
        back = {"code": "code-1", "state": asked["state"][0]}
        came = await browser.get("/desk/enter/slack", params=back)
        assert came.headers["location"] == "/desk/ideas"
        assert (await browser.get("/desk/sittings")).status_code == 200
        assert (await browser.get("/desk/enter/slack", params=back)).status_code == 403, "each way back is gone once"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"aud": "another app"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(NOW.timestamp()) - 1},
        {"exp": "never"},
        {"iat": int((NOW - GOOD_FOR - SECOND).timestamp())},
        {f"{SLACK}/user_id": None},
        {f"{SLACK}/team_id": ""},
    ],
    ids=str,
)
async def test_what_slack_says_to_others_or_too_late_proves_nothing(
    stage: Stage, slack: FakeSlack, wrong: dict[str, object]
) -> None:
    sign_in = by_slack(slack).slack
    assert sign_in is not None
    slack.identities["good"], slack.identities["bad"] = claims("n"), claims("n") | wrong
    assert await sign_in.who("good", "n", NOW) == SLACKER
    assert await sign_in.who("bad", "n", NOW) is None
    assert await sign_in.who("good", "n", NOW) is None, "a code is good once"


async def test_where_slack_is_not_reached_nobody_comes_in(stage: Stage, slack: FakeSlack) -> None:
    sign_in = by_slack(slack).slack
    assert sign_in is not None
    await slack.stop()
    assert await sign_in.who("good", "n", NOW) is None


async def test_a_state_that_this_browser_was_not_given_is_not_taken(stage: Stage, slack: FakeSlack) -> None:
    async with at_the_door(stage, by_slack(slack)) as browser:
        assert (await browser.get("/desk/enter/slack", params={"code": "x", "state": "y"})).status_code == 403
        await browser.get("/desk/enter/by/slack")
        for state in ("", "y", "é"):
            answer = await browser.get("/desk/enter/slack", params={"code": "x", "state": state})
            assert answer.status_code == 403
    assert slack.called("openid.connect.token") == [], "Slack isn't even asked"


# --- where it isn't set up
async def test_without_a_platform_there_is_no_such_way(stage: Stage) -> None:
    async with at_the_door(stage, Proofs()) as browser:
        door = (await browser.get("/desk/enter")).text
        found = [await browser.get(f"/desk/enter/by/{name}") for name in ("telegram", "slack")]
    assert "Log in with Telegram" not in door
    assert "Sign in with Slack" not in door
    assert [one.status_code for one in found] == [404, 404]


def test_only_what_is_set_up_and_reached_from_outside_is_offered(stage: Stage) -> None:
    vault = stage.assembly.vault
    slack = {"slack_client_id": "c", "slack_client_secret": "s", "slack_signing_secret": "x"}
    assert proofs(Settings(telegram_bot_token=TOKEN), vault) == Proofs()
    assert proofs(Settings(telegram_bot_token=TOKEN, public_url=HERE), vault).telegram is not None
    assert proofs(Settings(public_url=HERE, **slack), vault).slack is not None  # type: ignore[arg-type]  # all are words
    assert proofs(Settings(public_url=HERE, slack_bot_token="xoxb", slack_app_token="xapp"), vault).slack is None
