"""How the service is, in the words that Prometheus reads. Accounts are named; members are only counted."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from core.deliveries import DeliveryState
from core.health import CLASSES, Health, LaneHealth, Latency
from web.pulse import BOUNDS, Pulse


def written(health: Health | None, pulse: Pulse, now: datetime) -> bytes:
    """`health` None: the database is away."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges(health, pulse, now))
    return generate_latest(registry)


class _Gauges(Collector):
    def __init__(self, health: Health | None, pulse: Pulse, now: datetime) -> None:
        self._health, self._pulse, self._now = health, pulse, now

    def collect(self) -> Iterator[Metric]:
        yield _one("folkmoot_database_up", "Whether the database could be read, 1 or 0.", self._health is not None)
        if self._health is not None:
            yield from _lanes(self._health.lanes, self._now)
            yield from _of_all(self._health, self._now)
        yield from _of_this_process(self._pulse)


def _one(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=float(value))


def _each(name: str, help: str, labels: Iterable[str], values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    gauge = GaugeMetricFamily(name, help, labels=list(labels))
    for of, value in values:
        gauge.add_metric(list(of), float(value))
    return gauge


def _lanes(lanes: Iterable[LaneHealth], now: datetime) -> Iterator[Metric]:
    lanes, account = tuple(lanes), ("account",)
    yield _each(
        "folkmoot_lane_owned",
        "Whether some process sends on this account, 1 or 0.",
        account,
        [((lane.account,), lane.is_owned(now)) for lane in lanes],
    )
    yield _each(
        "folkmoot_lane_sends_per_second",
        "Messages a second that lately went out on this account, as its owner told last.",
        account,
        [((lane.account,), lane.rate if lane.is_owned(now) else 0.0) for lane in lanes],
    )
    yield _each(
        "folkmoot_lane_backlog",
        "Messages that wait on this account, due or not: replies, news, and nudges, with which posts are counted.",
        ("account", "class"),
        [((lane.account, one.value), lane.backlog.get(one, 0)) for lane in lanes for one in CLASSES],
    )
    yield _each(
        "folkmoot_lane_free_in_seconds",
        "Seconds until the next message may go out on this account; 0 where that is at once.",
        account,
        [((lane.account,), _until(lane.free_at, now)) for lane in lanes],
    )
    yield _each(
        "folkmoot_lane_in_trouble",
        "Whether something stands in the way of all that goes out on this account, 1 or 0.",
        account,
        [((lane.account,), bool(lane.trouble)) for lane in lanes],
    )


def _until(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (at - now).total_seconds())


def _of_all(health: Health, now: datetime) -> Iterator[Metric]:
    yield _each(
        "folkmoot_deliveries",
        "Deliveries by state, those thinned out included; of very many the count may be a minute old.",
        ("state",),
        [((state.value,), health.deliveries.get(state, 0)) for state in DeliveryState],
    )
    since = health.oldest_reply
    yield _one(
        "folkmoot_oldest_unsent_reply_seconds",
        "Seconds for which the reply has waited that waits longest; 0 where none waits.",
        0.0 if since is None else max(0.0, (now - since).total_seconds()),
    )
    yield _one("folkmoot_turns_last_minute", "Turns that all processes took in the last minute.", health.turns)
    yield _each(
        "folkmoot_reply_latency_seconds",
        "Seconds from a turn to its reply, within which this part of the latest replies went out.",
        ("quantile",),
        _quantiles(health.replies) if health.replies else (),
    )


def _quantiles(replies: Latency) -> Iterator[tuple[tuple[str, ...], float]]:
    yield ("0.5",), replies.median
    yield ("0.95",), replies.p95
    yield ("0.99",), replies.p99


def _of_this_process(pulse: Pulse) -> Iterator[Metric]:
    so_far, buckets = 0, list[tuple[str, float]]()
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], pulse.heaps, strict=True):
        so_far += count
        buckets.append((bound, so_far))
    help = "Seconds that turns took to their commit, in this process since it began."
    yield HistogramMetricFamily("folkmoot_turn_seconds", help, buckets=buckets, sum_value=pulse.seconds)
    webhooks = CounterMetricFamily(
        "folkmoot_webhooks",
        "Calls of platforms at this process since it began, by the status that answered them.",
        labels=["door", "status"],
    )
    for (door, status), count in sorted(pulse.answers.items()):
        webhooks.add_metric([door, str(status)], count)
    yield webhooks
