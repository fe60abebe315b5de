"""Sends in flight on one lane: each waits for its turn, is made, and is settled as a mark for the lane to record."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.deliveries import Delivery, DeliveryState, Lease, Mark, Outcome, Priority, Retry, Unknown
from core.delivery import departure, is_given_up, settle
from core.inbound import Inbound
from core.outbound import Message
from core.pace import Limits, Pace
from core.places import Place
from core.ports import Clock, Messenger, StoreUnavailable
from folkmoot.chats import IN_ORDER, Chats
from folkmoot.gauge import Gauge

log = logging.getLogger(__name__)

LONGEST_HOLD = 86_400.0
"""Seconds for which a platform's asking is believed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a messenger's answer, until a database that was away is tried again, and between judging a delivery
    and sending it; one that would have to wait for longer goes back."""

    answer: float = 60.0
    database: float = 1.0
    turn: float = 3.0


class Sends:
    """`marks` waits to be recorded, at once where `is_urgent`; `moved` is called when one has ended. `gives_up`: why
    nothing can be sent on the lane any more, once it has been so for long."""

    def __init__(
        self,
        lease: Lease,
        messenger: Messenger,
        limits: Limits,
        take: Callable[[Inbound], Awaitable[object]],
        clock: Clock,
        patience: Patience,
        moved: Callable[[], None],
    ) -> None:
        self.lease, self.messenger, self._take = lease, messenger, take
        self._clock, self._patience, self._moved = clock, patience, moved
        self.pace, self.chats = Pace(limits), Chats(limits)
        self._asked_until = now_in_seconds() + _from_now(lease.free_at, clock.now())
        self.pace.hold(self._asked_until)
        if limits.lane:  # whoever had the lane before may have sent until a moment ago
            self.pace.hold(now_in_seconds() + limits.lane.seconds)
        self.gauge = Gauge(now_in_seconds(), lease.free_at, lease.trouble)
        self.marks: list[Mark] = []
        self.in_flight: dict[asyncio.Task[None], int] = {}
        self.queueing = self.replies_queueing = 0
        self.is_urgent, self.gives_up = False, ""
        self._nudges_turn = asyncio.Lock()

    def speak_through(self, messenger: Messenger) -> None:
        """With another token, say: what the one before had to wait for may be put right."""
        if messenger is not self.messenger:
            self.messenger = messenger
            self.pace.release(self._asked_until)
            self._moved()

    def set_clock_back(self, by: timedelta) -> None:
        """The clock was put back by so much: what is to wait until then waits no longer for that."""
        self.marks = [
            replace(mark, not_before=mark.not_before - by) if mark.not_before else mark for mark in self.marks
        ]
        self.chats.set_clock_back(by)

    def put_back(self, delivery: Delivery, seconds: float, why: str = "the chat's own limit") -> None:
        later = self._clock.now() + timedelta(seconds=seconds)
        self.marks.append(Mark(delivery.id, DeliveryState.PLANNED, why, not_before=later, counted=False))
        self.chats.put_back(delivery, later)

    async def drop(self) -> None:
        """What is still in flight when the lane isn't ours any more."""
        left = list(self.in_flight)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def begin(self, delivery: Delivery, message: Message) -> None:
        earlier = self.chats.latest(delivery.to)
        if earlier is None:
            self._queue(delivery, 1)
        task = asyncio.create_task(self._send(delivery, message, earlier, now_in_seconds()))
        self.in_flight[task] = delivery.id
        self.chats.begin(delivery.to, task)

        def ended(task: asyncio.Task[None]) -> None:
            del self.in_flight[task]
            self.chats.end(delivery.to, task)
            if not task.cancelled() and (fault := task.exception()):
                log.error("delivery %s could not be settled", delivery.id, exc_info=fault)
            self._moved()

        task.add_done_callback(ended)

    def _queue(self, delivery: Delivery, one: int) -> None:
        """One more that waits for its turn, or one less."""
        self.queueing += one
        if delivery.priority in IN_ORDER:
            self.replies_queueing += one

    async def _send(
        self, delivery: Delivery, message: Message, earlier: asyncio.Task[None] | None, judged: float
    ) -> None:
        """Sends when the pace allows, after what was said earlier in the same chat."""
        if earlier:
            await asyncio.wait([earlier])
            self._queue(delivery, 1)
        try:
            if delivery.priority is Priority.NUDGE:
                async with self._nudges_turn:  # one at a time looks when it may go, and not hundreds
                    its_turn = await self._turn_to_send(delivery, judged)
            else:
                its_turn = await self._turn_to_send(delivery, judged)
        finally:
            self._queue(delivery, -1)
        if not its_turn:
            return
        try:
            outcome = await self._outcome(delivery.to, message, delivery.id)
        finally:
            self.pace.end(delivery.to, now_in_seconds())
        await self._settle(delivery, outcome)

    async def _turn_to_send(self, delivery: Delivery, judged: float) -> bool:
        """Waits until the pace allows, and takes the place. What would be sent long after it was judged, out of turn,
        or on a lease that has run out, is put back."""
        spaced, patience = delivery.priority is Priority.NUDGE, self._patience.turn
        while (wait := self.pace.free_at(delivery.to, now_in_seconds(), spaced=spaced) - now_in_seconds()) > 0:
            if wait > patience:
                break
            await asyncio.sleep(wait)
        now = self._clock.now()
        behind = self.chats.behind(delivery, now)
        if wait > patience or behind or now_in_seconds() - judged > 2 * patience or now >= self.lease.until:
            self.put_back(delivery, max(wait, behind, 0.0))
            return False
        self.pace.start(delivery.to, now_in_seconds())
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

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        now = self._clock.now()
        mark = settle(delivery, outcome, now)
        self.marks.append(mark)
        self.is_urgent |= delivery.priority in IN_ORDER or mark.state is not DeliveryState.SENT
        after = max(0.0, min(outcome.after, LONGEST_HOLD)) if isinstance(outcome, Retry) else 0.0
        self.gauge.note(outcome, now_in_seconds(), now + timedelta(seconds=after))
        if isinstance(outcome, Retry):
            until = now_in_seconds() + after
            self.pace.hold(until, None if outcome.whole_lane else delivery.to.chat)
            if outcome.whole_lane and outcome.asked:
                self._asked_until = max(self._asked_until, until)
            elif outcome.whole_lane and is_given_up(self.lease, now):
                self.gives_up = outcome.why
        if mark.not_before and not mark.to_chat:  # what was said after it, in the same chat, waits for it
            self.chats.put_back(delivery, mark.not_before)
        if inbound := departure(delivery, outcome, now):
            await self._take_in(inbound)

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


def now_in_seconds() -> float:
    """The loop's own, which no clock put right disturbs."""
    return asyncio.get_running_loop().time()


def _from_now(at: datetime | None, now: datetime) -> float:
    return max(0.0, min((at - now).total_seconds(), LONGEST_HOLD)) if at else 0.0
