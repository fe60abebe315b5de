"""Ideas, their stories, and captures: words that somebody may or may not want to put forward."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.members import Address
from core.places import Source

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


class EntryKind(StrEnum):
    SAID = "said"
    CONFIRMED = "confirmed"
    ACKNOWLEDGED = "acknowledged"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to an idea. `text` is how the idea read from then on, where it changed."""

    kind: EntryKind
    at: datetime
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    """Words with an author and a story. What it says is what its story last made it say."""

    code: str
    author: int
    source: Source
    story: tuple[Entry, ...]
    consultation: str | None = None
    prompt: str | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def text(self) -> str:
        return next(entry.text for entry in reversed(self.story) if entry.text is not None)

    @property
    def said_at(self) -> datetime:
        return self.story[0].at

    @property
    def state(self) -> EntryKind:
        """The latest thing that changed where the idea stands; an edit doesn't."""
        return next(entry.kind for entry in reversed(self.story) if entry.kind is not EntryKind.EDITED)

    @property
    def is_withdrawn(self) -> bool:
        return self.state is EntryKind.WITHDRAWN

    @property
    def may_be_edited(self) -> bool:
        """Until somebody has considered it, its author may change its words."""
        return self.state is EntryKind.ACKNOWLEDGED

    def with_entry(self, entry: Entry) -> "Idea":
        return replace(self, story=(*self.story, entry))


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
