"""The web chat over real HTTP, as a browser without any script uses it, and as our script does."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.inbound import Commanded, Pressed, Said
from core.members import Member
from core.outbound import File, Key, Message, Picture
from core.places import Place
from tests.web.stage import CODE, NOW, Stage, serving, visiting
from web.app import create_app
from web.chat import LINES


def fields(page: str) -> dict[str, str]:
    """The key of the page's own form."""
    composer = page[page.index('id="composer"') :]
    return {"key": re.findall(r'name="key" value="([^"]+)"', composer)[0]}


async def test_a_newcomer_is_greeted_without_typing_and_only_once() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        page = await visitor.get("/chat")
        assert "Welcome to Folkmoot" in page.text
        await visitor.get("/chat")
    assert [inbound.deed for inbound in stage.taken] == [Commanded("start", "")]


async def test_who_keeps_no_cookies_starts_no_conversation() -> None:
    stage = Stage()
    async with visiting(stage) as visitor:
        first = await visitor.get("/chat")
        visitor.cookies.clear()
        assert "cookie" in (await visitor.get(first.headers["location"])).text
        assert (await visitor.get("/chat?welcome=1")).status_code == 403
    assert stage.taken == []


async def test_a_page_fetched_ahead_of_time_starts_no_conversation() -> None:
    stage = Stage()
    async with visiting(stage, headers={"sec-purpose": "prefetch"}) as visitor:
        assert (await visitor.get("/chat")).status_code == 503
    assert stage.taken == []


async def test_a_link_with_a_payload_leads_to_its_consultation() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        page = await visitor.get("/chat?start=c_good-city")
        assert page.url.path == "/chat"
        assert "start" not in parse_qs(urlsplit(str(page.url)).query)
        assert "What makes a good city?" in page.text
    assert [inbound.deed for inbound in stage.taken] == [Commanded("start", "c_good-city")]


async def test_a_posted_form_is_answered_on_the_next_page() -> None:
    stage = Stage()
    stage.delay = 0.15
    async with visiting(stage, follow_redirects=True) as visitor:
        page = await visitor.get("/chat")
        page = await visitor.post("/chat", data={"text": "Benches at every tram stop", **fields(page.text)})
        assert page.url.path == "/chat"
        assert [response.status_code for response in page.history] == [303]
        assert page.text.index("Benches at every tram stop") < page.text.index("Thank you.")
        assert f'href="/ideas/{CODE}"' in page.text


async def test_one_form_posted_twice_is_said_once() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        form = {"text": "Hello there", **fields((await visitor.get("/chat")).text)}
        pages = await asyncio.gather(*(visitor.post("/chat", data=form) for _ in range(4)))
        assert pages[0].text.count("Hello there") == 1
    assert sum(isinstance(inbound.deed, Said) for inbound in stage.taken) == 1


async def test_a_button_works_as_a_plain_form_and_changes_its_line() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        page = await visitor.get("/chat")
        page = await visitor.post("/chat", data={"action": "begin:good-city", "message": "1", **fields(page.text)})
        assert "How well do the trams work" in page.text
        assert "Welcome to Folkmoot" not in page.text
        assert page.text.count('<li class="line') == 1
    assert stage.taken[-1].deed == Pressed("begin:good-city", "1")


async def test_a_page_does_not_wait_for_ever_for_an_answer() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True, timeout=20) as visitor:
        page = await visitor.get("/chat")
        stage.holds = True
        page = await visitor.post("/chat", data={"text": "Hello", **fields(page.text)})
        assert "An answer is on its way." in page.text
        stage.holds = False
        await stage.has_said_everything()
        assert "An answer is on its way." not in (await visitor.get("/chat")).text


async def test_the_script_gets_only_the_lines_that_are_new_to_it() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        answer = await visitor.post(
            "/chat", data={"text": "Hello", "key": "a-key-of-its-own", "since": "1"}, headers={"accept": LINES}
        )
        assert answer.status_code == 200
        assert "Welcome" not in answer.text
        assert "Hello" in answer.text
        since = await visitor.get("/chat/lines?since=2")
        assert "Hello" not in since.text
        assert "<html" not in since.text


async def test_what_members_write_is_never_markup() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        page = await visitor.get("/chat")
        page = await visitor.post("/chat", data={"text": "<script>alert(1)</script>", **fields(page.text)})
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text


