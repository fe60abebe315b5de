"""The vault: secrets of installations, sealed with a key that comes from the one secret of this server."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select

from storage.database import Database, insert
from storage.outgoing import secret as secrets


class WrongSecret(Exception):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"what is kept as {kind} of {name} was sealed with another SECRET_KEY: "
            "set the one that this database was used with before, or connect it anew"
        )


class SqlVault:
    def __init__(self, database: Database, secret: str) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=b"folkmoot vault").derive(secret.encode())
        self._database = database
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    async def keep(self, kind: str, name: str, secret: str) -> None:
        sealed = {"sealed": self._fernet.encrypt(secret.encode()).decode()}
        async with self._database.writing() as connection:
            row = insert(connection, secrets).values(kind=kind, name=name, **sealed)
            await connection.execute(row.on_conflict_do_update(index_elements=["kind", "name"], set_=sealed))

    async def find(self, kind: str, name: str) -> str | None:
        """Raises WrongSecret where it was sealed with another key."""
        async with self._database.reading() as connection:
            here = select(secrets.c.sealed).where(secrets.c.kind == kind, secrets.c.name == name)
            sealed = await connection.scalar(here)
        if sealed is None:
            return None
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise WrongSecret(kind, name) from error

    async def names(self, kind: str) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            named = select(secrets.c.name).where(secrets.c.kind == kind).order_by(secrets.c.name)
            return tuple((await connection.scalars(named)).all())

    async def drop(self, kind: str, name: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(secrets).where(secrets.c.kind == kind, secrets.c.name == name))
