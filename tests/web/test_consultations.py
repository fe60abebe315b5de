"""Consultations for everybody: which are listed, what stands on their pages, and what doesn't."""

from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from core.consultations import Audience
from core.texts import Localised
from tests.web.examples import HIDDEN, LONG, SECRET
from tests.web.publics import (
    ARCHIVED,
    DAY,
    DECIDED,
    DRAFT,
    HOSTILE,
    LATER,
    NEVER,
    NEVER_OPENED,
    OPEN,
    OURS,
    OVER,
    consultation,
    public_stage,
)
from tests.web.stage import CODE, NOW, visiting
from web.parts import Ways


@pytest.mark.parametrize("path", ["/", "/consultations"])
async def test_what_is_open_and_what_is_over_is_listed_and_nothing_else(path: str) -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get(path)).text
    shown = [one for one in (OPEN, OURS, DECIDED, OVER, NEVER) if f'href="/consultations/{one.slug}"' in page]
    assert shown == [OPEN, OURS, DECIDED, OVER, NEVER]
    for hidden in (DRAFT, NEVER_OPENED, LATER, ARCHIVED):
        assert hidden.slug not in page
    assert page.index("About trams") < page.index("About dues") < page.index("About parks")
    assert "Asked of members of Riverside branch" in page
    assert "We will build two hundred." in page, "what was decided, in a line"


async def test_the_first_page_keeps_how_it_works_and_the_box_for_a_receipt() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/")).text
    assert "How it works" in page
    assert 'name="code"' in page
    assert 'href="/privacy"' in page
    assert 'href="/desk"' in page


async def test_where_there_is_nothing_yet_the_pages_say_so() -> None:
    async with visiting(public_stage(DRAFT)) as visitor:
        home, every = (await visitor.get("/")).text, (await visitor.get("/consultations")).text
    assert "No consultation is open just now." in home
    assert "What came of earlier ones" not in home
    assert "None is over yet." in every


async def test_those_that_are_over_are_listed_in_pages() -> None:
    many = [consultation(f"old-{n:02}", closes_at=NOW - (n + 1) * DAY, opens_at=NOW - 99 * DAY) for n in range(45)]
    async with visiting(public_stage(*many)) as visitor:
        pages = [(await visitor.get(f"/consultations?page={n}")).text for n in (1, 2, 3)]
        odd = [
            await visitor.get(f"/consultations?page={n}") for n in ("0", "x", "9" * 40, "4", "²", "00000" + "1" * 5_000)
        ]
    found = [[one.slug for one in many if f"/consultations/{one.slug}" in page] for page in pages]
    assert found == [[one.slug for one in many[a:b]] for a, b in ((0, 20), (20, 40), (40, 45))]
    assert 'rel="next"' not in pages[2]
    assert [one.status_code for one in odd] == [200] * 6


@pytest.mark.parametrize("hidden", [DRAFT, NEVER_OPENED, LATER])
@pytest.mark.parametrize(
    "what",
    ["", "/results", "/results.json", "/results.csv", "/ideas", "/card", "/qr.svg", "/poster.pdf", "/preview.png"],
)
async def test_of_one_that_has_not_opened_there_is_nothing(hidden: object, what: str) -> None:
    slug = getattr(hidden, "slug", "")
    async with visiting(public_stage()) as visitor:
        answer = await visitor.get(f"/consultations/{slug}{what}")
        nothing = await visitor.get(f"/consultations/nosuchthing{what}")
    assert answer.status_code == nothing.status_code == 404
    assert answer.text == nothing.text


async def test_an_archived_one_keeps_its_address() -> None:
    async with visiting(public_stage()) as visitor:
        assert (await visitor.get("/consultations/archived")).status_code == 200


async def test_an_open_one_says_who_is_asked_until_when_and_how_to_take_part() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/consultations/trams")).text
    for said in (
        "Tell us of trams.",
        'href="/chat?start=c_trams"',
        'href="https://t.me/folkmoot_bot?start=c_trams"',
        "In Slack: write “trams” to Folkmoot",
        '<img src="/consultations/trams/qr.svg"',
        "/consultations/trams/poster.pdf?size=a3&amp;lang=en",
        "Open until 19 May 2026, 15:05",
        "Commission for Urban Planning and Transport answers every idea within 60 days.",
        "How do you get about?",
        "Walk",
        "Anybody may see the results while it is open, and after it.",
        "<dd>1,204</dd>",
    ):
        assert said in page


async def test_only_the_channels_that_are_connected_are_offered() -> None:
    stage = public_stage()
    stage.ways = Ways()
    async with visiting(stage) as visitor:
        page = (await visitor.get("/consultations/trams")).text
    assert "Telegram" not in page
    assert "Slack" not in page
    assert 'href="/chat?start=c_trams"' in page


async def test_one_for_certain_bodies_says_whose_it_is() -> None:
    narrowed = consultation(
        "hall", audience=Audience(("riverside", "planning"), languages=("en", "cy"), active_days=30, verified=True)
    )
    async with visiting(public_stage(narrowed)) as visitor:
        page = (await visitor.get("/consultations/hall")).text
    assert (
        "Asked of members of Riverside branch and Commission for Urban Planning and Transport, "
        "who read English and Cymraeg, who wrote to us in the last 30 days, who are on the membership roll" in page
    )


