"""Answering at the desk: the same rules, entries and news as in chat, with nothing lost where somebody is quicker."""

import httpx
import pytest
from sqlalchemy import select

from core.deeds import Did, Via
from core.events import IdeaSupported
from core.ideas import Idea
from core.members import Role
from core.standings import Stage as Where
from core.stories import Entry, EntryKind, Rule
from core.turns.moderation import BLACK
from storage.database import Database
from storage.outgoing import delivery
from tests.desk.inbox_stage import code_of, goes_on, idea_of, of_planning, says
from tests.desk.stage import CHIEF, LEEDS, NOW, SECRETARY, YORK, Stage

REASON = "There is no money for it this year."


async def _act(browser: httpx.AsyncClient, idea: Idea, act: str, **fields: object) -> httpx.Response:
    """As the form of its page would be posted."""
    values = {"act": act, "seen_with": str(len(idea.story)), **fields}
    return await browser.post(f"/desk/ideas/{idea.code}/act", data=values)


async def _told(stage: Stage, code: str) -> list[tuple[int, bool]]:
    """Of which entries news is on its way, and whether to the author."""
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        rows = await connection.execute(
            select(delivery.c.entry, delivery.c.to_author).where(delivery.c.idea == code).order_by(delivery.c.id)
        )
        return [(row.entry, row.to_author) for row in rows]


@pytest.mark.parametrize(
    ("act", "fields", "stands", "with_body"),
    [
        ("accepted", {}, Where.ACCEPTED, None),
        ("accepted", {"to": "leeds"}, Where.WAITING, "leeds"),
        ("declined", {"reason": REASON}, Where.DECLINED, None),
        ("asked", {"reason": "Which river do you mean?"}, Where.WAITING, "planning"),
        ("passed", {"to": "york"}, Where.WAITING, "york"),
        ("not-ours", {"reason": "It is the county’s matter."}, Where.RECEIVED, None),
        ("adopted", {}, Where.ADOPTED, None),
    ],
)
async def test_a_secretary_answers_and_the_author_hears(
    stage: Stage, act: str, fields: dict[str, str], stands: Where, with_body: str | None
) -> None:
    code = await says(stage, 1)
    await stage.turn(YORK, IdeaSupported(code, NOW))
    browser = await stage.at_desk(SECRETARY)
    answer = await _act(browser, await idea_of(stage, code), act, **fields)
    assert answer.headers["location"] == f"/desk/ideas/{code}"
    idea = await idea_of(stage, code)
    now, entry = idea.standing, idea.story[-1]
    assert (now.stage, now.with_body and now.with_body.body) == (stands, with_body)
    assert (entry.kind, entry.body, entry.by) == (EntryKind(act), "planning", Role.SECRETARY)
    assert entry.reason == fields.get("reason")
    assert sorted(await _told(stage, code)) == [(5, False), (5, True)]
    (noted,) = [n for n in await stage.assembly.desk.deeds.latest(9) if n.deed.did is Did.CONTINUED]
    assert (noted.via, noted.deed.about, noted.deed.detail, noted.name) == (Via.DESK, f"idea:{code}", act, "Sec")
    assert "Written into its story" in (await browser.get(f"/desk/ideas/{code}")).text


@pytest.mark.parametrize("act", ["declined", "not-ours", "asked"])
async def test_nobody_is_told_no_or_asked_without_words(stage: Stage, act: str) -> None:
    code = await says(stage, 1)
    browser = await stage.at_desk(SECRETARY)
    answer = await _act(browser, await idea_of(stage, code), act, reason="No, not")
    assert answer.status_code == 422
    assert "Somebody will read this to understand it." in answer.text
    assert "No, not</textarea>" in answer.text, "what was typed is kept"
    assert len((await idea_of(stage, code)).story) == 4


async def test_of_two_who_answer_at_once_the_second_is_told_and_loses_nothing(stage: Stage) -> None:
    code = await says(stage, 1)
    seen = await idea_of(stage, code)
    browser = await stage.at_desk(SECRETARY)
    await goes_on(stage, code, of_planning(EntryKind.ACCEPTED))
    answer = await _act(browser, seen, "declined", reason=REASON)
    assert answer.status_code == 409
    assert "Somebody was quicker" in answer.text
    assert (await idea_of(stage, code)).standing.stage is Where.ACCEPTED


