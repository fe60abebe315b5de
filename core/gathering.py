"""Reading what a turn may look at, and no more: few statements a turn, and the engine needs no database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from core.actions import Action
from core.authority import Authority
from core.bodies import Body
from core.consultations import Consultation
from core.flows.problems import Checked
from core.ideas import Capture
from core.inbound import Commanded, Edited, Inbound, PutForward, Quoted, Said, Submitted
from core.members import Member
from core.places import Place
from core.ports import Mint, Work
from core.prompts import PromptKind
from core.queues import Queue
from core.receipts import read_code, read_token
from core.rolls import TRIES_LAST, Rolls, read_number, read_postcode
from core.sessions import Answering, Deciding, Picking, Session, Speaking, Talking, Verifying, Wording, read_session
from core.stories import EntryKind
from core.turns.orders import audience_named, read_order
from core.turns.queue import following
from core.turns.seats import named_body, queue_of
from core.turns.turn import Codes, File, Scene

OF_A_CONSULTATION = frozenset("about begin on review ask skip back clear done answer tick open close post".split())
"""Verbs whose first argument is a consultation's slug."""

OF_AN_IDEA = frozenset(
    "code story reword withdraw withdrawn appeal reply object contest wordless heard receipt support unsupport "
    "consider decline question notours later accept pass adopt carried uncarried undo alike merge pick "
    "route moderate hide redact restore uphold".split()
)
"""Verbs whose first argument begins with a receipt code."""

IN_OFFICE = frozenset(
    "queue meeting consider decline question notours later accept pass adopt carried uncarried undo alike merge pick "
    "picked astray route moderate hide redact restore uphold".split()
)
"""Verbs of officers and organisers."""

OF_ORGANISERS = frozenset("desk check load open close status broadcast outcome send attach detach post".split())

OF_A_QUEUE = frozenset("queue meeting consider later alike merge astray".split())

MOST_IN_QUEUE = 100

SECRET_TOKENS = 4
"""Of 40 bits each."""