async def test_after_closing_it_thanks_and_tells_what_was_decided() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/consultations/homes")).text
    for said in (
        "Thank you: 1,204 members have answered.",
        "We will build two hundred.",
        f'href="/ideas/{LONG}"',
        "Outcome published",
        'href="/consultations/homes/results"',
        "What was asked",
    ):
        assert said in page
    assert "Take part" not in page
    assert "qr.svg" not in page


async def test_an_outcome_that_is_still_to_come_is_not_told() -> None:
    waiting = consultation("homes", closes_at=NOW - DAY, outcome=Localised.of("Not yet!"), outcome_at=NOW + DAY)
    async with visiting(public_stage(waiting)) as visitor:
        told = [(await visitor.get(path)).text for path in ("/", "/consultations/homes", "/feed.xml")]
    assert not [page for page in told if "Not yet!" in page]


async def test_its_ideas_are_shown_with_the_results_and_lead_to_their_stories() -> None:
    async with visiting(public_stage()) as visitor:
        shown = await visitor.get("/consultations/trams/ideas")
        before = await visitor.get("/consultations/branch-hall/ideas")
        page = (await visitor.get("/consultations/branch-hall")).text
    assert f'href="/ideas/{CODE}"' in shown.text
    assert "Benches at every tram stop" in shown.text
    assert shown.headers["x-robots-tag"] == "noindex"
    assert CODE not in before.text
    assert "They are shown together with the results." in before.text
    assert CODE not in page


async def test_ideas_are_listed_only_where_whoever_was_asked_was_told_so() -> None:
    private = consultation("quiet", lists_ideas=False, closes_at=NOW - DAY)
    async with visiting(public_stage(private)) as visitor:
        told = (await visitor.get("/consultations/quiet/ideas")).text
        page = (await visitor.get("/consultations/quiet")).text
    assert "Its ideas aren’t listed." in told
    assert CODE not in told + page


async def test_words_that_may_not_be_read_stand_on_no_list() -> None:
    async with visiting(public_stage()) as visitor:
        told = [(await visitor.get(f"/consultations/{path}")).text for path in ("trams/ideas", "trams", "homes")]
    assert not [page for page in told if SECRET in page or HIDDEN in page]


async def test_what_an_organiser_wrote_is_words_and_nothing_else() -> None:
    hostile = consultation("odd", title=Localised.of(HOSTILE), framing=Localised.of(HOSTILE), outcome_at=NOW - DAY,
                           outcome=Localised.of(HOSTILE), closes_at=NOW - DAY)  # fmt: skip
    async with visiting(public_stage(hostile)) as visitor:
        pages = [
            (await visitor.get(path)).text
            for path in ("/", "/consultations", "/consultations/odd", "/consultations/odd/results",
                         "/consultations/odd/card", "/consultations/odd/ideas")
        ]  # fmt: skip
        pictures = [await visitor.get(f"/consultations/odd/{name}") for name in ("preview.png", "poster.pdf", "qr.svg")]
        feed = await visitor.get("/feed.xml")
    assert not [page for page in pages if "<script" in page]
    assert [one.status_code for one in pictures] == [200] * 3
    assert ElementTree.fromstring(feed.content).tag.endswith("feed")  # noqa: S314  our own


async def test_the_code_to_scan_is_a_picture_that_any_page_may_show() -> None:
    async with visiting(public_stage()) as visitor:
        drawn = await visitor.get("/consultations/trams/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(drawn.content).tag.endswith("svg")  # noqa: S314  our own


async def test_in_welsh_it_is_in_welsh_as_far_as_it_was_written() -> None:
    async with visiting(public_stage()) as visitor:
        page = (await visitor.get("/consultations/trams?lang=cy")).text
    assert '<html lang="cy"' in page
    assert "Am trams" in page
    assert "Sut ydych chi’n teithio?" in page


async def test_each_page_tells_what_goes_with_its_link() -> None:
    paths = ["/", "/consultations", "/consultations/trams", "/consultations/trams/results", "/board", "/privacy"]
    async with visiting(public_stage()) as visitor:
        for path in paths:
            page = (await visitor.get(path)).text
            address = page.split('property="og:image" content="')[1].split('"')[0].replace("&amp;", "&")
            picture = await visitor.get(address.removeprefix("https://chat.example.org"))
            assert picture.headers["etag"].strip('"') in address, path
            assert Image.open(BytesIO(picture.content)).size == (1200, 630)
            again = await visitor.get(address.removeprefix("https://chat.example.org"),
                                      headers={"if-none-match": picture.headers["etag"]})  # fmt: skip
            assert again.status_code == 304


async def test_numbers_stand_on_the_picture_only_where_they_may_be_seen() -> None:
    stage = public_stage(OURS)
    async with visiting(stage) as visitor:
        before = (await visitor.get("/consultations/branch-hall/preview.png")).headers["etag"]
        stage.answered = None
        without = (await visitor.get("/consultations/branch-hall/preview.png")).headers["etag"]
    assert before == without


@pytest.mark.parametrize("path", ["/privacy", "/accessibility"])
async def test_the_statements_are_short_pages_of_their_own(path: str) -> None:
    async with visiting(public_stage()) as visitor:
        page = await visitor.get(path)
    assert page.status_code == 200
    assert "<h1>" in page.text
    assert "set-cookie" not in page.headers
