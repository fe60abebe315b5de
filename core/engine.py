"""advance(scene, action) -> Turn: what anything that anybody does leads to. Pure, total, and touches nothing."""

from collections.abc import Callable
from dataclasses import replace

from core.actions import Action, read_action
from core.consultations import Consultation
from core.events import CaptureSettled, ConsentGiven
from core.ideas import Attachment
from core.inbound import LONGEST_TEXT, Commanded, Edited, Flooded, PutForward, Quoted, Said, Submitted
from core.outbound import Button, Say, Tone, say
from core.places import Place
from core.prompts import Prompt
from core.receipts import read_token
from core.sessions import (
    Answering,
    Confirming,
    Consenting,
    Deciding,
    Idle,
    Leaving,
    Linking,
    Locating,
    Picking,
    Session,
    Speaking,
    Talking,
    Verifying,
    Wording,
)
from core.texts import T
from core.turns import (
    answering,
    captures,
    desk,
    flooding,
    forms,
    handover,
    ideas,
    leaving,
    offices,
    oneself,
    organising,
    societies,
    verifying,
    voices,
    watching,
    welcome,
)  # fmt: skip
from core.turns.turn import Scene, Turn, stay

ALOUD = frozenset("idea capture attach detach post".split())
"""Verbs that are answered before everybody, in a group."""

HERE = frozenset("about story code status open close broadcast send help stop".split())
"""Verbs that are answered in a group, for the one who asked alone. All others are answered in private."""


def advance(scene: Scene, action: Action | None) -> Turn:
    if scene.handover:
        return handover.during(scene, scene.handover, action, _turn)
    return _turn(scene, action)


def _turn(scene: Scene, action: Action | None) -> Turn:
    turn = _advance(scene, action)
    if scene.was_pressed:
        turn = _in_place(turn)
    if scene.is_private:
        return turn
    verb = action.verb if action else ""
    if _was_unseen(scene):
        return replace(turn, session=scene.session, says=tuple(_for_one(s) if s.to is None else s for s in turn.says))
    if verb in ALOUD or isinstance(scene.inbound.deed, PutForward | Edited | Flooded):
        return replace(turn, session=scene.session)
    if verb in HERE:
        return replace(turn, session=scene.session, says=tuple(_for_one(s) for s in turn.says))
    return _in_private(scene, turn)


def _advance(scene: Scene, action: Action | None) -> Turn:
    match scene.inbound.deed:
        case Submitted() as form:
            return forms.submit(scene, form)
        case PutForward(quoted):
            return captures.put_forward_quoted(scene, quoted)
        case Commanded(_, "", _, Quoted() as quoted) if action and action.verb == "idea":
            return captures.put_forward_quoted(scene, quoted)
        case Edited(text):
            return ideas.edited(scene, text)
        case Flooded():
            return flooding.told(scene)
        case Said(text, _, attachments) if action is None:
            if not scene.is_private:
                return stay(scene)
            if len(text) > LONGEST_TEXT:
                return stay(scene, say(T("That is longer than I can take in one message. Please send it in parts.")))
            return _words(scene, text, attachments)
        case _:
            if action is None:
                return societies.happened(scene)
            turn = _act(scene, action)
            return turn if action.verb == "forget" else _aside(scene, turn)


def _aside(scene: Scene, turn: Turn) -> Turn:
    """Doing something else ends our waiting for words, a place or a code; a consultation's prompt goes on waiting.
    Being asked the same again (a button pressed twice) is a new session, though an equal one."""
    waiting = Wording | Confirming | Locating | Linking | Deciding | Speaking | Leaving | Verifying
    waited = turn.session is scene.session and isinstance(scene.session.step, waiting)
    return replace(turn, session=Session()) if waited else turn


def _words(scene: Scene, text: str, attachments: tuple[Attachment, ...]) -> Turn:
    """Words that mean nothing by themselves: they answer whatever was asked."""
    match scene.session.step:
        case Answering(_, key) if scene.consultation and (prompt := scene.consultation.prompt(key)):
            return answering.take_words(scene, scene.consultation, prompt, text, attachments)
        case Wording(_, str()):
            return ideas.take_new_words(scene, text)
        case Wording() as step:
            return captures.take_words(scene, step, text, attachments)
        case Locating():
            return oneself.take_timezone(scene, text)
        case Linking():
            return oneself.link(scene, text)
        case Consenting(then):
            return welcome.ask_consent(scene, then)
        case Verifying() as step:
            return verifying.take_words(scene, step, text)
        case Deciding() as step:
            return offices.take_words(scene, step, text)
        case Speaking() as step:
            return voices.take_words(scene, step, text)
        case Leaving():
            return _aside(scene, captures.maybe_idea(scene, text, attachments))
        case Idle() | Confirming() | Answering() | Picking() | Talking():
            return captures.maybe_idea(scene, text, attachments)