async def gather(
    work: Work,
    inbound: Inbound,
    action: Action | None,
    session: Session,
    member: Member,
    open_: tuple[Consultation, ...],
    now: datetime,
    mint: Mint,
    languages: Mapping[str, str],
    public_url: str,
    desk_url: str,
    timezone: str,
    rolls: Rolls | None = None,
) -> Scene:
    verb, first = (action.verb, action.first) if action else ("", "")
    handover = await work.handover(session.step.handover) if isinstance(session.step, Talking) else None
    if isinstance(session.step, Talking):
        session = read_session(session.step.before)
    file = await _read_file(work, member, verb, first)
    slug = _named(file) if verb == "load" else await _slug(work, inbound, action, session)
    consultation = next((c for c in open_ if c.slug == slug), None) or (await work.consultation(slug) if slug else None)
    asks_for_ideas = sum(p.kind is PromptKind.IDEA for p in consultation.prompts) if consultation else 0
    scene: dict[str, object] = {"handover": handover, "file": file}
    if consultation:
        scene["answers"] = await work.answers(consultation.slug)
        scene["has_finished"] = await work.has_finished(consultation.slug)
    capture = await work.capture(first) if verb == "capture" else None
    if verb == "capture":
        scene["capture"] = capture
        if capture and capture.consultation and consultation is None:
            consultation = await work.consultation(capture.consultation)
    match session.step:
        case Wording(changed, idea) if action is None:
            scene["capture"] = await work.capture(changed) if changed else None
            scene["idea"] = await work.idea(idea) if idea else None
        case _:
            pass
    if verb in OF_AN_IDEA and (code := read_code(first) or read_code(_first_word(first))):
        scene |= await _of_idea(work, code)
        if verb == "receipt":
            scene["receipt"] = await work.receipt(code)
    scene |= await _of_bodies(work, verb, session)
    if "bodies" in scene and (channel := _channel(inbound, capture)):
        scene["said_in"] = await work.body_at(channel)
    if verb in ("mine", "me"):
        scene["mine"] = await work.my_ideas()
    is_verifying = action is None and isinstance(session.step, Verifying)
    if rolls and (verb == "verify" or is_verifying):
        scene |= await _of_the_roll(work, rolls, inbound, session, now)
    if verb in ("link", "linked", "me", "capture"):
        scene["addresses"] = await work.addresses()
    if verb in ("link", "linked", "code") and (token := read_token(first)):
        scene["offer"] = await work.link_offer(token, now)
    if verb in ("organiser", "code") and (token := read_token(first)):
        scene["organiser_code_is_good"] = await work.organiser_code(token, now)
    if verb in ("me", "topics", "follow", "unfollow"):
        scene["topics"], scene["followed"] = await work.topics(), await work.followed()
    if verb == "file":
        scene["kept"] = await work.kept()
    if verb == "attach":
        scene["body"] = await _body(work, first)
    if verb == "detach":
        scene["body"] = await work.body_at(inbound.place)
    if verb == "broadcast" and consultation:
        order = read_order(first, now, member.timezone or consultation.timezone)
        body, topics = await work.body(order.to) if order.to else None, await work.topics()
        scene["body"], scene["topics"] = body, topics
        asked = consultation.audience
        if wanted := audience_named(order.to, body, topics, asked) if order.to else asked:
            scene["reach"] = await work.audience_size(consultation.slug, wanted)
    if verb == "send":
        scene["broadcast"] = await work.broadcast(first)
    if verb == "status" and slug:
        scene["status"] = await work.status(slug)
    elif verb == "status" and Authority.of(member, await work.offices(), await work.bodies()).organises_all:
        scene["health"] = await work.health(now)
    match inbound.deed:
        case Edited(_, message):
            said_in = inbound.place.account, inbound.place.chat, message
            scene["idea"] = await work.idea_said_in(*said_in)
            scene["capture"] = await work.capture_said_in(*said_in)
        case PutForward(quoted) | Commanded(_, _, _, Quoted() as quoted):
            said_in = inbound.place.account, inbound.place.chat, quoted.message
            scene["idea"] = await work.idea_said_in(*said_in)
            scene["capture"] = await work.capture_said_in(*said_in)
            scene["author"] = await work.member_at(quoted.author)
        case _:
            pass
    whole = Scene(
        inbound=inbound,
        now=now,
        member=member,
        session=session,
        codes=Codes(
            tuple(mint.receipt() for _ in range(asks_for_ideas + 1)),
            mint.token(),
            "".join(mint.token() for _ in range(SECRET_TOKENS)) if verb == "desk" else "",
        ),
        languages=languages,
        public_url=public_url,
        desk_url=desk_url,
        usual_timezone=timezone,
        open=open_,
        consultation=consultation,
        **scene,  # type: ignore[arg-type]  # each is set above with the type of its field
    )
    return await _in_office(work, whole, verb, first) if verb in OF_A_QUEUE else whole


async def _of_the_roll(
    work: Work, rolls: Rolls, inbound: Inbound, session: Session, now: datetime
) -> dict[str, object]:
    scene: dict[str, object] = {"has_roll": await work.has_roll(), "tries": await work.tries(now - TRIES_LAST)}
    match session.step, inbound.deed:
        case Verifying(()), Said(text) if number := read_number(text):
            scene["roll_numbers"] = rolls.numbers(number)
        case Verifying(numbers), Said(text) if numbers and (postcode := read_postcode(text)):
            claims = rolls.claims(numbers, postcode)
            scene["roll"], scene["tried"] = await work.roll_row(claims), claims[0].number
            scene["tries_of_number"] = await work.tries_of_number(claims[0].number, now - TRIES_LAST)
            scene["bodies"] = await work.bodies()
        case _:
            pass
    return scene


def _channel(inbound: Inbound, capture: Capture | None) -> Place | None:
    """Where the words of this turn were said, if that was no private place; wherever they are then confirmed."""
    if capture and capture.source.chat != capture.author.user:
        return Place(capture.source.account, capture.source.chat, private=False)
    return None if inbound.place.private else replace(inbound.place, thread=None)


