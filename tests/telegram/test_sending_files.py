"""A file that a message carries, by the real client library over real HTTP."""

import io
import json

import aiohttp
import pytest

from bots.telegram.account import TelegramBot
from bots.telegram.messenger import TelegramMessenger
from core.deliveries import Gone, Outcome, Refused, Retry, Sent, Unknown
from core.outbound import File, Key, Message, Picture
from core.places import Place
from tests.fakes.telegram_control import ControlledServer
from tests.fakes.telegram_rules import Upload
from tests.fakes.telegram_server import BOT_NAME, TOKEN, TelegramServer
from tests.telegram.test_messenger import ANN, GROUP, Pauses

KEPT = File("what-we-keep.yaml", "application/yaml", "name: Ann Ĉapel 🌳\n")
HERE = Message("Here is everything.", keys=((Key("Thank you", "home"),),), file=KEPT)


async def test_the_words_come_first_with_their_keys_and_then_the_file(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    outcome = await messenger.send(ANN, HERE)
    words, file = server.sent(1001)
    assert outcome == Sent(str(words["message_id"])), "the message with the keys is the one to change later"
    assert (words["text"], "reply_markup" in words) == ("Here is everything.", True)
    (call,) = server.called("sendDocument")
    assert call["document"] == Upload(KEPT.name, KEPT.media_type, KEPT.text.encode())
    assert (await messenger.fetch(file["document"]["file_id"]))[0].decode() == KEPT.text


async def test_a_file_of_megabytes_arrives_whole(messenger: TelegramMessenger, server: TelegramServer) -> None:
    text = "a line: of it\n" * 200_000
    assert isinstance(await messenger.send(ANN, Message("Here", file=File("all.yaml", "text/plain", text))), Sent)
    (call,) = server.called("sendDocument")
    assert call["document"].content.decode() == text


async def test_the_words_may_change_an_earlier_message(messenger: TelegramMessenger, server: TelegramServer) -> None:
    first = await messenger.send(ANN, Message("Well?"))
    assert isinstance(first, Sent)
    assert await messenger.send(ANN, Message("Here", replaces=first.message, file=KEPT)) == first
    assert server.texts(1001) == ["Here", ""]


@pytest.mark.parametrize("text", ["", "x" * 50_000_001], ids=["empty", "too large"])
async def test_a_file_that_telegram_does_not_take_is_refused_and_the_words_arrive(
    messenger: TelegramMessenger, server: TelegramServer, text: str
) -> None:
    outcome = await messenger.send(ANN, Message("Here", file=File("all.yaml", "text/plain", text)))
    assert isinstance(outcome, Refused)
    assert outcome.why.startswith("the words arrived, but not the file: ")
    assert server.texts(1001) == ["Here"]


TELEGRAM_SAYS: list[tuple[int, str, type[Outcome]]] = [
    (413, "Request Entity Too Large", Refused),
    (400, "Bad Request: not enough rights to send documents to the chat", Refused),
    (403, "Forbidden: bot was blocked by the user", Gone),
    (504, "Gateway Timeout", Unknown),
]


@pytest.mark.parametrize(("code", "description", "expected"), TELEGRAM_SAYS)
async def test_what_telegram_says_of_a_file_becomes_a_value(
    messenger: TelegramMessenger, server: TelegramServer, code: int, description: str, expected: type[Outcome]
) -> None:
    server.fail("sendDocument", code, description)
    assert type(await messenger.send(ANN, HERE)) is expected
    assert server.texts(1001) == ["Here is everything."]


async def test_to_whom_blocked_us_no_file_is_sent(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.block(1001)
    assert isinstance(await messenger.send(ANN, HERE), Gone)
    assert server.called("sendDocument") == []


async def test_words_that_have_to_wait_take_their_file_along(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.fail("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7)
    outcome = await messenger.send(ANN, HERE)
    assert isinstance(outcome, Retry)
    assert outcome.after == 7
    assert server.sent(1001) == []


async def test_a_file_waits_its_turn_without_the_words_being_said_again(
    bot: TelegramBot, server: TelegramServer
) -> None:
    server.meet(1001, started=True)
    pauses = Pauses()
    server.fail("sendDocument", 429, "Too Many Requests: retry after 2", times=2, retry_after=2)
    assert isinstance(await TelegramMessenger(bot, BOT_NAME, pauses).send(ANN, HERE), Sent)
    assert pauses == [2, 2]
    assert server.texts(1001) == ["Here is everything.", ""]


async def test_a_file_that_waited_in_vain_leaves_it_unknown(bot: TelegramBot, server: TelegramServer) -> None:
    server.meet(1001, started=True)
    server.fail("sendDocument", 429, "Too Many Requests: retry after 2", times=9, retry_after=2)
    assert isinstance(await TelegramMessenger(bot, BOT_NAME, Pauses()).send(ANN, HERE), Unknown)
    assert server.texts(1001) == ["Here is everything."]


async def test_a_connection_broken_after_the_file_went_out_leaves_it_unknown_and_sends_it_once(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.drop("sendDocument", accepts=True)
    assert isinstance(await messenger.send(ANN, HERE), Unknown)
    assert len(server.called("sendDocument")) == 1


async def test_in_a_group_only_the_one_it_is_for_gets_it(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.world.group(int(GROUP.chat))
    assert isinstance(await messenger.send(GROUP, Message("Here", only_for="1001", file=KEPT)), Sent)
    assert server.sent(int(GROUP.chat)) == []
    assert len(server.sent(1001)) == 2


async def test_who_never_wrote_to_the_bot_reads_the_words_and_the_file_is_refused(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.world.group(int(GROUP.chat))
    server.meet(1002, "Bob")
    server.world.callbacks.add("cb")
    outcome = await messenger.send(GROUP, Message("Here", callback="cb", only_for="1002", file=KEPT))
    assert isinstance(outcome, Refused)
    assert [toast["text"] for toast in server.world.toasts] == ["Here"]


async def test_a_group_that_moved_takes_the_file_along(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.migrate(-500, int(GROUP.chat), 1001)
    old = Place(ANN.account, "-500", private=False)
    assert not isinstance(await messenger.send(old, HERE), Sent)
    assert isinstance(await messenger.send(GROUP, HERE), Sent)
    assert len(server.called("sendDocument")) == 1


# --- the fake Telegram itself
@pytest.mark.parametrize(
    ("content", "caption", "status"),
    [(b"a: 1", "x" * 1_024, 200), (b"a: 1", "x" * 1_025, 400), (b"", "", 400), (b"x" * 50_000_001, "", 413)],
    ids=["fits", "long caption", "empty", "too large"],
)
async def test_the_server_takes_documents_as_telegram_does(
    server: TelegramServer, content: bytes, caption: str, status: int
) -> None:
    server.meet(1001, started=True)
    form = aiohttp.FormData({"chat_id": "1001", "caption": caption})
    form.add_field("document", io.BytesIO(content), filename="a.yaml", content_type="application/yaml")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{TOKEN}/sendDocument", data=form) as response,
    ):
        assert response.status == status


async def test_a_document_is_no_text_in_json(server: TelegramServer) -> None:
    server.meet(1001, started=True)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{TOKEN}/sendDocument", json={"chat_id": 1001, "document": "a: 1"}) as response,
    ):
        assert response.status == 400


async def test_a_person_at_a_terminal_can_read_what_was_uploaded() -> None:
    async with ControlledServer() as server, aiohttp.ClientSession() as session:
        server.meet(1001, started=True)
        form = aiohttp.FormData({"chat_id": "1001"})
        form.add_field("document", io.BytesIO(b"a: 1"), filename="a.yaml", content_type="application/yaml")
        async with session.post(f"{server.url}/bot{TOKEN}/sendDocument", data=form):
            pass
        async with session.get(f"{server.url}/control/calls") as response:
            (call,) = json.loads(await response.text())
        assert call["parameters"]["document"]["content"] == "a: 1"


async def test_a_picture_is_shown_as_one_after_its_words(messenger: TelegramMessenger, server: TelegramServer) -> None:
    picture = Picture("chart.png", "image/png", b"\x89PNG\r\n\xff\x00", "Parks 3, buses 4")
    outcome = await messenger.send(ANN, Message("So far", file=picture))
    words, shown = server.sent(1001)
    assert outcome == Sent(str(words["message_id"]))
    assert (words["text"], "photo" in shown) == ("So far", True)
    (call,) = server.called("sendPhoto")
    assert call["photo"] == Upload("chart.png", "image/png", picture.content)
    assert call["disable_notification"] is True


async def test_a_picture_that_telegram_does_not_take_is_refused_and_the_words_arrive(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    outcome = await messenger.send(ANN, Message("So far", file=Picture("chart.png", "image/png", b"", "Nothing")))
    assert isinstance(outcome, Refused)
    assert server.texts(1001) == ["So far"]
