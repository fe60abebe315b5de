"""The timeline: the nudges of a consultation as they will fall, by the clocks of those who live in different zones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Anchor, Consultation, NudgeKind
from core.flows.problems import show_problem
from core.nudges import Manners
from core.texts import Phrase, T
from core.timelines import Fall, falls, nights
from web.desk.desk import Desk
from web.desk.progress import NUDGES
from web.desk.tried import Tries
from web.readers import Reader
from web.routes import Routes

WHOM: dict[NudgeKind, Phrase] = {
    NudgeKind.INVITATION: T("all of the audience"),
    NudgeKind.REMINDER: T("who hasn’t answered yet"),
    NudgeKind.CLOSING: T("who hasn’t answered yet"),
    NudgeKind.THANKS: T("who took part"),
    NudgeKind.OUTCOME: T("who took part"),
}
UNDATED: dict[Anchor, Phrase] = {
    Anchor.OPENING: T("when it opens"),
    Anchor.CLOSING: T("when somebody says when it closes"),
    Anchor.OUTCOME: T("when the outcome is told"),
}
MOST_ZONES = 3
USUAL_ZONES = ("America/New_York", "Asia/Kolkata")
"""Where nobody is known to live anywhere else: what it would be for somebody who did."""

AROUND = timedelta(hours=15)
"""What is drawn of the time before and after each thing that happens; long times in between are left out."""
LEFT, RIGHT, TOP, LANE, GAP = 8.0, 992.0, 40.0, 64.0, 22.0
"""In units of the drawing, which is a thousand wide."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that is drawn, and where."""

    since: datetime
    until: datetime
    x: float
    width: float

    def place(self, at: datetime) -> float:
        return round(self.x + self.width * ((at - self.since) / (self.until - self.since)), 1)


@dataclass(frozen=True, slots=True)
class Band:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Dot:
    """`waited`: from where on it is held, where it is."""

    x: float
    number: int
    label: str
    waited: float | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    zone: str
    y: float
    nights: tuple[Band, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    height: float
    windows: tuple[Window, ...]
    lanes: tuple[Lane, ...]
    marks: tuple[tuple[float, Phrase], ...]
    days: tuple[tuple[float, datetime], ...]


class Timeline:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._tries = desk, Tries(desk)

    def routes(self) -> Routes:
        routes = Routes()
        for address in self._tries.addresses("timeline"):
            routes.page(address, self.show)
        return routes

    async def show(self, request: Request, slug: str = "", draft: int = 0) -> Response:
        here = await self._desk.organiser(request)
        tried = await self._tries.find(here, slug, draft)
        own, asked = self._desk.own, tried.consultation
        values: dict[str, Any] = {"tried": tried, "falls": (), "drawn": None, "zones": (), "nudges": NUDGES}
        values["show_problem"] = show_problem
        values |= {"manners": own.manners, "is_undated": False, "whom": WHOM, "undated": UNDATED, "steps": ()}
        values |= {"by_clock": partial(_by_clock, here.reader), "short_day": partial(_short_day, here.reader)}
        if asked is not None:
            reach = await own.counting.count(asked, self._desk.parts.clock.now(), own.manners)
            zones = zones_shown(asked.timezone, reach.zones)
            found = falls(asked, zones, own.manners)
            values |= {"falls": found, "zones": zones, "drawn": draw(asked, found, zones, own.manners)}
            values["is_undated"] = asked.opens_at is None
            values["steps"] = [(step, [f for f in found if f.step == step]) for step in asked.nudges]
        if "hx-request" in request.headers or "pane" in request.query_params:
            return self._desk.fragment("desk/timeline_inside.html", here, **values)
        return self._desk.show(request, "desk/timeline.html", here, part="consultations", **values)


def zones_shown(own: str, lived_in: Iterable[str]) -> tuple[str, ...]:
    """The consultation's, and others: those where most of whom it reaches live."""
    return tuple(dict.fromkeys((own, *lived_in, *USUAL_ZONES)))[:MOST_ZONES]


def _by_clock(reader: Reader, at: datetime, zone: str) -> str:
    return replace(reader, zone=zone).moment(at)


def _short_day(reader: Reader, noon: datetime) -> str:
    return str(format_date(noon.date(), "EEE d MMM", locale=reader.locale.replace("-", "_")))


# --- the drawing
def draw(consultation: Consultation, found: Sequence[Fall], zones: Sequence[str], manners: Manners) -> Drawn | None:
    """None while nothing has a time."""
    dated = [at for fall in found for at in (fall.due, fall.at) if at is not None]
    limits = [(T("opens"), consultation.opens_at), (T("closes"), consultation.closes_at)]
    moments = [*dated, *(at for _, at in limits if at is not None)]
    if not moments:
        return None
    windows = _windows(moments)
    numbers = {step.key: number for number, step in enumerate(consultation.nudges, 1)}
    lanes = []
    for number, zone in enumerate(zones):
        bands = [
            Band(window.place(since), round(window.place(until) - window.place(since), 1))
            for window in windows
            for since, until in nights(zone, window.since, window.until, manners)
        ]
        theirs = [fall for fall in found if fall.timezone == zone and fall.at is not None]
        dots = tuple(_dot(fall, numbers[fall.step.key], windows) for fall in theirs)
        lanes.append(Lane(zone, TOP + number * LANE, tuple(bands), dots))
    marks = [(_place(at, windows), label) for label, at in limits if at is not None]
    return Drawn(
        TOP + len(zones) * LANE + 8, windows, tuple(lanes), tuple(marks), _days(windows, consultation.timezone)
    )


def _windows(moments: Sequence[datetime]) -> tuple[Window, ...]:
    """Around what happens, at one scale."""
    spans: list[tuple[datetime, datetime]] = []
    for at in sorted(moments):
        if spans and at - AROUND <= spans[-1][1]:
            spans[-1] = spans[-1][0], at + AROUND
        else:
            spans.append((at - AROUND, at + AROUND))
    whole = sum((until - since for since, until in spans), timedelta())
    gap = min(GAP, (RIGHT - LEFT) / 3 / len(spans))
    scale = (RIGHT - LEFT - gap * (len(spans) - 1)) / whole.total_seconds()
    x, windows = LEFT, []
    for since, until in spans:
        width = round((until - since).total_seconds() * scale, 1)
        windows.append(Window(since, until, round(x, 1), width))
        x += width + gap
    return tuple(windows)


def _place(at: datetime, windows: Sequence[Window]) -> float:
    return next(window.place(at) for window in windows if window.since <= at <= window.until)


def _dot(fall: Fall, number: int, windows: Sequence[Window]) -> Dot:
    assert fall.at is not None  # noqa: S101  (who draws it has looked)
    waited = _place(fall.due, windows) if fall.is_held and fall.due is not None else None
    return Dot(_place(fall.at, windows), number, fall.step.kind.value, waited)


def _days(windows: Sequence[Window], timezone: str) -> tuple[tuple[float, datetime], ...]:
    """Noon of each day that is drawn, by the consultation's clock, where a day has room for its name."""
    zone, found = ZoneInfo(timezone), []
    for window in windows:
        day = window.since.astimezone(zone).date()
        while day <= window.until.astimezone(zone).date():
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
            if window.since <= noon <= window.until:
                found.append((window.place(noon), noon))
            day += timedelta(days=1)
    apart: list[tuple[float, datetime]] = []
    for x, noon in found:
        if LEFT + 32 <= x <= RIGHT - 32 and (not apart or x - apart[-1][0] >= 84):
            apart.append((x, noon))
    return tuple(apart)