async def _of_bodies(work: Work, verb: str, session: Session) -> dict[str, object]:
    """Bodies where an idea may be put forward, told of, or decided; offices and queues where somebody acts in one."""
    step, scene = session.step, dict[str, object]()
    is_office = verb in IN_OFFICE or verb in OF_ORGANISERS or (not verb and isinstance(step, Deciding | Picking))
    tells = verb in OF_AN_IDEA or verb in ("capture", "idea", "help")
    if verb and not (is_office or tells):  # a button of a consultation puts no idea forward; words and forms may
        return scene
    scene["bodies"] = await work.bodies()
    if is_office or verb in ("help", "story", "code"):
        scene["offices"] = await work.offices()
    if isinstance(step, Picking):
        scene["ideas"] = await work.ideas(step.offered)
    if isinstance(step, Deciding):
        scene["ideas"] = ideas = await work.ideas(step.codes)
        if step.entry == EntryKind.UNDONE and ideas:
            scene["ideas"] = (*ideas, *await work.ideas(ideas[0].standing.parts))
    if isinstance(step, Speaking) and not verb:
        scene |= await _of_idea(work, step.idea)
    return scene


async def _in_office(work: Work, scene: Scene, verb: str, first: str) -> Scene:
    """With the queue in which an officer looks: of the body that they name, or in which they met an idea."""
    if verb == "astray":
        waiting = await work.astray(MOST_IN_QUEUE) if scene.authority.organises_all else Queue()
        return replace(scene, queue=waiting)
    if verb in ("queue", "meeting"):
        slug = named_body(first, scene.bodies, scene.offices)
    else:
        slug = queue_of(scene.idea, scene.bodies, scene.offices) if scene.idea else ""
    if slug and verb != "consider":
        below = {body.slug for body in scene.bodies.all if slug in {one.slug for one in scene.bodies.above(body.slug)}}
        waiting = await work.queue(slug, below, MOST_IN_QUEUE)
        scene = replace(scene, body=scene.bodies.get(slug), queue=waiting)
    if verb == "later" and scene.idea and scene.queue.ideas:
        following_one = await _of_idea(work, following(scene.queue, scene.idea, slug).code)
        scene = replace(scene, **following_one)  # type: ignore[arg-type]  # fields of a scene, each of its type
    if verb in ("consider", "later") and scene.idea:
        asked_in = scene.idea.consultation
        parts = await work.ideas(scene.idea.standing.parts) if scene.idea.is_composite else scene.ideas
        scene = replace(scene, ideas=parts, consultation=await work.consultation(asked_in) if asked_in else None)
    return scene


async def _of_idea(work: Work, code: str) -> dict[str, object]:
    idea = await work.idea(code)
    if idea is None:
        return {}
    part_of = idea.standing.part_of
    return {
        "idea": idea,
        "parts": await work.my_parts(code) if idea.is_composite else (),
        "composite": await work.idea(part_of) if part_of else None,
        "supports": await work.supports(code),
        "supporters": await work.supporters(code),
    }


def _first_word(typed: str) -> str:
    return (typed.split() or [""])[0]


async def _read_file(work: Work, member: Member, verb: str, text: str) -> "File | None":
    """For organisers alone: it takes a while, and loads what reads YAML."""
    if verb not in ("check", "load") or not text.strip():
        return None
    if not Authority.of(member, await work.offices(), await work.bodies()).is_organiser:
        return None
    from core.flows.documents import read_document

    return read_document(text)


def _named(file: "File | None") -> str:
    """The consultation that it would replace."""
    return file.value.slug if isinstance(file, Checked) and isinstance(file.value, Consultation) else ""


async def _slug(work: Work, inbound: Inbound, action: Action | None, session: Session) -> str:
    if isinstance(inbound.deed, Submitted):
        return inbound.deed.consultation
    if action and action.verb in OF_A_CONSULTATION:
        return action.first.strip().lower()
    if action and action.verb in ("broadcast", "status", "outcome"):
        return action.first.strip().lower().split(maxsplit=1)[0] if action.first.strip() else ""
    if action and action.verb == "send":
        waiting = await work.broadcast(action.first)
        return waiting.consultation if waiting else ""
    return session.step.consultation if action is None and isinstance(session.step, Answering) else ""


async def _body(work: Work, slug: str) -> Body | None:
    return await work.body(slug.strip().lower()) if slug.strip() else None
