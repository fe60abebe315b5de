"""Consultations by program: a file in and out without loss, mistakes where they are, and nobody's change lost."""

import json
from dataclasses import replace

from core.consultations import Audience
from core.deeds import Did
from core.events import AnswerGiven, BroadcastOrdered, ConsultationArchived, ConsultationBegun, ConsultationFinished
from core.inbound import Commanded, Inbound
from core.places import Place
from tests.api.programs import program
from tests.desk.stage import ADA, CHIEF, LEEDS, NOW, SECRETARY, YORK, Stage, consultation

AS_YAML = {"content-type": "application/yaml"}
YAML = """consultation: trams
title: {en: Trams, cy: Tramiau}
framing: {en: "Tell us 🚋.", cy: Dywedwch.}
prompts:
  - scale: well
    ask: {en: How well?, cy: Pa mor dda?}
  - text: why
    ask: {en: Why?, cy: Pam?}
    when: {well: {below: 3}}
"""


async def test_a_file_comes_back_as_it_was_in_both_ways_of_writing_it(stage: Stage) -> None:
    chief = await program(stage)
    made = await chief.post("/consultations", content=YAML, headers=AS_YAML)
    assert made.status_code == 201, made.text
    assert made.json()["phase"] == "draft"
    document = made.json()["document"]
    put = await chief.put(
        "/consultations/trams", content=json.dumps(document), headers={"content-type": "application/json"}
    )
    assert put.status_code == 200, put.text
    assert put.json()["version"] == made.json()["version"]
    file = await chief.get("/consultations/trams", headers={"accept": "application/yaml"})
    assert file.headers["content-type"].startswith("application/yaml")
    back = await chief.put("/consultations/trams", content=file.content, headers=AS_YAML)
    assert back.json()["version"] == made.json()["version"]


async def test_mistakes_come_in_the_words_of_the_check_with_their_places(stage: Stage) -> None:
    chief = await program(stage)
    wrong = YAML.replace("scale: well", "scael: well").replace("title:", "titel:")
    answer = await chief.post("/consultations", content=wrong, headers=AS_YAML)
    assert answer.status_code == 422
    mistakes = answer.json()["mistakes"]
    assert [one["line"] for one in mistakes] == sorted(one["line"] for one in mistakes)
    assert any(one["line"] == 5 and "Did you mean" in one.get("meant", "") for one in mistakes)
    assert (await chief.get("/consultations/trams")).status_code == 404


