"""Backups: a copy of the whole database in one file, taken while the service goes on writing."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from storage.database import read_url


class NoBackup(Exception):
    """Says why there is none, and what to do about it."""


def back_up(url: str, file: Path) -> None:
    """All that was committed until now, in a file that its owner alone can read. Raises NoBackup."""
    address = read_url(url)
    with _whole(file) as growing:
        if address.get_backend_name() == "sqlite":
            _copy_sqlite(Path(address.database or "").expanduser(), growing)
        else:
            _dump_postgres(address, growing)


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A file in a folder of its own beside the one that is asked for, which it becomes when it is whole."""
    if file.exists():
        raise NoBackup(f"{file} is there already, and stays as it is: choose another name")
    if not file.parent.is_dir():
        raise NoBackup(f"there is no folder {file.parent}")
    with TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        growing = Path(folder) / "backup"
        growing.touch(0o600)
        yield growing
        with growing.open("rb") as written:
            os.fsync(written.fileno())
        try:
            os.link(growing, file)  # unlike a renaming, it never takes another's place
        except FileExistsError:
            raise NoBackup(f"{file} has come to be meanwhile, and stays as it is: choose another name") from None


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise NoBackup(f"there is no database at {source}")
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)  # in one go, as of one moment, with what is in the write-ahead log; writers don't wait
        here.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        if (found := here.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise NoBackup(f"the copy isn’t sound, so the database may not be: {found}")


def _dump_postgres(address: URL, target: Path) -> None:
    """With PostgreSQL's own program, which has to be as new as its server."""
    without_driver = address.set(drivername="postgresql")
    if "ssl" in address.query:  # asyncpg's word for what libpq calls `sslmode`
        ssl = address.query["ssl"]
        without_driver = without_driver.difference_update_query(["ssl"]).update_query_dict({"sslmode": ssl})
    shown = without_driver.set(password=None).render_as_string()
    command = ["pg_dump", "--format=custom", "--no-owner", f"--dbname={shown}"]
    if not (program := shutil.which("pg_dump")):
        raise NoBackup(f"pg_dump isn’t here. Where it is: {' '.join(command)} > FILE")
    secrets = {"PGPASSWORD": address.password} if address.password else {}
    with target.open("wb") as file:
        done = subprocess.run(  # noqa: S603  # our own words and the address that we were given
            [program, *command[1:]], stdout=file, stderr=subprocess.PIPE, env={**os.environ, **secrets}, check=False
        )
    if done.returncode:
        raise NoBackup(f"pg_dump gave up: {done.stderr.decode(errors='replace').strip()}")
