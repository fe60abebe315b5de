"""The real clock, the real dice, and the wait between two looks; everything else is handed them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from core.receipts import ALPHABET, RANDOM_SYMBOLS, receipt_code


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SecretMint:
    def receipt(self) -> str:
        return receipt_code(self._symbols(RANDOM_SYMBOLS))

    def token(self) -> str:
        return self._symbols(RANDOM_SYMBOLS + 1)

    def _symbols(self, count: int) -> str:
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(count))  # 32 of them: all alike


async def look_again_and_again(look: Callable[[], Awaitable[None]], seconds: float, stopping: asyncio.Event) -> None:
    """Looks at once, and so many seconds after each look, until it is to stop."""
    while not stopping.is_set():
        await look()
        try:
            await asyncio.wait_for(stopping.wait(), seconds)
        except TimeoutError:
            continue
