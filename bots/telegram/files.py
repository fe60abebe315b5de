"""Attachments, which stay with Telegram, fetched when somebody wants to see one."""

import mimetypes
from urllib.parse import quote

from telegram import File
from telegram.error import InvalidToken, TelegramError

from bots.telegram.account import CallRefused, TelegramBot, fault

LARGEST = 20_000_000
"""Bytes. Telegram's limit for what a bot may fetch."""


async def fetch(bot: TelegramBot, file: str) -> tuple[bytes, str]:
    """A file and its media type, by Telegram's id of it.

    Raises CallRefused where Telegram won't give it (any more), Unreachable or TokenRefused where it can't now.
    """
    found = File.de_json(await bot.demand("getFile", file_id=file), bot)
    path = found.file_path
    if not path or (found.file_size or 0) > LARGEST:
        raise CallRefused("getFile", "the file is too big for a bot")
    try:
        content = await bot.request.retrieve(f"{bot.base_file_url}/{quote(path)}")
    except InvalidToken:  # what the library makes of any 404
        raise CallRefused("getFile", "the file is no longer there") from None
    except TelegramError as error:
        raise fault("getFile", error) from None
    return content, mimetypes.guess_type(path)[0] or "application/octet-stream"
