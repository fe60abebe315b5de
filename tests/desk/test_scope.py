"""Ways around the limits of an office: names that belong to others, audiences widened by hand, members drawn in."""

import re
from collections.abc import Mapping
from dataclasses import replace

import httpx
from sqlalchemy import select

from core.bodies import Body
from core.consultations import Consultation
from core.deeds import By, Via
from core.drafts import Content, Moved
from core.events import BodiesLoaded, ChannelAttached, ConsentGiven, ConsultationLoaded
from core.inbound import Commanded, Inbound
from core.members import Address, Role
from core.places import Place
from core.texts import Localised
from storage.database import Database
from storage.desk.rolls import roll
from storage.outgoing import delivery
from tests.api.programs import idea, program
from tests.desk.stage import ADA, BODIES, BOT, CHIEF, LEEDS, NOW, TOPICS, YORK, Stage, consultation

FILE = """\
consultation: leeds
title: Taken over
framing: Tell us.
audience: {audience}
prompts:
  - idea: idea
    ask: What?
"""
OF_YORK = FILE.format(audience="{bodies: [york]}")
OF_ALL = FILE.replace("leeds", "mine").replace("audience: {audience}\n", "")


async def _loaded(stage: Stage) -> Consultation:
    found = await stage.assembly.store.consultation("leeds")
    assert found is not None
    return found


async def _draft(browser: httpx.AsyncClient, text: str) -> tuple[str, str]:
    made = await browser.post("/desk/drafts/new", data={"start": "text", "text": text})
    found = re.search(r"/desk/drafts/\d+", made.headers.get("location", ""))
    assert found, made.text
    page = (await browser.get(f"{found[0]}/file")).text
    [version] = set(re.findall(r'name="version" value="(\d+)"', page))
    return found[0], version