async def test_a_link_of_ours_is_a_link_and_a_trap_is_not() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        user = next(iter(stage.transcript.chats))
        words = f"See https://example.org/ideas/{CODE} or <b>{CODE}</b>, not K7M4-QX2Z, javascript:alert(1)"
        await stage.transcript.append(user, True, Message(words), NOW)
        page = (await visitor.get("/chat")).text
        assert f'href="https://example.org/ideas/{CODE}"' in page
        assert f'&lt;b&gt;<a class="code" href="/ideas/{CODE}">' in page
        assert 'href="/ideas/K7M4-QX2Z"' not in page
        assert 'href="javascript' not in page


async def test_two_visitors_never_see_each_other() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as ada, httpx.AsyncClient(base_url=ada.base_url) as bob:
        bob.headers["accept"], bob.follow_redirects = "text/html", True
        page = await ada.get("/chat")
        await ada.post("/chat", data={"text": "Only mine", **fields(page.text)})
        assert "Only mine" not in (await bob.get("/chat")).text
    assert len(stage.transcript.chats) == 2


async def test_a_forged_cookie_is_a_stranger() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        visitor.cookies.set("folkmoot", "ImFkYSI.aaaa.bbbb", domain="127.0.0.1", path="/")
        visitor.follow_redirects = False
        assert (await visitor.get("/chat")).headers["location"] == "/chat?welcome=1"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    for public_url, named in (("http://127.0.0.1", "folkmoot="), ("https://chat.example.org", "__Host-folkmoot=")):
        async with visiting(Stage(public_url=public_url)) as visitor:
            cookie = (await visitor.get("/chat")).headers["set-cookie"]
            assert cookie.startswith(named)
            assert {"HttpOnly", "SameSite=lax", "Max-Age=34560000", "Path=/"} <= set(cookie.split("; "))
            assert ("Secure" in cookie) == public_url.startswith("https")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "https://chat.example.org"}, 303),
        ({}, 303),
    ],
)
async def test_a_form_posted_from_another_site_is_refused(headers: dict[str, str], status: int) -> None:
    stage = Stage(public_url="https://chat.example.org")
    async with serving(create_app(stage.parts()), bell=stage.bell) as url, httpx.AsyncClient(base_url=url) as visitor:
        cookie = (await visitor.get("/chat")).headers["set-cookie"].partition(";")[0]
        answer = await visitor.post("/chat", data={"text": "Hello"}, headers={"cookie": cookie, **headers})
        assert answer.status_code == status
    assert len(stage.taken) == (status == 303)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "nonsense"])
async def test_what_is_no_form_is_refused_with_a_sentence(kind: str) -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        answer = await visitor.post("/chat", content='{"text": "Hello"}', headers={"content-type": kind})
    assert answer.status_code == 415
    assert "has to be a form" in answer.text
    assert len(stage.taken) == 1


