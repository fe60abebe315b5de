"""Screens: how a message would stand in Telegram, in Slack and in our own chat, by what each is really sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bots.slack import writing as slack
from bots.slack.mrkdwn import plain
from bots.telegram import writing as telegram
from bots.webchat import writing as webchat
from core.outbound import Message
from core.places import Place
from core.texts import Phrase, T


class Channel(StrEnum):
    TELEGRAM = "telegram"
    SLACK = "slack"
    WEB = "web"


CHANNELS: dict[Channel, Phrase] = {
    Channel.TELEGRAM: T("Telegram"),
    Channel.SLACK: T("Slack"),
    Channel.WEB: T("Web chat"),
}

_TELEGRAM, _SLACK = Place("telegram:0", "1"), Place("slack:T0", "U1")


@dataclass(frozen=True, slots=True)
class Press:
    """A button: `action` is what pressing it says to us; without one it leads elsewhere."""

    label: str
    action: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as the platform shows it. `is_heading`: the title stands apart, as a heading of its own."""

    title: str
    text: str
    rows: tuple[tuple[Press, ...], ...] = ()
    file: str = ""


def seen_in(channel: Channel, message: Message, username: str) -> list[Bubble]:
    """Long ones come in several where the platform takes no longer ones."""
    afresh = replace(message, replaces=None, callback=None, only_for=None, quoting=None)
    match channel:
        case Channel.TELEGRAM:
            return _in_telegram(afresh, username)
        case Channel.SLACK:
            return _in_slack(afresh)
        case Channel.WEB:
            return _in_web_chat(afresh)


def _in_telegram(message: Message, username: str) -> list[Bubble]:
    written = telegram.write(_TELEGRAM, message, username)
    bubbles = [_telegram_bubble(step.call.parameters) for step in written.steps]
    if written.file and message.file:
        bubbles.append(Bubble("", "", file=message.file.name))
    return bubbles


def _telegram_bubble(call: Mapping[str, Any]) -> Bubble:
    text, bold = str(call["text"]), call.get("entities") or [{"length": 0}]
    sixteen = text.encode("utf-16-le")  # in which Telegram counts
    end = 2 * int(bold[0]["length"])
    keyboard = (call.get("reply_markup") or {}).get("inline_keyboard", ())
    rows = tuple(
        tuple(Press(key["text"], key.get("callback_data", ""), key.get("style", "plain")) for key in row)
        for row in keyboard
    )
    return Bubble(sixteen[:end].decode("utf-16-le"), sixteen[end:].decode("utf-16-le").strip("\n"), rows)


def _in_slack(message: Message) -> list[Bubble]:
    titles, texts, rows = [], [], []
    for block in slack.write(_SLACK, message).values["blocks"]:
        match block["type"]:
            case "header":
                titles.append(block["text"]["text"])
            case "section":
                texts.append(plain(block["text"]["text"]))
            case "actions":
                rows.append(tuple(map(_slack_button, block["elements"])))
            case _:
                pass
    file = message.file.name if message.file else ""
    return [Bubble("\n".join(titles), "\n\n".join(texts), tuple(rows), file)]


def _slack_button(element: Mapping[str, Any]) -> Press:
    return Press(element["text"]["text"], element.get("value", ""), element.get("style", "plain"))


def _in_web_chat(message: Message) -> list[Bubble]:
    line = webchat.write(message)
    rows = tuple(tuple(Press(key.label, key.action, key.tone.value) for key in row) for row in line.keys)
    return [Bubble(line.title, line.text, rows, line.file.name if line.file else "")]


# --- Slack's form
@dataclass(frozen=True, slots=True)
class Option:
    key: str
    label: str
    is_picked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: `words`, `number`, `one`, `menu`, `several`, or empty where only something is said."""

    kind: str
    id: str = ""
    label: str = ""
    hint: str = ""
    is_optional: bool = False
    value: str = ""
    options: tuple[Option, ...] = ()
    problem: str = ""
    most: int | None = None


_KINDS = {
    "plain_text_input": "words", "number_input": "number", "radio_buttons": "one", "static_select": "menu",
    "checkboxes": "several", "multi_static_select": "several",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormSeen:
    title: str
    close: str
    submit: str
    """Empty where there is nothing to send."""
    fields: tuple[Field, ...]


def form_seen(view: Mapping[str, Any], errors: Mapping[str, str]) -> FormSeen:
    fields = [one for block in view["blocks"] if (one := _field(block, errors)) is not None]
    submit = view.get("submit", {}).get("text", "")
    return FormSeen(view["title"]["text"], view["close"]["text"], submit, tuple(fields))


def _field(block: Mapping[str, Any], errors: Mapping[str, str]) -> Field | None:
    match block["type"]:
        case "header":
            return Field("", label=block["text"]["text"])
        case "section":
            return Field("", hint=plain(block["text"]["text"]))
        case "input":
            element = block["element"]
            initial: Sequence[Any] = element.get("initial_options") or [element.get("initial_option") or {}]
            picked = {one.get("value") for one in initial}
            options = (Option(o["value"], o["text"]["text"], o["value"] in picked) for o in element.get("options", ()))
            return Field(
                kind=_KINDS[element["type"]],
                id=block["block_id"],
                label=block["label"]["text"],
                hint=block.get("hint", {}).get("text", ""),
                is_optional=block.get("optional", False),
                value=element.get("initial_value", ""),
                options=tuple(options),
                problem=errors.get(block["block_id"], ""),
                most=element.get("max_length"),
            )
        case _:
            return None
