"""Reporting on what was accepted: that it was adopted, carried out, or not; in words, where there are any."""

from collections.abc import Callable

from core.actions import Action, action
from core.outbound import Button, say
from core.sessions import Deciding
from core.stories import NEEDS_REASON, EntryKind
from core.texts import Phrase, T, Words
from core.turns.acting import about, choose, put_off, read_reason, settled, way_out
from core.turns.acts import entry_of
from core.turns.ideas import story
from core.turns.seats import reports_on
from core.turns.turn import Scene, Turn, go

ASKS: dict[EntryKind, Words] = {
    EntryKind.ADOPTED: T("You adopt it. What follows from that? Say it in a sentence, or leave it out."),
    EntryKind.CARRIED_OUT: T("It was carried out. What was done? Say it in a sentence, or leave it out."),
    EntryKind.NOT_CARRIED_OUT: T("Why wasn’t it carried out? Its author reads this, and it stays in the story."),
}
_VERBS = {
    EntryKind.ADOPTED: "adopt",
    EntryKind.CARRIED_OUT: "carried",
    EntryKind.NOT_CARRIED_OUT: "uncarried",
}


def _report(kind: EntryKind) -> Callable[[Scene, Action], Turn]:
    """Asks for words first; pressed again, it is reported without."""

    def report(scene: Scene, _: Action) -> Turn:
        if scene.idea is None:
            return story(scene)
        code, step = scene.idea.code, scene.session.step
        chosen = choose(scene, kind, (code,), reports_on)
        if isinstance(chosen, Turn):
            return chosen
        waiting = Deciding(kind.value, (code,), chosen.seat.body)
        if step == waiting and kind not in NEEDS_REASON and scene.was_pressed:
            return settled(scene, chosen, entry_of(scene, chosen.seat, kind))
        without = [] if kind in NEEDS_REASON else [Button(T("Without words"), action(_VERBS[kind], code))]
        return go(waiting, say(about(chosen.ideas), ASKS[kind], buttons=[[*without, *way_out(waiting)]]))

    return report


def take_words(scene: Scene, step: Deciding, text: str) -> Turn:
    kind = EntryKind(step.entry)
    chosen = choose(scene, kind, step.codes, reports_on, step.body)
    if isinstance(chosen, Turn):
        return chosen
    reason = read_reason(text)
    if isinstance(reason, Phrase):
        return put_off(scene, step, reason)
    return settled(scene, chosen, entry_of(scene, chosen.seat, kind, reason=reason))


VERBS: dict[str, Callable[[Scene, Action], Turn]] = {verb: _report(kind) for kind, verb in _VERBS.items()}
