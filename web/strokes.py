"""Strokes: bars and columns as SVG, in the reader's own letter size and for either direction of writing. Colours are
classes, which the stylesheet (or, in a picture, the picture's own) gives a meaning."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDEST_LABEL = 38
"""Letters that stand beside one another even on a small phone."""
LONGEST_BAR = 64
"""Per cent of the width: behind it stands how much it is."""
_LINE, _BAR, _GAP = 1.35, 0.85, 0.75
_COLUMNS, _FEWEST, _MOST_SAID = 7.0, 5, 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar, in shares of the longest bar."""

    share: float
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    pieces: tuple[Piece, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    share: float
    said: str
    tone: str = "main"


@dataclass(frozen=True, slots=True)
class Drawing:
    """`height` in letter sizes (em); its width is that of where it stands."""

    strokes: Markup
    height: float

    def on_page(self, label: str) -> Markup:
        return Markup(
            '<svg class="strokes" width="100%" height="{}em" direction="ltr" role="img" aria-label="{}">{}</svg>'
        ).format(_n(self.height), label, self.strokes)


EMPTY = Drawing(Markup(""), 0)


def bars(rows: Iterable[Bar], *, rtl: bool = False) -> Drawing:
    """One under the other, each with its label above and what it says behind it."""
    strokes, y = [], 0.0
    for row in rows:
        for line in wrapped(row.label, WIDEST_LABEL):
            strokes.append(text(line, 100 if rtl else 0, y + 1, at_end=rtl))
            y += _LINE
        start, top = 0.0, _n(y + 0.15)
        for piece in row.pieces:
            length = max(piece.share, 0.0) * LONGEST_BAR
            if length:
                x = 100 - start - length if rtl else start
                strokes.append(_rect(f"{_n(x)}%", f"{top}em", f"{_n(length)}%", f"{_BAR}em", piece.tone))
            start += length
        strokes.append(text(row.said, 100 - start if rtl else start, y + 0.9, "soft", at_end=rtl, aside=start > 0))
        y += _BAR + 0.15 + _GAP
    return Drawing(Markup("").join(strokes), y)


def columns(rows: Sequence[Column], legend: Iterable[str] = (), *, rtl: bool = False) -> Drawing:
    """Side by side, each with what it says above and its label below; where not all labels have room, only some."""
    strokes: list[Markup] = []
    count = max(len(rows), _FEWEST)
    width = 100 / count
    every = -(-count // max(1, WIDEST_LABEL // (1 + max((_width(row.label) for row in rows), default=0))))
    foot = 1.3 + _COLUMNS
    for place, row in enumerate(rows):
        x = 100 - width * (place + 1) if rtl else width * place
        height = max(row.share, 0.0) * _COLUMNS
        if height:
            place_of = (f"{_n(x + width * 0.1)}%", f"{_n(foot - height)}em", f"{_n(width * 0.8)}%", f"{_n(height)}em")
            strokes.append(_rect(*place_of, row.tone))
        middle = x + width / 2
        if row.said and len(rows) <= _MOST_SAID:
            strokes.append(text(row.said, middle, foot - height - 0.35, "soft", middle=True))
        if place % every == 0:
            strokes.append(text(row.label, middle, foot + 1.2, middle=True))
    strokes.append(_rect("0", f"{_n(foot)}em", "100%", "1", "edge"))
    y = foot + 1.7
    for line in legend:
        for part in wrapped(line, WIDEST_LABEL):
            y += _LINE
            strokes.append(text(part, 100 if rtl else 0, y - 0.35, "soft", at_end=rtl))
    return Drawing(Markup("").join(strokes), y + 0.2)


def text(
    words: str,
    x: float,
    y: float,
    tone: str = "ink",
    *,
    at_end: bool = False,
    middle: bool = False,
    aside: bool = False,
) -> Markup:
    """`aside`: half a letter away from there."""
    anchor = "middle" if middle else "end" if at_end else "start"
    shift = Markup(' dx="{}"').format("-.5em" if at_end else ".5em") if aside else Markup("")
    return Markup('<text class="is-{}" x="{}%" y="{}em"{} text-anchor="{}">{}</text>').format(
        tone, _n(x), _n(y), shift, anchor, escape(words)
    )


def _rect(x: str, y: str, width: str, height: str, tone: str) -> Markup:
    return Markup('<rect class="is-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(tone, x, y, width, height)


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"


def wrapped(words: str, most: int) -> list[str]:
    """In lines of so many letters, wide ones counted twice; what can't be seen, and what would turn the line around,
    is left out."""
    lines, line = [""], 0
    for word in "".join(letter if _is_plain(letter) else " " for letter in words).split():
        for part in _parts(word, most):
            wide = _width(part)
            if line and line + 1 + wide > most:
                lines.append("")
                line = 0
            lines[-1] += f" {part}" if line else part
            line += wide + (1 if line else 0)
    return lines


def _is_plain(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn") or letter == "\u200d"


def _parts(word: str, most: int) -> Iterable[str]:
    part = ""
    for letter in word:
        if _width(part + letter) > most:
            yield part
            part = ""
        part += letter
    yield part


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)
