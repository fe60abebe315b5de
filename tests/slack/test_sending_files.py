"""A file that a message carries, over real HTTP with slack-sdk's own client."""

import aiohttp
import pytest

from bots.slack.messenger import SlackMessenger
from bots.slack.outcomes import AGAIN, NO_TOKEN
from bots.slack.web_api import web_client
from core.deliveries import Gone, Outcome, Refused, Retry, Sent, Unknown
from core.outbound import File, Key, Message, Picture
from core.places import Place
from tests.fakes.slack_server import Failure, FakeSlack
from tests.slack.test_messenger import CHANNEL, DIRECT

KEPT = File("what-we-keep.yaml", "application/yaml", "name: Ada Ĉapel 🌳\n")
HERE = Message("Here is everything.", keys=((Key("Thank you", "home"),),), file=KEPT)
LIMITED = Failure(status=429, retry_after=7)


class Pauses(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def messenger(slack: FakeSlack, session: aiohttp.ClientSession, pauses: Pauses) -> SlackMessenger:
    return SlackMessenger(web_client(session, slack.api_url, "xoxb-one"), pauses)


def words(slack: FakeSlack, channel: str = "DU1") -> list[str]:
    return [message["text"] for message in slack.messages[channel].values()]


async def test_the_words_come_with_their_buttons_and_the_file_after_them(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    outcome = await messenger.send(DIRECT, HERE)
    assert isinstance(outcome, Sent)
    assert slack.messages["DU1"][outcome.message]["text"] == "Here is everything."
    (file,) = slack.files.shown("DU1")
    assert (file.name, file.content) == (KEPT.name, KEPT.text.encode())
    assert [call.method for call in slack.calls] == [
        "conversations.open",
        "files.getUploadURLExternal",
        "chat.postMessage",
        "files.completeUploadExternal",
    ]


async def test_a_file_of_megabytes_arrives_whole(slack: FakeSlack, messenger: SlackMessenger) -> None:
    text = "a line: of it\n" * 200_000
    assert isinstance(await messenger.send(DIRECT, Message("Here", file=File("a.yaml", "text/plain", text))), Sent)
    (file,) = slack.files.shown("DU1")
    assert file.content == text.encode()


async def test_the_words_may_change_an_earlier_message(slack: FakeSlack, messenger: SlackMessenger) -> None:
    first = await messenger.send(DIRECT, Message("Well?"))
    assert isinstance(first, Sent)
    assert await messenger.send(DIRECT, Message("Here", replaces=first.message, file=KEPT)) == first
    assert words(slack) == ["Here"]
    assert len(slack.files.shown("DU1")) == 1
    gone = Message("Here again", replaces="1600000000.000001", file=KEPT)
    assert isinstance(await messenger.send(DIRECT, gone), Sent)
    assert words(slack) == ["Here", "Here again"]
    assert len(slack.files.shown("DU1")) == 2


LACKING = "the words arrived, but not the file: the app lacks a permission; install it again from the manifest"


async def test_an_older_installation_sends_the_words_and_says_what_is_missing(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    slack.files.lacks_scope = True
    assert await messenger.send(DIRECT, HERE) == Refused(LACKING)
    assert words(slack) == ["Here is everything."]


@pytest.mark.parametrize(
    ("restricted", "text"),
    [("file_upload_size_restricted", "a: 1"), ("file_uploads_disabled", "a: 1"), ("", "")],
    ids=["too large", "forbidden", "empty"],
)
async def test_a_file_that_slack_does_not_take_is_refused_and_the_words_arrive(
    slack: FakeSlack, messenger: SlackMessenger, restricted: str, text: str
) -> None:
    slack.files.restricted = restricted
    outcome = await messenger.send(DIRECT, Message("Here", file=File("a.yaml", "text/plain", text)))
    assert isinstance(outcome, Refused)
    assert outcome.why.startswith("the words arrived, but not the file: ")
    assert words(slack) == ["Here"]
    assert slack.files.shown("DU1") == []


BEFORE_THE_WORDS: list[tuple[str, Failure, Outcome]] = [
    (
        "files.getUploadURLExternal",
        LIMITED,
        Retry(7, "Slack asked us to wait", whole_lane=True, counted=False, asked=True),
    ),
    (
        "files.getUploadURLExternal",
        Failure(error="token_revoked"),
        Retry(NO_TOKEN, "Slack does not let us in (token_revoked)", whole_lane=True),
    ),
    (
        "files.getUploadURLExternal",
        Failure(drop=True, accepted=True),
        Retry(AGAIN, "no answer from Slack (ServerDisconnectedError)"),
    ),
    ("files.getUploadURLExternal", Failure(body="no JSON"), Retry(AGAIN, "Slack's answer could not be read")),
    ("files.getUploadURLExternal", Failure(body='{"ok": true}'), Retry(AGAIN, "Slack named no place for the file")),
    (
        "files.getUploadURLExternal",
        Failure(body='{"ok": true, "file_id": "F1", "upload_url": "nowhere"}'),
        Retry(AGAIN, "no answer from Slack (InvalidUrlClientError)"),
    ),
    ("upload", LIMITED, Retry(7, "Slack asked us to wait", counted=False)),
    ("upload", Failure(status=503), Retry(AGAIN, "a fault at Slack (HTTP status 503)")),
    ("upload", Failure(drop=True), Retry(AGAIN, "no answer from Slack (ServerDisconnectedError)")),
    ("conversations.open", Failure(error="user_disabled"), Gone("user_disabled")),
]


@pytest.mark.parametrize(("method", "failure", "expected"), BEFORE_THE_WORDS)
async def test_what_fails_before_the_words_leaves_nothing_said(
    slack: FakeSlack, messenger: SlackMessenger, method: str, failure: Failure, expected: Outcome
) -> None:
    slack.fail(method, failure)
    assert await messenger.send(DIRECT, HERE) == expected
    assert words(slack) == []
    assert slack.files.shown("DU1") == []


async def test_an_upload_that_is_refused_lets_the_words_through(slack: FakeSlack, messenger: SlackMessenger) -> None:
    slack.fail("upload", Failure(status=403))
    assert isinstance(await messenger.send(DIRECT, HERE), Refused)
    assert words(slack) == ["Here is everything."]


async def test_words_that_have_to_wait_take_their_file_along(slack: FakeSlack, messenger: SlackMessenger) -> None:
    slack.fail("chat.postMessage", LIMITED)
    assert isinstance(await messenger.send(DIRECT, HERE), Retry)
    assert slack.files.shown("DU1") == []
    assert isinstance(await messenger.send(DIRECT, HERE), Sent)
    assert (words(slack), len(slack.files.shown("DU1"))) == (["Here is everything."], 1)


async def test_a_file_waits_its_turn_without_the_words_being_said_again(
    slack: FakeSlack, messenger: SlackMessenger, pauses: Pauses
) -> None:
    slack.fail("files.completeUploadExternal", LIMITED, Failure(status=429, retry_after=600))
    assert isinstance(await messenger.send(DIRECT, HERE), Sent)
    assert pauses == [7, 30]
    assert (words(slack), len(slack.files.shown("DU1"))) == (["Here is everything."], 1)


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([LIMITED] * 9, Unknown),
        ([Failure(drop=True, accepted=True)], Unknown),
        ([Failure(body="no JSON")], Unknown),
        ([Failure(error="file_not_found")], Refused),
        ([Failure(error="channel_not_found")], Gone),
    ],
    ids=["waited in vain", "broken connection", "unreadable", "refused", "gone"],
)
async def test_what_fails_after_the_words_is_not_begun_afresh(
    slack: FakeSlack, messenger: SlackMessenger, failures: list[Failure], expected: type[Outcome]
) -> None:
    slack.fail("files.completeUploadExternal", *failures)
    assert type(await messenger.send(DIRECT, HERE)) is expected
    assert words(slack) == ["Here is everything."]


async def test_what_one_person_of_a_channel_asked_for_reaches_them_directly(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    alone = Message("Here", only_for="U1", file=KEPT)
    assert isinstance(await messenger.send(CHANNEL, alone), Sent)
    pressed = Message("Here", callback=slack.response_url(), only_for="U1", file=KEPT)
    assert isinstance(await messenger.send(CHANNEL, pressed), Sent)
    assert slack.files.shown("C1") == []
    assert len(slack.files.shown("DU1")) == 2


async def test_a_file_for_a_channel_stands_in_its_thread(slack: FakeSlack, messenger: SlackMessenger) -> None:
    thread = Place("slack:T1", "C1", private=False, thread="1.1")
    assert isinstance(await messenger.send(thread, HERE), Sent)
    (file,) = slack.files.shown("C1")
    assert file.thread == "1.1"


async def test_a_channel_is_not_gone_because_one_of_it_cannot_be_reached(
    slack: FakeSlack, messenger: SlackMessenger
) -> None:
    slack.fail("conversations.open", Failure(error="user_not_found"))
    assert isinstance(await messenger.send(CHANNEL, Message("Here", only_for="U9", file=KEPT)), Refused)


@pytest.mark.parametrize(("alt", "taken"), [("Parks 3, buses 4", "Parks 3, buses 4"), ("x" * 2000, "x" * 1000)])
async def test_a_picture_comes_after_its_words_with_what_is_read_out_instead(
    slack: FakeSlack, messenger: SlackMessenger, alt: str, taken: str
) -> None:
    picture = Picture("chart.png", "image/png", b"\x89PNG\r\n\xff\x00", alt)
    assert isinstance(await messenger.send(DIRECT, Message("So far", file=picture)), Sent)
    (file,) = slack.files.shown("DU1")
    assert (file.name, file.content, file.alt) == ("chart.png", picture.content, taken)
    assert words(slack) == ["So far"]
