"""Seals, proofs and receipt files as anybody gets them, checked as anybody would check them."""

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from core.ledger.checking import verify_consistency, verify_receipt
from core.ledger.files import read_proof, read_receipt, read_seal
from core.stories import Entry, EntryKind
from tests.web.stage import CODE, NOW, Stage, visiting

ATOM = "{http://www.w3.org/2005/Atom}"


async def sealed(*batches: int) -> Stage:
    stage = Stage(public_url="https://chat.example.org")
    for batch in batches:
        await stage.ledger.seal(NOW, batch)
    return stage


async def test_a_receipt_file_proves_against_the_seal_that_was_fetched() -> None:
    async with visiting(await sealed(4)) as visitor:
        receipt = await visitor.get(f"/ideas/{CODE}/receipt.json")
        seal = await visitor.get("/seals/4.json")
    assert receipt.headers["content-disposition"] == f'attachment; filename="receipt-{CODE}.json"'
    assert receipt.headers["x-robots-tag"] == "noindex"
    assert "somebody" not in receipt.text
    verdict = verify_receipt(read_receipt(receipt.content), read_seal(seal.content))
    assert (verdict.is_good, len(verdict.holds)) == (True, 4)


async def test_before_the_first_seal_a_receipt_says_by_when_there_will_be_one() -> None:
    async with visiting(Stage()) as visitor:
        receipt = read_receipt((await visitor.get(f"/ideas/{CODE}/receipt.json")).content)
        page = await visitor.get(f"/ideas/{CODE}")
    assert (receipt.seal, receipt.entries, len(receipt.waiting)) == (None, (), 4)
    assert receipt.sealed_by == NOW - timedelta(minutes=50)
    assert "was to be sealed by 12 May 2026, 13:15, and isn’t yet" in page.text
    assert "Sealed on" not in page.text


async def test_a_story_says_when_it_was_sealed_and_where_its_receipt_file_is() -> None:
    stage = await sealed(4)
    async with visiting(stage) as visitor:
        page = await visitor.get(f"/ideas/{CODE}")
        assert "Sealed on 12 May 2026, 14:05." in page.text
        assert f'href="/ideas/{CODE}/receipt.json"' in page.text
        assert "will be sealed" not in page.text
        idea = stage.store.stories[CODE]
        stage.store.stories[CODE] = replace(idea, story=(*idea.story, Entry(EntryKind.WITHDRAWN, NOW)))
        page = await visitor.get(f"/ideas/{CODE}")
        assert "Sealed on" in page.text
        assert "will be sealed by 12 May 2026, 14:15" in page.text


async def test_a_receipt_can_be_had_for_an_earlier_seal() -> None:
    async with visiting(await sealed(2, 2)) as visitor:
        earlier = read_seal((await visitor.get("/seals/2.json")).content)
        receipt = read_receipt((await visitor.get(f"/ideas/{CODE}/receipt.json?seal=2")).content)
        none = await visitor.get(f"/ideas/{CODE}/receipt.json?seal=3")
    assert verify_receipt(receipt, earlier).is_good
    assert (none.status_code, list(none.json())) == (404, ["error"])


@pytest.mark.parametrize("code", ["0000-0000", "K7M4-QX2P"])
async def test_there_is_no_receipt_for_an_idea_that_we_do_not_know(code: str) -> None:
    async with visiting(await sealed(4)) as visitor:
        none = await visitor.get(f"/ideas/{code}/receipt.json")
    assert (none.status_code, list(none.json())) == (404, ["error"])


async def test_two_seals_and_the_proof_between_them() -> None:
    async with visiting(await sealed(1, 2, 1)) as visitor:
        old, new = [read_seal((await visitor.get(f"/seals/{size}.json")).content) for size in (1, 4)]
        proof = await visitor.get("/seals/proof?from=1&to=4")
    assert verify_consistency(old, new, read_proof(proof.content)).is_good
    assert "immutable" in proof.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/seals/proof", 400),
        ("/seals/proof?from=4&to=1", 400),
        ("/seals/proof?from=0&to=4", 400),
        ("/seals/proof?from=-1&to=x", 400),
        ("/seals/proof?from=1&to=9", 404),
        ("/seals/9.json", 404),
        ("/seals/0.json", 404),
        ("/seals/x.json", 404),
        ("/seals/99999999999999999999.json", 404),
    ],
)
async def test_what_was_never_sealed_is_said_to_be_so(path: str, status: int) -> None:
    async with visiting(await sealed(4)) as visitor:
        refused = await visitor.get(path)
    assert (refused.status_code, list(refused.json())) == (status, ["error"])


async def test_the_page_shows_the_newest_seal_first_and_says_what_it_is_good_for() -> None:
    stage = await sealed(1, 3)
    async with visiting(stage) as visitor:
        page = (await visitor.get("/seals")).text
        told = (await visitor.get("/seals.json")).json()
        asked = (await visitor.get("/seals", headers={"accept": "application/json"})).json()
    assert page.index("4 entries") < page.index("1 entry")
    assert "/seals/proof?from=1&amp;to=4" in page
    assert "only added" in page
    assert told == asked
    assert [seal["size"] for seal in told["seals"]] == [4, 1]
    assert told["seals"][0]["root"] in page


async def test_before_the_first_seal_the_page_says_so() -> None:
    async with visiting(Stage()) as visitor:
        assert "Nothing is sealed yet" in (await visitor.get("/seals")).text
        assert (await visitor.get("/seals.json")).json() == {"seals": []}
        assert "<entry>" not in (await visitor.get("/seals.atom")).text


async def test_the_feed_carries_every_seal_in_words_and_links() -> None:
    async with visiting(await sealed(1, 3)) as visitor:
        answer = await visitor.get("/seals.atom")
        again = await visitor.get("/seals.atom", headers={"if-none-match": answer.headers["etag"]})
        seal = read_seal((await visitor.get("/seals/4.json")).content)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert again.status_code == 304
    feed = ElementTree.fromstring(answer.content)  # noqa: S314  # our own
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Seal over 4 entries", "Seal over 1 entry"]
    assert seal.root.hex() in (entries[0].findtext(f"{ATOM}content") or "")
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "https://chat.example.org/seals/4.json"
    assert feed.findtext(f"{ATOM}updated") == "2026-05-12T14:05:00.000000Z"
