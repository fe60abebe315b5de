"""What somebody means by a command, a button, a keyword, a code, STOP; and when words are just words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import VERBS, Action, read_action
from core.consultations import Consultation
from core.inbound import Commanded, Deed, Discussed, Edited, Inbound, Left, Moved, Pressed, Returned, Said, Submitted
from core.members import Address
from core.places import Place
from core.receipts import read_code, receipt_code
from core.sessions import (
    IDLE,
    Answering,
    Confirming,
    Consenting,
    Deciding,
    Idle,
    Linking,
    Locating,
    Picking,
    Session,
    Speaking,
    Step,
    Wording,
)
from core.texts import Localised
from core.understanding import COMMANDS, PLAIN_WORDS, STOP_WORDS, TYPED, UNKNOWN, understand, waiting_for

ANN = Address("telegram:1", "ann")
GROUP = Place("telegram:1", "-5", private=False)
CODE = receipt_code("K7M4QX2")
TOKEN = "AB12CD34"
CITY = Consultation("good-city", Localised.of("City"), Localised.of("…"), (), keyword="City")
STEPS: list[Step] = [
    Idle(), Consenting(), Consenting("begin:city"), Answering("city", "one"), Wording(), Wording(idea=CODE),
    Wording(capture="AB"), Confirming("CAP"), Locating(), Linking(),
    Picking("planning", "alike", (CODE,), (CODE,)), Deciding("declined", (CODE,), "planning"),
    Speaking("replied", CODE),
]  # fmt: skip
ASKED = [step for step in STEPS if isinstance(step, Answering | Wording | Locating | Linking | Deciding | Speaking)]
FREE = [step for step in STEPS if step not in ASKED]


def meant(
    deed: Deed | str, step: Step = IDLE, place: Place | None = None, open_: tuple[Consultation, ...] = (CITY,)
) -> Action | None:
    deed = Said(deed, "m1") if isinstance(deed, str) else deed
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return understand(Inbound("k", ANN, place or Place.private_to(ANN), at, deed), Session(step), open_)


# --- STOP
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("said", ["STOP", "stop", "Stop!", " stop. ", "UNSUBSCRIBE", "stopiwch", "Stopio"])
def test_stop_is_understood_in_the_middle_of_anything(said: str, step: Step) -> None:
    assert meant(said, step) == Action("stop")


@pytest.mark.parametrize("said", ["stop the cars", "Don't stop", "the bus stop", "stopped", "st op", ""])
def test_a_sentence_with_stop_in_it_is_a_sentence(said: str) -> None:
    assert meant(said, Answering("city", "one")) is None


def test_stop_in_a_group_is_nobodys_business() -> None:
    assert meant("STOP", place=GROUP) is None
    assert meant(Commanded("stop"), place=GROUP) == Action("stop")


# --- keywords
@pytest.mark.parametrize("said", ["city", "CITY", " City. ", "city!"])
def test_a_keyword_begins_its_consultation_where_nothing_is_asked(said: str) -> None:
    assert meant(said) == Action("begin", ("good-city",))
    for step in ASKED:
        assert meant(said, step) is None


@pytest.mark.parametrize("said", ["cities", "city please", "", "a", "…", "!"])
def test_other_words_are_words(said: str) -> None:
    assert meant(said) is None


def test_a_keyword_of_what_is_not_open_is_a_word_and_a_consultation_without_one_is_not_begun_by_nothing() -> None:
    assert meant("city", open_=()) is None
    assert meant("", open_=(replace(CITY, keyword=None), replace(CITY, keyword=""))) is None


def test_a_word_of_ours_goes_before_a_keyword() -> None:
    assert meant("help", open_=(replace(CITY, keyword="help"),)) == Action("help")


@pytest.mark.parametrize("word", sorted(PLAIN_WORDS))
def test_plain_words_do_as_commands_where_nothing_is_asked(word: str) -> None:
    assert meant(word.upper()) == Action(PLAIN_WORDS[word])
    for step in ASKED:
        assert meant(word, step) is None


# --- codes
@pytest.mark.parametrize("step", FREE)
@pytest.mark.parametrize("typed", [CODE, CODE.lower(), CODE.replace("-", ""), f" {CODE} "])
def test_a_receipt_code_by_itself_asks_for_its_story(typed: str, step: Step) -> None:
    found = meant(typed, step)
    assert found
    assert found.verb == "code"
    assert read_code(found.first) == CODE


@pytest.mark.parametrize("step", ASKED)
def test_in_the_middle_of_a_prompt_a_code_is_one_only_with_its_dash_and_a_good_check(step: Step) -> None:
    assert meant(CODE, step) == Action("code", (CODE,))
    assert meant(CODE.lower(), step) == Action("code", (CODE.lower(),))
    assert meant(CODE.replace("-", ""), step) is None
    wrong = CODE[:-1] + ("2" if CODE[-1] != "2" else "3")
    assert meant(wrong, step) is None


@pytest.mark.parametrize("said", ["20261130", "12345678", "1234 5678", "AB12CD34", "ab12-cd34"])
def test_what_looks_like_a_code_of_ours_is_looked_up_where_nothing_is_asked(said: str) -> None:
    assert meant(said) == Action("code", (said,))


@pytest.mark.parametrize("said", ["benchers", "The code is K7M4-QX2P", "K7M4-QX2P thanks", "a-b", "-", "x" * 5_000])
def test_words_that_are_no_code_stay_words(said: str) -> None:
    assert meant(said) is None


# --- yes and no
@pytest.mark.parametrize(
    ("said", "answer"), [("yes", "yes"), ("Yes!", "yes"), ("no", "no"), ("Nope", "no"), ("ie", "yes")]
)
def test_a_typed_yes_or_no_answers_what_was_asked(said: str, answer: str) -> None:
    assert meant(said, Consenting()) == Action("consent", (answer,))
    assert meant(said, Confirming("CAP")) == Action("capture", ("CAP", answer))
    assert meant(said) is None
    assert meant(said, Answering("city", "one")) is None


@pytest.mark.parametrize("step", [Consenting(), Confirming("CAP")])
def test_neither_yes_nor_no_is_words(step: Step) -> None:
    assert meant("yes but more of them", step) is None
    assert meant("city", step) == Action("begin", ("good-city",))


# --- commands
@pytest.mark.parametrize("command", sorted(TYPED))
def test_every_command_is_its_verb_typed_or_sent(command: str) -> None:
    takes_words = VERBS[command][1] > 0
    expected = Action(command, ("X y",) if takes_words else ())
    assert meant(Commanded(command, " X y ")) == expected
    assert meant(f"/{command} X y") == expected
    assert meant(f"/{command.upper()}", Answering("city", "one")) == Action(command)


@pytest.mark.parametrize(("command", "verb"), sorted(COMMANDS.items()))
def test_some_commands_have_other_names(command: str, verb: str) -> None:
    assert meant(Commanded(command)) == Action(verb)


@pytest.mark.parametrize(
    ("argument", "action"),
    [
        ("", Action("home")),
        ("hello", Action("home")),
        ("c_good-city", Action("begin", ("good-city",))),
        ("c_", Action("begin", ("",))),
        (" c_good-city ", Action("begin", ("good-city",))),
    ],
)
def test_start_by_a_link_begins_its_consultation(argument: str, action: Action) -> None:
    assert meant(Commanded("start", argument)) == action
    assert meant(f"/start {argument}") == action


@pytest.mark.parametrize(
    "command", ["nonsense", "begin", "answer", "consent", "withdrawn", "send", "capture", "unknown", "", "_"]
)
def test_a_command_that_is_none_is_said_to_be_none_even_where_a_button_has_that_name(command: str) -> None:
    assert meant(Commanded(command, "x:y")) == UNKNOWN


@pytest.mark.parametrize("said", ["/", "/ idea", "//", "1/2", "and/or"])
def test_a_stroke_alone_makes_no_command(said: str) -> None:
    assert meant(said) is None


@pytest.mark.parametrize("data", ["", ":", "begin", "begin:a:b", "answer:a:b", "nonsense", "idea:a:b", "🙂", "x" * 100])
def test_a_button_that_we_do_not_know_any_more_is_unknown(data: str) -> None:
    assert meant(Pressed(data)) == UNKNOWN


# --- deeds that are nobody's wish
@pytest.mark.parametrize(
    "deed", [Edited("stop", "1"), Submitted("city", {}), Discussed("1"), Left(), Returned(), Moved("-9")]
)
def test_what_is_nobodys_wish_is_no_action(deed: Deed) -> None:
    assert meant(deed) is None


# --- what waits for a yes
def test_after_a_yes_the_turn_is_about_what_waited_for_it() -> None:
    yes, waiting = Action("consent", ("yes",)), Session(Consenting("begin:city"))
    assert waiting_for(yes, waiting) == Action("begin", ("city",))
    assert waiting_for(Action("consent", ("no",)), waiting) == Action("consent", ("no",))
    assert waiting_for(yes, Session(Consenting())) == yes
    assert waiting_for(yes, Session()) == yes
    assert waiting_for(None, waiting) is None


@given(st.text(max_size=200), st.sampled_from(STEPS), st.booleans())
def test_whatever_is_typed_means_something_that_can_be_done_or_nothing(typed: str, step: Step, private: bool) -> None:
    found = meant(typed, step, None if private else GROUP)
    if found is None:
        return
    least, most = VERBS[found.verb]
    assert least <= len(found.args) <= most
    assert typed.casefold().strip(" .!") not in STOP_WORDS or found == Action("stop")


@given(st.text(max_size=80))
def test_whatever_a_button_says_is_an_action_that_can_be_done(data: str) -> None:
    found = meant(Pressed(data))
    assert found == (read_action(data) or UNKNOWN)
    assert found is not None
    assert VERBS[found.verb][0] <= len(found.args) <= VERBS[found.verb][1]
