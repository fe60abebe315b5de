"""Ideas: asking whether words are one, the receipt, the story, changing and withdrawing."""

from dataclasses import replace
from datetime import datetime

from core.actions import action
from core.answers import read_answer
from core.events import CaptureAsked, CaptureReworded, CaptureSettled, ConsentGiven, IdeaCaptured, StoryContinued
from core.ideas import CAPTURE_LASTS, Attachment, Capture, Entry, EntryKind, Idea
from core.inbound import Commanded, Edited, Quoted, Said
from core.members import Address
from core.outbound import Button, Say, Tone, say
from core.places import Place, Source
from core.prompts import Prompt, PromptKind
from core.sessions import IDLE, Confirming, Wording
from core.texts import Lines, Localised, Phrase, T, Words
from core.turns.turn import Scene, Turn, go, stay
from core.turns.welcome import ask_consent

WORDS = Prompt("idea", PromptKind.IDEA, Localised.of("Idea"))
"""What counts as the words of an idea is what counts as an answer to an `idea` prompt."""

STATES: dict[EntryKind, Phrase] = {
    EntryKind.SAID: T("said"),
    EntryKind.CONFIRMED: T("confirmed by its author"),
    EntryKind.ACKNOWLEDGED: T("received"),
    EntryKind.EDITED: T("changed by its author"),
    EntryKind.WITHDRAWN: T("withdrawn by its author"),
}


def _read(text: str) -> str | Phrase:
    """The words of an idea, or what is wrong with them."""
    words = read_answer(WORDS, text)
    return words if isinstance(words, str | Phrase) else str(words)


def source_of(scene: Scene) -> Source:
    """Where the words of this turn were said; a form has no message, so its key stands for one."""
    deed = scene.inbound.deed
    message = deed.message if isinstance(deed, Said | Edited) else scene.message
    return Source(scene.place.account, scene.place.chat, message or scene.inbound.key)


def new_idea(
    scene: Scene,
    text: str,
    source: Source,
    said_at: datetime,
    attachments: tuple[Attachment, ...] = (),
    consultation: str | None = None,
    prompt: str | None = None,
    receipt_number: int = 0,
) -> Idea:
    story = (
        Entry(EntryKind.SAID, min(said_at, scene.now), text),
        Entry(EntryKind.CONFIRMED, scene.now),
        Entry(EntryKind.ACKNOWLEDGED, scene.now),
    )
    code = scene.codes.receipts[receipt_number]
    return Idea(code, scene.member.id, source, story, consultation, prompt, attachments)


def receipt(scene: Scene, idea: Idea) -> Say:
    return say(
        T("Your idea is in. This is its receipt: {code}", code=idea.code),
        T("With it anybody can read its story, and you’ll hear here of every step."),
        buttons=[[Button(T("Its story"), action("story", idea.code))]],
    )


# --- is this an idea?
def maybe_idea(scene: Scene, text: str, attachments: tuple[Attachment, ...] = ()) -> Turn:
    """Words that nobody asked for: they may be an idea, so we ask. Nothing is submitted by itself."""
    if attachments and not text.strip():
        return go(
            Wording(attachments=attachments),
            say(T("I have that. Which idea does it belong to? Say it in a few words."), buttons=[_never_mind()]),
        )
    words = _read(text)
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
    words = _read(text)
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
    return go(Wording(), say(T("What is your idea? Say it in your own words."), buttons=[_never_mind()]))


def settle(scene: Scene, answer: str) -> Turn:
    """A button under “Is this an idea?”."""
    capture = scene.capture
    if capture is None or capture.expires_at <= scene.now:
        return stay(scene, _quietly(say(T("That one is settled already."))))
    if capture.author != scene.inbound.sender and capture.author not in scene.addresses:
        return stay(scene, _quietly(say(T("Only the person who said it can answer that."))))
    match answer:
        case "yes" | "agree":
            agreed = answer == "agree" and not scene.member.has_consented
            if not scene.member.has_consented and not agreed:
                return ask_consent(scene, action("capture", capture.id, "yes"))
            idea = new_idea(
                scene, capture.text, capture.source, capture.said_at, capture.attachments, capture.consultation
            )
            consent = (ConsentGiven(scene.now),) if agreed else ()
            return stay(scene, receipt(scene, idea)).with_events(
                *consent, CaptureSettled(capture.id), IdeaCaptured(idea)
            )
        case "no":
            return stay(scene, say(T("All right, it isn’t kept."))).with_events(CaptureSettled(capture.id))
        case "change":
            words = say(
                T("How should it read? Send the new words."), T("“{text}”", text=capture.text), buttons=[_never_mind()]
            )
            return go(Wording(capture=capture.id), words)
        case _:
            return go(Confirming(capture.id), _ask(capture))


def take_wording(scene: Scene, step: Wording, text: str, attachments: tuple[Attachment, ...]) -> Turn:
    """The words we waited for."""
    words = _read(text)
    if isinstance(words, Phrase):
        return stay(scene, say(words, buttons=[_never_mind()]))
    if step.idea:
        return _reword(scene, words)
    if step.capture and scene.capture:
        capture = replace(scene.capture, text=words)
        return go(Confirming(capture.id), _ask(capture)).with_events(CaptureReworded(capture.id, words))
    files = (*step.attachments, *attachments)
    if not scene.member.has_consented:
        return maybe_idea(scene, words, files)
    idea = new_idea(scene, words, source_of(scene), scene.inbound.at, files)
    return go(IDLE, receipt(scene, idea)).with_events(IdeaCaptured(idea))