async def test_words_that_were_changed_while_they_were_read_are_not_answered(stage: Stage) -> None:
    code = await says(stage, 1)
    seen = await idea_of(stage, code)
    browser = await stage.at_desk(SECRETARY)
    await goes_on(stage, code, Entry(EntryKind.EDITED, NOW, "Fewer trees"))
    answer = await _act(browser, seen, "declined", reason=REASON)
    assert answer.status_code == 409
    assert REASON in answer.text, "the form is still there, as it was filled in"
    assert "Fewer trees" in answer.text


async def test_a_look_is_told_and_does_not_outdate_the_form(stage: Stage) -> None:
    code = await says(stage, 1)
    seen = await idea_of(stage, code)
    browser = await stage.at_desk(SECRETARY)
    page = (await browser.get(f"/desk/ideas/{code}")).text
    assert 'hx-trigger="load"' in page
    assert (await browser.post(f"/desk/ideas/{code}/seen", headers={"hx-request": "true"})).status_code == 204
    assert (await browser.post(f"/desk/ideas/{code}/seen")).status_code == 303
    assert [entry.kind for entry in (await idea_of(stage, code)).story[4:]] == [EntryKind.SEEN]
    assert 'hx-trigger="load"' not in (await browser.get(f"/desk/ideas/{code}")).text
    assert (await _act(browser, seen, "accepted")).is_redirect


async def test_an_organiser_sends_on_what_nobody_has_and_topics_say_where(stage: Stage) -> None:
    code = await says(stage, 1, to=None)
    chief = await stage.at_desk(CHIEF)
    page = (await chief.get(f"/desk/ideas/{code}")).text
    assert "Send it to a body" in page
    answer = await _act(chief, await idea_of(stage, code), "sent", to="")
    assert answer.status_code == 422
    assert "Choose the body that it goes to." in answer.text
    assert (await _act(chief, await idea_of(stage, code), "sent", to="planning")).is_redirect
    entry = (await idea_of(stage, code)).story[-1]
    assert (entry.kind, entry.by, entry.body, entry.next, entry.days) == (
        EntryKind.SENT, Role.ORGANISER, None, "planning", 30,
    )  # fmt: skip


@pytest.mark.parametrize("who", [LEEDS, YORK])
async def test_who_only_sees_it_can_do_nothing_about_it(stage: Stage, who: object) -> None:
    code = await says(stage, 1, to="leeds")
    await goes_on(stage, code, Entry(EntryKind.PASSED, NOW, body="leeds", next="york", days=30))
    await goes_on(stage, code, Entry(EntryKind.PASSED, NOW, body="york", next="planning", days=30))
    browser = await stage.at_desk(who)  # type: ignore[arg-type]  # one of the people of the stage
    page = (await browser.get(f"/desk/ideas/{code}")).text
    assert "You don’t." in page, "the page says who does"
    assert 'name="seen_with"' not in page, "there is no form for it"
    idea = await idea_of(stage, code)
    for act in ("accepted", "declined", "asked", "passed", "not-ours", "hidden", "redacted"):
        answer = await _act(browser, idea, act, reason=REASON, to="leeds", rule="abuse", black="0")
        assert answer.status_code == 403, act
    for act in ("sent", "restored", "upheld", "carried-out"):
        assert (await _act(browser, idea, act, reason=REASON, to="leeds")).status_code == 409, act
    assert (await browser.post(f"/desk/ideas/{code}/act", data={"act": "said", "seen_with": "6"})).is_redirect
    assert await idea_of(stage, code) == idea


async def test_words_are_hidden_judged_and_shown_again(stage: Stage) -> None:
    code = await says(stage, 1, "A rude word")
    chief, secretary = await stage.at_desk(CHIEF), await stage.at_desk(SECRETARY)
    answer = await _act(chief, await idea_of(stage, code), "hidden", reason="It calls people names.")
    assert answer.status_code == 422
    assert "Under which rule?" in answer.text
    await _act(chief, await idea_of(stage, code), "hidden", rule="abuse", reason="It calls people names.")
    assert (await idea_of(stage, code)).standing.rule is Rule.ABUSE
    lee = await stage.at_desk(LEEDS)
    assert (await lee.get(f"/desk/ideas/{code}")).status_code == 404
    for page in [(await one.get(f"/desk/ideas/{code}")).text for one in (chief, secretary)]:
        assert "Read them, as somebody who decides about it" in page
        assert page.count("A rude word") == 1, "in the fold, and nowhere else"
    contested = Entry(EntryKind.CONTESTED, NOW, "It doesn’t", next="planning", days=30, rule=Rule.ABUSE)
    await goes_on(stage, code, contested)
    answer = await _act(secretary, await idea_of(stage, code), "upheld", reason="It does call them names.")
    assert answer.is_redirect
    entry = (await idea_of(stage, code)).story[-1]
    assert (entry.kind, entry.rule, entry.body) == (EntryKind.UPHELD, Rule.ABUSE, "planning")
    assert (await _act(chief, await idea_of(stage, code), "restored")).is_redirect
    assert not (await idea_of(stage, code)).standing.is_hidden


