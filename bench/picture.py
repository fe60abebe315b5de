"""The picture of how cost grows: a Vega-Lite chart, written as data and drawn as SVG for light and dark pages alike."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.growth import Point
from bench.reports import PAGE, number

FILE = PAGE.parent / "images" / "growth.svg"
SIZE = (330, 190)
COLOURS = {"SQLite": "#0072b2", "PostgreSQL": "#d55e00"}
"""Told apart by whoever sees colours otherwise too, on white and on black; the points' shapes differ besides."""

STYLE = """
<style>
  svg text { fill: #1f2328 } svg { background: #ffffff }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } svg text { fill: #e6edf3 }
    path[stroke="#d0d7de"], line[stroke="#d0d7de"] { stroke: #3d444d }
    [stroke="#0072b2"] { stroke: #56b4e9 } [stroke="#d55e00"] { stroke: #ff9d5c }
    [fill="#0072b2"] { fill: #56b4e9 } [fill="#d55e00"] { fill: #ff9d5c }
  }
</style>
"""


def draw(points: Sequence[Point]) -> str:
    """The SVG, with its words as text."""
    import vl_convert

    svg = str(vl_convert.vegalite_to_svg(chart(points)))
    opening, _, rest = svg.partition(">")
    title = f"<title>How the cost of one grows with how many there are</title><desc>{_told(points)}</desc>"
    named = opening.replace("<svg ", '<svg role="img" ', 1)
    return f"{named}>{title}{STYLE}{rest}\n"


def write(points: Sequence[Point], file: Path = FILE) -> None:
    file.write_text(draw(points), encoding="utf-8")


def chart(points: Sequence[Point]) -> dict[str, Any]:
    """Both ways logarithmic, so that what costs as much however many there are is level."""
    rows = [{"what": p.what, "database": p.database, "among": p.among, "cost": p.cost} for p in points]
    colours = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    axis = {"grid": True, "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"}
    sizes = sorted({point.among for point in points})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "data": {"values": rows},
        "facet": {
            "field": "what", "type": "nominal", "title": None, "sort": list(dict.fromkeys(row["what"] for row in rows)),
            "header": {"labelFontSize": 15, "labelFontWeight": "bold"},
        },
        "columns": 2,
        "spec": {
            "width": SIZE[0],
            "height": SIZE[1],
            "mark": {"type": "line", "point": {"size": 70, "filled": True}, "strokeWidth": 2.5},
            "encoding": {
                "x": {
                    "field": "among", "type": "quantitative", "title": "among so many",
                    "scale": {"type": "log"}, "axis": {**axis, "format": ",", "values": sizes},
                },
                "y": {
                    "field": "cost", "type": "quantitative", "title": "microseconds",
                    "scale": {"type": "log", "nice": True},
                    "axis": {**axis, "format": ",", "tickCount": 4},
                },
                "color": {"field": "database", "type": "nominal", "title": None, "scale": colours},
                "shape": {"field": "database", "type": "nominal", "title": None, "scale": {"domain": list(COLOURS)}},
            },
        },
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
        "config": {
            "font": "Helvetica, Arial, sans-serif",
            "view": {"stroke": "#d0d7de"},
            "axis": {"gridColor": "#d0d7de", "domainColor": "#d0d7de", "tickColor": "#d0d7de"},
            "legend": {"labelFontSize": 14, "orient": "top", "symbolSize": 90},
        },
    }  # fmt: skip


def numbers(points: Sequence[Point]) -> str:
    """The same as a table in Markdown, for whoever doesn’t see it."""
    sizes = sorted({point.among for point in points})
    costs = {(point.what, point.database, point.among): point.cost for point in points}
    lines = ["| µs for | database | " + " | ".join(f"among {size:,}" for size in sizes) + " |"]
    lines.append("| --- | --- " + "| ---: " * len(sizes) + "|")
    for what, database in dict.fromkeys((point.what, point.database) for point in points):
        cells = (number(costs[what, database, size]) if (what, database, size) in costs else "" for size in sizes)
        lines.append(f"| {what} | {database} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _told(points: Sequence[Point]) -> str:
    few, many = min(point.among for point in points), max(point.among for point in points)
    return (
        f"Four charts, one each for planning a member, claiming a delivery, a turn and finding a story: microseconds "
        f"for one, among {few:,} to {many:,}, on SQLite and PostgreSQL. The numbers are in a table beside it."
    )
