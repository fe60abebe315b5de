"""Members at the desk: who is seen by whom, looked for, given roles, merged, erased, and taken along as a file."""

import re
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import Row, select

from core.bodies import Body, BodyKind
from core.deliveries import Priority
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    ConsentGiven,
    ConsultationFinished,
    MemberStopped,
)
from core.members import Address, Role
from core.places import Place
from core.texts import Localised
from storage.database import Database
from storage.outgoing import delivery
from storage.shapes import read_message
from tests.desk.inbox_stage import says
from tests.desk.stage import ADA, BODIES, BOT, CHIEF, DAY, LEEDS, NOW, SECRETARY, TOPICS, YORK, Stage, consultation

ZOE = Address(BOT, "777")


async def _number(stage: Stage, who: Address) -> int:
    found = await stage.assembly.store.member_at(who)
    assert found is not None
    return found.id


async def _heard(stage: Stage, who: Address) -> Sequence[Row[*tuple[Any, ...]]]:
    """What is on its way to them."""
    theirs = select(delivery.c.member_id, delivery.c.priority, delivery.c.content).where(delivery.c.chat == who.user)
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        return (await connection.execute(theirs)).all()


async def _named(browser: httpx.AsyncClient, path: str = "/desk/members") -> set[str]:
    """The names that stand in the list."""
    page = (await browser.get(path)).text
    return set(re.findall(r'<a href="/desk/members/\d+" dir="auto">([^<]+)</a>', page))


async def test_an_organiser_of_all_sees_everybody_and_of_a_branch_its_members(stage: Stage) -> None:
    assert await _named(await stage.at_desk(CHIEF)) == {"Chief", "Lee", "Yorick", "Sec", "Ada"}
    assert await _named(await stage.at_desk(LEEDS)) == {"Lee", "Ada"}
    assert await _named(await stage.at_desk(YORK)) == {"Yorick"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=AD", {"Ada"}),
        ("name=%25", set()),
        ("body=leeds", {"Lee", "Ada"}),
        ("role=organiser", {"Lee", "Yorick"}),
        ("body=leeds&role=member", {"Ada"}),
        ("channel=slack", set()),
        ("consent=stopped", {"Sec"}),
        ("consent=agreed&body=planning", set()),
        ("activity=took-part", {"Ada"}),
        ("activity=never&body=leeds", {"Lee"}),
        ("verified=yes", set()),
        ("consent=nonsense&role=king&before=x", {"Chief", "Lee", "Yorick", "Sec", "Ada"}),
    ],
)
async def test_members_are_looked_for(stage: Stage, query: str, names: set[str]) -> None:
    await stage.load(consultation())
    await stage.turn(ADA, ConsultationFinished("city", NOW))
    await stage.turn(SECRETARY, MemberStopped(NOW))
    assert await _named(await stage.at_desk(CHIEF), f"/desk/members?{query}") == names


async def test_a_search_within_a_branch_stays_within_it(stage: Stage) -> None:
    assert await _named(await stage.at_desk(LEEDS), "/desk/members?body=york") == set()


async def test_what_they_took_part_in_is_told_and_what_they_answered_isnt(stage: Stage) -> None:
    await stage.load(consultation("city"), consultation("ours", bodies=("leeds",)))
    for slug in ("city", "ours"):
        await stage.turn(ADA, AnswerGiven(slug, "words", "my own secret words", NOW), ConsultationFinished(slug, NOW))
    page = (await (await stage.at_desk(CHIEF)).get(f"/desk/members/{await _number(stage, ADA)}")).text
    assert "About city" in page
    assert "secret words" not in page
    lees = (await (await stage.at_desk(LEEDS)).get(f"/desk/members/{await _number(stage, ADA)}")).text
    assert "About ours" in lees
    assert "About city" not in lees


async def test_a_role_is_given_and_taken_and_both_are_in_the_log(stage: Stage) -> None:
    lee, number = await stage.at_desk(LEEDS), await _number(stage, ADA)
    given = {"body": "leeds", "role": "facilitator"}
    assert (await lee.post(f"/desk/members/{number}/roles", data=given)).status_code == 303
    assert "facilitator" in (await lee.get(f"/desk/members/{number}")).text
    await stage.assembly.store.record([BodiesLoaded(BODIES.all, TOPICS)])
    taken = await lee.post(f"/desk/members/{number}/roles/take", data=given)
    assert taken.headers["location"] == f"/desk/members/{number}"
    log = (await lee.get("/desk/log")).text
    assert "+ facilitator" in log
    assert "− facilitator" in log


