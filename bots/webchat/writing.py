"""Writing: a Message as the web chat's transcript keeps it. There is nobody else in this chat to hide it from."""

import re
from dataclasses import replace

from core.inbound import Commanded, Inbound, Said
from core.outbound import Message

_LINE = re.compile(r"[0-9]{1,15}")


def write(message: Message) -> Message:
    """What a line shows: the words and the buttons, without what only sending it needed."""
    return replace(message, replaces=None, callback=None, only_for=None, quoting=None)


def line_replaced(message: Message) -> int | None:
    """The line of ours that this message changes, if it changes one."""
    line = message.replaces or ""
    return int(line) if _LINE.fullmatch(line) else None


def own_words(inbound: Inbound) -> Message | None:
    """The member's own line: what they typed. A pressed button changes our line and needs none of its own."""
    match inbound.deed:
        case Said(text):
            return Message(text)
        case Commanded(command, argument):
            return Message(f"/{command} {argument}".strip())
        case _:
            return None
