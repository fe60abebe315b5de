"""Telegram's JSON as its servers write it: users, chats, messages and updates, for tests to send."""

import re
from typing import Any

Json = dict[str, Any]

NOON = 1_767_268_800
"""1 January 2026, 12:00 UTC: when everything happens unless a test says otherwise."""

BOT_ID = 7_000_000_001
BOT_NAME = "folkmoot_bot"
TOKEN = f"{BOT_ID}:a-made-up-token-for-tests"
ANONYMOUS_ADMIN = {
    "id": 1_087_968_824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]+)?")


def user(id: int = 1001, first_name: str = "Ann", language: str | None = "en", **more: Any) -> Json:
    written = {"id": id, "is_bot": False, "first_name": first_name, **more}
    return {**written, "language_code": language} if language else written


def bot_user() -> Json:
    return {"id": BOT_ID, "is_bot": True, "first_name": "Folkmoot", "username": BOT_NAME}


def private_chat(of: Json) -> Json:
    return {"id": of["id"], "type": "private", "first_name": of["first_name"]}


def group_chat(id: int = -1_001_000_000_500, title: str = "Gardeners", *, is_forum: bool = False) -> Json:
    written = {"id": id, "title": title, "type": "supergroup" if id < -1_000_000_000_000 else "group"}
    return {**written, "is_forum": True} if is_forum else written


def message(
    text: str | None = None,
    *,
    sender: Json | None = None,
    chat: Json | None = None,
    number: int = 1,
    date: int = NOON,
    **more: Any,
) -> Json:
    """A message as it is sent: `more` are further fields, `caption`, `photo`, `reply_to_message` and so on."""
    sender = user() if sender is None else sender
    written: Json = {
        "message_id": number,
        "from": sender,
        "chat": chat or private_chat(sender),
        "date": date,
        **more,
    }
    if text is not None:
        written["text"] = text
    for words, entities in (("text", "entities"), ("caption", "caption_entities")):
        if found := _COMMAND.match(written.get(words) or ""):
            written[entities] = [{"offset": 0, "length": found.end(), "type": "bot_command"}]
    return written


def reply_to(earlier: Json) -> Json:
    """A message as it looks inside a reply to it: Telegram never nests a second reply."""
    return {name: value for name, value in earlier.items() if name != "reply_to_message"}


def photo(file: str = "AgACAgQAAx-photo") -> list[Json]:
    sizes = ((90, 67, "s"), (320, 240, "m"), (1280, 960, "y"))
    return [
        {"file_id": f"{file}-{name}", "file_unique_id": f"u{name}", "width": w, "height": h, "file_size": w * h // 8}
        for w, h, name in sizes
    ]


def voice(file: str = "AwACAgQAAx-voice") -> Json:
    return {"file_id": file, "file_unique_id": "uv", "duration": 4, "mime_type": "audio/ogg", "file_size": 9_000}


def document(file: str, name: str, size: int, media_type: str = "application/octet-stream") -> Json:
    return {"file_id": file, "file_unique_id": "ud", "file_name": name, "mime_type": media_type, "file_size": size}


def press(data: str, of: Json, *, sender: Json | None = None, callback: str = "4382bfdwdsb323b2d9") -> Json:
    """The press of a button with this data on the message `of`."""
    return {"id": callback, "from": sender or user(), "message": of, "chat_instance": "-42", "data": data}


def membership(status: str, *, sender: Json | None = None, chat: Json | None = None, date: int = NOON) -> Json:
    """`kicked` is what a block looks like in a private chat, `member` its end."""
    sender = sender or user()
    before = "member" if status == "kicked" else "kicked"
    return {
        "chat": chat or private_chat(sender),
        "from": sender,
        "date": date,
        "old_chat_member": _chat_member(before),
        "new_chat_member": _chat_member(status),
    }


def _chat_member(status: str) -> Json:
    return {"user": bot_user(), "status": status, **({"until_date": 0} if status == "kicked" else {})}


def build_update(kind: str, content: Json, number: int = 900_001) -> Json:
    """`kind` as Telegram names it: message, edited_message, callback_query, my_chat_member …"""
    return {"update_id": number, kind: content}
