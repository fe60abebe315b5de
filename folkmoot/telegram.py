"""Telegram as this process runs it: connected as soon as Telegram answers, then polled or posted to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property

import aiohttp

from bots.telegram.account import (
    CallRefused,
    TelegramBot,
    TokenRefused,
    Unreachable,
    open_bot,
    set_commands,
    set_webhook,
)
from bots.telegram.messenger import TelegramMessenger
from bots.telegram.patience import Patience
from bots.telegram.polling import poll
from bots.telegram.webhook import is_telegrams, take_webhook
from core.inbound import Inbound
from core.ports import Clock, Outbox
from core.texts import T, Texts
from folkmoot.settings import Settings

log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
NOT_YET = 503

MENU = {
    "start": T("What is open, and how to take part"),
    "idea": T("Put an idea forward"),
    "mine": T("My ideas and their stories"),
    "story": T("An idea’s story, by its receipt code"),
    "consultations": T("What is open"),
    "topics": T("What I want to be asked about"),
    "language": T("The language I’m written to in"),
    "timezone": T("The clock I live by"),
    "link": T("One voice over all my apps"),
    "me": T("What is kept about me"),
    "stop": T("No more messages"),
    "help": T("How this works"),
}


def open_session() -> aiohttp.ClientSession:
    """For all calls of this process. To be closed, or used with `async with`."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200))


class Telegram:
    """One bot. Until it is connected it has no messenger, and its updates are told to come again."""

    def __init__(
        self,
        settings: Settings,
        session: aiohttp.ClientSession,
        take: Callable[[Inbound], Awaitable[object]],
        texts: Texts,
        clock: Clock,
    ) -> None:
        self._settings, self._session, self._take = settings, session, take
        self._texts, self._clock = texts, clock
        self._bot: TelegramBot | None = None
        self._patience = Patience()
        self.messenger: TelegramMessenger | None = None

    @cached_property
    def _webhook_secrets(self) -> tuple[str, ...]:
        """Known once: where they are made of a file, a forged call must not have us read that."""
        return self._settings.webhook_secrets()

    @property
    def account(self) -> str | None:
        return self._bot.account if self._bot else None

    @property
    def username(self) -> str:
        return self._bot.username if self._bot else ""

    async def connect(self, outbox: Outbox, wait: float = 1.0) -> None:
        """Until Telegram answers. A token that is refused is said, and tried again: it may be put right over there."""
        while self._bot is None:
            try:
                bot = await open_bot(self._settings.telegram_bot_token, self._settings.telegram_api_url, self._session)
                await self._introduce(bot)
                await outbox.open_lane(bot.account)
            except (TokenRefused, Unreachable, CallRefused, OSError) as error:
                log.warning("Telegram: %s; trying again in %.0f s", error, wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            self.messenger = TelegramMessenger(bot, bot.username)
            self._bot = bot
            log.info("Telegram: connected as @%s, https://t.me/%s", bot.username, bot.username)

    async def _introduce(self, bot: TelegramBot) -> None:
        await set_commands(bot, _menu(self._texts))
        if self._settings.telegram_uses_webhook and self._settings.public_url.startswith("https://"):
            await set_webhook(bot, self._settings.public_url, self._settings.webhook_secret())

    async def take_webhook(self, body: Callable[[], Awaitable[bytes]], secret_header: str | None) -> int:
        """The status to answer: 403 without the secret, the body unread. 503 until we are connected: Telegram sends the
        update again."""
        secret = next((one for one in self._webhook_secrets if is_telegrams(secret_header, one)), "")
        if self._bot is None:
            return NOT_YET if secret else 403
        return await take_webhook(
            body,
            secret_header,
            secret=secret,
            bot=self._bot,
            account=self._bot.account,
            username=self._bot.username,
            take=self._take,
            clock=self._clock,
            patience=self._patience,
        )

    async def fetch(self, file: str) -> tuple[bytes, str] | None:
        """An attachment's content and media type; None where it can't be had."""
        try:
            return await self.messenger.fetch(file) if self.messenger else None
        except (CallRefused, TokenRefused, Unreachable):
            return None

    async def poll(self) -> None:
        if self._bot is not None:
            await poll(self._bot, self._bot.account, self._bot.username, self._take, self._clock)


def _menu(texts: Texts) -> Mapping[str, Sequence[tuple[str, str]]]:
    return {
        language: [(name, texts.say(words, language)) for name, words in MENU.items()] for language in texts.languages
    }
