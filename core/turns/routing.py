"""Routing: ideas that no body has, and sending each to the body that answers it."""

from core.actions import Action, action
from core.outbound import Button, Tone, say
from core.sessions import Deciding
from core.standings import may_follow
from core.stories import EntryKind
from core.texts import TN, Lines, T, Words
from core.turns.acting import Chosen, choose, closed_to_them, leave, settled, way_out
from core.turns.acts import entry_of, routing
from core.turns.decisions import body_buttons, find_body, unknown_body
from core.turns.ideas import short, story
from core.turns.organising import for_the_whole
from core.turns.turn import Scene, Turn, go

MOST_SHOWN = 6


def astray(scene: Scene, _: Action) -> Turn:
    """What nobody has, the longest waiting first."""
    if refused := for_the_whole(scene):
        return refused
    ideas = scene.queue.ideas[:MOST_SHOWN]
    if not ideas:
        return leave(scene, say(T("Every idea is with a body, or has its answer.")))
    lines: list[Words] = [T("{code}: “{text}”", code=idea.code, text=short(idea.text)) for idea in ideas]
    buttons = [Button(idea.code, action("route", idea.code)) for idea in ideas] if len(ideas) > 1 else []
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    first = [
        Button(T("Send them on") if buttons else T("Send it on"), action("route", ideas[0].code), tone=Tone.PRIMARY)
    ]
    waits = TN("{count} idea is with no body.", "{count} ideas are with no body.", scene.queue.count)
    return leave(scene, say(waits, Lines(tuple(lines)), buttons=[first, *rows]))


def route(scene: Scene, act: Action) -> Turn:
    """`/route CODE BODY`."""
    if refused := for_the_whole(scene):
        return refused
    if scene.idea is None:
        return story(scene)
    chosen = _astray(scene, (scene.idea.code,))
    if isinstance(chosen, Turn):
        return chosen
    where = act.args[1] if len(act.args) > 1 else _rest(act.first)
    return _sent_to(scene, chosen, where) if where else _ask_where(scene, chosen)


def _rest(typed: str) -> str:
    return (*typed.split(maxsplit=1), "", "")[1]


def _astray(scene: Scene, codes: tuple[str, ...]) -> Chosen | Turn:
    idea = next((idea for idea in (scene.idea, *scene.ideas) if idea and idea.code in codes), None)
    if idea and not may_follow(idea.standing, EntryKind.SENT):
        return leave(scene, closed_to_them(scene, idea))
    return choose(scene, EntryKind.SENT, codes, routing)


def _ask_where(scene: Scene, chosen: Chosen, problem: Words = "") -> Turn:
    code = chosen.code
    step = Deciding(EntryKind.SENT.value, chosen.asked)
    rows = [*body_buttons(scene, "route", code), way_out(step)]
    ask = T("Which body shall answer?") if len(rows) > 1 else T("There is no body yet that it could go to.")
    said = say(problem, T("“{text}”", text=chosen.ideas[0].text), ask, buttons=rows)
    return go(step, said) if len(rows) > 1 else leave(scene, said)


def _sent_to(scene: Scene, chosen: Chosen, where: str) -> Turn:
    body = find_body(scene, where)
    if body is None:
        return _ask_where(scene, chosen, unknown_body(where))
    return settled(scene, chosen, entry_of(scene, chosen.seat, EntryKind.SENT, to=body))


def take_place(scene: Scene, step: Deciding, typed: str) -> Turn:
    """Where it goes, typed instead of pressed."""
    chosen = _astray(scene, step.codes)
    return chosen if isinstance(chosen, Turn) else _sent_to(scene, chosen, typed)
