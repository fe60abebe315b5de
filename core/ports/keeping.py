"""What is kept for the channels themselves: web chats, and secrets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.outbound import Message


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a web chat. `ours`: we said it. `revision` rises with every new or changed line of the chat."""

    id: int
    revision: int
    ours: bool
    at: datetime
    message: Message


class Transcript(Protocol):
    """What a web chat shows: it has no platform behind it that would remember."""

    async def append(self, user: str, ours: bool, message: Message, at: datetime, key: str | None = None) -> int:
        """The new line's id; with a `key` seen before, the earlier line's, and nothing is added."""
        ...

    async def replace(self, user: str, line: int, message: Message) -> bool:
        """Changes one of our lines; False where there is no such line of ours in this chat."""
        ...

    async def lines(self, user: str, since: int = 0, limit: int = 200) -> tuple[Line, ...]:
        """The latest `limit`, by id, that are new or changed since that revision."""
        ...


class Vault(Protocol):
    """Secrets of installations (Slack's tokens), encrypted at rest. Values are JSON text."""

    async def keep(self, kind: str, name: str, secret: str) -> None: ...
    async def find(self, kind: str, name: str) -> str | None:
        """Raises WrongSecret where it was sealed with a key that we don't have."""
        ...

    async def names(self, kind: str) -> tuple[str, ...]: ...
    async def drop(self, kind: str, name: str) -> None: ...
