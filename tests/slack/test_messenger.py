"""What becomes of a message, over real HTTP with slack-sdk's own client."""

import asyncio

import aiohttp
import pytest

from bots.slack.messenger import SlackMessenger
from bots.slack.outcomes import AGAIN, NO_TOKEN
from bots.slack.web_api import web_client
from core.deliveries import Gone, Outcome, Refused, Retry, Sent, Unknown
from core.outbound import Message
from core.places import Place
from tests.fakes.slack_server import Failure, FakeSlack
from tests.slack.conftest import Bot

DIRECT = Place("slack:T1", "U1")
CHANNEL = Place("slack:T1", "C1", private=False)


@pytest.fixture
def messenger(slack: FakeSlack, session: aiohttp.ClientSession) -> SlackMessenger:
    return SlackMessenger(web_client(session, slack.api_url, "xoxb-one"))


async def test_sent_names_the_message(slack: FakeSlack, messenger: SlackMessenger) -> None:
    outcome = await messenger.send(DIRECT, Message("Hello"))
    assert isinstance(outcome, Sent)
    assert slack.messages["DU1"][outcome.message]["text"] == "Hello"


async def test_a_message_is_changed_in_the_direct_message_it_stands_in(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    first = await messenger.send(DIRECT, Message("Question 1"))
    assert isinstance(first, Sent)
    assert await messenger.send(DIRECT, Message("Question 2", replaces=first.message)) == first
    await messenger.send(DIRECT, Message("Question 3", replaces=first.message))
    assert slack.messages["DU1"][first.message]["text"] == "Question 3"
    assert len(slack.called("conversations.open")) == 1


async def test_what_cannot_be_changed_is_said_anew(slack: FakeSlack, messenger: SlackMessenger) -> None:
    outcome = await messenger.send(CHANNEL, Message("Hello", replaces="1600000000.000001"))
    assert isinstance(outcome, Sent)
    assert outcome.message in slack.messages["C1"]


LIMITED = Failure(status=429, retry_after=7)


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (LIMITED, Retry(7, "Slack asked us to wait", whole_lane=False, counted=False, asked=True)),
        (
            Failure(status=429, error="message_limit_exceeded", retry_after=2),
            Retry(2, "Slack asked us to wait", whole_lane=True, counted=False, asked=True),
        ),
        (Failure(status=429), Retry(30, "Slack asked us to wait", counted=False, asked=True)),
        (Failure(status=500), Retry(AGAIN, "a fault at Slack (Slack answered with HTTP status 500)")),
        (
            Failure(status=503, body="no JSON"),
            Retry(AGAIN, "a fault at Slack (Slack answered with HTTP status 503)"),
        ),
        (Failure(error="internal_error"), Retry(AGAIN, "a fault at Slack (internal_error)")),
        (
            Failure(error="token_revoked"),
            Retry(NO_TOKEN, "Slack does not let us in (token_revoked)", whole_lane=True),
        ),
        (
            Failure(error="account_inactive"),
            Retry(NO_TOKEN, "Slack does not let us in (account_inactive)", whole_lane=True),
        ),
        (Failure(error="user_disabled"), Gone("user_disabled")),
        (Failure(error="msg_too_long"), Refused("msg_too_long")),
        (Failure(status=200, body="no JSON"), Unknown("Slack's answer could not be read")),
        (Failure(status=200, body='{"ok": true}'), Unknown("Slack named no message")),
        (Failure(status=200, body="[1]"), Unknown("Slack's answer could not be read")),
        (Failure(drop=True, accepted=True), Unknown("no answer from Slack (ServerDisconnectedError)")),
    ],
)
async def test_outcomes(slack: FakeSlack, messenger: SlackMessenger, failure: Failure, outcome: Outcome) -> None:
    slack.fail("chat.postMessage", failure)
    assert await messenger.send(DIRECT, Message("Hello")) == outcome
    assert len(slack.called("chat.postMessage")) == 1


