"""Ideas: the receipt, the story, changing and withdrawing."""

from dataclasses import replace
from datetime import datetime

from core.actions import action
from core.answers import read_answer
from core.events import CaptureReworded, StoryContinued
from core.ideas import Attachment, Entry, EntryKind, Idea
from core.inbound import Edited, Said
from core.outbound import Button, Say, Tone, say
from core.places import Source
from core.prompts import Prompt, PromptKind
from core.sessions import IDLE, Wording
from core.texts import Lines, Localised, Phrase, T, Words
from core.turns.turn import Scene, Turn, go, stay

WORDS = Prompt("idea", PromptKind.IDEA, Localised.of("Idea"))
"""What counts as the words of an idea is what counts as an answer to an `idea` prompt."""

STATES: dict[EntryKind, Phrase] = {
    EntryKind.SAID: T("said"),
    EntryKind.CONFIRMED: T("confirmed by its author"),
    EntryKind.ACKNOWLEDGED: T("received"),
    EntryKind.EDITED: T("changed by its author"),
    EntryKind.WITHDRAWN: T("withdrawn by its author"),
}


def read_words(text: str) -> str | Phrase:
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


def receipt(idea: Idea) -> Say:
    return say(
        T("Your idea is in. This is its receipt: {code}", code=idea.code),
        T("With it anybody can read its story, and you’ll hear here of every step."),
        buttons=[[Button(T("Its story"), action("story", idea.code))]],
    )


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
    idea = _changeable(scene)
    if isinstance(idea, Turn):
        return idea
    keep = [Button(T("Keep it as it is"), action("story", idea.code))]
    words = say(
        T("How should it read now? The earlier words stay in its story."),
        T("“{text}”", text=idea.text),
        buttons=[keep],
    )
    return go(Wording(idea=idea.code), words)


def take_new_words(scene: Scene, text: str) -> Turn:
    words = read_words(text)
    if isinstance(words, Phrase):
        return stay(scene, say(words, buttons=[never_mind()]))
    idea = _changeable(scene)
    if isinstance(idea, Turn):
        return idea
    entry = Entry(EntryKind.EDITED, scene.now, words)
    return go(IDLE, tell(scene, idea.with_entry(entry))).with_events(StoryContinued(idea.code, entry))


def edited(scene: Scene, text: str) -> Turn:
    """A message of theirs reads otherwise now: the idea made of it follows, where nobody has considered it yet."""
    words = read_words(text)
    if isinstance(words, Phrase):
        return stay(scene)
    if scene.capture and scene.capture.author == scene.inbound.sender:
        return stay(scene).with_events(CaptureReworded(scene.capture.id, words))
    if scene.idea is None or scene.idea.author != scene.member.id or scene.idea.text == words:
        return stay(scene)
    if not scene.idea.may_be_edited:
        return stay(scene, quietly(say(T("Idea {code} stays as it was: its story has gone on.", code=scene.idea.code))))
    entry = Entry(EntryKind.EDITED, scene.now, words)
    noted = say(
        T("Idea {code} now reads as you changed it. The earlier words stay in its story.", code=scene.idea.code),
        buttons=[[Button(T("Its story"), action("story", scene.idea.code))]],
    )
    return stay(scene, quietly(noted)).with_events(StoryContinued(scene.idea.code, entry))


def ask_withdraw(scene: Scene) -> Turn:
    idea = _changeable(scene)
    if isinstance(idea, Turn):
        return idea
    code = idea.code
    sure = [
        Button(T("Yes, withdraw it"), action("withdrawn", code), tone=Tone.DANGER),
        Button(T("Keep it"), action("story", code)),
    ]
    words = T("Withdraw idea {code}? Nobody will consider it; its story stays.", code=code)
    return stay(scene, say(words, T("“{text}”", text=idea.text), buttons=[sure]))


def withdraw(scene: Scene) -> Turn:
    idea = _changeable(scene)
    if isinstance(idea, Turn):
        return idea
    entry = Entry(EntryKind.WITHDRAWN, scene.now)
    return stay(scene, tell(scene, idea.with_entry(entry))).with_events(StoryContinued(idea.code, entry))


def _changeable(scene: Scene) -> Idea | Turn:
    """The idea that they want to change, or why they can't."""
    if scene.idea is None:
        return story(scene)
    if scene.idea.author != scene.member.id:
        return stay(scene, say(T("Only its author can change that idea.")))
    if not scene.idea.may_be_edited:
        return stay(scene, say(T("It can’t be changed any more."), *tell(scene, scene.idea).paragraphs))
    return scene.idea


def quietly(said: Say) -> Say:
    return replace(said, only_you=True)


def never_mind() -> list[Button]:
    return [Button(T("Never mind"), action("home"))]


def _short(text: str, longest: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
