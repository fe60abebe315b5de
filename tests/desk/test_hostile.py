"""What a member or an organiser writes does no harm, wherever it is shown: at the desk, to the public, to programs, in
files that are taken along."""

import csv
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import httpx
import pytest
from PIL import Image

from tests.api.programs import program
from tests.desk.hostile import (
    BACKWARDS,
    EMOJI,
    ERASED,
    FORMULAS,
    HIDDEN,
    LONG,
    MARKUP,
    NAME,
    REDACTED,
    SLUG,
    WORDS,
    Page,
    Town,
    build,
    harm_of,
    hostile_draft,
)
from tests.desk.stage import CHIEF, SECRETARY, Stage

OWN = f"/desk/consultations/{SLUG}"


@pytest.fixture
async def town(stage: Stage) -> Town:
    return await build(stage)


def _desk_pages(town: Town, draft: str) -> list[str]:
    of_one = ("", "/answers", "/answers/words", "/answers/idea", "/answers?language=en", "/edit", "/outcome", "/export",
              "/try", "/reach", "/timeline", "/broadcast", "/close", "/archive")  # fmt: skip
    of_a_draft = ("", "/file", "/publish", "/try", "/reach", "/timeline", "/discard")
    ideas = ("", *(f"/{code}" for code in town.every_code), f"/{town.codes[0]}/talk", "?q=harm", "?topic=transport",
             f"?consultation={SLUG}",
             "?stage=declined", "?hidden=1", f"?q={MARKUP}", f"?q={town.codes[0]}")  # fmt: skip
    members = ("", "/import", f"/{town.ada}", f"/{town.other}", f"/{town.other}/merge/{town.ada}",
               f"/{town.other}/erase", f"?name={MARKUP[:60]}", "/groups", "/count")  # fmt: skip
    return [
        "/desk/consultations", "/desk/archive", "/desk/log", f"/desk/log?about={MARKUP[:70]}", "/desk/sittings",
        "/desk/developers", "/desk/drafts/new", *(OWN + one for one in of_one), *(draft + one for one in of_a_draft),
        *(f"/desk/ideas{one}" for one in ideas), *(f"/desk/members{one}" for one in members),
    ]  # fmt: skip


async def _drafted(desk: httpx.AsyncClient) -> str:
    made = await desk.post("/desk/drafts/new", data=hostile_draft())
    return re.sub(r"/file$", "", made.headers["location"])


