"""Telegram's updates read as what somebody did. Translates or returns None; never decides, never raises."""

import re
from dataclasses import dataclass
from datetime import datetime

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bots.telegram.characters import valid
from core.ideas import Attachment, AttachmentKind
from core.inbound import (
    LONGEST_TEXT,
    Commanded,
    Deed,
    Edited,
    Inbound,
    Left,
    Moved,
    Pressed,
    Quoted,
    Returned,
    Said,
)
from core.members import Address
from core.places import Place

LONGEST_NAME = 64
LARGEST_DOCUMENT = 256 * 1024
"""Bytes of a consultation's YAML file."""

DOCUMENT_COMMANDS = frozenset({"load", "check"})
"""Commands that take a file's text as their argument."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_AMISS = (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, OSError, RecursionError)
"""What the library and we run into on JSON that isn't what Telegram documents."""


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file that came with a command; `intake` fetches it."""

    file: str


def read_json(payload: object, bot: telegram.Bot | None = None) -> telegram.Update | None:
    """The update, or None for JSON that is none."""
    if not isinstance(payload, dict):
        return None
    try:
        return telegram.Update.de_json(dict(payload), bot)
    except _AMISS:
        return None


def read_update(update: telegram.Update, account: str, username: str, received: datetime) -> Inbound | None:
    """What somebody did, or None for what is nobody's business with us.

    `username` is the bot's own. Telegram doesn't date the press of a button: it counts as `received`.
    """
    try:
        if update.callback_query is not None:
            return _read_press(update, update.callback_query, account, received)
        if update.my_chat_member is not None:
            return _read_membership(update, update.my_chat_member, account)
        message = update.message or update.edited_message
        return _read_message(update, message, account, username) if message is not None else None
    except _AMISS:
        return None


def read_document(update: telegram.Update, username: str) -> Document | None:
    """The YAML file that a message brings along with a command that takes one."""
    try:
        message = update.message
        if message is None or message.document is None or not message.document.file_name:
            return None
        command = _command(_text(message), username)
        is_yaml = message.document.file_name.lower().endswith((".yaml", ".yml"))
        is_small = (message.document.file_size or 0) <= LARGEST_DOCUMENT
        wanted = command is not None and command.command in DOCUMENT_COMMANDS and is_yaml and is_small
        return Document(_string(message.document.file_id)) if wanted else None
    except _AMISS:
        return None


# --- kinds of updates
def _read_press(
    update: telegram.Update, query: telegram.CallbackQuery, account: str, received: datetime
) -> Inbound | None:
    if query.message is None or not query.data:
        return None
    deed = Pressed(_string(query.data), str(_whole(query.message.message_id)), _string(query.id))
    return _inbound(update, account, query.from_user, _place(query.message, account), received, deed)


def _read_membership(update: telegram.Update, change: telegram.ChatMemberUpdated, account: str) -> Inbound | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    deed: Deed
    match change.new_chat_member.status:
        case ChatMemberStatus.BANNED:  # written "kicked": they blocked the bot
            deed = Left("the member blocked the bot")
        case ChatMemberStatus.MEMBER:
            deed = Returned()
        case _:
            return None
    place = Place(account, str(_whole(change.chat.id)))
    return _inbound(update, account, change.from_user, place, change.date, deed)


def _read_message(update: telegram.Update, message: telegram.Message, account: str, username: str) -> Inbound | None:
    if message.sender_chat is not None or message.chat.type not in (ChatType.PRIVATE, *_GROUPS):
        return None  # a channel's or an anonymous admin's, or a channel's own post
    said_at = message.date
    deed: Deed | None
    if message.migrate_to_chat_id is not None:
        deed = Moved(str(_whole(message.migrate_to_chat_id)))
    elif update.message is None:
        deed, said_at = _edited(message, username), message.edit_date or message.date
    else:
        deed = _said(message, account, username)
    return _inbound(update, account, message.from_user, _place(message, account), said_at, deed) if deed else None


def _said(message: telegram.Message, account: str, username: str) -> Deed | None:
    text, number = _text(message), str(_whole(message.message_id))
    attachments = _attachments(message, account)
    command = _command(text, username)
    is_private = message.chat.type == ChatType.PRIVATE
    if command is not None:
        kept = () if command.command in DOCUMENT_COMMANDS else attachments
        return Commanded(command.command, command.argument, number, _quoted(message, account), kept)
    if not is_private or _COMMAND.fullmatch(text) or not (text or attachments):
        return None  # other talk in a group, a command to another bot, a sticker or the like
    return Said(text, number, attachments)


def _edited(message: telegram.Message, username: str) -> Edited | None:
    """As it reads now; of a command its argument, for that is what was taken in."""
    text = _text(message)
    command = _command(text, username)
    words = command.argument if command else text
    return Edited(words, str(_whole(message.message_id))) if words else None


# --- parts of a message
def _inbound(
    update: telegram.Update, account: str, user: telegram.User | None, place: Place, at: datetime | None, deed: Deed
) -> Inbound | None:
    if user is None or user.is_bot or not isinstance(at, datetime) or at.tzinfo is None:
        return None
    return Inbound(
        key=f"{account}:{_whole(update.update_id)}",
        sender=Address(account, str(_whole(user.id))),
        place=place,
        at=at,
        deed=deed,
        name=_name(user),
        locale=_string(user.language_code) if user.language_code else None,
    )


def _place(message: telegram.MaybeInaccessibleMessage, account: str) -> Place:
    thread = None
    if isinstance(message, telegram.Message) and message.is_topic_message and message.message_thread_id is not None:
        thread = str(_whole(message.message_thread_id))
    is_private = message.chat.type == ChatType.PRIVATE
    return Place(account, str(_whole(message.chat.id)), is_private, None if is_private else thread)


def _command(text: str, username: str) -> Commanded | None:
    """The command that it is, if it is one for us."""
    found = _COMMAND.fullmatch(text)
    if found is None or (found[2] and found[2].lower() != username.lower()):
        return None
    return Commanded(found[1].lower(), (found[3] or "").strip())


def _quoted(message: telegram.Message, account: str) -> Quoted | None:
    reply = message.reply_to_message
    if reply is None or reply.from_user is None or reply.from_user.is_bot or reply.sender_chat is not None:
        return None
    text, attachments = _text(reply), _attachments(reply, account)
    if not (text or attachments) or not isinstance(reply.date, datetime):
        return None
    author = Address(account, str(_whole(reply.from_user.id)))
    return Quoted(author, _name(reply.from_user), text, str(_whole(reply.message_id)), reply.date, attachments)


def _attachments(message: telegram.Message, account: str) -> tuple[Attachment, ...]:
    found: list[tuple[AttachmentKind, str, str]] = []
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        found.append((AttachmentKind.PHOTO, largest.file_id, "image/jpeg"))
    if message.voice:
        found.append((AttachmentKind.VOICE, message.voice.file_id, message.voice.mime_type or "audio/ogg"))
    if message.video_note:
        found.append((AttachmentKind.FILE, message.video_note.file_id, "video/mp4"))
    document = None if message.animation else message.document  # an animation comes as a document too
    for file in (message.audio, message.video, message.animation, document):
        if file:
            found.append((AttachmentKind.FILE, file.file_id, file.mime_type or "application/octet-stream"))
    return tuple(Attachment(kind, account, _string(file), _string(media_type)) for kind, file, media_type in found)


def _text(message: telegram.Message) -> str:
    return _string(message.text or message.caption or "")


def _name(user: telegram.User) -> str:
    return _string(user.first_name)[:LONGEST_NAME]


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("Telegram sends text here")
    return valid(value)[: LONGEST_TEXT + 1]


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("Telegram sends a whole number here")
    return value
