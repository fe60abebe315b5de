"""The whole life of an idea in Telegram, with a kill in the middle, and then checked by somebody who doubts it."""

import asyncio
import json
import time
from pathlib import Path

import httpx

from tests.fakes.telegram_payloads import TOKEN
from tests.fakes.telegram_server import TelegramServer
from tests.house.people import Person
from tests.house.processes import House, house
from tests.house.test_apart import at_noon
from tests.house.test_telegram_whole import CODE, run
from tests.patience import until

BODIES = """
bodies:
  - branch: riverside
    name: Riverside branch
    parent: conference
    answers: everything
    answers within: 30 days
    members: {{secretary: "telegram:{bot}:30"}}
  - committee: conference
    name: Conference
    answers within: 60 days
    members: {{secretary: "telegram:{bot}:31"}}
"""


async def test_an_idea_is_declined_appealed_adopted_and_carried_out_and_a_doubter_checks_it(tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        telegram.world.clock = time.time
        settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "TIMEZONE": at_noon()}
        async with house(tmp_path, **settings) as built:
            await built.serve("serve")
            (tmp_path / "bodies.yaml").write_text(BODIES.format(bot=TOKEN.partition(":")[0]))
            assert "Loaded 2 bodies" in await run(built, "load", "bodies.yaml")
            ann, ben = Person(telegram, 7, "Ann"), Person(telegram, 8, "Ben")
            rhys, carys = Person(telegram, 30, "Rhys"), Person(telegram, 31, "Carys")

            code = await _put_forward(ann)
            await _support(ben, code)
            await _decline(rhys, ann, ben, code)

            built.newest.kill()
            built.newest.wait()
            await built.serve("serve")
            await until(lambda: "sealed" in _seals(built), "everything that was said is sealed at the start")
            receipt, seal = await _receipt(built, code)
            assert "Ann" not in json.dumps(receipt)

            await _appeal_and_adopt(ann, ben, carys, code)
            await _check(built, receipt, seal, code)
            await _forget(ann, built, code)
            assert "Traceback" not in built.log()


async def _put_forward(ann: Person) -> str:
    await ann.says("/idea Benches by the river", "all right with you")
    said = await ann.presses("Yes, I agree", "Your idea is in")
    assert "Riverside branch answers it by" in said
    return str(CODE.findall(said)[0])


async def _support(ben: Person, code: str) -> None:
    await ben.says("/start", "all right with you")
    await ben.presses("Yes, I agree", "Nothing is being asked")
    assert "Benches by the river" in await ben.says(code, "waits for an answer")
    await ben.presses("I support it", "You support idea")


async def _decline(rhys: Person, ann: Person, ben: Person, code: str) -> None:
    before = len(ann.telegram.calls)
    await rhys.says("/start", "all right with you")
    await rhys.presses("Yes, I agree", "Nothing is being asked")
    assert "30 days left" in await rhys.says("/queue", "1 idea waits")
    assert "1 member supports it" in await rhys.presses("Answer it", "Benches by the river")
    await ann.hears("Riverside branch has seen it", before)
    await rhys.presses("Decline", "Why do you decline it?")
    await rhys.says("No.", "Please say it in a sentence")
    await rhys.says("There is no money for benches this year", "Riverside branch declined it")
    for who in (ann, ben):
        told = await who.hears("Riverside branch declined it", before)
        assert "There is no money for benches this year" in told


async def _appeal_and_adopt(ann: Person, ben: Person, carys: Person, code: str) -> None:
    await ann.presses("Appeal", "looked at again")
    await ann.says("The money was set aside in June", "Your appeal is in")
    await carys.says("/start", "all right with you")
    await carys.presses("Yes, I agree", "Nothing is being asked")
    shown = await carys.says("/queue", "1 idea waits")
    assert "60 days left" in shown
    assert "set aside in June" in await carys.presses("Answer it", "The author’s appeal")
    before = len(ann.telegram.calls)
    await carys.says(f"/adopt {code}", "What follows from that?")
    await carys.presses("Without words", "Conference adopted it")
    await ann.hears("Conference adopted it", before)
    await ben.hears("Conference adopted it", before)
    await carys.says(f"/carried {code}", "What was done?")
    await carys.says("Four benches stand by the river now", "it was carried out")
    await ann.hears("it was carried out", before)
    await ann.hears("Were you heard?", before)
    await ann.presses("4", "add a word")
    await ann.says("In the end they listened", "published with the answers of others")


def _seals(built: House) -> str:
    answered = httpx.get(f"{built.url}/seals.json", timeout=10).json()
    return "sealed" if answered["seals"] else ""


async def _receipt(built: House, code: str) -> tuple[dict[str, object], dict[str, object]]:
    async with httpx.AsyncClient(base_url=built.url) as browser:
        receipt = (await browser.get(f"/ideas/{code}/receipt.json")).json()
        size = receipt["seal"]["size"]
        return receipt, (await browser.get(f"/seals/{size}.json")).json()


async def _check(built: House, receipt: dict[str, object], seal: dict[str, object], code: str) -> None:
    (built.folder / "receipt.json").write_text(json.dumps(receipt))
    (built.folder / "seal.json").write_text(json.dumps(seal))
    good = await asyncio.to_thread(built.run, "verify", "receipt.json", "--seal", "seal.json")
    assert good.returncode == 0, good.stdout
    (built.folder / "receipt.json").write_text(json.dumps(receipt).replace("no money", "much money"))
    bad = await asyncio.to_thread(built.run, "verify", "receipt.json", "--seal", "seal.json")
    assert bad.returncode == 1, bad.stdout
    whole = await asyncio.to_thread(built.run, "verify", "--ledger", "--seal", "seal.json")
    assert whole.returncode == 0, whole.stdout
    async with httpx.AsyncClient(base_url=built.url) as browser:
        page = (await browser.get(f"/ideas/{code}")).text
        board = (await browser.get("/board.json")).json()
    assert "There is no money for benches this year" in page
    assert "In the end they listened" not in json.dumps(board), "one voice alone is nobody's statistic"
    by_body = {one["body"]: one for one in board["bodies"]}
    assert by_body["riverside"]["sent"] == by_body["riverside"]["declined"] == 1


async def _forget(ann: Person, built: House, code: str) -> None:
    await ann.says("/forget", "forget")
    await ann.presses("Yes, forget me", "eally")
    await ann.presses("Forget me for good", "forgotten")
    async with httpx.AsyncClient(base_url=built.url) as browser:
        page = (await browser.get(f"/ideas/{code}")).text
    assert "An idea by a former member, erased at their request" in page
    assert "Benches by the river" not in page
    whole = await asyncio.to_thread(built.run, "verify", "--ledger", "--seal", "seal.json")
    assert whole.returncode == 0, whole.stdout
