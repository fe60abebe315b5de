"""From an update as JSON to an inbound, with the text of the file that came along, if a command takes one."""

from dataclasses import replace
from datetime import datetime

from bots.telegram.account import CallRefused, TelegramBot
from bots.telegram.characters import valid
from bots.telegram.files import fetch
from bots.telegram.reading import read_document, read_json, read_update
from core.inbound import Commanded, Inbound


async def read(payload: object, bot: TelegramBot, account: str, username: str, received: datetime) -> Inbound | None:
    """Raises Unreachable or TokenRefused where a file couldn't be fetched for now: the update must come again."""
    update = read_json(payload, bot)
    inbound = read_update(update, account, username, received) if update else None
    document = read_document(update, username) if update and inbound else None
    if document is None or inbound is None or not isinstance(inbound.deed, Commanded):
        return inbound
    try:
        content, _ = await fetch(bot, document.file)
    except CallRefused:
        return inbound  # it will never be had: the command goes on without it, and is told that a file is missing
    return replace(inbound, deed=replace(inbound.deed, argument=valid(content.decode("utf-8-sig", "replace"))))
