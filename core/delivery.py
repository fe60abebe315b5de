"""The one way out, as decisions: what a claimed delivery says, whether it may go, and what its outcome makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.bodies import Bodies
from core.consultations import Consultation
from core.deliveries import (
    Delivery,
    DeliveryState,
    Gone,
    Lease,
    Mark,
    MovedTo,
    NewsRef,
    NudgeRef,
    Outcome,
    Priority,
    Receiver,
    Refused,
    Retry,
    Sent,
    Unknown,
)  # fmt: skip
from core.ideas import Idea
from core.inbound import Inbound, Left, Moved
from core.members import Address
from core.news import judge_news, news
from core.nudges import Manners, Send, Suppress, Verdict, Wait, judge, nudge, out_of_quiet
from core.outbound import Message, render
from core.ports import Store
from core.texts import Texts
from core.turns.societies import card

MOST_TRIES = 8
LONGEST_WAIT = timedelta(minutes=30)

GIVEN_UP = timedelta(days=1)
"""How long an account on which nothing can be sent is waited for: a token or an app that somebody may put right."""

NOBODY = "nobody can send for this account: its token is missing, or its workspace has uninstalled the app"


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the deliveries of a batch are about, as it stands when they are sent. `said`: the nudges that are written
    already, for many are asked the same in one language and zone."""

    consultations: Mapping[str, Consultation] = field(default_factory=dict)
    ideas: Mapping[str, Idea] = field(default_factory=dict)
    bodies: Bodies = field(default=Bodies())
    said: dict[tuple[NudgeRef, str, str], Message] = field(default_factory=dict)


async def find_subjects(store: Store, batch: Sequence[Delivery]) -> Subjects:
    slugs = {delivery.content.consultation for delivery in batch if isinstance(delivery.content, NudgeRef)}
    codes = {delivery.content.idea for delivery in batch if isinstance(delivery.content, NewsRef)}
    unasked = any(delivery.priority in (Priority.NEWS, Priority.POST) for delivery in batch)
    consultations = [await store.consultation(slug) for slug in slugs]
    ideas = await store.ideas(codes) if codes else ()
    if named := {entry.other for idea in ideas for entry in idea.story if entry.other} - codes:
        ideas += await store.ideas(named)
    return Subjects(
        {one.slug: one for one in consultations if one},
        {idea.code: idea for idea in ideas},
        await store.bodies() if unasked else Bodies(),
    )


def prepare(
    delivery: Delivery,
    subjects: Subjects,
    receiver: Receiver | None,
    now: datetime,
    manners: Manners,
    texts: Texts,
) -> Message | Mark:
    """The message to send now, or what becomes of the delivery instead. Everything is judged at this moment."""
    match delivery.content:
        case Message() as message:
            return _worded(delivery, message, subjects.bodies.timezone, receiver, now, manners)
        case NewsRef() as told:
            return _news(delivery, told, subjects, receiver, now, manners, texts)
        case NudgeRef() as ref:
            return _nudge(delivery, ref, subjects, receiver, now, manners, texts)


def _worded(
    delivery: Delivery, message: Message, zone: str, receiver: Receiver | None, now: datetime, manners: Manners
) -> Message | Mark:
    """A reply is said whatever the hour. What nobody asked for is judged again, though its words are chosen already."""
    verdict: Verdict = Send()
    if delivery.priority is Priority.NEWS and delivery.member is not None:
        verdict = judge_news(receiver, delivery.to, zone, now, manners)
    elif delivery.priority is Priority.POST and (until := out_of_quiet(now, zone, manners)) > now:
        verdict = Wait(until, "quiet hours")
    return _held(delivery, verdict) or message


def _held(delivery: Delivery, verdict: Verdict) -> Mark | None:
    """What becomes of it where it may not go now; None where it may."""
    match verdict:
        case Suppress(why):
            return Mark(delivery.id, DeliveryState.SUPPRESSED, why)
        case Wait(until, why):
            return Mark(delivery.id, DeliveryState.PLANNED, why, not_before=until, counted=False)
        case Send():
            return None


