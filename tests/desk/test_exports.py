"""Taking answers along: what stands in each file, that no file holds a formula, and that open data names nobody."""

import csv
import io
import json
import zipfile
from collections import Counter
from xml.sax.saxutils import escape

import httpx
import pytest

from core.codebooks import WITHHELD
from core.consultations import Consultation
from core.events import AnswerGiven, ConsultationBegun, ConsultationFinished, IdeaCaptured
from core.ideas import Idea
from core.members import Address
from core.places import Source
from core.prompts import Value
from core.stories import Entry, EntryKind
from tests.desk.stage import BOT, CHIEF, LEEDS, NOW, SECRETARY, YORK, Stage, consultation

HOSTILE = ("=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "\t=1", "<script>alert(1)</script>", "\u202emasked", "😀" * 4_000)
CODE = "K7M4-QX2N"
EXPORT = "/desk/consultations/city/export"


async def answer(stage: Stage, nth: int, of: Consultation | None = None, **given: Value | None) -> None:
    slug = (of or consultation()).slug
    said = [AnswerGiven(slug, key, value, NOW) for key, value in given.items()]
    who = Address(BOT, str(700 + nth))
    await stage.turn(who, ConsultationBegun(slug, NOW), *said, ConsultationFinished(slug, NOW), name="A. Nonymous")


async def idea(stage: Stage, text: str) -> None:
    source = Source(BOT, "700", "1")
    member = await stage.turn(Address(BOT, "700"))
    entry = Entry(EntryKind.SAID, NOW, text=text)
    await stage.turn(Address(BOT, "700"), IdeaCaptured(Idea(CODE, member.id, source, (entry,), "city", "idea")))


async def take(browser: httpx.AsyncClient, form: str) -> httpx.Response:
    return await browser.post(EXPORT, data={"as": form})


def read(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_a_row_for_each_in_csv(stage: Stage) -> None:
    await stage.load(consultation())
    await answer(
        stage, 0, one="parks", many=("parks", "bins"), scale=4, yesno="no", number=-2.5,
        rank=("bins", "parks", "buses"), said="pass", words="Hello", idea=CODE,
    )  # fmt: skip
    await idea(stage, "More trees")
    browser = await stage.at_desk()
    taken = await take(browser, "csv")
    assert taken.headers["content-disposition"] == 'attachment; filename="city-answers.csv"'
    [row] = read(taken)
    wanted = {
        "number": "1", "language": "en", "channel": "telegram", "bodies": "", "one": "parks", "many.parks": "true",
        "many.buses": "false", "many.bins": "true", "scale": "4", "yesno": "no", "number.answer": "-2.5",
        "rank.parks": "2", "rank.buses": "3", "rank.bins": "1", "said": "pass", "words": "Hello", "idea": CODE,
        "idea.words": "More trees",
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted
    assert row["finished_at"] == "2026-05-12T14:05:00+00:00"
    assert "Nonymous" not in taken.text
    assert "700" not in taken.text


@pytest.mark.parametrize("words", HOSTILE)
async def test_nothing_that_somebody_wrote_becomes_a_formula(stage: Stage, words: str) -> None:
    await stage.load(consultation())
    await answer(stage, 0, words=words)
    browser = await stage.at_desk()
    [row] = read(await take(browser, "csv"))
    assert row["words"] == (f"'{words}" if words[0] in "=+@\t" else words)
    [sheet] = json.loads((await take(browser, "json")).content)["answers"]
    assert sheet["answers"]["words"] == words
    with zipfile.ZipFile(io.BytesIO((await take(browser, "xlsx")).content)) as book:
        inside = "".join(book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name)
    assert "<f>" not in inside
    assert escape(words.strip()) in inside


async def test_a_workbook_explains_its_columns(stage: Stage) -> None:
    await stage.load(consultation())
    await answer(stage, 0, one="parks")
    with zipfile.ZipFile(io.BytesIO((await take(await stage.at_desk(), "xlsx")).content)) as book:
        names = book.read("xl/workbook.xml").decode()
        about = book.read("xl/worksheets/sheet2.xml").decode()
    assert 'name="Answers"' in names
    assert "Which one?" in about


async def test_json_holds_the_codebook_and_tells_skipped_from_not_asked(stage: Stage) -> None:
    await stage.load(consultation())
    await answer(stage, 0, one=None, many=("bins",))
    taken = json.loads((await take(await stage.at_desk(), "json")).content)
    assert taken["answers"][0]["answers"] == {"one": None, "many": ["bins"]}
    assert "one" in [column["name"] for column in taken["codebook"]]


async def _open(stage: Stage) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO((await take(await stage.at_desk(), "open")).content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_open_data_says_nothing_in_anybodys_own_words_and_nothing_that_few_answered(stage: Stage) -> None:
    await stage.load(consultation())
    for number in range(30):
        picked = "bins" if number < 2 else "parks" if number < 17 else "buses"
        await answer(
            stage, number, one=picked, many=("parks",) if number < 28 else ("bins",), number=5 if number else 900_000,
            words="Only I say this", idea=CODE, rank=("parks", "buses", "bins"),
        )  # fmt: skip
    files = await _open(stage)
    assert sorted(files) == ["answers.csv", "codebook.json", "codebook.md", "datapackage.json", "results.json"]
    rows = list(csv.DictReader(io.StringIO(files["answers.csv"], newline="")))
    assert len(rows) == 30
    everything = "".join(files.values())
    for secret in ("Only I say this", CODE, "900000", "Nonymous", "14:05:00+00:00,"):
        assert secret not in everything, secret
    assert not {"words", "idea", "many.bins", "finished_at"} & set(rows[0])
    told = Counter(row["one"] for row in rows)
    assert told[WITHHELD] >= 5
    assert "bins" not in told
    assert min(told.values()) >= 5
    traits = Counter((row["language"], row["channel"], row["bodies"], row["begun_on"]) for row in rows)
    assert min(traits.values()) >= 5
    fields = [field["name"] for field in json.loads(files["datapackage.json"])["resources"][0]["schema"]["fields"]]
    assert fields == list(csv.reader(io.StringIO(files["answers.csv"])).__next__())
    assert json.loads(files["results.json"])["prompts"][0]["counts"]["bins"] is None
    assert "withheld" in files["codebook.md"]


async def test_open_data_of_a_few_holds_no_row_at_all(stage: Stage) -> None:
    await stage.load(consultation())
    for number in range(4):
        await answer(stage, number, one="parks")
    files = await _open(stage)
    assert len(files["answers.csv"].splitlines()) == 1
    assert json.loads(files["results.json"])["begun"] is None


async def test_each_file_that_is_taken_stands_in_the_log(stage: Stage) -> None:
    await stage.load(consultation())
    browser = await stage.at_desk()
    await take(browser, "open")
    page = (await browser.get("/desk/log")).text
    assert "city" in page
    [noted] = [one for one in await stage.assembly.desk.deeds.latest(20) if one.deed.did.value == "exported"]
    assert (noted.deed.about, noted.deed.detail, noted.name) == ("consultation:city", "open", "Chief")


async def test_files_are_for_whoever_runs_it_alone(stage: Stage) -> None:
    await stage.load(consultation(bodies=("leeds",)))
    for who, wanted in ((LEEDS, 200), (YORK, 404), (SECRETARY, 404)):
        browser = await stage.at_desk(who)
        assert (await take(browser, "csv")).status_code == wanted
        assert (await browser.get(EXPORT)).status_code in ((200,) if wanted == 200 else (403, 404))
    await (await stage.at_desk(CHIEF)).post(EXPORT, data={"as": "csv"}, headers={"sec-fetch-site": "cross-site"})
    deeds = [one for one in await stage.assembly.desk.deeds.latest(20) if one.deed.did.value == "exported"]
    assert [one.name for one in deeds] == ["Lee"], "nobody else took one, nor another site in their name"


async def test_a_file_that_there_isnt_is_said_to_be_none(stage: Stage) -> None:
    await stage.load(consultation())
    answer = await take(await stage.at_desk(), "pdf")
    assert answer.status_code == 422
    assert "There is no such file" in answer.text


async def test_the_page_says_what_each_column_means(stage: Stage) -> None:
    await stage.load(consultation())
    page = (await (await stage.at_desk()).get(EXPORT)).text
    assert "Anonymised, to be published" in page
    assert "rank.buses" in page
