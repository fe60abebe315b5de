"""What organisers see of how things stand: one consultation, or the whole service."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil

from core.actions import action
from core.consultations import Phase
from core.deliveries import DeliveryState, Priority
from core.health import Health, LaneHealth, Latency
from core.outbound import Button, say
from core.status import Status
from core.texts import TN, Lines, N, Phrase, T, Words
from core.turns.organising import for_those_who_run
from core.turns.turn import Scene, Turn, stay

BAR = 20
MOST_LANES = 10
"""That a message tells of, those that aren't well first."""


def status(scene: Scene) -> Turn:
    if refused := for_those_who_run(scene, scene.consultation):
        return refused
    if scene.status is None:
        return _service(scene) if scene.health else stay(scene, say(T("Which consultation? Say /status SLUG.")))
    again = [Button(T("Look again"), action("status", scene.status.consultation.slug))]
    title = scene.status.consultation.title
    return stay(scene, say(Lines(tuple(status_lines(scene.status, scene.now))), title=title, buttons=[again]))


def _service(scene: Scene) -> Turn:
    assert scene.health is not None  # noqa: S101  # whoever calls has looked
    lines = Lines(tuple(health_lines(scene.health, scene.now, MOST_LANES)))
    of_one = T("How one consultation stands: /status SLUG")
    again = [Button(T("Look again"), action("status"))]
    return stay(scene, say(lines, of_one, title=T("How Folkmoot is doing"), buttons=[again]))


# --- a consultation
def status_lines(status: Status, now: datetime) -> list[Words]:
    lines: list[Words] = [
        PHASES[status.consultation.phase(now)],
        T(
            "Asked {asked}, begun {begun}, finished {finished}.",
            asked=status.asked,
            begun=status.begun,
            finished=status.finished,
        ),
        TN("{count} idea.", "{count} ideas.", status.ideas),
    ]
    if status.discussed:
        lines.append(TN("{count} reply in channels.", "{count} replies in channels.", status.discussed))
    if status.planning:
        lines.append(T("What goes out is still being written."))
    if status.held:
        lines.append(
            TN(
                "{count} broadcast is held by an organiser: nothing more of it goes out until it is resumed.",
                "{count} broadcasts are held by an organiser: nothing more of them goes out until they are resumed.",
                status.held,
            )
        )
    if status.total:
        share = status.settled / status.total
        lines.append(T("{bar} {percent} %", bar=_bar(share), percent=int(share * 100)))
        lines += [_state(state, count) for state, count in status.deliveries.items() if count]
        lines += [T("– {why}: {count}", why=REASONS.get(why, why), count=n) for why, n in status.why.items()]
    elif not status.planning:
        lines.append(NOTHING_YET)
    return [*lines, *(line for lane in status.lanes for line in lane_lines(lane, now))]


def lane_lines(lane: LaneHealth, now: datetime) -> list[Words]:
    """What stands in the way of what waits on it; nothing where all is well."""
    return [*_trouble(lane, N("What waits on {account} is held up: {trouble}")), *_forsaken(lane, now)]


def _bar(share: float) -> str:
    full = round(share * BAR)
    return "▓" * full + "░" * (BAR - full)


def _state(state: DeliveryState, count: int) -> Phrase:
    return T("{state}: {count} ({meaning})", state=STATES[state], count=count, meaning=MEANINGS[state])


# --- the whole service
def health_lines(health: Health, now: datetime, most_lanes: int | None = None) -> list[Words]:
    """All lanes, where nobody says how many of them."""
    ranked = sorted(health.lanes, key=lambda lane: (lane.is_well(now), not lane.waiting, lane.account))
    lines: list[Words] = [line for lane in ranked[:most_lanes] for line in _lane(lane, now)]
    if rest := ranked[len(ranked[:most_lanes]) :]:
        lines.append(TN("And {count} more account.", "And {count} more accounts.", len(rest)))
    if not ranked:
        lines.append(T("There is no account yet on which anything goes out."))
    sent = [_state(state, health.deliveries[state]) for state in DeliveryState if health.deliveries.get(state)]
    lines += sent or [NOTHING_YET]
    if health.oldest_reply is None:
        lines.append(T("No reply waits."))
    else:
        waits = max(0, round((now - health.oldest_reply).total_seconds()))
        lines.append(TN("A reply waits for {count} second.", "A reply waits for {count} seconds.", waits))
    lines.append(T("{rate} turns a second, over the last minute.", rate=round(health.turns_a_second, 2)))
    lines.append(_latency(health.replies) if health.replies else T("No reply has gone out lately."))
    return lines


