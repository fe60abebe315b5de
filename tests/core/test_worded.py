"""Messages whose words are chosen when they are planned, and which are judged once more when they are sent."""

from dataclasses import replace
from datetime import UTC, datetime

from core.deliveries import Delivery, DeliveryState, Mark, Priority, Receiver
from core.delivery import Subjects, prepare
from core.nudges import Manners
from core.outbound import Message
from core.places import Place
from core.texts import load_texts

TEXTS, HELLO = load_texts(), Message("hello")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NIGHT = NOON.replace(hour=23)
WHO = Receiver(
    member=1, language="en", timezone=None, has_consented=True, has_stopped=False, is_gone=False, has_finished=False,
    took_part=False, unasked=(),
)  # fmt: skip


def sent(priority: Priority, who: Receiver | None = WHO, at: datetime = NOON) -> Message | Mark:
    delivery = Delivery(1, Place("telegram:1", "1"), priority, HELLO, member=1 if who else None)
    return prepare(delivery, Subjects(), who, at, Manners(), TEXTS)


def test_a_notice_goes_by_day_and_waits_at_night() -> None:
    assert sent(Priority.NEWS) == HELLO
    held = sent(Priority.NEWS, at=NIGHT)
    assert isinstance(held, Mark)
    assert (held.state, held.not_before) == (DeliveryState.PLANNED, datetime(2026, 11, 24, 8, tzinfo=UTC))


def test_whoever_said_stop_since_it_was_planned_hears_nothing() -> None:
    stopped = sent(Priority.NEWS, replace(WHO, has_stopped=True))
    assert stopped == Mark(1, DeliveryState.SUPPRESSED, "said STOP")


def test_a_post_to_a_channel_waits_for_the_morning() -> None:
    assert sent(Priority.POST, None) == HELLO
    held = sent(Priority.POST, None, NIGHT)
    assert isinstance(held, Mark)
    assert held.not_before == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_reply_goes_whatever_the_hour() -> None:
    assert sent(Priority.REPLY, at=NIGHT) == HELLO
