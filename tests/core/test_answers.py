"""What counts as an answer, typed, pressed or picked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers import LARGEST_NUMBER, LONGEST_IDEA, LONGEST_TEXT, numeral, read_answer, read_number, show_answer
from core.prompts import Option, Prompt, PromptKind
from core.texts import Localised, Phrase, Texts, Words

NAMES = Localised.of({"en": "How?", "cy": "Sut?"})
OPTIONS = (
    Option("parks", Localised.of({"en": "Parks", "cy": "Parciau"})),
    Option("buses", Localised.of({"en": "Buses, trams", "cy": "Bysiau, tramiau"})),
    Option("3", Localised.of({"en": "1", "cy": "Un"})),
)
ENGLISH = Texts({})


def prompt(kind: PromptKind, least: float | None = None, most: float | None = None) -> Prompt:
    options = OPTIONS if kind in (PromptKind.ONE, PromptKind.MANY, PromptKind.RANK) else ()
    low, high = Localised.of({"en": "Not at all", "cy": "Ddim o gwbl"}), Localised.of("Very")
    return Prompt("how", kind, NAMES, options=options, least=least, most=most, low=low, high=high)


def said(words: Words | object) -> str:
    assert isinstance(words, Phrase | Localised | str)
    return ENGLISH.say(words, "en")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("parks", "parks"),
        ("  PARKS. ", "parks"),
        ("parciau", "parks"),
        ("Buses,trams", "buses"),
        ("2", "buses"),
        ("2.", "buses"),
        ("#2", "buses"),
        ("3", "3"),
        ("1", "3"),  # a label goes before a number
        ("un", "3"),
    ],
)
def test_an_option_is_named_by_key_label_or_number(typed: str, key: str) -> None:
    assert read_answer(prompt(PromptKind.ONE), typed) == key


@pytest.mark.parametrize("typed", ["", "0", "4", "-1", "park", "parks, buses", "½", "x" * 100_000])
def test_what_is_no_option_gets_the_options_told(typed: str) -> None:
    assert said(read_answer(prompt(PromptKind.ONE), typed)) == "Please pick one of: Parks, Buses, trams, 1."


@pytest.mark.parametrize("typed", ["yes", "Y", "Yes!", "ie", "Ydw.", "oes", "👍", "YDW"])
def test_yes_in_english_and_welsh(typed: str) -> None:
    assert read_answer(prompt(PromptKind.YESNO), typed) == "yes"
    assert read_answer(prompt(PromptKind.STATEMENT), typed) == "agree"


@pytest.mark.parametrize("typed", ["no", "N", "na", "Nac ydw", "nag  oes", "👎"])
def test_no_in_english_and_welsh(typed: str) -> None:
    assert read_answer(prompt(PromptKind.YESNO), typed) == "no"
    assert read_answer(prompt(PromptKind.STATEMENT), typed) == "disagree"


@pytest.mark.parametrize(
    ("typed", "key"),
    [("I agree", "agree"), ("cytuno", "agree"), ("Anghytuno", "disagree"), ("pasio", "pass"), ("don’t know", "pass")],
)
def test_a_statement_is_agreed_with_or_not_in_words(typed: str, key: str) -> None:
    assert read_answer(prompt(PromptKind.STATEMENT), typed) == key


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("parks", ("parks",)),
        ("1, 2", ("3", "buses")),
        ("2 3", ("buses", "3")),
        ("parks and 2", ("parks", "buses")),
        ("parciau a bysiau, tramiau", ("parks", "buses")),
        ("buses, trams; parks", ("buses", "parks")),
        ("parks,parks\nparks", ("parks",)),
    ],
)
def test_several_are_picked_in_one_message(typed: str, keys: tuple[str, ...]) -> None:
    listed = tuple(option.key for option in OPTIONS if option.key in keys)
    assert read_answer(prompt(PromptKind.MANY), typed) == listed
    assert read_answer(prompt(PromptKind.RANK, least=1), typed) == keys


def test_ticked_options_are_an_answer_and_an_unknown_one_is_not() -> None:
    many = prompt(PromptKind.MANY)
    assert read_answer(many, ("3", "parks")) == ("parks", "3")
    assert said(read_answer(many, ("parks", "gone"))) == "Please pick from: Parks, Buses, trams, 1."


def test_too_few_and_too_many_picks_are_told_apart() -> None:
    assert said(read_answer(prompt(PromptKind.MANY), ())) == "Please pick at least one."
    assert said(read_answer(prompt(PromptKind.MANY, least=2), "parks")) == "Please pick at least 2."
    assert said(read_answer(prompt(PromptKind.MANY, most=1), "parks, buses")) == "Please pick exactly one."
    assert said(read_answer(prompt(PromptKind.MANY, most=2), "1, 2, parks")) == "Please pick at most 2."
    assert said(read_answer(prompt(PromptKind.MANY, least=2, most=2), "parks")) == "Please pick exactly 2."
    assert said(read_answer(prompt(PromptKind.RANK), "parks")) == "Please put all 3 in order, the best first."
    assert read_answer(prompt(PromptKind.MANY, least=0), ()) == ()


@pytest.mark.parametrize(("typed", "step"), [("3", 3), (" 5. ", 5), ("1,0", 1), ("Very", 5), ("ddim o gwbl", 1)])
def test_a_scale_takes_a_step_or_the_name_of_an_end(typed: str, step: int) -> None:
    assert read_answer(prompt(PromptKind.SCALE), typed) == step


@pytest.mark.parametrize("typed", ["0", "6", "2.5", "", "very much"])
def test_a_scale_takes_nothing_beside_its_steps(typed: str) -> None:
    assert said(read_answer(prompt(PromptKind.SCALE), typed)) == "Please pick a number from 1 to 5."


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1,234", 1234),
        ("1.234.567", 1234567),
        ("3,5", 3.5),
        ("0,125", 0.125),
        ("−4", -4),
        ("£1,200.50", 1200.5),
        ("40 %", 40),
        (".5", 0.5),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: float) -> None:
    assert read_answer(prompt(PromptKind.NUMBER), typed) == number


@pytest.mark.parametrize("typed", ["", "nan", "inf", "-inf", "1e5", "1,23,456", "1_000", "ten", "9" * 30, "9" * 5_000])
def test_what_is_no_number_is_not_guessed_at(typed: str) -> None:
    assert said(read_answer(prompt(PromptKind.NUMBER), typed)) == "Please send a number, such as 12 or 3.5."


def test_the_bounds_of_a_number_are_kept() -> None:
    kind = PromptKind.NUMBER
    assert said(read_answer(prompt(kind, least=0, most=120), "121")) == "Please send a number from 0 to 120."
    assert said(read_answer(prompt(kind, least=0.5), "0")) == "Please send a number of at least 0.5."
    assert said(read_answer(prompt(kind, most=1e6), "2000000")) == "Please send a number of at most 1000000."
    assert read_answer(prompt(kind, least=0, most=120), "120") == 120


def test_words_are_trimmed_and_have_a_limit() -> None:
    assert read_answer(prompt(PromptKind.TEXT), "  Because.\n") == "Because."
    assert said(read_answer(prompt(PromptKind.TEXT), " \u200b\n")) == "Please write a few words."
    assert read_answer(prompt(PromptKind.TEXT), "x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    too_long = "That is 4001 characters long; please keep it to 4000."
    assert said(read_answer(prompt(PromptKind.TEXT), "x" * (LONGEST_TEXT + 1))) == too_long


def test_an_idea_is_more_than_a_slip_of_the_thumb() -> None:
    assert said(read_answer(prompt(PromptKind.IDEA), "ok")) == "Please say it in a few words."
    assert said(read_answer(prompt(PromptKind.IDEA), "👍👍👍👍")) == "Please say it in a few words."
    assert read_answer(prompt(PromptKind.IDEA), " More trees ") == "More trees"
    assert isinstance(read_answer(prompt(PromptKind.IDEA), "x" * (LONGEST_IDEA + 1)), Phrase)


def test_answers_are_shown_back_in_the_words_of_the_question() -> None:
    assert said(show_answer(prompt(PromptKind.ONE), "parks")) == "Parks"
    assert said(show_answer(prompt(PromptKind.ONE), "gone")) == "gone"
    assert said(show_answer(prompt(PromptKind.MANY), ("parks", "3"))) == "Parks, 1"
    assert said(show_answer(prompt(PromptKind.MANY), ())) == "none of them"
    assert said(show_answer(prompt(PromptKind.RANK), ("3", "parks"))) == "1. 1, 2. Parks"
    assert said(show_answer(prompt(PromptKind.STATEMENT), "pass")) == "Pass"
    assert said(show_answer(prompt(PromptKind.SCALE), 4)) == "4"
    assert said(show_answer(prompt(PromptKind.NUMBER), 1e15)) == "1000000000000000"
    assert said(show_answer(prompt(PromptKind.TEXT), "Because {x}.")) == "Because {x}."
    assert said(show_answer(prompt(PromptKind.TEXT), None)) == "skipped"


PROMPTS = [
    *(prompt(kind) for kind in PromptKind),
    prompt(PromptKind.MANY, 2, 3),
    prompt(PromptKind.RANK, 1, 2),
    prompt(PromptKind.NUMBER, -5, 5.5),
    Prompt("bare", PromptKind.ONE, NAMES),
]
TYPED = st.one_of(
    st.text(),
    st.text(alphabet="0123456789.,- '£%", max_size=45),
    st.lists(st.sampled_from(["1", "parks", "buses, trams", "and", ",", ";", "\n"])).map(" ".join),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "No"])),
)


@given(st.sampled_from(PROMPTS), st.one_of(TYPED, st.lists(TYPED, max_size=5).map(tuple)))
def test_whatever_is_given_is_an_answer_or_a_kind_word(prompt: Prompt, given: str | tuple[str, ...]) -> None:
    answer = read_answer(prompt, given)
    assert said(answer if isinstance(answer, Phrase) else show_answer(prompt, answer)).strip()


@pytest.mark.parametrize("kind", [PromptKind.ONE, PromptKind.YESNO, PromptKind.STATEMENT, PromptKind.SCALE])
def test_the_key_of_every_choice_is_that_answer(kind: PromptKind) -> None:
    asked = prompt(kind)
    for option in asked.choices:
        assert str(read_answer(asked, option.key)) == option.key
        assert str(read_answer(asked, (option.key,))) == option.key
        assert str(read_answer(asked, said(option.label))) == option.key


@given(st.integers(-(10**15), 10**15) | st.floats(-LARGEST_NUMBER, LARGEST_NUMBER).map(lambda n: round(n, 6)))
def test_a_number_shown_back_reads_as_itself(number: float) -> None:
    assert read_number(numeral(number)) == number


@given(st.permutations([option.key for option in OPTIONS]), st.integers(1, 3))
def test_a_ranking_keeps_the_order_in_which_it_was_said(keys: list[str], many: int) -> None:
    assert read_answer(prompt(PromptKind.RANK, least=1), ", ".join(keys[:many])) == tuple(keys[:many])
