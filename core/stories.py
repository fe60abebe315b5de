"""Stories: what can happen to an idea, and who is told of it.

A story only grows. Every kind of entry has one line in each table below, so that what an entry does is read here and
nowhere else: the store keeps the same things beside the story, and computes none of them by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.members import Role


class EntryKind(StrEnum):
    # the author
    SAID = "said"
    CONFIRMED = "confirmed"
    EDITED = "edited"
    REPLIED = "replied"
    APPEALED = "appealed"
    OBJECTED = "objected"
    CONTESTED = "contested"
    WITHDRAWN = "withdrawn"
    HEARD = "heard"
    # the record itself
    ACKNOWLEDGED = "acknowledged"
    SENT = "sent"
    SILENT = "silent"
    MOVED = "moved"
    CLOSED = "closed"
    ERASED = "erased"
    # a body
    SEEN = "seen"
    CONSIDERED = "considered"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PASSED = "passed"
    NOT_OURS = "not-ours"
    ADOPTED = "adopted"
    CARRIED_OUT = "carried-out"
    NOT_CARRIED_OUT = "not-carried-out"
    # merging
    COMPOSED = "composed"
    JOINED = "joined"
    LEFT = "left"
    MERGED = "merged"
    SEPARATED = "separated"
    UNDONE = "undone"
    # moderation
    HIDDEN = "hidden"
    RESTORED = "restored"
    UPHELD = "upheld"
    REDACTED = "redacted"


class Rule(StrEnum):
    """Why words may be hidden or blacked out, and for nothing else."""

    ABUSE = "abuse"
    PERSONAL_DATA = "personal-data"
    UNLAWFUL = "unlawful"
    ADVERTISING = "advertising"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to an idea.

    `text`: the author's words (how the idea reads from then on, a reply, an appeal, an objection), or a composite's.
    `reason`: the words of whoever decided or asked. `body` did it, in the office `by`: the record names the office and
    not the person. `next`: the body that it went to, which has `days` to answer. `other`: the other idea of a
    merging. `on`: the day of a meeting. `score`: 1 (not heard at all) to 5. `rule`: why it was hidden or blacked out;
    an entry about the hiding, and not about the idea, names it too.
    """

    kind: EntryKind
    at: datetime
    text: str | None = None
    reason: str | None = None
    body: str | None = None
    by: Role | None = None
    next: str | None = None
    days: int | None = None
    other: str | None = None
    on: date | None = None
    score: int | None = None
    rule: Rule | None = None


NEEDS_REASON = frozenset(
    {EntryKind.DECLINED, EntryKind.NOT_OURS, EntryKind.NOT_CARRIED_OUT, EntryKind.HIDDEN, EntryKind.UPHELD}
    | {EntryKind.REDACTED, EntryKind.ASKED, EntryKind.UNDONE}
)
"""Where somebody is told no, or asked: words are required."""

REWORDS = frozenset({EntryKind.SAID, EntryKind.EDITED, EntryKind.COMPOSED, EntryKind.REDACTED})
"""Entries whose `text` is how the idea reads from then on."""


# --- who is told
ALL = frozenset({"author", "supporters"})
_SUPPORTERS = frozenset({"supporters"})
_AUTHOR = frozenset({"author"})

TELLS: dict[EntryKind, frozenset[str]] = {
    **dict.fromkeys(
        (
            EntryKind.SENT, EntryKind.SEEN, EntryKind.CONSIDERED, EntryKind.ASKED, EntryKind.ACCEPTED,
            EntryKind.DECLINED, EntryKind.PASSED, EntryKind.NOT_OURS, EntryKind.ADOPTED, EntryKind.CARRIED_OUT,
            EntryKind.NOT_CARRIED_OUT, EntryKind.MERGED, EntryKind.SEPARATED, EntryKind.UNDONE, EntryKind.SILENT,
            EntryKind.MOVED, EntryKind.HIDDEN, EntryKind.RESTORED, EntryKind.UPHELD, EntryKind.REDACTED,
        ),
        ALL,
    ),
    EntryKind.APPEALED: _SUPPORTERS,
    EntryKind.WITHDRAWN: _SUPPORTERS,
    EntryKind.OBJECTED: _SUPPORTERS,
    EntryKind.CLOSED: _AUTHOR,
}  # fmt: skip
"""Who is told of an entry when it is added: what its author did themselves, they know. Kinds that aren't here tell
nobody."""
