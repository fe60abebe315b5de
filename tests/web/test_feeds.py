"""The feed of consultations, and what search engines are told."""

from xml.etree import ElementTree

from core.texts import Localised
from tests.web.publics import DAY, DECIDED, HOSTILE, OPEN, consultation, public_stage
from tests.web.stage import visiting

ATOM = "{http://www.w3.org/2005/Atom}"
HERE = "https://chat.example.org"


def read(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314  our own


async def test_the_feed_tells_what_opened_closed_and_was_decided_the_latest_first() -> None:
    async with visiting(public_stage(OPEN, DECIDED)) as visitor:
        answer = await visitor.get("/feed.xml")
    feed = read(answer.content)
    assert answer.headers["content-type"] == "application/atom+xml"
    entries = feed.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [
        f"{HERE}/consultations/homes#outcome",
        f"{HERE}/consultations/homes#closed",
        f"{HERE}/consultations/trams#opened",
        f"{HERE}/consultations/homes#opened",
    ]
    assert entries[0].findtext(f"{ATOM}title") == "What was decided: About homes"
    assert "We will build two hundred." in (entries[0].findtext(f"{ATOM}content") or "")
    assert feed.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")
    for one in (feed, *entries):
        assert one.findtext(f"{ATOM}id")
        assert one.findtext(f"{ATOM}title")
        assert (one.findtext(f"{ATOM}updated") or "").endswith("Z")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{HERE}/feed.xml?lang=en", "alternate": f"{HERE}/"}


async def test_what_has_not_happened_is_in_no_feed() -> None:
    async with visiting(public_stage()) as visitor:
        told = (await visitor.get("/feed.xml")).text
    assert not [slug for slug in ("draft", "missed", "later", "archived") if slug in told]


async def test_an_empty_feed_is_one_too() -> None:
    stage = public_stage(OPEN)
    stage.store.loaded = ()
    async with visiting(stage) as visitor:
        first = await visitor.get("/feed.xml")
        stage.clock.at += DAY
        again = await visitor.get("/feed.xml", headers={"if-none-match": first.headers["etag"]})
    assert read(first.content).findtext(f"{ATOM}updated")
    assert again.status_code == 304


async def test_a_reader_that_has_it_gets_it_again_only_when_it_changed() -> None:
    stage = public_stage(OPEN)
    async with visiting(stage) as visitor:
        first = await visitor.get("/feed.xml")
        known = {"if-none-match": first.headers["etag"]}
        again = await visitor.get("/feed.xml", headers=known)
        stage.clock.at += 8 * DAY
        closed = await visitor.get("/feed.xml", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert closed.status_code == 200
    assert "#closed" in closed.text


async def test_whatever_was_written_the_feed_can_be_read() -> None:
    odd = consultation("odd", title=Localised.of(HOSTILE), framing=Localised.of("\x00\x0b\ufffe ]]> <b>&amp;"))
    async with visiting(public_stage(odd)) as visitor:
        feed = read((await visitor.get("/feed.xml")).content)
    assert feed.findtext(f"{ATOM}entry/{ATOM}content") == " ]]> <b>&amp;"


async def test_pages_lead_to_the_feed() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/")).text
    assert '<link rel="alternate" type="application/atom+xml" href="/feed.xml"' in page


async def test_search_engines_are_kept_from_what_is_nobodys_to_find() -> None:
    async with visiting(public_stage()) as visitor:
        robots = (await visitor.get("/robots.txt")).text
        sitemap = read((await visitor.get("/sitemap.xml")).content)
    for path in ("/desk", "/chat", "/ideas"):
        assert f"Disallow: {path}\n" in robots
    assert f"Sitemap: {HERE}/sitemap.xml" in robots
    found = {one.text for one in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert {f"{HERE}/", f"{HERE}/consultations/trams", f"{HERE}/board"} <= found
    assert not [one for one in found if one and ("draft" in one or "/ideas" in one or "archived" in one)]