def _act(scene: Scene, action: Action) -> Turn:
    verb, first = action.verb, action.first
    if verb == "code":
        return _code(scene, first)
    if verb == "consent":
        return _consent(scene, first)
    if verb == "capture":
        return captures.settle(scene, action.args[1])
    if verb in _OF_A_PROMPT or verb in _OF_AN_OPTION:
        return _at_prompt(scene, action)
    if verb in _OF_A_CONSULTATION:
        if scene.consultation is None:
            return stay(scene, _no_such_consultation(first))
        return _OF_A_CONSULTATION[verb](scene, scene.consultation)
    if verb in _OF_ARGUMENTS:
        return _OF_ARGUMENTS[verb](scene, action)
    return _PLAIN[verb](scene, first)


def _code(scene: Scene, typed: str) -> Turn:
    """A code by itself: an organiser's, another app's, or an idea's."""
    if scene.organiser_code_is_good:
        return oneself.become_organiser(scene, read_token(typed) or "")
    return oneself.link(scene, typed) if scene.offer else ideas.story(scene)


def _consent(scene: Scene, answer: str) -> Turn:
    """A yes, and then whatever waited for it; a no, and what waited is thrown away."""
    then = scene.session.step.then if isinstance(scene.session.step, Consenting) else ""
    waiting = read_action(then) if then else None
    if answer != "yes":
        settled = (CaptureSettled(waiting.first),) if waiting and waiting.verb == "capture" else ()
        return welcome.refuse_consent(scene).with_events(*settled)
    if scene.member.has_consented and waiting is None:
        return welcome.home(scene)
    agreed = replace(scene, member=replace(scene.member, consented_at=scene.member.consented_at or scene.now))
    turn = _act(agreed, waiting) if waiting and waiting.verb != "consent" else welcome.home(agreed)
    if turn.session == scene.session:
        turn = replace(turn, session=replace(scene.session, step=Idle()))
    return turn if scene.member.has_consented else turn.with_events(ConsentGiven(scene.now))


def _at_prompt(scene: Scene, action: Action) -> Turn:
    consultation = scene.consultation
    if consultation is None:
        return stay(scene, _no_such_consultation(action.first))
    prompt = consultation.prompt(action.args[1])
    if prompt is None:
        return answering.begin(scene, consultation).opening_with(T("That question isn’t asked any more."))
    if action.verb in _OF_AN_OPTION:
        return _OF_AN_OPTION[action.verb](scene, consultation, prompt, action.args[2])
    return _OF_A_PROMPT[action.verb](scene, consultation, prompt)


def _start(scene: Scene, _: str) -> Turn:
    return welcome.home(scene) if scene.member.has_consented else welcome.ask_consent(scene)


def _idea(scene: Scene, text: str) -> Turn:
    if text:
        return captures.put_forward(scene, text)
    if scene.is_private:
        return captures.ask_for_words(scene)
    return stay(scene, say(T("Say /idea and your idea, or answer somebody’s message with /idea.")))


def _unknown(scene: Scene, _: str) -> Turn:
    if scene.was_pressed:
        words = say(T("That button is from an earlier version of me."), buttons=[[Button(T("What is open?"), "home")]])
        return stay(scene, words)
    if not scene.is_private:  # another bot's command, as likely as not
        return stay(scene)
    return stay(scene, say(T("I don’t know that command. Type /help to see those that I know.")))


def _no_such_consultation(slug: str) -> Say:
    words = (
        T("I know no consultation called “{slug}”.", slug=slug)
        if slug
        else T("Which consultation? Add its short name.")
    )
    return say(words, buttons=[[Button(T("What is open?"), "home")]])


Plain = Callable[[Scene, str], Turn]
OfConsultation = Callable[[Scene, Consultation], Turn]
OfPrompt = Callable[[Scene, Consultation, Prompt], Turn]
OfOption = Callable[[Scene, Consultation, Prompt, str], Turn]

