"""Slack's payloads as what people did: `Inbound`, or None where there is nothing for us in it. Decides nothing.

Every function is total: whatever it is given, it answers. Who the person is (name, language) is added later.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bots.slack.mrkdwn import plain, tidy
from bots.slack.payload import attachments, dig, identity, moment, place, sender, team, timestamp, token
from core.inbound import Commanded, Deed, Discussed, Edited, Inbound, Pressed, PutForward, Quoted, Said, Submitted
from core.members import Address
from core.numerals import read_whole

PUT_FORWARD = "put_forward"
"""Callback id of the message shortcut, as in the app's manifest."""
ANSWERS = "answers"
"""Callback id of the form."""
LINK = "link"
"""Start of the `action_id` of buttons that only open a page."""

_SPEECH = (None, "file_share", "me_message", "thread_broadcast")
"""Subtypes of messages that a person wrote."""
_CAPTURING = "bulb"
_LONGEST_ACTION = 255
_MENTIONS = re.compile(r"<@([UW][A-Z0-9]{1,40})>")

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reaction:
    """A :bulb: on a message whose words have to be fetched first."""

    key: str
    sender: Address
    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in an open or submitted form: prompt key to words, or to picked option keys."""

    consultation: str
    chat: str | None
    values: Mapping[str, str | tuple[str, ...]]


def mentioned(text: object) -> tuple[str, ...]:
    """User ids named in a message without their names."""
    return tuple(dict.fromkeys(_MENTIONS.findall(text)))[:10] if isinstance(text, str) else ()


def read_event(payload: object, now: datetime, names: Names | None = None) -> Inbound | None:
    """An event of the Events API. Reactions are read by `read_reaction`."""
    event, who, key = dig(payload, "event"), sender(payload), token(dig(payload, "event_id"))
    channel = identity(dig(event, "channel"))
    if dig(event, "type") != "message" or who is None or key is None or channel is None:
        return None
    subtype = dig(event, "subtype")
    deed: Deed | None = None
    where = place(who, channel, timestamp(dig(event, "thread_ts")))
    if where.private and subtype == "message_changed":
        deed = _edited(event, names)
    elif subtype in _SPEECH and not _is_machine(event):
        deed = _said(event, who, names) if where.private else _discussed(event)
    if deed is None:
        return None
    at = moment(dig(event, "event_ts") or dig(event, "ts"), now)
    return Inbound(f"{who.account}:{key}", who, where, at, deed)


def _said(event: object, who: Address, names: Names | None) -> Said | None:
    text, files = plain(dig(event, "text"), names), attachments(dig(event, "files"), who.account)
    message = timestamp(dig(event, "ts"))
    return Said(text, message, files) if message and (text.strip() or files) else None


def _edited(event: object, names: Names | None) -> Edited | None:
    """Slack also reports a link's preview as a change; then the words are the same as before."""
    edited, before = dig(event, "message"), dig(event, "previous_message", "text")
    message, text = timestamp(dig(edited, "ts")), dig(edited, "text")
    if message is None or _is_machine(edited) or text == before or not plain(text).strip():
        return None
    return Edited(plain(text, names), message)


def _discussed(event: object) -> Discussed | None:
    message, thread = timestamp(dig(event, "ts")), timestamp(dig(event, "thread_ts"))
    return Discussed(message) if message and thread and message != thread else None


def _is_machine(message: object) -> bool:
    return bool(dig(message, "bot_id")) or identity(dig(message, "user")) in (None, "USLACKBOT")


def read_reaction(payload: object) -> Reaction | None:
    event, who, key = dig(payload, "event"), sender(payload), token(dig(payload, "event_id"))
    channel, message = identity(dig(event, "item", "channel")), timestamp(dig(event, "item", "ts"))
    if dig(event, "type") != "reaction_added" or dig(event, "reaction") != _CAPTURING:
        return None
    if who is None or key is None or channel is None or message is None:
        return None
    return Reaction(f"{who.account}:{key}", who, channel, message)


def read_reacted(reaction: Reaction, message: object, now: datetime, names: Names | None = None) -> Inbound | None:
    """The reaction, once its message was fetched."""
    quoted = _quoted(message, reaction.sender.account, now, names)
    if quoted is None or quoted.message != reaction.message:
        return None
    where = place(reaction.sender, reaction.channel, timestamp(dig(message, "thread_ts")))
    return Inbound(reaction.key, reaction.sender, where, now, PutForward(quoted))


def read_shortcut(payload: object, now: datetime, names: Names | None = None) -> Inbound | None:
    who, key = sender(payload), token(dig(payload, "trigger_id"))
    if dig(payload, "callback_id") != PUT_FORWARD or who is None or key is None:
        return None
    message = dig(payload, "message")
    quoted = _quoted(message, who.account, now, names)
    where = place(who, identity(dig(payload, "channel", "id")), timestamp(dig(message, "thread_ts")))
    return Inbound(f"{who.account}:{key}", who, where, now, PutForward(quoted)) if quoted else None


