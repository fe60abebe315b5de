"""Who and what the fake Telegram knows: people, groups, what was written in each chat, files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.fakes.telegram_payloads import NOON, Json, bot_user, document, group_chat, private_chat, user
from tests.fakes.telegram_rules import Refusal, bad_request


@dataclass(slots=True)
class World:
    """`started` are the people who wrote to the bot, `blocked` those who don't want it any more; `open_to_all`
    takes any positive chat id for somebody who started (for measuring with many). Messages are dated from `now` on,
    a second apart, or by `clock` (Unix seconds) where one is given."""

    users: dict[int, Json] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    groups: dict[int, Json] = field(default_factory=dict)
    left_groups: set[int] = field(default_factory=set)
    migrated: dict[int, int] = field(default_factory=dict)
    messages: dict[int, dict[int, Json]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    callbacks: set[str] = field(default_factory=set)
    toasts: list[Json] = field(default_factory=list)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    open_to_all: bool = False
    now: int = NOON
    clock: Callable[[], float] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def user(self, id: int) -> Json:
        return self.users.setdefault(id, user(id))

    def group(self, id: int) -> Json:
        return self.groups.setdefault(id, group_chat(id))

    def chat(self, id: int) -> Json:
        return self.group(id) if id < 0 else private_chat(self.user(id))

    def keep(self, message: Json) -> Json:
        self.messages.setdefault(message["chat"]["id"], {})[message["message_id"]] = message
        return message

    def next_number(self) -> int:
        return next(self._numbers)

    def next_second(self) -> int:
        self.now = int(self.clock()) if self.clock else self.now + 1
        return self.now

    def chat_to_write_to(self, chat_id: int | str) -> Json:
        """Raises Refusal as Telegram does where the bot can't write."""
        id = int(chat_id) if not isinstance(chat_id, str) or chat_id.lstrip("-").isdigit() else 0
        if id in self.migrated:
            why = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, why, migrate_to_chat_id=self.migrated[id])
        if id in self.left_groups:
            raise Refusal(403, "Forbidden: bot was kicked from the supergroup chat")
        if id in self.groups or (id > 0 and self.open_to_all):
            return self.chat(id)
        if id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if id not in self.users:
            raise bad_request("chat not found")
        if id not in self.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        return self.chat(id)

    # --- what the bot's methods do
    def send(self, parameters: Json, **content: Any) -> Json:
        chat = self.chat_to_write_to(parameters["chat_id"])
        thread = parameters.get("message_thread_id")
        if thread is not None and not chat.get("is_forum"):
            raise bad_request("message thread not found")
        reply = parameters.get("reply_parameters")
        replied = self.messages.get(chat["id"], {}).get(reply["message_id"]) if reply else None
        if reply and not replied and not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        written: Json = {
            "message_id": self.next_number(),
            "from": bot_user(),
            "chat": chat,
            "date": self.next_second(),
            **content,
        }
        if thread is not None:
            written |= {"message_thread_id": thread, "is_topic_message": True}
        if replied:
            written["reply_to_message"] = {name: of for name, of in replied.items() if name != "reply_to_message"}
        return self.keep(written)

    def send_message(self, parameters: Json) -> Json:
        return self.send(parameters, **_words(parameters))

    def send_document(self, parameters: Json) -> Json:
        """What was uploaded can be fetched again, by the id that the answer gives it."""
        upload = parameters["document"]
        file = f"BQACAgQAAx-sent-{len(self.files) + 1}"
        sent = self.send(
            parameters,
            document=document(file, upload.name, len(upload.content), upload.media_type),
            **({"caption": parameters["caption"]} if parameters.get("caption") else {}),
        )
        self.files[file] = (f"documents/{upload.name}", upload.content)
        return sent

    def edit_message(self, parameters: Json) -> Json:
        chat = self.chat_to_write_to(parameters["chat_id"])
        message = self.messages.get(chat["id"], {}).get(parameters["message_id"])
        if message is None:
            raise bad_request("message to edit not found")
        if not message["from"]["is_bot"]:
            raise bad_request("message can't be edited")
        new = _words(parameters)
        if all(message.get(name) == new.get(name) for name in ("text", "entities", "reply_markup")):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                "current content and reply markup of the message"
            )
        for name in ("text", "entities", "reply_markup"):
            message.pop(name, None)
        message |= {**new, "edit_date": self.next_second()}
        return message

    def answer_callback(self, parameters: Json) -> bool:
        if parameters["callback_query_id"] not in self.callbacks:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if parameters.get("text"):
            self.toasts.append(parameters)
        return True

    def file(self, file_id: str) -> Json:
        if file_id not in self.files:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        path, content = self.files[file_id]
        if len(content) > 20_000_000:
            raise bad_request("file is too big")
        return {"file_id": file_id, "file_unique_id": "u1", "file_size": len(content), "file_path": path}


def _words(parameters: Json) -> Json:
    kept = {"text": parameters["text"].strip()}
    return kept | {name: parameters[name] for name in ("entities", "reply_markup") if parameters.get(name)}
