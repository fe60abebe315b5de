"""The outbox and the planner in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from core.consultations import NudgeKind
from core.deliveries import Condition, Delivery, DeliveryState, Lease, Mark, NewsRef, NudgeRef, Priority, Receiver
from core.nudges import OVER_BUDGET
from core.places import Place
from core.ports import Allowance, Broadcast
from tests.fakes.memory_forgetting import is_farewell
from tests.fakes.memory_state import DeliveryRow, LaneRow, Memory

HARMLESS_TWICE = FIRST = (Priority.REPLY, Priority.NEWS)
MAY_HAVE_ARRIVED = (DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.UNCERTAIN)


class MemoryOutbox:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._last_served: dict[str, int] = {}

    async def open_lane(self, account: str) -> None:
        self._memory.lanes.setdefault(account, LaneRow())

    async def take_lanes(self, owner: str, now: datetime, until: datetime) -> tuple[Lease, ...]:
        leases = []
        for account, lane in sorted(self._memory.lanes.items()):
            if lane.owner == owner:
                self._memory.lanes[account] = replace(lane, until=until)
            elif lane.owner is None or lane.until is None or not now < lane.until <= until + (until - now):
                self._memory.lanes[account] = replace(lane, owner=owner, epoch=lane.epoch + 1, until=until)
                self._take_over(account, now)
            else:
                continue
            now_held = self._memory.lanes[account]
            how = now_held.condition
            leases.append(Lease(account, owner, now_held.epoch, until, how.free_at, how.trouble, now_held.trouble_at))
        return tuple(leases)

    def _take_over(self, account: str, now: datetime) -> None:
        for row in self._on(account, DeliveryState.CLAIMED):
            again = replace(row, attempts=row.attempts + 1, at=now)
            if row.priority in HARMLESS_TWICE:
                self._memory.deliveries[row.id] = replace(again, state=DeliveryState.PLANNED)
            else:
                lost = replace(again, state=DeliveryState.UNCERTAIN, why="the sender was lost", content=None)
                self._memory.deliveries[row.id] = lost

    def _on(self, account: str, *states: DeliveryState) -> list[DeliveryRow]:
        rows = self._memory.deliveries.values()
        return [row for row in rows if row.to.account == account and row.state in states]

    def _holds(self, lease: Lease, now: datetime | None = None) -> bool:
        lane = self._memory.lanes.get(lease.account, LaneRow())
        in_time = now is None or (lane.until is not None and lane.until > now)
        return in_time and (lane.owner, lane.epoch) == (lease.owner, lease.epoch)

    async def owners(self) -> tuple[str, ...]:
        return tuple(sorted({lane.owner for lane in self._memory.lanes.values() if lane.owner is not None}))

    async def hasten(self, lease: Lease, now: datetime) -> None:
        for row in self._on(lease.account, DeliveryState.PLANNED) if self._holds(lease) else ():
            if row.priority is Priority.REPLY:
                self._memory.deliveries[row.id] = replace(row, not_before=None)
            elif row.broadcast is None and row.at is not None and row.at > now:
                self._memory.deliveries[row.id] = replace(row, not_before=now, at=now)

    async def bury(self, owner: str, account: str | None = None) -> None:
        for name, lane in self._memory.lanes.items():
            if lane.owner == owner and account in (None, name):
                self._memory.lanes[name] = replace(lane, owner=None, until=None)

    async def give_back(self, lease: Lease) -> None:
        if self._holds(lease):
            lane = self._memory.lanes[lease.account]
            self._memory.lanes[lease.account] = replace(lane, owner=None, until=None)
            for row in self._on(lease.account, DeliveryState.CLAIMED):
                self._memory.deliveries[row.id] = replace(row, state=DeliveryState.PLANNED)

    async def claim(self, lease: Lease, now: datetime, limit: int) -> tuple[Delivery, ...]:
        return self._claim(lease, now, limit, 0)

    async def exchange(
        self, lease: Lease, marks: Sequence[Mark], now: datetime, limit: int, first: int
    ) -> tuple[Delivery, ...] | None:
        """By `mark` and `claim`, so that what a test does to these happens here, too."""
        if not await self.mark(lease, marks, now):
            return None
        if max(limit, first) <= 0:
            return ()
        claimed = await self.claim(lease, now, limit)
        return (*claimed, *self._claim(lease, now, 0, first - len(claimed)))

    async def plan_again(self, lease: Lease, besides: Collection[int]) -> bool:
        if not self._holds(lease):
            return False
        for row in self._on(lease.account, DeliveryState.CLAIMED):
            if row.id not in besides:
                self._memory.deliveries[row.id] = replace(row, state=DeliveryState.PLANNED)
        return True

    async def abandon(self, lease: Lease, why: str, now: datetime, most: int) -> int:
        planned = [row for row in self._on(lease.account, DeliveryState.PLANNED) if not self._is_held(row)]
        due = [row for row in planned if _not_before(row)[0] <= now]
        if not self._holds(lease):
            return 0
        for row in due[:most]:
            failed = replace(row, state=DeliveryState.FAILED, why=why, at=now, content=None)
            self._memory.deliveries[row.id] = failed
        return len(due[:most])

    def _claim(self, lease: Lease, now: datetime, limit: int, first: int) -> tuple[Delivery, ...]:
        if not self._holds(lease, now):
            return ()
        due = []
        for row in self._on(lease.account, DeliveryState.PLANNED):
            if row.not_before is not None and row.not_before > now:
                continue
            if row.expires_at is not None and row.expires_at <= now:
                expired = replace(row, state=DeliveryState.EXPIRED, at=now, content=None)
                self._memory.deliveries[row.id] = expired
            elif not self._is_held(row):
                due.append(row)
        best = self._best_first(lease.account, due)
        chosen = [
            row for place, row in enumerate(best) if place < (first if row.priority in FIRST else 0) or place < limit
        ]
        for row in chosen:
            self._memory.deliveries[row.id] = replace(row, state=DeliveryState.CLAIMED, at=now)
        return tuple(self._read(row) for row in chosen)

    def _is_held(self, row: DeliveryRow) -> bool:
        held = {one.number for one in self._memory.broadcasts.values() if one.broadcast.held_at is not None}
        return row.broadcast in held

    def _best_first(self, account: str, due: list[DeliveryRow]) -> list[DeliveryRow]:
        first = [row for priority in HARMLESS_TWICE for row in due if row.priority is priority]
        queues: dict[int, list[DeliveryRow]] = {}
        for row in due:
            if row.priority not in HARMLESS_TWICE:
                queues.setdefault(row.broadcast or 0, []).append(row)
        last = self._last_served.get(account, 0)
        in_order = sorted(queues, key=lambda number: (number <= last, number))
        turns = zip_longest(*(sorted(queues[number], key=_not_before) for number in in_order))
        return first + [row for turn in turns for row in turn if row is not None]

    def _read(self, row: DeliveryRow) -> Delivery:
        content = row.content
        for ordered in self._memory.broadcasts.values():
            if ordered.number == row.broadcast:
                content = NudgeRef(ordered.broadcast.consultation, ordered.broadcast.step, ordered.broadcast.kind)
                self._last_served[row.to.account] = ordered.number
        assert content is not None
        return Delivery(row.id, row.to, row.priority, content, row.member, row.attempts, row.not_before, row.expires_at)

    async def mark(self, lease: Lease, marks: Sequence[Mark], now: datetime) -> bool:
        if not self._holds(lease):
            return False
        for mark in marks:
            row = self._memory.deliveries.get(mark.delivery)
            if row is None or row.state is not DeliveryState.CLAIMED or row.to.account != lease.account:
                continue
            row = replace(row, state=mark.state, attempts=row.attempts + mark.counted, at=now, why=mark.why)
            if mark.state is DeliveryState.PLANNED:
                to = replace(row.to, chat=mark.to_chat or row.to.chat)
                row = replace(row, not_before=mark.not_before, to=to)
            else:
                kept = row.content if isinstance(row.content, NewsRef) else None
                row = replace(row, message=mark.message, content=kept)
            self._memory.deliveries[row.id] = row
            if mark.state is not DeliveryState.PLANNED and is_farewell(row):
                del self._memory.deliveries[row.id]
        return True

    async def tell(self, lease: Lease, condition: Condition, now: datetime) -> bool:
        if not self._holds(lease):
            return False
        lane = self._memory.lanes[lease.account]
        since = lane.trouble_at if lane.condition.trouble == condition.trouble else now
        told = replace(lane, condition=condition, trouble_at=since if condition.trouble else None)
        self._memory.lanes[lease.account] = told
        return True

    async def receivers(self, deliveries: Sequence[Delivery], since: datetime) -> Mapping[int, Receiver]:
        batch = {one.id for one in deliveries}
        rows = [self._memory.deliveries[id] for id in sorted(batch)]
        return {row.id: self._receiver(row, since) for row in rows if row.member in self._memory.members}

    def _receiver(self, row: DeliveryRow, since: datetime) -> Receiver:
        memory = self._memory
        assert row.member is not None
        member = memory.member(row.member)
        broadcasts = {one.number: one.broadcast for one in memory.broadcasts.values()}
        slug = broadcasts[row.broadcast].consultation if row.broadcast is not None else ""
        address = next((at for who, at in memory.addresses.items() if Place.private_to(who) == row.to), None)
        nudges = [
            (one.at, one.broadcast)
            for one in memory.deliveries.values()
            if one.member == row.member and one.priority is Priority.NUDGE and one.state in MAY_HAVE_ARRIVED
            if one.at is not None and one.at >= since
            if one.id != row.id and (one.state is not DeliveryState.CLAIMED or _claimed(one) < _claimed(row))
        ]
        about = {number for number, one in broadcasts.items() if one.consultation == slug and one.kind.asks}
        asks = [at for at, number in nudges if number in about]
        return Receiver(
            member=member.id,
            language=member.language,
            timezone=member.timezone,
            has_consented=member.has_consented,
            has_stopped=member.has_stopped,
            is_gone=address is not None and address.gone_at is not None,
            has_finished=(member.id, slug) in memory.finished,
            took_part=(member.id, slug) in memory.begun or (member.id, slug) in memory.finished,
            unasked=tuple(sorted(at for at, _ in nudges)),
            asked_at=max(asks, default=None),
        )

    async def next_due(self, account: str) -> datetime | None:
        planned = self._on(account, DeliveryState.PLANNED)
        times = [_not_before(row)[0] for row in planned if not self._is_held(row)]
        times += [max(row.expires_at, _not_before(row)[0]) for row in planned if self._is_held(row) and row.expires_at]
        return min(times, default=None)

    async def backlog(self, place: Place) -> int:
        waiting = self._on(place.account, DeliveryState.PLANNED, DeliveryState.CLAIMED)
        return sum(row.to.chat == place.chat and row.priority is Priority.REPLY for row in waiting)


def _claimed(row: DeliveryRow) -> tuple[datetime, int]:
    assert row.at is not None
    return row.at, row.id


def _not_before(row: DeliveryRow) -> tuple[datetime, int]:
    return row.not_before or datetime.fromisoformat("1970-01-01T00:00:00+00:00"), row.id


class MemoryPlanner:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def unplanned(self, now: datetime) -> tuple[Broadcast, ...]:
        every = [row for row in self._memory.broadcasts.values() if row.broadcast.held_at is None]
        rows = [row for row in every if row.broadcast.confirmed and row.broadcast.at <= now]
        due = sorted(rows, key=lambda row: (row.broadcast.at, row.number))
        return tuple(row.broadcast for row in due if not row.broadcast.is_planned)

    async def zones(self) -> tuple[str | None, ...]:
        zones = {row.timezone for row in self._memory.members.values()}
        return tuple(sorted(zones, key=lambda zone: (zone is not None, zone or "")))

    @property
    def page_within(self) -> float:
        return 0.1

    async def plan_page(
        self,
        broadcast: Broadcast,
        not_before: Mapping[str | None, datetime],
        expires_at: datetime | None,
        size: int,
        allowance: Allowance | None = None,
    ) -> Broadcast:
        memory, ordered = self._memory, self._memory.broadcasts[broadcast.id]
        now = ordered.broadcast
        if now.is_planned or now.held_at is not None:
            return now
        page = sorted(member for member in memory.members if member > ordered.planned_to)[:size]
        otherwise = not_before.get(None, now.at)
        written = 0
        for member in page:
            reach = memory.reach(member)
            if reach is not None and memory.is_reachable(member, now.kind, now.consultation, now.audience, now.at):
                due = not_before.get(memory.members[member].timezone, otherwise)
                key = f"nudge:{now.consultation}:{now.step}:{member}"
                to = Place.private_to(reach)
                row = self._row(ordered.number, to, Priority.NUDGE, key, member, due, expires_at)
                written += memory.put(self._judged(row, allowance))
        is_planned = len(page) < size
        if is_planned and now.kind is NudgeKind.INVITATION and not now.audience.is_narrowed:
            for (account, chat), (body, _) in sorted(memory.channels.items()):
                if memory.body(body) and (now.audience.is_everybody or body in now.audience.bodies):
                    key = f"post:{now.consultation}:{now.step}:{account}:{chat}"
                    to = Place(account, chat, private=False)
                    row = self._row(ordered.number, to, Priority.POST, key, None, otherwise, expires_at)
                    written += memory.put(row)
        now = replace(now, planned=now.planned + written, is_planned=is_planned)
        memory.broadcasts[broadcast.id] = replace(ordered, broadcast=now, planned_to=max([ordered.planned_to, *page]))
        return now

    def _judged(self, row: DeliveryRow, allowance: Allowance | None) -> DeliveryRow:
        """With the day on which the weekly budget allows it."""
        if allowance is None or allowance.budget < 1:
            return row
        theirs = [one for one in self._memory.deliveries.values() if one.member == row.member]
        nudges = [one for one in theirs if one.priority is Priority.NUDGE and one.state is DeliveryState.SENT]
        sent = sorted((one.at for one in nudges if one.at and one.at > allowance.since), reverse=True)
        if len(sent) < allowance.budget or row.not_before is None:
            return row
        free = sent[allowance.budget - 1] + allowance.span
        row = replace(row, not_before=max(row.not_before, free))
        if row.expires_at is None or free < row.expires_at:
            return row
        return replace(row, state=DeliveryState.SUPPRESSED, why=OVER_BUDGET, at=allowance.now)

    def _row(
        self,
        broadcast: int,
        to: Place,
        priority: Priority,
        key: str,
        member: int | None,
        not_before: datetime,
        expires_at: datetime | None,
    ) -> DeliveryRow:
        return DeliveryRow(
            self._memory.number(), to, priority, None, broadcast=broadcast, member=member, key=key,
            not_before=not_before, expires_at=expires_at,
        )  # fmt: skip
