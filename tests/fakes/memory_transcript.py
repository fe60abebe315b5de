"""The web chat's transcript and the vault in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.outbound import Message
from core.ports import Line


@dataclass(slots=True)
class Chat:
    lines: dict[int, Line] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    revision: int = 0


class MemoryTranscript:
    def __init__(self) -> None:
        self._chats: dict[str, Chat] = {}
        self._lines = 0

    async def append(self, user: str, ours: bool, message: Message, at: datetime, key: str | None = None) -> int:
        chat = self._chats.setdefault(user, Chat())
        if key is not None and key in chat.keys:
            return chat.keys[key]
        self._lines += 1
        chat.revision += 1
        chat.lines[self._lines] = Line(self._lines, chat.revision, ours, at, message)
        if key is not None:
            chat.keys[key] = self._lines
        return self._lines

    async def replace(self, user: str, line: int, message: Message) -> bool:
        chat = self._chats.setdefault(user, Chat())
        found = chat.lines.get(line)
        if found is None or not found.ours:
            return False
        chat.revision += 1
        chat.lines[line] = replace(found, message=message, revision=chat.revision)
        return True

    async def lines(self, user: str, since: int = 0, limit: int = 200) -> tuple[Line, ...]:
        lines = self._chats.get(user, Chat()).lines.values()
        return tuple(line for line in lines if line.revision > since)[-limit:]


class MemoryVault:
    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str], str] = {}

    async def keep(self, kind: str, name: str, secret: str) -> None:
        self._secrets[kind, name] = secret

    async def find(self, kind: str, name: str) -> str | None:
        return self._secrets.get((kind, name))

    async def names(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(name for of, name in self._secrets if of == kind))

    async def drop(self, kind: str, name: str) -> None:
        self._secrets.pop((kind, name), None)
