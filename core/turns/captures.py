"""Captures: words that may be an idea. Their author is asked; nothing is put forward by itself."""

from dataclasses import replace
from datetime import datetime

from core.actions import action
from core.events import CaptureAsked, CaptureReworded, CaptureSettled, ConsentGiven, IdeaCaptured
from core.ideas import CAPTURE_LASTS, MOST_ATTACHMENTS, Attachment, Capture
from core.inbound import Commanded, Quoted, Said
from core.members import Address
from core.outbound import Button, Say, Tone, say
from core.places import Place, Source
from core.sessions import IDLE, Confirming, Wording
from core.texts import Phrase, T
from core.turns.ideas import never_mind, new_idea, quietly, read_words, receipt, source_of
from core.turns.turn import Scene, Turn, go, stay
from core.turns.welcome import ask_consent


def maybe_idea(scene: Scene, text: str, attachments: tuple[Attachment, ...] = ()) -> Turn:
    """Words that nobody asked for: they may be an idea, so we ask. Nothing is submitted by itself."""
    if attachments and not text.strip():
        return go(
            Wording(attachments=attachments),
            say(T("I have that. Which idea does it belong to? Say it in a few words."), buttons=[never_mind()]),
        )
    words = read_words(text)
    if isinstance(words, Phrase):
        return stay(scene, say(words))
    capture = _capture(scene, words, scene.inbound.sender, source_of(scene), scene.inbound.at, attachments)
    asked = CaptureAsked(capture)
    if not scene.member.has_consented:
        return ask_consent(scene, action("capture", capture.id, "ask")).with_events(asked)
    return go(Confirming(capture.id), _ask(capture)).with_events(asked)


def put_forward(scene: Scene, text: str) -> Turn:
    """`/idea TEXT`: they said that it is one."""
    deed = scene.inbound.deed
    attachments = deed.attachments if isinstance(deed, Said | Commanded) else ()
    words = read_words(text)
    if isinstance(words, Phrase):
        return stay(scene, say(words))
    if not scene.member.has_consented:
        capture = _capture(scene, words, scene.inbound.sender, source_of(scene), scene.inbound.at, attachments)
        if scene.is_private:
            return ask_consent(scene, action("capture", capture.id, "yes")).with_events(CaptureAsked(capture))
        return stay(scene, _ask_to_agree(scene, capture)).with_events(CaptureAsked(capture))
    idea = new_idea(scene, words, source_of(scene), scene.inbound.at, attachments)
    return stay(scene, replace(receipt(scene, idea), quoting=scene.message)).with_events(IdeaCaptured(idea))


def ask_for_words(scene: Scene) -> Turn:
    """`/idea` alone."""
    return go(Wording(), say(T("What is your idea? Say it in your own words."), buttons=[never_mind()]))


def settle(scene: Scene, answer: str) -> Turn:
    """A button under “Is this an idea?”."""
    capture = scene.capture
    if capture is None or capture.expires_at <= scene.now:
        return stay(scene, quietly(say(T("That one is settled already."))))
    if capture.author != scene.inbound.sender and capture.author not in scene.addresses:
        return stay(scene, quietly(say(T("Only the person who said it can answer that."))))
    match answer:
        case "yes" | "agree":
            agreed = answer == "agree" and not scene.member.has_consented
            if not scene.member.has_consented and not agreed:
                return ask_consent(scene, action("capture", capture.id, "yes"))
            idea = new_idea(
                scene, capture.text, capture.source, capture.said_at, capture.attachments, capture.consultation
            )
            consent = (ConsentGiven(scene.now),) if agreed else ()
            settled = CaptureSettled(capture.id)
            return stay(scene, receipt(scene, idea)).with_events(*consent, settled, IdeaCaptured(idea))
        case "no":
            return stay(scene, say(T("All right, it isn’t kept."))).with_events(CaptureSettled(capture.id))
        case "change":
            words = say(
                T("How should it read? Send the new words."), T("“{text}”", text=capture.text), buttons=[never_mind()]
            )
            return go(Wording(capture=capture.id), words)
        case _:
            return go(Confirming(capture.id), _ask(capture))


