"""Whole numbers as they come in addresses, forms and buttons: in plain digits, and none that no column could hold."""

import re

LARGEST = 2**53 - 1
"""It fits into a column, and into the numbers of JSON."""

_DIGITS = re.compile(r"[0-9]{1,18}")


def read_whole(typed: object, most: int = LARGEST) -> int | None:
    """None where it is anything else, or larger than `most`."""
    if not isinstance(typed, str) or not _DIGITS.fullmatch(typed):
        return None
    number = int(typed)
    return number if number <= most else None
