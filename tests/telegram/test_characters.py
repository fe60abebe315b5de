"""Texts as Telegram counts them, and where a long one is cut."""

from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.characters import head, parts, units, valid

texts = st.text(st.sampled_from("ab \n😀é\ud800\0"), max_size=60)


@given(texts)
def test_a_valid_text_has_neither_nul_nor_lone_surrogates(text: str) -> None:
    valid(text).encode()
    assert "\0" not in valid(text)


@given(texts.map(valid), st.integers(2, 20))
def test_parts_fit_and_lose_nothing_but_space_between_them(text: str, limit: int) -> None:
    pieces = parts(text, limit)
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(texts.map(valid), st.integers(0, 20))
def test_a_head_is_the_longest_beginning_that_fits(text: str, limit: int) -> None:
    start = head(text, limit)
    assert text.startswith(start)
    assert units(start) <= limit
    assert start == text or units(text[: len(start) + 1]) > limit


@given(texts.map(valid))
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le")) // 2


def test_a_long_text_is_cut_at_a_paragraph_else_a_line_else_a_word() -> None:
    assert parts("aaaa bbbb\n\ncc dd", 12) == ("aaaa bbbb", "cc dd")
    assert parts("aaaa bbbb\ncc dd", 12) == ("aaaa bbbb", "cc dd")
    assert parts("aaaa bbbb cc dd", 12) == ("aaaa bbbb cc", "dd")
    assert parts("aaaabbbbccdd", 5) == ("aaaab", "bbbcc", "dd")


def test_a_break_near_the_beginning_does_not_leave_a_stub() -> None:
    assert parts("Hi\n\naaaa bbbb cccc", 12) == ("Hi\n\naaaa", "bbbb cccc")
