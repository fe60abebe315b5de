"""Importing members: what each row would do, what it does, and that doing it twice does nothing."""

import asyncio
import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.deeds import By, Via
from core.events import ConsentGiven
from core.headings import Part, recognise
from core.imports import Fate, ImportState
from core.members import Address, Role
from folkmoot.rolling import hash_roll
from folkmoot.running import Channels, parts_for, running
from tests.desk.stage import ADA, BOT, CHIEF, DAY, LEEDS, NOW, YORK, SetClock, Stage
from web.app import create_app
from web.desk.importing import CUT_SHORT_AFTER
from web.desk.uploads import LARGEST_UPLOAD, Layout, look, rows

AT = "/desk/members/import"
NEWCOMER = Address(BOT, "4711")


async def _send(browser: httpx.AsyncClient, content: str | bytes) -> str:
    raw = content.encode() if isinstance(content, str) else content
    answer = await browser.post(AT, files={"file": ("members.csv", raw, "text/csv")})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def _until(stage: Stage, at: str, state: ImportState) -> dict[Fate, int]:
    for _ in range(400):
        found = await stage.assembly.desk.membership.imports.find(int(at.rpartition("/")[2]))
        if found and found.state is state:
            return {fate: count for fate, count in found.counts.items() if count}
        await asyncio.sleep(0.02)
    raise AssertionError(f"it didn't come to {state}")


async def _checked(stage: Stage, browser: httpx.AsyncClient, content: str | bytes) -> tuple[str, dict[Fate, int]]:
    await stage.assembly.outbox.open_lane(BOT)
    at = await _send(browser, content)
    return at, await _until(stage, at, ImportState.CHECKED)


async def _imported(stage: Stage, browser: httpx.AsyncClient, content: str | bytes) -> dict[Fate, int]:
    at, _ = await _checked(stage, browser, content)
    await browser.post(f"{at}/begin")
    return await _until(stage, at, ImportState.DONE)


async def _offices(stage: Stage, who: Address) -> set[tuple[str, Role]]:
    found = await stage.assembly.store.member_at(who)
    assert found is not None
    person = await stage.assembly.desk.membership.register.person(None, found.id)
    assert person is not None
    return set(person.listed.offices)


async def test_nothing_is_written_before_the_import_and_then_everything_once(stage: Stage) -> None:
    chief, content = (
        await stage.at_desk(CHIEF),
        "channel,user id,body,role,language\ntelegram,4711,leeds,secretary,cy\n",
    )
    _, counts = await _checked(stage, chief, content)
    assert counts == {Fate.NEW: 1}
    await stage.turn(NEWCOMER, ConsentGiven(NOW))
    assert await _offices(stage, NEWCOMER) == set()
    assert await _imported(stage, chief, content) == {Fate.NEW: 1}
    assert await _offices(stage, NEWCOMER) == {("leeds", Role.SECRETARY)}
    assert await _imported(stage, chief, content) == {Fate.KNOWN: 1}
    assert "imported members" in (await chief.get("/desk/log")).text


async def test_whoever_was_named_beforehand_finds_their_language_and_topics(stage: Stage) -> None:
    content = "sianel;id defnyddiwr;cangen;iaith;pynciau\ntelegram;4711;Leeds branch;Cymraeg;housing\n"
    await _imported(stage, await stage.at_desk(CHIEF), content.encode("cp1252"))
    came = await stage.turn(NEWCOMER, ConsentGiven(NOW))
    assert came.language == "cy"
    kept = await stage.assembly.desk.membership.register.kept(came.id)
    assert kept is not None
    assert kept.topics == ("housing",)


REJECTED = {
    "telegram,4711,atlantis,,,": "There is no body called “atlantis”.",
    "telegram,4711,leeds,king,,": "There is no role called “king”.",
    "telegram,@ada,leeds,,,": "A user id on Telegram is a number, not a @name.",
    "slack,U1,leeds,,,": "There is no account called “slack” here.",
    "web,abc,leeds,,,": "Nobody can be named beforehand in the web chat",
    "telegram,,leeds,,,": "The user id is missing.",
    ",,leeds,,17,nowhere": "“nowhere” can’t be a postcode.",
    ",,leeds,,17,": "The postcode is missing.",
    ",,leeds,,,": "Neither an address nor a membership number stands here.",
    ",,york,,18,YO1 7HH": "isn’t a body that you organise",
}


