"""Webhooks: told what their owner may know, signed, tried again, and never let into our own network."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from core.deeds import By, Via
from core.deliveries import Lease
from core.events import ConsultationClosed, ConsultationOpened, OutcomePublished, StoryContinued
from core.hooks import (
    DELAYS,
    JITTER,
    LEASE,
    LONGEST_ANSWER,
    MOST_TRIES,
    OFF_AFTER,
    Delivered,
    DeliveryState,
    Failed,
    Happened,
    Hook,
    Secret,
    Settled,
    again_at,
    is_public,
    read_address,
    rotated,
    signatures,
)
from core.members import Address, Role
from core.ports import StoreUnavailable
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised, Phrase
from folkmoot.calling import open_calls
from folkmoot.hooks import HookTeller
from storage.database import Database
from storage.vault import SqlVault
from tests.api.programs import forgotten, idea, program
from tests.desk.stage import CHIEF, LEEDS, NOW, YORK, Stage, consultation
from web.hooks import HookKeys

MINUTE = timedelta(minutes=1)
KINDS = [kind.value for kind in Happened if kind is not Happened.TEST]


@dataclass
class Theirs:
    """A program elsewhere, as the teller calls it: it remembers, and answers what it is told to."""

    calls: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    answers: Delivered | Failed = field(default_factory=lambda: Delivered(204))
    breaks_at: str = ""
    breaks_with: type[Exception] = KeyError

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivered | Failed:
        if url == self.breaks_at:
            raise self.breaks_with(url)
        self.calls.append((url, body, headers))
        return self.answers

    @property
    def told(self) -> list[tuple[str, str]]:
        """What, and about what."""
        said = [json.loads(body) for _, body, _ in self.calls]
        return [(one["type"], one["data"].get("idea") or one["data"].get("consultation") or "") for one in said]


def teller(stage: Stage, theirs: object) -> HookTeller:
    own, assembly = stage.assembly.desk.developers, stage.assembly
    return HookTeller(
        assembly.hook_queue, HookKeys(own.vault), assembly.store, theirs, stage.clock, assembly.texts, own.watching,  # type: ignore[arg-type]  # as a caller
        lambda: 0.5,
    )  # fmt: skip


async def hook(stage: Stage, who: Address = CHIEF, url: str = "https://example.org/hook") -> Hook:
    made = await (await program(stage, who)).post("/webhooks", json={"name": "it", "url": url, "kinds": KINDS})
    member = await stage.assembly.store.member_at(who)
    assert member is not None
    found = await stage.assembly.desk.developers.hooks.find(member.id, made.json()["id"])
    assert found is not None
    return found


async def _log(stage: Stage, one: Hook) -> list[tuple[DeliveryState, int, str]]:
    found = await stage.assembly.desk.developers.hooks.log(one.id, 50)
    return [(each.state, each.tries, each.why) for each in found]


# --- what is told, and to whom
async def test_each_is_told_of_what_its_owner_may_see_and_of_nothing_else(stage: Stage) -> None:
    theirs = {}
    for who in (CHIEF, LEEDS, YORK):
        theirs[(await hook(stage, who, f"https://example.org/{who.user}")).url] = who
    await stage.load(consultation("leeds", bodies=("leeds",), is_open=False))
    await stage.assembly.store.record([ConsultationOpened("leeds", NOW)])
    code = await idea(stage, body="leeds", slug="leeds")
    await stage.assembly.store.record([ConsultationClosed("leeds", NOW + MINUTE)])
    await stage.assembly.store.record([OutcomePublished("leeds", Localised.of("Done."), NOW + MINUTE)])
    stage.clock.at += MINUTE
    program_there = Theirs()
    await teller(stage, program_there).look()
    await teller(stage, program_there).look()
    heard: dict[Address, list[str]] = {who: [] for who in theirs.values()}
    for url, body, _ in program_there.calls:
        heard[theirs[url]].append(json.loads(body)["type"])
    all_of_it = ["consultation.closed", "consultation.opened", "consultation.outcome", "idea.received"]
    assert {who: sorted(kinds) for who, kinds in heard.items()} == {CHIEF: all_of_it, LEEDS: all_of_it, YORK: []}
    assert ("idea.received", code) in program_there.told


async def test_what_opens_and_closes_by_its_own_times_is_told_once(stage: Stage) -> None:
    await hook(stage)
    await stage.load(replace(consultation("city", is_open=False), opens_at=NOW + MINUTE, closes_at=NOW + 2 * MINUTE))
    theirs = Theirs()
    for _ in range(4):
        await teller(stage, theirs).look()
        stage.clock.at += MINUTE
    assert theirs.told == [("consultation.opened", "city"), ("consultation.closed", "city")]


async def test_words_that_were_hidden_before_a_try_are_not_told(stage: Stage) -> None:
    await stage.load(consultation("city"))
    await hook(stage)
    code = await idea(stage, words="Something abusive")
    theirs = Theirs(answers=Failed("refused", 500))
    await teller(stage, theirs).look()
    assert b"Something abusive" in theirs.calls[0][1]
    hidden = Entry(EntryKind.HIDDEN, stage.clock.at, reason="It is abuse.", by=Role.ORGANISER, rule=Rule.ABUSE)
    await stage.assembly.store.record([StoryContinued(code, hidden, 4)])
    stage.clock.at += timedelta(hours=1)
    theirs.calls.clear()
    await teller(stage, theirs).look()
    assert {kind for kind, _ in theirs.told} == {"idea.received", "idea.continued"}
    assert not any(b"Something abusive" in body for _, body, _ in theirs.calls)


async def test_what_happened_before_it_was_set_up_is_not_told(stage: Stage) -> None:
    await stage.load(consultation("city"))
    await idea(stage)
    stage.clock.at += MINUTE
    await hook(stage)
    theirs = Theirs()
    await teller(stage, theirs).look()
    assert theirs.calls == []


# --- signed
async def test_calls_are_signed_as_standard_webhooks_has_it_also_after_a_change(stage: Stage) -> None:
    one = await hook(stage)
    chief = await program(stage)
    before = (await chief.get(f"/webhooks/{one.id}/secret")).json()["items"][0]["secret"]
    assert (await chief.post(f"/webhooks/{one.id}/rotate")).status_code == 204
    newest = (await chief.get("/log")).json()["items"][0]
    assert (newest["did"], newest["about"]) == ("hook", f"hook:{one.id}")
    after, old = (await chief.get(f"/webhooks/{one.id}/secret")).json()["items"]
    assert old["secret"] == before
    assert after["secret"] != before
    await chief.post(f"/webhooks/{one.id}/test")
    theirs = Theirs()
    await teller(stage, theirs).look()
    ((_, body, headers),) = theirs.calls
    assert headers["webhook-timestamp"] == str(int(stage.clock.at.timestamp()))
    given_, kept = headers["webhook-signature"].split(), [Secret(after["secret"]), Secret(before)]
    expected = [signatures([each], headers["webhook-id"], stage.clock.at, body) for each in kept]
    assert given_ == expected
    stage.clock.at += timedelta(days=1)
    await chief.post(f"/webhooks/{one.id}/test")
    await teller(stage, theirs).look()
    assert len(theirs.calls[-1][2]["webhook-signature"].split()) == 1


def test_a_signature_is_the_one_of_the_standards_own_example() -> None:
    secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, NOW.tzinfo)
    signed = signatures([Secret(secret)], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_of_secrets_there_are_two_at_the_most() -> None:
    first = rotated([], "a", NOW)
    second = rotated(first, "b", NOW)
    assert [one.value for one in rotated(second, "c", NOW)] == ["c", "b"]


# --- again
async def test_what_fails_is_tried_again_with_the_same_id_and_then_given_up(stage: Stage) -> None:
    one = await hook(stage)
    await stage.assembly.desk.developers.hooks.test(one.id, stage.clock.at)
    theirs = Theirs(answers=Failed("no connection"))
    for _ in range(MOST_TRIES):
        await teller(stage, theirs).look()
        stage.clock.at += timedelta(hours=9)
    await teller(stage, theirs).look()
    assert len(theirs.calls) == MOST_TRIES
    assert len({headers["webhook-id"] for _, _, headers in theirs.calls}) == 1
    assert (await _log(stage, one))[0] == (DeliveryState.GIVEN_UP, MOST_TRIES, "no connection")


async def test_a_fault_of_ours_in_one_of_them_ends_as_any_other_failure_and_stops_no_other(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = await hook(stage), await hook(stage, LEEDS, "https://example.org/other")
    for each in (one, other):
        await stage.assembly.desk.developers.hooks.test(each.id, stage.clock.at)
    theirs = Theirs(breaks_at=one.url)
    for _ in range(MOST_TRIES):
        await teller(stage, theirs).look()
        stage.clock.at += timedelta(hours=9)
    await teller(stage, theirs).look()
    assert (await _log(stage, one))[0] == (DeliveryState.GIVEN_UP, MOST_TRIES, "our fault")
    assert (await _log(stage, other))[0] == (DeliveryState.DELIVERED, 1, "")
    assert len(caplog.records) == MOST_TRIES
    assert "By a fault of ours" in (await (await stage.at_desk()).get(f"/desk/developers/hooks/{one.id}")).text


async def test_while_our_memory_is_away_nothing_is_counted_as_theirs_to_mend_and_the_others_go_on(
    stage: Stage,
) -> None:
    one, other = await hook(stage), await hook(stage, LEEDS, "https://example.org/other")
    for each in (one, other):
        await stage.assembly.desk.developers.hooks.test(each.id, stage.clock.at)
    theirs = Theirs(breaks_at=one.url, breaks_with=StoreUnavailable)
    await teller(stage, theirs).look()
    assert (await _log(stage, other))[0] == (DeliveryState.DELIVERED, 1, "")
    assert (await _log(stage, one))[0] == (DeliveryState.CLAIMED, 1, "")
    stage.clock.at += LEASE
    theirs.breaks_at = ""
    await teller(stage, theirs).look()
    assert (await _log(stage, one))[0] == (DeliveryState.DELIVERED, 2, "")


async def test_a_secret_that_cannot_be_read_any_more_is_changed_for_another(stage: Stage, migrated_copy: Path) -> None:
    one, hooks = await hook(stage), stage.assembly.desk.developers.hooks
    async with Database(f"sqlite:///{migrated_copy}") as moved_without_its_key:
        await HookKeys(SqlVault(moved_without_its_key, "another secret")).begin(one.id)
    await hooks.test(one.id, stage.clock.at)
    theirs = Theirs()
    await teller(stage, theirs).look()
    assert (await _log(stage, one))[0] == (DeliveryState.WAITING, 1, "no secret")
    desk = await stage.at_desk()
    assert (await desk.post(f"/desk/developers/hooks/{one.id}/secret")).status_code == 200
    assert "whsec_" in (await desk.post(f"/desk/developers/hooks/{one.id}/rotate")).text
    stage.clock.at += MINUTE
    await teller(stage, theirs).look()
    assert len(theirs.calls) == 1


async def test_it_is_delivered_again_when_somebody_asks_for_it(stage: Stage) -> None:
    one, chief, theirs = await hook(stage), await program(stage), Theirs()
    delivery = (await chief.post(f"/webhooks/{one.id}/test")).json()["delivery"]
    await teller(stage, theirs).look()
    assert (await chief.post(f"/webhooks/{one.id}/deliveries/{delivery}/again")).status_code == 202
    await teller(stage, theirs).look()
    assert len(theirs.calls) == 2
    assert theirs.calls[0][2]["webhook-id"] == theirs.calls[1][2]["webhook-id"]
    assert (await chief.get(f"/webhooks/{one.id}/deliveries")).json()["items"][0]["state"] == "delivered"


@given(tries=st.integers(1, MOST_TRIES - 1), dice=st.floats(0, 1))
def test_each_wait_is_about_as_long_as_it_is_meant_to_be(tries: int, dice: float) -> None:
    found = again_at(tries, NOW, dice)
    assert found is not None
    assert abs((found - NOW) / DELAYS[tries - 1] - 1) <= JITTER / 2 + 1e-9


def test_it_is_given_up_after_about_a_day() -> None:
    assert timedelta(hours=22) < sum(DELAYS, timedelta()) < timedelta(hours=26)
    assert again_at(MOST_TRIES, NOW, 0.5) is None


async def test_of_two_workers_one_tells_it_and_what_a_dead_one_had_is_told_by_another(stage: Stage) -> None:
    one, queue = await hook(stage), stage.assembly.hook_queue
    await stage.assembly.desk.developers.hooks.test(one.id, stage.clock.at)
    first = await queue.claim(stage.clock.at, 10)
    assert len(first) == 1
    assert await queue.claim(stage.clock.at, 10) == (), "it is lent"
    stage.clock.at += LEASE
    (again,) = await queue.claim(stage.clock.at, 10)
    assert again.delivery.message_id == first[0].delivery.message_id
    await queue.settle([Settled(first[0].delivery, Delivered(200), stage.clock.at)])
    assert (await _log(stage, one))[0][0] is DeliveryState.CLAIMED, "whose lease is over settles nothing"
    await queue.settle([Settled(again.delivery, Delivered(200), stage.clock.at)])
    assert (await _log(stage, one))[0][0] is DeliveryState.DELIVERED


async def test_what_a_worker_was_telling_when_it_was_killed_is_told_again(stage: Stage, migrated_copy: Path) -> None:
    heard: list[str] = []
    worker: asyncio.subprocess.Process | None = None

    async def answer(request: web.Request) -> web.Response:
        heard.append(request.headers["webhook-id"])
        if worker and worker.returncode is None:
            worker.kill()
            await worker.wait()
        return web.Response(status=204)

    async with listening(answer) as url, open_calls(may_go_anywhere=True) as calls:
        one = await hook(stage)
        await stage.assembly.desk.developers.hooks.change(By(Via.DESK, NOW, one.owner), replace(one, url=url))
        await stage.load(consultation("city"))
        await idea(stage)
        command = (sys.executable, "-m", "tests.api.teller", str(migrated_copy), stage.clock.at.isoformat())
        worker = await asyncio.create_subprocess_exec(*command)
        assert await asyncio.wait_for(worker.wait(), 60) == -signal.SIGKILL
        stage.clock.at += LEASE - timedelta(seconds=1)
        await teller(stage, calls).look()
        assert len(heard) == 1, "it is lent"
        stage.clock.at += timedelta(seconds=1)
        await teller(stage, calls).look()
    first, again = heard
    assert first == again
    assert await _log(stage, one) == [(DeliveryState.DELIVERED, 2, "")]


# --- off
async def test_what_fails_for_days_is_switched_off_and_its_owner_told_once(stage: Stage) -> None:
    one, theirs = await hook(stage), Theirs(answers=Failed("refused", 500))
    for _ in range(5):
        await stage.assembly.desk.developers.hooks.test(one.id, stage.clock.at)
        await teller(stage, theirs).look()
        stage.clock.at += OFF_AFTER / 3
    found = (await stage.assembly.desk.developers.hooks.of(one.owner))[0]
    assert (found.is_on, found.off_why) == (False, "failed")
    assert await _said_to(stage, "switched off") == 1
    heard = len(theirs.calls)
    await stage.load(consultation("city"))
    await idea(stage)
    await teller(stage, theirs).look()
    assert not any(kind == "idea.received" for kind, _ in theirs.told[heard:])


async def test_what_says_that_it_is_gone_is_off_at_once(stage: Stage) -> None:
    one, theirs = await hook(stage), Theirs(answers=Failed("refused", 410, is_gone=True))
    await stage.assembly.desk.developers.hooks.test(one.id, stage.clock.at)
    await teller(stage, theirs).look()
    assert (await stage.assembly.desk.developers.hooks.of(one.owner))[0].off_why == "gone"
    assert (await _log(stage, one))[0][0] is DeliveryState.GIVEN_UP


async def _said_to(stage: Stage, words: str) -> int:
    outbox, now = stage.assembly.outbox, stage.clock.at
    leases: tuple[Lease, ...] = await outbox.take_lanes("test", now, now + MINUTE)
    found = [await outbox.claim(lease, now, 50) for lease in leases]
    return sum(words in str(delivery) for some in found for delivery in some)


async def test_with_its_owner_everything_of_it_is_forgotten(stage: Stage) -> None:
    one = await hook(stage, LEEDS)
    await stage.assembly.desk.developers.hooks.test(one.id, stage.clock.at)
    await forgotten(stage, LEEDS)
    assert await stage.assembly.vault.names("hook") == ()
    theirs = Theirs()
    await teller(stage, theirs).look()
    assert theirs.calls == []


# --- where it may go
@pytest.mark.parametrize(
    "place",
    "127.0.0.1 10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: "
    "fe80::1 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ff02::1 fec0::1".split(),
)
def test_no_address_of_our_own_network_is_public(place: str) -> None:
    assert not is_public(ip_address(place))


@pytest.mark.parametrize("place", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_addresses_on_the_internet_are(place: str) -> None:
    assert is_public(ip_address(place))


@pytest.mark.parametrize(
    "typed",
    ["http://example.org", "ftp://example.org", "https://", "https://a:b@example.org", "https://exa mple.org", "x",
     "https://example.org:99999", "https://[::1", "https://example.org/" + "x" * 500, "file:///etc/passwd",
     "https://example.org/\n", "https://exämple.org"],
)  # fmt: skip
def test_addresses_that_are_none_are_refused_with_a_sentence(typed: str) -> None:
    if typed.endswith("\n"):
        typed += "x"
    assert isinstance(read_address(typed), Phrase)


def test_a_good_address_stays_as_it_is_but_for_what_stays_in_browsers() -> None:
    assert read_address(" https://example.org:8443/x?y=z#w ") == "https://example.org:8443/x?y=z"
    assert read_address("http://localhost:1/x", may_go_anywhere=True) == "http://localhost:1/x"


@asynccontextmanager
async def listening(handler: object) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)  # type: ignore[arg-type]  # a handler
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_nothing_is_connected_to_on_our_own_machine_whatever_its_name(stage: Stage) -> None:
    knocked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        knocked.append(request.path)
        return web.Response()

    async with listening(answer) as url, open_calls() as calls:
        for address in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
            assert await calls.post(address, b"{}", {}) == Failed("not a public address")
    assert knocked == []


async def test_a_real_call_arrives_and_its_answer_is_read_no_further_than_it_has_to_be() -> None:
    seen: list[tuple[str, bytes]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.headers["webhook-id"], await request.read()))
        match request.path:
            case "/moved":
                raise web.HTTPFound("/elsewhere")
            case "/long":
                return web.Response(body=b"x" * (LONGEST_ANSWER * 4))
            case "/no":
                return web.Response(status=503)
            case "/gone":
                return web.Response(status=410)
            case _:
                return web.Response(status=204)

    async with listening(answer) as url, open_calls(may_go_anywhere=True) as calls:
        given_ = [await calls.post(f"{url}/{path}", b"{}", {"webhook-id": path}) for path in
                  ("ok", "moved", "long", "no", "gone")]  # fmt: skip
        nowhere = await calls.post("http://127.0.0.1:9", b"{}", {})
    assert given_ == [
        Delivered(204), Failed("redirects aren't followed", 302), Delivered(200), Failed("refused", 503),
        Failed("refused", 410, is_gone=True),
    ]  # fmt: skip
    assert [path for path, _ in seen] == ["ok", "moved", "long", "no", "gone"], "no redirect was followed"
    assert nowhere == Failed("no connection")


async def test_one_that_never_answers_is_let_go(stage: Stage) -> None:
    held = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await held.wait()
        return web.Response()

    async with listening(answer) as url, open_calls(may_go_anywhere=True, within=0.05) as calls:
        assert await calls.post(url, b"{}", {}) == Failed("no answer in time")
        held.set()
