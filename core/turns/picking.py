"""Picking several ideas of a queue: to answer them alike, to merge them, or because a meeting considered them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from core.actions import Action, action
from core.ideas import Idea
from core.outbound import Button, Say, Tone, say
from core.sessions import Picking
from core.stories import EntryKind
from core.texts import TN, Lines, T, Words
from core.turns.acting import choose, leave, looked_at
from core.turns.acts import answering
from core.turns.ideas import short, story
from core.turns.turn import Scene, Turn, go, stay

MOST_PICKED, LONGEST_LISTED = 20, 160
ALIKE, FEWEST_SHOWN = 60, 8
SAME = 85
"""How alike two texts are, of 100: `ALIKE` is shown, `SAME` is ticked already. Words can't be trusted to tell, so a few
others are shown too."""


def alike(scene: Scene, _: Action) -> Turn:
    return begin(scene, "alike")


def begin(scene: Scene, purpose: str) -> Turn:
    """With those that read most like it."""
    if scene.idea is None:
        return story(scene)
    chosen = choose(scene, EntryKind.MERGED, (scene.idea.code,))
    if isinstance(chosen, Turn):
        return chosen
    idea, others = scene.idea, [one for one in scene.queue.ideas if answering(scene, one) == chosen.seat]
    scores = {one.code: likeness(idea, one) for one in others if one.code != idea.code}
    best = sorted((one for one in others if one.code in scores), key=lambda one: -scores[one.code])
    shown = [one for n, one in enumerate(best) if scores[one.code] >= ALIKE or n < FEWEST_SHOWN][: MOST_PICKED - 1]
    if not shown:
        back = [[Button(T("Back"), action("consider", idea.code))]]
        return leave(scene, say(T("Nothing else waits that it could be put together with."), buttons=back))
    picked = (idea.code, *(one.code for one in shown if scores[one.code] >= SAME))
    step = Picking(chosen.seat.body, purpose, (idea.code, *(one.code for one in shown)), picked)
    return go(step, picking(step, (idea, *shown)))


def likeness(one: Idea, other: Idea) -> float:
    from rapidfuzz import fuzz, utils  # loaded once a secretary looks for what reads alike

    return fuzz.token_set_ratio(one.text, other.text, processor=utils.default_process)


def picking(step: Picking, ideas: Sequence[Idea]) -> Say:
    """A button an idea, ticked or not."""
    rows = [[Button(_label(idea, idea.code in step.picked), action("pick", idea.code))] for idea in ideas]
    done = [Button(_done(step), action("picked"), tone=Tone.PRIMARY)] if step.picked else []
    return say(_asked(step), buttons=[*rows, done, [Button(T("Never mind"), action("queue", step.body))]])


def _asked(step: Picking) -> Words:
    match step.purpose:
        case "meeting":
            return T("Which ideas did the meeting of {day} consider?", day=date.fromisoformat(step.on))
        case "merge":
            return T("Tick the ideas that say the same. They become one text, and their authors are told.")
        case _:
            return T("Tick the ideas that get the same answer. Those that read alike come first.")


def _done(step: Picking) -> Words:
    count = len(step.picked)
    match step.purpose:
        case "meeting":
            return TN("Write it down for {count}", "Write it down for {count}", count)
        case "merge":
            return TN("Merge {count}", "Merge {count}", count)
        case _:
            return TN("Answer {count}", "Answer {count} together", count)


def _label(idea: Idea, is_picked: bool) -> Words:
    text = idea.code if idea.standing.is_hidden else short(idea.text, 48)
    return T("☑ {option}", option=text) if is_picked else T("☐ {option}", option=text)


def pick(scene: Scene, _: Action) -> Turn:
    step, idea = scene.session.step, scene.idea
    if not isinstance(step, Picking) or idea is None or idea.code not in step.offered:
        return over(scene)
    picked = set(step.picked) ^ {idea.code}
    step = replace(step, picked=tuple(code for code in step.offered if code in picked))
    return go(step, picking(step, scene.ideas))


def ask_decision(scene: Scene, step: Picking) -> Turn:
    chosen = choose(scene, EntryKind.ACCEPTED, step.picked, body=step.body)
    if isinstance(chosen, Turn):
        return chosen
    code, count = chosen.code, len(chosen.ideas)
    rows = [
        [
            Button(T("Accept"), action("accept", code), tone=Tone.PRIMARY),
            Button(T("Decline"), action("decline", code)),
        ],
        [Button(T("Pass on"), action("pass", code)), Button(T("Not ours"), action("notours", code))],
        [Button(T("Ask the authors"), action("question", code))],
        [Button(T("Never mind"), action("queue", step.body))],
    ]
    words = TN("What is the answer to this idea?", "What is the one answer to these {count} ideas?", count)
    asked = say(words, listed(chosen.ideas), buttons=rows)
    return stay(scene, asked).with_events(*looked_at(scene, chosen))


def listed(ideas: Sequence[Idea]) -> Words:
    return Lines(tuple(T("– “{text}”", text=short(idea.text, LONGEST_LISTED)) for idea in ideas))


def over(scene: Scene) -> Turn:
    return leave(scene, say(T("That choice is over."), buttons=[[Button(T("What waits"), action("queue"))]]))
