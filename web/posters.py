"""Posters: a consultation on one sheet to be printed, with the code to scan and how else to take part."""

import asyncio
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from core.texts import Phrase, T
from web.consultations import qr_code
from web.noticeboard import Noticeboard
from web.parts import Parts, Ways
from web.placards import Placard
from web.previews import reached_at
from web.readers import stranger
from web.routes import Routes
from web.typefaces import unwrapped_folder
from web.wording import shortened

if TYPE_CHECKING:
    import typst

SIZES = ("a4", "a3")
LONGEST_TITLE, LONGEST_FRAMING, LONGEST_ASKED = 400, 900, 120
LONGEST_RUN = 24
"""Characters without a space that still fit into a line; a longer word may be broken."""
KEPT = 30
"""Posters that we remember, of some 30 kB each."""
AT_ONCE = 2

_SHEET = (Path(__file__).parent / "templates" / "poster.typ").read_bytes()
_BREAK = "\u200b"


class Posters:
    def __init__(self, parts: Parts, board: Noticeboard) -> None:
        self._parts, self._board = parts, board
        self._printed: OrderedDict[str, bytes] = OrderedDict()
        self._presses = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/consultations/{slug}/poster.pdf", self.show)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        found, reader = await self._board.find(slug), stranger(request, self._parts.texts)
        asked = request.query_params.get("size", "").lower()
        placard, here = await self._board.placard(found, reader.language), reached_at(request, self._parts.public_url)
        ways = self._parts.invites(placard.payload)
        words = self._words(placard, ways, reader.language, asked if asked in SIZES else SIZES[0], here)
        mark = sha256(repr((_SHEET, sorted(words.items()))).encode(errors="replace")).hexdigest()[:16]
        headers = {
            "etag": f'"{mark}"',
            "cache-control": "public, no-cache",
            "vary": "Accept-Language, Cookie",
            "content-disposition": f'inline; filename="{found.slug}-{words["size"]}-{reader.language}.pdf"',
        }
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        at = found.opens_at or self._parts.clock.now()
        return Response(await self._print(mark, words, at), media_type="application/pdf", headers=headers)

    def _words(self, placard: Placard, ways: Ways, language: str, size: str, here: str) -> Mapping[str, str]:
        def say(phrase: Phrase) -> str:
            return self._parts.texts.say(phrase, language)

        address = f"{here}{placard.path}"
        bare = address.partition("://")[2]
        steps = [T("Point your telephone’s camera at the code.")]
        if ways.telegram:
            steps.append(T("Or find {bot} in Telegram.", bot=f"@{ways.telegram.split('/')[3].partition('?')[0]}"))
        if ways.slack:
            word = placard.consultation.keyword or "consultations"
            steps.append(T("Or write “{word}” to Folkmoot in Slack.", word=word))
        steps.append(T("Or open {address}", address=bare))
        words = {
            "title": _breakable(shortened(placard.title, LONGEST_TITLE)) or "Folkmoot",
            "framing": _breakable(shortened(placard.framing, LONGEST_FRAMING)),
            "asked": _breakable(shortened(placard.asked, LONGEST_ASKED)),
            "until": _written(placard.until),
            "how": say(T("Take part")),
            "steps": "\n".join(_breakable(say(step)) for step in steps),
            "closing": say(T("Every idea hears back.")),
            "address": _breakable(bare),
            "heading": _written(placard.title) or "Folkmoot",
            "code_says": say(T("A code to scan, which opens {address}", address=bare)),
            "language": language,
            "size": size,
        }
        return words | {"code": qr_code(address).decode()}

    async def _print(self, mark: str, words: Mapping[str, str], at: datetime) -> bytes:
        printed = self._printed.pop(mark, None)
        if printed is None:
            async with self._presses:
                printed = await asyncio.to_thread(print_poster, words, at)
        self._printed[mark] = printed
        if len(self._printed) > KEPT:
            self._printed.popitem(last=False)
        return printed


def print_poster(words: Mapping[str, str], at: datetime) -> bytes:
    """As PDF/UA-1, which holds whoever can't see the sheet to be as able to read it. Where a letter is in no typeface
    of this machine, pictures among the letters are left out; and where that isn't enough, it is still tagged, and shows
    a box where that letter would stand."""
    import typst  # a compiler, unpacked for the first poster

    plain = {name: value if name == "code" else _without_pictures(value) for name, value in words.items()}
    when = at.replace(microsecond=0)
    for given in (dict(words), plain):
        try:
            made = typst.compile(
                _SHEET, sys_inputs=given, font_paths=_typefaces(), pdf_standards=["ua-1"], timestamp=when
            )
            return _bytes(made)
        except typst.TypstError as error:
            if "could not be displayed" not in str(error):
                raise
    return _bytes(typst.compile(_SHEET, sys_inputs=plain, font_paths=_typefaces(), timestamp=when))


@cache
def _typefaces() -> "typst.Fonts":
    """Ours, then those that the compiler brings, then this machine's."""
    import typst

    return typst.Fonts(font_paths=[str(unwrapped_folder())])


def _bytes(compiled: object) -> bytes:
    assert isinstance(compiled, bytes)  # noqa: S101  of one file it is
    return compiled


def _written(text: str) -> str:
    """On one line, without marks that no typeface can show."""
    line = " ".join(text.split())
    return "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") and c not in _DIRECTING)


_DIRECTING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the letters after them round: what they were put around ends, and they might not."""


def _breakable(text: str) -> str:
    """Words that are longer than a line may be broken: an address after its strokes, any other anywhere."""
    return " ".join(_BREAK.join(_pieces(word)) for word in _written(text).split(" "))


def _pieces(word: str) -> list[str]:
    if len(word) <= LONGEST_RUN:
        return [word]
    head, stroke, rest = word.partition("/")
    if stroke and rest:
        return [*_pieces(head + stroke), *_pieces(rest)]
    return [word[at : at + 8] for at in range(0, len(word), 8)]


def _without_pictures(text: str) -> str:
    """Without emoji and what belongs to them."""
    kept = "".join(c for c in text if unicodedata.category(c) not in ("So", "Sk", "Mn", "Me") and c != "\u200d")
    return kept if kept.strip() else "–"
