"""Posters: one tagged sheet, whatever a consultation holds."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.consultations import Audience
from core.texts import Localised
from tests.web.publics import HOSTILE, consultation, public_stage
from tests.web.stage import NOW, visiting
from web.consultations import qr_code
from web.parts import Ways
from web.posters import LONGEST_RUN, _breakable, print_poster
from web.wording import shortened

WORDS = {
    "title": "About trams", "framing": "Tell us.", "asked": "", "until": "Open until 19 May 2026, 15:05",
    "how": "Take part", "steps": "Point.\nOr write.", "closing": "Every idea hears back.", "address": "example.org/x",
    "heading": "About trams", "code_says": "A code", "language": "en", "size": "a4",
    "code": qr_code("https://example.org/x").decode(),
}  # fmt: skip


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page ")


def is_tagged(pdf: bytes) -> bool:
    return b"/StructTreeRoot" in pdf and b"/Marked true" in pdf


@pytest.mark.parametrize("size", ["a4", "a3"])
@pytest.mark.parametrize("language", ["en", "cy"])
async def test_a_consultation_has_a_poster_to_print(size: str, language: str) -> None:
    async with visiting(public_stage()) as visitor:
        poster = await visitor.get(f"/consultations/trams/poster.pdf?size={size}&lang={language}")
    assert poster.headers["content-type"] == "application/pdf"
    assert f"trams-{size}-{language}.pdf" in poster.headers["content-disposition"]
    assert poster.content.startswith(b"%PDF")
    assert pages(poster.content) == 1
    assert is_tagged(poster.content)
    assert b"pdfuaid" in poster.content, "it says of itself that everybody can read it"


async def test_it_is_printed_once_and_asked_for_again_only_when_something_changed() -> None:
    stage = public_stage()
    async with visiting(stage) as visitor:
        first = await visitor.get("/consultations/trams/poster.pdf")
        known = {"if-none-match": first.headers["etag"]}
        again = await visitor.get("/consultations/trams/poster.pdf", headers=known)
        odd = await visitor.get("/consultations/trams/poster.pdf?size=a0", headers=known)
        large = await visitor.get("/consultations/trams/poster.pdf?size=A3", headers=known)
        stage.ways = Ways()
        without = await visitor.get("/consultations/trams/poster.pdf", headers=known)
    assert [one.status_code for one in (again, odd, large, without)] == [304, 304, 200, 200]


async def test_many_at_once_all_get_theirs() -> None:
    many = [consultation(f"c{number}") for number in range(6)]
    async with visiting(public_stage(*many)) as visitor:
        got = await asyncio.gather(*(visitor.get(f"/consultations/{one.slug}/poster.pdf") for one in many * 2))
    assert {one.status_code for one in got} == {200}


@pytest.mark.parametrize(
    "words",
    [
        HOSTILE,
        "W" * 150,
        "#image(\"/etc/passwd\") #read(\"poster.typ\") #eval(\"1/0\") \\ $ ` ``` = - + / @x <y> https://x.example [*_~",
        "\u202e\u2067 رأيك يهمنا מה דעתך \u0000\u0007",
        "日本語の題名" * 20,
        "👩‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿" * 30,
        "e\u0301\u0323" * 70,
        "\u200b\u200d\u2060",
        "a\n\n\nb\tc\u2028d",
    ],
    ids=range(9),
)  # fmt: skip
async def test_whatever_a_consultation_holds_it_is_one_tagged_sheet(words: str) -> None:
    bodies = Audience(bodies=("planning", "riverside", "congress", "canals") * 6)
    odd = consultation("w" * 24, title=Localised.of(words), framing=Localised.of(words * 6), keyword="w" * 24,
                       audience=bodies)  # fmt: skip
    stage = public_stage(odd, public_url=f"https://{'w' * 60}.example.org")
    stage.ways = Ways(f"https://t.me/{'W' * 32}?start=", slack=True)
    async with visiting(stage) as visitor:
        poster = await visitor.get(f"/consultations/{'w' * 24}/poster.pdf?size=a4")
    assert poster.status_code == 200
    assert pages(poster.content) == 1
    assert is_tagged(poster.content)


@settings(max_examples=25)
@given(st.text(max_size=150))
def test_no_title_stops_the_press(title: str) -> None:
    printed = print_poster({**WORDS, "title": _breakable(shortened(title, 400)) or "Folkmoot"}, NOW)
    assert pages(printed) == 1


@given(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=200))
def test_a_long_word_may_be_broken_and_loses_nothing(word: str) -> None:
    broken = _breakable(word)
    assert broken.replace("\u200b", "") == word
    assert max(map(len, broken.split("\u200b"))) <= LONGEST_RUN
