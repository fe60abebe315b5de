"""Ideas by program: the same rules as in chat, hostile words unharmed, and hidden ones withheld."""

from dataclasses import replace

from core.events import BodiesLoaded, StoryContinued
from core.members import Role
from core.stories import Entry, EntryKind, Rule
from tests.api.programs import idea, program
from tests.desk.stage import BODIES, CHIEF, DAY, LEEDS, TOPICS, Stage, consultation

HOSTILE = "<script>alert(1)</script> =cmd|' /C calc'!A0 \u202egnp.exe " + "🚋" * 500


async def test_an_idea_is_told_with_its_story_and_without_its_author(stage: Stage) -> None:
    await stage.load(consultation("city"))
    code = await idea(stage, words=HOSTILE)
    chief = await program(stage)
    told = (await chief.get(f"/ideas/{code}")).json()
    assert told["text"] == HOSTILE
    assert (told["state"], told["with_body"]["body"], told["entries"]) == ("waiting", "planning", 4)
    assert [entry["kind"] for entry in told["story"]] == ["said", "confirmed", "acknowledged", "sent"]
    assert told["said_at"].endswith("Z")
    listed = (await chief.get("/ideas", params={"state": "waiting", "body": "planning"})).json()["items"]
    assert [one["code"] for one in listed] == [code]
    assert "author" not in told
    assert "telegram" not in str(told)


async def test_words_that_are_hidden_are_nowhere(stage: Stage) -> None:
    await stage.load(consultation("city"))
    code = await idea(stage, words="Something abusive")
    hidden = Entry(EntryKind.HIDDEN, stage.clock.at, reason="It is abuse.", by=Role.ORGANISER, rule=Rule.ABUSE)
    await stage.assembly.store.record([StoryContinued(code, hidden, 4)])
    chief = await program(stage)
    for path in ("/ideas", f"/ideas/{code}"):
        answer = await chief.get(path)
        assert "abusive" not in answer.text
        assert '"is_hidden":true' in answer.text


async def test_who_answers_for_the_body_decides_and_nobody_else(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    code = await idea(stage, slug="leeds")
    decline = {"act": "decline", "reason": "There is no money for it this year."}
    lee = await program(stage, LEEDS)
    answer = await lee.post(f"/ideas/{code}/acts", json=decline)
    assert answer.status_code == 403, "it is with the planning commission"
    assert answer.json()["detail"] == "It is with Planning commission. Those who answer for it decide."
    await _make_secretary_of_planning(stage)
    answer = await lee.post(f"/ideas/{code}/acts", json=decline | {"reason": "No."})
    assert (answer.status_code, answer.json()["mistakes"][0]["where"]) == (422, "body.reason")
    answer = await lee.post(f"/ideas/{code}/acts", json=decline | {"entries": 3})
    assert answer.status_code == 409, "it has gone on"
    answer = await lee.post(f"/ideas/{code}/acts", json=decline | {"entries": 4})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"code": code, "state": "declined", "entries": 5, "with_body": None}
    assert (await lee.post(f"/ideas/{code}/acts", json=decline)).status_code == 409
    log = (await lee.get("/log", params={"about": "consultation:leeds"})).json()
    assert log["items"] == []
    story = (await lee.get(f"/ideas/{code}")).json()["story"]
    assert story[-1]["reason"] == decline["reason"]


async def test_what_was_said_of_an_idea_that_was_carried_out_stands_in_its_story(stage: Stage) -> None:
    await stage.load(consultation("leeds", bodies=("leeds",)))
    code = await idea(stage, slug="leeds")
    await _make_secretary_of_planning(stage)
    lee = await program(stage, LEEDS)
    said = "The first bus went on Sunday at nine."
    for doing in ({"act": "adopt"}, {"act": "carried-out", "reason": said}):
        answer = await lee.post(f"/ideas/{code}/acts", json=doing)
        assert answer.status_code == 200, answer.text
    story = (await lee.get(f"/ideas/{code}")).json()["story"]
    assert [(entry["kind"], entry["reason"]) for entry in story[-2:]] == [("adopted", None), ("carried-out", said)]


async def _make_secretary_of_planning(stage: Stage) -> None:
    bodies = tuple(
        replace(body, members=(*body.members, (LEEDS, Role.SECRETARY))) if body.slug == "planning" else body
        for body in BODIES.all
    )
    await stage.assembly.store.record([BodiesLoaded(bodies, TOPICS)])


async def test_it_is_passed_on_routed_hidden_and_shown_again(stage: Stage) -> None:
    await stage.load(consultation("city"))
    code = await idea(stage)
    chief = await program(stage, CHIEF)
    for doing, status in (
        ({"act": "route", "to": "leeds"}, 409),
        ({"act": "hide", "reason": "It names somebody’s address."}, 422),
        ({"act": "hide", "reason": "It names somebody’s address.", "rule": "personal-data"}, 200),
        ({"act": "restore"}, 200),
        ({"act": "redact", "reason": "It names somebody’s address.", "rule": "personal-data", "words": "nowhere"}, 422),
        ({"act": "redact", "reason": "It names somebody’s address.", "rule": "personal-data", "words": "Sundays"}, 200),
        ({"act": "nonsense"}, 422),
    ):
        answer = await chief.post(f"/ideas/{code}/acts", json=doing)
        assert answer.status_code == status, (doing, answer.text)
    assert (await chief.get(f"/ideas/{code}")).json()["text"] == "Buses on ███████"


async def test_pages_of_ideas_follow_one_another(stage: Stage) -> None:
    await stage.load(consultation("city"))
    codes = []
    for number in range(5):
        stage.clock.at += DAY
        codes.append(await idea(stage, f"K7M4QX{number}", f"Idea {number}"))
    chief, seen, cursor = await program(stage), list[str](), ""
    while cursor is not None:
        page = (await chief.get("/ideas", params={"limit": 2, "cursor": cursor})).json()
        seen += [one["code"] for one in page["items"]]
        cursor = page["next"]
    assert seen == codes[::-1]
    found = (await chief.get("/ideas", params={"words": "3"})).json()["items"]
    assert [one["code"] for one in found] == [codes[3]]
