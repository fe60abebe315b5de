"""Drawing: the picture that goes with a link. What the letters of our typeface can't say is left out."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageDraw, ImageFont

from web.pictures import SIZE, Notice, Picture
from web.typefaces import FONTS

LONGEST = 700
"""Characters of the words that are looked at: more never fits."""

PAPER, SURFACE, EDGE = "#f6f3ec", "#fffdf9", "#dcd5c7"
INK, INK_SOFT, ACCENT, SPARK, DANGER = "#1c2420", "#545d57", "#1f5f4c", "#b14a14", "#a4271c"
WASH, SUNK = "#dfece5", "#ece7dc"
"""The light ones of docs/design.md."""

_MARGIN, _PADDING, _BAR = 64, 44, 10
_WORDS_TOP, _WORDS_BOTTOM, _WHERE_TOP = 144, 478, 506
_WORD_SIZES, _WHERE_SIZES, _TITLE_SIZES = (64, 56, 48, 42, 36), (34, 31, 28), (92, 80, 70, 60, 52, 44)

Font = ImageFont.FreeTypeFont


def draw(picture: Picture | Notice) -> bytes:
    """A PNG. Takes some hundredths of a second, so not where others wait."""
    image = Image.new("RGB", SIZE, PAPER)
    brush = ImageDraw.Draw(image)
    _draw_mark(image, (_MARGIN, 48), 64)
    brush.text((_MARGIN + 84, 80), "Folkmoot", INK, _font("Semibold", 44), anchor="lm")
    match picture:
        case Picture():
            _draw_story(image, brush, picture)
        case Notice():
            _draw_notice(image, brush, picture)
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _draw_story(image: Image.Image, brush: ImageDraw.ImageDraw, picture: Picture) -> None:
    width, height = SIZE
    brush.text((width - _MARGIN, 80), picture.code, INK, _font("Semibold", 40), anchor="rm")
    words = sayable(picture.words)
    if words:
        _draw_words(brush, f"“{words}”")
    elif title := sayable(picture.title):
        lines = _lines(title, _font("Semibold", 60), width - 2 * _MARGIN, 3)
        _draw_lines(brush, lines, _font("Semibold", 60), (_MARGIN, _WORDS_TOP + 70), INK)
    if where := sayable(picture.where):
        colour = DANGER if picture.is_late else ACCENT
        font, lines = _fit(where, "Semibold", _WHERE_SIZES, (width - 2 * _MARGIN - 44, height - _WHERE_TOP - 40))
        image.paste(colour, (_MARGIN, _WHERE_TOP + round(font.size * 0.35)), _disc(24))
        _draw_lines(brush, lines, font, (_MARGIN + 44, _WHERE_TOP), colour)


def _draw_notice(image: Image.Image, brush: ImageDraw.ImageDraw, notice: Notice) -> None:
    """The title as large as it fits, between its state above and until when below."""
    width, height = SIZE
    if state := sayable(notice.state):
        font = _font("Semibold", 32)
        length = round(font.getlength(state))
        box = (width - _MARGIN - length - 56, 48, width - _MARGIN, 112)
        brush.rounded_rectangle(box, 32, WASH if notice.is_open else SUNK)
        brush.text((width - _MARGIN - 28, 80), state, ACCENT if notice.is_open else INK_SOFT, font, anchor="rm")
    lines_below = [line for line in (sayable(notice.line), sayable(notice.headline)) if line]
    bottom = height - 52 - 50 * len(lines_below)
    room = (width - 2 * _MARGIN - _BAR - _PADDING, bottom - _WORDS_TOP - 40)
    font, lines = _fit(sayable(notice.title) or sayable(notice.kind), "Semibold", _TITLE_SIZES, room)
    top = _WORDS_TOP + (room[1] - len(lines) * _leading(font)) // 2
    brush.rectangle((_MARGIN, _WORDS_TOP + 4, _MARGIN + _BAR, bottom - 36), SPARK)
    _draw_lines(brush, lines, font, (_MARGIN + _BAR + _PADDING, top), INK)
    for number, line in enumerate(lines_below):
        font = _font("Semibold" if number == 0 else "Regular", 34)
        [fits] = _lines(line, font, width - 2 * _MARGIN, 1)
        brush.text((_MARGIN, bottom + 50 * number), fits, ACCENT if number == 0 else INK_SOFT, font)


def sayable(text: str) -> str:
    """On one line, as our letters can say it: without emoji. Empty where letters are missing: half of somebody’s words
    are not their words."""
    plain = unicodedata.normalize("NFC", text[:LONGEST].replace("█", "■"))
    font = _font("Semibold", 32)
    missing = _shape(font, "\uffff")
    drawn = {symbol for symbol in set(plain) if not symbol.isspace() and _shape(font, symbol) != missing}
    line = " ".join("".join(symbol for symbol in plain if not _is_beside_the_point(symbol, symbol in drawn)).split())
    if not drawn.issuperset(line.replace(" ", "")):
        return ""
    return line + "…" if line and len(text) > LONGEST else line


def _is_beside_the_point(symbol: str, is_drawn: bool) -> bool:
    """Emoji that our letters don't have, what changes their looks, and marks that can't be seen."""
    kind = unicodedata.category(symbol)
    if kind in ("Cc", "Cf") or "\ufe00" <= symbol <= "\ufe0f":
        return not symbol.isspace()
    return not is_drawn and kind in ("So", "Sk")


def _shape(font: Font, symbol: str) -> tuple[object, bytes]:
    mask = font.getmask(symbol)
    return mask.size, bytes(mask)


@cache
def _file(weight: str) -> bytes:
    return (FONTS / f"SourceSerif4-{weight}.woff").read_bytes()


def _font(weight: str, size: int) -> Font:
    """A new one each time: a typeface is no thing for two threads."""
    return ImageFont.truetype(BytesIO(_file(weight)), size)


def _draw_words(brush: ImageDraw.ImageDraw, words: str) -> None:
    """As large as they fit."""
    width = SIZE[0] - 2 * _MARGIN
    room = (width - 2 * _PADDING - _BAR, _WORDS_BOTTOM - _WORDS_TOP - _PADDING)
    font, lines = _fit(words, "Regular", _WORD_SIZES, room)
    brush.rectangle((_MARGIN, _WORDS_TOP, _MARGIN + width, _WORDS_BOTTOM), SURFACE, EDGE)
    brush.rectangle((_MARGIN, _WORDS_TOP, _MARGIN + _BAR, _WORDS_BOTTOM), SPARK)
    top = _WORDS_TOP + (_WORDS_BOTTOM - _WORDS_TOP - len(lines) * _leading(font)) // 2
    _draw_lines(brush, lines, font, (_MARGIN + _BAR + _PADDING, top), INK)


def _fit(text: str, weight: str, sizes: Iterable[int], room: tuple[int, int]) -> tuple[Font, list[str]]:
    """The first size in which all of it has room, else the last with the end left off."""
    for size in sizes:
        font = _font(weight, size)
        most = room[1] // _leading(font)
        lines = _lines(text, font, room[0], most + 1)
        if len(lines) <= most:
            return font, lines
    return font, _lines(text, font, room[0], most)


def _leading(font: Font) -> int:
    return round(font.size * 1.32)


def _draw_lines(brush: ImageDraw.ImageDraw, lines: list[str], font: Font, at: tuple[int, int], colour: str) -> None:
    left, top = at
    for number, line in enumerate(lines):
        brush.text((left, top + number * _leading(font)), line, colour, font)


def _lines(text: str, font: Font, width: int, most: int) -> list[str]:
    """Filled one after the other, `most` at the most; the last says with dots that something is missing."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        line, rest = _first_line(rest, font, width)
        lines.append(line)
    if rest:
        closing = "…”" if text.endswith("”") else "…"
        while " " in lines[-1] and font.getlength(lines[-1] + closing) > width:
            lines[-1] = lines[-1].rpartition(" ")[0]
        while lines[-1] and font.getlength(lines[-1] + closing) > width:
            lines[-1] = lines[-1][:-1]
        lines[-1] = lines[-1].rstrip(" ,;:.–-…") + closing
    return lines


