"""Reading what a turn may look at, and no more: few statements a turn, and the engine needs no database."""

from collections.abc import Mapping
from datetime import datetime

from core.actions import Action
from core.bodies import Body
from core.consultations import Consultation
from core.inbound import Commanded, Edited, Inbound, PutForward, Quoted, Submitted
from core.members import Member
from core.ports import Mint, Work
from core.prompts import PromptKind
from core.receipts import read_code, read_token
from core.sessions import Answering, Session, Wording
from core.turns.orders import audience_named, read_order
from core.turns.turn import Codes, Scene

OF_A_CONSULTATION = frozenset("about begin on review ask skip back clear done answer tick open close post".split())
"""Verbs whose first argument is a consultation's slug."""

OF_AN_IDEA = frozenset("code story reword withdraw withdrawn".split())
"""Verbs whose first argument is a receipt code."""


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
    timezone: str,
) -> Scene:
    verb, first = (action.verb, action.first) if action else ("", "")
    slug = await _slug(work, inbound, action, session)
    consultation = next((c for c in open_ if c.slug == slug), None) or (await work.consultation(slug) if slug else None)
    asks_for_ideas = sum(p.kind is PromptKind.IDEA for p in consultation.prompts) if consultation else 0
    scene: dict[str, object] = {}
    if consultation:
        scene["answers"] = await work.answers(consultation.slug)
        scene["has_finished"] = await work.has_finished(consultation.slug)
    if verb == "capture":
        scene["capture"] = await work.capture(first)
    match session.step:
        case Wording(capture, idea) if action is None:
            scene["capture"] = await work.capture(capture) if capture else None
            scene["idea"] = await work.idea(idea) if idea else None
        case _:
            pass
    if verb in OF_AN_IDEA and (code := read_code(first)):
        scene["idea"] = await work.idea(code)
    if verb in ("mine", "me"):
        scene["mine"] = await work.my_ideas()
    if verb in ("link", "linked", "me", "capture"):
        scene["addresses"] = await work.addresses()
    if verb in ("link", "linked", "code") and (token := read_token(first)):
        scene["offer"] = await work.link_offer(token, now)
    if verb in ("organiser", "code") and (token := read_token(first)):
        scene["organiser_code_is_good"] = await work.organiser_code(token, now)
    if verb in ("me", "topics", "follow", "unfollow"):
        scene["topics"], scene["followed"] = await work.topics(), await work.followed()
    if verb == "attach":
        scene["body"] = await _body(work, first)
    if verb == "detach":
        scene["body"] = await work.body_at(inbound.place)
    if verb == "broadcast" and consultation:
        order = read_order(first, now, member.timezone or consultation.timezone)
        body, topics = await work.body(order.to) if order.to else None, await work.topics()
        scene["body"], scene["topics"] = body, topics
        if wanted := audience_named(order.to, body, topics) if order.to else consultation.audience:
            scene["reach"] = await work.audience_size(consultation.slug, wanted)
    if verb == "send":
        scene["broadcast"] = await work.broadcast(first)
    if verb == "status" and slug:
        scene["status"] = await work.status(slug)
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
    return Scene(
        inbound=inbound,
        now=now,
        member=member,
        session=session,
        codes=Codes(tuple(mint.receipt() for _ in range(asks_for_ideas + 1)), mint.token()),
        languages=languages,
        public_url=public_url,
        usual_timezone=timezone,
        open=open_,
        consultation=consultation,
        **scene,  # type: ignore[arg-type]  # each is set above with the type of its field
    )


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