async def test_a_time_zone_and_a_language_come_along() -> None:
    stage = Stage()
    async with visiting(stage, headers={"accept-language": "fr, cy;q=0.8, en;q=0.5"}, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        await visitor.post("/chat", data={"text": "Helo", "timezone": "Europe/London"})
        visitor.cookies.set("timezone", "Moon/Crater", domain="127.0.0.1")
        await visitor.post("/chat", data={"text": "Eto"})
    assert [(inbound.locale, inbound.timezone) for inbound in stage.taken] == [
        ("cy", None),
        ("cy", "Europe/London"),
        ("cy", None),
    ]


async def test_what_could_not_be_taken_in_is_not_said_to_be() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        form = {"text": "Benches at every tram stop", **fields((await visitor.get("/chat")).text)}
        stage.breaks = True
        failed = await visitor.post("/chat", data=form)
        assert failed.status_code == 503
        assert "just now" in failed.text
        assert "Traceback" not in failed.text
        stage.breaks = False
        page = await visitor.post("/chat", data=form)
        assert page.text.count("<p>Benches at every tram stop</p>") == 1
        assert page.text.count("Thank you.") == 1


async def test_a_member_changes_the_language_in_the_chat_itself() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        stage.store.members[stage.taken[0].sender] = Member(1, "Ada", "cy")
        page = await visitor.get("/chat")
        assert '<html lang="cy"' in page.text
        assert '<button name="action" value="language:en" lang="en">English</button>' in page.text
        await visitor.post("/chat", data={"action": "language:en"})
    assert stage.taken[-1].deed == Pressed("language:en")


KEPT = File("what we keep.yaml", "application/yaml", "name: Ada Ĉapel 🌳\n<script>: 1\n")


async def given_a_file(stage: Stage, visitor: httpx.AsyncClient, file: File = KEPT) -> str:
    """The address of the link on the page."""
    await visitor.get("/chat")
    place = Place.private_to(stage.taken[-1].sender)
    await stage.messenger.send(place, Message("Here is everything.", keys=((Key("Thanks", "home"),),), file=file))
    page = (await visitor.get("/chat")).text
    (address,) = re.findall(r'<a class="button file" href="([^"]+)"', page)
    return str(address)


async def test_a_file_is_a_link_that_its_owner_can_download() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        answer = await visitor.get(await given_a_file(stage, visitor))
        page = (await visitor.get("/chat")).text
    assert (answer.status_code, answer.content.decode()) == (200, KEPT.text)
    assert answer.headers["content-type"] == "application/yaml; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''what%20we%20keep.yaml"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ">Download what we keep.yaml</a>" in page
    assert "Ĉapel" not in page, "the file stands behind the link alone"


async def test_a_picture_stands_in_the_chat_with_what_is_read_out_instead() -> None:
    stage, picture = Stage(), Picture("chart.png", "image/png", b"\x89PNG\xff", 'Parks "3" <b>, buses 4')
    async with visiting(stage, follow_redirects=True) as visitor, httpx.AsyncClient(base_url=visitor.base_url) as bob:
        await visitor.get("/chat")
        await stage.messenger.send(Place.private_to(stage.taken[-1].sender), Message("So far", file=picture))
        page = (await visitor.get("/chat")).text
        assert 'alt="Parks &#34;3&#34; &lt;b&gt;, buses 4"' in page
        (address,) = re.findall(r'<img src="([^"]+)"', page)
        answer = await visitor.get(address)
        assert (await bob.get(address)).status_code == 404
    assert (answer.content, answer.headers["content-type"]) == (picture.content, "image/png")
    assert answer.headers["content-disposition"].startswith("inline;")


async def test_a_picture_of_another_kind_is_only_ever_downloaded() -> None:
    stage, picture = Stage(), Picture("chart.svg", "image/svg+xml", b"<svg/>", "A chart")
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        await stage.messenger.send(Place.private_to(stage.taken[-1].sender), Message("So far", file=picture))
        answer = await visitor.get("/chat/files/2")
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_a_stranger_finds_nothing_where_somebody_s_file_is() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as ada, httpx.AsyncClient(base_url=ada.base_url) as bob:
        address = await given_a_file(stage, ada)
        bob.headers["accept"], bob.follow_redirects = "text/html", True
        without_cookie = await bob.get(address)
        await bob.get("/chat")
        other = await bob.get(address)
        bob.cookies.set("folkmoot", "ImFkYSI.aaaa.bbbb", domain="127.0.0.1", path="/")
        forged = await bob.get(address)
        assert (await ada.get(address)).status_code == 200
    assert len(stage.transcript.chats) == 2
    for answer in (without_cookie, other, forged):
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text
        assert "Ĉapel" not in answer.text


@pytest.mark.parametrize("line", ["1", "99", "0", "-1", "x", "%00", "٢", "9" * 400])
async def test_a_line_without_a_file_has_nothing_to_download(line: str) -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        assert await given_a_file(stage, visitor) == "/chat/files/2"
        assert (await visitor.get(f"/chat/files/{line}")).status_code == 404


async def test_a_file_whose_line_changed_is_no_longer_there() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        address = await given_a_file(stage, visitor)
        place = Place.private_to(stage.taken[-1].sender)
        await stage.messenger.send(place, Message("Forgotten", replaces=address.rpartition("/")[2]))
        assert (await visitor.get(address)).status_code == 404
        assert "Download" not in (await visitor.get("/chat")).text


async def test_the_script_gets_the_link_with_the_line() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        address = await given_a_file(stage, visitor)
        assert f'href="{address}"' in (await visitor.get("/chat/lines?since=1")).text
