"""Pictures: what is to be seen on the one that goes with a link, before anything draws it."""

from dataclasses import dataclass
from hashlib import sha256

SIZE = (1200, 630)
DRAWN_LIKE_THIS = 1
"""Goes into the mark of each picture: raise it when the drawing changes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Of a story: `words` of the author (empty where they may not be read), `title` where there are none,
    `where` the idea is now, and whether that is late."""

    code: str
    words: str
    title: str
    where: str
    is_late: bool = False

    @property
    def mark(self) -> str:
        """The same for the same picture, another for another."""
        return sha256(repr((DRAWN_LIKE_THIS, self)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Notice:
    """Of a consultation, or of all of us: a large `title`, what `kind` of thing it is, its `state` in a word or two,
    and below one `line`, and a `headline` beside the point. All but the title may be empty."""

    title: str
    kind: str
    state: str
    line: str
    headline: str = ""
    is_open: bool = False

    @property
    def mark(self) -> str:
        return sha256(repr((DRAWN_LIKE_THIS, self)).encode()).hexdigest()[:16]
