"""Asking twice: a request that carries a key is done once, however often it is sent, and answered alike each time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class First:
    """It wasn't asked before: do it, then keep the answer."""


@dataclass(frozen=True, slots=True)
class StillAnswered:
    """The first is still on its way."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The key was used for something else."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    media_type: str
    content: bytes


Asked = First | StillAnswered | Elsewhere | Answered


class AskedBefore(Protocol):
    """Answers are kept for a day, under a token and the key that its bearer chose."""

    async def begin(self, token_id: int, key: str, asked_for: str, now: datetime) -> Asked:
        """`asked_for`: a digest of all that was asked. Of two at once one is the first."""
        ...

    async def keep(self, token_id: int, key: str, answer: Answered) -> None: ...
    async def drop(self, token_id: int, key: str) -> None:
        """It failed by our fault, and may be tried again."""
        ...