def _news(
    delivery: Delivery,
    told: NewsRef,
    subjects: Subjects,
    receiver: Receiver | None,
    now: datetime,
    manners: Manners,
    texts: Texts,
) -> Message | Mark:
    idea = subjects.ideas.get(told.idea)
    if idea is None or idea.is_erased:
        return Mark(delivery.id, DeliveryState.SUPPRESSED, "forgotten")
    zone = subjects.bodies.timezone
    if held := _held(delivery, judge_news(receiver, delivery.to, zone, now, manners)):
        return held
    assert receiver is not None  # noqa: S101  (judge_news suppresses it otherwise)
    other = subjects.ideas.get(idea.story[told.number - 1].other or "")
    said = news(idea, told.number, subjects.bodies, other, to_author=told.to_author)
    return render(said, texts, texts.language_for(receiver.language), receiver.timezone or zone)


def _nudge(
    delivery: Delivery,
    ref: NudgeRef,
    subjects: Subjects,
    receiver: Receiver | None,
    now: datetime,
    manners: Manners,
    texts: Texts,
) -> Message | Mark:
    consultation = subjects.consultations.get(ref.consultation)
    if delivery.priority is Priority.POST:
        return _post(delivery, ref, consultation, now, manners, texts)
    if held := _held(delivery, judge(ref.kind, consultation, receiver, delivery.expires_at, now, manners)):
        return held
    assert consultation is not None  # noqa: S101  (judge suppresses it otherwise)
    assert receiver is not None  # noqa: S101
    language, zone = texts.language_for(receiver.language), receiver.timezone or consultation.timezone
    said = subjects.said.get((ref, language, zone))
    if said is None:
        said = subjects.said[ref, language, zone] = render(nudge(ref.kind, consultation), texts, language, zone)
    return said


def _post(
    delivery: Delivery, ref: NudgeRef, consultation: Consultation | None, now: datetime, manners: Manners, texts: Texts
) -> Message | Mark:
    if consultation is None or not consultation.is_open(now):
        return Mark(delivery.id, DeliveryState.SUPPRESSED, "closed")
    until = out_of_quiet(now, consultation.timezone, manners)
    if until > now:
        return Mark(delivery.id, DeliveryState.PLANNED, "quiet hours", not_before=until, counted=False)
    language = consultation.title.texts[0][0]
    return render(card(consultation), texts, texts.language_for(language), consultation.timezone)


def settle(delivery: Delivery, outcome: Outcome, now: datetime) -> Mark:
    """What a messenger's answer makes of a delivery."""
    match outcome:
        case Sent(message):
            return Mark(delivery.id, DeliveryState.SENT, message=message)
        case Retry(after, why, _, counted):
            if counted and delivery.attempts + 1 >= MOST_TRIES:
                return Mark(delivery.id, DeliveryState.FAILED, why)
            backoff = timedelta(seconds=2**delivery.attempts) if counted else timedelta()
            asked = timedelta(seconds=max(0.0, min(LONGEST_WAIT.total_seconds(), after)))
            wait = min(max(asked, backoff), LONGEST_WAIT)
            return Mark(delivery.id, DeliveryState.PLANNED, why, not_before=now + wait, counted=counted)
        case Refused(why) | Gone(why):
            return Mark(delivery.id, DeliveryState.FAILED, why)
        case MovedTo(chat):
            if delivery.attempts + 1 >= MOST_TRIES:
                return Mark(delivery.id, DeliveryState.FAILED, "moved too often")
            return Mark(delivery.id, DeliveryState.PLANNED, "moved", not_before=now, to_chat=chat)
        case Unknown(why):
            if delivery.priority in (Priority.NUDGE, Priority.POST):
                return Mark(delivery.id, DeliveryState.UNCERTAIN, why)
            if delivery.attempts + 1 >= MOST_TRIES:
                return Mark(delivery.id, DeliveryState.UNCERTAIN, why)
            wait = timedelta(seconds=2**delivery.attempts)  # a repeated reply is harmless, a lost one isn't
            return Mark(delivery.id, DeliveryState.PLANNED, why, not_before=now + wait)


def is_given_up(lease: Lease, now: datetime) -> bool:
    """Nothing could be sent for so long that what is due on the lane has failed."""
    return lease.trouble_at is not None and now - lease.trouble_at >= GIVEN_UP


def departure(delivery: Delivery, outcome: Outcome, now: datetime) -> Inbound | None:
    """What comes back in when nobody is there any more, or a group has moved."""
    address = Address(delivery.to.account, delivery.to.chat)
    match outcome:
        case Gone(why):
            return Inbound(f"gone:{delivery.id}", address, replace(delivery.to, thread=None), now, Left(why))
        case MovedTo(chat):
            return Inbound(f"moved:{delivery.id}", address, replace(delivery.to, thread=None), now, Moved(chat))
        case _:
            return None