async def test_a_missing_person_is_gone_and_a_missing_channel_refused(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    slack.missing |= {"U1", "C1"}
    slack.errors |= {"C2": "is_archived", "C3": "not_in_channel"}
    assert isinstance(await messenger.send(DIRECT, Message("Hello")), Gone)
    for channel in ("C1", "C2", "C3"):
        assert isinstance(await messenger.send(Place("slack:T1", channel, private=False), Message("Hello")), Refused)


async def test_a_hint_for_one_person_reaches_them_where_the_app_is_not_in_the_channel(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    slack.errors["C1"] = "not_in_channel"
    assert isinstance(await messenger.send(CHANNEL, Message("For you", only_for="U1")), Sent)
    (said,) = slack.messages["DU1"].values()
    assert said["text"] == "For you"


async def test_a_change_that_may_have_arrived_is_simply_made_again(slack: FakeSlack, messenger: SlackMessenger) -> None:
    slack.fail("chat.update", Failure(drop=True, accepted=True))
    outcome = await messenger.send(CHANNEL, Message("Hello", replaces="1.1"))
    assert outcome == Retry(AGAIN, "no answer from Slack (ServerDisconnectedError)")


async def test_other_methods_are_limited_for_the_whole_workspace(slack: FakeSlack, messenger: SlackMessenger) -> None:
    slack.fail("chat.postEphemeral", LIMITED)
    outcome = await messenger.send(CHANNEL, Message("Hello", only_for="U1"))
    assert outcome == Retry(7, "Slack asked us to wait", whole_lane=True, counted=False, asked=True)


async def test_a_slack_that_hangs_leaves_it_open_whether_it_arrived(slack: FakeSlack) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as impatient:
        slack.fail("chat.postMessage", Failure(hang=5))
        outcome = await SlackMessenger(web_client(impatient, slack.api_url, "xoxb-one")).send(DIRECT, Message("Hello"))
    assert isinstance(outcome, Unknown)


async def test_a_slack_that_cannot_be_reached_is_tried_again(slack: FakeSlack, messenger: SlackMessenger) -> None:
    await slack.stop()
    outcome = await messenger.send(DIRECT, Message("Hello"))
    assert outcome == Retry(AGAIN, "Slack could not be reached", whole_lane=True)


async def test_an_ephemeral_message_changes_through_its_address(slack: FakeSlack, messenger: SlackMessenger) -> None:
    message = Message("Changed", callback=slack.response_url(), replaces="1.1")
    assert await messenger.send(CHANNEL, message) == Sent("1.1")
    (said,) = slack.responses
    assert (said["text"], said["replace_original"]) == ("Changed", True)


async def test_an_address_that_is_over_never_makes_private_words_public(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    slack.fail("response", *[Failure(status=404, error="used_url")] * 3)
    message = Message("Private", callback=slack.response_url(), replaces="1.1")
    assert isinstance(await messenger.send(CHANNEL, message), Refused)
    assert isinstance(await messenger.send(DIRECT, message), Sent)
    alone = Message("Private", callback=slack.response_url(), only_for="U1")
    assert isinstance(await messenger.send(CHANNEL, alone), Sent)
    assert [call.method for call in slack.calls] == ["chat.postMessage", "chat.postEphemeral"]


async def test_one_post_a_second_a_channel_and_other_channels_are_not_held_up(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    slack.limits = True
    outcomes = [await messenger.send(CHANNEL, Message("Hello")) for _ in range(2)]
    other = await messenger.send(DIRECT, Message("Hello"))
    assert [type(outcome) for outcome in (*outcomes, other)] == [Sent, Retry, Sent]


async def test_messengers_find_the_token_of_a_workspace(bot: Bot) -> None:
    messenger = await bot.messengers.for_account("slack:T1")
    assert messenger is not None
    assert isinstance(await messenger.send(DIRECT, Message("Hello")), Sent)
    assert await bot.messengers.for_account("slack:T1") is messenger
    for unknown in ("slack:T2", "slack:", "telegram:1", "slack:../x"):
        assert await bot.messengers.for_account(unknown) is None


async def test_while_the_token_cannot_be_checked_the_lane_waits(bot: Bot) -> None:
    bot.slack.fail("auth.test", Failure(status=500))
    waiting = await bot.messengers.for_account("slack:T1")
    assert waiting is not None
    outcome = await waiting.send(DIRECT, Message("Hello"))
    assert isinstance(outcome, Retry)
    assert (outcome.whole_lane, outcome.counted) == (True, False)
    assert "SLACK_BOT_TOKEN" in outcome.why


async def test_many_at_once_share_the_connections(slack: FakeSlack, messenger: SlackMessenger) -> None:
    places = [Place("slack:T1", f"U{n}") for n in range(50)]
    outcomes = await asyncio.gather(*(messenger.send(place, Message("Hello")) for place in places))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
