"""Shapes: what programs send and get, and how pages of a list follow one another."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, model_validator

from core.texts import T
from web.api.problems import Mistake, mistaken

Item = TypeVar("Item")
Read = TypeVar("Read")

ON_A_PAGE, MOST_ON_A_PAGE = 50, 200
LARGEST_NUMBER = 2**53 - 1
"""Numbers that every program can hold."""

FIRST_YEAR, LAST_YEAR = 1970, 2200


def _in_utc(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"a year between {FIRST_YEAR} and {LAST_YEAR} is wanted")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""RFC 3339; coming out always in UTC."""

Texts = dict[str, str]
"""Words by language; the first is what everybody else sees."""


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sent(BaseModel):
    """What is sent to us: a field that we don't know is a mistake, and not passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, sent: object) -> object:
        if _has_nought(sent):
            raise ValueError("there is a letter in it that stands in no text")
        return sent


def _has_nought(sent: object) -> bool:
    """However deep it is."""
    inside = [sent]
    for one in inside:
        match one:
            case str() if "\0" in one:
                return True
            case dict():
                inside += [*one, *one.values()]
            case list():
                inside += one
            case _:
                pass
    return False


class Page(Shape, Generic[Item]):
    """`next`: what to ask for with `cursor`, for those that follow; null after the last."""

    items: list[Item]
    next: str | None


Cursor = Annotated[str, Query(max_length=200, description="`next` of the page before. Opaque: made by us alone.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="How many on a page.")]
Slug = Annotated[str, Path(max_length=40, description="The consultation’s short name.")]


def write_cursor(last: object) -> str:
    return base64.urlsafe_b64encode(f"1 {last}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, read: Callable[[str], Read], otherwise: Read) -> Read:
    """Where the page before ended. Raises a trouble where it is none of ours."""
    if not cursor:
        return otherwise
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        version, _, last = told.partition(" ")
        if version != "1":
            raise ValueError(version)
        return read(last)
    except (binascii.Error, ValueError):
        raise mistaken([Mistake(T("Send what “next” said, as it is."), "query.cursor")]) from None


def read_number(typed: str) -> int:
    number = int(typed)
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(typed)
    return number


def page(found: Sequence[Item], limit: int, last: Callable[[Item], object]) -> tuple[list[Item], str | None]:
    """Of one more than were asked for: those of the page, and what the next is asked for with."""
    here = list(found[:limit])
    return here, write_cursor(last(here[-1])) if len(found) > limit and here else None


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
