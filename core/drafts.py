"""Drafts: consultations that are still being written, kept as the text of their file with all its mistakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.consultations import EVERYBODY, Audience
from core.deeds import By, Deed
from core.events import Event
from core.ports import Post


@dataclass(frozen=True, slots=True)
class Content:
    """`slug` and `title` as they can be read in the text, or empty; `audience` whom it asked when that could last be
    read: whoever may ask them may see the draft."""

    text: str
    slug: str = ""
    title: str = ""
    audience: Audience = EVERYBODY


@dataclass(frozen=True, slots=True)
class Draft:
    """`version` goes up with every change. `of`: the consultation that it will replace. `by`: the name of whoever
    changed it last, empty where nobody is behind it any more."""

    id: int
    version: int
    content: Content
    of: str | None
    changed_at: datetime
    by: str = ""
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    draft: Draft


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else changed it meanwhile; nothing was saved. The draft as they left it."""

    draft: Draft


class Gone:
    """It was published, or thrown away."""


GONE = Gone()


class Drafts(Protocol):
    """Every change carries the version that was seen, and is made only where that is still the latest."""

    async def all(self) -> tuple[Draft, ...]:
        """The latest changed first; whoever asks picks those that they may see."""
        ...

    async def find(self, id: int) -> Draft | None: ...
    async def of(self, consultation: str) -> Draft | None:
        """The draft that will replace it: of a consultation there is one at the most."""
        ...

    async def begin(self, content: Content, by: By, of: str | None = None) -> int:
        """Its number; that of the draft which is there, where there is one of that consultation already."""
        ...

    async def save(self, id: int, version: int, content: Content, by: By) -> Saved | Moved | Gone:
        """What is the same as before is saved, whichever version was seen, and stays that version."""
        ...

    async def discard(self, id: int, version: int, by: By) -> Saved | Moved | Gone: ...
    async def publish(self, id: int, version: int, events: Sequence[Event], by: By) -> Saved | Moved | Gone:
        """These facts, and the draft is no more, in one transaction."""
        ...

    async def change(
        self, events: Sequence[Event], by: By, *, posts: Sequence[Post] = (), deeds: Sequence[Deed] = ()
    ) -> None:
        """What is done to consultations that are published, and what of it stands in the log."""
        ...

    async def answered(self, consultation: str) -> Mapping[str, int]:
        """How many have answered or skipped each of its prompts, by key."""
        ...


def of_draft(id: int) -> str:
    """What the log says a deed is about."""
    return f"draft:{id}"
