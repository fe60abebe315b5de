"""Receipt codes: short enough to read out over a telephone, and a slip of the tongue shows.

Seven symbols of Crockford's base 32 (no I, L, O or U) and one check symbol by Luhn's method over that alphabet,
which catches every wrong symbol and nearly every swap of two neighbours.
"""

from stdnum import luhn

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 7
_HEARD_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def receipt_code(symbols: str) -> str:
    """`K7M4-QX2P` for seven symbols of the alphabet."""
    whole = symbols + luhn.calc_check_digit(symbols, ALPHABET)
    return f"{whole[:4]}-{whole[4:]}"


def read_code(typed: str) -> str | None:
    """The code as we write it, from however somebody typed it; None if it can't be one of ours."""
    if len(typed) > 40:
        return None
    bare = typed.strip().upper().translate(_HEARD_AS)
    if len(bare) != RANDOM_SYMBOLS + 1 or any(symbol not in ALPHABET for symbol in bare):
        return None
    return f"{bare[:4]}-{bare[4:]}" if luhn.is_valid(bare, ALPHABET) else None


def read_token(typed: str) -> str | None:
    """A link or organiser code as the mint writes it, from however somebody typed it; None if it can't be one."""
    if len(typed) > 40:
        return None
    bare = typed.strip().upper().translate(_HEARD_AS)
    return bare if len(bare) == RANDOM_SYMBOLS + 1 and all(symbol in ALPHABET for symbol in bare) else None