_PLAIN: dict[str, Plain] = {
    "home": _start,
    "consultations": _start,
    "unknown": _unknown,
    "idea": _idea,
    "help": lambda scene, _: oneself.help_(scene),
    "stop": lambda scene, _: oneself.stop(scene),
    "me": lambda scene, _: oneself.me(scene),
    "language": oneself.language,
    "timezone": lambda scene, typed: oneself.take_timezone(scene, typed) if typed else oneself.ask_timezone(scene),
    "link": oneself.link,
    "linked": lambda scene, _: oneself.linked(scene),
    "topics": lambda scene, _: oneself.topics(scene),
    "follow": lambda scene, slug: oneself.follow(scene, slug, follows=True),
    "unfollow": lambda scene, slug: oneself.follow(scene, slug, follows=False),
    "organiser": lambda scene, code: oneself.become_organiser(scene, read_token(code) or ""),
    "mine": lambda scene, _: ideas.mine(scene),
    "story": lambda scene, code: ideas.story(scene) if code else ideas.mine(scene),
    "reword": lambda scene, _: ideas.reword(scene),
    "withdraw": lambda scene, _: ideas.ask_withdraw(scene),
    "withdrawn": lambda scene, _: ideas.withdraw(scene),
    "check": organising.check,
    "load": organising.load,
    "status": lambda scene, _: watching.status(scene),
    "broadcast": organising.broadcast,
    "outcome": organising.outcome,
    "send": lambda scene, _: organising.send(scene),
    "desk": lambda scene, _: desk.ask(scene),
    "verify": lambda scene, _: verifying.ask(scene),
    "attach": societies.attach,
    "detach": lambda scene, _: societies.detach(scene),
    "handback": handover.hand_back,
}

_OF_ARGUMENTS: dict[str, Callable[[Scene, Action], Turn]] = {**voices.VERBS, **offices.VERBS, **leaving.VERBS}

_OF_A_CONSULTATION: dict[str, OfConsultation] = {
    "about": welcome.about,
    "begin": answering.begin,
    "on": answering.go_on,
    "review": answering.review,
    "open": organising.open_,
    "close": organising.close,
    "post": societies.post,
}

_OF_A_PROMPT: dict[str, OfPrompt] = {
    "ask": answering.ask_again,
    "skip": answering.skip,
    "back": answering.back,
    "clear": answering.clear,
    "done": answering.done,
}

_OF_AN_OPTION: dict[str, OfOption] = {
    "answer": answering.choose,
    "tick": answering.tick,
}


def _in_place(turn: Turn) -> Turn:
    """The message whose button was pressed becomes the answer to it, where that is one message for the same readers."""
    if len(turn.says) != 1 or turn.says[0].to is not None or turn.says[0].only_you:
        return turn
    return replace(turn, says=(replace(turn.says[0], in_place=True),))


def _was_unseen(scene: Scene) -> bool:
    """A command that left no message in the group (Slack's): nobody else knows of it, nor shall they of the answer."""
    return isinstance(scene.inbound.deed, Commanded) and scene.message is None and scene.inbound.deed.command == "idea"


def _for_one(said: Say) -> Say:
    return replace(said, only_you=True, in_place=False)


def _invited(scene: Scene) -> Turn:
    """Who has never written to us alone can't be written to there on every platform: they have to begin."""
    words = T("Write to me alone first, and I’ll answer you there.")
    begin = say(words, buttons=[[Button(T("Write to me"), "home", tone=Tone.PRIMARY)]])
    return stay(scene, replace(begin, quoting=scene.message))


def _in_private(scene: Scene, turn: Turn) -> Turn:
    """A group is no place for it: the answer goes to the person, and the group isn't troubled."""
    if not turn.says or isinstance(scene.inbound.deed, Submitted):
        return turn
    is_visible = scene.message is not None  # then the group sees who asked, and a note of ours would add nothing
    if is_visible and not scene.member.has_consented:
        return _invited(scene)
    private = Place.private_to(scene.inbound.sender)
    note = replace(say(T("I’ve answered you in private.")), only_you=True)
    sent = (said if said.to else replace(said, to=private, in_place=False) for said in turn.says)
    return replace(turn, says=tuple(sent) if is_visible else (note, *sent))
