"""What a claimed delivery says, and what a messenger's answer makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consultations import Anchor, Consultation, NudgeKind, NudgeStep
from core.deliveries import (
    Delivery,
    DeliveryState,
    Gone,
    Lease,
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
from core.delivery import GIVEN_UP, LONGEST_WAIT, MOST_TRIES, Subjects, departure, is_given_up, prepare, settle
from core.inbound import Inbound, Left, Moved
from core.members import Address
from core.nudges import Manners
from core.outbound import Message
from core.places import Place
from core.texts import Localised, load_texts

TEXTS, MANNERS = load_texts(), Manners()
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = Place("telegram:1", "7")
CITY = Consultation(
    "city", Localised.of({"en": "A good city", "cy": "Dinas dda"}), Localised.of({"en": "Why?", "cy": "Pam?"}), (),
    "Europe/London", NOW - DAY, NOW + DAY, outcome=Localised.of("Trees"), outcome_at=NOW,
    nudges=(NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING),),
)  # fmt: skip
WHO = Receiver(
    member=1, language="cy", timezone=None, has_consented=True, has_stopped=False, is_gone=False, has_finished=False,
    took_part=False, unasked=(),
)  # fmt: skip
HELLO = Message("hello")


def reply(attempts: int = 0, priority: Priority = Priority.REPLY) -> Delivery:
    return Delivery(5, ANN, priority, HELLO, attempts=attempts)


def nudge(kind: NudgeKind = NudgeKind.INVITATION, *, attempts: int = 0, expires_at: datetime | None = None) -> Delivery:
    ref = NudgeRef("city", kind.value, kind)
    return Delivery(5, ANN, Priority.NUDGE, ref, member=1, attempts=attempts, expires_at=expires_at)


def post() -> Delivery:
    group = Place("slack:T1", "C1", private=False)
    return Delivery(5, group, Priority.POST, NudgeRef("city", "invitation", NudgeKind.INVITATION))


def prepared(
    delivery: Delivery, *, who: Receiver | None = WHO, city: Consultation | None = CITY, now: datetime = NOW
) -> Message | Mark:
    return prepare(delivery, Subjects({city.slug: city} if city else {}), who, now, MANNERS, TEXTS)


# --- prepare
def test_a_reply_is_said_as_it_was_written_whatever_the_hour() -> None:
    assert prepared(reply(), who=None, city=None, now=NOW.replace(hour=3)) == HELLO


def test_a_nudge_is_said_in_its_receivers_language_with_a_way_to_answer() -> None:
    said = prepared(nudge())
    assert isinstance(said, Message)
    assert said.title == "Dinas dda"
    assert "Pam?" in said.text
    assert said.keys[0][0].action == "begin:city"


@pytest.mark.parametrize("language", ["fr", "", "zz-ZZ"])
def test_who_speaks_none_of_our_languages_is_nudged_in_english(language: str) -> None:
    said = prepared(nudge(), who=replace(WHO, language=language))
    assert isinstance(said, Message)
    assert said.text.startswith("You are asked")


@pytest.mark.parametrize("kind", NudgeKind)
def test_every_kind_of_nudge_has_words(kind: NudgeKind) -> None:
    city = CITY if kind.asks else replace(CITY, closes_at=NOW)
    said = prepared(nudge(kind), who=replace(WHO, took_part=True, language="en"), city=city)
    assert isinstance(said, Message)
    assert said.text.strip()
    assert ("Trees" in said.text) is (kind is NudgeKind.OUTCOME)


@pytest.mark.parametrize(
    ("who", "city", "why"),
    [
        (None, CITY, "forgotten"),
        (WHO, None, "consultation removed"),
        (replace(WHO, has_stopped=True), CITY, "said STOP"),
        (replace(WHO, has_consented=False), CITY, "has not agreed"),
        (replace(WHO, is_gone=True), CITY, "unreachable"),
        (replace(WHO, has_finished=True), CITY, "has answered"),
        (replace(WHO, asked_at=NOW - timedelta(hours=2)), CITY, "asked about it already today"),
        (WHO, replace(CITY, closes_at=NOW), "closed"),
        (WHO, replace(CITY, opens_at=NOW + DAY), "closed"),
    ],
)
def test_a_nudge_that_must_not_go_says_why(who: Receiver | None, city: Consultation | None, why: str) -> None:
    assert prepared(nudge(), who=who, city=city) == Mark(5, DeliveryState.SUPPRESSED, why)


def test_a_nudge_that_has_to_wait_goes_back_and_uses_up_no_try() -> None:
    night = NOW.replace(hour=22)
    morning = NOW.replace(hour=8) + DAY
    waits = Mark(5, DeliveryState.PLANNED, "quiet hours", not_before=morning, counted=False)
    assert prepared(nudge(expires_at=morning + DAY), now=night, city=replace(CITY, closes_at=None)) == waits
    assert prepared(nudge(expires_at=morning), now=night) == Mark(5, DeliveryState.SUPPRESSED, "quiet hours")
    assert prepared(nudge(expires_at=NOW)) == Mark(5, DeliveryState.SUPPRESSED, "too late")


def test_a_card_is_posted_by_day_in_the_consultations_own_language_while_it_is_open() -> None:
    said = prepared(post(), who=None)
    assert isinstance(said, Message)
    assert said.title == "A good city"
    assert [key.action for key in said.keys[0]] == ["begin:city", "about:city"]
    for city in (None, replace(CITY, closes_at=NOW), replace(CITY, opens_at=None)):
        assert prepared(post(), who=None, city=city) == Mark(5, DeliveryState.SUPPRESSED, "closed")
    night = prepared(post(), who=None, now=NOW.replace(hour=23))
    assert night == Mark(5, DeliveryState.PLANNED, "quiet hours", not_before=NOW.replace(hour=8) + DAY, counted=False)


def test_what_many_are_asked_in_the_same_words_is_written_once() -> None:
    subjects = Subjects({"city": CITY})
    one, other, english, elsewhere = (
        prepare(nudge(), subjects, who, NOW, MANNERS, TEXTS)
        for who in (WHO, replace(WHO, member=2), replace(WHO, language="en"), replace(WHO, timezone="Europe/Paris"))
    )
    assert one is other
    assert isinstance(english, Message)
    assert english.title == "A good city"
    assert isinstance(elsewhere, Message)
    assert isinstance(one, Message)
    assert elsewhere.text != one.text, "it closes at another hour there"


def test_an_account_is_given_up_after_a_day_in_trouble() -> None:
    lease = Lease("slack:T1", "me", 1, NOW, trouble="revoked", trouble_at=NOW)
    assert not is_given_up(replace(lease, trouble_at=None), NOW)
    assert not is_given_up(lease, NOW + GIVEN_UP - timedelta(seconds=1))
    assert is_given_up(lease, NOW + GIVEN_UP)


# --- settle
PLANNED, FAILED = DeliveryState.PLANNED, DeliveryState.FAILED
LAST = MOST_TRIES - 1
SECOND = timedelta(seconds=1)


def back(seconds: float, why: str = "why", *, counted: bool = True) -> Mark:
    return Mark(5, PLANNED, why, not_before=NOW + timedelta(seconds=seconds), counted=counted)


@pytest.mark.parametrize(
    ("delivery", "outcome", "mark"),
    [
        (reply(), Sent("m1"), Mark(5, DeliveryState.SENT, message="m1")),
        (reply(LAST), Sent(""), Mark(5, DeliveryState.SENT, message="")),
        (reply(), Retry(5, "why"), back(5)),
        (reply(4), Retry(5, "why"), back(16)),
        (reply(), Retry(0, "why"), back(1)),
        (reply(), Retry(-5, "why"), back(1)),
        (reply(6), Retry(86_400, "why"), back(LONGEST_WAIT.total_seconds())),
        (reply(), Retry(float("inf"), "why"), back(LONGEST_WAIT.total_seconds())),
        (reply(), Retry(float("nan"), "why"), back(LONGEST_WAIT.total_seconds())),
        (reply(), Retry(1e300, "why", counted=False), back(LONGEST_WAIT.total_seconds(), counted=False)),
        (reply(LAST), Retry(5, "why"), Mark(5, FAILED, "why")),
        (reply(LAST), Retry(5, "why", counted=False), back(5, counted=False)),
        (reply(1_000), Retry(5, "why", whole_lane=True, counted=False), back(5, counted=False)),
        (nudge(), Retry(5, "why"), back(5)),
        (reply(), Refused("why"), Mark(5, FAILED, "why")),
        (nudge(), Gone("why"), Mark(5, FAILED, "why")),
        (reply(), MovedTo("-9"), Mark(5, PLANNED, "moved", not_before=NOW, to_chat="-9")),
        (reply(LAST), MovedTo("-9"), Mark(5, FAILED, "moved too often")),
        (reply(3), Unknown("why"), back(8)),
        (reply(priority=Priority.NEWS), Unknown("why"), back(1)),
        (reply(LAST), Unknown("why"), Mark(5, DeliveryState.UNCERTAIN, "why")),
        (reply(1_000), Unknown("why"), Mark(5, DeliveryState.UNCERTAIN, "why")),
        (nudge(), Unknown("why"), Mark(5, DeliveryState.UNCERTAIN, "why")),
        (post(), Unknown("why"), Mark(5, DeliveryState.UNCERTAIN, "why")),
    ],
)
def test_what_an_outcome_makes_of_a_delivery(delivery: Delivery, outcome: Outcome, mark: Mark) -> None:
    assert settle(delivery, outcome, NOW) == mark


words = st.text(max_size=20)
outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Sent, words),
    st.builds(Retry, st.floats(), words, st.booleans(), st.booleans()),
    st.builds(Refused, words),
    st.builds(Gone, words),
    st.builds(MovedTo, words),
    st.builds(Unknown, words),
)
deliveries = st.builds(
    Delivery, st.just(5), st.just(ANN), st.sampled_from(Priority), st.just(HELLO), attempts=st.integers(0, 60)
)


@given(deliveries, st.lists(outcomes, min_size=1, max_size=60))
def test_every_chain_of_tries_ends_within_so_many_that_count(delivery: Delivery, chain: list[Outcome]) -> None:
    delivery = replace(delivery, attempts=0)
    for outcome in chain:
        mark = settle(delivery, outcome, NOW)
        delivery = replace(delivery, attempts=delivery.attempts + mark.counted)
        assert delivery.attempts <= MOST_TRIES
        if mark.state is not PLANNED:
            return
        assert delivery.attempts < MOST_TRIES, "put back with no try left"
        assert mark.not_before
        assert NOW <= mark.not_before <= NOW + LONGEST_WAIT


@given(deliveries, outcomes)
def test_any_outcome_of_any_delivery_is_settled_and_a_nudge_that_may_have_arrived_never_repeated(
    delivery: Delivery, outcome: Outcome
) -> None:
    mark = settle(delivery, outcome, NOW)
    assert mark.delivery == delivery.id
    assert mark.state not in (DeliveryState.CLAIMED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED)
    if isinstance(outcome, Unknown | Sent) and delivery.priority in (Priority.NUDGE, Priority.POST):
        assert mark.state is not PLANNED


# --- departure
GROUP = Place("telegram:1", "-5", private=False, thread="8")


@pytest.mark.parametrize("outcome", [Sent("1"), Retry(1, "w"), Refused("w"), Unknown("w")])
def test_nobody_leaves_by_any_other_outcome(outcome: Outcome) -> None:
    assert departure(reply(), outcome, NOW) is None


def test_who_is_gone_has_left_and_a_group_that_moved_has_moved_each_once() -> None:
    left = Inbound("gone:5", Address("telegram:1", "7"), ANN, NOW, Left("blocked"))
    assert departure(reply(), Gone("blocked"), NOW) == left
    whole = replace(GROUP, thread=None)
    moved = Inbound("moved:5", Address("telegram:1", "-5"), whole, NOW, Moved("-100"))
    assert departure(replace(reply(), to=GROUP), MovedTo("-100"), NOW) == moved
