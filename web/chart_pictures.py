"""A chart as a picture for a chat: what stands on the page, in our own typeface and the light colours."""

import asyncio
from functools import cache

from markupsafe import Markup

from web.charts import Chart
from web.strokes import WIDEST_LABEL, text, wrapped
from web.typefaces import unwrapped_folder

WIDTH, SCALE = 600, 2
"""Drawn at half the size, so that letters are large enough in a chat: the picture is 1200 pixels wide."""
_LETTER, _SMALL, _MARGIN = 18, 0.85, 30
PAPER = "#f6f3ec"
_TONES = {
    "ink": "#1c2420", "soft": "#545d57", "main": "#1f5f4c", "spark": "#b14a14", "calm": "#a39c8c", "edge": "#dcd5c7",
}  # fmt: skip
"""The light ones of docs/design.md."""


async def draw_picture(chart: Chart, of: str, when: str) -> bytes:
    """As `picture`, in a thread: it takes a while."""
    return await asyncio.to_thread(picture, chart, of, when)


def picture(chart: Chart, of: str, when: str) -> bytes:
    """A PNG. `of`: the consultation's title; `when`: as of when, in words."""
    import vl_convert  # loaded where a picture is drawn, alone

    _typeface()
    return bytes(vl_convert.svg_to_png(_svg(chart, of, when), scale=SCALE))


def _svg(chart: Chart, of: str, when: str) -> str:
    title = wrapped(chart.title, WIDEST_LABEL + 8)
    small = [
        *wrapped(chart.caption, 72),
        *(wrapped(chart.note, 72) if chart.note else []),
        *wrapped(f"{of} · {when}", 72),
    ]
    head, y = [], 1.0
    for line in title:
        head.append(Markup('<g class="title" font-size="1.2em">{}</g>').format(text(line, 0, y)))
        y += 1.25
    top = (y * 1.2 - 0.6) * _LETTER
    foot = top + chart.drawing.height * _LETTER
    below = [text(line, 0, 1.2 + number * 1.35, "soft") for number, line in enumerate(small)]
    height = round(foot + (1.2 + len(small) * 1.35) * _SMALL * _LETTER + 2 * _MARGIN)
    style = Markup(" ").join(Markup(".is-{}{{fill:{}}}").format(*tone) for tone in _TONES.items())
    parts = (
        (_MARGIN, _LETTER, Markup("").join(head)),
        (_MARGIN + top, _LETTER, chart.drawing.strokes),
        (_MARGIN + foot, round(_LETTER * _SMALL, 1), Markup("").join(below)),
    )
    inside = Markup('<svg x="{}" width="{}" height="{}" y="{}" font-size="{}">{}</svg>')
    placed = (inside.format(_MARGIN, WIDTH - 2 * _MARGIN, height, *part) for part in parts)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" '
        'font-family="&quot;Source Serif 4&quot;, serif">'
        '<style>{} .title{{font-weight:600}}</style><rect width="100%" height="100%" fill="{}"/>{}</svg>'
    ).format(WIDTH, height, style, PAPER, Markup("").join(placed))


@cache
def _typeface() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(unwrapped_folder()))
