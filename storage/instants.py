"""Instants in a column: aware going in, UTC coming out, whichever database keeps them."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""The `not_before` of what may go out at any time, so that the column is never empty and sorts."""


class NaiveInstant(ValueError):
    def __init__(self, value: datetime) -> None:
        super().__init__(f"{value.isoformat()} has no time zone: give an aware datetime")


class Instant(TypeDecorator[datetime]):
    """SQLite keeps no time zone and would give back naive values, so everything is UTC there."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstant(value)
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
