"""Reading: a form posted by the web chat becomes an Inbound, or None where it says nothing. Decides nothing."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from zoneinfo import available_timezones

from core.inbound import LONGEST_TEXT, Commanded, Deed, Inbound, Pressed, Said
from core.members import Address
from core.places import Place

ACCOUNT = "web"
LONGEST_ACTION = 200
"""Characters of a button's data that we look at. Ours have 64 bytes; others are no button of ours anyway."""

_COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_]*)(?:@\w+)?(?:\s+|$)")
_LINE = re.compile(r"[0-9]{1,15}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def address(user: str) -> Address:
    return Address(ACCOUNT, user)


def clean(text: str) -> str:
    """Valid Unicode without NUL, with line feeds alone, one character longer than we take at the most."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()[: LONGEST_TEXT + 1]


def read_nonce(form: Mapping[str, str]) -> str | None:
    """What tells this posting from every other, the same when it is posted again."""
    nonce = form.get("key", "")
    return nonce if _NONCE.fullmatch(nonce) else None


def read_timezone(typed: str | None) -> str | None:
    return typed if typed in _timezones() else None


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def read(
    form: Mapping[str, str],
    user: str,
    at: datetime,
    *,
    locale: str | None = None,
    timezone: str | None = None,
) -> Inbound | None:
    """`text`, or `action` and `message` (the line it hangs on) for a button, and `key`. None: nothing in it."""
    nonce = read_nonce(form)
    action = clean(form.get("action", ""))[:LONGEST_ACTION]
    text = clean(form.get("text", ""))
    if nonce is None or not (action or text):
        return None
    if action:
        message = form.get("message", "")
        pressed = Pressed(action, message if _LINE.fullmatch(message) else None)
        # Two different buttons pressed on one page are two deeds, the same one pressed twice is one.
        which = blake2b(f"{pressed.message}:{action}".encode(), digest_size=4).hexdigest()
        return _inbound(user, f"{nonce}-{which}", at, pressed, locale, timezone)
    return _inbound(user, nonce, at, _deed(text, nonce), locale, timezone)


def read_visit(
    payload: str,
    nonce: str,
    user: str,
    at: datetime,
    *,
    locale: str | None = None,
    timezone: str | None = None,
) -> Inbound:
    """Somebody came to the chat, perhaps by a link that carries a payload: as good as `/start PAYLOAD`."""
    known = payload if _START_PAYLOAD.fullmatch(payload) else ""
    return _inbound(user, nonce, at, Commanded("start", known), locale, timezone)


def _deed(text: str, nonce: str) -> Deed:
    command = _COMMAND.match(text)
    if command is None:
        return Said(text, nonce)
    return Commanded(command[1].lower(), text[command.end() :], nonce)


def _inbound(user: str, nonce: str, at: datetime, deed: Deed, locale: str | None, timezone: str | None) -> Inbound:
    sender = address(user)
    place = Place.private_to(sender)
    return Inbound(f"{ACCOUNT}:{user}:{nonce}", sender, place, at, deed, locale=locale, timezone=timezone)
