"""Too much at once: from one visitor, whom a page tells so and keeps the words for, or from one connection."""

import pytest
from starlette.requests import Request

from core.floods import Verdict
from tests.web.stage import Stage, visiting
from web.crowds import CROWD, Crowds


def from_there(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})


@pytest.mark.parametrize("host", ["8.8.4.4", "2a00:1450:4001::1"])
def test_one_connection_is_told_from_another_whoever_its_visitors_are(host: str) -> None:
    crowds = Crowds()
    assert not any(crowds.is_too_much(from_there(host)) for _ in range(CROWD.at_once))
    assert any(crowds.is_too_much(from_there(host)) for _ in range(CROWD.at_once))
    assert not crowds.is_too_much(from_there("8.8.8.8"))


def test_an_ipv6_connection_has_many_addresses() -> None:
    crowds = Crowds()
    hosts = [f"2a00:1450:4001:8::{number:x}" for number in range(CROWD.at_once * 2)]
    assert crowds.is_too_much(from_there(hosts[-1])) is False
    assert any(crowds.is_too_much(from_there(host)) for host in hosts)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7", "fd00::1", "", "testclient"])
def test_a_proxy_that_does_not_say_for_whom_it_asks_is_no_crowd(host: str) -> None:
    crowds = Crowds()
    assert not any(crowds.is_too_much(from_there(host)) for _ in range(CROWD.at_once * 2))


async def test_words_that_are_let_go_by_stand_in_the_page_that_says_so_and_nowhere_else() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        stage.verdict = Verdict.LET_GO
        post = {"text": "More <trees>", "key": "nonce-0001"}
        page = await visitor.post("/chat", data=post, headers={"accept": "text/html"})
        assert page.status_code == 429
        assert page.headers["retry-after"] == "60"
        assert "More &lt;trees&gt;</textarea>" in page.text
        assert 'name="key" value="nonce-0001"' in page.text
        assert "More" not in (await visitor.get("/chat")).text
        for_our_script = await visitor.post("/chat", data=post, headers={"accept": "application/json"})
        assert for_our_script.json()["error"].startswith("What you just sent wasn’t taken in.")
    assert len(stage.taken) == 1, "their coming"


async def test_the_words_in_whose_place_they_are_told_stand_nowhere_either() -> None:
    stage = Stage()
    async with visiting(stage, follow_redirects=True) as visitor:
        await visitor.get("/chat")
        stage.verdict = Verdict.TELL
        assert (await visitor.post("/chat", data={"text": "One too many", "key": "nonce-0001"})).status_code == 200
    assert stage.taken[-1].key.endswith("nonce-0001"), "which the answer is a turn of"
    assert all(line.ours for chat in stage.transcript.chats.values() for line in chat)
