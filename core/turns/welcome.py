"""Welcome: consent first of all, then what is open and what else one can do."""

from core.actions import action
from core.consultations import Consultation
from core.events import MemberResumed
from core.outbound import Button, Say, Tone, say
from core.sessions import IDLE, Answering, Consenting
from core.texts import Phrase, T
from core.turns.turn import Scene, Turn, go

MOST_OFFERED = 8
"""Consultations that one message offers; more would be a wall of buttons."""

TERMS = (
    T("What I keep: your answers and ideas, your name here, your language and time zone."),
    T(
        "Who sees it: organisers see answers without your name. An idea’s words can be read by the body that answers "
        "it and by whoever has its receipt code, without your name."
    ),
    T("How to leave: say STOP at any time. /forget destroys what I keep."),
)
"""What a member agrees to, wherever they are asked."""


def ask_consent(scene: Scene, then: str = "") -> Turn:
    """Before anything is kept. `then` is the action that waits for a yes."""
    asked = [T("Being asked now: “{title}”", title=scene.open[0].title)] if scene.open else []
    hello = T("Hello {name}!", name=scene.member.name) if scene.member.name else T("Hello!")
    return go(
        Consenting(then),
        say(
            T("{hello} Folkmoot asks members what they think, and every idea hears back.", hello=hello),
            *asked,
            *TERMS,
            T("Is that all right with you?"),
            buttons=[
                [
                    Button(T("Yes, I agree"), action("consent", "yes"), tone=Tone.PRIMARY),
                    Button(T("No, thanks"), action("consent", "no")),
                ]
            ],
        ),
    )


def refuse_consent(scene: Scene) -> Turn:
    if scene.member.has_consented:
        return go(IDLE, say(T("You agreed before, and that stands. Say STOP to leave.")))
    words = T("That’s fine. I keep nothing of what you say. If you change your mind, type /start.")
    return go(IDLE, say(words))


def home(scene: Scene) -> Turn:
    """The open consultations, and what else can be done; coming back undoes STOP."""
    turn = go(IDLE, offer(scene))
    if isinstance(scene.session.step, Answering):
        turn = turn.opening_with(T("Your answers so far are kept."))
    if scene.member.has_stopped:
        back = T("Welcome back. I’ll write to you again when something is asked.")
        turn = turn.opening_with(back).with_events(MemberResumed(scene.now))
    return turn


def offer(scene: Scene) -> Say:
    mine = [Button(T("My ideas"), action("mine")), Button(T("Help"), action("help"))]
    if not scene.open:
        return say(
            T("Nothing is being asked just now."),
            T("You can type an idea at any time, and I’ll see that it’s heard."),
            buttons=[mine],
        )
    rows = [[Button(c.title, action("begin", c.slug), tone=Tone.PRIMARY)] for c in scene.open[:MOST_OFFERED]]
    return say(
        T("Open now. Pick one to take part:"),
        T("Or type an idea of your own at any time."),
        buttons=[*rows, mine],
    )


def open_until(consultation: Consultation) -> Phrase:
    if consultation.closes_at is None:
        return T("Open until it is closed.")
    return T("Open until {time}.", time=consultation.closes_at)


def about(scene: Scene, consultation: Consultation) -> Turn:
    rows = [[Button(T("Answer"), action("begin", consultation.slug), tone=Tone.PRIMARY)]]
    is_open = consultation.is_open(scene.now)
    return Turn(
        scene.session,
        (
            say(
                consultation.framing,
                open_until(consultation) if is_open else T("It isn’t open just now."),
                T("You answer in private. Nobody else here sees what you say."),
                title=consultation.title,
                buttons=rows if is_open else [],
            ),
        ),
    )
