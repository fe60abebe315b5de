"""What we say, on no platform in particular: `Say` in words of the catalogue, `Message` as one member reads it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.inbound import Inbound, Pressed
from core.places import Place
from core.texts import Texts, Words


class Tone(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A closed choice. `action` is what `core.actions` reads back (64 bytes at the most), or `url` a link."""

    label: Words
    action: str = ""
    url: str = ""
    tone: Tone = Tone.PLAIN


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A text that goes along as a file. `name` with its ending; `media_type` without a charset, which is UTF-8."""

    name: str
    media_type: str
    text: str

    @property
    def content(self) -> bytes:
        return self.text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes along, finished: so it is the same at every try, and whoever sends it needs nothing to draw
    with. `alt` says in words what is to be seen on it; nobody's own words are on it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    alt: str


@dataclass(frozen=True, slots=True)
class Say:
    """One message in the making. Without `to` it goes where the inbound came from.

    `in_place` changes the message whose button was pressed instead of adding one; `only_you` is for the person
    who acted alone (a toast, an ephemeral message); `quoting` is the message it answers, in a group; `card` the
    consultation whose card this is. A `file` goes where the words go, after them.
    """

    paragraphs: tuple[Words, ...]
    title: Words | None = None
    buttons: Rows = ()
    to: Place | None = None
    in_place: bool = False
    only_you: bool = False
    quoting: str | None = None
    card: str | None = None
    file: File | Picture | None = None


def say(*paragraphs: Words, title: Words | None = None, buttons: Sequence[Sequence[Button]] = ()) -> Say:
    return Say(paragraphs, title, tuple(tuple(row) for row in buttons if row))


@dataclass(frozen=True, slots=True)
class Key:
    """A rendered button."""

    label: str
    action: str = ""
    url: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Message:
    """What a channel's `writing` turns into a call. Plain text; each channel escapes for itself.

    `replaces`: id of our own message to change (send anew if it can't be changed). `callback`: the button press
    to answer. `only_for`: the user who alone may see it. `quoting`: the message that it replies to.
    """

    text: str
    title: str = ""
    keys: tuple[tuple[Key, ...], ...] = ()
    replaces: str | None = None
    callback: str | None = None
    only_for: str | None = None
    quoting: str | None = None
    file: File | Picture | None = None


def render(said: Say, texts: Texts, language: str, timezone: str) -> Message:
    """As one member reads it, not yet addressed."""

    def words(of: Words) -> str:
        return texts.say(of, language, timezone)

    return Message(
        text="\n\n".join(filter(None, map(words, said.paragraphs))),
        title=words(said.title) if said.title else "",
        keys=tuple(tuple(Key(words(b.label), b.action, b.url, b.tone) for b in row) for row in said.buttons),
        quoting=said.quoting,
        file=said.file,
    )


def addressed(message: Message, said: Say, inbound: Inbound, *, answers_press: bool) -> Message:
    """The same message, tied to what it answers: the button pressed, the one person it is for."""
    pressed = inbound.deed if answers_press and isinstance(inbound.deed, Pressed) else None
    return replace(
        message,
        replaces=pressed.message if pressed and said.in_place else None,
        callback=pressed.callback if pressed else None,
        only_for=inbound.sender.user if said.only_you and not inbound.place.private else None,
    )
