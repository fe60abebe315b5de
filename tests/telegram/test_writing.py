"""Messages and the exact calls that they are written as."""

from typing import Any

import pytest

from bots.telegram.characters import LONGEST_MESSAGE, units
from bots.telegram.writing import Call, Step, Written, write
from core.outbound import File, Key, Message, Tone
from core.places import Place
from tests.fakes.telegram_payloads import BOT_NAME
from tests.fakes.telegram_rules import check, typed

ACCOUNT = "telegram:1"
ANN = Place(ACCOUNT, "1001")
GROUP = Place(ACCOUNT, "-1001000000500", private=False)
TOPIC = Place(ACCOUNT, "-1001000000500", private=False, thread="44")
QUIET = {"link_preview_options": {"is_disabled": True}}
YES = ((Key("Yes", "consent:yes"), Key("No", "consent:no")),)
NOTES = File("notes.yaml", "application/yaml", "name: Ann\n")
YES_WRITTEN = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "consent:yes"}, {"text": "No", "callback_data": "consent:no"}]
    ]
}


def send(chat: int = 1001, **parameters: Any) -> Call:
    return Call("sendMessage", {"chat_id": chat, **QUIET, **parameters})


def edit(message: int, **parameters: Any) -> Call:
    return Call("editMessageText", {"chat_id": 1001, "message_id": message, **QUIET, **parameters})


def document(chat: int, **parameters: Any) -> Call:
    return Call("sendDocument", {"chat_id": chat, "document": NOTES, "disable_notification": True, **parameters})


def answer(**parameters: Any) -> Call:
    return Call("answerCallbackQuery", {"callback_query_id": "cb", **parameters})


CASES: list[tuple[str, Place, Message, Written]] = [
    ("words", ANN, Message("Hello"), Written((Step(send(text="Hello")),))),
    (
        "a title of two units a character",
        ANN,
        Message("Well?", "Trees 🌳"),
        Written((Step(send(text="Trees 🌳\n\nWell?", entities=[{"type": "bold", "offset": 0, "length": 8}])),)),
    ),
    ("markup is only text", ANN, Message("<b>*hi*</b> _x_"), Written((Step(send(text="<b>*hi*</b> _x_")),))),
    ("keys", ANN, Message("Well?", keys=YES), Written((Step(send(text="Well?", reply_markup=YES_WRITTEN)),))),
    (
        "a change of an earlier message",
        ANN,
        Message("Well?", keys=YES, replaces="8", callback="cb"),
        Written(
            (
                Step(
                    edit(8, text="Well?", reply_markup=YES_WRITTEN),
                    send(text="Well?", reply_markup=YES_WRITTEN),
                ),
            ),
            answer(),
        ),
    ),
    (
        "a change of what can't be one of ours",
        ANN,
        Message("Hi", replaces="line-8"),
        Written((Step(send(text="Hi")),)),
    ),
    (
        "a toast in a group",
        GROUP,
        Message("Noted", callback="cb", only_for="1001"),
        Written((Step(answer(text="Noted", show_alert=False), send(text="Noted")),)),
    ),
    (
        "a toast that must be tapped away",
        GROUP,
        Message("x" * 61, callback="cb", only_for="1001"),
        Written((Step(answer(text="x" * 61, show_alert=True), send(text="x" * 61)),)),
    ),
    (
        "too long for a toast, so privately",
        GROUP,
        Message("x" * 201, callback="cb", only_for="1001", replaces="8"),
        Written((Step(send(text="x" * 201), answer(text="x" * 199 + "…", show_alert=True)),), answer()),
    ),
    (
        "keys don't fit on a toast",
        GROUP,
        Message("Well?", keys=YES, callback="cb", only_for="1001"),
        Written(
            (Step(send(text="Well?", reply_markup=YES_WRITTEN), answer(text="Well?", show_alert=False)),), answer()
        ),
    ),
    (
        "for one person of a group",
        TOPIC,
        Message("Psst", only_for="1001", quoting="5"),
        Written((Step(send(text="Psst")),)),
    ),
    (
        "an answer in a topic",
        TOPIC,
        Message("Noted", quoting="5"),
        Written(
            (
                Step(
                    send(
                        -1001000000500,
                        text="Noted",
                        message_thread_id=44,
                        reply_parameters={"message_id": 5, "allow_sending_without_reply": True},
                    )
                ),
            )
        ),
    ),
    (
        "a file after its words",
        ANN,
        Message("Here it is", keys=YES, replaces="8", file=NOTES),
        Written(
            (
                Step(
                    edit(8, text="Here it is", reply_markup=YES_WRITTEN),
                    send(text="Here it is", reply_markup=YES_WRITTEN),
                ),
            ),
            file=document(1001),
        ),
    ),
    (
        "a file for one person of a group, too much for a toast",
        TOPIC,
        Message("Here it is", callback="cb", only_for="1001", file=NOTES),
        Written(
            (Step(send(text="Here it is"), answer(text="Here it is", show_alert=False)),),
            answer(),
            document(1001),
        ),
    ),
    (
        "a file in a topic",
        TOPIC,
        Message("Here it is", file=NOTES),
        Written(
            (Step(send(-1001000000500, text="Here it is", message_thread_id=44)),),
            file=document(-1001000000500, message_thread_id=44),
        ),
    ),
    (
        "a file without words is announced by its name",
        ANN,
        Message("", file=NOTES),
        Written((Step(send(text="notes.yaml")),), file=document(1001)),
    ),
    (
        "a file that is no Unicode",
        ANN,
        Message("Here", file=File("notes.yaml", "application/yaml", "a\ud800")),
        Written(
            (Step(send(text="Here")),), file=document(1001, document=File("notes.yaml", "application/yaml", "a\ufffd"))
        ),
    ),
    ("nothing but a press to answer", ANN, Message("", callback="cb"), Written((), answer())),
    ("nothing", ANN, Message("  "), Written(())),
    ("what is no Unicode", ANN, Message("a\ud800\0b"), Written((Step(send(text="a\ufffdb")),))),
]


