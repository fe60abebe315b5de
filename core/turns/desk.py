"""The way to the desk: a one-time link, said in a chat where we know who asks."""

from core.events import DeskAsked
from core.outbound import say
from core.sittings import LINK_LASTS, digest
from core.texts import TN, T
from core.turns.turn import Scene, Turn, stay


def ask(scene: Scene) -> Turn:
    if not scene.authority.has_desk:
        return stay(scene, say(T("The desk is for organisers and secretaries. Ask whoever runs Folkmoot for a code.")))
    minutes = int(LINK_LASTS.total_seconds() // 60)
    words = say(
        T("Here is your way to the desk: {link}", link=f"{scene.desk_url}/enter/{scene.codes.secret}"),
        TN(
            "It works once, within {count} minute. Whoever has it is taken for you, so pass it on to nobody.",
            "It works once, within {count} minutes. Whoever has it is taken for you, so pass it on to nobody.",
            minutes,
        ),
    )
    return stay(scene, words).with_events(DeskAsked(digest(scene.codes.secret), scene.now + LINK_LASTS))
