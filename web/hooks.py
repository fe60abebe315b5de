"""Hooks as the desk and the interface set them up alike: their names, addresses and secrets."""

import json
import secrets
from collections.abc import Collection
from datetime import datetime

from core.hooks import SECRET_BYTES, Happened, Hook, Secret, rotated, write_secret
from core.ports import Vault, WrongSecret

KIND = "hook"
"""In the vault; by the hook’s id."""


def new_hook(owner: int, name: str, url: str, kinds: Collection[Happened], now: datetime) -> Hook:
    return Hook(f"hk_{secrets.token_hex(8)}", owner, name, url, frozenset(kinds), now)


class HookKeys:
    """The secrets that calls are signed with, in the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def of(self, id: str) -> tuple[Secret, ...]:
        """The present one first; none where it has none that can be read."""
        try:
            kept = await self._vault.find(KIND, id)
        except WrongSecret:
            return ()
        return tuple(_read(one) for one in json.loads(kept)) if kept else ()

    async def begin(self, id: str) -> None:
        await self._keep(id, [Secret(_new())])

    async def rotate(self, id: str, now: datetime) -> None:
        await self._keep(id, rotated(await self.of(id), _new(), now))

    async def drop(self, id: str) -> None:
        await self._vault.drop(KIND, id)

    async def _keep(self, id: str, kept: Collection[Secret]) -> None:
        written = [{"secret": one.value, "until": one.until and one.until.isoformat()} for one in kept]
        await self._vault.keep(KIND, id, json.dumps(written))


def _new() -> str:
    return write_secret(secrets.token_bytes(SECRET_BYTES))


def _read(written: dict[str, str | None]) -> Secret:
    until = written["until"]
    return Secret(str(written["secret"]), datetime.fromisoformat(until) if until else None)
