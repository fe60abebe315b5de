"""What becomes of a message, by the real client library over real HTTP."""

import aiohttp
import pytest

from bots.telegram.account import TelegramBot, open_bot
from bots.telegram.messenger import TelegramMessenger
from core.deliveries import Gone, MovedTo, Outcome, Refused, Retry, Sent, Unknown
from core.outbound import Key, Message
from core.places import Place
from tests.fakes.telegram_server import BOT_NAME, TOKEN, TelegramServer

ANN = Place("telegram:7000000001", "1001")
GROUP = Place("telegram:7000000001", "-1001000000500", private=False)
NOBODY_LISTENS = "http://127.0.0.1:9"
YES = ((Key("Yes", "consent:yes"),),)


async def test_a_message_arrives_and_its_number_is_told(messenger: TelegramMessenger, server: TelegramServer) -> None:
    outcome = await messenger.send(ANN, Message("Hello 😀", "Title 😀", YES))
    (arrived,) = server.sent(1001)
    assert outcome == Sent(str(arrived["message_id"]))
    assert arrived["text"] == "Title 😀\n\nHello 😀"


TELEGRAM_SAYS: list[tuple[int, str, dict[str, int], Outcome]] = [
    (429, "Too Many Requests: retry after 7", {"retry_after": 7}, Retry(7, "", whole_lane=True, counted=False)),
    (403, "Forbidden: bot was blocked by the user", {}, Gone("Forbidden: bot was blocked by the user")),
    (403, "Forbidden: user is deactivated", {}, Gone("Forbidden: user is deactivated")),
    (400, "Bad Request: chat not found", {}, Gone("chat not found")),
    (400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100777}, MovedTo("-100777")),
    (400, "Bad Request: BUTTON_DATA_INVALID", {}, Refused("Button_data_invalid")),
    (400, "Bad Request: not enough rights to send text messages to the chat", {}, Refused("Not enough rights to …")),
    (401, "Unauthorized", {}, Retry(60, "", whole_lane=True, counted=False)),
    (404, "Not Found", {}, Retry(60, "", whole_lane=True, counted=False)),
    (500, "Internal Server Error", {}, Retry(5, "")),
    (502, "Bad Gateway", {}, Retry(5, "")),
    (504, "Gateway Timeout", {}, Unknown("")),
]


@pytest.mark.parametrize(("code", "description", "parameters", "expected"), TELEGRAM_SAYS)
async def test_what_telegram_says_becomes_a_value(
    messenger: TelegramMessenger,
    server: TelegramServer,
    code: int,
    description: str,
    parameters: dict[str, int],
    expected: Outcome,
) -> None:
    server.fail("sendMessage", code, description, **parameters)
    outcome = await messenger.send(ANN, Message("Hello"))
    assert type(outcome) is type(expected)
    if isinstance(outcome, Retry) and isinstance(expected, Retry):
        assert (outcome.after, outcome.whole_lane, outcome.counted) == (
            expected.after,
            expected.whole_lane,
            expected.counted,
        )
    if isinstance(outcome, MovedTo):
        assert outcome == expected
    assert server.texts(1001) == []


