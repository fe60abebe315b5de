"""The inbox: what needs somebody today, and everything else, for those who may see it."""

import re

from core.deeds import Did
from core.ideas import Attachment, AttachmentKind
from core.members import Role
from core.stories import Entry, EntryKind, Rule
from tests.desk.inbox_stage import code_of, goes_on, of_planning, says
from tests.desk.stage import ADA, CHIEF, DAY, LEEDS, NOW, SECRETARY, YORK, Stage, consultation


async def _page(stage: Stage, who: object = CHIEF, query: str = "") -> str:
    browser = await stage.at_desk(who)  # type: ignore[arg-type]  # one of the people of the stage
    answer = await browser.get(f"/desk/ideas{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def _codes(page: str) -> list[str]:
    """As they stand in the list, without those that need somebody above it."""
    listed = page[page.index('id="found"') :]
    return re.findall(r'data-open dir="ltr">([0-9A-Z-]{9})<', listed)


async def test_an_empty_inbox_says_what_will_be_there(stage: Stage) -> None:
    page = await _page(stage)
    assert "No idea is here yet" in page
    assert "Nothing needs you today." in page


async def test_ideas_are_found_by_the_beginning_of_any_word_without_case_and_accents(stage: Stage) -> None:
    cafe = await says(stage, 1, "Ein CAFÉ am Fluß")
    tram = await says(stage, 2, "Trams at night, every night")
    for typed, found in (("cafe", [cafe]), ("fluss", [cafe]), ("tra", [tram]), ("night tram", [tram]), ("rams", [])):
        assert _codes(await _page(stage, query=f"?q={typed}")) == found, typed
    assert _codes(await _page(stage, query=f"?q={cafe}")) == [cafe]
    assert _codes(await _page(stage, query="?q=🌳")) == []
    assert "Nothing fits all of that" in await _page(stage, query="?q=zeppelin")


async def test_words_that_are_hidden_erased_blacked_out_or_taken_back_by_rewording_are_not_found(stage: Stage) -> None:
    code = await says(stage, 1, "The mayor lives at Mill Lane")
    await goes_on(stage, code, Entry(EntryKind.EDITED, NOW, "The mayor lives at Rose Street"))
    assert _codes(await _page(stage, query="?q=mill")) == []
    assert _codes(await _page(stage, query="?q=rose")) == [code]
    hidden = Entry(EntryKind.HIDDEN, NOW, reason="It says where she lives", by=Role.ORGANISER, rule=Rule.PERSONAL_DATA)
    await goes_on(stage, code, hidden)
    assert _codes(await _page(stage, query="?q=rose")) == []
    page = await _page(stage)
    assert "Rose Street" not in page
    assert "Its words can’t be shown." in page
    await goes_on(stage, code, Entry(EntryKind.RESTORED, NOW, by=Role.ORGANISER))
    assert _codes(await _page(stage, query="?q=rose")) == [code]
    browser = await stage.at_desk()
    answer = await browser.post(
        f"/desk/ideas/{code}/act",
        data={
            "act": "redacted", "seen_with": "7", "rule": "personal-data", "reason": "It says where she lives.",
            "black": ["4", "5"],
        },
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    assert _codes(await _page(stage, query="?q=rose")) == []
    assert _codes(await _page(stage, query="?q=mayor")) == [code]


async def test_who_answers_sees_what_is_late_due_replied_and_appealed_first(stage: Stage) -> None:
    late = await says(stage, 1, "Late one", at=NOW - 40 * DAY)
    today = await says(stage, 2, "Due today", at=NOW - 30 * DAY)
    week = await says(stage, 3, "Due soon", at=NOW - 25 * DAY)
    replied = await says(stage, 4, "What do you mean", at=NOW - DAY)
    asked = of_planning(EntryKind.ASKED, reason="Which river do you mean?")
    await goes_on(stage, replied, asked, Entry(EntryKind.REPLIED, NOW, "The Aire"))
    still_asked = await says(stage, 5, "And this", at=NOW - DAY)
    await goes_on(stage, still_asked, asked)
    appealed = await says(stage, 6, "Not good enough", at=NOW - DAY)
    declined = of_planning(EntryKind.DECLINED, reason="There is no money for it.")
    await goes_on(stage, appealed, declined, Entry(EntryKind.APPEALED, NOW, "Please", next="planning", days=30))
    await says(stage, 7, "In time", at=NOW - DAY)
    for need, code in (("late", late), ("today", today), ("week", week), ("replied", replied), ("appeal", appealed)):
        assert _codes(await _page(stage, SECRETARY, f"?need={need}")) == [code], need
        assert _codes(await _page(stage, CHIEF, f"?need={need}")) == [], "it is for the secretary to answer"
    page = await _page(stage, SECRETARY)
    order = [page.index(f">{words}</h3>") for words in ("Late", "Due today", "Appealed", "Due within a week")]
    assert order == sorted(order)
    assert "Nothing needs you today." not in page


async def test_an_organiser_of_the_whole_sees_what_is_astray_contested_and_late_with_others(stage: Stage) -> None:
    astray = await says(stage, 1, "Nobody has it", to=None)
    late = await says(stage, 2, "Late one", at=NOW - 40 * DAY)
    await goes_on(stage, late, Entry(EntryKind.SILENT, NOW, body="planning"))
    hidden = await says(stage, 3, "A rude one")
    rude = Entry(EntryKind.HIDDEN, NOW, reason="It calls names", by=Role.ORGANISER, rule=Rule.ABUSE)
    await goes_on(stage, hidden, rude, Entry(EntryKind.CONTESTED, NOW, "It doesn’t", rule=Rule.ABUSE))
    for need, code in (("astray", astray), ("overdue", late), ("hiding", hidden)):
        assert _codes(await _page(stage, CHIEF, f"?need={need}")) == [code], need
        assert _codes(await _page(stage, YORK, f"?need={need}")) == [], need
    assert _codes(await _page(stage, SECRETARY, "?need=late")) == [late]


async def test_the_list_is_narrowed_by_stage_body_topic_consultation_and_attachments(stage: Stage) -> None:
    await stage.load(consultation("city"))
    photo = Attachment(AttachmentKind.PHOTO, "telegram:1", "f")
    one = await says(stage, 1, "With a photo", attachments=(photo,))
    two = await says(stage, 2, "In the consultation", to=None, consultation="city")
    three = await says(stage, 3, "To Leeds", to="leeds")
    browser = await stage.at_desk()
    assert (await browser.post(f"/desk/ideas/{three}/topics", data={"topic": ["housing", "nonsense"]})).is_redirect
    for query, found in {
        "?attached=1": [one],
        "?consultation=city": [two],
        "?stage=received": [two],
        "?body=leeds": [three],
        "?topic=housing": [three],
        "?topic=nonsense": [],
        "?stage=nonsense&sort=nonsense&need=nonsense": [three, two, one],
        "?sort=oldest": [one, two, three],
    }.items():
        assert _codes(await _page(stage, query=query)) == found, query
    (noted,) = [n for n in await stage.assembly.desk.deeds.latest(20) if n.deed.did is Did.TAGGED]
    assert (noted.deed.about, noted.deed.body, noted.deed.detail) == (f"idea:{three}", "leeds", "housing")


async def test_pages_follow_one_another_and_hold_each_idea_once(stage: Stage) -> None:
    codes = [await says(stage, number, f"Number {number}", at=NOW - number % 3 * DAY) for number in range(1, 91)]
    browser = await stage.at_desk()
    for sort in ("newest", "oldest", "still", "supported"):
        page, met = (await browser.get(f"/desk/ideas?sort={sort}")).text, list[str]()
        while True:
            met += _codes(page)
            assert "90 ideas" in page
            further = re.search(r'href="(/desk/ideas\?[^"]*after=[^"]*)"', page)
            if further is None:
                break
            page = (await browser.get(further[1].replace("&amp;", "&"))).text
        assert (sort, len(met), set(met)) == (sort, len(codes), set(codes))


async def test_nobody_sees_what_is_none_of_their_bodies_or_consultations(stage: Stage) -> None:
    await stage.load(consultation("city"), consultation("moor", bodies=("leeds",)))
    theirs = await says(stage, 1, "To Leeds", to="leeds")
    once = await says(stage, 2, "Once with Leeds", to="leeds")
    await goes_on(
        stage, once, Entry(EntryKind.NOT_OURS, NOW, body="leeds", next="york", days=30, reason="It is York’s")
    )
    run = await says(stage, 3, "Said on the moor", to=None, consultation="moor")
    other = await says(stage, 4, "To York", to="york")
    city = await says(stage, 5, "In the city", to=None, consultation="city")
    assert _codes(await _page(stage, LEEDS)) == [run, once, theirs]
    assert _codes(await _page(stage, YORK)) == [other, once]
    assert _codes(await _page(stage, SECRETARY)) == []
    assert _codes(await _page(stage, CHIEF)) == [city, other, run, once, theirs]
    lee = await stage.at_desk(LEEDS)
    for code in (other, city, code_of(99), "nonsense"):
        for path in ("", "/talk", "/talk/lines"):
            assert (await lee.get(f"/desk/ideas/{code}{path}")).status_code == 404, (code, path)
        for path in ("/act", "/seen", "/topics", "/talk", "/talk/begin", "/talk/end", "/talk/typing"):
            assert (await lee.post(f"/desk/ideas/{code}{path}", data={"act": "hidden"})).status_code == 404, (
                code,
                path,
            )
    assert "York" not in (await lee.post("/desk/ideas/together", data={"code": [theirs, other]})).text.replace(
        "York branch", ""
    )


async def test_whatever_somebody_wrote_is_shown_as_words(stage: Stage) -> None:
    wild = "<script>alert(1)</script> \u202e evil " + "🌳" * 4_000
    code = await says(stage, 1, wild)
    page = await _page(stage)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    browser = await stage.at_desk()
    assert "<script>alert" not in (await browser.get(f"/desk/ideas/{code}")).text


async def test_a_search_in_place_gets_only_the_list(stage: Stage) -> None:
    code = await says(stage, 1)
    browser = await stage.at_desk()
    answer = await browser.get("/desk/ideas?q=tree", headers={"hx-request": "true", "hx-target": "found"})
    assert "<html" not in answer.text
    assert code in answer.text


async def test_members_have_no_inbox(stage: Stage) -> None:
    assert (await (await stage.at_desk(ADA)).get("/desk/ideas")).status_code == 303