async def test_every_row_that_is_rejected_says_why(stage: Stage) -> None:
    lee = await stage.at_desk(LEEDS)
    content = "\n".join(
        ["channel,user id,body,role,number,postcode", *REJECTED, ",,leeds,,19,LS1 4AP", ",,leeds,,019,LS1 4AP"]
    )
    at, counts = await _checked(stage, lee, content)
    assert counts == {Fate.REJECTED: len(REJECTED) + 1, Fate.NEW: 1}
    told = list(csv.reader(io.StringIO((await lee.get(f"{at}/rows.csv")).content.decode("utf-8-sig"))))
    for row, why in zip(told[1:], REJECTED.values(), strict=False):
        assert row[1] == "rejected"
        assert why in row[2]
    assert told[-1][2] == "This number stands in row 12 already."
    assert "There is no body called" in (await lee.get(at)).text


async def test_an_organiser_of_a_branch_names_nobody_whom_they_dont_see(stage: Stage) -> None:
    """Else they would see anybody’s name and consent by their id."""
    content = f"channel,user id,body\ntelegram,{YORK.user},leeds\ntelegram,{ADA.user},leeds\n"
    assert await _imported(stage, await stage.at_desk(LEEDS), content) == {Fate.CLASH: 1, Fate.KNOWN: 1}
    assert await _offices(stage, YORK) == {("york", Role.ORGANISER)}


async def test_what_another_body_knows_beforehand_stays_and_whose_it_is_isnt_told(stage: Stage) -> None:
    head, chief = "channel,user id,body,language\n", await stage.at_desk(CHIEF)
    lee, yorick = await stage.at_desk(LEEDS), await stage.at_desk(YORK)
    await _imported(stage, chief, "channel,user id,language\ntelegram,4712,cy\n")
    assert await _imported(stage, yorick, f"{head}telegram,4711,york,cy\n") == {Fate.NEW: 1}
    for user in ("4711", "4712"):
        at, counts = await _checked(stage, lee, f"{head}telegram,{user},leeds,en\n")
        assert counts == {Fate.CLASH: 1}
        told = (await lee.get(f"{at}/rows.csv")).text
        assert "Another body has named this address already." in told
        assert "york" not in told.casefold()
    assert await _imported(stage, lee, f"{head}telegram,4711,leeds,\n") == {Fate.NEW: 1}
    assert await _imported(stage, lee, f"{head}telegram,4711,leeds,en\n") == {Fate.CLASH: 1}, (
        "nor once it is named by both"
    )
    came = await stage.turn(NEWCOMER, ConsentGiven(NOW))
    assert came.language == "cy"
    assert await _offices(stage, NEWCOMER) == {("leeds", Role.MEMBER), ("york", Role.MEMBER)}


async def test_columns_that_arent_known_are_asked_about(stage: Stage) -> None:
    chief = await stage.at_desk(CHIEF)
    await stage.assembly.outbox.open_lane(BOT)
    at = await _send(chief, "wo,wer,gruppe\ntelegram,4711,leeds\n")
    assert "gruppe" in (await chief.get(at)).text
    wrong = {"column-0": "channel", "column-1": "channel"}
    assert "problem=twice" in (await chief.post(f"{at}/columns", data=wrong)).headers["location"]
    await chief.post(f"{at}/columns", data={"column-0": "channel", "column-1": "user_id", "column-2": "body"})
    assert await _until(stage, at, ImportState.CHECKED) == {Fate.NEW: 1}


async def test_a_roll_hashed_elsewhere_is_the_roll(stage: Stage, tmp_path: Path) -> None:
    chief, roll, hashed = await stage.at_desk(CHIEF), tmp_path / "roll.csv", tmp_path / "hashed.csv"
    roll.write_text("membership number,postcode,body\n0047,LS1 4AP,leeds\n")
    assert hash_roll(roll, hashed, stage.assembly.desk.membership.rolls.key).is_good
    assert "LS1" not in hashed.read_text()
    assert await _imported(stage, chief, hashed.read_bytes()) == {Fate.NEW: 1}
    assert await _imported(stage, chief, roll.read_bytes()) == {Fate.KNOWN: 1}


