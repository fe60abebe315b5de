"""A draft is the same as a file and as a form: nothing is lost on the way, and mistakes find their field."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actions import action
from core.consultations import Consultation
from core.flows.fields import LONGEST_KEY, LONGEST_SLUG
from core.flows.manuscripts.changes import change, put_back
from core.flows.manuscripts.fields import read_fields, write_fields
from core.flows.manuscripts.manuscript import AFTER, BEFORE, OFF, USUAL, Check, Choice, Due, Manuscript, Question
from core.flows.manuscripts.reading import find_manuscript, read_manuscript
from core.flows.manuscripts.splicing import write_over
from core.flows.manuscripts.writing import write_manuscript, write_question
from core.flows.problems import Checked
from core.flows.reading import read_consultation
from core.flows.writing import write_consultation
from tests.core.test_flows_docs import EXAMPLES
from tests.core.test_flows_writing import consultations

ROOT = Path(__file__).parents[2]
FILES = [text for text in EXAMPLES if "consultation:" in text]
FILES += [path.read_text() for path in sorted(ROOT.glob("examples/*.yaml")) if "consultation:" in path.read_text()]
UNHURRIED = settings(max_examples=30, suppress_health_check=list(HealthCheck))


def _meaning(text: str) -> Consultation:
    checked = read_consultation(text)
    assert isinstance(checked, Checked), (text, checked)
    return checked.value


@UNHURRIED
@given(consultations())
def test_a_consultation_goes_through_the_form_and_is_the_same(consultation: Consultation) -> None:
    manuscript = read_manuscript(write_consultation(consultation))
    assert manuscript is not None
    posted = read_fields(write_fields(manuscript))
    assert posted == manuscript
    written = write_manuscript(posted)
    assert _meaning(written) == consultation, written
    assert read_manuscript(written) == manuscript


TYPED = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", "yes", "null", "- x", "a: b", "{", "[x", "#", "'", '"', "2026-11-20 09:00", "3 days", "|", "%", "\u202e", "🦊"]
)
SAID = st.dictionaries(st.sampled_from(["en", "cy", "ar"]), TYPED, max_size=3).map(lambda found: tuple(found.items()))
KEYS = st.text("abc_ B:-1", max_size=5)
DUES = st.builds(
    Due, st.sampled_from([USUAL, OFF, AFTER, BEFORE]), TYPED, st.sampled_from(["", "day", "hour", "week"]), TYPED
)
QUESTIONS = st.builds(
    Question,
    st.sampled_from(["idea", "text", "one", "many", "scale", "yesno", "number", "rank", "statement"]),
    KEYS,
    SAID,
    SAID,
    st.booleans(),
    st.lists(st.builds(Choice, KEYS, SAID), max_size=3).map(tuple),
    TYPED,
    TYPED,
    SAID,
    SAID,
    st.lists(
        st.builds(Check, KEYS, st.sampled_from(["is", "not", "above"]), st.lists(TYPED, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
)
MANUSCRIPTS = st.builds(
    Manuscript,
    *(TYPED, st.lists(st.sampled_from(["en", "cy", "ar"]), unique=True).map(tuple), SAID, SAID, TYPED, TYPED, TYPED),
    *(TYPED, TYPED, st.lists(TYPED, max_size=2).map(tuple), st.lists(TYPED, max_size=2).map(tuple)),
    *(
        st.lists(TYPED, max_size=2).map(tuple),
        TYPED,
        st.booleans(),
        TYPED,
        TYPED,
        st.lists(QUESTIONS, max_size=3).map(tuple),
    ),
    *(DUES, st.lists(DUES, max_size=2).map(tuple), DUES, DUES, DUES, SAID, TYPED, TYPED, TYPED),
)


@UNHURRIED
@given(MANUSCRIPTS)
def test_whatever_is_typed_is_kept_with_its_mistakes(typed: Manuscript) -> None:
    once = read_fields(write_fields(typed))
    written = write_manuscript(once)
    found = read_manuscript(written)
    assert found is not None, written
    again = write_manuscript(found)
    assert again == written
    assert read_fields(write_fields(found)) == found


@pytest.mark.parametrize("text", FILES, ids=lambda text: text.split("consultation:")[1].split("\n")[0])
def test_every_example_goes_through_the_form_and_is_the_same(text: str) -> None:
    manuscript = read_manuscript(text)
    assert manuscript is not None
    assert _meaning(write_manuscript(read_fields(write_fields(manuscript)))) == _meaning(text)


WRONG = """\
consultation: Good City
title: What makes a good city?
framing: {en: Tell us., cy: Dywedwch.}
timezone: Europe/London
opens: 2026-11-20 09:00
closes: tomorrow
prompts:
  - one: travel
    ask: How do you get about?
    options: {walk: On foot, bus: }
  - text: why
    ask: Why?
    when: {travel: {above: 3}}
  - scale: travel
    ask: How happy?
    from: 5
    to: five
