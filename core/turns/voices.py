"""What an author says about what became of their idea, and who supports it."""

from collections.abc import Callable

from core.actions import Action, action
from core.answers import read_answer
from core.events import Event, IdeaSupported, SupportWithdrawn
from core.ideas import Idea
from core.numerals import read_whole
from core.outbound import Button, Say, say
from core.prompts import Prompt, PromptKind
from core.sessions import IDLE, Speaking
from core.standings import Stage, may_follow
from core.stories import Entry, EntryKind
from core.texts import Localised, Phrase, T, Words
from core.turns.ideas import continued, has_ended, receipt_file, story, tell
from core.turns.turn import Scene, Turn, go, stay
from core.turns.welcome import ask_consent

WORDS = Prompt("words", PromptKind.TEXT, Localised.of("Words"))
MOST_SCORE = 5


# --- what waits for words
_ASKS: dict[EntryKind, Words] = {
    EntryKind.REPLIED: T("What would you answer them?"),
    EntryKind.APPEALED: T("Why should it be looked at again? Say it in your own words."),
    EntryKind.OBJECTED: T("What did you mean that it doesn’t say? Say it in your own words."),
    EntryKind.CONTESTED: T("Why should its words be shown again? Say it in your own words."),
}
_WORDLESS = frozenset({EntryKind.APPEALED, EntryKind.OBJECTED, EntryKind.CONTESTED, EntryKind.HEARD})
"""Words are welcome with these, and not required."""


def _ask_for_words(kind: EntryKind) -> Callable[[Scene, Action], Turn]:
    def ask(scene: Scene, _: Action) -> Turn:
        idea = _of_author(scene, kind)
        if isinstance(idea, Turn):
            return idea
        last = next((e.reason for e in reversed(idea.story) if e.kind is EntryKind.ASKED), None)
        asked: list[Words] = [T("“{text}”", text=last)] if kind is EntryKind.REPLIED and last else []
        return go(Speaking(kind.value, idea.code), say(*asked, _ASKS[kind], buttons=_ways_out(kind, idea.code)))

    return ask


def _ways_out(kind: EntryKind, code: str) -> list[list[Button]]:
    without = [Button(T("Without words"), action("wordless", code))] if kind in _WORDLESS else []
    return [[*without, Button(T("Never mind"), action("story", code))]]


def take_words(scene: Scene, step: Speaking, text: str) -> Turn:
    kind = EntryKind(step.entry)
    said = read_answer(WORDS, text)
    if isinstance(said, Phrase):
        return stay(scene, say(said, buttons=_ways_out(kind, step.idea)))
    return _speak(scene, step, str(said))


def wordless(scene: Scene, _: Action) -> Turn:
    step = scene.session.step
    if not isinstance(step, Speaking) or scene.idea is None or step.idea != scene.idea.code:
        return story(scene)
    if EntryKind(step.entry) not in _WORDLESS:
        return stay(scene, say(_ASKS[EntryKind(step.entry)]))
    return _speak(scene, step, None)


def _speak(scene: Scene, step: Speaking, text: str | None) -> Turn:
    kind = EntryKind(step.entry)
    if kind is EntryKind.HEARD:
        return _be_heard(scene, step.score, text)
    idea = _of_author(scene, kind)
    if isinstance(idea, Turn):
        return idea
    match kind:
        case EntryKind.REPLIED:
            entry = Entry(kind, scene.now, text)
            return go(IDLE, say(T("Thank you. They will read it."))).with_events(continued(idea, entry))
        case EntryKind.OBJECTED:
            return _object(scene, idea, text)
        case _:
            return _appeal(scene, idea, kind, text)


def _appeal(scene: Scene, idea: Idea, kind: EntryKind, text: str | None) -> Turn:
    now = idea.standing
    if kind is EntryKind.APPEALED:
        judge, rule = scene.bodies.may_hear(now), None
    else:
        holder = now.with_body.body if now.with_body else now.declined_by or _last_body(idea)
        judge, rule = (scene.bodies.hears_appeals(holder) if holder else None), now.rule
    days = judge.days if judge else None
    entry = Entry(kind, scene.now, text, next=judge.slug if judge else None, days=days, rule=rule)
    turn = go(IDLE, tell(scene, idea.with_entry(entry))).with_events(continued(idea, entry))
    return turn.opening_with(T("Your appeal is in."))