def _first_line(text: str, font: Font, width: int) -> tuple[str, str]:
    """What fits into a line, whole words where it can be, and the rest."""
    fits, ends = 1, len(text)
    while fits < ends:
        middle = (fits + ends + 1) // 2
        if font.getlength(text[:middle]) <= width:
            fits = middle
        else:
            ends = middle - 1
    if fits >= len(text):
        return text, ""
    cut = text.rfind(" ", 0, fits + 1)
    return (text[:cut], text[cut + 1 :]) if cut > 0 else (text[:fits], text[fits:])


def _draw_mark(image: Image.Image, at: tuple[int, int], size: int) -> None:
    """Eight in a ring, one of whom speaks up."""
    left, top = at
    for number in range(8):
        angle = number * pi / 4
        radius = size * (0.1 if number == 0 else 0.085)
        x, y = left + size / 2 + sin(angle) * size * 0.36, top + size / 2 - cos(angle) * size * 0.36
        disc = _disc(round(2 * radius))
        image.paste(SPARK if number == 0 else ACCENT, (round(x - radius), round(y - radius)), disc)


@cache
def _disc(size: int) -> Image.Image:
    """Drawn large and made small, so that its edge is soft."""
    large = Image.new("L", (size * 8, size * 8))
    ImageDraw.Draw(large).ellipse((0, 0, size * 8 - 1, size * 8 - 1), 255)
    return large.resize((size, size), Image.Resampling.LANCZOS)