async def test_no_page_of_the_desk_takes_their_words_for_markup(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(CHIEF)
    await desk.post(
        "/desk/developers/hooks", data={"name": MARKUP[:80], "url": "https://x.org", "kind": "idea.received"}
    )
    await desk.post("/desk/members/groups", data={"name": "Ada", "group": MARKUP[:60]})
    await desk.post(f"/desk/ideas/{town.codes[0]}/topics", data={"topic": "transport"})
    wrong = {}
    for address in _desk_pages(town, await _drafted(desk)):
        answer = await desk.get(address, follow_redirects=True)
        if answer.status_code != 200 or harm_of(answer):
            wrong[address[:90]] = answer.status_code, harm_of(answer)
    assert wrong == {}
    assert WORDS.split("\u202e")[0].strip() in Page((await desk.get(f"/desk/ideas/{town.codes[0]}")).text).text


async def test_nor_does_any_page_that_answers_a_form(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(CHIEF)
    draft = await _drafted(desk)
    code, wrong = town.codes[1], {}
    forms: list[tuple[str, dict[str, str | list[str]]]] = [
        (f"{OWN}/outcome", {"words-en": WORDS}),
        (f"{OWN}/outcome", {"words-en": WORDS * 40}),
        (f"{OWN}/try", {"script": WORDS, "say": WORDS, "text": WORDS}),
        (f"{draft}/try", {"script": WORDS, "text": WORDS}),
        (f"{draft}/file", {"text": f"title: [{MARKUP}", "version": "0"}),
        (draft, {"title.en": MARKUP, "slug": MARKUP, "version": "0", "do": MARKUP}),
        (f"{OWN}/broadcast", {"to": MARKUP, "when": "at", "at": MARKUP}),
        (f"/desk/ideas/{code}/act", {"act": "declined", "reason": MARKUP, "seen_with": "1"}),
        (f"/desk/ideas/{code}/act", {"act": "redacted", "words": MARKUP, "rule": MARKUP, "seen_with": "4"}),
        ("/desk/ideas/together", {"act": "declined", "code": list(town.every_code)}),
        ("/desk/ideas/together/do", {"act": "declined", "code": list(town.every_code), "reason": MARKUP}),
        ("/desk/ideas/together/do", {"act": "topics", "code": list(town.every_code)}),
        ("/desk/developers/hooks", {"name": MARKUP, "url": MARKUP}),
        ("/desk/developers/tokens", {"name": MARKUP, "days": MARKUP}),
        (f"/desk/members/{town.other}/erase", {"sure": MARKUP}),
        (f"/desk/members/{town.other}/roles", {"body": MARKUP, "role": MARKUP}),
        ("/desk/drafts/new", {"start": "text", "text": MARKUP}),
        ("/desk/drafts/new", {"start": "text", "text": f"consultation: {MARKUP}"}),
    ]
    for address, form in forms:
        answer = await desk.post(address, data=form, follow_redirects=True)
        if answer.status_code >= 500 or harm_of(answer):
            wrong[address] = answer.status_code, harm_of(answer)
    assert wrong == {}


async def test_numbers_as_long_as_a_book_break_nothing(stage: Stage, town: Town) -> None:
    desk, long = await stage.at_desk(CHIEF), "9" * 5_000
    code = town.codes[1]
    posts: list[tuple[str, dict[str, str]]] = [
        ("/desk/ideas/together/do", {"act": "declined", "code": code, "seen": f"{code} {long}", "reason": "It is so."}),
        (f"/desk/ideas/{code}/act", {"act": "declined", "seen_with": long, "reason": "It is so."}),
        (f"/desk/ideas/{code}/act", {"act": "redacted", "black": long, "seen_with": "4"}),
        (f"{OWN}/outcome/results", {"when": "live", "least": long}),
        ("/desk/sittings", {"sitting": long}),
        ("/desk/developers/tokens", {"name": "x", "days": long, "scope": "log:read"}),
        (f"/desk/members/{long}/erase", {"sure": "erase"}),
        (f"/desk/members/groups/{long}/drop", {}),
        (f"/desk/members/{2**63}/erase", {"sure": "erase"}),
        (f"/desk/members/import/{2**63}/drop", {}),
    ]
    for address, form in posts:
        assert (await desk.post(address, data=form)).status_code < 500, address[:60]
    addresses = (
        f"/desk/log?before={long}", f"/desk/members?before={long}", f"/desk/members/{long}", f"/desk/drafts/{long}",
        f"/desk/members/{2**63}", f"/desk/members/import/{2**70}", f"{OWN}/answers/words?before={long}",
        f"/desk/ideas?after={long}", f"/desk/ideas/{code}/talk/lines?after={long}", f"/desk/drafts/{2**63}",
        "/desk/log?before=999999999999999", "/desk/log?about=consultation:%00", "/desk/ideas?q=%00",
        "/desk/members?name=%00", "/desk/consultations/%00", "/desk/ideas/%00", f"{OWN}/answers/%00",
        f"{OWN}/resend?broadcast=%00", "/desk/developers/hooks/%00",
    )  # fmt: skip
    for address in addresses:
        answer = await desk.get(address, follow_redirects=True)
        assert answer.status_code < 500, address[:60]


async def test_hidden_and_erased_words_are_nowhere(stage: Stage, town: Town) -> None:
    """But for the one page on which whoever judges the hiding reads them."""
    desk, api, nobody = await stage.at_desk(CHIEF), await program(stage), await stage.browser()
    found = []
    for browser, addresses in (
        (desk, _desk_pages(town, await _drafted(desk))),
        (nobody, PUBLIC + _of_ideas(town)),
        (api, _api(town)),
    ):
        for address in addresses:
            text = (await browser.get(address, follow_redirects=True)).text
            may_judge = browser is desk and address.startswith(f"/desk/ideas/{town.hidden}")
            words = (REDACTED, ERASED) if may_judge else (HIDDEN, REDACTED, ERASED)
            found += [(address, one) for one in words if one in text]
    for form in ("csv", "json", "xlsx", "open"):
        content = (await desk.post(f"{OWN}/export", data={"as": form})).content
        whole = _unpacked(content) if form in ("xlsx", "open") else content.decode()
        found += [(form, one) for one in (HIDDEN, REDACTED, ERASED) if one in whole]
    assert found == []


def _unpacked(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


# --- files
async def test_no_file_has_a_formula_of_theirs(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(CHIEF)
    for address, form in ((f"{OWN}/export", {"as": "csv"}), ("/desk/members/members.csv", {})):
        answer = await desk.post(address, data=form)
        assert answer.status_code == 200
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) > 5
        assert {len(row) for row in rows} == {len(rows[0])}, "no cell broke out of its row"
        assert [cell for row in rows for cell in row if re.match(r"\s*[=+@\-＝＋＠－]|[\t\r]", cell)] == []


async def test_the_workbook_opens_and_calculates_nothing(stage: Stage, town: Town) -> None:
    answer = await (await stage.at_desk(CHIEF)).post(f"{OWN}/export", data={"as": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                root = ElementTree.fromstring(book.read(name))  # noqa: S314  made by us a moment ago
                tags = {element.tag.rpartition("}")[2] for element in root.iter()}
                assert not tags & {"f", "hyperlink", "hyperlinks"}, name
    whole = _unpacked(answer.content)
    assert "HYPERLINK" in whole
    assert "😀" in whole


async def test_json_and_open_data_can_be_read(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(CHIEF)
    told = (await desk.post(f"{OWN}/export", data={"as": "json"})).json()
    assert WORDS.partition(" ")[0] in json.dumps(told, ensure_ascii=False).replace('\\"', '"')
    opened = (await desk.post(f"{OWN}/export", data={"as": "open"})).content
    with zipfile.ZipFile(io.BytesIO(opened)) as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            assert re.fullmatch(r"[\w./-]+", name), name
            content = parts.read(name).decode("utf-8-sig")
            if name.endswith(".json"):
                json.loads(content)
            if name.endswith(".csv"):
                cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
                assert [cell for cell in cells if re.match(r"\s*[=+@＝＋＠]|[\t\r]", cell)] == []


async def test_files_are_named_by_us(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(CHIEF)
    draft = await _drafted(desk)
    for answer in (
        await desk.get(f"{draft}/download"),
        await desk.post(f"{OWN}/export", data={"as": "csv"}),
        await desk.post(f"/desk/members/{town.other}/file"),
    ):
        assert re.fullmatch(r'attachment; filename="[\w.-]+"', answer.headers["content-disposition"])
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_of_members_full_of_it_is_shown_as_it_stands(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(CHIEF)
    rows = [
        [f"=1+1{n}", "telegram", str(9_000 + n), words[:300], "leeds"] for n, words in enumerate((MARKUP, NAME, EMOJI))
    ]
    rows += [[MARKUP, MARKUP, MARKUP, MARKUP, MARKUP], ["\0", "\0", "\0", "\0", "\0"], [BACKWARDS] * 5, [LONG] * 5]
    written = io.StringIO()
    csv.writer(written).writerows([["note", "channel", "user", "name", "body"], *rows])
    sent = await desk.post("/desk/members/import", files={"file": (f"{MARKUP}.csv", written.getvalue().encode())})
    assert sent.status_code == 303, sent.text
    own = sent.headers["location"]
    for _ in range(100):
        page = await desk.get(own)
        if "rows.csv" in page.text:
            break
    assert harm_of(page) == []
    await desk.post(
        f"{own}/columns", data={f"column-{n}": one for n, one in enumerate(["", "channel", "user", "name", "body"])}
    )
    for _ in range(200):
        page = await desk.get(own)
        if "rows.csv" in page.text:
            break
    assert page.status_code == 200
    assert harm_of(page) == []
    told = await desk.get(f"{own}/rows.csv")
    cells = [cell for row in csv.reader(io.StringIO(told.content.decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if re.match(r"\s*[=+@]|[\t\r]", cell)] == []


# --- the public
NO_CODE = f"/ideas?code={MARKUP[:80]}"
PUBLIC = [
    "/", "/consultations", f"/consultations/{SLUG}", f"/consultations/{SLUG}/ideas", f"/consultations/{SLUG}/results",
    f"/consultations/{SLUG}/card", "/board", "/board/planning", "/board/leeds", "/ideas", "/seals", "/privacy",
    "/accessibility", NO_CODE, "/chat", "/board.json", "/board.csv", "/feed.xml", "/sitemap.xml",
    f"/consultations/{SLUG}/results.json", f"/consultations/{SLUG}/results.csv", f"/consultations/{SLUG}/qr.svg",
]  # fmt: skip


def _of_ideas(town: Town) -> list[str]:
    return [f"/ideas/{code}{what}" for code in town.every_code for what in ("", ".json", "/receipt.json")]


async def test_no_public_page_takes_their_words_for_markup(stage: Stage, town: Town) -> None:
    nobody, wrong = await stage.browser(), {}
    refused = {f"/ideas/{town.hidden}/receipt.json": 403, NO_CODE: 422}
    for address in PUBLIC + _of_ideas(town):
        answer = await nobody.get(address, follow_redirects=True)
        is_page = answer.headers["content-type"].startswith("text/html")
        if answer.status_code != refused.get(address, 200) or (is_page and harm_of(answer)):
            wrong[address] = answer.status_code, harm_of(answer) if is_page else []
        if answer.headers["content-type"].startswith("application/json"):
            answer.json()
    assert wrong == {}


async def test_feeds_cards_pictures_and_posters_are_what_they_say(stage: Stage, town: Town) -> None:
    nobody = await stage.browser()
    for address in ("/feed.xml", "/seals.atom", "/sitemap.xml", f"/consultations/{SLUG}/qr.svg"):
        root = ElementTree.fromstring((await nobody.get(address)).content)  # noqa: S314  made by us a moment ago
        assert "zzharm" not in {element.tag.rpartition("}")[2] for element in root.iter()}
    told = (await nobody.get("/oembed", params={"url": f"{stage.url}/consultations/{SLUG}", "format": "json"})).json()
    frame = Page(told["html"])
    assert frame.tags == ["iframe"], "for others to put on their page: a frame of ours, and nothing of theirs"
    assert not [one for one in frame.harm if "onzz" in one or "script" in one.partition("title=")[0]]
    addresses = [f"/consultations/{SLUG}/preview.png", *(f"/ideas/{code}/preview.png" for code in town.every_code[:4])]
    desk = await stage.at_desk(CHIEF)
    for browser, address in (*((nobody, one) for one in addresses), (desk, f"{OWN}/answers/one.png")):
        answer = await browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        Image.open(io.BytesIO(answer.content)).verify()
    poster = await nobody.get(f"/consultations/{SLUG}/poster.pdf")
    assert poster.content.startswith(b"%PDF"), poster.text[:200]
    assert b"/JavaScript" not in poster.content


# --- programs
def _api(town: Town) -> list[str]:
    of_one = ("", "/status", "/results", "/answers", "/broadcasts")
    return [
        "/me", "/bodies", "/topics", "/members", f"/members/{town.other}", "/log", "/consultations", "/webhooks",
        "/ideas", f"/ideas?words={MARKUP[:60]}", *(f"/consultations/{SLUG}{one}" for one in of_one),
        *(f"/ideas/{code}" for code in town.every_code),
    ]  # fmt: skip


async def test_programs_get_json_that_can_be_read(stage: Stage, town: Town) -> None:
    api = await program(stage)
    for address in _api(town):
        answer = await api.get(address)
        assert answer.status_code == 200, address
        for line in answer.text.splitlines() if "ndjson" in answer.headers["content-type"] else [answer.text]:
            json.loads(line)
    first = (await api.get(f"/ideas/{town.codes[0]}")).json()
    assert first["text"] == WORDS


@pytest.mark.parametrize("words", ["\ud800", "a\udfffb", "\0", "\u202e", MARKUP, *FORMULAS[:3]])
async def test_programs_may_send_what_they_like(stage: Stage, town: Town, words: str) -> None:
    """Half a letter, say, which JSON can spell and no text can hold."""
    api = await program(stage)
    kept = {"content-type": "application/json"}
    document = {"consultation": "new", "title": words, "framing": words, "prompts": [{"idea": "i", "ask": words}]}
    posts: list[tuple[str, str, object]] = [
        ("POST", "/consultations", document),
        ("PUT", "/consultations/new2", document | {"consultation": "new2"}),
        ("POST", f"/consultations/{SLUG}/outcome", {"outcome": words}),
        ("POST", f"/consultations/{SLUG}/outcome", {"outcome": {"en": words, words: "x"}}),
        ("POST", f"/consultations/{SLUG}/broadcasts", {"bodies": [words]}),
        ("POST", f"/ideas/{town.codes[2]}/acts", {"act": "decline", "reason": f"It is so {words}"}),
        ("POST", f"/ideas/{town.codes[4]}/acts", {"act": "hide", "rule": "abuse", "reason": f"It is so {words}"}),
        ("POST", f"/ideas/{town.codes[5]}/acts", {"act": "pass", "to": words}),
        ("POST", "/webhooks", {"name": words, "url": "https://x.org", "kinds": ["idea.received"]}),
        ("PUT", "/bodies", {"bodies": {"x": {"name": words}}}),
    ]
    for method, address, sent in posts:
        answer = await api.request(method, address, content=json.dumps(sent), headers=kept)
        assert answer.status_code < 500, (address, answer.text)
        answer.json()
    for address in _api(town):
        assert (await api.get(address)).status_code < 500, address


async def test_the_secretary_sees_it_so_too(stage: Stage, town: Town) -> None:
    desk = await stage.at_desk(SECRETARY)
    for address in ("/desk/ideas", *(f"/desk/ideas/{code}" for code in town.every_code), "/desk/ideas?sort=supported"):
        assert harm_of(await desk.get(address)) == [], address
