"""What we say, written as calls of the Bot API. Pure: `messenger` makes the calls."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bots.telegram.characters import head, parts, units, valid
from core.actions import read_action
from core.outbound import File, Key, Message, Picture, Tone
from core.places import Place

LONGEST_TOAST = 200
"""Units of the answer to a button press."""

PASSING_TOAST = 60
"""A longer one stays until it is tapped away, for nobody reads that much in passing."""

ANSWER = "answerCallbackQuery"
DOCUMENT = "sendDocument"
PHOTO = "sendPhoto"
MOST_KEYS_A_ROW = 8
START_CONSULTATION = "c_"

_NUMBER = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Step:
    """A call, and the one to make `instead`: where what it changes or answers is no longer there, or nobody may write
    to the one person it is for."""

    call: Call
    instead: Call | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """`answer` stops the button from spinning, which may fail; the `steps` are the message, in order, after which
    comes its `file`."""

    steps: tuple[Step, ...]
    answer: Call | None = field(default=None)
    file: Call | None = field(default=None)

    @property
    def answers_last(self) -> bool:
        """A step may itself have to answer the press, which can be answered once alone."""
        return any(step.instead and step.instead.method == ANSWER for step in self.steps)


def write(to: Place, message: Message, username: str) -> Written:
    """`username` is the bot's own. No steps where there is nothing to say."""
    title, text = valid(message.title).strip(), valid(message.text).strip()
    words = "\n\n".join(filter(None, (title, text))) or (message.file.name if message.file else "")
    only_for = message.only_for if message.only_for and not (to.private and message.only_for == to.chat) else None
    apart = Place(to.account, only_for) if only_for else None
    sends = _sends(apart or to, title, words, message, username)
    file = _upload(apart or to, message.file) if message.file else None
    toast = _toast(message.callback, words) if message.callback and message.only_for and sends else None
    if toast and units(words) <= LONGEST_TOAST and not message.keys and not file:
        return Written((Step(toast, sends[0]),))
    answer = Call(ANSWER, {"callback_query_id": message.callback}) if message.callback else None
    steps = tuple(map(Step, sends))
    if toast and apart:
        # Whoever never wrote to the bot can't be written to, and would see the button do nothing.
        steps = (Step(sends[0], toast), *steps[1:])
    if sends and apart is None and message.replaces and _NUMBER.fullmatch(message.replaces):
        steps = (Step(_edit(sends[0], int(message.replaces)), sends[0]), *steps[1:])
    return Written(steps, answer, file)


def sent_to(to: Place, written: Written) -> Written:
    """The same plain message to somebody else."""
    chat = {"chat_id": _number(to.chat)}
    steps = (Step(Call(step.call.method, {**step.call.parameters, **chat})) for step in written.steps)
    return Written(tuple(steps))


def _toast(callback: str, words: str) -> Call:
    text = words if units(words) <= LONGEST_TOAST else head(words, LONGEST_TOAST - 1).rstrip() + "…"
    return Call(ANSWER, {"callback_query_id": callback, "text": text, "show_alert": units(words) > PASSING_TOAST})


def _sends(to: Place, title: str, words: str, message: Message, username: str) -> tuple[Call, ...]:
    pieces = parts(words)
    calls = []
    for number, piece in enumerate(pieces):
        parameters: dict[str, object] = {
            "chat_id": _number(to.chat),
            "text": piece,
            "link_preview_options": {"is_disabled": True},
        }
        if to.thread and not to.private:
            parameters["message_thread_id"] = _number(to.thread)
        if title and number == 0:
            parameters["entities"] = [{"type": "bold", "offset": 0, "length": min(units(title), units(piece))}]
        if message.quoting and message.only_for is None and number == 0 and _NUMBER.fullmatch(message.quoting):
            parameters["reply_parameters"] = {
                "message_id": int(message.quoting),
                "allow_sending_without_reply": True,
            }
        keyboard = _keyboard(message.keys, to, username)
        if keyboard and number == len(pieces) - 1:
            parameters["reply_markup"] = {"inline_keyboard": keyboard}
        calls.append(Call("sendMessage", parameters))
    return tuple(calls)


def _upload(to: Place, file: File | Picture) -> Call:
    """Without a sound: the words that it belongs to have just made theirs. A picture's words are among them, as there
    is no room for any that are read out instead."""
    parameters: dict[str, object] = {"chat_id": _number(to.chat), "disable_notification": True}
    match file:
        case File():
            method, parameters["document"] = DOCUMENT, replace(file, text=valid(file.text))
        case Picture():
            method, parameters["photo"] = PHOTO, file
    if to.thread and not to.private:
        parameters["message_thread_id"] = _number(to.thread)
    return Call(method, parameters)


def _edit(send: Call, message: int) -> Call:
    kept = ("chat_id", "text", "entities", "link_preview_options", "reply_markup")
    parameters = {name: send.parameters[name] for name in kept if name in send.parameters}
    return Call("editMessageText", {**parameters, "message_id": message})


def _keyboard(rows: tuple[tuple[Key, ...], ...], to: Place, username: str) -> list[list[dict[str, str]]]:
    written = []
    for row in rows:
        buttons = [_button(key, to, username) for key in row if key.action or key.url]
        written += _evenly(buttons)
    return written


def _evenly(buttons: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """A row that Telegram would find too long, as rows of about the same length."""
    if not buttons:
        return []
    count = -(-len(buttons) // MOST_KEYS_A_ROW)
    size = -(-len(buttons) // count)
    return [buttons[start : start + size] for start in range(0, len(buttons), size)]


def _button(key: Key, to: Place, username: str) -> dict[str, str]:
    button = {"text": valid(key.label).strip() or "…"}
    if key.tone is not Tone.PLAIN:
        button["style"] = key.tone.value
    action = read_action(key.action) if key.action and not key.url else None
    if action and action.verb in ("begin", "home") and not to.private:
        # What is a private matter leads from a group into the conversation with the bot.
        start = f"{START_CONSULTATION}{action.first}" if action.first else "start"
        return {**button, "url": f"https://t.me/{username}?start={start}"}
    return {**button, "url": key.url} if key.url else {**button, "callback_data": key.action}


def _number(chat: str) -> int | str:
    return int(chat) if _NUMBER.fullmatch(chat) else chat
