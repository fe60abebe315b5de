"""Showing that one is on the membership roll: a number, then a postcode. What is typed stays nowhere."""

from core.actions import action
from core.events import Event, MembershipVerified, VerificationFailed, WordsNotKept
from core.inbound import Commanded
from core.outbound import Button, Say, say
from core.register import ROLES
from core.rolls import TRIES, read_number, read_postcode
from core.sessions import IDLE, Verifying
from core.texts import TN, Lines, T, Words
from core.turns import welcome
from core.turns.turn import Scene, Turn, go


def ask(scene: Scene) -> Turn:
    """Also from the start again, from the second question."""
    return _ask(scene).with_events(*_typed_beside(scene))


def _ask(scene: Scene) -> Turn:
    if not scene.member.has_consented:
        return welcome.ask_consent(scene, action("verify"))
    if since := scene.member.verified_at:
        return go(IDLE, say(T("You showed on {time} that you are on the membership roll.", time=since)))
    if not scene.has_roll:
        return go(IDLE, say(T("There is no membership roll here to compare with. Ask your organisers.")))
    if scene.tries >= TRIES:
        return go(IDLE, _enough())
    return go(
        Verifying(),
        say(
            T("What is your membership number? It stands on your card, or in letters to you."),
            T("I compare it with the membership roll, and don’t keep what you type."),
            buttons=[[_leave()]],
        ),
    )


def take_words(scene: Scene, step: Verifying, typed: str) -> Turn:
    turn = _take_postcode(scene, typed) if step.numbers else _take_number(scene, typed)
    return turn.with_events(WordsNotKept(scene.inbound.key))


def _take_number(scene: Scene, typed: str) -> Turn:
    if not read_number(typed):
        words = T("That can’t be a membership number. It has a digit in it, and not more than 24 letters and digits.")
        return go(Verifying(), say(words, T("What is your membership number?"), buttons=[[_leave()]]))
    return go(Verifying(scene.roll_numbers), say(T("And your postcode?"), buttons=[_back()]))


def _take_postcode(scene: Scene, typed: str) -> Turn:
    """A number that isn’t on the roll, a postcode that isn’t the number’s, a row that somebody else has claimed: all
    three read the same, so that nobody learns whose numbers there are. Neither do they from a number that was tried too
    often, for any may be, and then no postcode is right."""
    if not read_postcode(typed):
        return go(scene.session.step, say(T("That can’t be a postcode. What is yours?"), buttons=[_back()]))
    if scene.tries >= TRIES:
        return go(IDLE, _enough())
    if scene.tries_of_number >= TRIES:
        why = T("This number was tried too often today, so I don’t compare it any more until tomorrow.")
        return go(IDLE, say(why, T("If it is yours, try again then, or tell your branch.")))
    row = scene.roll
    if row is None or row.claimed_by not in (None, scene.member.id):
        return _failed(scene).with_events(VerificationFailed(scene.now, scene.tried, row.number if row else ""))
    lines: list[Words] = [
        T("{body}: {role}", body=scene.bodies.name(body), role=ROLES[role])
        for body, role in row.offices
        if (known := scene.bodies.get(body)) and not known.has_ended
    ]
    words = say(
        T("Thank you. You are on the membership roll."),
        Lines(tuple(lines)) if lines else "",
        _may_be_deleted(scene),
        buttons=[[Button(T("What is open?"), action("home"))]],
    )
    return go(IDLE, words).with_events(MembershipVerified(row.number, scene.now))


def _failed(scene: Scene) -> Turn:
    left = TRIES - scene.tries - 1
    words = say(
        T("I can’t find that on the membership roll. Check both, or ask your branch which postcode it has."),
        TN("You can try {count} more time today.", "You can try {count} more times today.", left) if left else _later(),
        buttons=[[Button(T("Try again"), action("verify")), _leave()] if left else [_leave()]],
    )
    return go(IDLE, words)


def _enough() -> Say:
    return say(_later())


def _later() -> Words:
    return T("That was enough for today. You can try again tomorrow.")


def _may_be_deleted(scene: Scene) -> Words:
    is_web = scene.inbound.sender.channel == "web"
    return "" if is_web else T("I kept neither; your app may still show them, and you can delete them there.")


def _typed_beside(scene: Scene) -> tuple[Event, ...]:
    """Somebody typed their number beside the command."""
    deed = scene.inbound.deed
    is_typed = isinstance(deed, Commanded) and deed.command == "verify" and deed.argument.strip()
    return (WordsNotKept(scene.inbound.key),) if is_typed else ()


def _leave() -> Button:
    return Button(T("Leave it"), action("home"))


def _back() -> list[Button]:
    return [Button(T("← Back"), action("verify")), _leave()]
