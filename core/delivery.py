"""The one way out, as decisions: what a claimed delivery says, whether it may go, and what its outcome makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.consultations import Consultation
from core.deliveries import (
    Delivery,
    DeliveryState,
    Gone,
    Mark,
    MovedTo,
    NudgeRef,
    Outcome,
    Priority,
    Receiver,
    Refused,
    Retry,
    Sent,
    Unknown,
)  # fmt: skip
from core.inbound import Inbound, Left, Moved
from core.members import Address
from core.nudges import Manners, Send, Suppress, Wait, judge, nudge, out_of_quiet
from core.outbound import Message, render
from core.texts import Texts
from core.turns.societies import card

MOST_TRIES = 8
LONGEST_WAIT = timedelta(minutes=30)


def prepare(
    delivery: Delivery,
    consultations: Mapping[str, Consultation],
    receiver: Receiver | None,
    now: datetime,
    manners: Manners,
    texts: Texts,
) -> Message | Mark:
    """The message to send now, or what becomes of the delivery instead. Everything is judged at this moment."""
    if isinstance(delivery.content, Message):
        return delivery.content
    ref = delivery.content
    consultation = consultations.get(ref.consultation)
    if delivery.priority is Priority.POST:
        return _post(delivery, ref, consultation, now, manners, texts)
    match judge(ref.kind, consultation, receiver, delivery.expires_at, now, manners):
        case Suppress(why):
            return Mark(delivery.id, DeliveryState.SUPPRESSED, why)
        case Wait(until, why):
            return Mark(delivery.id, DeliveryState.PLANNED, why, not_before=until, counted=False)
        case Send():
            assert consultation is not None  # noqa: S101  (judge suppresses it otherwise)
            assert receiver is not None  # noqa: S101
            language, zone = texts.language_for(receiver.language), receiver.timezone or consultation.timezone
            return render(nudge(ref.kind, consultation), texts, language, zone)


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