async def test_what_stands_in_the_bodies_file_isnt_taken_away_here(stage: Stage) -> None:
    lee, number = await stage.at_desk(LEEDS), await _number(stage, ADA)
    await lee.post(f"/desk/members/{number}/roles/take", data={"body": "leeds", "role": "member"})
    assert await _named(lee) == {"Lee", "Ada"}


async def test_nobody_gives_a_role_in_a_body_of_somebody_elses(stage: Stage) -> None:
    lee, number = await stage.at_desk(LEEDS), await _number(stage, ADA)
    answer = await lee.post(f"/desk/members/{number}/roles", data={"body": "york", "role": "organiser"})
    assert answer.status_code == 400
    assert await _named(await stage.at_desk(YORK)) == {"Yorick"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("GET", "/erase"), ("POST", "/erase"), ("POST", "/roles"), ("POST", "/roles/take"),
        ("POST", "/unverify"), ("POST", "/file"), ("POST", "/send"), ("GET", "/merge/2"), ("POST", "/merge/2"),
    ],
)  # fmt: skip
async def test_of_another_branchs_member_there_is_nothing_here(stage: Stage, method: str, path: str) -> None:
    number, data = await _number(stage, YORK), {"sure": "erase", "body": "leeds", "role": "member"}
    answer = await (await stage.at_desk(LEEDS)).request(method, f"/desk/members/{number}{path}", data=data)
    assert answer.status_code == 404
    assert await stage.assembly.store.member_at(YORK) is not None


async def test_a_member_of_two_branches_is_erased_by_neither_alone(stage: Stage) -> None:
    chief, number = await stage.at_desk(CHIEF), await _number(stage, ADA)
    await chief.post(f"/desk/members/{number}/roles", data={"body": "york", "role": "member"})
    lee = await stage.at_desk(LEEDS)
    assert (await lee.post(f"/desk/members/{number}/erase", data={"sure": "erase"})).status_code == 403
    assert (await lee.get(f"/desk/members/{number}")).status_code == 200


async def test_two_accounts_of_one_person_are_found_and_made_one(stage: Stage) -> None:
    also = Body("leeds", Localised.of("Leeds branch"), BodyKind.BRANCH, ((ZOE, Role.MEMBER), *BODIES.all[0].members))
    await stage.assembly.store.record([BodiesLoaded((also, *BODIES.all[1:]), TOPICS)])
    await stage.turn(ZOE, ConsentGiven(NOW), name="ada")
    lee, ada, other = await stage.at_desk(LEEDS), await _number(stage, ADA), await _number(stage, ZOE)
    assert f"/desk/members/{ada}/merge/{other}" in (await lee.get(f"/desk/members/{ada}")).text
    assert (await lee.post(f"/desk/members/{ada}/merge/{other}", data={"sure": "well"})).status_code == 422
    assert await _number(stage, ZOE) == other
    assert (await lee.post(f"/desk/members/{ada}/merge/{other}", data={"sure": " One "})).status_code == 303
    assert await _number(stage, ZOE) == ada
    for who in (ADA, ZOE):
        (told,) = await _heard(stage, who)
        assert told.member_id == ada
        assert told.priority == Priority.NEWS, "by day, and judged again when it is sent"
        text = read_message(told.content).text
        assert "You write from Telegram.\nYou write from Telegram." in text
        assert "If one of them isn’t yours, tell your organisers" in text


async def test_of_two_who_are_made_one_whoever_said_stop_is_not_written_to(stage: Stage) -> None:
    await stage.turn(ZOE, ConsentGiven(NOW), MemberStopped(NOW), name="ada")
    chief, ada, other = await stage.at_desk(CHIEF), await _number(stage, ADA), await _number(stage, ZOE)
    assert (await chief.post(f"/desk/members/{ada}/merge/{other}", data={"sure": "one"})).status_code == 303
    assert await _heard(stage, ZOE) == []
    outbox = stage.assembly.outbox
    (lane,) = [one for one in await outbox.take_lanes("worker", NOW, NOW + DAY) if one.account == BOT]
    (told,) = await outbox.claim(lane, NOW, 9)
    receiver = (await outbox.receivers([told], NOW - DAY))[told.id]
    assert told.to == Place.private_to(ADA)
    assert receiver.has_stopped, "so that it isn’t sent"


