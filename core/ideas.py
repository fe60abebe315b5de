"""Ideas, and captures: words that somebody may want to put forward. What happens to an idea is in `core.stories`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.members import Address
from core.places import Source
from core.standings import IllegalEntry, Stage, Standing, may_follow, stand
from core.stories import REWORDS, Entry, EntryKind

CAPTURE_LASTS = timedelta(days=7)
"""How long we keep words whose author hasn't said whether they are an idea."""

MOST_ATTACHMENTS = 10


class AttachmentKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, voice note or file, left on its platform: `account` and `file` say where to fetch it."""

    kind: AttachmentKind
    account: str
    file: str
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Idea:
    """Words with an author and a story. What it says is what its story last made it say.

    `author` None: a composite, which is made of several ideas, or an idea whose author was forgotten.
    """

    code: str
    author: int | None
    source: Source
    story: tuple[Entry, ...]
    consultation: str | None = None
    prompt: str | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def text(self) -> str:
        """Empty where its words were erased."""
        return next((e.text for e in reversed(self.story) if e.kind in REWORDS and e.text is not None), "")

    @property
    def said_at(self) -> datetime:
        return self.story[0].at

    @property
    def standing(self) -> Standing:
        return stand(self.story)

    @property
    def is_composite(self) -> bool:
        return self.story[0].kind is EntryKind.COMPOSED

    @property
    def is_erased(self) -> bool:
        return self.story[-1].kind is EntryKind.ERASED

    @property
    def may_be_reworded(self) -> bool:
        """Until somebody has looked at it, its author may change its words."""
        now = self.standing
        return now.stage is Stage.RECEIVED or (now.stage is Stage.WAITING and not _was_looked_at(self.story))

    def with_entry(self, entry: Entry) -> "Idea":
        """Raises IllegalEntry where it may not follow."""
        if not may_follow(now := self.standing, entry.kind):
            raise IllegalEntry(entry.kind, now.stage)
        return replace(self, story=(*self.story, entry))


def _was_looked_at(story: tuple[Entry, ...]) -> bool:
    return any(entry.body is not None or entry.rule is not None for entry in story)


@dataclass(frozen=True, slots=True)
class Capture:
    """Words waiting for their author to say whether they are an idea. Thrown away on *No* or when it expires."""

    id: str
    author: Address
    text: str
    said_at: datetime
    source: Source
    expires_at: datetime
    attachments: tuple[Attachment, ...] = ()
    consultation: str | None = None
    asked_by: str | None = None
