"""Looking into Slack's payloads without trusting their shape: ids, times, places, files. Total, nothing raises."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bots.slack.mrkdwn import tidy
from core.ideas import MOST_ATTACHMENTS, Attachment, AttachmentKind
from core.members import Address
from core.places import Place

_ID = re.compile(r"[A-Z0-9]{2,40}")
_TS = re.compile(r"\d{1,12}\.\d{1,9}", re.ASCII)
_LONGEST_KEY = 200


def dig(payload: object, *path: str | int) -> object:
    """What lies at the path, or None."""
    for step in path:
        match payload, step:
            case Mapping() as mapping, str():
                payload = mapping.get(step)
            case list() as items, int() if step < len(items):
                payload = items[step]
            case _:
                return None
    return payload


def identity(*candidates: object) -> str | None:
    """The first of them that is one of Slack's ids."""
    return next((one for one in candidates if isinstance(one, str) and _ID.fullmatch(one)), None)


def timestamp(value: object) -> str | None:
    """A message's `ts`, which is its id within the channel."""
    return value if isinstance(value, str) and _TS.fullmatch(value) else None


def moment(value: object, otherwise: datetime) -> datetime:
    """The time of a `ts` or of a number of seconds."""
    try:
        return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]  # a TypeError is an answer too
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise


def token(value: object) -> str | None:
    """An opaque value that Slack made up (an event's id, a trigger's), fit for a key."""
    return tidy(value, _LONGEST_KEY) or None


def team(payload: object) -> str | None:
    """The workspace whose installation this is for, in the order in which bolt looks."""
    return identity(
        dig(payload, "view", "app_installed_team_id"),
        dig(payload, "team"),
        dig(payload, "team", "id"),
        dig(payload, "authorizations", 0, "team_id"),
        dig(payload, "team_id"),
        dig(payload, "user", "team_id"),
        dig(payload, "view", "team_id"),
    )


def account(payload: object) -> str | None:
    found = team(payload)
    return f"slack:{found}" if found else None


def sender(payload: object) -> Address | None:
    whose = account(payload)
    user = identity(
        dig(payload, "event", "user"),
        dig(payload, "event", "message", "user"),
        dig(payload, "user", "id"),
        dig(payload, "user_id"),
    )
    return Address(whose, user) if whose and user and user != "USLACKBOT" else None


def place(who: Address, channel: str | None, thread: str | None = None) -> Place:
    """Anything in a direct message is said to us in private, even from one between two other people."""
    if channel is None or channel.startswith("D"):
        return Place.private_to(who)
    return Place(who.account, channel, private=False, thread=thread)


def attachments(files: object, account: str) -> tuple[Attachment, ...]:
    found = []
    for file in files if isinstance(files, list) else ():
        name = identity(dig(file, "id")) or token(dig(file, "url_private"))
        media = tidy(dig(file, "mimetype"), 100) or "application/octet-stream"
        if name:
            found.append(Attachment(_kind(media), account, name, media))
    return tuple(found[:MOST_ATTACHMENTS])


def _kind(media_type: str) -> AttachmentKind:
    match media_type.partition("/")[0]:
        case "image":
            return AttachmentKind.PHOTO
        case "audio":
            return AttachmentKind.VOICE
        case _:
            return AttachmentKind.FILE