async def test_whoever_is_erased_is_told_and_is_gone(stage: Stage) -> None:
    chief, number = await stage.at_desk(CHIEF), await _number(stage, ADA)
    assert (await chief.post(f"/desk/members/{number}/erase", data={"sure": ""})).status_code == 422
    assert (await chief.post(f"/desk/members/{number}/erase", data={"sure": "erase"})).status_code == 303
    assert await stage.assembly.store.member_at(ADA) is None
    assert await stage.assembly.outbox.backlog(Place.private_to(ADA)) == 1, "the farewell"
    assert "erased a member" in (await chief.get("/desk/log")).text
    assert (await chief.get(f"/desk/members/{number}")).status_code == 404


async def test_the_file_for_organisers_holds_no_word_of_theirs(stage: Stage) -> None:
    await stage.load(consultation())
    await stage.turn(ADA, AnswerGiven("city", "words", "my own secret words", NOW), ConsultationFinished("city", NOW))
    chief, number, code = await stage.at_desk(CHIEF), await _number(stage, ADA), await says(stage, 1)
    await chief.post(f"/desk/ideas/{code}/talk/begin")
    await chief.post(f"/desk/ideas/{code}/talk", data={"text": "About your secret words"})
    file = await chief.post(f"/desk/members/{number}/file")
    assert "name: Ada" in file.text
    assert "secret words" not in file.text
    assert code not in file.text, "nor which idea is theirs"
    assert ADA.user not in file.text
    assert "took data out" in (await chief.get("/desk/log")).text


async def test_the_list_as_a_file_is_no_trap_for_spreadsheets(stage: Stage) -> None:
    await stage.turn(ADA, name='=HYPERLINK("https://elsewhere.example")')
    file = (await (await stage.at_desk(LEEDS)).post("/desk/members/members.csv", data={"role": "member"})).text
    assert "'=HYPERLINK" in file
    assert "Yorick" not in file


async def test_a_hostile_name_is_only_a_name(stage: Stage) -> None:
    await stage.turn(ADA, name="<script>alert(1)</script>\u202e" + "🎈" * 2000)
    chief = await stage.at_desk(CHIEF)
    for path in ("/desk/members", f"/desk/members/{await _number(stage, ADA)}"):
        page = (await chief.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


# --- groups
async def test_a_search_is_saved_as_a_group_and_counted(stage: Stage) -> None:
    lee = await stage.at_desk(LEEDS)
    saved = await lee.post("/desk/members/groups", data={"group": "Our members", "role": "member"})
    assert saved.headers["location"] == "/desk/members?role=member"
    page = (await lee.get("/desk/members/groups")).text
    assert "Our members" in page
    assert "<strong>1</strong>" in page


async def test_a_group_of_one_branch_is_no_others(stage: Stage) -> None:
    lee, yorick, chief = await stage.at_desk(LEEDS), await stage.at_desk(YORK), await stage.at_desk(CHIEF)
    await lee.post("/desk/members/groups", data={"group": "Our members", "role": "member"})
    assert "Our members" not in (await yorick.get("/desk/members")).text
    assert "Our members" in (await chief.get("/desk/members")).text
    assert (await yorick.post("/desk/members/groups/1/drop")).status_code == 404
    assert (await lee.post("/desk/members/groups/1/drop")).status_code == 303
    assert "Our members" not in (await lee.get("/desk/members")).text


async def test_a_group_needs_a_name_and_a_search(stage: Stage) -> None:
    lee = await stage.at_desk(LEEDS)
    for data, problem in (({"group": "", "role": "member"}, "name"), ({"group": "All"}, "everybody")):
        answer = await lee.post("/desk/members/groups", data=data)
        assert f"problem={problem}" in answer.headers["location"]
        assert 'role="alert"' in (await lee.get(answer.headers["location"])).text
