"""What can be watched from outside: by whom, how often, and what it says."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.deliveries import DeliveryState, Priority
from core.health import Health, LaneHealth, Latency
from tests.web.stage import NOW, Stage, serving, visiting
from web.app import create_app

SECOND = timedelta(seconds=1)
BUSY = Health(
    lanes=(
        LaneHealth(
            "slack:T1", "alpha", NOW - SECOND, 0.9, {Priority.NUDGE: 7}, trouble="the token was revoked", trouble_at=NOW
        ),
        LaneHealth("telegram:1", "alpha", NOW + SECOND, 29.5, {Priority.REPLY: 2}, free_at=NOW + 3 * SECOND),
    ),
    deliveries={DeliveryState.SENT: 1_000_000, DeliveryState.UNCERTAIN: 1},
    oldest_reply=NOW - 40 * SECOND,
    turns=90,
    replies=Latency(0.1, 0.4, 2.5, 1000),
)
Samples = dict[tuple[str, tuple[str, ...]], float]


def read(text: str) -> Samples:
    """By name and the values of its labels."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation.endswith("."), family.name
        assert family.type != "unknown", family.name
        for sample in family.samples:
            found[sample.name, tuple(sample.labels[label] for label in sorted(sample.labels))] = sample.value
    return found


async def watched(stage: Stage) -> Samples:
    async with visiting(stage) as watcher:
        answer = await watcher.get("/metrics")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        return read(answer.text)


async def test_every_number_is_there_and_explained() -> None:
    stage = Stage()
    stage.store.doing = BUSY
    found = await watched(stage)
    expected: Samples = {
        ("folkmoot_database_up", ()): 1,
        ("folkmoot_lane_owned", ("slack:T1",)): 0,
        ("folkmoot_lane_owned", ("telegram:1",)): 1,
        ("folkmoot_lane_sends_per_second", ("slack:T1",)): 0,
        ("folkmoot_lane_sends_per_second", ("telegram:1",)): 29.5,
        ("folkmoot_lane_backlog", ("slack:T1", "nudge")): 7,
        ("folkmoot_lane_backlog", ("telegram:1", "reply")): 2,
        ("folkmoot_lane_backlog", ("telegram:1", "news")): 0,
        ("folkmoot_lane_free_in_seconds", ("slack:T1",)): 0,
        ("folkmoot_lane_free_in_seconds", ("telegram:1",)): 3,
        ("folkmoot_lane_in_trouble", ("slack:T1",)): 1,
        ("folkmoot_lane_in_trouble", ("telegram:1",)): 0,
        ("folkmoot_deliveries", ("sent",)): 1_000_000,
        ("folkmoot_deliveries", ("uncertain",)): 1,
        ("folkmoot_deliveries", ("failed",)): 0,
        ("folkmoot_oldest_unsent_reply_seconds", ()): 40,
        ("folkmoot_turns_last_minute", ()): 90,
        ("folkmoot_reply_latency_seconds", ("0.5",)): 0.1,
        ("folkmoot_reply_latency_seconds", ("0.95",)): 0.4,
        ("folkmoot_reply_latency_seconds", ("0.99",)): 2.5,
    }
    assert {key: found.get(key) for key in expected} == expected


async def test_of_a_service_that_nobody_used_all_is_nought() -> None:
    found = await watched(Stage())
    assert found["folkmoot_database_up", ()] == 1
    assert found["folkmoot_oldest_unsent_reply_seconds", ()] == 0
    assert not [name for name, _ in found if name.startswith("folkmoot_lane") or "latency" in name]


async def test_turns_and_calls_of_this_process_are_counted() -> None:
    stage = Stage()
    parts = stage.parts()
    for seconds in (0.004, 0.3, 7.0):
        parts.pulse.turn_took(seconds)
    async with serving(create_app(parts), bell=stage.bell) as url, httpx.AsyncClient(base_url=url) as anybody:
        for secret in ("right", "wrong", "wrong"):
            await anybody.post("/telegram/webhook", content=b"{}", headers={"x-telegram-bot-api-secret-token": secret})
        await anybody.post("/slack/events", content=b"x" * 1_000_001)
        found = read((await anybody.get("/metrics")).text)
    assert found["folkmoot_turn_seconds_count", ()] == 3
    assert found["folkmoot_turn_seconds_sum", ()] == pytest.approx(7.304)
    within = {
        bound: found["folkmoot_turn_seconds_bucket", (bound,)] for bound in ("0.005", "0.25", "0.5", "5.0", "+Inf")
    }
    assert within == {"0.005": 1, "0.25": 1, "0.5": 2, "5.0": 2, "+Inf": 3}
    assert found["folkmoot_webhooks_total", ("telegram", "200")] == 1
    assert found["folkmoot_webhooks_total", ("telegram", "403")] == 2
    assert found["folkmoot_webhooks_total", ("slack", "413")] == 1


async def test_a_database_that_is_away_is_told_and_not_asked_again_at_once() -> None:
    stage = Stage()
    stage.store.doing = None
    async with visiting(stage) as watcher:
        for _ in range(3):
            answer = await watcher.get("/metrics")
            assert answer.status_code == 200
            found = read(answer.text)
            assert found["folkmoot_database_up", ()] == 0
            assert ("folkmoot_turns_last_minute", ()) not in found
    assert stage.store.looks == 1


async def test_however_often_it_is_read_the_database_is_asked_every_five_seconds_at_most() -> None:
    stage = Stage()
    stage.store.doing = BUSY
    async with visiting(stage) as watcher:
        for seconds, waited in ((0, 40), (4, 44), (1, 45), (4, 49), (60, 109)):
            stage.clock.at += seconds * SECOND
            found = read((await watcher.get("/metrics")).text)
            assert found["folkmoot_oldest_unsent_reply_seconds", ()] == waited
    assert stage.store.looks == 3


async def test_where_a_token_is_set_it_has_to_be_shown() -> None:
    stage = Stage()
    parts = replace(stage.parts(), metrics_token="let-me-in")
    async with serving(create_app(parts), bell=stage.bell) as url, httpx.AsyncClient(base_url=url) as watcher:
        for shown in (None, "Bearer wrong", "Basic let-me-in", "let-me-in", "Bearer"):
            refused = await watcher.get("/metrics", headers={"authorization": shown} if shown else {})
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        headers = {"authorization": "Bearer let-me-in", "x-forwarded-for": "192.0.2.7"}
        assert (await watcher.get("/metrics", headers=headers)).status_code == 200
    assert stage.store.looks == 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_without_a_token_nobody_reads_it_through_a_proxy(header: str) -> None:
    stage = Stage()
    async with visiting(stage) as stranger:
        for value in ("192.0.2.7", "127.0.0.1", ""):
            assert (await stranger.get("/metrics", headers={header: value})).status_code == 404
    assert stage.store.looks == 0


@pytest.mark.parametrize(("client", "status"), [("192.0.2.7", 404), ("::1", 200), ("127.0.0.1", 200), ("fd00::1", 404)])
async def test_without_a_token_only_this_machine_reads_it(client: str, status: int) -> None:
    stage = Stage()
    transport = httpx.ASGITransport(create_app(stage.parts()), client=(client, 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://moot.example") as watcher:
        assert (await watcher.get("/metrics")).status_code == status