def _quoted(message: object, account: str, now: datetime, names: Names | None) -> Quoted | None:
    """None for what a bot said, and for messages without words."""
    author, id = identity(dig(message, "user")), timestamp(dig(message, "ts"))
    text, files = plain(dig(message, "text"), names), attachments(dig(message, "files"), account)
    if author is None or id is None or _is_machine(message) or dig(message, "subtype") not in _SPEECH:
        return None
    if not text.strip() and not files:
        return None
    name = (names or {}).get(author, "")
    return Quoted(Address(account, author), name, text, id, moment(id, now), files)


def read_command(payload: object, now: datetime, names: Names | None = None) -> Inbound | None:
    """`/idea TEXT` as itself; `/folkmoot VERB rest` as the command `VERB`, and alone as a call for help."""
    who, key, name = sender(payload), token(dig(payload, "trigger_id")), tidy(dig(payload, "command"), 40)
    if who is None or key is None or not name.startswith("/"):
        return None
    command, argument = name[1:].lower(), plain(dig(payload, "text"), names).strip()
    if command.startswith("folkmoot"):
        verb, *rest = argument.split(maxsplit=1) or ["help"]
        command, argument = verb.removeprefix("/").lower(), "".join(rest)
    where = place(who, identity(dig(payload, "channel_id")))
    return Inbound(f"{who.account}:{key}", who, where, now, Commanded(command[:40], argument))


def read_press(payload: object, now: datetime) -> Inbound | None:
    """A button of ours, in a message or on the home page. Buttons that only open a page say nothing to us."""
    who, key, pressed = sender(payload), token(dig(payload, "trigger_id")), dig(payload, "actions", 0)
    id = tidy(dig(pressed, "action_id"), _LONGEST_ACTION)
    data = tidy(dig(pressed, "value"), _LONGEST_ACTION) or id
    if who is None or key is None or not data or id.startswith(LINK):
        return None
    message = timestamp(dig(payload, "container", "message_ts") or dig(payload, "message", "ts"))
    thread = timestamp(dig(payload, "container", "thread_ts") or dig(payload, "message", "thread_ts"))
    channel = identity(dig(payload, "container", "channel_id"), dig(payload, "channel", "id"))
    # Only an ephemeral message has to be answered through its own address; others can be changed by their ts.
    callback = tidy(dig(payload, "response_url"), 500) if dig(payload, "container", "is_ephemeral") is True else ""
    where = place(who, channel, thread if thread != message else None)
    return Inbound(f"{who.account}:{key}", who, where, now, Pressed(data, message, callback or None))


def read_form(view: object) -> Form | None:
    try:
        about = json.loads(tidy(dig(view, "private_metadata"), 3_000))
    except (ValueError, RecursionError):
        return None
    slug, state = dig(about, "consultation"), dig(view, "state", "values")
    if not isinstance(slug, str) or not slug or dig(view, "callback_id") != ANSWERS:
        return None
    values: dict[str, str | tuple[str, ...]] = {}
    ranked: dict[str, dict[int, str]] = {}
    for block, fields in state.items() if isinstance(state, Mapping) else ():
        given = _given(next(iter(fields.values()), None)) if isinstance(fields, Mapping) else None
        key, _, nth = tidy(block, 100).partition("/")
        if (place := read_whole(nth)) is not None and isinstance(given, str):
            ranked.setdefault(key, {})[place] = given
        elif given is not None and not nth:
            values[key] = given
    values |= {key: tuple(option for _, option in sorted(places.items())) for key, places in ranked.items()}
    return Form(tidy(slug, 64), identity(dig(about, "chat")), values)


def _given(field: object) -> str | tuple[str, ...] | None:
    """None where nothing was typed or picked."""
    several = dig(field, "selected_options")
    if isinstance(several, list):
        picked = tuple(tidy(dig(one, "value"), 150) for one in several)
        return tuple(filter(None, picked)) or None
    return tidy(dig(field, "selected_option", "value"), 150) or tidy(dig(field, "value")).strip() or None


def read_submission(payload: object, now: datetime) -> Inbound | None:
    """A form sent off. Its key is the form and what stands in it: sent again after an error it is the same deed,
    sent again with other words it is another."""
    who, view = sender(payload), identity(dig(payload, "view", "id"))
    form = read_form(dig(payload, "view"))
    if who is None or view is None or form is None:
        return None
    said = json.dumps(sorted(form.values.items()), ensure_ascii=True)
    key = f"{who.account}:{view}:{hashlib.sha256(said.encode()).hexdigest()[:24]}"
    return Inbound(key, who, place(who, form.chat), now, Submitted(form.consultation, form.values))


def read_home(payload: object) -> Address | None:
    """Who opened the app's home page."""
    is_home = dig(payload, "event", "type") == "app_home_opened" and dig(payload, "event", "tab") == "home"
    return sender(payload) if is_home else None


def read_departure(payload: object) -> str | None:
    """The workspace that took the app away, or our bot's token."""
    kind = dig(payload, "event", "type")
    is_over = kind == "app_uninstalled" or (kind == "tokens_revoked" and bool(dig(payload, "event", "tokens", "bot")))
    return team(payload) if is_over else None