def _lane(lane: LaneHealth, now: datetime) -> Iterable[Words]:
    if lane.is_owned(now):
        yield T("{account}: {owner} sends, {rate} a second lately.", account=lane.account, owner=lane.owner or "",
                rate=lane.rate)  # fmt: skip
    elif lane.waiting:
        yield from _forsaken(lane, now)
    else:
        yield T("{account}: no process sends here, and nothing waits.", account=lane.account)
    if lane.waiting:
        yield T(
            "– replies waiting: {replies}, news: {news}, nudges: {nudges}",
            replies=lane.backlog.get(Priority.REPLY, 0),
            news=lane.backlog.get(Priority.NEWS, 0),
            nudges=lane.backlog.get(Priority.NUDGE, 0),
        )
    if lane.free_at and lane.free_at > now:
        seconds = ceil((lane.free_at - now).total_seconds())
        yield TN("– the next goes out in {count} second", "– the next goes out in {count} seconds", seconds)
    yield from _trouble(lane, N("– held up: {trouble}"))


def _latency(replies: Latency) -> Phrase:
    return T(
        "Half of the latest {count} replies went out within {median} seconds, 95 of 100 within {p95}, 99 within {p99}.",
        median=round(replies.median, 1),
        p95=round(replies.p95, 1),
        p99=round(replies.p99, 1),
        count=replies.count,
    )


# --- lanes
def _trouble(lane: LaneHealth, words: str) -> Iterable[Words]:
    if lane.trouble:
        since = T("{trouble} (since {time})", trouble=lane.trouble, time=lane.trouble_at) if lane.trouble_at else ""
        yield Phrase(words, (("account", lane.account), ("trouble", since or lane.trouble)))


def _forsaken(lane: LaneHealth, now: datetime) -> Iterable[Words]:
    if not lane.is_owned(now):
        yield T("{account}: no process sends here. What waits goes out once a worker runs.", account=lane.account)


NOTHING_YET = T("Nothing has gone out yet.")

PHASES: dict[Phase, Phrase] = {
    Phase.DRAFT: T("Not open yet"),
    Phase.SCHEDULED: T("Opens later"),
    Phase.OPEN: T("Open"),
    Phase.CLOSED: T("Closed"),
}

STATES: dict[DeliveryState, Phrase] = {
    DeliveryState.PLANNED: T("waiting to go out"),
    DeliveryState.CLAIMED: T("on its way"),
    DeliveryState.SENT: T("sent"),
    DeliveryState.FAILED: T("failed"),
    DeliveryState.EXPIRED: T("too late to send"),
    DeliveryState.SUPPRESSED: T("held back"),
    DeliveryState.UNCERTAIN: T("uncertain"),
}

MEANINGS: dict[DeliveryState, Phrase] = {
    DeliveryState.PLANNED: T("its time hasn’t come, or others go first"),
    DeliveryState.CLAIMED: T("being sent at this moment"),
    DeliveryState.SENT: T("the platform has taken it"),
    DeliveryState.FAILED: T("refused, or tried too often; it isn’t tried again"),
    DeliveryState.EXPIRED: T("its time was over before its turn came"),
    DeliveryState.SUPPRESSED: T("not sent, out of regard for whoever would get it"),
    DeliveryState.UNCERTAIN: T("it may have arrived; it isn’t sent twice"),
}

REASONS: dict[str, Phrase] = {
    "said STOP": T("said STOP"),
    "has not agreed": T("hasn’t agreed to be written to"),
    "unreachable": T("can’t be reached any more"),
    "has answered": T("has answered"),
    "asked about it already today": T("was asked about it today"),
    "closed": T("it was closed"),
    "took no part": T("took no part"),
    "the outcome says it": T("the outcome came first"),
    "open again": T("waits until it closes again"),
    "too late": T("it was too late"),
    "quiet hours": T("waits for the morning"),
    "weekly budget": T("had enough messages this week"),
    "linked": T("joined with another address"),
    "forgotten": T("was forgotten, at their own wish"),
    "the sender was lost": T("the process that sent it came to an end"),
    "sent again": T("sent again, as nobody knows whether it arrived"),
}
"""Why deliveries wait or were held back, as `core.nudges` and the store say it; a platform's words stay as they are."""
