"""News of a story: whether it may go now, and what it offers as things stand then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.bodies import Bodies, Body, BodyKind
from core.deliveries import Delivery, DeliveryState, Mark, NewsRef, Priority, Receiver
from core.delivery import Subjects, prepare
from core.ideas import Idea
from core.members import Role
from core.nudges import Manners
from core.outbound import Message
from core.places import Place, Source
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised, load_texts

TEXTS = load_texts()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHO = Receiver(
    1,
    "en",
    "Europe/London",
    has_consented=True,
    has_stopped=False,
    is_gone=False,
    has_finished=False,
    took_part=False,
    unasked=(),
)
BODIES = Bodies(
    (
        Body("planning", Localised.of("The Planning Commission"), BodyKind.COMMISSION, parent="moot"),
        Body("moot", Localised.of("The conference"), BodyKind.COMMITTEE),
    )
)
BEGUN = Idea(
    "AAAA-AA9M",
    1,
    Source("telegram:1", "100", "7"),
    (
        Entry(EntryKind.SAID, NOON, "More benches by the river"),
        Entry(EntryKind.CONFIRMED, NOON),
        Entry(EntryKind.ACKNOWLEDGED, NOON),
        Entry(EntryKind.SENT, NOON, next="planning", days=30),
    ),
)
DECLINED = Entry(EntryKind.DECLINED, NOON, reason="There is no money for it", body="planning", by=Role.SECRETARY)


def send(
    idea: Idea,
    *,
    number: int | None = None,
    to_author: bool = True,
    who: Receiver | None = WHO,
    at: datetime = NOON,
    account: str = "telegram:1",
) -> Message | Mark:
    ref = NewsRef(idea.code, number or len(idea.story), to_author)
    delivery = Delivery(1, Place(account, "100"), Priority.NEWS, ref, 1)
    return prepare(delivery, Subjects(ideas={idea.code: idea}, bodies=BODIES), who, at, Manners(), TEXTS)


def labels(said: Message | Mark) -> list[str]:
    assert isinstance(said, Message)
    return [key.label for row in said.keys for key in row]


def test_a_refusal_is_told_with_its_reason_who_decided_and_one_button_to_appeal() -> None:
    said = send(BEGUN.with_entry(DECLINED))
    assert isinstance(said, Message)
    assert said.title == "Idea AAAA-AA9M"
    assert said.text.split("\n\n") == [
        "About “More benches by the river”:",
        "The Planning Commission declined it. Its secretary decided so.",
        "“There is no money for it”",
    ]
    assert labels(said) == ["Its story", "Appeal"]


def test_a_supporter_is_told_the_same_and_can_do_nothing_in_the_authors_place() -> None:
    idea = BEGUN.with_entry(DECLINED)
    theirs, ours = send(idea, to_author=False), send(idea)
    assert isinstance(theirs, Message)
    assert isinstance(ours, Message)
    assert theirs.text == ours.text
    assert labels(theirs) == ["Its story"]


def test_a_button_for_what_is_no_longer_open_is_not_shown() -> None:
    appealed = BEGUN.with_entry(DECLINED).with_entry(Entry(EntryKind.APPEALED, NOON, next="moot", days=30))
    assert labels(send(appealed, number=5)) == ["Its story"]


def test_somebody_who_said_stop_or_left_hears_nothing() -> None:
    for who, why in (
        (replace(WHO, has_stopped=True), "said STOP"),
        (replace(WHO, is_gone=True), "unreachable"),
        (None, "forgotten"),
    ):
        assert send(BEGUN, who=who) == Mark(1, DeliveryState.SUPPRESSED, why)


def test_news_waits_for_the_morning_and_isnt_counted_as_a_try() -> None:
    night = datetime(2026, 11, 23, 23, tzinfo=UTC)
    held = send(BEGUN, at=night)
    assert isinstance(held, Mark)
    assert held.state is DeliveryState.PLANNED
    assert held.not_before == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert not held.counted


def test_the_web_chat_wakes_nobody_so_its_news_is_there_at_any_hour() -> None:
    assert isinstance(send(BEGUN, at=datetime(2026, 11, 23, 23, tzinfo=UTC), account="web"), Message)


def test_news_goes_out_however_much_else_they_were_sent_this_week() -> None:
    busy = replace(WHO, unasked=tuple(NOON - timedelta(hours=hours) for hours in range(1, 9)))
    assert isinstance(send(BEGUN, who=busy), Message)


def test_nobody_is_told_anything_of_an_idea_that_was_erased() -> None:
    erased = BEGUN.with_entry(Entry(EntryKind.ERASED, NOON))
    assert send(erased, number=4) == Mark(1, DeliveryState.SUPPRESSED, "forgotten")


def test_the_words_of_a_hidden_idea_are_not_in_its_news() -> None:
    hidden = BEGUN.with_entry(Entry(EntryKind.HIDDEN, NOON, reason="It insults a neighbour", rule=Rule.ABUSE))
    said = send(hidden, to_author=False)
    assert isinstance(said, Message)
    assert "benches" not in said.text
    assert labels(send(hidden)) == ["Its story", "Appeal against hiding"]


@pytest.mark.parametrize("score", ["1", "5"])
def test_the_end_asks_its_author_whether_they_were_heard(score: str) -> None:
    ended = BEGUN.with_entry(DECLINED).with_entry(Entry(EntryKind.CLOSED, NOON + timedelta(days=14)))
    said = send(ended)
    assert isinstance(said, Message)
    assert f"heard:AAAA-AA9M:{score}" in [key.action for row in said.keys for key in row]


def test_a_question_is_told_with_a_way_to_reply_while_it_waits_for_one() -> None:
    asked = BEGUN.with_entry(Entry(EntryKind.ASKED, NOON, reason="Which side of the river?", body="planning"))
    assert labels(send(asked)) == ["Its story", "Reply"]
    replied = asked.with_entry(Entry(EntryKind.REPLIED, NOON, "The east side"))
    assert labels(send(replied, number=5)) == ["Its story"]
