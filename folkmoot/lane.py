"""A lane at work: claims what is due on one account, sends at the platform's pace, records what came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from core.deliveries import Delivery, DeliveryState, Lease, Mark, Priority, Receiver
from core.delivery import Subjects, find_subjects, prepare
from core.inbound import Inbound
from core.nudges import BUDGET_SPAN, Manners
from core.outbound import Message
from core.pace import Limits
from core.ports import Clock, Messenger, Outbox, Store
from core.texts import Texts
from folkmoot.chats import IN_ORDER
from folkmoot.sends import Patience, Sends, now_in_seconds

__all__ = ["MOST_IN_FLIGHT", "Lane", "Patience"]

log = logging.getLogger(__name__)

AHEAD = 0.2
"""Seconds of sends that are claimed at once: little enough that a reply soon finds its place between nudges."""

IDLE_LOOK = 0.2
"""Seconds until an idle lane looks again without being woken (another process may have written)."""

BUSY_LOOK = 0.1
"""The same while there is something to record: a nudge that was sent is known to be within this time."""

MOST_IN_FLIGHT = 200

PUT_BACK = timedelta(seconds=1)
"""A clock that is put right by less is let be."""

ABANDONED_AT_ONCE = 1_000

PATIENCE = Patience()


class Lane:
    """One account's sends. Whoever holds the lease runs one of these, and nobody else does."""

    def __init__(
        self,
        lease: Lease,
        messenger: Messenger,
        limits: Limits,
        outbox: Outbox,
        store: Store,
        take: Callable[[Inbound], Awaitable[object]],
        clock: Clock,
        texts: Texts,
        manners: Manners,
        patience: Patience = PATIENCE,
    ) -> None:
        self._outbox, self._store, self._clock, self._texts, self._manners = outbox, store, clock, texts, manners
        self._patience = patience
        self._sends = Sends(lease, messenger, limits, take, clock, patience, self._one_ended)
        self._pace, self._chats = self._sends.pace, self._sends.chats
        self.share(MOST_IN_FLIGHT)
        self._wake = asyncio.Event()
        self._claimed_at = float("-inf")
        self._looked: datetime | None = None
        self._stopping = self._has_lost_count = self._all_held_back = self._goes_on = False

    @property
    def lease(self) -> Lease:
        return self._sends.lease

    @property
    def messenger(self) -> Messenger:
        return self._sends.messenger

    def renew(self, lease: Lease) -> None:
        self._sends.lease = lease

    def speak_through(self, messenger: Messenger) -> None:
        self._sends.speak_through(messenger)

    def share(self, places: int) -> None:
        """So many sends may be on their way at once: the lanes of a process share its connections."""
        self._places, self._most = places, min(places, self._pace.most(AHEAD))

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Finish what is in flight, claim no more, and give the lane back."""
        self._stopping = True
        self._wake.set()

    def _one_ended(self) -> None:
        if self._stopping or self._sends.is_urgent or self._sends.gives_up or self._room():
            self._wake.set()

    async def run(self) -> None:
        """Until stopped, or until the lease is lost. A database that is away makes it wait, never lose."""
        try:
            await self._run()
        finally:
            await self._sends.drop()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                if self._stopping and not self._sends.in_flight and not self._sends.marks:
                    await self._tell()
                    return await self._outbox.give_back(self.lease)
                holds = await self._round()
            except OSError as error:
                log.warning("lane %s waits for the database: %s", self.lease.account, error)
                await asyncio.sleep(self._patience.database)
                continue
            if not holds:
                return log.warning("lane %s was taken over by another worker", self.lease.account)
            if not self._goes_on:
                await self._rest()

    # --- rounds
    async def _round(self) -> bool:
        """One look: records, claims, starts sending. False where the lease is lost."""
        if self._has_lost_count and not await self._find_count():
            return False
        await self._keep_time()
        if not await self._tell():
            return False
        await self._abandon()
        limit, first = (0, 0) if self._stopping else (self._room(), self._room_for_replies())
        marks, self._sends.marks, self._sends.is_urgent, self._goes_on = self._sends.marks, [], False, False
        if not marks and max(limit, first) <= 0:
            return True
        now = self._clock.now()
        try:
            batch = await self._outbox.exchange(self.lease, marks, now, limit, first)
        except BaseException:
            self._sends.marks = marks + self._sends.marks
            self._has_lost_count = max(limit, first) > 0
            raise
        if limit > 0:
            self._claimed_at = now_in_seconds()
        if batch:
            await self._start(batch, now)
            replies = sum(delivery.priority in IN_ORDER for delivery in batch)
            self._goes_on = replies >= max(limit, first) or (len(batch) >= limit > 0 and self._room() > 0)
        return batch is not None

    async def _keep_time(self) -> None:
        """Where the clock was put back, since our last look or before our time, what waits for an hour that was doesn't
        wait for it to come again."""
        now = self._clock.now()
        if self._looked is None or now < self._looked - PUT_BACK:
            if self._looked:
                self._sends.set_clock_back(self._looked - now)
            await self._outbox.hasten(self.lease, now)
        self._looked = now

    async def _find_count(self) -> bool:
        """After a claim of which we heard nothing: some may be claimed that we know nothing of."""
        ours = {*self._sends.in_flight.values(), *(mark.delivery for mark in self._sends.marks)}
        self._has_lost_count = not (found := await self._outbox.plan_again(self.lease, ours))
        return found

    async def _tell(self) -> bool:
        condition = self._sends.gauge.to_tell(now_in_seconds(), self._clock.now())
        if condition is None:
            return True
        self._sends.gauge.told(condition, now_in_seconds())
        return await self._outbox.tell(self.lease, condition, self._clock.now())

    async def _abandon(self) -> None:
        """Nothing could be sent for so long that what is due is given up; held as the lane is, there is time for it."""
        sends, goes_on = self._sends, True
        while sends.gives_up and goes_on and not self._stopping:
            now = self._clock.now()
            goes_on = bool(await self._outbox.abandon(self.lease, sends.gives_up, now, ABANDONED_AT_ONCE))
        sends.gives_up = ""

    def _room(self) -> int:
        """How many may be claimed now. None until it is half of what is claimed at once, or a while has passed: fewer
        and larger claims leave the database to others. What was all held back makes room for as much as there is."""
        pace = self._pace.room(now_in_seconds(), AHEAD, spaced=True)
        left = self._places - len(self._sends.in_flight)
        room = min(left, pace and self._places if self._all_held_back else min(pace, self._most) - self._sends.queueing)
        is_time = 2 * room >= self._most or now_in_seconds() - self._claimed_at >= AHEAD
        return max(room, 0) if is_time else 0

    def _room_for_replies(self) -> int:
        """They don't wait until a nudge that was claimed before them is gone."""
        left = max(self._most - self._sends.replies_queueing, 0)
        return left if self._pace.room(now_in_seconds(), AHEAD) else 0

    async def _start(self, batch: Sequence[Delivery], now: datetime) -> None:
        """Replies at once; the others when it is known how their receivers stand now."""
        for delivery in batch:
            self._chats.claimed(delivery)
        replies = [delivery for delivery in batch if delivery.priority is Priority.REPLY]
        if replies:
            self._pace.talk(now_in_seconds())
        for delivery in replies:
            self._start_one(delivery, Subjects(), None, now)
        others = [delivery for delivery in batch if delivery.priority is not Priority.REPLY]
        if not others:
            return
        try:
            judged = [delivery for delivery in others if delivery.priority in (Priority.NUDGE, Priority.NEWS)]
            receivers = await self._outbox.receivers(judged, now - BUDGET_SPAN) if judged else {}
            subjects = await find_subjects(self._store, others)
        except BaseException:
            for delivery in others:
                self._sends.put_back(delivery, 0.0, "the database was away")
            raise
        begun = [self._start_one(delivery, subjects, receivers.get(delivery.id), now) for delivery in others]
        self._all_held_back = DeliveryState.SUPPRESSED in begun and len(set(begun)) == 1

    def _start_one(
        self, delivery: Delivery, subjects: Subjects, receiver: Receiver | None, now: datetime
    ) -> DeliveryState:
        """What has become of it for now."""
        prepared = self._prepare(delivery, subjects, receiver, now)
        if isinstance(prepared, Mark):
            self._sends.marks.append(prepared)
            return prepared.state
        if wait := self._wait(delivery, now):
            self._sends.put_back(delivery, wait)
            return DeliveryState.PLANNED
        self._sends.begin(delivery, prepared)
        return DeliveryState.CLAIMED

    def _prepare(
        self, delivery: Delivery, subjects: Subjects, receiver: Receiver | None, now: datetime
    ) -> Message | Mark:
        try:
            return prepare(delivery, subjects, receiver, now, self._manners, self._texts)
        except Exception:  # a fault of ours in one message must not stop the lane
            log.exception("delivery %s could not be written", delivery.id)
            return Mark(delivery.id, DeliveryState.FAILED, "a fault in writing it, see the log")

    # --- when one has to wait
    def _wait(self, delivery: Delivery, now: datetime) -> float:
        """Seconds, where that is too long to be waited for here, or an earlier reply must be said first; else none. A
        nudge is judged when the chat is free, for what is on its way there may be the end of it."""
        if delivery.priority is Priority.NUDGE and self._chats.latest(delivery.to):
            return AHEAD
        free_in = self._pace.chat_free_at(delivery.to, now_in_seconds()) - now_in_seconds()
        too_long = free_in if free_in > AHEAD else 0.0
        return max(self._chats.behind(delivery, now), self._chats.full_for(delivery.to), too_long)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(
                self._wake.wait(), BUSY_LOOK if self._sends.marks or self._sends.in_flight else IDLE_LOOK
            )
