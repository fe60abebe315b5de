"""What people do, on no platform in particular. A channel's `reading` translates into these and never decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.ideas import Attachment
from core.members import Address
from core.places import Place

LONGEST_TEXT = 4_096
"""Characters of one message we take; Telegram's own limit. Readings pass on `LONGEST_TEXT + 1` of a longer one."""


@dataclass(frozen=True, slots=True)
class Said:
    """Free text, perhaps with pictures or a voice note (then `text` is the caption, or empty)."""

    text: str
    message: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Quoted:
    """Somebody's earlier message, to which a command, shortcut or reaction points."""

    author: Address
    author_name: str
    text: str
    message: str
    said_at: datetime
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command without its slash and bot name, lower-case: `/idea@Bot More trees` is `idea`, `More trees`."""

    command: str
    argument: str = ""
    message: str | None = None
    quoted: Quoted | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of ours. `message` is the message it hangs on; `callback` what the platform wants answered."""

    action: str
    message: str | None = None
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class PutForward:
    """A shortcut or a :bulb: reaction on a message: put these words forward as an idea."""

    quoted: Quoted


@dataclass(frozen=True, slots=True)
class Edited:
    """An earlier message now reads otherwise."""

    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form with all of a consultation's prompts, as typed: prompt key to text, or to picked option keys."""

    consultation: str
    values: Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Discussed:
    """A message in the thread of a card of ours. Its words are not kept, only that it was said."""

    message: str


@dataclass(frozen=True, slots=True)
class Left:
    """The address can no longer be written to: blocked, deactivated, uninstalled."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """The address can be written to again."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A group got a new id (Telegram's supergroups)."""

    to_chat: str


@dataclass(frozen=True, slots=True)
class Flooded:
    """More was written than we can follow. Stands in the place of what was done, which isn't kept."""


Deed = Said | Commanded | Pressed | PutForward | Edited | Submitted | Discussed | Left | Returned | Moved | Flooded


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that one person did. `key` is the same on every delivery of it, and of nothing else.

    `locale` is what the platform says of the person's language (`cy`, `en-GB`), `timezone` an IANA name,
    None where it doesn't say. All text is valid Unicode without NUL (readings replace lone surrogates).
    """

    key: str
    sender: Address
    place: Place
    at: datetime
    deed: Deed
    name: str = ""
    locale: str | None = None
    timezone: str | None = None

    @property
    def shows_life(self) -> bool:
        """Whoever does something in private can be written to there, whatever we believed."""
        return self.place.private and not isinstance(self.deed, Left)
