"""Atom (RFC 4287): feeds as XML, and XML as an answer that says when it is still the same."""

from datetime import datetime
from hashlib import sha256
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

from core.ledger.seals import instant

MEDIA_TYPE = "application/atom+xml"
BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""When a feed was changed last in which nothing stands yet."""


def begin(here: str, path: str, alternate: str, *, language: str, title: str, updated: datetime) -> ElementTree.Element:
    """A feed at `path`, beside the page at `alternate`, which also is what the feed is known by."""
    feed = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": language})
    put(feed, "id", f"{here}{alternate}")
    put(feed, "title", title)
    put(feed, "updated", instant(updated))
    put(put(feed, "author"), "name", "Folkmoot")
    _link(feed, "self", f"{here}{path}", MEDIA_TYPE)
    _link(feed, "alternate", f"{here}{alternate}", "text/html")
    return feed


def enter(
    feed: ElementTree.Element, *, id: str, title: str, at: datetime, address: str, kind: str, content: str
) -> None:  # fmt: skip
    """`address` leads to something of that media type."""
    entry = put(feed, "entry")
    put(entry, "id", id)
    put(entry, "title", title)
    put(entry, "updated", instant(at))
    put(entry, "published", instant(at))
    _link(entry, "alternate", address, kind)
    put(entry, "content", content).set("type", "text")


def put(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = None if text is None else _sayable(text)
    return child


def answer(request: Request, root: ElementTree.Element, media_type: str = MEDIA_TYPE) -> Response:
    written = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {
        "etag": f'"{sha256(written).hexdigest()[:16]}"',
        "cache-control": "public, max-age=300",
        "vary": "Accept-Language, Cookie",
    }
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(written, media_type=media_type, headers=headers)


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": rel, "href": href, "type": kind})


def _sayable(text: str) -> str:
    """Without what XML has no way to write."""
    return "".join(symbol for symbol in text if symbol in "\t\n" or (symbol >= " " and symbol not in "\ufffe\uffff"))
