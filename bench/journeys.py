"""What a member does, as Telegram would post it: comes back, begins, presses an answer or two, and writes."""

import json
from collections.abc import Iterator
from itertools import count

from bench.crowds import FIRST_USER, SLUG
from bench.loads import Journey
from tests.fakes.telegram_payloads import Json, bot_user, build_update, message, press, private_chat, user

ANSWERS = 3
TURNS = 5
WORDS = "Because the trees there are old, and the pond is where we meet in the evening."

_numbers: Iterator[int] = count(1)


def journey(member: int) -> Journey:
    """Five turns of a member of a crowd, who agreed before; at the end they have answered everything."""
    who = user(FIRST_USER + member)
    asked = message("Parks", sender=bot_user(), chat=private_chat(who), number=1)
    for button in (None, f"begin:{SLUG}", f"answer:{SLUG}:which:north", f"answer:{SLUG}:happy:4"):
        number = next(_numbers)
        if button is None:
            yield _posted("message", message("/start", sender=who, number=number), number)
        else:
            yield _posted("callback_query", press(button, asked, sender=who, callback=str(number)), number)
    number = next(_numbers)
    yield _posted("message", message(WORDS, sender=who, number=number), number)


def call_for_help(member: int) -> bytes:
    """One turn that is the same whoever takes it, and however often."""
    number = next(_numbers)
    return _posted("message", message("/help", sender=user(FIRST_USER + member), number=number), number)


def _posted(kind: str, content: Json, number: int) -> bytes:
    return json.dumps(build_update(kind, content, number)).encode()
