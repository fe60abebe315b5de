"""Pages by where the last one ended, however many there are before: what they are sorted by, and the row's number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_

from core.numerals import read_whole

LATEST = 10**17 - 1
"""Microseconds: beyond the year 5000 a time can't be read back everywhere."""


@dataclass(frozen=True, slots=True)
class Key:
    """`of`: what the column needs to be joined with."""

    column: ColumnElement[Any]
    number: ColumnElement[int]
    is_descending: bool = False
    is_time: bool = False
    of: Callable[[Select[Any]], Select[Any]] = lambda asked: asked

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        both = (self.column, self.number) if self.column is not self.number else (self.number,)
        return tuple(one.desc() for one in both) if self.is_descending else both


def page_after(key: Key, start: tuple[Any, int]) -> ColumnElement[bool]:
    value, number = start
    if key.column is key.number:
        return key.number < number if key.is_descending else key.number > number
    beyond = key.column < value if key.is_descending else key.column > value
    further = key.number < number if key.is_descending else key.number > number
    return or_(beyond, and_(key.column == value, further))


def write_after(value: object, number: int) -> str:
    written = str(round(value.timestamp() * 1_000_000)) if isinstance(value, datetime) else str(value or 0)
    return f"{written}.{number}"


def read_after(typed: str, key: Key) -> tuple[Any, int] | None:
    """None where it isn't one of ours: then it is the first page."""
    first, _, last = typed.partition(".")
    value, number = read_whole(first, LATEST), read_whole(last)
    if value is None or number is None:
        return None
    return (datetime.fromtimestamp(value / 1_000_000, UTC) if key.is_time else value), number
