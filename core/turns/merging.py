"""Merging ideas that say the same into one text, adding to it, and taking it apart again."""

from collections.abc import Sequence
from dataclasses import replace

from core.actions import Action, action
from core.events import Event, IdeaCaptured
from core.ideas import Idea
from core.outbound import Button, say
from core.sessions import IDLE, Deciding, Picking
from core.standings import ANSWERS, may_follow
from core.stories import Entry, EntryKind
from core.texts import TN, Lines, Phrase, T, Words
from core.turns.acting import Chosen, about, ask_for_words, choose, leave, looked_at, put_off, read_reason, told_back
from core.turns.acts import answering, write_down
from core.turns.ideas import read_words, short, source_of
from core.turns.picking import begin, listed, over
from core.turns.turn import Scene, Turn, go, stay

FEWEST_MERGED = 2


def merge(scene: Scene, _: Action) -> Turn:
    """Picking what to merge it with; pressed again once that is picked, its own words stay and the rest joins it."""
    step, idea = scene.session.step, scene.idea
    if idea and isinstance(step, Deciding) and step.entry == EntryKind.COMPOSED and idea.code in step.codes:
        return _add(scene, step, idea)
    return begin(scene, "merge")


def ask_words(scene: Scene, step: Picking) -> Turn:
    chosen = choose(scene, EntryKind.MERGED, step.picked, body=step.body)
    if isinstance(chosen, Turn):
        return chosen
    if len(chosen.ideas) < FEWEST_MERGED:
        return stay(scene, say(T("Merging takes at least two ideas. Tick another one."), buttons=[_back(step.body)]))
    ask = T("What shall the one text say? Write it in words that all of their authors would sign.")
    turn = ask_for_words(chosen, EntryKind.COMPOSED, listed(chosen.ideas), ask).with_events(*looked_at(scene, chosen))
    composites = [idea for idea in chosen.ideas if idea.is_composite]
    if len(composites) != 1:
        return turn
    said, code = turn.says[0], composites[0].code
    keep = [Button(T("Keep the words of {code}", code=code), action("merge", code))]
    return replace(turn, says=(replace(said, buttons=((*keep,), *said.buttons)),))


def _back(body: str) -> list[Button]:
    return [Button(T("What waits"), action("queue", body))]


def take_words(scene: Scene, step: Deciding, text: str) -> Turn:
    """The composite’s words: it is made, its parts merge into it, and it waits for the same body."""
    chosen = choose(scene, EntryKind.MERGED, step.codes, body=step.body)
    if isinstance(chosen, Turn):
        return chosen
    words = read_words(text)
    if isinstance(words, Phrase):
        return put_off(scene, step, words)
    if len(chosen.ideas) < FEWEST_MERGED:
        return leave(scene, say(T("Too few of them are still open to be merged."), buttons=[_back(step.body)]))
    composite = _compose(scene, chosen, words)
    done = TN("{count} idea is merged into one:", "{count} ideas are merged into one:", len(chosen.ideas))
    return _merged(scene, chosen, composite, done, IdeaCaptured(composite))


def _compose(scene: Scene, chosen: Chosen, words: str) -> Idea:
    seat = chosen.seat
    begun = Entry(EntryKind.COMPOSED, scene.now, words, body=seat.body, by=seat.by)
    joined = (Entry(EntryKind.JOINED, scene.now, other=idea.code) for idea in chosen.ideas)
    sent = Entry(EntryKind.SENT, scene.now, next=seat.body, days=_days_left(scene, chosen.ideas))
    seen = Entry(EntryKind.SEEN, scene.now, body=seat.body, by=seat.by)  # who wrote it needn't be told to look at it
    asked_by = {idea.consultation for idea in chosen.ideas}
    consultation = asked_by.pop() if len(asked_by) == 1 else None
    code = scene.codes.receipts[0]
    return Idea(code, None, source_of(scene), (begun, *joined, sent, seen), consultation)


def _days_left(scene: Scene, ideas: Sequence[Idea]) -> int:
    """Of the most urgent of them: neither merging nor taking apart gives a body more time."""
    waiting = [idea.standing.with_body for idea in ideas]
    left = [
        scene.bodies.calendar(referral.body).days_left(scene.bodies.due(referral), scene.now)
        for referral in waiting
        if referral
    ]
    return max(0, min(left, default=0))


