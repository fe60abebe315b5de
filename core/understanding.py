"""What somebody means: commands, buttons, keywords, codes and STOP become actions; other words stay words."""

import re

from core.actions import VERBS, Action, read_action
from core.answers import read_answer
from core.consultations import Consultation
from core.inbound import Commanded, Inbound, Pressed, Said
from core.prompts import Prompt, PromptKind
from core.receipts import read_code, read_token
from core.sessions import (
    Answering,
    Confirming,
    Consenting,
    Deciding,
    Linking,
    Locating,
    Session,
    Speaking,
    Talking,
    Verifying,
    Wording,
)
from core.texts import Localised

STOP_WORDS = frozenset({"stop", "unsubscribe", "stopiwch", "stopio"})
"""Said alone, in any case, in the middle of anything."""

PLAIN_WORDS = {
    "start": "home", "hello": "home", "hi": "home", "helo": "home", "shwmae": "home", "help": "help", "cymorth": "help",
    "menu": "home", "consultations": "consultations", "mine": "mine",
}  # fmt: skip
"""Words that do as commands when nothing was asked."""

COMMANDS = {
    "start": "home", "cancel": "home", "menu": "home", "settings": "me", "folkmoot": "help", "topic": "topics",
    "unsubscribe": "stop", "timezones": "timezone", "ideas": "mine", "waiting": "queue",
}  # fmt: skip
"""Commands whose verb has another name; the rest are verbs themselves."""

TYPED = frozenset(
    "help stop me mine consultations language timezone link topics idea story organiser check load open close status "
    "broadcast outcome attach detach post forget queue meeting support unsupport appeal reply adopt carried uncarried "
    "astray receipt route moderate hide redact restore desk verify".split()
)

UNKNOWN = Action("unknown")
"""A command or button that we don't know (an older version's, or a slip)."""

START_CONSULTATION = "c_"
START_QUEUE = "q_"
START_IDEA = "i_"
START_DESK = "desk"
START_VERIFY = "verify"

_YES_OR_NO = Prompt("sure", PromptKind.YESNO, Localised.of("Is that so?"))
_TYPED_COMMAND = re.compile(r"\s*/(\w+)\s*(.*)", re.DOTALL)


def understand(inbound: Inbound, session: Session, open_: tuple[Consultation, ...]) -> Action | None:
    """The action that is meant; None for words, and for deeds that aren't anybody's wish."""
    match inbound.deed:
        case Pressed(data):
            return read_action(data) or UNKNOWN
        case Commanded(command, argument):
            return _command(command, argument)
        case Said() if not inbound.place.private:
            return None
        case Said(text) if typed := _TYPED_COMMAND.match(text):
            return _command(typed[1].lower(), typed[2])
        case Said(text):
            return _words(text.strip(), session, open_)
        case _:
            return None


def _yes_or_no(text: str) -> str:
    said = read_answer(_YES_OR_NO, text)
    return said if isinstance(said, str) else ""


def waiting_for(action: Action | None, session: Session) -> Action | None:
    """What a turn will be about: after a yes to our asking for consent, the action that waited for it."""
    if action == Action("consent", ("yes",)) and isinstance(session.step, Consenting) and session.step.then:
        return read_action(session.step.then)
    return action


def _command(command: str, argument: str) -> Action:
    argument = argument.strip()
    if command == "start" and argument == START_DESK:
        return Action("desk")
    if command == "start" and argument == START_VERIFY:
        return Action("verify")
    if command == "start" and argument.startswith(START_CONSULTATION):
        return Action("begin", (argument.removeprefix(START_CONSULTATION),))
    if command == "start" and argument.startswith(START_QUEUE):
        return Action("queue", (argument.removeprefix(START_QUEUE),))
    if command == "start" and argument.startswith(START_IDEA):
        return Action("story", (argument.removeprefix(START_IDEA),))
    verb = COMMANDS.get(command, command if command in TYPED else "")
    if not verb:
        return UNKNOWN
    return Action(verb, (argument,) if argument and VERBS[verb][1] else ())


def _words(text: str, session: Session, open_: tuple[Consultation, ...]) -> Action | None:
    word = text.casefold().strip(" .!")
    if word in STOP_WORDS:
        return Action("stop")
    if isinstance(session.step, Talking | Verifying):  # a membership number may read like a code
        return None
    if isinstance(session.step, Consenting | Confirming) and (said := _yes_or_no(text)):
        asked = session.step
        return Action("consent", (said,)) if isinstance(asked, Consenting) else Action("capture", (asked.capture, said))
    if isinstance(session.step, Answering | Wording | Locating | Linking | Deciding | Speaking):
        return Action("code", (text,)) if "-" in text and read_code(text) else None
    if read_token(text) and ("-" in text or text == text.upper() or read_code(text)):
        return Action("code", (text,))
    if word in PLAIN_WORDS:
        return Action(PLAIN_WORDS[word])
    chosen = next((c for c in open_ if c.keyword and c.keyword.casefold() == word), None)
    return Action("begin", (chosen.slug,)) if chosen else None
