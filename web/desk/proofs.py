"""Proofs: what a platform tells us of who somebody is, as the door of the desk asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.members import Address


class ByTelegram(Protocol):
    def leads_to(self, back: str) -> str:
        """Telegram's page where they say yes; it leads `back` to ours."""
        ...

    async def who(self, fields: Mapping[str, str], now: datetime) -> Address | None:
        """Whom Telegram has signed for; None where it hasn't, or too long ago, or where it was shown to us before."""
        ...


class BySlack(Protocol):
    def leads_to(self, state: str, nonce: str) -> str:
        """Slack's page where they say yes; it leads back to ours with `state`."""
        ...

    async def who(self, code: str, nonce: str, now: datetime) -> Address | None:
        """Who was given this code there; None where nobody was, or for another nonce, or where Slack isn't reached."""
        ...


@dataclass(frozen=True, slots=True)
class Proofs:
    """None where a channel isn't set up for it."""

    telegram: ByTelegram | None = None
    slack: BySlack | None = None
