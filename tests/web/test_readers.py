"""In which language, direction and time zone somebody reads."""

import gettext
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response

from core.members import Address, Member
from core.texts import TN, Texts
from tests.web.stage import MemoryStore, Stage, Welsh
from web.parts import Parts
from web.readers import Reader, reader_of, stranger

TEXTS = Texts({"cy": Welsh(), "ar": gettext.NullTranslations()})
ADA = Member(1, "Ada", "cy", "Europe/London")


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "query_string": query.encode(), "headers": raw, "path": "/", "method": "GET"})


def knowing(ada: Member) -> Parts:
    return replace(Stage().parts(), texts=TEXTS, store=MemoryStore(members={Address("web", "ada"): ada}))


def cookie_of(parts: Parts, user: str) -> str:
    response = Response()
    parts.visitors.remember(response, user)
    return response.headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("cy", "cy"),
        ("fr-FR, fr;q=0.9, cy;q=0.4, en;q=0.2", "cy"),
        ("en;q=0.2, cy;q=0.9", "cy"),
        ("cy;q=0, en", "en"),
        ("cy;q=high, en;q=;,,;", "en"),
        ("ar-EG", "ar"),
    ],
)
def test_a_browser_says_which_language_it_would_rather_have(accepted: str, language: str) -> None:
    assert stranger(request(accept_language=accepted), TEXTS).language == language


async def test_what_a_member_chose_goes_before_what_the_browser_says() -> None:
    parts = knowing(ADA)
    says = "timezone=Asia/Tokyo"
    ada, bob = (request(accept_language="en", cookie=f"{says}; {cookie_of(parts, who)}") for who in ("ada", "bob"))
    assert await reader_of(ada, parts) == Reader("cy", "Europe/London", is_member=True)
    assert await reader_of(bob, parts) == Reader("en", "Asia/Tokyo")
    assert (await reader_of(request("lang=ar", cookie=cookie_of(parts, "ada")), parts)).language == "ar"


async def test_a_member_without_a_time_zone_reads_in_that_of_the_browser() -> None:
    parts = knowing(replace(ADA, timezone=None))
    ada = cookie_of(parts, "ada")
    assert (await reader_of(request(cookie=f"{ada}; timezone=Asia/Tokyo"), parts)).timezone == "Asia/Tokyo"
    assert (await reader_of(request(cookie=ada), parts)).timezone == "UTC"


def test_arabic_is_read_from_right_to_left() -> None:
    assert (Reader("ar").direction, Reader("cy").direction) == ("rtl", "ltr")


def test_large_numbers_in_a_sentence_are_written_as_in_the_readers_language() -> None:
    count = TN("{count} answer.", "{count} answers.", 1_204)
    assert (Reader("en").say(TEXTS, count), Reader("cy").say(TEXTS, count)) == ("1,204 answers.", "1,204 answers.")


def test_times_are_told_on_the_readers_own_clock() -> None:
    at = datetime(2026, 5, 12, 23, 30, tzinfo=UTC)
    assert Reader("en", "Europe/London").moment(at) == "13 May 2026, 00:30"
    assert Reader("en", "Europe/London").moment_seen_from(at, at + timedelta(hours=1)) == "00:30"
    assert Reader("en").moment_seen_from(at, at + timedelta(hours=1)) == "12 May, 23:30"
