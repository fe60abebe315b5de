"""The steps themselves, taken by Alembic: apart, as a process whose database is up to date has no need of it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def settings(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def up(connection: Connection, revision: str) -> None:
    command.upgrade(settings(connection), revision)


def down(connection: Connection, revision: str) -> None:
    command.downgrade(settings(connection), revision)
