"""A lane at work: claims what is due on one account, sends at the platform's pace, records what came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.deliveries import Delivery, DeliveryState, Lease, Mark, Outcome, Priority, Receiver, Retry, Unknown
from core.delivery import Subjects, departure, find_subjects, prepare, settle
from core.inbound import Inbound
from core.nudges import BUDGET_SPAN, Manners
from core.outbound import Message
from core.pace import Limits, Pace
from core.places import Place
from core.ports import Clock, Messenger, Outbox, Store, StoreUnavailable
from core.texts import Texts
from folkmoot.chats import Chats

log = logging.getLogger(__name__)

AHEAD = 0.2
"""Seconds of sends that are claimed at once: little enough that a reply soon finds its place between nudges."""

IDLE_LOOK = 0.2
"""Seconds until an idle lane looks again without being woken (another process may have written)."""

MOST_IN_FLIGHT = 100


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a messenger's answer, until a database that was away is tried again, and between judging a delivery
    and sending it; one that would have to wait for longer goes back."""

    answer: float = 60.0
    database: float = 1.0
    turn: float = 3.0


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
        patience: Patience = Patience(),
    ) -> None:
        self.lease, self.messenger = lease, messenger
        self._outbox, self._store, self._take = outbox, store, take
        self._clock, self._texts, self._manners, self._patience = clock, texts, manners, patience
        self._pace, self._chats = Pace(limits), Chats(limits)
        if limits.lane:  # whoever had the lane before may have sent until a moment ago
            self._pace.hold(_seconds() + limits.lane.seconds)
        self._wake = asyncio.Event()
        self._stopping = False
        self._marks: list[Mark] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._queueing = 0

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Finish what is in flight, claim no more, and give the lane back."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until stopped, or until the lease is lost. A database that is away makes it wait, never lose."""
        try:
            await self._run()
        finally:
            await self._drop()

    async def _run(self) -> None:
        while True:
            try:
                if self._stopping and not self._sending and not self._marks:
                    return await self._outbox.give_back(self.lease)
                found = await self._round()
            except OSError as error:
                log.warning("lane %s waits for the database: %s", self.lease.account, error)
                await asyncio.sleep(self._patience.database)
                continue
            if found is None:
                return log.warning("lane %s was taken over by another worker", self.lease.account)
            if not found:
                await self._rest()

    async def _drop(self) -> None:
        """What is still in flight when the lane isn't ours any more."""
        left = list(self._sending)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def _round(self) -> int | None:
        """One look: records, claims, starts sending. How many were claimed; None where the lease is lost."""
        if not await self._record():
            return None
        self._wake.clear()
        room = min(self._pace.room(_seconds(), AHEAD) - self._queueing, MOST_IN_FLIGHT - len(self._sending))
        if self._stopping or room <= 0:
            return 0
        now = self._clock.now()
        try:
            batch = await self._outbox.claim(self.lease, now, room)
            if batch:
                await self._start(batch, now)
        except OSError:
            self.stop()  # some may be claimed and not begun: giving the lane back plans them again
            raise
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
        judged = [delivery for delivery in batch if delivery.priority in (Priority.NUDGE, Priority.NEWS)]
        receivers = await self._outbox.receivers(judged, now - BUDGET_SPAN) if judged else {}
        subjects = await find_subjects(self._store, batch)
        for delivery in batch:
            self._chats.claimed(delivery)
            prepared = self._prepare(delivery, subjects, receivers.get(delivery.id), now)
            if isinstance(prepared, Mark):
                self._marks.append(prepared)
            elif wait := self._wait(delivery, now):
                self._put_back(delivery, now, wait)
            else:
                self._begin(delivery, prepared)

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
        free_in = self._pace.chat_free_at(delivery.to, _seconds()) - _seconds()
        too_long = free_in if free_in > AHEAD else 0.0
        return max(self._chats.behind(delivery, now), self._chats.full_for(delivery.to), too_long)

    def _put_back(self, delivery: Delivery, now: datetime, seconds: float) -> None:
        later = now + timedelta(seconds=seconds)
        self._marks.append(
            Mark(delivery.id, DeliveryState.PLANNED, "the chat's own limit", not_before=later, counted=False)
        )
        self._chats.put_back(delivery, later)

    # --- sending
    def _begin(self, delivery: Delivery, message: Message) -> None:
        earlier = self._chats.latest(delivery.to)
        self._queueing += earlier is None
        task = asyncio.create_task(self._send(delivery, message, earlier, _seconds()))
        self._sending.add(task)
        self._chats.begin(delivery.to, task)

        def ended(task: asyncio.Task[None]) -> None:
            self._sending.discard(task)
            self._chats.end(delivery.to, task)
            if not task.cancelled() and (fault := task.exception()):
                log.error("delivery %s could not be settled", delivery.id, exc_info=fault)
            self._wake.set()

        task.add_done_callback(ended)

    async def _send(
        self, delivery: Delivery, message: Message, earlier: asyncio.Task[None] | None, judged: float
    ) -> None:
        """Sends when the pace allows, after what was said earlier in the same chat."""
        if earlier:
            await asyncio.wait([earlier])
            self._queueing += 1
        its_turn = await self._turn_to_send(delivery, judged)
        self._queueing -= 1
        if not its_turn:
            return
        try:
            outcome = await self._outcome(delivery.to, message, delivery.id)
        finally:
            self._pace.end(delivery.to, _seconds())
        now = self._clock.now()
        mark = settle(delivery, outcome, now)
        self._marks.append(mark)
        if isinstance(outcome, Retry):
            self._pace.hold(_seconds() + outcome.after, None if outcome.whole_lane else delivery.to.chat)
            if mark.not_before:
                self._chats.put_back(delivery, mark.not_before)
        if inbound := departure(delivery, outcome, now):
            await self._take_in(inbound)

    async def _turn_to_send(self, delivery: Delivery, judged: float) -> bool:
        """Waits until the pace allows, and takes the place. What would be sent long after it was judged, out of turn,
        or on a lease that has run out, is put back."""
        spaced, patience = delivery.priority is Priority.NUDGE, self._patience.turn
        while (wait := self._pace.free_at(delivery.to, _seconds(), spaced=spaced) - _seconds()) > 0:
            if wait > patience:
                break
            await asyncio.sleep(wait)
        now = self._clock.now()
        behind = self._chats.behind(delivery, now)
        if wait > patience or behind or _seconds() - judged > 2 * patience or now >= self.lease.until:
            self._put_back(delivery, now, max(wait, behind, 0.0))
            return False
        self._pace.start(delivery.to, _seconds())
        return True

    async def _outcome(self, to: Place, message: Message, number: int) -> Outcome:
        try:
            async with asyncio.timeout(self._patience.answer):
                return await self.messenger.send(to, message)
        except TimeoutError:
            return Unknown("no answer in time")
        except StoreUnavailable as error:  # what was to be kept of it wasn't: the web chat's lines
            return Retry(self._patience.database, str(error), whole_lane=True, counted=False)
        except Exception:  # a fault of ours in one message must not stop the lane; nobody can tell how far it got
            log.exception("delivery %s could not be sent", number)
            return Unknown("a fault in sending, see the log")

    async def _take_in(self, inbound: Inbound) -> None:
        """That somebody is gone is a turn of theirs: it waits for the database, too."""
        while True:
            try:
                await self._take(inbound)
            except OSError as error:
                log.warning("lane %s waits for the database: %s", self.lease.account, error)
                await asyncio.sleep(self._patience.database)
            except Exception:  # one turn that fails must not stop the lane
                return log.exception("%s could not be taken in", type(inbound.deed).__name__)
            else:
                return None

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), IDLE_LOOK)


def _seconds() -> float:
    return asyncio.get_running_loop().time()
