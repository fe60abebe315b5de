"""The outcome: closing, writing, seeing who will be told, telling; and who may see the results. And the page of
answers."""

from dataclasses import replace

from core.consultations import ResultsWhen
from core.events import AnswerGiven, ConsentGiven, ConsultationBegun, MemberStopped
from core.members import Address
from tests.desk.stage import ADA, BOT, DAY, LEEDS, NOW, YORK, Stage, consultation

OWN = "/desk/consultations/city/outcome"
WORDS = {"words-en": "We plant two hundred trees.", "words-cy": "Byddwn yn plannu coed."}


async def taken_part(stage: Stage) -> None:
    await stage.load(consultation())
    for number, who in enumerate((ADA, LEEDS, Address(BOT, "77"))):
        given = [AnswerGiven("city", "one", "parks", NOW), AnswerGiven("city", "words", f"I say {number}", NOW)]
        await stage.turn(who, ConsentGiven(NOW), ConsultationBegun("city", NOW), *given)
    await stage.turn(LEEDS, MemberStopped(NOW))


async def test_closed_written_looked_at_and_sent(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    assert "It is open until" in (await browser.get(OWN)).text
    assert 'href="/desk/consultations/city/close"' in (await browser.get(OWN)).text
    await browser.post("/desk/consultations/city/close")
    assert "/close" not in (await browser.get(OWN)).text
    looked = (await browser.post(OWN, data=WORDS)).text
    for said in ("Tell everybody who took part?", "2 members who took part will be told", "said STOP", "Telegram"):
        assert said in looked, said
    assert looked.count("We plant two hundred trees.") == 4, "on three screens, and in the form"
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert found.outcome is None, "looking sends nothing"
    assert (await browser.post(f"{OWN}/send", data=WORDS)).headers["location"] == OWN
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert found.outcome is not None
    assert dict(found.outcome.texts) == {"en": WORDS["words-en"], "cy": WORDS["words-cy"]}
    assert found.outcome_at == NOW
    did = [one.deed.did.value for one in await stage.assembly.desk.deeds.latest(10)]
    assert did[:2] == ["outcome", "closed"]
    page = (await browser.get(OWN)).text
    assert "It is published" in page
    assert "Change the words" in page


async def test_words_that_were_told_are_changed_without_telling_again(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    await browser.post(f"{OWN}/send", data=WORDS)
    stage.clock.at += DAY
    await browser.post(f"{OWN}/send", data={"words-en": "We plant three hundred.", "words-cy": ""})
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert found.outcome is not None
    assert dict(found.outcome.texts) == {"en": "We plant three hundred."}
    assert found.outcome_at == NOW, "it was published when it was"


async def test_words_can_be_changed_before_they_are_sent(stage: Stage) -> None:
    await taken_part(stage)
    page = (await (await stage.at_desk()).post(OWN, data={**WORDS, "act": "change"})).text
    assert "We plant two hundred trees.</textarea>" in page


async def test_nothing_said_or_too_much_is_explained_where_it_is(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    for words, problem in (("  ", "Say what came of it."), ("x" * 3_001, "please keep it to 3,000")):
        for address in (OWN, f"{OWN}/send"):
            answer = await browser.post(address, data={"words-en": words})
            assert answer.status_code == 422
            assert problem in answer.text
            assert 'aria-invalid="true"' in answer.text
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert found.outcome is None


async def test_what_was_typed_is_shown_as_words_and_nothing_else(stage: Stage) -> None:
    await taken_part(stage)
    looked = (await (await stage.at_desk()).post(OWN, data={"words-en": "<script>alert(1)</script>"})).text
    assert "<script>alert" not in looked


async def test_it_is_said_where_the_plan_tells_nobody(stage: Stage) -> None:
    await stage.load(replace(consultation(), nudges=()))
    page = (await (await stage.at_desk()).get(OWN)).text
    assert "Its plan tells nobody of the outcome." in page


async def test_whoever_may_see_the_results_is_set_here(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    assert "Now only organisers see them." in (await browser.get(OWN)).text
    for least, kept in (("1000", 100), ("1", 2), ("some", 2)):
        await browser.post(f"{OWN}/results", data={"when": "live", "least": least})
        found = await stage.assembly.store.consultation("city")
        assert found is not None
        assert (found.results, found.least) == (ResultsWhen.LIVE, kept), "the nearest that can be"
    assert "Now anybody may see them." in (await browser.get(OWN)).text
    assert (await browser.post(f"{OWN}/results", data={"when": "sometimes"})).status_code == 422


async def test_setting_who_may_see_them_leaves_what_was_set_by_hand(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    await browser.post("/desk/consultations/city/close")
    await browser.post(f"{OWN}/send", data=WORDS)
    await browser.post(f"{OWN}/results", data={"when": "never", "least": "9"})
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert (found.closes_at, found.outcome_at, found.least) == (NOW, NOW, 9)
    assert found.outcome is not None


async def test_only_whoever_runs_it_comes_here(stage: Stage) -> None:
    await stage.load(consultation(bodies=("leeds",)))
    york = await stage.at_desk(YORK)
    for path in ("outcome", "answers", "answers/words", "answers/one.png", "export"):
        assert (await york.get(f"/desk/consultations/city/{path}")).status_code == 404, path
    for path in ("outcome", "outcome/send", "outcome/results"):
        sent = await york.post(f"/desk/consultations/city/{path}", data={**WORDS, "when": "live", "least": "5"})
        assert sent.status_code == 404, path
    found = await stage.assembly.store.consultation("city")
    assert found is not None
    assert (found.outcome, found.closes_at, found.results) == (None, NOW + 20 * DAY, ResultsWhen.CLOSED)
    lee = await stage.at_desk(LEEDS)
    assert (await lee.get("/desk/consultations/city/answers")).status_code == 200
    assert (await lee.get("/desk/consultations/city/answers?body=york")).status_code == 404


# --- the page of answers
async def test_every_question_has_its_chart_and_its_table(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    page = (await browser.get("/desk/consultations/city/answers")).text
    assert "Which one?" in page
    assert 'role="img"' in page
    assert "I say 2" in page
    assert " style=" not in page
    picture = await browser.get("/desk/consultations/city/answers/one.png")
    assert picture.content.startswith(b"\x89PNG")
    assert (await browser.get("/desk/consultations/city/answers/nothing.png")).status_code == 404


async def test_answers_of_one_body_and_in_one_language(stage: Stage) -> None:
    await taken_part(stage)
    browser = await stage.at_desk()
    leeds = (await browser.get("/desk/consultations/city/answers?body=leeds")).text
    assert "2 answers." in leeds
    nobody = (await browser.get("/desk/consultations/city/answers?language=cy")).text
    assert "Nobody of those has answered yet." in nobody


async def test_an_empty_page_says_so(stage: Stage) -> None:
    await stage.load(consultation())
    page = (await (await stage.at_desk()).get("/desk/consultations/city/answers")).text
    assert "Nobody has answered yet." in page


async def test_words_are_read_page_by_page(stage: Stage) -> None:
    await stage.load(consultation())
    for number in range(52):
        who = Address(BOT, str(900 + number))
        said = AnswerGiven("city", "words", f"<b>I say {number}.</b>", NOW)
        await stage.turn(who, ConsultationBegun("city", NOW), said)
    browser = await stage.at_desk()
    first = (await browser.get("/desk/consultations/city/answers/words")).text
    assert "&lt;b&gt;I say 51.&lt;/b&gt;" in first
    assert "I say 1." not in first
    start = first.split("?before=")[1].split('"')[0]
    rest = (await browser.get(f"/desk/consultations/city/answers/words?before={start}")).text
    assert "I say 1." in rest
    assert "I say 0." in rest
    assert "I say 2." not in rest