# --- names
async def test_a_name_that_another_has_overwrites_nothing_at_the_desk(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    before, york = await _loaded(stage), await stage.at_desk(YORK)
    draft, version = await _draft(york, OF_YORK)
    for how in ("", "open"):
        answer = await york.post(f"{draft}/publish", data={"version": version, "how": how, "lose": "yes"})
        assert answer.headers["location"] == f"{draft}/publish", "it can’t be published as it stands"
    assert await _loaded(stage) == before
    draft, version = await _draft(york, OF_YORK.replace("leeds", "mine"))
    answer = await york.post(f"{draft}/publish", data={"version": version})
    assert answer.headers["location"] == "/desk/consultations/mine", "another name will do"


async def test_nor_where_it_was_taken_in_between(stage: Stage) -> None:
    drafts, by = stage.assembly.desk.drafts, By(Via.DESK, NOW)
    id = await drafts.begin(Content(OF_YORK, "leeds", "Taken over"), by)
    await stage.load(consultation("leeds", bodies=("leeds",)))
    before = await _loaded(stage)
    mine = consultation("leeds", bodies=("york",))
    assert isinstance(await drafts.publish(id, 1, [ConsultationLoaded(mine, NOW)], by), Moved)
    assert await _loaded(stage) == before
    assert await drafts.find(id) is not None, "and what was written isn’t lost"


async def test_nor_by_a_program_nor_in_chat(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    before, api = await _loaded(stage), await program(stage, YORK)
    yaml = {"content-type": "application/yaml"}
    assert (await api.post("/consultations", content=OF_YORK, headers=yaml)).status_code == 409
    assert (await api.put("/consultations/leeds", content=OF_YORK, headers=yaml)).status_code == 404
    everybody = FILE.replace("audience: {audience}\n", "")
    assert (await api.put("/consultations/other", content=everybody, headers=yaml)).status_code == 409
    keys = ('"consultation":', "? consultation\n:", "consultation: !!str", "consultation: # the name\n ")
    otherwise = [OF_YORK.replace("consultation:", key, 1) for key in keys]
    for number, text in enumerate((OF_YORK, everybody, *otherwise)):
        said = Commanded("load", text, "1")
        await stage.assembly.take(Inbound(f"load-{number}", YORK, Place.private_to(YORK), NOW, said))
    assert await _loaded(stage) == before
    assert await stage.assembly.store.consultation("other") is None


async def test_whose_keyword_it_is_stays_unsaid_while_it_is_not_open(stage: Stage) -> None:
    hidden = consultation("leeds-secret", bodies=("leeds",), is_open=False)
    await stage.load(replace(hidden, keyword="trams"))
    text = FILE.replace("leeds", "mine").format(audience="{bodies: [york]}") + "keyword: trams\n"
    answer = await (await program(stage, YORK)).post(
        "/consultations", content=text, headers={"content-type": "application/yaml"}
    )
    assert answer.status_code == 422
    assert "leeds-secret" not in answer.text


# --- audiences
async def test_an_audience_is_not_widened_by_hand(stage: Stage) -> None:
    york = await stage.at_desk(YORK)
    own = FILE.replace("leeds", "mine").format(audience="{bodies: [york]}")
    draft, version = await _draft(york, own)
    before = (await york.get(f"{draft}/download")).text
    for text in (OF_ALL, own.replace("[york]", "[leeds]"), own.replace("[york]", "[york, leeds]"),
                 own.replace("bodies: [york]", "bodies: [york], topics: [transport]")):  # fmt: skip
        assert (await york.post(f"{draft}/file", data={"text": text, "version": version})).status_code == 422
    assert (await york.get(f"{draft}/download")).text == before
    torn = own.replace("[york]", "[york, leeds")  # no file: whom it asks can't be read
    await york.post(f"{draft}/file", data={"text": torn, "version": version})
    await york.post(f"{draft}/publish", data={"version": str(int(version) + 1), "how": "open"})
    assert await stage.assembly.store.consultation("mine") is None


async def test_a_broadcast_reaches_no_further_than_an_office(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    lee, api = await stage.at_desk(LEEDS), await program(stage, LEEDS)
    for to in ("body:york", "topic:transport", "all "):
        form = {"to": to, "when": "now", "token": "0123456789abcdef"}
        assert (await lee.post("/desk/consultations/leeds/broadcast", data=form)).status_code == 422, to
    for sent in ({"bodies": ["york"]}, {"topics": ["transport"]}, {"bodies": ["leeds"], "topics": ["transport"]}):
        assert (await api.post("/consultations/leeds/broadcasts", json=sent)).status_code == 403, sent
    assert (await api.get("/consultations/leeds/broadcasts")).json()["items"] == []


# --- members
async def test_a_group_that_names_another_body_holds_nobody_of_it(stage: Stage) -> None:
    york = await stage.at_desk(YORK)
    assert (await york.post("/desk/members/groups", data={"body": "leeds", "group": "Theirs"})).status_code == 303
    for address in ("/desk/members?body=leeds", "/desk/members?role=member", "/desk/members?name=Ada"):
        assert ">Ada<" not in (await york.get(address)).text
    assert "Ada" not in (await york.post("/desk/members/members.csv", data={"body": "leeds"})).text


async def test_nobody_becomes_one_with_a_member_to_read_what_they_said(stage: Stage) -> None:
    ada, lee = await stage.turn(ADA), await stage.turn(LEEDS)
    for who in (LEEDS, CHIEF):
        own, browser = (await stage.turn(who)).id, await stage.at_desk(who)
        for pair in (f"{own}/merge/{ada.id}", f"{ada.id}/merge/{own}"):
            assert (await browser.get(f"/desk/members/{pair}")).status_code == 409
            assert (await browser.post(f"/desk/members/{pair}", data={"sure": "one"})).status_code == 409
    assert (await stage.turn(ADA)).id == ada.id
    assert (await stage.turn(LEEDS)).id == lee.id


async def _import(browser: httpx.AsyncClient, written: str) -> str:
    sent = await browser.post("/desk/members/import", files={"file": ("x.csv", written.encode())})
    own = sent.headers["location"]
    for address in (f"{own}/begin", ""):
        for _ in range(200):
            page = await browser.get(own)
            if page.status_code == 200 and "/progress" not in page.text:
                break
        if address:
            await browser.post(address)
    return page.text


async def test_whoever_organises_all_is_out_of_a_branchs_reach(stage: Stage) -> None:
    """Even as a member of that branch."""
    again = tuple(
        replace(body, members=(*body.members, (CHIEF, Role.MEMBER))) if body.slug == "leeds" else body
        for body in BODIES.all
    )
    await stage.assembly.store.record([BodiesLoaded(again, TOPICS)])
    chief, ada, lee = (await stage.turn(CHIEF)).id, (await stage.turn(ADA)).id, await stage.at_desk(LEEDS)
    assert (await lee.get(f"/desk/members/{chief}")).status_code == 200
    for address, word in (("erase", "erase"), (f"merge/{ada}", "one"), ("unverify", ""), ("file", ""), ("send", "")):
        assert (await lee.post(f"/desk/members/{chief}/{address}", data={"sure": word})).status_code == 403, address
    assert (await stage.turn(CHIEF)).id == chief


async def test_nobody_is_drawn_into_a_body_by_a_file_of_its_organiser(stage: Stage) -> None:
    stranger = Address(BOT, "900")
    known = await stage.turn(stranger, ConsentGiven(NOW))
    lee = await stage.at_desk(LEEDS)
    await _import(lee, "channel,user,body\ntelegram,900,leeds\ntelegram,1,leeds\n")
    for one in (known.id, (await stage.turn(CHIEF)).id):
        assert (await lee.get(f"/desk/members/{one}")).status_code == 404


async def test_a_row_of_the_roll_that_names_no_body_is_the_wholes(stage: Stage) -> None:
    await _import(await stage.at_desk(CHIEF), "number,postcode\nA-1234,LS1 1AA\n")
    before = await _roll(stage)
    assert len(before) == 1
    await _import(await stage.at_desk(LEEDS), "number,postcode,body\nA-1234,YO1 9ZZ,leeds\n")
    assert await _roll(stage) == before


async def _roll(stage: Stage) -> Mapping[str, tuple[str, str]]:
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        return {row.number: (row.proof, row.offices) for row in await connection.execute(select(roll))}


# --- ideas, channels, programs
async def test_ideas_of_others_are_passed_over_in_a_heap(stage: Stage) -> None:
    code = await idea(stage, body="leeds", slug="leeds")
    york = await stage.at_desk(YORK)
    for act in ("declined", "accepted", "topics", "send"):
        form = {
            "act": act,
            "code": code,
            "seen": f"{code} 4",
            "reason": "It can’t be.",
            "topic": "transport",
            "to": "york",
        }
        for address in ("/desk/ideas/together", "/desk/ideas/together/do"):
            assert code not in (await york.post(address, data=form, follow_redirects=True)).text
    found = await stage.assembly.store.idea(code)
    assert found is not None
    assert len(found.story) == 4
    assert await stage.assembly.desk.inbox.topics_of([code]) in ({}, {code: ()})


async def test_a_picture_goes_into_no_channel_of_another_body(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    channels = {"york": Place(BOT, "-1001", private=False), "leeds": Place(BOT, "-1002", private=False)}
    await stage.assembly.store.record([ChannelAttached(body, place) for body, place in channels.items()])
    lee = await stage.at_desk(LEEDS)
    assert "-1001" not in (await lee.get("/desk/consultations/leeds")).text
    form = {"prompt": "one", "to": f"{BOT} -1001"}
    assert (await lee.post("/desk/consultations/leeds/picture", data=form)).status_code == 404
    own = form | {"to": f"{BOT} -1002"}
    assert (await lee.post("/desk/consultations/leeds/picture", data=own)).status_code == 303
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        assert await connection.scalar(select(delivery.c.id).where(delivery.c.chat == "-1001")) is None


async def test_a_token_says_nothing_more_once_its_owner_holds_no_office(stage: Stage) -> None:
    api = await program(stage, YORK)
    assert (await api.get("/me")).status_code == 200
    left = tuple(Body(body.slug, Localised.of("x"), body.kind) for body in BODIES.all)
    await stage.assembly.store.record([BodiesLoaded(left, TOPICS)])
    assert (await api.get("/me")).status_code == 401
