"""How consultations and the whole service stand, in memory; and thinning, after which they stand as before."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from core.consultations import NudgeKind
from core.deliveries import DeliveryState, Priority
from core.health import CLASSES, LATELY, LATEST_REPLIES, Health, LaneHealth, class_of, latency_of
from core.ports import Broadcast
from core.status import Status
from tests.fakes.memory_state import DeliveryRow, LaneRow, Memory, Ordered

WAITING = (DeliveryState.PLANNED, DeliveryState.CLAIMED)
UNASKED = (DeliveryState.SUPPRESSED, DeliveryState.FAILED, DeliveryState.EXPIRED)
UNDER_WAY = (DeliveryState.SENT, DeliveryState.CLAIMED)
NO_BROADCAST = 0


# --- the whole service
def health(memory: Memory, now: datetime) -> Health:
    states = Counter(row.state for row in memory.deliveries.values())
    for (_, state, _), count in memory.thinned.items():
        states[state] += count
    rows = memory.deliveries.values()
    unsent = [row for row in rows if row.priority is Priority.REPLY and row.state in WAITING]
    latest = sorted((row for row in rows if _is_spent(row) and row.at), key=_settled_at, reverse=True)[:LATEST_REPLIES]
    took = [
        (row.at - row.asked_at).total_seconds()
        for row in latest
        if row.state is DeliveryState.SENT and row.at and row.asked_at
    ]
    return Health(
        lanes=tuple(_lane(memory, account, row) for account, row in sorted(memory.lanes.items())),
        deliveries={state: states[state] for state in DeliveryState if states[state]},
        oldest_reply=min((row.asked_at for row in unsent if row.asked_at), default=None),
        turns=sum(at > now - LATELY for at in memory.inbound.values()),
        replies=latency_of(took),
    )


def _lane(memory: Memory, account: str, row: LaneRow) -> LaneHealth:
    planned = [one for one in memory.deliveries.values() if one.state is DeliveryState.PLANNED]
    backlog = Counter(class_of(one.priority) for one in planned if one.to.account == account)
    return LaneHealth(
        account=account,
        owner=row.owner,
        until=row.until,
        rate=row.condition.rate,
        backlog={one: backlog[one] for one in CLASSES if backlog[one]},
        free_at=row.condition.free_at,
        trouble=row.condition.trouble,
        trouble_at=row.trouble_at,
    )


# --- a consultation
def status(memory: Memory, slug: str) -> Status | None:
    if slug not in memory.consultations:
        return None
    ordered = {row.number: row for row in memory.broadcasts.values() if row.broadcast.consultation == slug}
    rows = [row for row in memory.deliveries.values() if row.broadcast in ordered]
    states = Counter(row.state for row in rows)
    why = Counter(row.why for row in rows if row.why and row.state not in UNDER_WAY)
    for (number, state, reason), count in memory.thinned.items():
        if number in ordered:
            states[state] += count
            why.update({reason: count} if reason else {})
    waiting = {row.to.account for row in rows if row.state in WAITING}
    lanes = [replace(_lane(memory, account, memory.lanes[account]), backlog={}) for account in sorted(waiting)]
    return Status(
        consultation=memory.consultations[slug].now,
        asked=_asked(memory, slug) + sum(row.asked_once for row in ordered.values()),
        begun=sum(of == slug for _, of in memory.begun),
        finished=sum(of == slug for _, of in memory.finished),
        ideas=sum(idea.consultation == slug for idea in memory.ideas.values()),
        discussed=sum(of == slug for of in memory.discussed.values()),
        deliveries={state: states[state] for state in sorted(DeliveryState) if states[state]},
        why=dict(sorted(why.items())),
        planning=sum(row.broadcast.confirmed and _is_being_written(row.broadcast) for row in ordered.values()),
        held=sum(_is_held_back(memory, row) for row in ordered.values()),
        lanes=tuple(lanes),
    )


def _is_being_written(broadcast: Broadcast) -> bool:
    return not broadcast.is_planned and broadcast.held_at is None


def _is_held_back(memory: Memory, row: Ordered) -> bool:
    its_own = [one for one in memory.deliveries.values() if one.broadcast == row.number]
    waits = not row.broadcast.is_planned or any(one.state is DeliveryState.PLANNED for one in its_own)
    return row.broadcast.held_at is not None and waits


def _asked(memory: Memory, slug: str) -> int:
    rows = _invited(memory, slug)
    several = len({row.broadcast for row in rows}) > 1
    return len({row.member for row in rows}) if several else len(rows)


def _invited(memory: Memory, slug: str) -> list[DeliveryRow]:
    invitations = {
        row.number
        for row in memory.broadcasts.values()
        if row.broadcast.consultation == slug and row.broadcast.kind is NudgeKind.INVITATION
    }
    rows = [row for row in memory.deliveries.values() if row.broadcast in invitations and row.member is not None]
    return [row for row in rows if row.state not in UNASKED]


# --- thinning
def thin(memory: Memory, before: datetime, most: int) -> int:
    gone = 0
    for code, ordered in sorted(memory.broadcasts.items(), key=lambda one: one[1].broadcast.consultation):
        if not ordered.broadcast.is_planned or ordered.broadcast.at >= before:
            continue
        its_own = [row for row in memory.deliveries.values() if row.broadcast == ordered.number]
        taken = [row for row in its_own if _is_old(row, before)][: most - gone]
        slug = ordered.broadcast.consultation
        told = {row.member for row in _invited(memory, slug)}
        _throw_away(memory, ordered.number, taken)
        lost = told - {row.member for row in _invited(memory, slug)}
        once = memory.broadcasts[code].asked_once + len(lost)
        memory.broadcasts[code] = replace(memory.broadcasts[code], asked_once=once)
        gone += len(taken)
    return gone


def _is_old(row: DeliveryRow, before: datetime) -> bool:
    is_card = not row.to.private and row.message is not None
    settled_at = row.at or row.not_before
    return row.state not in WAITING and not is_card and settled_at is not None and settled_at < before


def _throw_away(memory: Memory, number: int, rows: list[DeliveryRow]) -> None:
    for row in rows:
        del memory.deliveries[row.id]
        key = (number, row.state, "" if row.state is DeliveryState.SENT else row.why)
        memory.thinned[key] = memory.thinned.get(key, 0) + 1


def sweep_spent(memory: Memory, before: datetime) -> int:
    spent = [row for row in memory.deliveries.values() if _is_spent(row) and row.at is not None and row.at < before]
    _throw_away(memory, NO_BROADCAST, spent)
    return len(spent)


def _is_spent(row: DeliveryRow) -> bool:
    return row.broadcast is None and row.key is None and row.state not in WAITING


def _settled_at(row: DeliveryRow) -> datetime:
    assert row.at is not None
    return row.at