# --- another's words
def put_forward_quoted(scene: Scene, quoted: Quoted) -> Turn:
    """Somebody points at a message. One's own is put forward; another's author is asked first."""
    if scene.idea:
        return stay(scene, _quietly(say(T("That is an idea already. Its receipt: {code}", code=scene.idea.code))))
    if scene.capture:
        return stay(scene, _quietly(say(T("Its author has been asked already."))))
    source = Source(scene.place.account, scene.place.chat, quoted.message)
    words = _read(quoted.text)
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


# --- the story
def story(scene: Scene) -> Turn:
    idea = scene.idea
    if idea is None:
        return stay(scene, say(T("I don’t know that code. Codes look like K7M4-QX2N; check each letter.")))
    return stay(scene, tell(scene, idea))


def tell(scene: Scene, idea: Idea) -> Say:
    lines: list[Words] = [T("{time}: {state}", time=entry.at, state=STATES[entry.kind]) for entry in idea.story]
    rows = []
    if idea.author == scene.member.id and idea.may_be_edited:
        rows.append(
            [
                Button(T("Change it"), action("reword", idea.code)),
                Button(T("Withdraw it"), action("withdraw", idea.code)),
            ]
        )
    if scene.public_url.startswith("https://"):
        rows.append([Button(T("As a page"), url=f"{scene.public_url}/ideas/{idea.code}")])
    return say(T("“{text}”", text=idea.text), Lines(tuple(lines)), title=T("Idea {code}", code=idea.code), buttons=rows)


def mine(scene: Scene) -> Turn:
    if not scene.mine:
        words = say(
            T("You have no ideas here yet. Type one at any time."),
            buttons=[[Button(T("What is open?"), action("home"))]],
        )
        return stay(scene, words)
    lines = [
        T("{code}: “{text}” ({state})", code=idea.code, text=_short(idea.text), state=STATES[idea.state])
        for idea in scene.mine[:8]
    ]
    buttons = [Button(idea.code, action("story", idea.code)) for idea in scene.mine[:8]]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    return stay(
        scene,
        say(Lines(tuple(lines)), title=T("My ideas"), buttons=[*rows, [Button(T("What is open?"), action("home"))]]),
    )


def reword(scene: Scene) -> Turn:
    refused = _not_changeable(scene)
    if refused or scene.idea is None:
        return refused or story(scene)
    keep = [Button(T("Keep it as it is"), action("story", scene.idea.code))]
    words = say(
        T("How should it read now? The earlier words stay in its story."),
        T("“{text}”", text=scene.idea.text),
        buttons=[keep],
    )
    return go(Wording(idea=scene.idea.code), words)


def _reword(scene: Scene, words: str) -> Turn:
    refused = _not_changeable(scene)
    if refused or scene.idea is None:
        return refused or story(scene)
    entry = Entry(EntryKind.EDITED, scene.now, words)
    return go(IDLE, tell(scene, scene.idea.with_entry(entry))).with_events(StoryContinued(scene.idea.code, entry))


def edited(scene: Scene, text: str) -> Turn:
    """A message of theirs reads otherwise now: the idea made of it follows, where nobody has considered it yet."""
    words = _read(text)
    if isinstance(words, Phrase):
        return stay(scene)
    if scene.capture and scene.capture.author == scene.inbound.sender:
        return stay(scene).with_events(CaptureReworded(scene.capture.id, words))
    if scene.idea is None or scene.idea.author != scene.member.id or scene.idea.text == words:
        return stay(scene)
    if not scene.idea.may_be_edited:
        return stay(
            scene, _quietly(say(T("Idea {code} stays as it was: its story has gone on.", code=scene.idea.code)))
        )
    entry = Entry(EntryKind.EDITED, scene.now, words)
    noted = say(
        T("Idea {code} now reads as you changed it. The earlier words stay in its story.", code=scene.idea.code),
        buttons=[[Button(T("Its story"), action("story", scene.idea.code))]],
    )
    return stay(scene, _quietly(noted)).with_events(StoryContinued(scene.idea.code, entry))


def ask_withdraw(scene: Scene) -> Turn:
    refused = _not_changeable(scene)
    if refused or scene.idea is None:
        return refused or story(scene)
    code = scene.idea.code
    sure = [
        Button(T("Yes, withdraw it"), action("withdrawn", code), tone=Tone.DANGER),
        Button(T("Keep it"), action("story", code)),
    ]
    words = T("Withdraw idea {code}? Nobody will consider it; its story stays.", code=code)
    return stay(scene, say(words, T("“{text}”", text=scene.idea.text), buttons=[sure]))


def withdraw(scene: Scene) -> Turn:
    refused = _not_changeable(scene)
    if refused or scene.idea is None:
        return refused or story(scene)
    entry = Entry(EntryKind.WITHDRAWN, scene.now)
    return stay(scene, tell(scene, scene.idea.with_entry(entry))).with_events(StoryContinued(scene.idea.code, entry))


def _not_changeable(scene: Scene) -> Turn | None:
    if scene.idea is None:
        return story(scene)
    if scene.idea.author != scene.member.id:
        return stay(scene, say(T("Only its author can change that idea.")))
    if not scene.idea.may_be_edited:
        return stay(scene, say(T("It can’t be changed any more."), *tell(scene, scene.idea).paragraphs))
    return None


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


def _quietly(said: Say) -> Say:
    return replace(said, only_you=True)


def _never_mind() -> list[Button]:
    return [Button(T("Never mind"), action("home"))]


def _short(text: str, longest: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
