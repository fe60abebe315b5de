"""The vault: secrets of installations, sealed with a key that comes from the one secret of this server."""

import base64
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from core.ports import WrongSecret
from storage.database import Database, insert
from storage.outgoing import secret as secrets

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class SqlVault:
    """Sealed with `secret`; what was sealed with the one `before` can still be read."""

    def __init__(self, database: Database, secret: str, before: str = "") -> None:
        self._database, self._secrets = database, (secret, before) if before else (secret,)

    async def keep(self, kind: str, name: str, secret: str) -> None:
        sealed = {"sealed": self._keys.encrypt(secret.encode()).decode()}
        async with self._database.writing() as connection:
            row = insert(connection, secrets).values(kind=kind, name=name, **sealed)
            await connection.execute(row.on_conflict_do_update(index_elements=["kind", "name"], set_=sealed))

    async def find(self, kind: str, name: str) -> str | None:
        async with self._database.reading() as connection:
            here = select(secrets.c.sealed).where(secrets.c.kind == kind, secrets.c.name == name)
            sealed = await connection.scalar(here)
        return None if sealed is None else self._open(kind, name, sealed)

    async def names(self, kind: str) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            named = select(secrets.c.name).where(secrets.c.kind == kind).order_by(secrets.c.name)
            return tuple((await connection.scalars(named)).all())

    async def drop(self, kind: str, name: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(secrets).where(secrets.c.kind == kind, secrets.c.name == name))

    async def rotate(self) -> int:
        """Seals everything anew with the newest secret, all of it or nothing; how much that is. Raises as `find`."""
        async with self._database.writing() as connection:
            kept = (await connection.execute(select(secrets).with_for_update())).all()
            for kind, name, sealed in kept:
                anew = self._keys.encrypt(self._open(kind, name, sealed).encode()).decode()
                here = update(secrets).where(secrets.c.kind == kind, secrets.c.name == name)
                await connection.execute(here.values(sealed=anew))
        return len(kept)

    def _open(self, kind: str, name: str, sealed: str) -> str:
        from cryptography.fernet import InvalidToken  # see `_keys`

        try:
            return self._keys.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise WrongSecret(kind, name) from error

    @cached_property
    def _keys(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet  # loaded where something is kept, which is seldom
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        def key(secret: str) -> Fernet:
            derived = HKDF(SHA256(), length=32, salt=None, info=b"folkmoot vault").derive(secret.encode())
            return Fernet(base64.urlsafe_b64encode(derived))

        return MultiFernet([key(secret) for secret in self._secrets])
