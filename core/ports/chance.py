"""Time and chance, which core has none of itself."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Mint(Protocol):
    """Where codes come from: unguessable in the product, foreseeable in tests."""

    def receipt(self) -> str:
        """A receipt code, as `core.receipts.receipt_code` writes it."""
        ...

    def token(self) -> str:
        """Eight characters of Crockford's base 32, for captures, link codes and organiser codes."""
        ...
