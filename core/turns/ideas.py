"""Ideas: the receipt, the story, changing and withdrawing."""

from dataclasses import replace
from datetime import datetime

from core.actions import Action, action
from core.answers import read_answer
from core.events import CaptureReworded, StoryContinued
from core.ideas import Attachment, Idea
from core.inbound import Edited, Said
from core.ledger.files import receipt_json, write_json
from core.outbound import Button, File, Say, Tone, say
from core.places import Source
from core.prompts import Prompt, PromptKind
from core.sessions import IDLE, Wording
from core.standings import Stage, Standing, may_follow
from core.stories import Entry, EntryKind
from core.telling import STAGES, sentence, spoken
from core.texts import TN, Lines, Localised, Phrase, T, Words
from core.turns.seats import buttons_in_office
from core.turns.turn import Scene, Turn, go, stay

WORDS = Prompt("idea", PromptKind.IDEA, Localised.of("Idea"))
"""What counts as the words of an idea is what counts as an answer to an `idea` prompt."""


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
    spoken = Entry(EntryKind.SAID, min(said_at, scene.now), text)
    begun = (spoken, Entry(EntryKind.CONFIRMED, scene.now), Entry(EntryKind.ACKNOWLEDGED, scene.now))
    code = scene.codes.receipts[receipt_number]
    sent = _sent(scene, consultation)
    return Idea(code, scene.member.id, source, (*begun, *sent), consultation, prompt, attachments)


def _sent(scene: Scene, slug: str | None) -> tuple[Entry, ...]:
    """To the body that answers it, if there is one."""
    consultation = scene.consultation if scene.consultation and scene.consultation.slug == slug else None
    named, topics = (consultation.body, consultation.audience.topics) if consultation else (None, ())
    said_in = scene.said_in.slug if scene.said_in else None
    body = scene.bodies.answering(slug, named, topics, said_in)
    if body is None:
        return ()
    days = (consultation.answer_days if consultation else None) or body.days
    return (Entry(EntryKind.SENT, scene.now, next=body.slug, days=days),)


def receipt(scene: Scene, idea: Idea) -> Say:
    last = idea.story[-1]
    who: Words = ""
    if last.next:
        day = scene.bodies.calendar(last.next).last_day(last.at, last.days or 0)
        who = T("{body} answers it by {day}.", body=scene.bodies.name(last.next), day=day)
    elif scene.bodies.living:
        who = T("An organiser will send it to whoever answers it.")
    return say(
        T("Your idea is in. This is its receipt: {code}", code=idea.code),
        who,
        T("With it anybody can read its story, and you’ll hear here of every step."),
        buttons=[[Button(T("Its story"), action("story", idea.code))]],
    )


def continued(idea: Idea, entry: Entry) -> StoryContinued:
    """The event that adds the entry to the story as this turn sees it."""
    return StoryContinued(idea.code, entry, len(idea.story))


def story(scene: Scene) -> Turn:
    idea = scene.idea
    if idea is None:
        return stay(scene, say(T("I don’t know that code. Codes look like K7M4-QX2N; check each letter.")))
    return stay(scene, tell(scene, idea))


def tell(scene: Scene, idea: Idea) -> Say:
    """All of its story, and what this member can do about it."""
    now = idea.standing
    entries = [_line(entry, scene) for entry in idea.story]
    merged = [[Button(T("What it became"), action("story", now.part_of))]] if now.part_of else []
    rows = [*merged, *_of_author(scene, idea, now), *_of_supporter(scene, idea, now), *buttons_in_office(scene, idea)]
    page = Button(T("As a page"), url=f"{scene.public_url}/ideas/{idea.code}")
    is_public = scene.public_url.startswith("https://")
    rows.append([Button(T("Receipt file"), action("receipt", idea.code)), *([page] if is_public else [])])
    title = T("Idea {code}: {stage}", code=idea.code, stage=STAGES[now.stage])
    return say(shown_text(scene, idea), Lines(tuple(entries)), supported(scene), title=title, buttons=rows)


def receipt_file(scene: Scene, _: Action) -> Turn:
    """What proves its story offline. Of hidden words to their author alone."""
    idea, proof = scene.idea, scene.receipt
    if idea is None or proof is None:
        return story(scene)
    if idea.standing.is_hidden and idea.author != scene.member.id:
        return stay(scene, say(T("Its words are hidden, so only its author gets the file.")))
    words = T(
        "This file proves what is in the story of {code}. Whoever has it can check it, without us.", code=idea.code
    )
    text = write_json(receipt_json(proof)).decode()
    file = File(f"receipt-{idea.code}.json", "application/json", text)
    back = [[Button(T("Its story"), action("story", idea.code))]]
    return stay(scene, replace(say(words, buttons=back), file=file))


def shown_text(scene: Scene, idea: Idea) -> Words:
    """Its words, where this reader may read them."""
    now = idea.standing
    if idea.is_erased:
        return T("An idea by a former member, erased at their request.")
    if now.is_hidden and idea.author != scene.member.id:
        return T("Its words are hidden.")
    return T("“{text}”", text=idea.text) if idea.text else T("Its words were erased.")


