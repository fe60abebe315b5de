"""What a body's officers, and organisers, do about ideas: all their verbs, and the words that we wait for from them."""

from collections.abc import Callable

from core.actions import Action
from core.outbound import say
from core.sessions import Deciding, Picking
from core.stories import EntryKind
from core.texts import T
from core.turns import decisions, meetings, merging, moderation, picking, queue, reporting, routing
from core.turns.acting import leave
from core.turns.turn import Scene, Turn


def _picked(scene: Scene, _: Action) -> Turn:
    """Done with picking: what it was for begins."""
    step = scene.session.step
    if not isinstance(step, Picking) or not step.picked:
        return picking.over(scene)
    match step.purpose:
        case "meeting":
            return meetings.write_down_meeting(scene, step)
        case "merge":
            return merging.ask_words(scene, step)
        case _:
            return picking.ask_decision(scene, step)


VERBS: dict[str, Callable[[Scene, Action], Turn]] = {
    "queue": queue.queue,
    "consider": queue.consider,
    "later": queue.later,
    **decisions.VERBS,
    "alike": picking.alike,
    "pick": picking.pick,
    "picked": _picked,
    "merge": merging.merge,
    "undo": merging.undo,
    "meeting": meetings.meeting,
    **reporting.VERBS,
    "astray": routing.astray,
    "route": routing.route,
    **moderation.VERBS,
}

_WORDS: dict[str, Callable[[Scene, Deciding, str], Turn]] = {
    EntryKind.ACCEPTED: decisions.take_place,
    EntryKind.PASSED: decisions.take_place,
    EntryKind.DECLINED: decisions.take_words,
    EntryKind.NOT_OURS: decisions.take_words,
    EntryKind.ASKED: decisions.take_words,
    EntryKind.COMPOSED: merging.take_words,
    EntryKind.UNDONE: merging.take_reason,
    EntryKind.ADOPTED: reporting.take_words,
    EntryKind.CARRIED_OUT: reporting.take_words,
    EntryKind.NOT_CARRIED_OUT: reporting.take_words,
    EntryKind.SENT: routing.take_place,
    EntryKind.HIDDEN: moderation.take_words,
    EntryKind.REDACTED: moderation.take_words,
    EntryKind.UPHELD: moderation.take_words,
}


def take_words(scene: Scene, step: Deciding, text: str) -> Turn:
    if step.entry not in _WORDS:
        return leave(scene, say(T("That is settled already.")))
    return _WORDS[step.entry](scene, step, text)
