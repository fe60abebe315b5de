"""Workspaces installing us by themselves, several at once, and leaving again."""

import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from yarl import URL

from bots.slack.installations import Installations, SignedStates
from core.deliveries import Sent
from core.inbound import Left
from core.outbound import Message
from core.places import Place
from tests.fakes.slack_sender import direct_message, event
from tests.fakes.slack_server import Failure
from tests.slack.conftest import Bot, FakeVault, Start

# slack-sdk names the client to Slack in a way that aiohttp will take for one more major version.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

COOKIE = "slack-app-oauth-state"


@pytest.fixture
async def shared(start: Start) -> AsyncIterator[Bot]:
    """No token of its own: workspaces install it."""
    async with start(bot_token="", client_id="client", client_secret="secret", public_url="https://moot.test") as bot:
        yield bot


async def install(bot: Bot, team: str, *, state: str | None = None, cookie: str | None = None) -> tuple[int, str]:
    """What a person's browser does: our page, Slack's page, and back to us with a code."""
    async with bot.session.get(f"{bot.url}/slack/install") as page:
        html = await page.text()
        issued = page.cookies[COOKIE].value
        assert page.cookies[COOKIE]["httponly"]
        assert page.cookies[COOKIE]["secure"]
    address = html.split('<a href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    async with bot.session.get(URL(f"{address}&team={team}", encoded=True), allow_redirects=False) as slack_page:
        back = urlsplit(slack_page.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == "https://moot.test/slack/oauth_redirect"
    query = {name: values[0] for name, values in parse_qs(back.query).items()} | ({"state": state} if state else {})
    headers = {"Cookie": f"{COOKIE}={cookie or issued}"}
    async with bot.session.get(f"{bot.url}/slack/oauth_redirect", params=query, headers=headers) as done:
        return done.status, await done.text()


async def test_two_workspaces_install_and_each_is_spoken_to_with_its_own_token(shared: Bot) -> None:
    for team in ("T1", "T2"):
        assert (await install(shared, team))[0] == 200
    for team in ("T1", "T2"):
        assert (await shared.sender.event(event(direct_message("Hello"), team=team)))[0] == 200
        messenger = await shared.messengers.for_account(f"slack:{team}")
        assert messenger is not None
        assert isinstance(await messenger.send(Place(f"slack:{team}", "U1"), Message("Hello")), Sent)
    assert [inbound.sender.account for inbound in shared.taken] == ["slack:T1", "slack:T2"]
    tokens = [call.token for call in shared.slack.calls if call.method == "chat.postMessage"]
    assert [shared.slack.tokens[token] for token in tokens] == ["T1", "T2"]


async def test_tokens_are_encrypted_at_rest(shared: Bot) -> None:
    await install(shared, "T1")
    (kept,) = shared.vault.at_rest.values()
    assert b"xoxb" not in kept
    found = await shared.workspaces.find("T1")
    assert found is not None
    assert found.token.startswith("xoxb-")
    assert found.token not in repr(shared.vault.at_rest)


async def test_a_forged_state_or_another_browser_installs_nothing(shared: Bot) -> None:
    assert (await install(shared, "T1", state="forged", cookie="forged"))[0] == 401
    other = await SignedStates("secret").async_issue()
    assert (await install(shared, "T1", state=other))[0] == 400
    assert shared.vault.at_rest == {}


async def test_an_installation_that_slack_refuses_or_cannot_answer_says_so(shared: Bot) -> None:
    shared.slack.fail("oauth.v2.access", Failure(error="invalid_code"))
    assert (await install(shared, "T1"))[0] == 401
    shared.slack.fail("oauth.v2.access", Failure(drop=True))
    assert (await install(shared, "T1"))[0] == 502
    assert shared.vault.at_rest == {}


async def test_a_workspace_that_takes_the_app_away_is_forgotten_at_once(shared: Bot) -> None:
    await install(shared, "T1")
    await install(shared, "T2")
    gone = event({"type": "app_uninstalled"}, team="T1", at=int(time.time()) + 1)
    assert (await shared.sender.event(gone))[0] == 200
    assert await shared.messengers.for_account("slack:T1") is None
    assert await shared.messengers.for_account("slack:T2") is not None
    revoked = event({"type": "tokens_revoked", "tokens": {"bot": ["UBOTT2"]}}, team="T2", at=int(time.time()) + 1)
    assert (await shared.sender.event(revoked))[0] == 200
    assert await shared.vault.names("slack") == ()


async def test_a_workspace_that_takes_the_app_away_has_left_its_channels_even_where_the_news_comes_twice(
    shared: Bot,
) -> None:
    await install(shared, "T1")
    await install(shared, "T2")
    ours, theirs = (Place(f"slack:{team}", "C1", private=False) for team in ("T1", "T2"))
    shared.lookup.tied = [ours, theirs]
    gone = event({"type": "app_uninstalled"}, team="T1", at=int(time.time()) + 1)
    shared.take.faults.append(ConnectionError("the database is away"))
    assert (await shared.sender.event(gone))[0] == 500
    assert await shared.messengers.for_account("slack:T1") is not None, "not yet forgotten: the news comes again"
    for attempt in (1, 2):
        assert (await shared.sender.event(gone, attempt=attempt))[0] == 200
    assert [(one.place, one.deed) for one in shared.taken] == [(ours, Left("uninstalled"))]
    await install(shared, "T1")
    assert await shared.messengers.for_account("slack:T1") is not None


async def test_late_news_of_a_departure_leaves_a_new_installation_alone(shared: Bot) -> None:
    await install(shared, "T1")
    await shared.sender.event(event({"type": "app_uninstalled"}, team="T1", at=1_700_000_000))
    assert await shared.messengers.for_account("slack:T1") is not None


async def test_a_new_token_replaces_the_old_one_in_use(shared: Bot) -> None:
    await install(shared, "T1")
    before = await shared.messengers.for_account("slack:T1")
    await install(shared, "T1")
    assert await shared.messengers.for_account("slack:T1") is not before


async def test_without_a_client_id_there_is_nothing_to_install(bot: Bot) -> None:
    for path in ("/slack/install", "/slack/oauth_redirect"):
        async with bot.session.get(bot.url + path) as answer:
            assert answer.status == 404


async def test_a_single_token_and_installations_live_side_by_side(start: Start) -> None:
    async with start(client_id="client", client_secret="secret", public_url="https://moot.test") as bot:
        await install(bot, "T2")
        for team in ("T1", "T2"):
            assert (await bot.sender.event(event(direct_message("Hello"), team=team)))[0] == 200
        assert [inbound.sender.account for inbound in bot.taken] == ["slack:T1", "slack:T2"]


async def test_states_expire_with_their_signature_and_each_is_another() -> None:
    states = SignedStates("secret")
    one, other = await states.async_issue(), await states.async_issue()
    assert one != other
    assert await states.async_consume(one)
    assert not await SignedStates("another").async_consume(one)
    assert not await states.async_consume("")


async def test_the_store_speaks_bolts_language() -> None:
    installations = Installations(FakeVault())
    assert await installations.async_find_bot(enterprise_id=None, team_id="T1") is None
    assert await installations.async_find_installation(enterprise_id="E1", team_id=None) is None
    await installations.async_delete_bot(enterprise_id=None, team_id="T1")
