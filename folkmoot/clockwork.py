"""The real clock and the real dice; everything else is handed them."""

import secrets
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
        return "".join(secrets.choice(ALPHABET) for _ in range(count))
