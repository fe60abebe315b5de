"""What organisers do in chat, as on the command line: check, load, open, close, broadcast, outcome."""

from typing import TYPE_CHECKING

from core.actions import action
from core.consultations import Consultation, Phase
from core.events import (
    BodiesLoaded,
    BroadcastConfirmed,
    ConsultationClosed,
    ConsultationLoaded,
    ConsultationOpened,
    OutcomePublished,
)  # fmt: skip
from core.flows.problems import Checked, Problem, show_problem
from core.outbound import Button, Say, Tone, say
from core.texts import TN, Localised, T
from core.turns.orders import audience_named, invitation, read_order
from core.turns.turn import Scene, Turn, stay

if TYPE_CHECKING:
    from core.flows.bodies import Declared

MOST_PROBLEMS = 10


def for_organisers(scene: Scene) -> Turn | None:
    """Of anything."""
    if scene.authority.is_organiser:
        return None
    return stay(scene, say(T("That is for organisers. Ask whoever runs Folkmoot for a code.")))


def for_the_whole(scene: Scene) -> Turn | None:
    if scene.authority.organises_all:
        return None
    return for_organisers(scene) or _beyond(scene)


def for_those_who_run(scene: Scene, consultation: Consultation | None) -> Turn | None:
    """Who organises some bodies runs what asks these alone."""
    if refused := for_organisers(scene):
        return refused
    return None if consultation is None or scene.authority.may_run(consultation) else _beyond(scene)


def _beyond(scene: Scene) -> Turn:
    return stay(scene, say(T("That reaches beyond the bodies that you organise.")))


# --- writing
def check(scene: Scene, _: str) -> Turn:
    checked = _read(scene)
    if isinstance(checked, Turn):
        return checked
    return stay(scene, say(T("No mistakes."), *map(show_problem, checked.warnings[:MOST_PROBLEMS])))


def load(scene: Scene, _: str) -> Turn:
    checked = _read(scene)
    if isinstance(checked, Turn):
        return checked
    warnings = map(show_problem, checked.warnings[:MOST_PROBLEMS])
    if not isinstance(checked.value, Consultation):
        if refused := for_the_whole(scene):
            return refused
        words = TN("Loaded {count} body.", "Loaded {count} bodies.", len(checked.value.bodies))
        return stay(scene, say(words, *warnings)).with_events(BodiesLoaded(*checked.value))
    consultation = checked.value
    if refused := for_those_who_run(scene, consultation) or for_those_who_run(scene, scene.consultation):
        return refused
    if scene.was_beaten:
        words = T(
            "Somebody has just loaded another “{slug}”, and yours wasn’t stored. Look at theirs: /status {slug}. "
            "If yours is to take its place, send it again.",
            slug=consultation.slug,
        )
        return stay(scene, say(words))
    words = T("Loaded “{title}”. To open it: /open {slug}", title=consultation.title, slug=consultation.slug)
    row = [Button(T("Open it now"), action("open", consultation.slug), tone=Tone.PRIMARY)]
    is_waiting = consultation.phase(scene.now) is Phase.DRAFT
    said = say(words, *warnings, buttons=[row] if is_waiting else [])
    loaded = ConsultationLoaded(consultation, scene.now, once=scene.consultation is None)
    return stay(scene, said).with_events(loaded)


def _read(scene: Scene) -> "Checked[Consultation] | Checked[Declared] | Turn":
    if refused := for_organisers(scene):
        return refused
    if scene.file is None:
        ask = T("Put the file’s text after the command, or send the file with the command as its caption.")
        return stay(scene, say(ask))
    return scene.file if isinstance(scene.file, Checked) else stay(scene, _mistakes(scene.file))


def _mistakes(problems: tuple[Problem, ...]) -> Say:
    more = len(problems) - MOST_PROBLEMS
    rest = [TN("And {count} more.", "And {count} more.", more)] if more > 0 else []
    heading = TN("{count} mistake:", "{count} mistakes:", len(problems))
    return say(heading, *map(show_problem, problems[:MOST_PROBLEMS]), *rest)