nudges:
  reminders:
    - {after: 3 moons}
"""


def test_a_mistake_stands_at_its_field() -> None:
    found, problems = find_manuscript(WRONG), read_consultation(WRONG)
    assert isinstance(problems, tuple)
    assert found.manuscript is not None
    assert [found.field_of(problem) for problem in problems] == [
        "slug",
        "closes",
        "prompts.0.options.1.label.en",
        "prompts.1.when.0.test",
        "prompts.2.key",
        "prompts.2.most",
        "nudges.reminders.0",
        "nudges.reminders.0.count",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "title: {english: Hello}",
        "title: [a, b]",
        "colour: green",
        "prompts: {a: b}",
        "prompts:\n  - idea: x\n    options: {a: A}",
        "prompts:\n  - idea: x\n    required: perhaps",
        "audience: nobody",
        "nudges: {thanks: sometimes}",
        "title: a\ntitle: b",
        "title: 'a",
        "a\tb",
        "- a",
    ],
)
def test_what_no_form_can_show_is_left_to_the_file(text: str) -> None:
    assert read_manuscript(text) is None


def test_an_empty_file_is_an_empty_form() -> None:
    assert read_manuscript("  \n") == Manuscript()


def test_keys_are_made_of_the_words_and_followed_when_they_change() -> None:
    posted = read_fields(
        [
            ("languages", "en"), ("title.en", "What makes a good city?"), ("prompts", "0"), ("prompts", "4"),
            ("prompts.0.kind", "one"), ("prompts.0.was", "travel"), ("prompts.0.key", "way"),
            ("prompts.0.options", "0"), ("prompts.0.options.0.label.en", "On foot"),
            ("prompts.0.options", "1"), ("prompts.0.options.1.label.en", "On foot"),
            ("prompts.4.ask.en", "Why is that?"), ("prompts.4.when", "0"), ("prompts.4.when.0.prompt", "travel"),
            ("prompts.4.when.0.test", "is"), ("prompts.4.when.0.values", "on_foot"),
        ]
    )  # fmt: skip
    assert posted.slug == "what-makes-a-good-city"
    assert [one.key for one in posted.questions] == ["way", "why_is_that"]
    assert [option.key for option in posted.questions[0].options] == ["on_foot", "on_foot_1"]
    assert posted.questions[1].when == (Check("way", "is", ("on_foot",)),)


def _posted(*options: tuple[str, str, str]) -> Manuscript:
    """Each of them as its key was shown, as its key was typed, and its label."""
    fields = [("languages", "en"), ("prompts", "0"), ("prompts", "1"), ("prompts.0.kind", "one")]
    fields += [("prompts.0.was", "travel"), ("prompts.0.key", "travel"), ("prompts.1.when", "0")]
    fields += [("prompts.1.when.0.prompt", "travel")]
    for number, (was, key, label) in enumerate(options):
        one = f"prompts.0.options.{number}"
        fields += [("prompts.0.options", str(number)), (f"{one}.was", was), (f"{one}.key", key)]
        fields += [(f"{one}.label.en", label), ("prompts.1.when.0.values", was)]
    return read_fields(fields)


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ([("option_1", "", "Walk"), ("option_2", "", "")], ["walk", "option_2"]),
        ([("option_1", "", "Walk"), ("option_2", "", "Walk!")], ["walk", "walk_1"]),
        ([("walk", "walk", "On foot"), ("bus", "bus", "")], ["walk", "bus"]),
        ([("walk", "foot", "On foot"), ("option_2", "", "Walk")], ["foot", "walk"]),
        ([("option_1", "", "Option 2"), ("option_2", "", "")], ["option_2", "option_1"]),
        ([("option_1", "", "ברגל"), ("option_2", "", "באוטובוס")], ["option_1", "option_2"]),
        ([("option_1", "option_1", "Walk"), ("option_2", "", "By the longest of all the buses")],
         ["option_1", "by_the_longest"]),
    ],
)  # fmt: skip
def test_an_option_is_named_by_its_first_words_and_keeps_that_name(
    options: list[tuple[str, str, str]], keys: list[str]
) -> None:
    posted = _posted(*options)
    assert [option.key for option in posted.questions[0].options] == keys
    assert posted.questions[1].when == (Check("travel", "is", tuple(keys)),), "conditions follow"
    assert read_fields(write_fields(posted)) == posted


def test_a_key_that_is_made_fits_into_any_button() -> None:
    posted = _posted(("option_1", "", "Incomprehensibility"), ("option_2", "", "Incomprehensibility!"))
    made = [option.key for option in posted.questions[0].options]
    assert made == ["incomprehensibi", "incomprehens_1"]
    assert all(action("answer", "s" * LONGEST_SLUG, "p" * LONGEST_KEY, key) for key in made)


NOTED = """\
# Agreed with the board on 3 May.
consultation: city
title: What makes a good city?   # short enough for a phone

