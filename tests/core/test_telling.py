"""What each kind of entry says: everything has a heading and a sentence, and no sentence misses a value."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Bodies, Body, BodyKind
from core.members import Role
from core.standings import ANSWERS, Stage
from core.stories import Entry, EntryKind, Rule
from core.telling import HEADINGS, ROLES, RULES, STAGES, sentence, spoken
from core.texts import Localised, load_texts

TEXTS = load_texts()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODIES = Bodies(
    (
        Body("planning", Localised.of("The Planning Commission"), BodyKind.COMMISSION, parent="moot"),
        Body("moot", Localised.of("The conference"), BodyKind.COMMITTEE),
    )
)
ANYTHING = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    at=st.just(NOON),
    text=st.none() | st.just("Trees"),
    reason=st.none() | st.just("There is no money for it"),
    body=st.none() | st.just("planning"),
    by=st.just(Role.SECRETARY),
    next=st.none() | st.sampled_from(["moot", "gone"]),
    days=st.none() | st.just(30),
    other=st.none() | st.just("AAAA-AA9M"),
    on=st.just(date(2026, 12, 3)),
    score=st.just(4),
    rule=st.just(Rule.ABUSE),
)


def say(entry: Entry, language: str = "en") -> str:
    return TEXTS.say(sentence(entry, BODIES), language, "Europe/London")


def test_every_kind_stage_role_and_rule_has_its_words() -> None:
    assert set(HEADINGS) == set(EntryKind)
    assert set(STAGES) == set(Stage)
    assert set(ROLES) == set(Role)
    assert set(RULES) == set(Rule)


@given(ANYTHING)
def test_any_entry_can_be_told_in_any_language(entry: Entry) -> None:
    for language in TEXTS.languages:
        said = say(entry, language)
        assert said
        assert "{" not in said


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_an_answer_names_the_body_that_gave_it(kind: EntryKind) -> None:
    said = say(Entry(kind, NOON, body="planning", by=Role.SECRETARY, next="moot", days=30, other="AAAA-AA9M"))
    assert "Planning Commission" in said


def test_where_it_goes_next_is_told_with_the_day_of_the_answer() -> None:
    entry = Entry(EntryKind.ACCEPTED, NOON, body="planning", next="moot", days=30)
    assert say(entry) == (
        "The Planning Commission accepted it. It goes to The conference, which answers by 23 December 2026."
    )


def test_silence_names_the_next_body_up_which_is_told() -> None:
    assert say(Entry(EntryKind.SILENT, NOON, body="planning")) == (
        "The Planning Commission didn’t answer in time. The conference has been told."
    )
    assert say(Entry(EntryKind.SILENT, NOON, body="moot")) == "The conference didn’t answer in time."


def test_a_body_that_nobody_remembers_is_told_by_its_short_name() -> None:
    assert say(Entry(EntryKind.SEEN, NOON, body="lost")) == "lost has seen it."


def test_the_words_said_with_an_entry_are_a_reason_or_the_authors_and_never_how_the_idea_reads() -> None:
    assert spoken(Entry(EntryKind.DECLINED, NOON, reason="No money for it")) == "No money for it"
    assert spoken(Entry(EntryKind.APPEALED, NOON, "There is money now")) == "There is money now"
    assert spoken(Entry(EntryKind.EDITED, NOON, "More trees")) is None
