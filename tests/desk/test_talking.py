"""A person steps into a member's conversation with the bot: both know who talks with whom, and it ends."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from core.deeds import Did
from core.events import ConsentGiven, MemberStopped
from core.handovers import KEPT, LASTS
from core.inbound import Commanded, Deed, Inbound, Pressed, Said
from core.members import Address
from core.outbound import File, Message
from core.places import Place
from core.sessions import Session, Talking, read_session
from core.stories import EntryKind
from storage.database import Database
from storage.outgoing import delivery
from storage.shapes import read_message
from storage.tables import address
from tests.desk.inbox_stage import goes_on, of_planning, says
from tests.desk.stage import ADA, CHIEF, DAY, LEEDS, NOW, SECRETARY, YORK, Stage

MINUTE = timedelta(minutes=1)


async def _heard(stage: Stage, who: Address = ADA) -> list[Message]:
    """All that was said to them, oldest first."""
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        theirs = select(delivery.c.content).where(delivery.c.chat == who.user, delivery.c.content.is_not(None))
        return [read_message(row.content) for row in await connection.execute(theirs.order_by(delivery.c.id))]


async def _session(stage: Stage, who: Address = ADA) -> Session:
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        theirs = select(address.c.session).where(address.c.account == who.account, address.c.user_id == who.user)
        return read_session(await connection.scalar(theirs))


async def _does(stage: Stage, deed: Deed, who: Address = ADA) -> None:
    key = f"{type(deed).__name__}-{stage.clock.at.timestamp()}-{len(await _heard(stage, who))}-{deed}"
    await stage.assembly.take(Inbound(key, who, Place.private_to(who), stage.clock.at, deed))


async def _is_forgotten(stage: Stage, who: Address) -> None:
    for deed in (Commanded("forget", message="7"), Pressed("forget:sure"), Pressed("forget:certain")):
        await _does(stage, deed, who)


async def _begun(stage: Stage, who: Address = SECRETARY) -> tuple[str, httpx.AsyncClient]:
    code = await says(stage, 1)
    browser = await stage.at_desk(who)
    answer = await browser.post(f"/desk/ideas/{code}/talk/begin")
    assert answer.headers["location"] == f"/desk/ideas/{code}/talk", answer.text
    return code, browser


async def test_the_member_is_told_at_once_and_each_word_says_who_wrote_it(stage: Stage) -> None:
    code, browser = await _begun(stage)
    (told,) = await _heard(stage)
    assert told.text.startswith(
        "A person from Planning commission is writing to you now. "
        "What they write begins with ✎ Planning commission, secretary."
    )
    assert "Sec" not in told.text.replace("secretary", ""), "the office is named, and not the person"
    await browser.post(f"/desk/ideas/{code}/talk", data={"text": "Which <b>river</b>?"})
    assert (await _heard(stage))[-1].text == "✎ Planning commission, secretary\n\nWhich <b>river</b>?"
    await _does(stage, Said("The Aire. Are you a bot?", "2"))
    page = (await browser.get(f"/desk/ideas/{code}/talk")).text
    assert "The Aire. Are you a bot?" in page
    assert "&lt;b&gt;river&lt;/b&gt;" in page
    assert len(await _heard(stage)) == 2, "the bot keeps out of it"
    for secret in (ADA.user + '"', "telegram:1", ">Ada<"):
        assert secret not in page, "whom they talk with they don’t learn"


async def test_new_lines_come_as_they_are_said(stage: Stage) -> None:
    code, browser = await _begun(stage)
    lines = f"/desk/ideas/{code}/talk/lines?after="
    assert (await browser.get(f"{lines}0")).status_code == 204
    await _does(stage, Said("Hello?", "2"))
    found = await browser.get(f"{lines}0")
    assert "Hello?" in found.text
    last = (await stage.assembly.desk.talks.handovers.words(1))[-1].id
    assert f"lines?after={last}" in found.text
    assert (await browser.get(f"{lines}{last}")).status_code == 204
    await browser.post(f"/desk/ideas/{code}/talk/end")
    assert (await browser.get(f"{lines}{last}")).headers["hx-refresh"] == "true"


async def test_handing_back_tells_the_member_who_is_then_where_they_were(stage: Stage) -> None:
    before = await _session(stage)
    code, browser = await _begun(stage)
    assert isinstance((await _session(stage)).step, Talking)
    answer = await browser.post(f"/desk/ideas/{code}/talk/end")
    assert answer.headers["location"] == f"/desk/ideas/{code}"
    assert (await _heard(stage))[-1].text == "You are talking with the bot again."
    assert await _session(stage) == before
    await browser.post(f"/desk/ideas/{code}/talk/end")
    assert len(await _heard(stage)) == 2, "told once"
    await _does(stage, Said("Now I have another idea about the park", "3"))
    assert "Is this an idea" in (await _heard(stage))[-1].text or (await _heard(stage))[-1].keys
    page = await browser.post(f"/desk/ideas/{code}/talk", data={"text": "One thing more"})
    assert page.status_code == 409
    assert "One thing more" in page.text, "what was written isn’t lost"
    done = [noted.deed.did for noted in await stage.assembly.desk.deeds.latest(9)]
    assert done.count(Did.STEPPED_IN) == done.count(Did.HANDED_BACK) == 1


@pytest.mark.parametrize(
    "deed",
    [Said("STOP", "2"), Said("/mine", "2"), Commanded("help", message="2"), Pressed("handback"), Pressed("stop")],
)
async def test_stop_and_commands_work_in_the_middle_of_it_and_end_it(stage: Stage, deed: Deed) -> None:
    code, browser = await _begun(stage)
    await _does(stage, deed)
    assert "You are talking with the bot again." in (await _heard(stage))[-1].text
    assert not isinstance((await _session(stage)).step, Talking)
    page = (await browser.get(f"/desk/ideas/{code}/talk")).text
    assert "This conversation has ended" in page
    noted = [one.deed.did for one in await stage.assembly.desk.deeds.latest(9)]
    assert Did.HANDED_BACK not in noted, "what a member does isn’t for the log"


async def test_other_buttons_work_beneath_it(stage: Stage) -> None:
    await _begun(stage)
    await _does(stage, Pressed("mine"))
    assert isinstance((await _session(stage)).step, Talking)
    assert len(await _heard(stage)) == 2


async def test_words_of_a_menu_are_words_for_the_person(stage: Stage) -> None:
    code, _ = await _begun(stage)
    for said in ("help", "hello", code):
        await _does(stage, Said(said, said))
    words = [word.text for word in await stage.assembly.desk.talks.handovers.words(1)]
    assert words == ["help", "hello", code]


async def test_after_half_an_hour_without_a_word_it_ends_by_itself(stage: Stage) -> None:
    code, browser = await _begun(stage)
    talks = stage.assembly.desk.talks
    stage.clock.at += LASTS - MINUTE
    await browser.post(f"/desk/ideas/{code}/talk", data={"text": "Are you there?"})
    stage.clock.at += LASTS - MINUTE
    await talks.end_idle(stage.clock.at)
    assert isinstance((await _session(stage)).step, Talking), "a word was said in between"
    stage.clock.at += MINUTE
    await talks.end_idle(stage.clock.at)
    assert (await _heard(stage))[-1].text == "You are talking with the bot again."
    assert not isinstance((await _session(stage)).step, Talking)


async def test_of_two_timekeepers_who_end_it_at_once_one_says_so(stage: Stage) -> None:
    await _begun(stage)
    stage.clock.at += LASTS
    talks, before = stage.assembly.desk.talks, len(await _heard(stage))
    await asyncio.gather(*(talks.end_idle(stage.clock.at) for _ in range(3)))
    assert len(await _heard(stage)) == before + 1


async def test_words_that_come_after_it_lapsed_go_to_the_bot(stage: Stage) -> None:
    await _begun(stage)
    stage.clock.at += LASTS
    await _does(stage, Said("What about more benches in the park?", "9"))
    assert (await _heard(stage))[-1].text.startswith("You are talking with the bot again.")
    assert await stage.assembly.desk.talks.handovers.words(1) == ()


async def test_what_was_said_goes_after_thirty_days(stage: Stage) -> None:
    code, browser = await _begun(stage)
    await _does(stage, Said("The Aire", "2"))
    await browser.post(f"/desk/ideas/{code}/talk/end")
    handovers = stage.assembly.desk.talks.handovers
    await stage.assembly.desk.talks.end_idle(NOW + KEPT)
    assert await handovers.words(1)
    await stage.assembly.desk.talks.end_idle(NOW + KEPT + MINUTE)
    assert await handovers.find(1) is None
    assert await handovers.words(1) == ()


async def test_who_said_stop_is_forgotten_or_sleeps_is_not_written_to(stage: Stage) -> None:
    code = await says(stage, 1)
    browser = await stage.at_desk(SECRETARY)
    stage.clock.at = NOW.replace(hour=23)
    page = await browser.post(f"/desk/ideas/{code}/talk/begin")
    assert page.status_code == 409
    assert "It is night where its author lives." in page.text
    stage.clock.at = NOW + DAY
    await stage.turn(ADA, MemberStopped(NOW))
    assert "Its author has said STOP" in (await browser.post(f"/desk/ideas/{code}/talk/begin")).text
    await _is_forgotten(stage, ADA)
    assert (await browser.post(f"/desk/ideas/{code}/talk/begin")).status_code == 404
    assert not any("A person from" in said.text for said in await _heard(stage))


async def test_only_one_person_talks_with_a_member(stage: Stage) -> None:
    code, _ = await _begun(stage)
    chief = await stage.at_desk(CHIEF)
    page = await chief.post(f"/desk/ideas/{code}/talk/begin")
    assert "Somebody is writing to them already." in page.text
    assert "Somebody else is writing to them. You can read along." in (await chief.get(f"/desk/ideas/{code}/talk")).text
    assert (await chief.post(f"/desk/ideas/{code}/talk", data={"text": "Me, too"})).status_code == 403
    assert (await chief.post(f"/desk/ideas/{code}/talk/end")).is_redirect, "an organiser may end it"


async def test_a_body_that_gets_the_idea_later_reads_nothing_of_what_was_said_before(stage: Stage) -> None:
    code, browser = await _begun(stage)
    await browser.post(f"/desk/ideas/{code}/talk", data={"text": "Between you and us?"})
    await goes_on(stage, code, of_planning(EntryKind.PASSED, reason="Yours", next="leeds", days=30))
    lee, chief = await stage.at_desk(LEEDS), await stage.at_desk(CHIEF)
    talk = f"/desk/ideas/{code}/talk"
    for one, reads in ((lee, False), (browser, True), (chief, True)):
        assert ("Between you and us?" in (await one.get(talk)).text) is reads
        assert ("Between you and us?" in (await one.get(f"{talk}/lines?after=0")).text) is reads
    await lee.post(f"{talk}/end")
    assert isinstance((await _session(stage)).step, Talking), "nor is it theirs to end"
    assert "To the conversation" not in (await lee.get(f"/desk/ideas/{code}")).text
    assert "Somebody is writing to them already." in (await lee.post(f"{talk}/begin")).text
    await browser.post(f"{talk}/end")
    assert "What was said last" not in (await lee.get(f"/desk/ideas/{code}")).text
    assert (await lee.post(f"{talk}/begin")).is_redirect
    await lee.post(talk, data={"text": "And now with us"})
    assert "And now with us" in (await lee.get(talk)).text
    assert "And now with us" not in (await browser.get(talk)).text, "and each reads what was theirs"


@pytest.mark.parametrize("who", [YORK, LEEDS])
async def test_nobody_steps_in_whose_office_has_nothing_to_do_with_it(stage: Stage, who: Address) -> None:
    code = await says(stage, 1)
    browser = await stage.at_desk(who)
    for path in ("begin", "end", "typing"):
        assert (await browser.post(f"/desk/ideas/{code}/talk/{path}")).status_code == 404
    assert await _heard(stage) == []


async def test_nobody_talks_with_themselves(stage: Stage) -> None:
    code = await says(stage, 1, who=CHIEF)
    chief = await stage.at_desk(CHIEF)
    assert "Write to its author yourself" not in (await chief.get(f"/desk/ideas/{code}")).text
    assert (await chief.post(f"/desk/ideas/{code}/talk/begin")).status_code == 404


async def test_in_the_web_chat_it_shows_that_a_person_is_typing(stage: Stage) -> None:
    visitor = Address("web", "v1")
    await stage.turn(visitor, ConsentGiven(NOW), name="Wyn")
    code = await says(stage, 1, who=visitor)
    browser = await stage.at_desk(SECRETARY)
    await browser.post(f"/desk/ideas/{code}/talk/begin")
    bell = stage.assembly.bell
    with bell.listen(visitor.user) as rung:
        assert not bell.is_typing(visitor.user)
        assert (await browser.post(f"/desk/ideas/{code}/talk/typing")).status_code == 204
        assert rung.is_set()
        assert bell.is_typing(visitor.user)
    assert not bell.is_typing(visitor.user), "nobody looks any more"


async def test_what_was_said_is_theirs_to_take_along_and_goes_with_them(stage: Stage) -> None:
    code, browser = await _begun(stage)
    await browser.post(f"/desk/ideas/{code}/talk", data={"text": "Which river?"})
    await _does(stage, Said("The Aire", "2"))
    await _does(stage, Pressed("file"))
    file = (await _heard(stage))[-1].file
    assert isinstance(file, File)
    told = file.text[file.text.index("talks_with_people") :]
    assert "Which river?" in told
    assert "The Aire" in told
    assert "a person in office" in told
    await _is_forgotten(stage, ADA)
    assert await stage.assembly.desk.talks.handovers.find(1) is None
    assert await stage.assembly.desk.talks.handovers.words(1) == ()


async def test_an_officer_who_is_forgotten_leaves_no_words(stage: Stage) -> None:
    code, browser = await _begun(stage)
    await browser.post(f"/desk/ideas/{code}/talk", data={"text": "Which river?"})
    await _does(stage, Said("The Aire", "2"))
    await _is_forgotten(stage, SECRETARY)
    found = await stage.assembly.desk.talks.handovers.find(1)
    assert found is not None
    assert found.officer is None
    assert [word.text for word in await stage.assembly.desk.talks.handovers.words(1)] == ["The Aire"]
