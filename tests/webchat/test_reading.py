"""What a posted form means, before anybody decides what to do about it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.webchat.reading import clean, read, read_timezone, read_visit
from core.inbound import LONGEST_TEXT, Commanded, Inbound, Pressed, Said
from core.members import Address
from core.places import Place

NOW = datetime(2026, 5, 12, 14, 5, tzinfo=UTC)
KEY = "nonce-of-this-page"


def said(**form: str) -> Inbound | None:
    return read({"key": KEY, **form}, "ada", NOW, locale="cy", timezone="Europe/London")


def test_words_are_said_where_the_visitor_is_with_what_their_browser_tells_of_them() -> None:
    assert said(text="More trees") == Inbound(
        f"web:ada:{KEY}",
        Address("web", "ada"),
        Place("web", "ada"),
        NOW,
        Said("More trees", KEY),
        locale="cy",
        timezone="Europe/London",
    )


@pytest.mark.parametrize(
    ("typed", "command", "argument"),
    [
        ("/idea More trees", "idea", "More trees"),
        ("/IDEA@folkmoot More\ntrees", "idea", "More\ntrees"),
        ("/start c_good-city", "start", "c_good-city"),
        ("/mine", "mine", ""),
        ("  /story K7M4-QX2N ", "story", "K7M4-QX2N"),
    ],
)
def test_a_slash_and_a_word_are_a_command(typed: str, command: str, argument: str) -> None:
    inbound = said(text=typed)
    assert inbound is not None
    assert inbound.deed == Commanded(command, argument, KEY)


@pytest.mark.parametrize("typed", ["/ 5 km an hour", "and/or", "/5", "//", "/idée fixe"])
def test_other_slashes_are_only_words(typed: str) -> None:
    inbound = said(text=typed)
    assert inbound is not None
    assert inbound.deed == Said(typed, KEY)


def test_a_button_is_pressed_on_its_line() -> None:
    inbound = said(action="answer:good-city:well:yes", message="7")
    assert inbound is not None
    assert inbound.deed == Pressed("answer:good-city:well:yes", "7")


def test_one_button_pressed_twice_on_a_page_is_one_deed_and_two_buttons_are_two() -> None:
    keys = [
        inbound.key
        for action in ("skip:a:b", "skip:a:b", "back:a:b")
        if (inbound := said(action=action, message="7")) is not None
    ]
    assert keys[0] == keys[1] != keys[2]


def test_a_line_that_is_no_number_is_no_line() -> None:
    for message in ("7; drop", "-1", "9" * 40, "٣"):
        inbound = said(action="mine", message=message)
        assert inbound is not None
        assert inbound.deed == Pressed("mine", None)


@pytest.mark.parametrize("form", [{}, {"text": ""}, {"text": " \r\n\0 "}, {"action": "\0"}, {"message": "7"}])
def test_a_form_with_nothing_in_it_says_nothing(form: dict[str, str]) -> None:
    assert said(**form) is None


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with:colon:inside", "umläute-im-schlüssel"])
def test_a_form_without_a_proper_key_says_nothing(key: str) -> None:
    assert read({"text": "More trees", "key": key}, "ada", NOW) is None


def test_text_that_no_database_could_keep_is_made_good() -> None:
    assert clean("a\0b\r\nc\rd \ud800 \ud83d\ude00") == "ab\nc\nd \ufffd \U0001f600"


def test_a_long_text_keeps_one_character_too_many_so_that_it_is_seen_to_be_too_long() -> None:
    assert len(clean("x" * 1_000_000)) == LONGEST_TEXT + 1


def test_a_visit_is_a_start_and_only_a_sound_payload_comes_with_it() -> None:
    assert read_visit("c_good-city", "hello", "ada", NOW).deed == Commanded("start", "c_good-city")
    assert read_visit("<b>", "hello", "ada", NOW).deed == Commanded("start", "")
    assert read_visit("", "hello", "ada", NOW).key == "web:ada:hello"


def test_only_a_time_zone_that_exists_is_believed() -> None:
    assert read_timezone("Europe/London") == "Europe/London"
    assert read_timezone("../../etc/passwd") is None
    assert read_timezone(None) is None


@given(st.dictionaries(st.sampled_from(["text", "action", "message", "key"]), st.text(st.characters())))
def test_whatever_is_posted_reading_has_an_answer_in_valid_text(form: dict[str, str]) -> None:
    inbound = read({"key": KEY, **form}, "ada", NOW)
    match inbound and inbound.deed:
        case Said(text) | Commanded(_, text) | Pressed(text):
            assert "\0" not in text
            assert text.encode()
            assert len(text) <= LONGEST_TEXT + 1
        case _:
            assert inbound is None
