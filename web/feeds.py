"""Feeds: what happened with consultations, for those who follow it; and what search engines may look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.consultations import Consultation
from core.texts import Localised, Phrase, T
from web import atom
from web.noticeboard import Noticeboard
from web.parts import Parts
from web.previews import reached_at
from web.readers import stranger
from web.routes import Routes

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
LATEST = 50

ROBOTS = """\
User-agent: *
Disallow: /desk
Disallow: /chat
Disallow: /ideas
Disallow: /consultations/*/ideas
Disallow: /consultations/*/card

Sitemap: {here}/sitemap.xml
"""


@dataclass(frozen=True, slots=True)
class Announced:
    """`kind`: `opened`, `closed` or `outcome`, which with the consultation makes it one of its kind."""

    consultation: Consultation
    kind: str
    at: datetime
    title: Phrase
    words: Localised


def announced(consultation: Consultation, now: datetime) -> Iterator[Announced]:
    """Those that have happened by now."""
    of, name = consultation, consultation.title
    if of.opens_at and of.opens_at <= now:
        yield Announced(of, "opened", of.opens_at, T("Opened: {title}", title=name), of.framing)
    if of.closes_at and of.closes_at <= now:
        yield Announced(of, "closed", of.closes_at, T("Closed: {title}", title=name), of.framing)
    if (outcome := of.told(now)) and of.outcome_at:
        yield Announced(of, "outcome", of.outcome_at, T("What was decided: {title}", title=name), outcome)


class Feeds:
    def __init__(self, parts: Parts, board: Noticeboard) -> None:
        self._parts, self._board = parts, board

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/feed.xml", self.feed)
        routes.page("/robots.txt", self.robots)
        routes.page("/sitemap.xml", self.sitemap)
        return routes

    async def feed(self, request: Request) -> Response:
        language, here = stranger(request, self._parts.texts).language, reached_at(request, self._parts.public_url)
        is_open, over = await self._board.listed()
        now = self._parts.clock.now()
        found = [one for each in (*is_open, *over) for one in announced(each, now)]
        found.sort(key=lambda one: one.at, reverse=True)
        say, updated = self._parts.texts.say, found[0].at if found else atom.BEGINNING
        title = say(T("Folkmoot: consultations"), language)
        feed = atom.begin(here, f"/feed.xml?lang={language}", "/", language=language, title=title, updated=updated)
        atom.put(feed, "subtitle", say(T("What is asked, what has closed, and what was decided."), language))
        for one in found[:LATEST]:
            address = f"{here}/consultations/{one.consultation.slug}"
            atom.enter(
                feed, id=f"{address}#{one.kind}", title=say(one.title, language), at=one.at, address=address,
                kind="text/html", content=one.words.in_language(language),
            )  # fmt: skip
        return atom.answer(request, feed)

    async def sitemap(self, request: Request) -> Response:
        here = reached_at(request, self._parts.public_url)
        is_open, over = await self._board.listed()
        paths = ["/", "/consultations", "/board", "/seals", "/privacy", "/accessibility"]
        paths += [f"/consultations/{one.slug}" for one in (*is_open, *over)]
        written = ElementTree.Element("urlset", {"xmlns": SITEMAP})
        for path in paths:
            atom.put(atom.put(written, "url"), "loc", f"{here}{path}")
        return atom.answer(request, written, "application/xml")

    async def robots(self, request: Request) -> Response:
        here = reached_at(request, self._parts.public_url)
        return PlainTextResponse(ROBOTS.format(here=here), headers={"cache-control": "public, max-age=3600"})
