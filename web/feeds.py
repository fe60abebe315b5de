"""Feeds: what happened with consultations, for those who follow it; and what search engines may look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from xml.etree import ElementTree

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.consultations import Consultation
from core.ledger.seals import instant
from core.texts import Localised, Phrase, T
from web.noticeboard import Noticeboard
from web.parts import Parts
from web.placards import outcome_of
from web.previews import reached_at
from web.readers import stranger

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
LATEST = 50
BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""When a feed was changed last in which nothing stands yet."""

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
class Happening:
    """`kind`: `opened`, `closed` or `outcome`, which with the consultation makes it one of its kind."""

    consultation: Consultation
    kind: str
    at: datetime
    title: Phrase
    words: Localised


def happenings(consultation: Consultation, now: datetime) -> Iterator[Happening]:
    """Those that have happened by now."""
    of, name = consultation, consultation.title
    if of.opens_at and of.opens_at <= now:
        yield Happening(of, "opened", of.opens_at, T("Opened: {title}", title=name), of.framing)
    if of.closes_at and of.closes_at <= now:
        yield Happening(of, "closed", of.closes_at, T("Closed: {title}", title=name), of.framing)
    if (outcome := outcome_of(of, now)) and of.outcome_at:
        yield Happening(of, "outcome", of.outcome_at, T("What was decided: {title}", title=name), outcome)


class Feeds:
    def __init__(self, parts: Parts, board: Noticeboard) -> None:
        self._parts, self._board = parts, board

    def routes(self) -> APIRouter:
        router = APIRouter()
        both = ["GET", "HEAD"]
        router.add_api_route("/feed.xml", self.feed, methods=both)
        router.add_api_route("/robots.txt", self.robots, methods=both)
        router.add_api_route("/sitemap.xml", self.sitemap, methods=both)
        return router

    async def feed(self, request: Request) -> Response:
        language, here = stranger(request, self._parts.texts).language, reached_at(request, self._parts.public_url)
        is_open, over = await self._board.listed()
        now = self._parts.clock.now()
        found = [one for each in (*is_open, *over) for one in happenings(each, now)]
        found.sort(key=lambda one: one.at, reverse=True)
        say = self._parts.texts.say
        feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language})
        _put(feed, "id", f"{here}/")
        _put(feed, "title", say(T("Folkmoot: consultations"), language))
        _put(feed, "subtitle", say(T("What is asked, what has closed, and what was decided."), language))
        _put(feed, "updated", instant(found[0].at if found else BEGINNING))
        _put(_put(feed, "author"), "name", "Folkmoot")
        _link(feed, "self", f"{here}/feed.xml?lang={language}", "application/atom+xml")
        _link(feed, "alternate", f"{here}/", "text/html")
        for one in found[:LATEST]:
            address = f"{here}/consultations/{one.consultation.slug}"
            entry = _put(feed, "entry")
            _put(entry, "id", f"{address}#{one.kind}")
            _put(entry, "title", _sayable(say(one.title, language)))
            _put(entry, "updated", instant(one.at))
            _put(entry, "published", instant(one.at))
            _link(entry, "alternate", address, "text/html")
            _put(entry, "content", _sayable(one.words.in_language(language))).set("type", "text")
        return _told(request, feed, "application/atom+xml")

    async def sitemap(self, request: Request) -> Response:
        here = reached_at(request, self._parts.public_url)
        is_open, over = await self._board.listed()
        paths = ["/", "/consultations", "/board", "/seals", "/privacy", "/accessibility"]
        paths += [f"/consultations/{one.slug}" for one in (*is_open, *over)]
        written = ElementTree.Element("urlset", {"xmlns": SITEMAP})
        for path in paths:
            _put(_put(written, "url"), "loc", f"{here}{path}")
        return _told(request, written, "application/xml")

    async def robots(self, request: Request) -> Response:
        here = reached_at(request, self._parts.public_url)
        return PlainTextResponse(ROBOTS.format(here=here), headers={"cache-control": "public, max-age=3600"})


def _told(request: Request, root: ElementTree.Element, media_type: str) -> Response:
    written = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {
        "etag": f'"{sha256(written).hexdigest()[:16]}"',
        "cache-control": "public, max-age=300",
        "vary": "Accept-Language, Cookie",
    }
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(written, media_type=media_type, headers=headers)


def _put(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = text
    return child


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": rel, "href": href, "type": kind})


def _sayable(text: str) -> str:
    """Without what XML has no way to write."""
    return "".join(symbol for symbol in text if symbol in "\t\n" or (symbol >= " " and symbol not in "\ufffe\uffff"))