async def test_what_was_cut_short_says_so_and_goes_on_without_repeating_anything(stage: Stage) -> None:
    chief = await stage.at_desk(CHIEF)
    people = "".join(f"telegram,{number},leeds\n" for number in range(5000, 6200))
    at, _ = await _checked(stage, chief, f"channel,user id,body\n{people}")
    imports, member = stage.assembly.desk.membership.imports, await stage.assembly.store.member_at(CHIEF)
    assert member is not None
    number = int(at.rpartition("/")[2])
    await imports.start(By(Via.DESK, NOW, member.id), number, ImportState.IMPORTING, ImportState.CHECKED, NOW)
    await imports.take(number, [], None, 500, {Fate.NEW: 500}, NOW)
    assert "cut short" not in (await chief.get(at)).text
    stage.clock.at += CUT_SHORT_AFTER
    assert "cut short at row 500" in (await chief.get(at)).text
    await chief.post(f"{at}/begin")
    assert await _until(stage, at, ImportState.DONE) == {Fate.NEW: 1200}


async def test_what_lies_there_for_a_day_goes_though_nobody_looks(stage: Stage) -> None:
    chief, folder = await stage.at_desk(CHIEF), stage.assembly.desk.membership.uploads
    at, _ = await _checked(stage, chief, "membership number,postcode\n0047,LS1 4AP\n")
    orphan, fresh = folder / "orphan.csv", folder / "fresh.csv"
    for path in (orphan, fresh):
        path.write_text("0047,LS1 4AP")
    later = datetime.now(UTC) + 2 * DAY
    os.utime(fresh, times=(later.timestamp(), later.timestamp()))
    async with running(stage.assembly.settings, web=True, work=False, clock=SetClock(later)):
        for _ in range(400):
            if set(folder.iterdir()) == {fresh}:
                break
            await asyncio.sleep(0.02)
        assert set(folder.iterdir()) == {fresh}
    assert (await chief.get(f"{at}/rows.csv")).status_code == 404


async def test_a_file_is_its_senders_business_alone(stage: Stage) -> None:
    at, _ = await _checked(stage, await stage.at_desk(LEEDS), "number,postcode,body\n7,LS1 4AP,leeds\n")
    for path in ("", "/rows.csv", "/progress"):
        assert (await (await stage.at_desk(CHIEF)).get(f"{at}{path}")).status_code == 404
    assert (await (await stage.at_desk(YORK)).post(f"{at}/begin")).status_code == 404


async def test_only_an_organiser_at_the_desk_may_send_much(stage: Stage) -> None:
    much, lee = (
        {"file": ("m.csv", b"number,postcode,name\n" + (b"1,LS1 4AP," + b"x" * 990 + b"\n") * 1_500)},
        await stage.at_desk(LEEDS),
    )
    app = create_app(parts_for(stage.assembly, Channels(stage.assembly, None, None)))
    within = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=stage.url, headers=lee.headers)
    async with within as stranger:
        assert (await stranger.post(AT, files=much)).status_code == 413
        stranger.cookies.update(lee.cookies)
        assert (await stranger.post("/desk/members/groups", files=much)).status_code == 413
        at = (await stranger.post(AT, files=much)).headers["location"]
        announced = {"content-length": str(LARGEST_UPLOAD + 1), "content-type": "multipart/form-data; boundary=x"}
        refused = await stranger.post(AT, content=b"", headers=announced)
        assert refused.status_code == 413
        assert "60" in refused.text
    await _until(stage, at, ImportState.CHECKED)


# --- how files are written
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_however_a_spreadsheet_wrote_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "m.csv"
    table = (["Rhif aelodaeth", "Côd post", "Enw"], ["1", "LS1", "Siân"])
    file.write_text("\r\n".join(delimiter.join(row) for row in table), encoding)
    layout, header = look(file)
    assert recognise(header).parts == (Part.NUMBER, Part.POSTCODE, Part.NAME)
    assert list(rows(file, layout)) == [(2, ["1", "LS1", "Siân"])]


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=12))
def test_what_is_written_as_csv_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    """But for lone surrogates, which no file can hold, and empty rows."""
    plain = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in table]
    file = tmp_path_factory.mktemp("csv") / "m.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["heading"], *plain])
    read = [cells for _, cells in rows(file, Layout("utf-8", ","))]
    assert read == [row for row in plain if any(cell.strip() for cell in row)]


@given(st.binary(max_size=2_000))
def test_any_bytes_at_all_are_looked_at_and_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("bytes") / "m.csv"
    file.write_bytes(content)
    layout, header = look(file)
    assert len(recognise(header).parts) == len(header)
    assert all(number > 1 for number, _ in rows(file, layout))
