"""People in Telegram as a test plays them: somebody says or presses something, and waits for what they then hear."""

from tests.fakes.telegram_payloads import Json
from tests.fakes.telegram_server import Call, TelegramServer


class Person:
    """One person, in the private chat with the bot or in `group`."""

    def __init__(
        self, telegram: TelegramServer, number: int, name: str = "Ann", language: str = "en", group: int | None = None
    ) -> None:
        self.telegram, self.number, self.group = telegram, number, group
        self.said: Json = {}
        if number not in telegram.world.users:
            telegram.meet(number, name, language)

    def within(self, group: int) -> "Person":
        return Person(self.telegram, self.number, group=group)

    @property
    def chat(self) -> int:
        return self.group or self.number

    async def says(self, text: str, hears: str, **more: object) -> str:
        before = len(self.telegram.calls)
        if self.group:
            update = self.telegram.group_says(self.group, self.number, text, **more)  # type: ignore[arg-type]
        else:
            update = self.telegram.user_says(self.number, text, **more)
        self.said = update["message"]
        return await self.hears(hears, before)

    async def presses(self, label: str, hears: str) -> str:
        before = len(self.telegram.calls)
        self.telegram.press(self.number, label, chat_id=self.chat)
        return await self.hears(hears, before)

    async def hears(self, words: str, since: int = 0, chat: int | None = None) -> str:
        """The first thing written or changed in the chat since then that has these words; toasts count, too."""
        found: list[str] = []

        def heard() -> bool:
            found[:] = [text for text in self.heard(since, chat) if words in text]
            return bool(found)

        try:
            await self.telegram.until(heard)
        except AssertionError:
            raise AssertionError(f"{words!r} was not heard, but: {self.heard(since, chat)}") from None
        return found[0]

    def heard(self, since: int = 0, chat: int | None = None) -> list[str]:
        return [call.parameters["text"] for call in self.telegram.calls[since:] if _is_heard(call, chat or self.chat)]

    def labels(self) -> list[str]:
        """What the buttons of the newest message read."""
        rows = self.telegram.sent(self.chat)[-1].get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]


def _is_heard(call: Call, chat: int) -> bool:
    if call.method == "answerCallbackQuery":
        return bool(call.parameters.get("text"))
    return call.method in ("sendMessage", "editMessageText") and call.parameters["chat_id"] == chat
