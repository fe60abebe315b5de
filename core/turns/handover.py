"""While a person in office talks with a member: their words go to that person, and all else works as ever.

What a turn finds beneath, and leaves, is where they are with the bot; it is theirs again when the person is gone.
"""

from collections.abc import Callable
from dataclasses import replace

from core.actions import Action, action
from core.bodies import Bodies
from core.events import HandoverEnded, HandoverSpoken
from core.handovers import Handover, mark, signed
from core.inbound import LONGEST_TEXT, Pressed, Said
from core.members import Role
from core.outbound import Button, Say, say
from core.sessions import Session, Talking, write_session
from core.texts import T
from core.turns.turn import Scene, Turn, stay

AGAIN = T("You are talking with the bot again.")
_ENDS = frozenset({"handback", "stop", "forget"})
"""Buttons after which no person talks with them; any command and STOP does that, too."""

Advance = Callable[[Scene, Action | None], Turn]


def during(scene: Scene, handover: Handover, act: Action | None, advance: Advance) -> Turn:
    """`advance`: what anything leads to where no person talks with them. A group learns nothing of it: what is over
    ends when they write to us alone, or by itself."""
    if scene.is_private and handover.is_over(scene.now):
        return _ended(scene, handover, act, advance)
    match scene.inbound.deed:
        case Said(text) if act is None and scene.is_private:
            return _take_words(scene, handover, text)
        case Pressed() if act is None or act.verb not in _ENDS:
            ends = False
        case _:
            ends = scene.is_private and act is not None
    if ends:
        return _ended(scene, handover, act, advance)
    turn = advance(replace(scene, handover=None), act)
    return replace(turn, session=_talking(handover, turn.session))


def _talking(handover: Handover, beneath: Session) -> Session:
    return Session(Talking(handover.id, write_session(beneath)))


def _take_words(scene: Scene, handover: Handover, text: str) -> Turn:
    session = _talking(handover, scene.session)
    if not text.strip():
        return Turn(session, (say(T("Only words reach them here. Say in words what it shows.")),))
    if len(text) > LONGEST_TEXT:
        return Turn(session, (say(T("That is longer than I can take in one message. Please send it in parts.")),))
    return Turn(session, (), (HandoverSpoken(handover.id, handover.idea, text, False, scene.now),))


def _ended(scene: Scene, handover: Handover, act: Action | None, advance: Advance) -> Turn:
    turn = advance(replace(scene, handover=None), act)
    if act is None or act.verb != "handback":
        turn = turn.opening_with(AGAIN)
    return turn.with_events(HandoverEnded(handover.id, handover.idea, scene.now))


def hand_back(scene: Scene, _: str) -> Turn:
    return stay(scene, say(AGAIN))


# --- what the member is told
def announced(code: str, body: str, by: Role, bodies: Bodies) -> Say:
    who = (
        T("A person from {body} is writing to you now.", body=bodies.name(body))
        if body
        else T("One of the organisers is writing to you now, a person.")
    )
    return say(
        T("{who} What they write begins with {mark}.", who=who, mark=signed(body, by, bodies)),
        T("What you answer goes to them alone. It is kept for thirty days and is no idea; they don’t see who you are."),
        title=T("About your idea {code}", code=code),
        buttons=[[Button(T("Back to the bot"), action("handback"))]],
    )


def written(handover: Handover, text: str, bodies: Bodies) -> Say:
    return say(mark(handover, bodies), text)


def handed_back() -> Say:
    return say(AGAIN)
