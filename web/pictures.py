"""Pictures: what is to be seen on the one that goes with a link to a story, before anything draws it."""

from dataclasses import dataclass
from hashlib import sha256

SIZE = (1200, 630)
DRAWN_LIKE_THIS = 1
"""Goes into the mark of each picture: raise it when the drawing changes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be seen: `words` of the author (empty where they may not be read), `title` where there are none,
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
