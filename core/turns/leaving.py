"""Taking what is kept of oneself along, and being forgotten: asked twice, and then done at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.actions import Action, action
from core.events import MemberForgotten
from core.outbound import Button, File, Say, Tone, say
from core.sessions import IDLE, Leaving
from core.texts import T
from core.turns.turn import Scene, Turn, go, stay

ASKED_FOR = timedelta(minutes=10)
"""How long a first yes to being forgotten waits for the second."""

FILE_NAME = "folkmoot-about-me.yaml"
MEDIA_TYPE = "application/yaml"


def forget(scene: Scene, act: Action) -> Turn:
    step = scene.session.step
    asked = step if isinstance(step, Leaving) and _is_fresh(step, scene.now) else None
    match act.first:
        case "no":
            return go(IDLE, say(T("All right. Nothing was forgotten.")))
        case "sure" if asked:
            return go(replace(asked, is_sure=True), _ask_again())
        case "certain" if asked and asked.is_sure:
            return go(IDLE, _farewell(scene)).with_events(MemberForgotten(scene.now))
        case "sure" | "certain":
            return _ask(scene).opening_with(T("To be sure, I ask you again from the beginning."))
        case _:
            return _ask(scene)


def _is_fresh(step: Leaving, now: datetime) -> bool:
    return now - datetime.fromisoformat(step.asked_at) <= ASKED_FOR


def _ask(scene: Scene) -> Turn:
    words = say(
        T("What goes: your name, your addresses, your answers, and every word of yours, in your ideas too."),
        T("What stays: that there was an idea by a former member, what was done about it, and counts."),
        T("It can’t be undone. Messages that were already sent, to you or to others, I can’t call back."),
        title=T("Shall I forget you?"),
        buttons=[
            [Button(T("Yes, forget me"), action("forget", "sure"), tone=Tone.DANGER)],
            [Button(T("Keep everything"), action("forget", "no"))],
            [Button(T("Send me everything as a file"), action("file"))],
        ],
    )
    return go(Leaving(scene.now.isoformat()), words)


def _ask_again() -> Say:
    """The buttons stand the other way round: a second press in the same place changes nothing."""
    return say(
        T("Really? All of it is destroyed at once, and nobody can bring it back."),
        buttons=[
            [Button(T("Keep everything"), action("forget", "no"))],
            [Button(T("Forget me for good"), action("forget", "certain"), tone=Tone.DANGER)],
        ],
    )


def _farewell(scene: Scene) -> Say:
    is_web = scene.inbound.sender.channel == "web"
    here = T("Within a minute this message is gone, too.") if is_web else ""
    return say(T("You are forgotten. If you write to me again, I’ll not know you."), here)


def send_file(scene: Scene, _: Action) -> Turn:
    if scene.kept is None:
        return stay(scene)
    from core.flows.keeping import write_kept  # what writes YAML is loaded once somebody wants their file

    words = say(
        T("Here is everything that I keep about you, as a file."),
        T("It holds your own words. Keep it where nobody else reads it."),
        buttons=[
            [Button(T("What is kept about me"), action("me"))],
            [Button(T("Forget me"), action("forget"), tone=Tone.DANGER)],
        ],
    )
    return stay(scene, replace(words, file=File(FILE_NAME, MEDIA_TYPE, write_kept(scene.kept))))


VERBS: dict[str, Callable[[Scene, Action], Turn]] = {"forget": forget, "file": send_file}