@pytest.mark.parametrize(("to", "message", "written"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_a_message_is_written_as(to: Place, message: Message, written: Written) -> None:
    assert write(to, message, BOT_NAME) == written
    for step in written.steps:
        for call in filter(None, (step.call, step.instead, written.answer)):
            check(call.method, typed(call.method, call.parameters, as_form=False))


def buttons(to: Place, *keys: Key) -> list[list[dict[str, str]]]:
    call = write(to, Message("x", keys=(keys,)), BOT_NAME).steps[0].call
    check(call.method, call.parameters)
    markup = call.parameters["reply_markup"]
    assert isinstance(markup, dict)
    rows: list[list[dict[str, str]]] = markup["inline_keyboard"]
    return rows


def test_beginning_is_a_link_into_private_where_others_read_along() -> None:
    begin = Key("Answer", "begin:good-city", tone=Tone.PRIMARY)
    link = f"https://t.me/{BOT_NAME}?start=c_good-city"
    assert buttons(GROUP, begin) == [[{"text": "Answer", "style": "primary", "url": link}]]
    assert buttons(ANN, begin) == [[{"text": "Answer", "style": "primary", "callback_data": "begin:good-city"}]]


def test_writing_to_us_alone_is_a_link_where_others_read_along() -> None:
    home = Key("Write to me", "home")
    link = f"https://t.me/{BOT_NAME}?start=start"
    assert buttons(GROUP, home) == [[{"text": "Write to me", "url": link}]]
    assert buttons(ANN, home) == [[{"text": "Write to me", "callback_data": "home"}]]


def test_a_link_is_a_link_and_a_label_is_never_empty() -> None:
    assert buttons(ANN, Key(" ", url="https://example.org/x")) == [[{"text": "…", "url": "https://example.org/x"}]]


def test_a_row_too_long_for_telegram_becomes_even_rows() -> None:
    rows = buttons(ANN, *(Key(str(step), f"answer:c:p:{step}") for step in range(11)))
    assert [len(row) for row in rows] == [6, 5]
    assert [button["text"] for row in rows for button in row] == [str(step) for step in range(11)]


def test_a_long_message_is_sent_in_parts_with_the_keys_on_the_last() -> None:
    message = Message("word 😀 " * 2_000, "Title", YES, replaces="8", quoting="5")
    steps = write(ANN, message, BOT_NAME).steps
    calls = [step.call for step in steps]
    assert [call.method for call in calls] == ["editMessageText", "sendMessage", "sendMessage", "sendMessage"]
    assert steps[0].instead is not None
    assert steps[0].instead.method == "sendMessage"
    assert [call.parameters.get("reply_markup") for call in calls] == [None] * 3 + [YES_WRITTEN]
    assert all(units(str(call.parameters["text"])) <= LONGEST_MESSAGE for call in calls)
    for call in (*calls, steps[0].instead):
        check(call.method, call.parameters)


def test_a_title_longer_than_a_message_is_bold_as_far_as_the_message_goes() -> None:
    first, second = (step.call.parameters for step in write(ANN, Message("x", "t" * 5_000), BOT_NAME).steps)
    assert first["entities"] == [{"type": "bold", "offset": 0, "length": LONGEST_MESSAGE}]
    assert "entities" not in second