def _object(scene: Scene, idea: Idea, text: str | None) -> Turn:
    """Out of the composite, and back to the body that merged it, whose time begins anew."""
    merged = next(entry for entry in reversed(idea.story) if entry.kind is EntryKind.MERGED)
    body = scene.bodies.get(merged.body)
    heir = scene.bodies.heir(merged.body or "") if body is None or body.has_ended else body
    entry = Entry(
        EntryKind.OBJECTED, scene.now, text, next=heir.slug if heir else None, days=heir.days if heir else None,
        other=merged.other,
    )  # fmt: skip
    events: list[Event] = [continued(idea, entry)]
    if scene.composite and may_follow(scene.composite.standing, EntryKind.LEFT):
        events.append(continued(scene.composite, Entry(EntryKind.LEFT, scene.now, other=idea.code)))
    words = T("Your idea stands by itself again, in your own words.")
    return go(IDLE, tell(scene, idea.with_entry(entry))).opening_with(words).with_events(*events)


def _of_author(scene: Scene, kind: EntryKind) -> Idea | Turn:
    idea = scene.idea
    if idea is None:
        return story(scene)
    if idea.author is None or idea.author != scene.member.id:
        return stay(scene, say(T("Only its author can do that.")))
    if (
        kind is EntryKind.APPEALED
        and idea.standing.stage is Stage.DECLINED
        and not scene.bodies.may_hear(idea.standing)
    ):
        return go(IDLE, say(T("Your appeal was heard, and there is no body above that could hear another.")))
    if not may_follow(idea.standing, kind) or (kind is EntryKind.OBJECTED and has_ended(scene.composite)):
        return go(IDLE, tell(scene, idea)).opening_with(T("That isn’t open any more: its story has gone on."))
    return idea


# --- were you heard?
def heard(scene: Scene, act: Action) -> Turn:
    score = read_whole(act.args[1]) or 0
    idea = _rated(scene)
    if idea is None or not 1 <= score <= MOST_SCORE:
        return story(scene)
    if any(entry.kind is EntryKind.HEARD for entry in idea.story):
        return stay(scene, say(T("You have answered that. Thank you!")))
    ask = T("Thank you. Would you like to add a word on why?")
    buttons = [[Button(T("Without words"), action("wordless", act.first))]]
    return go(Speaking(EntryKind.HEARD.value, act.first, score), say(ask, buttons=buttons))


def _be_heard(scene: Scene, score: int, text: str | None) -> Turn:
    idea = _rated(scene)
    if idea is None or any(entry.kind is EntryKind.HEARD for entry in idea.story):
        return go(IDLE, say(T("You have answered that. Thank you!")))
    entry = Entry(EntryKind.HEARD, scene.now, text, body=_last_body(scene.idea or idea), score=score)
    thanks = T("Thank you. It is published with the answers of others, without your name.")
    return go(IDLE, say(thanks)).with_events(continued(idea, entry))


def _rated(scene: Scene) -> Idea | None:
    """This member's idea that has ended, or the one of theirs that is part of a composite that has."""
    idea = scene.idea
    if idea is None or idea.standing.stage is not Stage.CLOSED:
        return None
    if idea.author == scene.member.id:
        return idea
    return next((part for part in scene.parts if may_follow(part.standing, EntryKind.HEARD)), None)


def _last_body(idea: Idea) -> str | None:
    return next((entry.body for entry in reversed(idea.story) if entry.body and entry.kind is not EntryKind.LEFT), None)


# --- support
def support(scene: Scene, _: Action) -> Turn:
    idea = scene.idea
    if idea is None:
        return story(scene)
    if not scene.member.has_consented:
        return ask_consent(scene, action("support", idea.code))
    if idea.author == scene.member.id:
        return stay(scene, say(T("It is your own idea.")))
    if idea.standing.stage in (Stage.ERASED, Stage.WITHDRAWN, Stage.CLOSED):
        return stay(scene, say(T("Its story has ended.")))
    words = T("You support idea {code} now. You’ll be told what its author is told.", code=idea.code)
    return stay(scene, _supported(words, idea, "unsupport")).with_events(IdeaSupported(idea.code, scene.now))


def unsupport(scene: Scene, _: Action) -> Turn:
    if scene.idea is None:
        return story(scene)
    words = T("You no longer support idea {code}.", code=scene.idea.code)
    return stay(scene, _supported(words, scene.idea, "support")).with_events(SupportWithdrawn(scene.idea.code))


def _supported(words: Words, idea: Idea, other: str) -> Say:
    undo = T("I don’t support it any more") if other == "unsupport" else T("I support it")
    row = [Button(T("Its story"), action("story", idea.code)), Button(undo, action(other, idea.code))]
    return say(words, buttons=[row])


VERBS: dict[str, Callable[[Scene, Action], Turn]] = {
    "reply": _ask_for_words(EntryKind.REPLIED),
    "appeal": _ask_for_words(EntryKind.APPEALED),
    "object": _ask_for_words(EntryKind.OBJECTED),
    "contest": _ask_for_words(EntryKind.CONTESTED),
    "wordless": wordless,
    "heard": heard,
    "support": support,
    "unsupport": unsupport,
    "receipt": receipt_file,
}