async def test_who_may_see_an_idea_but_not_decide_about_it_never_reads_hidden_words(stage: Stage) -> None:
    code = await says(stage, 1, "A rude word", to="leeds")
    await goes_on(stage, code, Entry(EntryKind.PASSED, NOW, body="leeds", next="york", days=30))
    hidden = Entry(EntryKind.HIDDEN, NOW, reason="It calls names", by=Role.ORGANISER, rule=Rule.ABUSE)
    await goes_on(stage, code, hidden)
    lee = await stage.at_desk(LEEDS)
    for path in (f"/desk/ideas/{code}", "/desk/ideas", "/desk/ideas?q=rude", f"/desk/ideas/{code}/talk"):
        page = await lee.get(path)
        assert page.status_code == 200
        assert "A rude word" not in page.text, path


async def test_words_are_blacked_out_as_they_were_chosen(stage: Stage) -> None:
    code = await says(stage, 1, "Call Mrs Smith, 0113 496 0000, about trees")
    chief = await stage.at_desk(CHIEF)
    fields = {"rule": "personal-data", "reason": "It names somebody and her number."}
    answer = await _act(chief, await idea_of(stage, code), "redacted", **fields)
    assert answer.status_code == 422
    assert "Choose the words that may not stay." in answer.text
    chosen = ["1", "2", "3", "4", "5", "999"]
    await _act(chief, await idea_of(stage, code), "redacted", black=chosen, **fields)
    idea = await idea_of(stage, code)
    black = " ".join(BLACK * n for n in (3, 6, 4, 3, 5))
    assert idea.text == f"Call {black} about trees"
    assert idea.story[0].text is None, "the words are gone from the earlier entries"


async def test_a_slip_in_which_words_are_meant_blacks_out_nothing(stage: Stage) -> None:
    code = await says(stage, 1, "One two")
    chief = await stage.at_desk(CHIEF)
    fields = {"rule": "abuse", "reason": "It calls people names.", "black": ["x", "-1", "7"]}
    assert (await _act(chief, await idea_of(stage, code), "redacted", **fields)).status_code == 422
    assert (await idea_of(stage, code)).text == "One two"


async def test_nobody_shows_their_own_hidden_words_again(stage: Stage) -> None:
    code = await says(stage, 1, "A rude word", who=CHIEF)
    hidden = Entry(EntryKind.HIDDEN, NOW, reason="It calls names", by=Role.ORGANISER, rule=Rule.ABUSE)
    await goes_on(stage, code, hidden)
    chief = await stage.at_desk(CHIEF)
    answer = await _act(chief, await idea_of(stage, code), "restored")
    assert answer.status_code == 403
    assert "It is your own idea" in answer.text


async def test_those_that_read_alike_are_shown_and_can_be_answered_together(stage: Stage) -> None:
    one = await says(stage, 1, "More street trees along the river walk")
    alike = await says(stage, 2, "Street trees along the river walk, please")
    await says(stage, 3, "Cheaper buses at night for everybody")
    page = (await (await stage.at_desk(SECRETARY)).get(f"/desk/ideas/{one}")).text
    kin = page[page.index("Others said alike") : page.index("What has happened")]
    assert alike in kin
    assert "buses" not in kin


