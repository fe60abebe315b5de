"""An update that Telegram posts to us, and what to answer it. The web layer brings the bytes and sends the status."""

import hmac
import json
from collections.abc import Awaitable, Callable

from bots.telegram.account import TelegramBot
from bots.telegram.intake import read
from core.inbound import Inbound

LARGEST_BODY = 16_000_000
"""Bytes: room for a million characters, escaped as JSON does it. What is refused comes again for ever; Telegram sends
nothing near as long. The web layer refuses a longer body with 413 before it has read it all, and so do we."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name, not a secret


async def take_webhook(
    body: bytes,
    secret_header: str | None,
    *,
    secret: str,
    bot: TelegramBot,
    account: str,
    username: str,
    take: Callable[[Inbound], Awaitable[object]],
) -> int:
    """The status to answer: 200 once the turn is committed, or where there is nothing to do, 403 without the secret.

    Telegram sends an update again until it gets a 2xx. So what can't be read is 200 as well, for it will never be
    readable; and whatever `take` raises goes up to become a 500, for it may go well next time.
    """
    if not secret or not hmac.compare_digest((secret_header or "").encode("utf-8", "replace"), secret.encode()):
        return 403
    if len(body) > LARGEST_BODY:
        return 413
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return 200
    inbound = await read(payload, bot, account, username)
    if inbound is not None:
        await take(inbound)
    return 200
