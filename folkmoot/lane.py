"""A lane at work: claims what is due on one account, sends at the platform's pace, records what came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from core.consultations import Consultation
from core.deliveries import Delivery, DeliveryState, Lease, Mark, NudgeRef, Outcome, Priority, Retry, Unknown
from core.delivery import departure, prepare, settle
from core.inbound import Inbound
from core.nudges import BUDGET_SPAN, Manners
from core.outbound import Message
from core.pace import Limits, Pace
from core.ports import Clock, Messenger, Outbox, Store
from core.texts import Texts

log = logging.getLogger(__name__)

AHEAD = 0.2
"""Seconds of sends that are claimed at once: little enough that a reply soon finds its place between nudges."""

IDLE_LOOK = 0.2
"""Seconds until an idle lane looks again without being woken (another process may have written)."""

LONGEST_HOLD = 3.0
"""Seconds that a claimed delivery may wait for its chat; for longer it goes back."""

MOST_IN_FLIGHT = 100
SEND_TIMEOUT = 60.0
AFTER_A_FAULT = 1.0


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
    ) -> None:
        self.lease = lease
        self._messenger, self._outbox, self._store, self._take = messenger, outbox, store, take
        self._clock, self._texts, self._manners = clock, texts, manners
        self._pace = Pace(limits)
        if limits.lane:  # whoever had the lane before may have sent until a moment ago
            self._pace.hold(_seconds() + limits.lane.seconds)
        self._wake = asyncio.Event()
        self._stopping = False
        self._marks: list[Mark] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._last_to: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Finish what is in flight and claim no more."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until stopped, or until the lease is lost. A database that is away makes it wait, never lose."""
        while not (self._stopping and not self._sending and not self._marks):
            try:
                found = await self._round()
            except OSError as error:
                log.warning("lane %s waits for the database: %s", self.lease.account, error)
                await asyncio.sleep(AFTER_A_FAULT)
                continue
            if found is None:
                log.warning("lane %s was taken over by another worker", self.lease.account)
                return
            if not found:
                await self._rest()
        await self._outbox.give_back(self.lease)

    async def _round(self) -> int | None:
        """One look: records, claims, starts sending. How many were claimed; None where the lease is lost."""
        if not await self._record():
            return None
        self._wake.clear()
        room = min(self._pace.room(_seconds(), AHEAD), MOST_IN_FLIGHT - len(self._sending))
        if self._stopping or room <= 0:
            return 0
        now = self._clock.now()
        batch = await self._outbox.claim(self.lease, now, room)
        if batch:
            await self._start(batch, now)
        return len(batch)

    async def _record(self) -> bool:
        marks, self._marks = self._marks, []
        if not marks:
            return True
        try:
            return await self._outbox.mark(self.lease, marks, self._clock.now())
        except BaseException:
            self._marks = marks + self._marks
            raise

    async def _start(self, batch: Sequence[Delivery], now: datetime) -> None:
        nudges = [delivery for delivery in batch if delivery.priority is Priority.NUDGE]
        receivers = await self._outbox.receivers(nudges, now - BUDGET_SPAN) if nudges else {}
        consultations = await self._consultations(batch)
        for delivery in batch:
            prepared = prepare(delivery, consultations, receivers.get(delivery.id), now, self._manners, self._texts)
            if isinstance(prepared, Mark):
                self._marks.append(prepared)
                continue
            free_in = self._pace.chat_free_at(delivery.to, _seconds()) - _seconds()
            if free_in > LONGEST_HOLD:
                self._marks.append(_put_back(delivery, now, free_in))
                continue
            self._begin(delivery, prepared)

    async def _consultations(self, batch: Sequence[Delivery]) -> Mapping[str, Consultation]:
        slugs = {delivery.content.consultation for delivery in batch if isinstance(delivery.content, NudgeRef)}
        found = [await self._store.consultation(slug) for slug in slugs]
        return {consultation.slug: consultation for consultation in found if consultation}

    def _begin(self, delivery: Delivery, message: Message) -> None:
        chat = delivery.to.chat
        task = asyncio.create_task(self._send(delivery, message, self._last_to.get(chat)))
        self._sending.add(task)
        self._last_to[chat] = task

        def ended(task: asyncio.Task[None]) -> None:
            self._sending.discard(task)
            if self._last_to.get(chat) is task:
                del self._last_to[chat]
            self._wake.set()

        task.add_done_callback(ended)

    async def _send(self, delivery: Delivery, message: Message, earlier: asyncio.Task[None] | None) -> None:
        """Sends when the pace allows, after what was said earlier in the same chat."""
        if earlier:
            await asyncio.wait([earlier])
        await self._turn_to_send(delivery)
        try:
            outcome = await self._outcome(delivery, message)
        finally:
            self._pace.end(delivery.to, _seconds())
        now = self._clock.now()
        if isinstance(outcome, Retry):
            self._pace.hold(_seconds() + outcome.after, None if outcome.whole_lane else delivery.to.chat)
        self._marks.append(settle(delivery, outcome, now))
        if inbound := departure(delivery, outcome, now):
            await self._take(inbound)

    async def _turn_to_send(self, delivery: Delivery) -> None:
        """Waits until the pace allows, and takes the place."""
        spaced = delivery.priority is Priority.NUDGE
        while (at := self._pace.free_at(delivery.to, _seconds(), spaced=spaced)) > _seconds():  # noqa: ASYNC110
            await asyncio.sleep(at - _seconds())
        self._pace.start(delivery.to, _seconds())

    async def _outcome(self, delivery: Delivery, message: Message) -> Outcome:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                return await self._messenger.send(delivery.to, message)
        except TimeoutError:
            return Unknown("no answer in time")
        except Exception:  # a fault of ours in one message must not stop the lane
            log.exception("delivery %s could not be sent", delivery.id)
            return Retry(1.0, "a fault in sending, see the log")

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), IDLE_LOOK)


def _seconds() -> float:
    return asyncio.get_running_loop().time()


def _put_back(delivery: Delivery, now: datetime, seconds: float) -> Mark:
    later = now + timedelta(seconds=seconds)
    return Mark(delivery.id, DeliveryState.PLANNED, "the chat's own limit", not_before=later, counted=False)
