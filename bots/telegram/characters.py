"""Unicode as Telegram counts it, in UTF-16 units, and texts cut where a reader would cut them."""

import re

LONGEST_MESSAGE = 4_096
"""UTF-16 units of one message."""

_LONE = re.compile("[\ud800-\udfff]")
_BREAKS = ("\n\n", "\n", " ")


def valid(text: str) -> str:
    """The text without NUL, and with the replacement character for lone surrogates."""
    return _LONE.sub("\ufffd", text.replace("\0", ""))


def units(text: str) -> int:
    """How long Telegram finds it: characters beyond the basic plane count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def head(text: str, limit: int) -> str:
    """As much of the start as fits into `limit` units."""
    if len(text) * 2 <= limit or units(text) <= limit:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > limit:
            return text[:index]
    return text


def parts(text: str, limit: int = LONGEST_MESSAGE) -> tuple[str, ...]:
    """The text in pieces of at most `limit` units, cut at a paragraph, else a line, else a word, else anywhere."""
    pieces = []
    rest = text.strip()
    while rest:
        piece = head(rest, limit)
        if len(piece) < len(rest):
            half, whole = len(piece) // 2, len(piece)  # a break before the half would leave a stub
            cuts = (rest.rfind(mark, half, whole + len(mark)) for mark in _BREAKS)
            piece = rest[: next((cut for cut in cuts if cut > 0), whole)]
        rest = rest[len(piece) :].lstrip()
        pieces.append(piece.rstrip())
    return tuple(pieces)
