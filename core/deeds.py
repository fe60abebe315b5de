"""Deeds: what people in office changed, for the log that organisers read. Every change they can make has its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core import events
from core.events import Event


class Via(StrEnum):
    DESK = "desk"
    CHAT = "chat"
    API = "api"
    COMMAND = "command"
    """The command line: whoever may use the machine."""


class Did(StrEnum):
    # consultations
    LOADED = "loaded"
    OPENED = "opened"
    CLOSED = "closed"
    OUTCOME = "outcome"
    BROADCAST = "broadcast"
    CONFIRMED = "confirmed"
    HELD = "held"
    RESUMED = "resumed"
    RESENT = "resent"
    DRAFTED = "drafted"
    DISCARDED = "discarded"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    TESTED = "tested"
    EXPORTED = "exported"
    PICTURED = "pictured"
    # ideas
    CONTINUED = "continued"
    REDACTED = "redacted"
    TAGGED = "tagged"
    STEPPED_IN = "stepped-in"
    HANDED_BACK = "handed-back"
    # people and bodies
    BODIES = "bodies"
    ATTACHED = "attached"
    DETACHED = "detached"
    CODE = "code"
    ORGANISER = "organiser"
    IMPORTED = "imported"
    MERGED = "merged"
    ERASED = "erased"
    ROLE = "role"
    GROUPED = "grouped"
    # the desk itself
    ENTERED = "entered"
    LEFT = "left"
    TOKEN = "token"  # noqa: S105  a word, not a secret
    TOKEN_ENDED = "token-ended"  # noqa: S105
    HOOK = "hook"
    HOOK_ENDED = "hook-ended"


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and how; `member` None for the command line."""

    via: Via
    at: datetime
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """`about`: what was changed, as `consultation:parks`, `idea:K7M4-QX2N`, `body:leeds` or empty. `body`: the one in
    whose name it was done or that it concerns; for a consultation, where none is said, the log puts down the only body
    that is asked. `detail`: in a few words, never a member's."""

    did: Did
    about: str = ""
    body: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A line of the log. `name` empty where nobody is behind it any more."""

    id: int
    at: datetime
    via: Via
    member: int | None
    name: str
    deed: Deed


class Deeds(Protocol):
    """The log. It is only ever added to."""

    async def note(self, by: By, *deeds: Deed) -> None: ...
    async def latest(
        self, limit: int, before: int | None = None, about: str = "", bodies: frozenset[str] | None = None
    ) -> Sequence[Noted]:
        """Newest first. `before`: only lines with a smaller number. `bodies`: only those that concern one of them."""
        ...


def deed_of(event: Event) -> Deed | None:
    """None where it is no deed of somebody in office."""
    match event:
        case events.ConsultationLoaded(consultation):
            return Deed(Did.LOADED, of_consultation(consultation.slug))
        case events.ConsultationOpened(slug):
            return Deed(Did.OPENED, of_consultation(slug))
        case events.ConsultationClosed(slug):
            return Deed(Did.CLOSED, of_consultation(slug))
        case events.ConsultationArchived(slug):
            return Deed(Did.ARCHIVED, of_consultation(slug))
        case events.ConsultationUnarchived(slug):
            return Deed(Did.UNARCHIVED, of_consultation(slug))
        case events.OutcomePublished(slug):
            return Deed(Did.OUTCOME, of_consultation(slug))
        case events.BroadcastOrdered(consultation=slug, step=step, audience=audience):
            return Deed(Did.BROADCAST, of_consultation(slug), audience.only_body, step)
        case events.BroadcastConfirmed(consultation=slug):
            return Deed(Did.CONFIRMED, of_consultation(slug))
        case events.BroadcastHeld(consultation=slug):
            return Deed(Did.HELD, of_consultation(slug))
        case events.BroadcastResumed(consultation=slug):
            return Deed(Did.RESUMED, of_consultation(slug))
        case events.UncertainResent(consultation=slug):
            return Deed(Did.RESENT, of_consultation(slug))
        case events.StoryContinued(idea, entry) if entry.by is not None:
            return Deed(Did.CONTINUED, of_idea(idea), entry.body or entry.next, entry.kind.value)
        case events.WordsRedacted(idea, entry):
            return Deed(Did.REDACTED, of_idea(idea), entry.body)
        case events.IdeaTagged(idea, topics, body=body):
            return Deed(Did.TAGGED, of_idea(idea), body, ", ".join(topics))
        case events.HandoverBegun(idea, body=body):
            return Deed(Did.STEPPED_IN, of_idea(idea), body or None)
        case events.HandoverEnded(idea=idea, body=body, by=by) if by is not None:
            return Deed(Did.HANDED_BACK, of_idea(idea), body or None)
        case events.BodiesLoaded(bodies):
            return Deed(Did.BODIES, detail=str(len(bodies)))
        case events.ChannelAttached(body):
            return Deed(Did.ATTACHED, of_body(body), body)
        case events.ChannelDetached():
            return Deed(Did.DETACHED)
        case events.OrganiserCodeMade():
            return Deed(Did.CODE)
        case events.OrganiserMade():
            return Deed(Did.ORGANISER)
        case _:
            return None


OF_A_CONSULTATION, OF_AN_IDEA = "consultation:", "idea:"


def of_consultation(slug: str) -> str:
    return f"{OF_A_CONSULTATION}{slug}"


def of_idea(code: str) -> str:
    return f"{OF_AN_IDEA}{code}"


def of_body(slug: str) -> str:
    return f"body:{slug}"


def of_member(number: int) -> str:
    return f"member:{number}"


def of_hook(id: str) -> str:
    return f"hook:{id}"
