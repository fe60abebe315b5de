"""What is said in a flood: once to whoever writes too fast, and at a form that can't be taken in just now."""

from core.inbound import Inbound, Submitted
from core.outbound import say
from core.sessions import Session
from core.texts import T
from core.turns.turn import Scene, Turn, stay


def told(scene: Scene) -> Turn:
    if scene.is_private:
        words = T(
            "You write faster than I can follow. What you wrote in the last moments isn’t kept. "
            "Wait a minute, then go on."
        )
    else:
        words = T(
            "More is written to me here than I can follow. Some of the last moments isn’t kept. "
            "Wait a minute, then go on."
        )
    return stay(scene, say(words))


def let_go(inbound: Inbound) -> Turn | None:
    """Nothing happens. A form stays open with all that was filled in."""
    if not isinstance(inbound.deed, Submitted):
        return None
    words = T("That was too much at once. Wait a minute, then send it again.")
    return Turn(Session(), problems=dict.fromkeys(inbound.deed.values, words))
