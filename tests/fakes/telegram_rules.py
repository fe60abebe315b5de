"""What Telegram takes and what it refuses: each method's parameters, the limits of texts and buttons, the rates."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from telegram.constants import (
    CallbackQueryLimit,
    FileSizeLimit,
    InlineKeyboardButtonLimit,
    InlineKeyboardMarkupLimit,
    MessageEntityType,
    MessageLimit,
)

CHAT, WHOLE, TEXT, FLAG, LIST, OBJECT = (int, str), (int,), (str,), (bool,), (list,), (dict,)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a part of a form."""

    name: str
    media_type: str
    content: bytes


_SENDING = {
    "chat_id": CHAT,
    "message_thread_id": WHOLE,
    "link_preview_options": OBJECT,
    "disable_notification": FLAG,
    "protect_content": FLAG,
    "reply_parameters": OBJECT,
    "reply_markup": OBJECT,
    "allow_paid_broadcast": FLAG,
}
METHODS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "getMe": {},
    "getUpdates": {"offset": WHOLE, "limit": WHOLE, "timeout": WHOLE, "allowed_updates": LIST},
    "setWebhook": {
        "url": TEXT,
        "secret_token": TEXT,
        "allowed_updates": LIST,
        "max_connections": WHOLE,
        "drop_pending_updates": FLAG,
    },
    "deleteWebhook": {"drop_pending_updates": FLAG},
    "setMyCommands": {"commands": LIST, "scope": OBJECT, "language_code": TEXT},
    "sendChatAction": {"chat_id": CHAT, "action": TEXT},
    "sendMessage": {**_SENDING, "text": TEXT, "entities": LIST},
    "editMessageText": {
        "chat_id": CHAT,
        "message_id": WHOLE,
        "text": TEXT,
        "entities": LIST,
        "link_preview_options": OBJECT,
        "reply_markup": OBJECT,
    },
    "answerCallbackQuery": {"callback_query_id": TEXT, "text": TEXT, "show_alert": FLAG, "cache_time": WHOLE},
    "sendPhoto": {**_SENDING, "photo": (Upload, str), "caption": TEXT},
    "sendDocument": {**_SENDING, "document": (Upload, str), "caption": TEXT},
    "getFile": {"file_id": TEXT},
}
REQUIRED = {
    "setWebhook": ("url",),
    "setMyCommands": ("commands",),
    "sendMessage": ("chat_id", "text"),
    "editMessageText": ("chat_id", "message_id", "text"),
    "answerCallbackQuery": ("callback_query_id",),
    "sendPhoto": ("chat_id", "photo"),
    "sendDocument": ("chat_id", "document"),
    "getFile": ("file_id",),
}
COUNTED = frozenset({"sendMessage", "editMessageText", "sendPhoto", "sendDocument"})
"""Methods that count towards the rates."""


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad_request(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


# --- shapes
def typed(method: str, given: Mapping[str, Any], *, as_form: bool) -> dict[str, Any]:
    """The parameters with their types, from JSON or from a form (where all but text is JSON in a string)."""
    known = METHODS[method]
    if strange := sorted(set(given) - set(known)):
        raise bad_request(f"{method} has no parameter {strange[0]}")
    if missing := [name for name in REQUIRED.get(method, ()) if given.get(name) in (None, "")]:
        raise bad_request("message text is empty" if missing == ["text"] else f"parameter {missing[0]} is required")
    result = {}
    for name, value in given.items():
        types = known[name]
        if as_form and types != TEXT and Upload not in types:
            value = _from_form(value, name)
        if not isinstance(value, types) or (isinstance(value, bool) and types != FLAG):
            raise bad_request(f"{name} has the wrong type")
        result[name] = value
    return result


def _from_form(value: str, name: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        if name == "chat_id":
            return value
        raise bad_request(f"can't parse {name}") from None


def check(method: str, parameters: Mapping[str, Any]) -> None:
    """Raises Refusal for what Telegram would refuse whoever it is sent to."""
    if method in ("sendMessage", "editMessageText"):
        check_text(parameters["text"], parameters.get("entities", []))
    if len(units(parameters.get("caption", ""))) > MessageLimit.CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    for upload in (parameters.get("document"), parameters.get("photo")):
        check_upload(upload)
    if method == "answerCallbackQuery":
        longest = CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
        if len(units(parameters.get("text", ""))) > longest:
            raise bad_request("MESSAGE_TOO_LONG")
    if "reply_markup" in parameters:
        check_keyboard(parameters["reply_markup"])


def check_upload(upload: object) -> None:
    if isinstance(upload, str):
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    if isinstance(upload, Upload) and not upload.content:
        raise bad_request("file must be non-empty")
    if isinstance(upload, Upload) and len(upload.content) > FileSizeLimit.FILESIZE_UPLOAD:
        raise Refusal(413, "Request Entity Too Large")


def units(text: str) -> str:
    """The text with every UTF-16 unit as one character, so that it can be counted and cut."""
    if text.isascii():
        return text
    try:
        raw = text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return "".join(chr(int.from_bytes(raw[index : index + 2], "little")) for index in range(0, len(raw), 2))


def check_text(text: str, entities: list[dict[str, Any]]) -> None:
    wide = units(text)
    if not text.strip():
        raise bad_request("message text is empty")
    if len(wide) > MessageLimit.MAX_TEXT_LENGTH:
        raise bad_request("message is too long")
    for entity in entities:
        if entity.get("type") not in list(MessageEntityType):
            raise bad_request(f"can't parse entities: unsupported type {entity.get('type')}")
        start, length = entity.get("offset"), entity.get("length")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 1:
            raise bad_request("can't parse entities: offset and length must be whole numbers")
        if start + length > len(wide):
            raise bad_request(f"entity begins or ends outside of the text, at {start} for {length}")
        if any("\udc00" <= wide[edge] <= "\udfff" for edge in (start, start + length) if edge < len(wide)):
            raise bad_request("entity begins or ends in the middle of a UTF-16 symbol")


def check_keyboard(markup: dict[str, Any]) -> None:
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("object expected as reply markup")
    if sum(map(len, rows)) > InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER:
        raise bad_request("reply markup is too long")
    for row in rows:
        if len(row) > InlineKeyboardMarkupLimit.BUTTONS_PER_ROW:
            raise bad_request("too many buttons in a row")
        for button in row:
            _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    if strange := set(button) - {"text", "url", "callback_data", "style"}:
        raise bad_request(f"a button of ours has no {sorted(strange)[0]}")
    if not str(button.get("text", "")).strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if ("url" in button) == ("callback_data" in button):
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if "url" in button:
        address = urlsplit(button["url"])
        if address.scheme not in ("http", "https", "tg") or "." not in (address.hostname or "."):
            raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    else:
        size = len(str(button["callback_data"]).encode())
        if not InlineKeyboardButtonLimit.MIN_CALLBACK_DATA <= size <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    if button.get("style", "primary") not in ("primary", "success", "danger"):
        raise bad_request("unknown style of a button")


# --- rates
@dataclass(frozen=True, slots=True)
class Limits:
    """`private_burst`: messages a private chat takes at once before it is one a second; None leaves that limit off,
    as Telegram itself enforces it loosely."""

    a_second: int = 30
    a_minute_in_a_group: int = 20
    private_burst: int | None = None


@dataclass(slots=True)
class Window:
    """A sliding window: at most `count` in any `seconds`."""

    count: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return self.times[0] + self.seconds - now if len(self.times) >= self.count else 0.0


@dataclass(slots=True)
class Rates:
    limits: Limits
    bot: Window = field(init=False)
    chats: dict[int, Window] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bot = Window(self.limits.a_second, 1.0)

    def take(self, chat: int, now: float) -> float:
        """Counts one message, or how many seconds it came too early."""
        windows = [self.bot]
        if chat < 0:
            windows.append(self.chats.setdefault(chat, Window(self.limits.a_minute_in_a_group, 60.0)))
        elif self.limits.private_burst is not None:
            burst = self.limits.private_burst
            windows.append(self.chats.setdefault(chat, Window(burst, float(burst))))
        wait = max(window.wait(now) for window in windows)
        if wait <= 0:
            for window in windows:
                window.times.append(now)
        return max(wait, 0.0)
