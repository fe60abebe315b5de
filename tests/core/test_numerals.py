import pytest

from core.numerals import LARGEST, read_whole


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("007", 7), ("9007199254740991", LARGEST)])
def test_plain_digits_are_a_number(typed: str, number: int) -> None:
    assert read_whole(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", " 1", "1\n", "-1", "+1", "1.0", "1_000", "²", "٣", "one", "9007199254740992", "9" * 5_000, None, 7],
)
def test_anything_else_is_none(typed: object) -> None:
    assert read_whole(typed) is None


def test_none_is_larger_than_is_asked_for() -> None:
    assert (read_whole("20", 20), read_whole("21", 20)) == (20, None)