async def test_what_can_be_no_file_is_refused_kindly(stage: Stage) -> None:
    chief = await program(stage)
    for content, kind, status in (
        (b"\xff\xfe", "application/yaml", 400),
        (b"{", "application/json", 400),
        (b'{"consultation": "\\ud800"}', "application/json", 400),
        (b"x", "text/plain", 415),
        (b"[" * 100_000, "application/json", 400),
        (b'{"consultation": "x", "title": "a\\u0000b", "framing": "x", "prompts": []}', "application/json", 422),
    ):
        answer = await chief.post("/consultations", content=content, headers={"content-type": kind})
        assert answer.status_code == status, (content[:20], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


async def test_who_was_slower_is_told_and_changes_nothing(stage: Stage) -> None:
    chief, other = await program(stage), await program(stage)
    made = await chief.post("/consultations", content=YAML, headers=AS_YAML)
    seen = {"if-match": made.headers["etag"]}
    first = await chief.put("/consultations/trams", content=YAML.replace("Trams", "Buses"), headers=AS_YAML | seen)
    assert first.status_code == 200
    assert first.headers["etag"] != made.headers["etag"]
    slower = await other.put("/consultations/trams", content=YAML.replace("Trams", "Boats"), headers=AS_YAML | seen)
    assert slower.status_code == 412
    for act in ("open", "close"):
        assert (await other.post(f"/consultations/trams/{act}", headers=seen)).status_code == 412
    assert (await other.get("/consultations/trams")).json()["title"]["en"] == "Buses"
    known = await chief.get("/consultations/trams", headers={"if-none-match": first.headers["etag"]})
    assert known.status_code == 304
    gone = await chief.put("/consultations/none", content=YAML, headers=AS_YAML | seen)
    assert gone.status_code == 412


async def test_a_keyword_is_free_again_once_its_consultation_is_archived(stage: Stage) -> None:
    chief, keyword = await program(stage), "keyword: trams\n"
    await stage.load(replace(consultation("city"), keyword="trams"))
    assert (await chief.post("/consultations", content=YAML + keyword, headers=AS_YAML)).status_code == 422
    await stage.assembly.store.record([ConsultationArchived("city", NOW)])
    assert (await chief.post("/consultations", content=YAML + keyword, headers=AS_YAML)).status_code == 201


async def test_it_is_opened_broadcast_closed_and_its_outcome_published(stage: Stage) -> None:
    chief = await program(stage)
    await chief.post("/consultations", content=YAML, headers=AS_YAML)
    assert (await chief.post("/consultations/trams/broadcasts", json={})).status_code == 409, "it isn’t open"
    assert (await chief.post("/consultations/trams/open")).json()["phase"] == "open"
    assert (await chief.post("/consultations/trams/open")).status_code == 200
    ordered = await chief.post("/consultations/trams/broadcasts", json={"bodies": ["leeds"]})
    assert ordered.status_code == 201, ordered.text
    assert ordered.json()["audience"]["bodies"] == ["leeds"]
    assert (await chief.post("/consultations/trams/broadcasts", json={"bodies": ["nowhere"]})).status_code == 422
    one = f"/consultations/trams/broadcasts/{ordered.json()['id']}"
    assert (await chief.post(f"{one}/hold")).json()["held_at"] is not None
    assert (await chief.post(f"{one}/resume")).json()["held_at"] is None
    assert (await chief.get("/consultations/trams/status")).json()["phase"] == "open"
    assert (await chief.post("/consultations/trams/close")).json()["phase"] == "closed"
    published = await chief.post("/consultations/trams/outcome", json={"outcome": {"en": "More trams."}})
    assert published.json()["outcome"] == {"en": "More trams."}
    log = (await chief.get("/log", params={"about": "consultation:trams"})).json()["items"]
    assert {one["via"] for one in log} == {"api"}
    wanted = {Did.LOADED, Did.OPENED, Did.BROADCAST, Did.HELD, Did.RESUMED, Did.CLOSED, Did.OUTCOME}
    assert {one["did"] for one in log} == {did.value for did in wanted}
    assert {one["name"] for one in log} == {"Chief"}


async def test_a_broadcast_to_a_body_asks_no_more_of_it_than_the_consultation_does(stage: Stage) -> None:
    narrowed = Audience(languages=("cy",), active_days=30, verified=True)
    await stage.load(replace(consultation("city"), audience=narrowed))
    chief = await program(stage)
    ordered = await chief.post("/consultations/city/broadcasts", json={"bodies": ["leeds"]})
    assert ordered.json()["audience"] == {
        "bodies": ["leeds"], "topics": [], "languages": ["cy"], "active_days": 30, "verified": True,
    }  # fmt: skip
    said = Inbound("order", CHIEF, Place.private_to(CHIEF), NOW, Commanded("broadcast", "city to york", "1"))
    turn = await stage.assembly.take(said)
    assert turn
    [event] = [event for event in turn.events if isinstance(event, BroadcastOrdered)]
    assert event.audience == replace(narrowed, bodies=("york",))


async def test_who_organises_a_branch_finds_all_that_was_done_with_its_consultation_in_their_log(stage: Stage) -> None:
    chief, lee, yorick = await program(stage), await program(stage, LEEDS), await program(stage, YORK)
    await stage.load(consultation("leeds", bodies=("leeds",), is_open=False), consultation("city"))
    await lee.post("/consultations/leeds/open")
    ordered = (await lee.post("/consultations/leeds/broadcasts", json={})).json()["id"]
    for act in ("hold", "resume"):
        await lee.post(f"/consultations/leeds/broadcasts/{ordered}/{act}")
    await lee.get("/consultations/leeds/answers")
    await lee.post("/consultations/leeds/close")
    await chief.post("/consultations/city/close")
    log = (await lee.get("/log")).json()["items"]
    assert [one["did"] for one in log] == ["closed", "exported", "resumed", "held", "broadcast", "opened"]
    assert {(one["about"], one["body"]) for one in log} == {("consultation:leeds", "leeds")}
    assert (await yorick.get("/log")).json()["items"] == []
    assert (await chief.get("/log")).json()["items"][0]["about"] == "consultation:city"


async def test_answers_stream_without_names_and_results_are_counted(stage: Stage) -> None:
    await stage.load(consultation("city"))
    for who, choice in ((ADA, "parks"), (SECRETARY, "buses")):
        await stage.turn(
            who, ConsultationBegun("city", NOW), AnswerGiven("city", "one", choice, NOW),
            AnswerGiven("city", "words", f"=cmd|<b>{choice}</b>", NOW), ConsultationFinished("city", NOW),
        )  # fmt: skip
    chief = await program(stage)
    async with chief.stream("GET", "/consultations/city/answers") as answer:
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) async for line in answer.aiter_lines()]
    assert sorted(line["answers"]["one"] for line in lines) == ["buses", "parks"]
    assert len({line["participant"] for line in lines}) == 2
    assert "Ada" not in json.dumps(lines)
    assert ADA.user not in {str(line["participant"]) for line in lines}
    results = (await chief.get("/consultations/city/results")).json()
    one = next(prompt for prompt in results["prompts"] if prompt["key"] == "one")
    assert (one["answered"], one["counts"]["parks"], one["counts"]["bins"]) == (2, 1, 0)
    log = (await chief.get("/log")).json()["items"]
    assert log[0]["did"] == "exported"


async def test_pages_follow_one_another_whatever_is_added_meanwhile(stage: Stage) -> None:
    await stage.load(*(consultation(f"c-{number}") for number in range(5)))
    chief = await program(stage)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await chief.get("/consultations", params={"limit": 2, "cursor": cursor})).json()
        seen += [one["slug"] for one in page["items"]]
        cursor = page["next"]
        await stage.load(consultation("a-earlier"))
    assert seen == [f"c-{number}" for number in range(5)]
    assert (await chief.get("/consultations", params={"cursor": "nonsense"})).status_code == 422


async def test_sentences_come_in_a_language_that_is_asked_for(stage: Stage) -> None:
    chief = await program(stage)
    answer = await chief.get("/consultations/none", headers={"accept-language": "cy-GB,en;q=0.5"})
    assert answer.headers["content-language"] == "cy"
    answer = await chief.get("/consultations/none", headers={"accept-language": "xx"})
    assert answer.headers["content-language"] == "en"