# The framing went to the lawyers.
framing: >-
  Three questions,
  two minutes.
prompts:
  # Everybody answers this one.
  - one: travel
    ask: How do you get about?
    options: {walk: On foot, bus: By bus}
  - text: why   # the interesting one
    ask: Why?
# The end.
"""


def test_notes_and_spacing_stay_where_nothing_was_changed() -> None:
    before = read_manuscript(NOTED)
    assert before is not None
    asked = replace(before.questions[0], ask=(("en", "How do you mostly get about?"),))
    changed = replace(before, keyword="city", questions=(before.questions[1], asked))
    written = write_over(NOTED, changed)
    assert read_manuscript(written) == changed
    for note in (
        "# Agreed",
        "# short enough",
        "# The framing",
        ">-\n  Three",
        "# Everybody",
        "# the interesting",
        "# The end",
    ):
        assert note in written
    assert write_over(NOTED, before) == NOTED


@UNHURRIED
@given(consultations(), consultations())
def test_whatever_it_is_written_over_it_reads_back_the_same(one: Consultation, other: Consultation) -> None:
    old, new = write_consultation(one), write_consultation(other)
    manuscript = read_manuscript(new)
    assert manuscript is not None
    assert _meaning(write_over(old, manuscript)) == other
    mixed = read_manuscript(old)
    assert mixed is not None
    mixed = replace(
        mixed, framing=manuscript.framing, languages=tuple(dict.fromkeys((*mixed.languages, *manuscript.languages)))
    )
    assert read_manuscript(write_over(old, mixed)) == read_manuscript(write_manuscript(mixed))


THREE = Manuscript(
    languages=("en", "cy"),
    title=(("en", "T"), ("cy", "T2")),
    questions=(
        Question("one", "a", options=(Choice("x"), Choice("y"))),
        Question("scale", "b", least="0", most="10"),
        Question("text", "c"),
    ),
)


@pytest.mark.parametrize(
    ("do", "keys"),
    [
        ("up:0", "abc"), ("up:2", "acb"), ("down:0", "bac"), ("down:2", "abc"), ("remove:1", "ac"), ("up:9", "abc"),
        ("up:x", "abc"), ("remove", "abc"), ("nothing:1", "abc"), ("", "abc"),
    ],
)  # fmt: skip
def test_questions_are_moved_and_removed(do: str, keys: str) -> None:
    assert "".join(one.key for one in change(THREE, do).questions) == keys


def test_the_buttons_of_a_question_do_what_they_say() -> None:
    assert change(THREE, "add:yesno").questions[3].kind == "yesno"
    assert change(THREE, "add:essay") == THREE
    assert [one.key for one in change(THREE, "copy:0").questions] == ["a", "a_1", "b", "c"]
    assert [one.key for one in change(THREE, "option:0").questions[0].options] == ["x", "y", "option_3"]
    assert [one.key for one in change(THREE, "option-up:0:1").questions[0].options] == ["y", "x"]
    assert [one.key for one in change(THREE, "option-remove:0:0").questions[0].options] == ["y"]
    assert change(THREE, "check:0") == THREE, "there is nothing before it"
    assert change(THREE, "check:1").questions[1].when == (Check("a", "is", ("x",)),)
    asked = change(THREE, "check:2")
    assert asked.questions[2].when == (Check("b", "above", ("0",)),)
    assert change(asked, "check-remove:2:0") == THREE
    assert put_back(change(THREE, "remove:1"), THREE.questions[1], 1) == THREE


def test_languages_come_and_go() -> None:
    assert change(THREE, "language", "ar").languages == ("en", "cy", "ar")
    first = change(THREE, "language-first:cy")
    assert first.languages == ("cy", "en")
    assert first.title == (("cy", "T2"), ("en", "T"))
    assert change(first, "language-remove:en").title == (("cy", "T2"),)
    assert change(change(THREE, "language-remove:cy"), "language-remove:en").languages == ("en",)


def test_an_audience_of_verified_members_goes_through_the_form() -> None:
    found = read_manuscript("consultation: city\naudience: {verified: yes}\n")
    assert found is not None
    assert (found.verified, found.is_everybody) == (True, False)
    assert read_fields(write_fields(found)) == found
    assert "audience: {verified: yes}" in write_manuscript(found)
    assert read_manuscript(write_manuscript(replace(found, verified=False))) == replace(found, verified=False)
    assert read_manuscript("audience: {verified: perhaps}") is None


def test_a_removed_question_can_be_written_down_and_put_back() -> None:
    question = Question("one", "way", (("cy", "Sut?"), ("en", "How?")), options=(Choice("x", (("en", "X"),)),))
    found = read_manuscript(write_question(question))
    assert found is not None
    assert found.questions == (question,)
