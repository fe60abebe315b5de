"""A clock that stands still until it is moved, and a mint whose codes can be foreseen."""

from datetime import UTC, datetime, timedelta

from core.receipts import ALPHABET, RANDOM_SYMBOLS, receipt_code


class SetClock:
    def __init__(self, at: datetime = datetime(2026, 11, 23, 10, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at

    def move(self, by: timedelta) -> None:
        self._at += by


class CountingMint:
    def __init__(self) -> None:
        self._minted = 0

    def receipt(self) -> str:
        return receipt_code(self._symbols(RANDOM_SYMBOLS))

    def token(self) -> str:
        return self._symbols(RANDOM_SYMBOLS + 1)

    def _symbols(self, count: int) -> str:
        self._minted += 1
        number, symbols = self._minted, ""
        while number:
            number, digit = divmod(number, len(ALPHABET))
            symbols = ALPHABET[digit] + symbols
        return symbols.rjust(count, "A")