def supported(scene: Scene) -> Words:
    if not scene.supporters:
        return ""
    return TN("{count} member supports it.", "{count} members support it.", scene.supporters)


def _line(entry: Entry, scene: Scene) -> Words:
    said = spoken(entry)
    line = T("{time}: {what}", time=entry.at, what=sentence(entry, scene.bodies))
    return T("{line} “{words}”", line=line, words=said) if said else line


def _of_author(scene: Scene, idea: Idea, now: Standing) -> list[list[Button]]:
    if idea.author != scene.member.id:
        return []
    rows = []
    if idea.may_be_reworded:
        rows.append([Button(T("Change it"), action("reword", idea.code))])
    if may_follow(now, EntryKind.WITHDRAWN):
        rows.append([Button(T("Withdraw it"), action("withdraw", idea.code))])
    rows = [[button for row in rows for button in row]] if rows else []
    if now.has_asked:
        rows.append([Button(T("Reply"), action("reply", idea.code), tone=Tone.PRIMARY)])
    if scene.bodies.may_hear(now):
        rows.append([Button(T("Appeal"), action("appeal", idea.code))])
    if now.stage is Stage.MERGED and not has_ended(scene.composite):
        rows.append([Button(T("This no longer says what I meant"), action("object", idea.code))])
    if may_follow(now, EntryKind.CONTESTED):
        rows.append([Button(T("Appeal against hiding"), action("contest", idea.code))])
    return rows


def has_ended(composite: Idea | None) -> bool:
    return composite is not None and composite.standing.stage is Stage.CLOSED


def _of_supporter(scene: Scene, idea: Idea, now: Standing) -> list[list[Button]]:
    if idea.author == scene.member.id or now.stage in (Stage.ERASED, Stage.WITHDRAWN, Stage.CLOSED):
        return []
    if scene.supports:
        return [[Button(T("I don’t support it any more"), action("unsupport", idea.code))]]
    return [[Button(T("I support it"), action("support", idea.code))]]


def mine(scene: Scene) -> Turn:
    if not scene.mine:
        words = say(
            T("You have no ideas here yet. Type one at any time."),
            buttons=[[Button(T("What is open?"), action("home"))]],
        )
        return stay(scene, words)
    lines = [
        T("{code}: “{text}” ({state})", code=idea.code, text=short(idea.text), state=STAGES[idea.standing.stage])
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
    return go(IDLE, tell(scene, idea.with_entry(entry))).with_events(continued(idea, entry))


def edited(scene: Scene, text: str) -> Turn:
    """A message of theirs reads otherwise now: the idea made of it follows, where nobody has considered it yet."""
    words = read_words(text)
    if isinstance(words, Phrase):
        return stay(scene)
    if scene.capture and scene.capture.author == scene.inbound.sender:
        return stay(scene).with_events(CaptureReworded(scene.capture.id, words))
    if scene.idea is None or scene.idea.author != scene.member.id or scene.idea.text == words:
        return stay(scene)
    if not scene.idea.may_be_reworded:
        return stay(scene, quietly(say(T("Idea {code} stays as it was: its story has gone on.", code=scene.idea.code))))
    entry = Entry(EntryKind.EDITED, scene.now, words)
    noted = say(
        T("Idea {code} now reads as you changed it. The earlier words stay in its story.", code=scene.idea.code),
        buttons=[[Button(T("Its story"), action("story", scene.idea.code))]],
    )
    return stay(scene, quietly(noted)).with_events(continued(scene.idea, entry))


def ask_withdraw(scene: Scene) -> Turn:
    idea = _of_theirs(scene, EntryKind.WITHDRAWN)
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
    idea = _of_theirs(scene, EntryKind.WITHDRAWN)
    if isinstance(idea, Turn):
        return idea
    entry = Entry(EntryKind.WITHDRAWN, scene.now)
    return stay(scene, tell(scene, idea.with_entry(entry))).with_events(continued(idea, entry))


def _changeable(scene: Scene) -> Idea | Turn:
    """The idea whose words they want to change, or why they can't."""
    idea = _of_theirs(scene, EntryKind.EDITED)
    if isinstance(idea, Idea) and not idea.may_be_reworded:
        return _too_late(scene, idea)
    return idea


def _of_theirs(scene: Scene, kind: EntryKind) -> Idea | Turn:
    """The idea to whose story they want to add, or why they can't."""
    if scene.idea is None:
        return story(scene)
    if scene.idea.author != scene.member.id:
        return stay(scene, say(T("Only its author can change that idea.")))
    if not may_follow(scene.idea.standing, kind):
        return _too_late(scene, scene.idea)
    return scene.idea


def _too_late(scene: Scene, idea: Idea) -> Turn:
    return stay(scene, say(T("It can’t be changed any more."), *tell(scene, idea).paragraphs))


def quietly(said: Say) -> Say:
    return replace(said, only_you=True)


def never_mind() -> list[Button]:
    return [Button(T("Never mind"), action("home"))]


def short(text: str, longest: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
