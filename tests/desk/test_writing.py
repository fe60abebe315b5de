"""Writing a consultation at the desk, without any script: drafts, their form, their file, and what becomes of them."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from core.consultations import Audience, Phase
from core.drafts import Draft
from core.events import AnswerGiven, ConsultationBegun
from core.flows.manuscripts.fields import write_fields
from core.flows.manuscripts.manuscript import Check, Choice, Question
from core.flows.manuscripts.reading import read_manuscript
from core.flows.problems import Checked
from core.flows.reading import read_consultation
from core.flows.writing import write_consultation
from core.outbound import Message
from tests.desk.stage import CHIEF, DAY, LEEDS, NOW, SECRETARY, YORK, Stage, consultation
from web.desk.drafts import EXAMPLES, example

TEXT = """\
consultation: parks
title: About parks
framing: Two questions.   # a note that stays
timezone: Europe/London
prompts:
  - one: travel
    ask: How do you get there?
    options: {walk: On foot, bus: By bus}
  - text: why
    ask: Why?
    when: {travel: bus}
"""


class Fields(HTMLParser):
    """What a browser would post of the form with that id."""

    def __init__(self, page: str, form: str = "draft") -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._form, self._is_in, self._select, self._first, self._area, self._words = form, False, "", "", "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name = at.get("name") or ""
        if tag == "form":
            self._is_in = at.get("id") == self._form
        elif not self._is_in:
            return
        elif tag == "input" and name and at.get("type") != "file":
            if at.get("type") not in ("checkbox", "radio") or "checked" in at:
                self.pairs.append((name, at.get("value") or ""))
        elif tag == "select":
            self._select, self._first = name, ""
        elif tag == "option" and self._select:
            if "selected" in at:
                self.pairs.append((self._select, at.get("value") or ""))
                self._select = ""
            self._first = self._first or at.get("value") or "-"
        elif tag == "textarea":
            self._area, self._words = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in = False
        elif tag == "select" and self._select:
            self.pairs.append((self._select, self._first.strip("-")))
            self._select = ""
        elif tag == "textarea" and self._area:
            self.pairs.append((self._area, self._words))
            self._area = ""


def _data(pairs: list[tuple[str, str]], **changed: str) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    return data | {name: [value] for name, value in changed.items()}


async def _begin(browser: httpx.AsyncClient, text: str = TEXT) -> str:
    answer = await browser.post("/desk/drafts/new", data={"start": "text", "text": text})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removesuffix("/file")


async def _draft(stage: Stage, address: str) -> Draft:
    found = await stage.assembly.desk.drafts.find(int(address.rpartition("/")[2]))
    assert found is not None
    return found


async def _fields(browser: httpx.AsyncClient, address: str) -> list[tuple[str, str]]:
    answer = await browser.get(address)
    assert answer.status_code == 200
    return Fields(answer.text).pairs


def _said(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


# --- beginning
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_without_a_mistake(name: str) -> None:
    checked = read_consultation(example(name))
    assert isinstance(checked, Checked), checked
    assert [one.what.msgid for one in checked.warnings if "isn’t said" in one.what.msgid] == []


@pytest.mark.parametrize(
    "start",
    [{"start": "blank", "title": "A good city"}, {"start": "example", "example": "pulse"}, {"start": "nothing"}],
)
async def test_a_draft_is_begun_in_many_ways_and_its_form_opens(stage: Stage, start: dict[str, str]) -> None:
    browser = await stage.at_desk()
    address = (await browser.post("/desk/drafts/new", data=start)).headers["location"]
    page = (await browser.get(address)).text
    assert "Here is your draft" in page
    assert start.get("title", "") in page
    assert "1 draft" in _said((await browser.get("/desk/consultations")).text)


async def test_a_file_is_taken_up_and_given_back_as_it_was(stage: Stage) -> None:
    browser = await stage.at_desk()
    files = {"file": ("parks.yaml", TEXT.encode(), "application/yaml")}
    answer = await browser.post("/desk/drafts/new", data={"start": "text"}, files=files)
    back = await browser.get(f"{answer.headers['location']}/download")
    assert back.text == TEXT
    assert 'filename="parks.yaml"' in back.headers["content-disposition"]
    broken = {"file": ("parks.yaml", b"\xff\xfe\xff", "application/yaml")}
    assert (
        "Save the file as UTF-8" in (await browser.post("/desk/drafts/new", data={"start": "text"}, files=broken)).text
    )


async def test_a_copy_has_the_same_questions_and_a_name_of_its_own(stage: Stage) -> None:
    await stage.load(consultation("city"))
    browser = await stage.at_desk()
    answer = await browser.post("/desk/drafts/new", data={"start": "copy", "copy": "city"})
    checked = read_consultation((await _draft(stage, answer.headers["location"])).content.text)
    assert isinstance(checked, Checked)
    assert (checked.value.slug, checked.value.opens_at) == ("city-2", None)
    assert checked.value.prompts == consultation("city").prompts


# --- the form
async def test_the_form_posted_as_it_is_changes_nothing(stage: Stage) -> None:
    browser = await stage.at_desk()
    for text in (TEXT, *map(example, EXAMPLES), write_consultation(consultation("city"))):
        address = await _begin(browser, text)
        answer = await browser.post(address, data=_data(await _fields(browser, address)))
        assert answer.status_code == 303
        saved = await _draft(stage, address)
        assert (saved.content.text, saved.version) == (text, 1)


async def test_what_is_typed_is_saved_and_notes_stay(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    data = _data(await _fields(browser, address), **{"title.en": "All about parks", "prompts.0.required": "yes"})
    assert (await browser.post(address, data=data)).headers["location"] == address
    saved = await _draft(stage, address)
    assert saved.version == 2
    assert "title: All about parks" in saved.content.text
    assert "# a note that stays" in saved.content.text


async def test_while_somebody_types_only_the_state_comes_back(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    data = _data(await _fields(browser, address), closes="never ever")
    answer = await browser.post(address, data=data, headers={"hx-request": "true"})
    assert answer.headers["hx-trigger"] == "draft-saved"
    assert "<form" not in answer.text
    assert 'value="2" hx-swap-oob' in answer.text, "the next save carries the version that was just made"
    assert 'id="p-f-closes" hx-swap-oob="true">“never ever” is no date' in answer.text


async def test_a_mistake_stands_at_its_field_and_above_all(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(
        browser, TEXT.replace("{travel: bus}", "{travel: tram}").replace("parks\n", "Our Parks\n", 1)
    )
    page = (await browser.get(address)).text
    assert "2 mistakes are to be put right" in page
    assert 'href="#f-slug"' in page
    assert 'href="#f-prompts-1-when-0-values"' in page
    assert re.search(r'id="f-slug"[^>]*aria-describedby="p-f-slug" aria-invalid="true"', page)
    assert re.search(r'id="p-f-slug">“Our Parks” can’t be used', page)


async def test_whatever_is_wrong_in_it_is_kept(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    hostile = "<script>alert(1)</script> \u202e {{ 7*7 }} =cmd " + "🦊" * 400
    data = _data(await _fields(browser, address), opens="soon", **{"framing.en": hostile, "prompts.0.least": "[x"})
    await browser.post(address, data=data)
    found = read_manuscript((await _draft(stage, address)).content.text)
    assert found is not None
    assert (found.framing, found.opens) == ((("en", hostile),), "soon")
    page = (await browser.get(address)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_buttons_work_without_a_script(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)

    async def press(do: str, **more: str) -> str:
        data = _data(await _fields(browser, address), do=do, **more)
        return (await browser.post(address, data=data)).text

    async def keys() -> list[str]:
        found = read_manuscript((await _draft(stage, address)).content.text)
        assert found is not None
        return [one.key for one in found.questions]

    page = await press("up:1")
    assert await keys() == ["why", "travel"]
    assert "is asked only later" in page, "it depends on what now comes after it"
    await press("down:0")
    assert "autofocus" in await press("copy:0")
    assert await keys() == ["travel", "travel_1", "why"]
    page = await press("remove:1")
    assert "is removed" in _said(page)
    undone = _data(Fields(page).pairs, do="back")
    await browser.post(address, data=undone)
    assert await keys() == ["travel", "travel_1", "why"]
    await press("add:scale")
    await press("language", new_language="cy")
    page = await press("reminder")
    assert "missing" in page
    found = read_manuscript((await _draft(stage, address)).content.text)
    assert found is not None
    assert len(found.reminders) == 1


async def test_questions_are_saved_in_the_order_in_which_they_stand_in_the_page(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser, TEXT.replace("    when: {travel: bus}\n", ""))
    data = _data(await _fields(browser, address))
    data["prompts"] = ["1", "0"]
    await browser.post(address, data=data)
    found = read_manuscript((await _draft(stage, address)).content.text)
    assert found is not None
    assert [one.key for one in found.questions] == ["why", "travel"]


# --- two at once
async def test_of_two_editors_the_second_is_told_sees_both_and_loses_nothing(stage: Stage) -> None:
    chief, other = await stage.at_desk(), await stage.at_desk()
    address = await _begin(chief)
    first, second = await _fields(chief, address), await _fields(other, address)
    await chief.post(address, data=_data(first, **{"title.en": "Theirs"}))
    answer = await other.post(address, data=_data(second, **{"title.en": "Mine", "keyword": "green"}))
    assert answer.status_code == 409
    said = _said(answer.text)
    assert "Chief saved this draft while you were writing" in said
    assert "theirs title: Theirs" in said
    assert "yours title: Mine" in said
    assert (await _draft(stage, address)).content.title == "Theirs"
    mine = Fields(answer.text).pairs
    assert ("title.en", "Mine") in mine
    assert ("keyword", "green") in mine
    await other.post(address, data=_data(mine))
    assert (await _draft(stage, address)).content.title == "Mine", "seeing both, they chose theirs"


async def test_while_typing_a_clash_is_told_in_the_same_way(stage: Stage) -> None:
    chief, other = await stage.at_desk(), await stage.at_desk()
    address = await _begin(chief)
    second = await _fields(other, address)
    await chief.post(address, data=_data(await _fields(chief, address), **{"title.en": "Theirs"}))
    answer = await other.post(address, data=_data(second, keyword="x1"), headers={"hx-request": "true"})
    assert "so yours isn’t saved" in answer.text
    assert "hx-trigger" not in answer.headers


async def test_who_writes_while_it_is_thrown_away_keeps_what_they_wrote(stage: Stage) -> None:
    chief, other = await stage.at_desk(), await stage.at_desk()
    address = await _begin(chief)
    fields = await _fields(other, address)
    assert (await chief.post(f"{address}/discard", data={"version": "1"})).status_code == 303
    answer = await other.post(address, data=_data(fields, **{"title.en": "Still here"}))
    assert answer.status_code == 409
    assert "title: Still here" in answer.text


# --- the file
async def test_the_file_is_another_view_of_the_same_draft(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    broken = TEXT + "colour: green\n"
    data = {"text": broken, "version": "1"}
    assert (await browser.post(f"{address}/file", data=data)).status_code == 303
    page = (await browser.get(f"{address}/file")).text
    assert "Line 12" in page
    assert "I don’t know the key “colour”." in page
    assert (await browser.get(address)).headers["location"] == f"{address}/file", "no form can show it"
    stale = await browser.post(f"{address}/file", data={"text": TEXT, "version": "1"})
    assert stale.status_code == 409
    assert "theirs colour: green" in _said(stale.text)
    await browser.post(f"{address}/file", data={"text": TEXT, "version": "2"})
    assert (await browser.get(address)).status_code == 200


# --- whose it is
async def test_a_branch_sees_its_drafts_and_nobody_elses(stage: Stage) -> None:
    chief, lee, york = await stage.at_desk(CHIEF), await stage.at_desk(LEEDS), await stage.at_desk(YORK)
    everybody, leeds = await _begin(chief), await _begin(lee)
    assert (await _draft(stage, leeds)).content.audience.bodies == ("leeds",), "it begins with what they organise"
    assert (await chief.get(leeds)).status_code == 200
    for path in ("", "/file", "/publish", "/discard", "/download"):
        assert (await york.get(leeds + path)).status_code == 404
        assert (await lee.get(everybody + path)).status_code == 404
    for path in ("", "/file", "/publish", "/discard", "/test"):
        assert (await york.post(leeds + path, data={"version": "1"})).status_code == 404
    assert "About parks" not in (await york.get("/desk/consultations")).text
    assert (await (await stage.at_desk(SECRETARY)).get(leeds)).status_code == 403


async def test_a_branch_asks_no_more_than_it_organises_and_keeps_what_it_typed(stage: Stage) -> None:
    lee = await stage.at_desk(LEEDS)
    address = await _begin(lee)
    data = _data(await _fields(lee, address), bodies="york", **{"title.en": "For York"})
    answer = await lee.post(address, data=data)
    assert answer.status_code == 422
    assert "You can ask members of: Leeds branch" in answer.text
    assert "For York" in answer.text
    assert (await _draft(stage, address)).content.audience.bodies == ("leeds",)
    none = {name: value for name, value in data.items() if name != "bodies"}
    assert (await lee.post(address, data=none)).status_code == 422, "everybody is more, too"
    file = {"text": TEXT, "version": "1"}
    assert (await lee.post(f"{address}/file", data=file)).status_code == 422
    named = TEXT + "audience: {bodies: [york]}\n"
    assert (await lee.post("/desk/drafts/new", data={"start": "text", "text": named})).status_code == 422


async def test_nothing_is_written_from_another_site(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    for path in ("/desk/drafts/new", address, f"{address}/file", f"{address}/publish", f"{address}/discard"):
        assert (await browser.post(path, data={"version": "1"}, headers=elsewhere)).status_code == 403
    assert (await _draft(stage, address)).version == 1


# --- publishing
async def test_what_replaces_an_open_one_invites_nobody_anew(stage: Stage) -> None:
    await stage.load(replace(consultation(), opens_at=NOW - DAY))
    browser = await stage.at_desk()
    address = (await browser.post("/desk/consultations/city/edit")).headers["location"]
    said = _said((await browser.get(f"{address}/publish")).text)
    assert "nobody is invited again" in said
    assert "invited from" not in said
    assert "its opening time is here" not in said


async def test_publishing_says_what_will_happen_and_does_it(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser, TEXT + "opens: 2026-06-01 09:00\ncloses: 2026-06-15 20:00\n")
    said = _said((await browser.get(f"{address}/publish")).text)
    assert "opens by itself on 1 June 2026" in said
    assert "5 members will be invited from" in said
    assert "nobody between 21:00 and 08:00" in said
    answer = await browser.post(f"{address}/publish", data={"version": "1", "how": "publish"})
    assert answer.headers["location"] == "/desk/consultations/parks"
    found = await stage.assembly.store.consultation("parks")
    assert found is not None
    assert found.phase(NOW) is Phase.SCHEDULED
    assert (await browser.get(address)).status_code == 404
    assert "wrote the consultation" in (await browser.get("/desk/log")).text


async def test_it_can_be_opened_at_once(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    await browser.post(f"{address}/publish", data={"version": "1", "how": "open"})
    found = await stage.assembly.store.consultation("parks")
    assert found is not None
    assert found.is_open(NOW)


async def test_what_has_mistakes_or_a_taken_name_is_not_published(stage: Stage) -> None:
    await stage.load(consultation("parks", bodies=("york",)))
    browser = await stage.at_desk()
    for text, says in ((TEXT, "is taken already"), (TEXT.replace("ask: Why?", "ask:"), "is to be put right")):
        address = await _begin(browser, text)
        assert says in _said((await browser.get(f"{address}/publish")).text)
        await browser.post(f"{address}/publish", data={"version": "1", "how": "open"})
        found = await stage.assembly.store.consultation("parks")
        assert found is not None
        assert found.audience.bodies == ("york",)


async def test_a_version_that_nobody_saw_is_not_published(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    await browser.post(address, data=_data(await _fields(browser, address), **{"title.en": "Changed"}))
    answer = await browser.post(f"{address}/publish", data={"version": "1", "how": "open"})
    assert "Somebody changed it meanwhile" in answer.text
    assert await stage.assembly.store.consultation("parks") is None


async def test_a_consultation_is_changed_by_a_draft_of_it(stage: Stage) -> None:
    await stage.load(consultation("city"))
    browser = await stage.at_desk()
    page = (await browser.get("/desk/consultations/city/edit")).text
    assert "Which one?" in page
    first = (await browser.post("/desk/consultations/city/edit")).headers["location"]
    assert (await browser.post("/desk/consultations/city/edit")).headers["location"] == first
    manuscript = read_manuscript((await _draft(stage, first)).content.text)
    assert manuscript is not None
    await browser.post(first, data=_data(write_fields(replace(manuscript, keyword="town")), version="1"))
    await browser.post(f"{first}/publish", data={"version": "2", "how": "publish"})
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert (found.keyword, found.opens_at) == ("town", NOW - DAY)


async def test_answers_do_not_vanish_without_a_warning(stage: Stage) -> None:
    await stage.load(consultation("city"))
    await stage.turn(YORK, ConsultationBegun("city", NOW), AnswerGiven("city", "words", "Trees", NOW))
    browser = await stage.at_desk()
    address = (await browser.post("/desk/consultations/city/edit")).headers["location"]
    text = (await _draft(stage, address)).content.text
    await browser.post(f"{address}/file", data={"text": text.replace("text: words", "text: others"), "version": "1"})
    page = (await browser.get(f"{address}/publish")).text
    assert "“Anything else?” has 1 answer." in page
    refused = await browser.post(f"{address}/publish", data={"version": "2", "how": "publish"})
    assert refused.status_code == 422
    done = await browser.post(f"{address}/publish", data={"version": "2", "how": "publish", "lose": "yes"})
    assert done.status_code == 303


async def test_a_test_comes_to_ones_own_chat_and_stores_no_answer(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    assert (await browser.post(f"{address}/test")).status_code == 303
    outbox = stage.assembly.outbox
    await outbox.open_lane(CHIEF.account)
    [lease] = [one for one in await outbox.take_lanes("me", NOW, NOW + DAY) if one.account == CHIEF.account]
    messages = [one.content for one in await outbox.claim(lease, NOW, 10) if isinstance(one.content, Message)]
    assert [("A test: only you get this" in one.text, one.keys) for one in messages] == [(True, ()), (True, ())]
    assert "[ On foot ]" in messages[1].text
    assert await stage.assembly.store.consultation("parks") is None
    assert "sent a test to themselves" in (await browser.get("/desk/log")).text


# --- the archive
async def test_what_is_archived_is_in_no_list_and_can_be_had_back(stage: Stage) -> None:
    closed = replace(consultation("old"), closes_at=NOW - DAY / 2)
    await stage.load(closed, consultation("city"))
    browser = await stage.at_desk()
    assert (await browser.post("/desk/consultations/city/archive")).status_code == 409, "people take part in it"
    assert "Nothing is deleted" in (await browser.get("/desk/consultations/old/archive")).text
    await browser.post("/desk/consultations/old/archive")
    page = (await browser.get("/desk/consultations")).text
    assert "About old" not in page
    assert "1 in the archive" in page
    assert "About old" in (await browser.get("/desk/archive")).text
    await browser.post("/desk/consultations/old/unarchive")
    assert "About old" in (await browser.get("/desk/consultations")).text
    log = (await browser.get("/desk/log?about=consultation:old")).text
    assert "archived it" in log
    assert "took it out of the archive" in log


async def test_other_branches_cannot_archive_or_change_it(stage: Stage) -> None:
    await stage.load(consultation("city", bodies=("york",), is_open=False))
    lee = await stage.at_desk(LEEDS)
    for path in ("edit", "archive"):
        assert (await lee.get(f"/desk/consultations/city/{path}")).status_code == 404
        assert (await lee.post(f"/desk/consultations/city/{path}")).status_code == 404
    assert (await lee.post("/desk/consultations/city/unarchive")).status_code == 404
    assert (await lee.post("/desk/drafts/new", data={"start": "copy", "copy": "city"})).status_code == 404


async def test_conditions_offer_only_what_was_asked_before(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    found = read_manuscript(TEXT)
    assert found is not None
    last = Question("text", "last", (("en", "Last?"),), when=(Check("travel", "not", ("walk",)),))
    options = (Choice("a", (("en", "A"),)), Choice("b", (("en", "B"),)))
    first = Question("one", "first", (("en", "First?"),), options=options)
    await browser.post(
        address, data=_data(write_fields(replace(found, questions=(first, *found.questions, last))), version="1")
    )
    page = (await browser.get(address)).text
    offered = re.search(r'id="f-prompts-2-when-0-prompt".*?</select>', page, re.DOTALL)
    assert offered is not None
    assert re.findall(r'option value="(\w+)"', offered[0]) == ["first", "travel"]
    assert "is none of" in page


async def test_an_option_is_named_by_its_words_until_the_form_is_shown_again(stage: Stage) -> None:
    browser = await stage.at_desk()
    address = await _begin(browser)
    pairs = await _fields(browser, address)
    added = await browser.post(address, data=_data(pairs, do="option:0"))
    pairs = Fields(added.text).pairs
    named = "prompts.0.options.2"
    assert dict(pairs)[f"{named}.was"] == "option_3"
    assert dict(pairs)[f"{named}.key"] == ""
    also = _data(pairs)
    also["prompts.1.when.0.values"] = ["bus", "option_3"]
    for typed in ("Tr", "Tram"):  # as the form is saved while somebody types
        also |= {f"{named}.label.en": [typed], "version": [str((await _draft(stage, address)).version)]}
        assert (await browser.post(address, data=also, headers={"hx-request": "true"})).status_code == 200
    kept = (await _draft(stage, address)).content.text
    assert "tram: Tram" in kept
    assert "travel: [bus, tram]" in kept
    data = _data(await _fields(browser, address)) | {f"{named}.label.en": ["By tram"]}
    assert (await browser.post(address, data=data)).status_code == 303
    assert "tram: By tram" in (await _draft(stage, address)).content.text


async def test_whom_it_asks_is_said_in_whole(stage: Stage) -> None:
    narrowed = Audience(("leeds",), ("transport",), ("cy",), 30, verified=True)
    await stage.load(
        replace(consultation(), audience=narrowed), replace(consultation("few"), audience=Audience(verified=True))
    )
    browser = await stage.at_desk()
    for path in ("/edit", ""):
        page = _said((await browser.get(f"/desk/consultations/city{path}")).text)
        for said in ("Leeds branch", "followers of", "cy", "active within 30 days", "on the membership roll"):
            assert said in page, (path, said)
    few = _said((await browser.get("/desk/consultations/few/edit")).text)
    assert "everybody , only those who are on the membership roll" in few
    address = (await browser.post("/desk/consultations/few/edit")).headers["location"]
    pairs = await _fields(browser, address)
    assert ("verified", "yes") in pairs
    without = _data([one for one in pairs if one[0] != "verified"])
    assert (await browser.post(address, data=without)).status_code == 303
    assert (await _draft(stage, address)).content.audience == Audience()
