"""Decisions: accept, decline, ask, pass on, not ours; upon one idea, or upon all that were picked together."""

from collections.abc import Callable

from core.actions import Action, action
from core.bodies import Body
from core.outbound import Button, say
from core.sessions import Deciding
from core.stories import EntryKind
from core.texts import Phrase, T, Words
from core.turns.acting import (
    Chosen,
    about,
    ask_for_words,
    choose,
    codes_meant,
    leave,
    put_off,
    read_reason,
    settled,
    way_out,
)
from core.turns.acts import barred, entry_of
from core.turns.ideas import short, story
from core.turns.turn import Scene, Turn, go, stay

HERE = "here"
MOST_BODIES = 8


# --- where it goes
def accept(scene: Scene, act: Action) -> Turn:
    return _send_on(scene, act, EntryKind.ACCEPTED)


def pass_on(scene: Scene, act: Action) -> Turn:
    return _send_on(scene, act, EntryKind.PASSED)


def _send_on(scene: Scene, act: Action, kind: EntryKind) -> Turn:
    if scene.idea is None:
        return story(scene)
    chosen = choose(scene, kind, codes_meant(scene, kind, scene.idea.code))
    if isinstance(chosen, Turn):
        return chosen
    where = act.args[1] if len(act.args) > 1 else ""
    return _sent_to(scene, chosen, kind, where) if where else _ask_where(scene, chosen, kind)


def _ask_where(scene: Scene, chosen: Chosen, kind: EntryKind, problem: Words = "") -> Turn:
    step = Deciding(kind.value, chosen.asked, chosen.seat.body)
    verb, code = ("accept" if kind is EntryKind.ACCEPTED else "pass"), chosen.code
    here = [[Button(T("It stays with us"), action(verb, code, HERE))]] if kind is EntryKind.ACCEPTED else []
    rows = body_buttons(scene, verb, code, chosen.seat.body)
    ask = (
        T("Where does it go next, once you have accepted it?")
        if kind is EntryKind.ACCEPTED
        else T("Which body shall answer?")
    )
    if not here and not rows:
        return leave(scene, say(T("There is no other body to send it to."), buttons=[way_out(step)]))
    said = say(problem, about(chosen.ideas), ask, buttons=[*here, *rows, way_out(step)])
    return go(step, said)


def _sent_to(scene: Scene, chosen: Chosen, kind: EntryKind, where: str) -> Turn:
    seat = chosen.seat
    if where == HERE and kind is EntryKind.ACCEPTED:
        return settled(scene, chosen, entry_of(scene, seat, kind))
    body = find_body(scene, where, but=seat.body)
    if body is None:
        return _ask_where(scene, chosen, kind, unknown_body(where))
    return settled(scene, chosen, entry_of(scene, seat, kind, to=body))


def body_buttons(scene: Scene, verb: str, code: str, but: str = "") -> list[list[Button]]:
    """Bodies that it can go to: those above first, then those that answer something; others can be typed."""
    above = scene.bodies.above(but)
    others = sorted((body for body in scene.bodies.living if body not in above), key=lambda body: body.remit.is_empty)
    shown = [body for body in (*above, *others) if body.slug != but][:MOST_BODIES]
    return [[Button(body.name, action(verb, code, body.slug))] for body in shown]


def find_body(scene: Scene, typed: str, but: str = "") -> Body | None:
    """By its short name, or its name in any language."""
    wanted = typed.strip().casefold()
    return next(
        (
            body
            for body in scene.bodies.living
            if body.slug != but and wanted in (body.slug, *(name.casefold() for _, name in body.name.texts))
        ),
        None,
    )


def unknown_body(typed: str) -> Phrase:
    return T("I know no body called “{slug}” that it can go to.", slug=short(typed))


def take_place(scene: Scene, step: Deciding, typed: str) -> Turn:
    """Where it goes, typed instead of pressed."""
    kind = EntryKind(step.entry)
    chosen = choose(scene, kind, step.codes, body=step.body)
    return chosen if isinstance(chosen, Turn) else _sent_to(scene, chosen, kind, typed)


# --- why
ASKS: dict[EntryKind, Words] = {
    EntryKind.DECLINED: T("Why do you decline it? Its author reads this, and it stays in the story for everybody."),
    EntryKind.NOT_OURS: T("Why isn’t it yours to answer? Its author reads this, and so does whoever gets it next."),
    EntryKind.ASKED: T("What would you like to know? Its author is asked, and the question stays in the story."),
}


def _ask_why(kind: EntryKind) -> Callable[[Scene, Action], Turn]:
    def ask(scene: Scene, _: Action) -> Turn:
        if scene.idea is None:
            return story(scene)
        if why := barred(scene, scene.idea, kind):
            return stay(scene, say(why))
        chosen = choose(scene, kind, codes_meant(scene, kind, scene.idea.code))
        return chosen if isinstance(chosen, Turn) else ask_for_words(chosen, kind, about(chosen.ideas), ASKS[kind])

    return ask


def take_words(scene: Scene, step: Deciding, text: str) -> Turn:
    kind = EntryKind(step.entry)
    chosen = choose(scene, kind, step.codes, body=step.body)
    if isinstance(chosen, Turn):
        return chosen
    reason = read_reason(text)
    if isinstance(reason, Phrase):
        return put_off(scene, step, reason)
    return settled(scene, chosen, entry_of(scene, chosen.seat, kind, reason=reason))


VERBS: dict[str, Callable[[Scene, Action], Turn]] = {
    "accept": accept,
    "pass": pass_on,
    "decline": _ask_why(EntryKind.DECLINED),
    "notours": _ask_why(EntryKind.NOT_OURS),
    "question": _ask_why(EntryKind.ASKED),
}
