"""Where a member is in a conversation with us, on one address. Survives being written out and read back each turn."""

import json
from dataclasses import dataclass, field

from cattrs import BaseValidationError, Converter
from cattrs.strategies import configure_tagged_union

from core.ideas import Attachment


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing asked; whatever is typed may be a thought."""


@dataclass(frozen=True, slots=True)
class Consenting:
    """We asked whether we may keep what they say. `then` is the action that waits for a yes."""

    then: str = ""


@dataclass(frozen=True, slots=True)
class Answering:
    """At a prompt of a consultation. `picked`: options ticked so far; `attachments`: sent ahead of an idea's words."""

    consultation: str
    prompt: str
    picked: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """We wait for the words: of a new idea, of a capture being changed, or of an idea being changed."""

    capture: str | None = None
    idea: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirming:
    """We asked whether a capture is an idea; a typed yes or no answers it."""

    capture: str


@dataclass(frozen=True, slots=True)
class Locating:
    """We asked for their time zone."""


@dataclass(frozen=True, slots=True)
class Linking:
    """We asked for a link code."""


@dataclass(frozen=True, slots=True)
class Verifying:
    """We asked for their membership number; or for their postcode, once we have `numbers`: hashes of the number."""

    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picking:
    """An officer picks ideas of a body's queue, to answer them alike, to merge them, or because a meeting considered
    them (`on`, an ISO date). `offered` are those to pick from, in the order in which they are shown."""

    body: str
    purpose: str
    offered: tuple[str, ...]
    picked: tuple[str, ...]
    on: str = ""


@dataclass(frozen=True, slots=True)
class Deciding:
    """We wait for an officer's words: the reason, the question, or a composite's text. `entry`: the kind of entry that
    they are for; `rule` for moderation; `text` what was said before, where two things are asked."""

    entry: str
    codes: tuple[str, ...]
    body: str = ""
    rule: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Speaking:
    """We wait for an author's words about what became of their idea: a reply, an appeal, an objection, or the word that
    goes with the score to “were you heard?”. `entry`: the kind of entry that they are for."""

    entry: str
    idea: str
    score: int = 0


@dataclass(frozen=True, slots=True)
class Leaving:
    """We asked whether they want to be forgotten, at `asked_at` (ISO); `is_sure` once they said so the first time."""

    asked_at: str
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Talking:
    """A person in office talks with them, by the handover of that number. `before`: where they were, as it was written
    down, and where they are again once it ends."""

    handover: int
    before: str = ""


Step = (
    Idle | Consenting | Answering | Wording | Confirming | Locating | Linking | Picking | Deciding | Speaking | Leaving
    | Talking | Verifying
)  # fmt: skip
IDLE = Idle()


@dataclass(frozen=True, slots=True)
class Session:
    step: Step = field(default=IDLE)


_converter = Converter(forbid_extra_keys=True)
configure_tagged_union(Step, _converter, tag_name="at")


def write_session(session: Session) -> str:
    return json.dumps(_converter.unstructure(session.step, unstructure_as=Step))


def read_session(written: str | None) -> Session:
    """An unreadable session (an older version's, say) is an idle one: the member starts afresh, nothing breaks."""
    if not written:
        return Session()
    try:
        return Session(_converter.structure(json.loads(written), Step))  # type: ignore[arg-type]
    except (BaseValidationError, ValueError, KeyError, TypeError):
        return Session()
