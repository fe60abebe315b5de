"""Sending on one Telegram bot: makes the calls that `writing` wrote, and says what became of them as a value."""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from telegram.error import BadRequest, ChatMigrated, EndPointNotFound, Forbidden, InvalidToken, TelegramError

from bots.telegram.account import TelegramBot
from bots.telegram.files import fetch
from bots.telegram.request import NotConnected, ServerFault, SlowDown
from bots.telegram.writing import DOCUMENT, PHOTO, Call, Step, Written, sent_to, write
from core.deliveries import Gone, MovedTo, Outcome, Refused, Retry, Sent, Unknown
from core.outbound import Message
from core.places import Place

TRIES_OF_A_PART = 4
LONGEST_PAUSE = 30.0
"""Seconds to hold on between the parts of one long message."""

AFTER_A_BAD_TOKEN = 60.0
AFTER_A_FAULT = 5.0
"""Seconds until the next try."""

_UNCHANGED = "message is not modified"
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "group chat was deactivated")
_PAST_CHANGING = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
    "query is too old",
    "query id is invalid",
)


class TelegramMessenger:
    """`core.ports.Messenger` for one bot. `username` is the bot's own; `pause` waits between parts."""

    def __init__(
        self, bot: TelegramBot, username: str, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._bot, self._username, self._pause = bot, username, pause
        self._written: WeakKeyDictionary[Message, Written] = WeakKeyDictionary()

    async def send(self, to: Place, message: Message) -> Outcome:
        """`Sent` carries the id of the words' last part, where the keys are; a toast has none."""
        written = self._write(to, message)
        said = await self._say(written, to)
        if written.file is None or not isinstance(said, Sent):
            return said
        if said == Sent(""):
            return Refused("a file can't be given to somebody who never wrote to the bot")
        return await self._hand_over(written.file, said, to)

    def _write(self, to: Place, message: Message) -> Written:
        """What thousands are told in the same words is written once, as long as anybody holds on to the words."""
        if not to.private or message.callback or message.replaces or message.only_for or message.file:
            return write(to, message, self._username)
        known = self._written.get(message)
        if known is None:
            known = self._written[message] = write(to, message, self._username)
        return sent_to(to, known)

    async def _say(self, written: Written, to: Place) -> Outcome:
        if not written.answers_last:
            await self._answer(written)
        if not written.steps:
            return Sent("") if written.answer else Refused("there was nothing to say")
        outcome = await self._take(written.steps[0], to)
        if written.answers_last and outcome == Sent(""):
            return outcome  # said as the answer to the press, as much of it as there is room for
        if written.answers_last:
            await self._answer(written)
        for number, step in enumerate(written.steps[1:], start=1):
            if not isinstance(outcome, Sent):
                break
            outcome = await self._follow_up(step, to)
            if not isinstance(outcome, Sent | Gone):
                return Unknown(f"only {number} of {len(written.steps)} parts arrived")
        return outcome

    async def _hand_over(self, call: Call, said: Sent, to: Place) -> Outcome:
        """The file, whose words have arrived and aren't said again for its sake."""
        match await self._follow_up(Step(call), to):
            case Sent():
                return said
            case Refused(why):
                return Refused(f"the words arrived, but not the file: {why}")
            case Retry(why=why) | Unknown(why):
                return Unknown(f"the words arrived, perhaps not the file: {why}")
            case gone_or_moved:
                return gone_or_moved

    async def show_typing(self, to: Place) -> None:
        """For five seconds, as Telegram has it. A sign that doesn't arrive is missed by nobody."""
        try:
            await self._bot.call("sendChatAction", {"chat_id": int(to.chat), "action": "typing"})
        except (TelegramError, ValueError):
            return

    async def fetch(self, file: str) -> tuple[bytes, str]:
        """An attachment's content and media type. Raises as `files.fetch`."""
        return await fetch(self._bot, file)

    async def _answer(self, written: Written) -> None:
        if written.answer is None:
            return
        try:
            await self._bot.call(written.answer.method, written.answer.parameters)
        except TelegramError:
            return  # at the worst the button spins for a while; the message itself will tell what is wrong

    async def _follow_up(self, step: Step, to: Place) -> Outcome:
        """Part of a message whose beginning has arrived: waited for, for a retry would begin afresh."""
        outcome = await self._take(step, to)
        for _ in range(TRIES_OF_A_PART - 1):
            if not isinstance(outcome, Retry):
                break
            await self._pause(min(outcome.after, LONGEST_PAUSE))
            outcome = await self._take(step, to)
        return outcome

    async def _take(self, step: Step, to: Place) -> Outcome:
        outcome = await self._make(step.call, to)
        if step.instead is not None and (outcome is None or isinstance(outcome, Refused)):
            outcome = await self._make(step.instead, to)
        return outcome or Refused("what it would change is no longer there")

    async def _make(self, call: Call, to: Place) -> Outcome | None:
        """None: do what is to be done instead."""
        try:
            result = await self._bot.call(call.method, call.parameters)
        except TelegramError as error:
            return outcome_of(error, call, to)
        return Sent(str(result["message_id"]) if isinstance(result, dict) and "message_id" in result else "")


def outcome_of(error: TelegramError, call: Call, to: Place) -> Outcome | None:
    """What an error means for the delivery; None where the thing to change or answer is no longer there.

    The library's hierarchy is a trap: BadRequest is a NetworkError, and is tried first.
    """
    match error:
        case SlowDown(after=after):
            return Retry(after, error.message, whole_lane=to.private, counted=False, asked=True)
        case ChatMigrated(new_chat_id=chat):
            return MovedTo(str(chat))
        case InvalidToken() | EndPointNotFound():
            why = "Telegram doesn't know this bot: check TELEGRAM_BOT_TOKEN"
            return Retry(AFTER_A_BAD_TOKEN, why, whole_lane=True, counted=False)
        case Forbidden():
            return _nobody(error, call, to)
        case BadRequest():
            return _refusal(error, call, to)
        case NotConnected():
            return Retry(AFTER_A_FAULT, error.message, whole_lane=True, counted=False)
        case ServerFault():
            return Retry(AFTER_A_FAULT, error.message)
        case _ if call.method not in ("sendMessage", DOCUMENT, PHOTO):
            return Retry(AFTER_A_FAULT, error.message)  # a repeated change or answer does no harm
        case _:
            return Unknown(error.message)


def _refusal(error: BadRequest, call: Call, to: Place) -> Outcome | None:
    why = error.message.lower()
    if _UNCHANGED in why:
        return Sent(str(call.parameters["message_id"]))
    if any(sign in why for sign in _PAST_CHANGING):
        return None
    if any(sign in why for sign in _NOBODY):
        return _nobody(error, call, to)
    return Refused(error.message)


def _nobody(error: TelegramError, call: Call, to: Place) -> Outcome:
    """A member who can't be written to privately isn't the group being gone, which the delivery was for."""
    return Gone(error.message) if str(call.parameters.get("chat_id")) == to.chat else Refused(error.message)