# --- several together
async def test_several_are_answered_alike_each_in_its_own_story(stage: Stage) -> None:
    codes = [await says(stage, number, f"Number {number}") for number in (1, 2)]
    answered = await says(stage, 3, "Number 3")
    await goes_on(stage, answered, of_planning(EntryKind.ACCEPTED))
    other = await says(stage, 4, "Not theirs to see", to="leeds")
    browser = await stage.at_desk(SECRETARY)
    chosen = {"code": [*codes, answered, other], "act": "declined"}
    page = (await browser.post("/desk/ideas/together", data=chosen)).text
    assert "It can be done to 2 ideas" in page
    assert "1 idea stays as it is" in page
    assert "It isn’t open for that: Planning commission accepted it." in page
    assert other not in page
    assert len((await idea_of(stage, codes[0])).story) == 4, "nothing has happened yet"
    seen = [f"{code} 4" for code in codes]
    answer = await browser.post("/desk/ideas/together/do", data={**chosen, "seen": seen, "reason": "No"})
    assert answer.status_code == 422
    assert "Somebody will read this" in answer.text
    answer = await browser.post(
        "/desk/ideas/together/do", data={"code": codes, "act": "declined", "seen": seen, "reason": REASON}
    )
    assert answer.headers["location"] == "/desk/ideas"
    for code in codes:
        entry = (await idea_of(stage, code)).story[-1]
        assert (entry.kind, entry.reason) == (EntryKind.DECLINED, REASON)
    assert len((await idea_of(stage, other)).story) == 4


async def test_one_that_moved_meanwhile_is_left_and_named(stage: Stage) -> None:
    first, second = [await says(stage, number, f"Number {number}") for number in (1, 2)]
    browser = await stage.at_desk(SECRETARY)
    await goes_on(stage, second, Entry(EntryKind.EDITED, NOW, "Something else"))
    fields = {"code": [first, second], "act": "accepted", "seen": [f"{first} 4", f"{second} 4"]}
    page = (await browser.post("/desk/ideas/together/do", data=fields)).text
    assert "Written into 1 story." in page
    assert "Somebody was quicker with it" in page
    assert (await idea_of(stage, first)).standing.stage is Where.ACCEPTED
    assert (await idea_of(stage, second)).standing.stage is Where.WAITING


async def test_several_are_sent_to_a_body_and_given_topics(stage: Stage) -> None:
    astray, theirs = await says(stage, 1, to=None), await says(stage, 2, to="planning")
    chief, secretary = await stage.at_desk(CHIEF), await stage.at_desk(SECRETARY)
    page = (await chief.post("/desk/ideas/together", data={"code": [astray, theirs], "act": "send"})).text
    assert "It can be done to 1 idea" in page
    assert "It is with Planning commission. Those who answer for it decide." in page
    await chief.post(
        "/desk/ideas/together/do", data={"code": astray, "act": "send", "seen": f"{astray} 3", "to": "york"}
    )
    assert (await idea_of(stage, astray)).story[-1].next == "york"
    fields = {"code": theirs, "act": "send", "seen": f"{theirs} 4", "to": "leeds"}
    await secretary.post("/desk/ideas/together/do", data=fields)
    assert (await idea_of(stage, theirs)).story[-1].kind is EntryKind.PASSED
    both = {"code": [astray, theirs], "act": "topics"}
    assert "Choose a topic." in (await chief.post("/desk/ideas/together/do", data=both)).text
    await chief.post("/desk/ideas/together/do", data={**both, "topic": "housing"})
    await chief.post("/desk/ideas/together/do", data={**both, "topic": "transport"})
    topics = await stage.assembly.desk.inbox.topics_of([astray, theirs])
    assert topics == {astray: ("housing", "transport"), theirs: ("housing", "transport")}


async def test_without_a_choice_nothing_happens(stage: Stage) -> None:
    browser = await stage.at_desk(SECRETARY)
    for data in ({}, {"code": code_of(7)}, {"code": "nonsense", "act": "nonsense"}):
        for path in ("/desk/ideas/together", "/desk/ideas/together/do"):
            assert (await browser.post(path, data=data)).headers["location"] == "/desk/ideas"
    assert "Choose some ideas first" in (await browser.get("/desk/ideas")).text


async def test_forms_from_elsewhere_are_not_taken(stage: Stage) -> None:
    code = await says(stage, 1)
    browser = await stage.at_desk(SECRETARY)
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    for path in (f"{code}/act", f"{code}/seen", f"{code}/topics", f"{code}/talk/begin", "together", "together/do"):
        answer = await browser.post(f"/desk/ideas/{path}", data={"code": code}, headers=elsewhere)
        assert answer.status_code == 403, path
    assert len((await idea_of(stage, code)).story) == 4
