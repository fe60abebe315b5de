"""An update that Telegram posts to us, and what to answer it. The web layer brings the bytes and sends the status."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable

from bots.telegram.account import TelegramBot
from bots.telegram.intake import read
from bots.telegram.patience import Patience, place_of
from core.inbound import Inbound
from core.ports import Clock

log = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000
"""Bytes: the web layer's limit. A message of 4,096 characters that quotes another, each character escaped and each with
an entity of its own, stays below half of it, so nothing of Telegram's is ever refused and comes again for it."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name, not a secret

Read = Callable[[], Awaitable[bytes]]
"""Reads the body."""


def is_telegrams(secret_header: str | None, secret: str) -> bool:
    """Whether whoever posts knows our secret. Costs less than reading what they post."""
    return bool(secret) and hmac.compare_digest((secret_header or "").encode("utf-8", "replace"), secret.encode())


async def take_webhook(
    body: Read,
    secret_header: str | None,
    *,
    secret: str,
    bot: TelegramBot,
    account: str,
    username: str,
    take: Callable[[Inbound], Awaitable[object]],
    clock: Clock,
    patience: Patience,
) -> int:
    """The status to answer: 200 once the turn is committed, or where there is nothing to do, 403 without the secret,
    the body unread.

    Telegram sends an update again until it gets a 2xx. So what can't be read is 200 as well, for it will never be
    readable; and whatever `take` raises goes up to become a 500, for it may go well next time, until `patience` ends.
    """
    if not is_telegrams(secret_header, secret):
        return 403
    content = await body()
    if len(content) > LARGEST_BODY:
        return 413
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        return 200
    key = str(payload.get("update_id", "")) if isinstance(payload, dict) else ""
    try:
        inbound = await read(payload, bot, account, username, clock.now())
        if inbound is not None and await take(inbound) is not None:
            patience.succeeded(key)  # a turn of its own, so the store works; a repeat might not have asked it
    except Exception as error:  # whatever it is, it goes on; only how often it came is noted
        if not patience.is_lost(key, error):
            raise
        log.error("update %.20s failed (%s in %s) and is given up", key, type(error).__name__, place_of(error))
    return 200