def take_words(scene: Scene, step: Wording, text: str, attachments: tuple[Attachment, ...]) -> Turn:
    """The words we waited for."""
    files = (*step.attachments, *attachments)[:MOST_ATTACHMENTS]
    words = read_words(text)
    if isinstance(words, Phrase):
        return go(replace(step, attachments=files), say(words, buttons=[never_mind()]))
    if step.capture and scene.capture:
        capture = replace(scene.capture, text=words)
        return go(Confirming(capture.id), _ask(capture)).with_events(CaptureReworded(capture.id, words))
    if not scene.member.has_consented:
        return maybe_idea(scene, words, files)
    idea = new_idea(scene, words, source_of(scene), scene.inbound.at, files)
    return go(IDLE, receipt(scene, idea)).with_events(IdeaCaptured(idea))


def put_forward_quoted(scene: Scene, quoted: Quoted) -> Turn:
    """Somebody points at a message. One's own is put forward; another's author is asked first."""
    if scene.idea:
        return stay(scene, quietly(say(T("That is an idea already. Its receipt: {code}", code=scene.idea.code))))
    if scene.capture:
        return stay(scene, quietly(say(T("Its author has been asked already."))))
    source = Source(scene.place.account, scene.place.chat, quoted.message)
    words = read_words(quoted.text)
    if isinstance(words, Phrase):
        return stay(scene, say(words))
    capture = _capture(scene, words, quoted.author, source, quoted.said_at, quoted.attachments)
    asked = CaptureAsked(replace(capture, asked_by=scene.member.name or None))
    if quoted.author == scene.inbound.sender:
        if not scene.member.has_consented:
            return stay(scene, _ask_to_agree(scene, capture)).with_events(asked)
        idea = new_idea(scene, words, source, quoted.said_at, quoted.attachments)
        return stay(scene, replace(receipt(scene, idea), quoting=quoted.message)).with_events(IdeaCaptured(idea))
    return stay(scene, *_ask_author(scene, capture, quoted.author, quoted.author_name, quoted.message)).with_events(
        asked
    )


def _ask_author(scene: Scene, capture: Capture, author: Address, name: str, message: str) -> tuple[Say, ...]:
    agree = "yes" if scene.author and scene.author.has_consented else "agree"
    asks = [
        T("{who} would like to put this forward as an idea: “{text}”", who=scene.member.name, text=capture.text),
        T("{name}, is that all right?", name=name) if name else T("Is that all right with you?"),
        *([] if agree == "yes" else [_terms()]),
    ]
    buttons = [
        [
            Button(T("Yes, put it forward"), action("capture", capture.id, agree), tone=Tone.PRIMARY),
            Button(T("No"), action("capture", capture.id, "no")),
        ]
    ]
    ask = say(*asks, buttons=buttons)
    if author.channel == "slack":  # a bot may write to anybody in its workspace; in Telegram only to who began
        private = replace(ask, to=Place.private_to(author))
        return private, replace(say(T("I’ve asked its author.")), only_you=True)
    return (replace(ask, quoting=message),)


def _ask_to_agree(scene: Scene, capture: Capture) -> Say:
    return replace(
        say(
            T("{name}, shall I put this forward as your idea: “{text}”", name=scene.member.name, text=capture.text),
            _terms(),
            buttons=[
                [
                    Button(T("I agree, put it forward"), action("capture", capture.id, "agree"), tone=Tone.PRIMARY),
                    Button(T("No"), action("capture", capture.id, "no")),
                ]
            ],
        ),
        quoting=scene.message,
    )


def _terms() -> Phrase:
    return T(
        "If you agree, I keep these words and your name; others read the words by their receipt code, never your name. "
        "Say STOP to me to leave."
    )


def _capture(
    scene: Scene, text: str, author: Address, source: Source, said_at: datetime, attachments: tuple[Attachment, ...]
) -> Capture:
    return Capture(scene.codes.token, author, text, said_at, source, scene.now + CAPTURE_LASTS, attachments)


def _ask(capture: Capture) -> Say:
    return say(
        T("Is this an idea you want to put forward?"),
        T("“{text}”", text=capture.text),
        buttons=[
            [
                Button(T("Yes"), action("capture", capture.id, "yes"), tone=Tone.PRIMARY),
                Button(T("Change it"), action("capture", capture.id, "change")),
                Button(T("No"), action("capture", capture.id, "no")),
            ]
        ],
    )