async def test_who_never_wrote_to_the_bot_reads_what_fits_when_they_press_a_button_in_a_group(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.world.group(int(GROUP.chat))
    server.meet(1002, "Bob")
    server.world.callbacks |= {"cb1", "cb2"}
    told = Message("Every word of it. " * 20, keys=YES, callback="cb1", only_for="1002")
    assert await messenger.send(GROUP, told) == Sent("")
    (toast,) = server.world.toasts
    assert toast["text"].startswith("Every word of it.")
    assert toast["show_alert"]

    server.world.started.add(1002)
    assert await messenger.send(GROUP, Message(told.text, keys=YES, callback="cb2", only_for="1002")) != Sent("")
    assert len(server.world.toasts) == 1, "it was answered without words"
    assert {call["callback_query_id"] for call in server.called("answerCallbackQuery")} == {"cb1", "cb2"}


async def test_a_wait_in_a_group_is_that_groups_alone(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.world.group(int(GROUP.chat))
    server.fail("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7)
    outcome = await messenger.send(GROUP, Message("Hello"))
    assert isinstance(outcome, Retry)
    assert not outcome.whole_lane


async def test_the_group_limit_of_twenty_a_minute_is_answered_with_a_wait(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.world.group(int(GROUP.chat))
    outcomes = [await messenger.send(GROUP, Message(f"No. {number}")) for number in range(21)]
    assert all(isinstance(outcome, Sent) for outcome in outcomes[:20])
    assert isinstance(outcomes[20], Retry)
    assert 50 < outcomes[20].after <= 60


async def test_a_connection_broken_after_sending_leaves_it_unknown(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.drop("sendMessage", accepts=True)
    assert isinstance(await messenger.send(ANN, Message("Hello")), Unknown)
    assert server.texts(1001) == ["Hello"]


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"ok": true}'])
async def test_an_answer_that_cannot_be_read_leaves_it_unknown(
    messenger: TelegramMessenger, server: TelegramServer, body: str
) -> None:
    server.garble("sendMessage", body)
    assert isinstance(await messenger.send(ANN, Message("Hello")), Unknown)


async def test_an_edit_is_simply_tried_again_for_a_repeat_does_no_harm(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    first = await messenger.send(ANN, Message("One"))
    assert isinstance(first, Sent)
    server.drop("editMessageText", accepts=True)
    assert isinstance(await messenger.send(ANN, Message("Two", replaces=first.message)), Retry)
    assert await messenger.send(ANN, Message("Two", replaces=first.message)) == first
    assert server.texts(1001) == ["Two"]


async def test_a_connection_refused_is_a_retry_for_nothing_was_sent(
    server: TelegramServer, session: aiohttp.ClientSession
) -> None:
    bot = await open_bot(TOKEN, server.url, session)
    bot = TelegramBot(TOKEN, f"{NOBODY_LISTENS}/bot", request=bot.request, get_updates_request=bot.request)
    outcome = await TelegramMessenger(bot, BOT_NAME).send(ANN, Message("Hello"))
    assert isinstance(outcome, Retry)
    assert outcome.whole_lane
    assert not outcome.counted


# --- changing what is there
async def test_a_press_is_answered_and_its_message_changed(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    first = await messenger.send(ANN, Message("Well?", keys=YES))
    assert isinstance(first, Sent)
    pressed = server.press(1001, "Yes")["callback_query"]
    message = Message("Thank you", replaces=first.message, callback=pressed["id"])
    assert await messenger.send(ANN, message) == first
    assert server.called("answerCallbackQuery") == [{"callback_query_id": pressed["id"]}]
    assert server.texts(1001) == ["Thank you"]
    assert "reply_markup" not in server.sent(1001)[0]


async def test_a_message_that_reads_so_already_counts_as_sent(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    first = await messenger.send(ANN, Message("Well?", keys=YES))
    assert isinstance(first, Sent)
    assert await messenger.send(ANN, Message("Well?", keys=YES, replaces=first.message)) == first


@pytest.mark.parametrize("gone", ["4711", "1"])
async def test_what_cannot_be_changed_is_sent_anew(
    messenger: TelegramMessenger, server: TelegramServer, gone: str
) -> None:
    server.user_says(1001, "my own message, number 1")
    outcome = await messenger.send(ANN, Message("Here", replaces=gone))
    assert outcome == Sent(str(server.sent(1001)[0]["message_id"]))


async def test_a_press_too_old_to_answer_does_not_hinder_the_message(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    assert isinstance(await messenger.send(ANN, Message("Here", callback="long-ago")), Sent)
    assert server.texts(1001) == ["Here"]


async def test_a_toast_reaches_the_one_who_pressed(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.world.callbacks.add("cb")
    outcome = await messenger.send(GROUP, Message("You have answered already", callback="cb", only_for="1001"))
    assert outcome == Sent("")
    assert [toast["text"] for toast in server.world.toasts] == ["You have answered already"]
    assert not server.sent(1001)


async def test_a_toast_that_comes_too_late_is_sent_privately(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    outcome = await messenger.send(GROUP, Message("You have answered", callback="long-ago", only_for="1001"))
    assert isinstance(outcome, Sent)
    assert server.texts(1001) == ["You have answered"]


async def test_a_group_is_not_gone_because_one_of_it_never_wrote_to_us(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.meet(1002, "Ben")
    assert isinstance(await messenger.send(GROUP, Message("Psst", only_for="1002")), Refused)
    assert isinstance(await messenger.send(GROUP, Message("Psst", only_for="1003")), Refused)


async def test_a_group_that_threw_us_out_is_gone(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.world.left_groups.add(int(GROUP.chat))
    assert isinstance(await messenger.send(GROUP, Message("Hello")), Gone)


async def test_a_group_that_became_a_supergroup_has_moved(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.migrate(-500, -1_001_000_000_777, 1001)
    old = Place(ANN.account, "-500", private=False)
    assert await messenger.send(old, Message("Hello")) == MovedTo("-1001000000777")


async def test_nothing_to_say_is_refused_unless_there_is_a_press_to_answer(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.world.callbacks.add("cb")
    assert await messenger.send(ANN, Message("")) == Refused("there was nothing to say")
    assert await messenger.send(ANN, Message("", callback="cb")) == Sent("")
    assert server.called("answerCallbackQuery") == [{"callback_query_id": "cb"}]


# --- long messages
class Pauses(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def test_the_parts_of_a_long_message_wait_for_each_other(bot: TelegramBot, server: TelegramServer) -> None:
    server.meet(1001, started=True)
    pauses = Pauses()
    server.fail("editMessageText", 400, "Bad Request: message to edit not found")
    long = Message("word " * 1_500, keys=YES, replaces="5")
    messenger = TelegramMessenger(bot, BOT_NAME, pauses)

    assert isinstance(await messenger.send(ANN, long), Sent)
    assert len(server.sent(1001)) == 2
    assert "reply_markup" in server.sent(1001)[1]
    assert pauses == []


async def test_a_long_message_cut_off_in_the_middle_is_never_begun_afresh(
    server: TelegramServer, session: aiohttp.ClientSession
) -> None:
    pauses = Pauses()
    busy = TelegramServer(clock=lambda: 1.0, limits=None)
    async with busy:
        busy.meet(1001, started=True)
        bot = await open_bot(TOKEN, busy.url, session)
        busy.world.messages[1001] = {5: {"message_id": 5, "from": {"is_bot": True}, "chat": {"id": 1001}, "text": "x"}}
        busy.fail("sendMessage", 429, "Too Many Requests: retry after 2", times=9, retry_after=2)
        outcome = await TelegramMessenger(bot, BOT_NAME, pauses).send(ANN, Message("word " * 1_500, replaces="5"))
    assert outcome == Unknown("only 1 of 2 parts arrived")
    assert pauses == [2, 2, 2]


async def test_the_same_words_reach_each_of_those_they_are_for(
    messenger: TelegramMessenger, server: TelegramServer
) -> None:
    server.meet(1003, "Cat")
    server.world.started.add(1003)
    words = Message("You are asked", "Title", YES)
    for _ in range(2):
        for user in ("1001", "1003"):
            assert isinstance(await messenger.send(Place(ANN.account, user), words), Sent)
    assert server.texts(1001) == server.texts(1003) == ["Title\n\nYou are asked"] * 2
    assert [one.get("entities") for one in server.called("sendMessage")] == [
        [{"type": "bold", "offset": 0, "length": 5}]
    ] * 4


async def test_nothing_is_kept_of_words_that_nobody_holds_on_to_any_more(messenger: TelegramMessenger) -> None:
    words = Message("A member's own words")
    await messenger.send(ANN, words)
    assert list(messenger._written) == [words]
    del words
    assert list(messenger._written) == []


async def test_only_telegrams_own_asking_counts_as_asked(messenger: TelegramMessenger, server: TelegramServer) -> None:
    server.fail("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7)
    server.fail("sendMessage", 401, "Unauthorized")
    slow, revoked = [await messenger.send(ANN, Message("Hello")) for _ in range(2)]
    assert isinstance(slow, Retry)
    assert isinstance(revoked, Retry)
    assert (slow.asked, revoked.asked) == (True, False)
