"""Wording: plain text as safe HTML. Receipt codes lead to their stories, addresses become links, days are times."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from jinja2.utils import urlize
from markupsafe import Markup, escape

from core.receipts import read_code
from core.texts import Phrase

_CODE = re.compile(r"(?<![\w/=-])([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})(?![\w-])")
_BLACK = re.compile(r"(\u2588+(?:[ \t]+\u2588+)*)")
_MARK = re.compile("\ue000(\\d+)\ue001")
_BETWEEN_PARAGRAPHS = re.compile(r"\n{2,}")


def paragraphs(text: str) -> list[str]:
    return _BETWEEN_PARAGRAPHS.split(text.strip("\n")) if text.strip() else []


def linked(text: str) -> Markup:
    """What we said. Codes that can't be ours stay text."""
    pieces: list[Markup] = []
    for position, piece in enumerate(_CODE.split(text)):
        if position % 2 and read_code(piece):
            pieces.append(Markup('<a class="code" href="/ideas/{0}">{0}</a>').format(piece))
        elif position % 2:
            pieces.append(escape(piece))
        else:
            pieces.append(Markup(urlize(piece, rel="noopener noreferrer")))  # noqa: S704  urlize escapes
    return Markup("").join(pieces)


def blacked_out(text: str, aloud: str) -> Markup:
    """What somebody said, in which a run of █ is one bar to the eye and `aloud` to the ear."""
    pieces = [
        Markup('<span class="black" aria-hidden="true">{}</span><span class="unseen">{}</span>').format(piece, aloud)
        if position % 2
        else escape(piece)
        for position, piece in enumerate(_BLACK.split(text))
    ]
    return Markup("").join(pieces)


def told(phrase: Phrase, say: Callable[[Phrase], str]) -> Markup:
    """A sentence of ours, in which days are `<time>` and receipt codes lead to their stories."""
    marks: list[Markup] = []
    values: list[tuple[str, object]] = []
    for name, value in phrase.values:
        if isinstance(value, date):  # a datetime is one too
            shown = say(Phrase("{at}", (("at", value),)))
            mark = Markup('<time datetime="{}">{}</time>').format(value.isoformat(), shown)
        elif isinstance(value, str) and read_code(value) == value:
            mark = Markup('<a class="code" href="/ideas/{0}">{0}</a>').format(value)
        else:
            values.append((name, value))
            continue
        values.append((name, f"\ue000{len(marks)}\ue001"))
        marks.append(mark)
    said = _MARK.split(say(replace(phrase, values=tuple(values))))  # type: ignore[arg-type]  # each is a Fill, or a mark
    return Markup("").join(
        marks[int(piece)] if position % 2 and int(piece) < len(marks) else escape(piece)
        for position, piece in enumerate(said)
    )


def shortened(text: str, most: int) -> str:
    """On one line, and not longer than that; whole words where there are any."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, _, _ = line[:most].rpartition(" ")
    return (head if len(head) > most // 2 else line[: most - 1]).rstrip(" ,;:.–-") + "…"


def is_link(url: str) -> bool:
    """Whether a button may lead there: no `javascript:` or `data:`, whoever wrote it."""
    return url.startswith(("https://", "http://", "mailto:", "/"))
