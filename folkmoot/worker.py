"""The worker: holds lanes while it lives, and the metronome that asks what is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from core.deliveries import Condition, Lease
from core.delivery import NOBODY, is_given_up
from core.inbound import Inbound
from core.nudges import Manners
from core.pace import SLACK, TELEGRAM, WEB, Limit, Limits
from core.ports import Clock, Messenger, Messengers, Outbox, Store
from core.texts import Texts
from folkmoot.lane import ABANDONED_AT_ONCE, MOST_IN_FLIGHT, Lane
from folkmoot.owners import is_dead, is_this_process, owner_name

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=7)
"""How long a dead worker's lanes stay silent, at the most."""

RENEW_EVERY = 2.0
STOP_WITHIN = 8.0
ASK_FOR = 3.0
"""Seconds that a channel may take to say who sends on a lane: the other lanes' leases have to outlast it."""

FEWEST_IN_FLIGHT = 10
"""Sends that each of very many lanes may have on their way; fewer lanes share what one alone may have."""

LIMITS: Mapping[str, Limits] = {"telegram": TELEGRAM, "slack": SLACK, "web": WEB}


def limits_with(telegram_a_second: int) -> Mapping[str, Limits]:
    """A bot for which Telegram allows more (paid broadcasts), or less than the usual."""
    lane = Limit(telegram_a_second, 1.0)
    return {**LIMITS, "telegram": replace(TELEGRAM, lane=lane)}


class Worker:
    """Sends on every lane that it can get and has a messenger for."""

    def __init__(
        self,
        outbox: Outbox,
        store: Store,
        messengers: Messengers,
        take: Callable[[Inbound], Awaitable[object]],
        clock: Clock,
        texts: Texts,
        manners: Manners,
        limits: Mapping[str, Limits] = LIMITS,
    ) -> None:
        self.owner = owner_name()
        self._outbox, self._store, self._messengers, self._take = outbox, store, messengers, take
        self._clock, self._texts, self._manners, self._limits = clock, texts, manners, limits
        self._lanes: dict[str, tuple[Lane, asyncio.Task[None]]] = {}
        self._unsure: set[str] = set()
        self._stopping = False
        self._look = asyncio.Event()

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts whose lanes it holds."""
        return frozenset(self._lanes)

    def wake(self) -> None:
        """Something was written to the outbox by this process."""
        for lane, _ in self._lanes.values():
            lane.wake()

    def look(self) -> None:
        """A lane was opened: see now whether it can be had."""
        self._look.set()

    def stop(self) -> None:
        """Finish what is being sent, give the lanes back, and end."""
        self._stopping = True
        self._look.set()

    async def run(self) -> None:
        await self._bury(is_dead)
        while not self._stopping:
            self._look.clear()
            try:
                await self._renew()
            except OSError as error:
                log.warning("the worker waits for the database: %s", error)
            except Exception:  # whatever is wrong with one look, the next may be well, and nobody else would look
                log.exception("the worker could not look at its lanes")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), RENEW_EVERY)
        await self._give_back()

    async def _bury(self, is_lost: Callable[[str], bool]) -> None:
        """Workers of this machine that were killed: nobody has to wait for their leases to end."""
        try:
            for owner in await self._outbox.owners():
                if is_lost(owner):
                    await self._outbox.bury(owner)
        except OSError as error:
            log.warning("the worker waits for the database: %s", error)

    async def _renew(self) -> None:
        await self._bury(lambda owner: is_dead(owner) and not is_this_process(owner))
        now = self._clock.now()
        held = {lease.account: lease for lease in await self._outbox.take_lanes(self.owner, now, now + LEASE)}
        for account, (lane, task) in list(self._lanes.items()):
            if task.done() or account not in held or held[account].epoch != lane.lease.epoch:
                task.cancel()
                del self._lanes[account]
                if task.done() and not task.cancelled() and (fault := task.exception()):
                    log.error("lane %s stopped: %r", account, fault, exc_info=fault)
                    held.pop(account, None)
                    await self._outbox.bury(self.owner, account)  # what was under way on it is as good as lost
            else:
                lane.renew(held[account])
        self._unsure.clear()
        messengers = await asyncio.gather(*map(self._messenger, held))
        for lease, messenger in zip(held.values(), messengers, strict=True):
            await self._man(lease, messenger)
        for lane, _ in self._lanes.values():
            lane.share(max(FEWEST_IN_FLIGHT, MOST_IN_FLIGHT // len(self._lanes)))

    async def _messenger(self, account: str) -> Messenger | None:
        """Asked for anew each time: a workspace may have been installed again since, or taken away."""
        try:
            async with asyncio.timeout(ASK_FOR):
                return await self._messengers.for_account(account)
        except Exception as error:  # one channel's trouble must not keep the others from being heard
            log.warning("lane %s has no messenger just now: %r", account, error)
            if account in self._lanes:
                return self._lanes[account][0].messenger
            self._unsure.add(account)
            return None

    async def _man(self, lease: Lease, messenger: Messenger | None) -> None:
        """A lane that we can't send on is left to whoever can."""
        known = self._lanes.get(lease.account)
        if messenger is None:
            if known:
                known[0].stop()
            else:
                await self._pass_on(lease)
        elif known:
            known[0].speak_through(messenger)
        else:
            self._take_up(lease, messenger)

    async def _pass_on(self, lease: Lease) -> None:
        """It says why, for whoever looks; and what is due doesn't wait for ever for somebody who can send on it."""
        now = self._clock.now()
        if lease.account not in self._unsure:
            if lease.trouble != NOBODY:
                await self._outbox.tell(lease, Condition(0.0, lease.free_at, NOBODY), now)
            elif is_given_up(lease, now):
                await self._outbox.abandon(lease, NOBODY, now, ABANDONED_AT_ONCE)
        await self._outbox.give_back(lease)

    def _take_up(self, lease: Lease, messenger: Messenger) -> None:
        limits = self._limits[lease.account.partition(":")[0]]
        lane = Lane(
            lease, messenger, limits, self._outbox, self._store, self._take, self._clock, self._texts, self._manners
        )
        self._lanes[lease.account] = lane, asyncio.create_task(lane.run(), name=f"lane {lease.account}")

    async def _give_back(self) -> None:
        for lane, _ in self._lanes.values():
            lane.stop()
        tasks = [task for _, task in self._lanes.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
