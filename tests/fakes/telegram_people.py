"""Being the people in a fake Telegram: what they say, press, edit, send and leave, as updates for the bot."""

from abc import abstractmethod
from typing import Any

from tests.fakes.telegram_payloads import Json, document, group_chat, membership, message, photo, press, reply_to, voice
from tests.fakes.telegram_world import World


class People:
    """Every method returns the update as the bot gets it; `update["message"]["message_id"]` is its number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._presses = 0

    @abstractmethod
    def push(self, kind: str, content: Json) -> Json: ...

    def meet(
        self, user_id: int, first_name: str = "Ann", language: str | None = "en", *, started: bool = False
    ) -> Json:
        """Makes somebody known; `started` as if they had written to the bot before."""
        known = {"id": user_id, "is_bot": False, "first_name": first_name}
        self.world.users[user_id] = {**known, "language_code": language} if language else known
        if started:
            self.world.started.add(user_id)
        return self.world.users[user_id]

    def user_says(self, user_id: int, text: str, **more: Any) -> Json:
        return self._private(user_id, text, **more)

    def user_sends_photo(self, user_id: int, caption: str = "", content: bytes = b"\xff\xd8 a photo") -> Json:
        self._presses += 1
        file = f"AgACAgQAAx-{self._presses}"
        self.world.files[f"{file}-y"] = (f"photos/file_{self._presses}.jpg", content)
        return self._private(user_id, None, photo=photo(file), **_caption(caption))

    def user_sends_voice(self, user_id: int, content: bytes = b"OggS a voice") -> Json:
        self._presses += 1
        file = f"AwACAgQAAx-{self._presses}"
        self.world.files[file] = (f"voice/file_{self._presses}.oga", content)
        return self._private(user_id, None, voice=voice(file))

    def user_sends_document(self, user_id: int, name: str, content: bytes, caption: str = "") -> Json:
        self._presses += 1
        file = f"BQACAgQAAx-{self._presses}"
        self.world.files[file] = (f"documents/file_{self._presses}_{name}", content)
        return self._private(user_id, None, document=document(file, name, len(content)), **_caption(caption))

    def group_says(
        self,
        group_id: int,
        user_id: int,
        text: str,
        *,
        reply: Json | None = None,
        thread: int | None = None,
        **more: Any,
    ) -> Json:
        """`reply` is the message replied to, `thread` a forum topic."""
        if thread is not None:
            self.world.group(group_id)["is_forum"] = True
            more |= {"message_thread_id": thread, "is_topic_message": True}
        if reply is not None:
            more["reply_to_message"] = reply_to(reply)
        return self._say(self.world.user(user_id), self.world.group(group_id), text, **more)

    def edit(self, user_id: int, number: int, text: str, *, chat_id: int | None = None) -> Json:
        """Somebody changes the words of their message with this number."""
        earlier = self.world.messages[chat_id or user_id][number]
        words = "text" if "text" in earlier else "caption"
        edited = {**earlier, words: text, "edit_date": self.world.next_second()}
        return self.push("edited_message", self.world.keep(edited))

    def press(self, user_id: int, label: str, *, chat_id: int | None = None) -> Json:
        """Presses the newest button in the chat that reads so (or has this data)."""
        chat = chat_id or user_id
        for of in reversed(self.sent(chat)):
            for button in buttons(of):
                if label in (button["text"], button.get("callback_data")):
                    return self.press_data(user_id, button["callback_data"], of)
        shown = [button["text"] for of in self.sent(chat) for button in buttons(of)]
        raise AssertionError(f"no button {label!r} in chat {chat}; there are {shown}")

    def press_data(self, user_id: int, data: str, of: Json) -> Json:
        """Presses a button with any data on a message, as an older version's buttons might have it."""
        self._presses += 1
        callback = f"callback-{self._presses}"
        self.world.callbacks.add(callback)
        return self.push("callback_query", press(data, of, sender=self.world.user(user_id), callback=callback))

    def block(self, user_id: int) -> Json:
        self.world.blocked.add(user_id)
        return self._membership(user_id, "kicked")

    def unblock(self, user_id: int) -> Json:
        self.world.blocked.discard(user_id)
        return self._membership(user_id, "member")

    def migrate(self, group_id: int, to: int, user_id: int) -> Json:
        """A group becomes a supergroup, with a new id."""
        old = self.world.group(group_id)
        self.world.groups[to] = group_chat(to, old["title"])
        self.world.migrated[group_id] = to
        return self._say(self.world.user(user_id), old, None, migrate_to_chat_id=to)

    def sent(self, chat_id: int) -> list[Json]:
        """The bot's messages in a chat as they stand now, oldest first."""
        return [of for of in self.world.messages.get(chat_id, {}).values() if of["from"]["is_bot"]]

    def texts(self, chat_id: int) -> list[str]:
        return [of.get("text", "") for of in self.sent(chat_id)]

    def _private(self, user_id: int, text: str | None, **more: Any) -> Json:
        self.world.started.add(user_id)
        return self._say(self.world.user(user_id), self.world.chat(user_id), text, **more)

    def _say(self, sender: Json, chat: Json, text: str | None, **more: Any) -> Json:
        number, date = self.world.next_number(), self.world.next_second()
        said = message(text, sender=sender, chat=chat, number=number, date=date, **more)
        return self.push("message", self.world.keep(said))

    def _membership(self, user_id: int, status: str) -> Json:
        who = self.world.user(user_id)
        return self.push("my_chat_member", membership(status, sender=who, date=self.world.next_second()))


def buttons(of: Json) -> list[Json]:
    return [button for row in of.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def _caption(caption: str) -> Json:
    return {"caption": caption} if caption else {}
