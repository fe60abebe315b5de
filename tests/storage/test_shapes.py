"""Values written as JSON text and read back are the same values, as a law."""

import string
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consultations import Anchor, Audience, Consultation, NudgeKind, NudgeStep, ResultsWhen
from core.ideas import Attachment
from core.outbound import Message
from core.prompts import Condition, Option, Prompt, PromptKind
from core.prompts import Test as Comparison
from core.texts import Lines, Localised, Phrase
from storage import shapes
from storage.instants import NaiveInstant

words = st.text(max_size=20)
slugs = st.text(string.ascii_lowercase, min_size=1, max_size=8)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001
localised = st.dictionaries(slugs, words, min_size=1, max_size=3).map(Localised.of)
numbers = st.integers() | st.floats(allow_nan=False)
fills = words | localised | numbers | instants | st.dates()
phrases = st.builds(
    Phrase,
    words,
    st.lists(st.tuples(slugs, fills), max_size=3).map(tuple),
    st.none() | words,
    st.integers(0, 9),
)
conditions = st.builds(
    Condition, slugs, st.sampled_from(Comparison), st.lists(words | st.floats(allow_nan=False), max_size=3).map(tuple)
)
lines = st.lists(phrases | localised | words, max_size=3).map(tuple).map(Lines)
options = st.builds(Option, slugs, phrases | localised | lines | words)
prompts = st.builds(
    Prompt,
    slugs,
    st.sampled_from(PromptKind),
    localised,
    st.none() | localised,
    st.lists(options, max_size=3).map(tuple),
    st.booleans(),
    least=st.none() | st.floats(allow_nan=False),
    most=st.none() | st.floats(allow_nan=False),
    low=st.none() | localised,
    when=st.lists(conditions, max_size=2).map(tuple),
)
steps = st.builds(
    NudgeStep, slugs, st.sampled_from(NudgeKind), st.sampled_from(Anchor), st.timedeltas(), st.none() | st.times()
)
few = st.lists(slugs, max_size=2).map(tuple)
audiences = st.builds(Audience, few, few, few, st.none() | st.integers(1, 900))
consultations = st.builds(
    Consultation,
    slugs,
    localised,
    localised,
    st.lists(prompts, max_size=3).map(tuple),
    opens_at=st.none() | instants,
    closes_at=st.none() | instants,
    keyword=st.none() | words,
    audience=audiences,
    nudges=st.lists(steps, max_size=3).map(tuple),
    outcome=st.none() | localised,
    outcome_at=st.none() | instants,
    results=st.sampled_from(ResultsWhen),
    least=st.integers(2, 100),
)


@given(consultations)
def test_a_consultation_comes_back_whole(consultation: Consultation) -> None:
    assert shapes.read_consultation(shapes.write_consultation(consultation)) == consultation


@given(st.from_type(Message))
def test_a_message_comes_back_whole(message: Message) -> None:
    assert shapes.read_message(shapes.write_message(message)) == message


def test_a_message_written_before_there_were_files_is_still_read() -> None:
    written = '{"text":"Hello","title":"","keys":[],"replaces":null,"callback":null,"only_for":null,"quoting":null}'
    assert shapes.read_message(written) == Message("Hello")


@given(st.lists(st.from_type(Attachment), max_size=3).map(tuple))
def test_attachments_come_back_whole(attachments: tuple[Attachment, ...]) -> None:
    assert shapes.read_attachments(shapes.write_attachments(attachments)) == attachments


@given(audiences)
def test_an_audience_comes_back_whole(audience: Audience) -> None:
    assert shapes.read_audience(shapes.write_audience(audience)) == audience


@given(st.none() | words | numbers | st.lists(words, max_size=4).map(tuple))
def test_an_answer_comes_back_whole_and_of_its_own_type(value: str | int | float | tuple[str, ...] | None) -> None:
    again = shapes.read_value(shapes.write_value(value))
    assert (again, type(again)) == (value, type(value))


def test_a_date_in_words_stays_a_date() -> None:
    option = Option("a", Phrase("On {day}", (("day", date(2026, 3, 2)), ("at", datetime(2026, 3, 2, tzinfo=UTC)))))
    prompt = Prompt("one", PromptKind.ONE, Localised.of("When?"), options=(option,))
    consultation = Consultation("city", Localised.of("City"), Localised.of(""), (prompt,))
    again = shapes.read_consultation(shapes.write_consultation(consultation))
    assert again == consultation
    assert repr(again.prompts) == repr(consultation.prompts)


def test_an_instant_without_a_zone_is_not_written() -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001  # the very mistake
    with pytest.raises(NaiveInstant):
        shapes.write_consultation(Consultation("city", Localised.of("a"), Localised.of("b"), (), opens_at=naive))


def test_a_time_of_day_keeps_its_minutes() -> None:
    step = NudgeStep("a", NudgeKind.REMINDER, Anchor.CLOSING, timedelta(days=-1, hours=2), time(9, 30))
    consultation = Consultation("city", Localised.of("a"), Localised.of("b"), (), nudges=(step,))
    assert shapes.read_consultation(shapes.write_consultation(consultation)).nudges == (step,)
