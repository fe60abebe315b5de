"""Societies: tying a channel to a body, a consultation's card in it, and what becomes of addresses."""

from dataclasses import replace

from core.actions import action
from core.bodies import Body
from core.consultations import Consultation
from core.events import AddressLeft, AddressReturned, ChannelAttached, ChannelDetached
from core.inbound import Left, Returned
from core.outbound import Button, Say, Tone, say
from core.texts import T
from core.turns.organising import for_organisers
from core.turns.turn import Scene, Turn, stay
from core.turns.welcome import open_until


def attach(scene: Scene, slug: str) -> Turn:
    if refused := for_organisers(scene):
        return refused
    if scene.is_private:
        return stay(scene, say(T("Say that in the channel or group that belongs to the body.")))
    if scene.body is None:
        unknown = T(
            "I know no body called “{slug}”. Bodies are declared in a file: folkmoot load bodies.yaml", slug=slug
        )
        return stay(scene, say(unknown if slug else T("Which body? Say /attach BODY.")))
    if not scene.authority.organises(scene.body.slug):
        return stay(scene, _not_theirs(scene.body))
    place = replace(scene.place, thread=None)
    words = T("This channel belongs to {body} now. Consultations for it will be posted here.", body=scene.body.name)
    return stay(scene, say(words)).with_events(ChannelAttached(scene.body.slug, place))


def detach(scene: Scene) -> Turn:
    if refused := for_organisers(scene):
        return refused
    if scene.body is None:
        return stay(scene, say(T("This channel isn’t tied to a body.")))
    if not scene.authority.organises(scene.body.slug):
        return stay(scene, _not_theirs(scene.body))
    words = T("This channel no longer belongs to {body}.", body=scene.body.name)
    return stay(scene, say(words)).with_events(ChannelDetached(replace(scene.place, thread=None)))


def _not_theirs(body: Body) -> Say:
    return say(T("You don’t organise {body}.", body=body.name))


def post(scene: Scene, consultation: Consultation) -> Turn:
    """The card, here and now."""
    if refused := for_organisers(scene):
        return refused
    if not consultation.is_open(scene.now):
        return stay(scene, say(T("It isn’t open just now.")))
    return stay(scene, card(consultation))


def card(consultation: Consultation) -> Say:
    """A consultation in a society's channel."""
    said = say(
        consultation.framing,
        open_until(consultation),
        T("Talk about it in the thread. Any message there can be put forward as an idea."),
        title=consultation.title,
        buttons=[
            [
                Button(T("Answer"), action("begin", consultation.slug), tone=Tone.PRIMARY),
                Button(T("What is this?"), action("about", consultation.slug)),
            ]
        ],
    )
    return replace(said, card=consultation.slug)


def happened(scene: Scene) -> Turn:
    """Somebody left or came back; nobody waits for an answer to that."""
    match scene.inbound.deed:
        case Left(why):
            return stay(scene).with_events(AddressLeft(scene.now, why))
        case Returned():
            return stay(scene).with_events(AddressReturned(scene.now))
        case _:
            return stay(scene)
