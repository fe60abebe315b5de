"""The picture that goes with a link to a story."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from core.stories import Entry, EntryKind
from tests.web.examples import ERASED, HIDDEN, LATE, LONG, SECRET, STORIES, rich_stage
from tests.web.stage import CODE, NOW, Stage, visiting
from web.drawing import draw, sayable
from web.pictures import SIZE, Picture


def opened(png: bytes) -> Image.Image:
    image = Image.open(BytesIO(png))
    image.load()
    return image


def is_same(one: bytes, other: bytes) -> bool:
    return ImageChops.difference(opened(one), opened(other)).getbbox() is None


async def test_a_story_has_a_picture_of_the_size_that_apps_expect() -> None:
    async with visiting(Stage()) as visitor:
        shown = await visitor.get(f"/ideas/{CODE}/preview.png")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-robots-tag"] == "noindex"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    assert (opened(shown.content).format, opened(shown.content).size) == ("PNG", SIZE)


async def test_a_picture_is_asked_for_again_and_sent_only_when_it_changed() -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        first = await visitor.get(f"/ideas/{CODE}/preview.png")
        known = {"if-none-match": first.headers["etag"]}
        again = await visitor.get(f"/ideas/{CODE}/preview.png", headers=known)
        idea = stage.store.stories[CODE]
        stage.store.stories[CODE] = idea.with_entry(Entry(EntryKind.WITHDRAWN, NOW))
        later = await visitor.get(f"/ideas/{CODE}/preview.png", headers=known)
    assert "no-cache" in first.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")
    assert later.status_code == 200
    assert not is_same(first.content, later.content)


@pytest.mark.parametrize("code", [HIDDEN, ERASED])
async def test_words_that_may_not_be_read_change_nothing_on_the_picture(code: str) -> None:
    stage = rich_stage()
    async with visiting(stage) as visitor:
        with_words = await visitor.get(f"/ideas/{code}/preview.png")
        idea = STORIES[code]
        other = tuple(replace(one, text="Other words" if one.text else None) for one in idea.story)
        stage.store.stories[code] = replace(idea, story=other)
        with_others = await visitor.get(f"/ideas/{code}/preview.png")
    assert with_words.headers["etag"] == with_others.headers["etag"]
    assert is_same(with_words.content, with_others.content)


async def test_what_apps_are_told_leads_to_the_picture() -> None:
    stage = rich_stage("https://chat.example.org")
    async with visiting(stage) as visitor:
        page = (await visitor.get(f"/ideas/{LATE}")).text
        for said in (
            '<meta property="og:title" content="“Night buses to the ring road. 🚌”">',
            '<meta property="og:description" content="Waits with Riverside branch, which was to answer by 19 April 2026'
            ' and is 23 days late.">',
            f'<meta property="og:url" content="https://chat.example.org/ideas/{LATE}">',
            '<meta name="twitter:card" content="summary_large_image">',
            '<meta property="og:image:width" content="1200">',
            f"Receipt code {LATE}.",
        ):
            assert said in page
        address = page.split('property="og:image" content="')[1].split('"')[0].replace("&amp;", "&")
        picture = await visitor.get(address.removeprefix("https://chat.example.org"))
    assert picture.headers["etag"].strip('"') in address
    assert SECRET not in page


async def test_without_a_public_address_the_one_that_was_asked_is_told() -> None:
    async with visiting(rich_stage()) as visitor:
        page = (await visitor.get(f"/ideas/{LONG}")).text
        assert f'<meta property="og:url" content="{str(visitor.base_url).rstrip("/")}/ideas/{LONG}">' in page


@pytest.mark.parametrize("code", ["0000-0000", "K7M4-QX2P"])
async def test_there_is_no_picture_of_an_idea_that_we_do_not_know(code: str) -> None:
    async with visiting(Stage()) as visitor:
        assert (await visitor.get(f"/ideas/{code}/preview.png")).status_code == 404


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        ("Mae’n hen bryd, yn Nhŷ-ddewi a’r Ŵyl", "Mae’n hen bryd, yn Nhŷ-ddewi a’r Ŵyl"),
        ("Łódź, Škoda, Đà Nẵng, Жуковский, Ωμέγα", "Łódź, Škoda, Đà Nẵng, Жуковский, Ωμέγα"),
        ("A bench 🪑 for 👩🏽‍🌾, ❤️!", "A bench for , !"),
        ("cafe\u0301\n\n\ttables", "café tables"),
        ("ring ███ now", "ring ■■■ now"),
        ("שלום", ""),
        ("the word שלום in a sentence", ""),
        ("公園", ""),
        ("🪑", ""),
        ("", ""),
    ],
)
def test_what_our_letters_cannot_say_is_left_out_rather_than_shown_as_boxes(words: str, drawn: str) -> None:
    assert sayable(words) == drawn


@pytest.mark.parametrize("words", ["W" * 4000, "a bench " * 500, "i", "\n" * 50, "ffi " * 90])
def test_words_of_any_length_stay_in_their_place(words: str) -> None:
    """Beside and below the words nothing of them is to be seen."""
    image = opened(draw(Picture(CODE, words, "The story of an idea", "")))
    empty = opened(draw(Picture(CODE, "x", "The story of an idea", "")))
    width, height = SIZE
    for box in ((width - 70, 150, width, height), (0, 490, width, height), (0, 0, width, 140)):
        one, other = image.crop(box), empty.crop(box)
        if words.strip():
            assert ImageChops.difference(one, other).getbbox() is None


@settings(max_examples=25)
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_every_text_can_be_drawn(words: str, title: str, where: str) -> None:
    assert opened(draw(Picture(CODE, words, title, where))).size == SIZE


def test_a_picture_without_words_shows_its_title_and_where_it_is() -> None:
    bare = draw(Picture(CODE, "", "", ""))
    assert not is_same(bare, draw(Picture(CODE, "", "The story of an idea", "")))
    assert not is_same(bare, draw(Picture(CODE, "", "", "Adopted by Congress.")))
    late, in_time = (draw(Picture(CODE, "", "", "Waits.", is_late)) for is_late in (True, False))
    assert not is_same(late, in_time)