# --- opening and closing
def open_(scene: Scene, consultation: Consultation) -> Turn:
    if refused := for_those_who_run(scene, consultation):
        return refused
    if consultation.is_open(scene.now):
        return stay(scene, say(T("“{title}” is open already.", title=consultation.title)))
    words = T("“{title}” is open now. Its invitations go out by its plan.", title=consultation.title)
    buttons = [[Button(T("How it stands"), action("status", consultation.slug))]]
    return stay(scene, say(words, buttons=buttons)).with_events(ConsultationOpened(consultation.slug, scene.now))


def close(scene: Scene, consultation: Consultation) -> Turn:
    if refused := for_those_who_run(scene, consultation):
        return refused
    if consultation.phase(scene.now) is Phase.CLOSED:
        return stay(scene, say(T("“{title}” is closed already.", title=consultation.title)))
    words = T("“{title}” is closed. Nobody is asked about it any more.", title=consultation.title)
    return stay(scene, say(words)).with_events(ConsultationClosed(consultation.slug, scene.now))


def outcome(scene: Scene, typed: str) -> Turn:
    if refused := for_those_who_run(scene, scene.consultation):
        return refused
    _, words = (*typed.split(maxsplit=1), "", "")[:2]
    if scene.consultation is None or not words.strip():
        return stay(scene, say(T("Say /outcome SLUG and then what came of it.")))
    published = OutcomePublished(scene.consultation.slug, Localised.of(words.strip()), scene.now)
    said = T("Published. All who took part in “{title}” will be told.", title=scene.consultation.title)
    return stay(scene, say(said)).with_events(published)


# --- broadcasting
def broadcast(scene: Scene, typed: str) -> Turn:
    """Says whom it would reach and when, and waits for a yes."""
    if refused := for_those_who_run(scene, scene.consultation):
        return refused
    order = read_order(typed, scene.now, scene.timezone())
    if order.problem:
        return stay(scene, say(order.problem))
    consultation = scene.consultation
    if consultation is None:
        return stay(scene, say(T("Say /broadcast SLUG, and if you like: at 18:00 to BODY")))
    if not consultation.is_open(order.at or scene.now):
        return stay(scene, say(T("It isn’t open then. Open it first: /open {slug}", slug=consultation.slug)))
    whole = consultation.audience
    audience = audience_named(order.to, scene.body, scene.topics, whole) if order.to else whole
    if audience is None:
        return stay(scene, say(T("I know no body or topic called “{slug}”.", slug=order.to or "")))
    if not scene.authority.may_ask(audience):
        return _beyond(scene)
    token = scene.codes.token
    ordered = invitation(token, consultation.slug, audience, order.at or scene.now, confirmed=False)
    when = T("It goes out at {time}.", time=order.at) if order.at else T("It goes out at once.")
    reach = TN("This asks {count} member.", "This asks {count} members.", scene.reach)
    rows = [[Button(T("Send it"), action("send", token), tone=Tone.PRIMARY), Button(T("Don’t"), action("home"))]]
    manners = T("Who said STOP, has answered, sleeps, or had enough messages this week isn’t disturbed.")
    return stay(scene, say(reach, when, manners, title=consultation.title, buttons=rows)).with_events(ordered)


def send(scene: Scene) -> Turn:
    if refused := for_those_who_run(scene, scene.consultation):
        return refused
    if scene.broadcast is None:
        return stay(scene, say(T("I don’t know that broadcast any more. Order it again.")))
    if scene.broadcast.confirmed:
        return stay(
            scene, say(T("It is on its way already."), buttons=[[_how_it_stands(scene.broadcast.consultation)]])
        )
    words = say(T("It is on its way."), buttons=[[_how_it_stands(scene.broadcast.consultation)]])
    return stay(scene, words).with_events(BroadcastConfirmed(scene.broadcast.id, scene.broadcast.consultation))


def _how_it_stands(slug: str) -> Button:
    return Button(T("How it stands"), action("status", slug))
