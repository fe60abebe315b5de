"""One Telegram bot: opening it with its token, calling its methods, and the faults of setting it up."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import telegram
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, EndPointNotFound, Forbidden, InvalidToken, TelegramError

from bots.telegram.request import AiohttpRequest, Unanswered, plain
from core.outbound import File, Picture

API_URL = "https://api.telegram.org"

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds that `reading` can make something of."""

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TokenRefused(Exception):
    def __init__(self) -> None:
        super().__init__("Telegram doesn't know this bot: check TELEGRAM_BOT_TOKEN (@BotFather shows it)")


class Unreachable(ConnectionError):
    """For now: trying again later may help."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Telegram can't be reached just now: {why}")


class CallRefused(Exception):
    def __init__(self, method: str, why: str) -> None:
        super().__init__(f"Telegram refuses {method}: {why}")
        self.why = why


class TelegramBot(telegram.Bot):
    """The library's bot without its typed methods' detours: a method's name and its parameters as Telegram has them."""

    def __repr__(self) -> str:
        return "TelegramBot()"  # the library's own would show the token

    @property
    def account(self) -> str:
        """As addresses and places name it."""
        return f"telegram:{self.id}"

    async def call(self, method: str, parameters: Mapping[str, object], read_timeout: float | None = None) -> Any:
        """The `result` of the answer; a file of ours is uploaded. Raises the library's TelegramError, or one of
        `request`'s."""
        ours = (File, Picture)
        given = {name: _uploaded(value) if isinstance(value, ours) else value for name, value in parameters.items()}
        try:
            if read_timeout is None and not any(isinstance(value, telegram.InputFile) for value in given.values()):
                return await self._request[1].post(f"{self._base_url}/{method}", plain(given))
            if read_timeout is None:
                return await self._post(method, given)
            return await self._post(method, given, read_timeout=read_timeout)
        except KeyError as error:
            raise Unanswered("Telegram's answer has no result in it") from error

    async def demand(self, method: str, **parameters: object) -> Any:
        """A call that must succeed. Raises TokenRefused, Unreachable or CallRefused."""
        try:
            return await self.call(method, parameters)
        except TelegramError as error:
            raise fault(method, error) from None


def _uploaded(file: File | Picture) -> telegram.InputFile:
    content = file.content
    if len(content) > FileSizeLimit.FILESIZE_UPLOAD:
        raise BadRequest("The file is too big")  # Telegram would hang up in the middle of it
    upload = telegram.InputFile(content, filename=file.name)
    upload.mimetype = file.media_type  # the library would guess it from the name
    return upload


def fault(method: str, error: TelegramError) -> Exception:
    """Our own exception for one of the library's, which never leave this folder."""
    match error:
        case InvalidToken() | EndPointNotFound():
            return TokenRefused()
        case BadRequest() | Forbidden():
            return CallRefused(method, error.message)
        case _:
            return Unreachable(error.message)


async def open_bot(token: str, api_url: str, session: aiohttp.ClientSession) -> TelegramBot:
    """The bot, its own name and id known. Raises TokenRefused or Unreachable."""
    logging.getLogger("telegram").setLevel(logging.WARNING)  # below that it writes tokens and texts to the log
    api = (api_url or API_URL).rstrip("/")
    request = AiohttpRequest(session)
    try:
        bot = TelegramBot(token.strip(), f"{api}/bot", f"{api}/file/bot", request, request)
        await bot.initialize()
    except TelegramError as error:
        raise fault("getMe", error) from None  # the library's error has the token in it
    except (KeyError, TypeError) as error:
        raise Unreachable(f"what answers at {api} is not the Bot API") from error
    return bot


async def set_webhook(bot: TelegramBot, public_url: str, secret: str) -> None:
    """Has Telegram post updates to `PUBLIC_URL/telegram/webhook`. Raises as `demand`, ValueError for a bad secret."""
    if not _SECRET.fullmatch(secret):
        raise ValueError("TELEGRAM_WEBHOOK_SECRET must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -")
    url = f"{public_url.rstrip('/')}/telegram/webhook"
    await bot.demand("setWebhook", url=url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)


async def set_commands(bot: TelegramBot, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """The menu of commands by language, each a name and what it does. The first language is also everybody else's.

    Raises as `demand`, ValueError for a name that Telegram doesn't take.
    """
    for number, (language, listed) in enumerate(commands.items()):
        for name, _ in listed:
            if not _COMMAND.fullmatch(name):
                raise ValueError(f"Telegram takes commands of up to 32 of a-z, 0-9 and _, not {name!r}")
        menu = [{"command": name, "description": description[:256]} for name, description in listed]
        if number == 0:
            await bot.demand("setMyCommands", commands=menu)
        if len(language) == 2:  # Telegram knows two-letter codes alone
            await bot.demand("setMyCommands", commands=menu, language_code=language)
