"""Wording: plain text of ours as safe HTML. Receipt codes lead to their stories, addresses become links."""

import re

from jinja2.utils import urlize
from markupsafe import Markup, escape

from core.receipts import read_code

_CODE = re.compile(r"(?<![\w/=-])([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})(?![\w-])")
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


def is_link(url: str) -> bool:
    """Whether a button may lead there: no `javascript:` or `data:`, whoever wrote it."""
    return url.startswith(("https://", "http://", "mailto:", "/"))
