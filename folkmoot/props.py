"""What a rehearsal is played with: sentences and manners, a clock that is set, and codes that come again."""

from dataclasses import dataclass
from datetime import datetime

from core.nudges import Manners
from core.receipts import ALPHABET, RANDOM_SYMBOLS, receipt_code
from core.texts import Texts


@dataclass(frozen=True, slots=True)
class House:
    """What every rehearsal is played with."""

    texts: Texts
    manners: Manners
    public_url: str
    timezone: str


class SetClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class CountingMint:
    """Codes that are the same whenever the script is played."""

    def __init__(self) -> None:
        self._count = 0

    def receipt(self) -> str:
        return receipt_code(self._next(RANDOM_SYMBOLS))

    def token(self) -> str:
        return self._next(RANDOM_SYMBOLS + 1)

    def _next(self, symbols: int) -> str:
        """Far apart, as real ones are."""
        self._count += 1
        number = self._count * 7_368_787_843 % 32**RANDOM_SYMBOLS
        return "".join(ALPHABET[number >> 5 * place & 31] for place in range(symbols))
