from hypothesis import given
from hypothesis import strategies as st

from core.receipts import ALPHABET, read_code, read_token, receipt_code

SYMBOLS = st.text(ALPHABET, min_size=7, max_size=7)


@given(SYMBOLS)
def test_a_code_is_read_back_however_it_is_typed(symbols: str) -> None:
    code = receipt_code(symbols)
    heard = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_code(code) == read_code(heard) == read_code(f" {code} ") == code


@given(SYMBOLS, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_noticed(symbols: str, place: int, wrong: str) -> None:
    right = receipt_code(symbols).replace("-", "")
    if right[place] != wrong:
        assert read_code(right[:place] + wrong + right[place + 1 :]) is None


@given(st.text())
def test_no_text_makes_the_reading_fail(text: str) -> None:
    code, token = read_code(text), read_token(text)
    assert code is None or len(code) == 9
    assert token is None or len(token) == 8