def _merged(scene: Scene, chosen: Chosen, composite: Idea, done: Words, *first: Event) -> Turn:
    """The parts’ side of it."""
    entry = Entry(EntryKind.MERGED, scene.now, body=chosen.seat.body, by=chosen.seat.by, other=composite.code)
    events = [event for idea in chosen.in_order for event in write_down(scene, idea, entry)]
    gone = told_back(scene, chosen, entry).paragraphs[-1:] if chosen.gone else ()
    said = say(
        done,
        T("“{text}”", text=composite.text),
        T("Their authors are told, and each can take their idea out again."),
        *gone,
        title=T("Idea {code}", code=composite.code),
        buttons=[
            [Button(T("Answer it"), action("consider", composite.code))],
            [Button(T("Take it apart again"), action("undo", composite.code))],
            [Button(T("Next one"), action("later", chosen.code))],
        ],
    )
    return go(IDLE, said).with_events(*first, *events)


def _add(scene: Scene, step: Deciding, composite: Idea) -> Turn:
    """More ideas join a composite that there is already."""
    chosen = choose(scene, EntryKind.MERGED, [code for code in step.codes if code != composite.code], body=step.body)
    if isinstance(chosen, Turn):
        return chosen
    seat = answering(scene, composite)
    if seat != chosen.seat or not composite.is_composite or not may_follow(composite.standing, EntryKind.JOINED):
        return over(scene)
    joined = [Entry(EntryKind.JOINED, scene.now, other=idea.code) for idea in chosen.ideas]
    done = TN("{count} idea joined it:", "{count} ideas joined it:", len(joined))
    return _merged(scene, chosen, composite, done, *write_down(scene, composite, *joined))


# --- taking apart
def undo(scene: Scene, _: Action) -> Turn:
    chosen = _to_undo(scene, scene.idea.code if scene.idea else "")
    if isinstance(chosen, Turn):
        return chosen
    ask = T("Why do you take it apart again? Its authors read this.")
    return ask_for_words(chosen, EntryKind.UNDONE, about(chosen.ideas), ask)


def _to_undo(scene: Scene, code: str, body: str | None = None) -> Chosen | Turn:
    chosen = choose(scene, EntryKind.UNDONE, (code,), body=body)
    if isinstance(chosen, Turn):
        return chosen
    idea = chosen.ideas[0]
    if not idea.is_composite:
        return leave(scene, say(T("It isn’t made of several ideas, so there is nothing to take apart.")))
    if any(entry.kind in ANSWERS for entry in idea.story):
        return leave(scene, say(T("It has been decided upon as one idea, so it can’t be taken apart any more.")))
    return chosen


def take_reason(scene: Scene, step: Deciding, text: str) -> Turn:
    """Why it is taken apart: each part that is still in it waits for the body again, by itself."""
    chosen = _to_undo(scene, step.codes[0] if step.codes else "", step.body)
    if isinstance(chosen, Turn):
        return chosen
    reason = read_reason(text)
    if isinstance(reason, Phrase):
        return put_off(scene, step, reason)
    composite, seat = chosen.ideas[0], chosen.seat
    undone = Entry(EntryKind.UNDONE, scene.now, reason=reason, body=seat.body, by=seat.by)
    alone = Entry(
        EntryKind.SEPARATED, scene.now, body=seat.body, by=seat.by, next=seat.body,
        days=_days_left(scene, [composite]), other=composite.code,
    )  # fmt: skip
    parts = [
        part
        for part in scene.ideas
        if part.standing.part_of == composite.code and may_follow(part.standing, EntryKind.SEPARATED)
    ]
    events = write_down(scene, composite, undone)
    for part in sorted(parts, key=lambda part: part.code):
        events += write_down(scene, part, alone)
    lines: list[Words] = [T("{code}: “{text}”", code=part.code, text=short(part.text)) for part in parts]
    said = say(
        TN("{count} idea stands by itself again:", "{count} ideas stand by themselves again:", len(parts)),
        Lines(tuple(lines)) if lines else "",
        T("“{text}”", text=reason),
        title=T("Idea {code}", code=composite.code),
        buttons=[[Button(T("Next one"), action("later", composite.code))]],
    )
    return go(IDLE, said).with_events(*events)
