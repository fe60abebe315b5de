"""The metronome: every few seconds it asks core what is due and has it planned. No fact lives in a job store."""

import asyncio
import logging
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from core.consultations import Anchor, Consultation, NudgeStep
from core.events import BroadcastOrdered
from core.nudges import Manners, due_at, due_steps, expires_at, out_of_quiet
from core.ports import Broadcast, Clock, Planner, Store

log = logging.getLogger(__name__)

EVERY = 3
"""Seconds between ticks."""

PAGE = 5_000
SWEEP_EVERY = timedelta(hours=1)


class Beat(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """So long from now, whenever that is. The library's own interval counts every beat that a clock put right skipped,
    one by one."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + timedelta(seconds=EVERY) if previous else now


class Metronome:
    """A tick too many is harmless: an order for the same step is made once, a page is written once."""

    def __init__(self, store: Store, planner: Planner, clock: Clock, manners: Manners) -> None:
        self._store, self._planner, self._clock, self._manners = store, planner, clock, manners
        self._ordered: set[tuple[str, str]] = set()
        self._swept: datetime | None = None
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._beating, self._stopping = asyncio.Lock(), False

    def start(self) -> None:
        for job in (self.tick, self.efface):  # apart, for planning a large broadcast takes a while
            self._scheduler.add_job(job, Beat(), max_instances=1, coalesce=True, misfire_grace_time=None)
        self._scheduler.start()

    async def stop(self) -> None:
        """No more beats; one that is under way ends after the page that it writes."""
        if not self._scheduler.running:
            return
        self._stopping = True
        self._scheduler.pause()
        async with self._beating:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        async with self._beating:
            await self._tick(self._clock.now())

    async def efface(self) -> None:
        """The last traces of whoever was forgotten: within a minute, they were promised."""
        try:
            await self._store.efface(self._clock.now())
        except OSError as error:
            log.warning("erasing waits for the database: %s", error)

    async def _tick(self, now: datetime) -> None:
        try:
            await self._order(now)
            for broadcast in await self._planner.unplanned(now):
                await self._plan(broadcast, now)
            if self._swept is None or now - self._swept >= SWEEP_EVERY:
                self._swept = now
                await self._store.sweep(now)
        except OSError as error:
            log.warning("the metronome waits for the database: %s", error)

    async def _order(self, now: datetime) -> None:
        consultations = [c for c in await self._store.consultations() if c.opens_at is not None]
        if not consultations:
            return
        zones = await self._planner.zones()
        for consultation in consultations:
            for step in due_steps(consultation, zones, now):
                if (consultation.slug, step.key) not in self._ordered:
                    await self._store.record([_order(consultation, step, now)])
                    self._ordered.add((consultation.slug, step.key))

    async def _plan(self, broadcast: Broadcast, now: datetime) -> None:
        consultation = await self._store.consultation(broadcast.consultation)
        if consultation is None:
            return
        step = _step(consultation, broadcast)
        not_before = {
            zone: self._due(step, consultation, broadcast, zone or consultation.timezone)
            for zone in {*await self._planner.zones(), None}
        }
        ends = expires_at(step, consultation, consultation.timezone)
        while not broadcast.is_planned and not self._stopping:
            broadcast = await self._planner.plan_page(broadcast, not_before, ends, PAGE)

    def _due(self, step: NudgeStep, consultation: Consultation, broadcast: Broadcast, zone: str) -> datetime:
        due = due_at(step, consultation, zone) if step in consultation.nudges else None
        return out_of_quiet(due or broadcast.at, zone, self._manners)


def _order(consultation: Consultation, step: NudgeStep, now: datetime) -> BroadcastOrdered:
    name = f"{consultation.slug}/{step.key}"
    return BroadcastOrdered(name, consultation.slug, step.key, step.kind, consultation.audience, now)


def _step(consultation: Consultation, broadcast: Broadcast) -> NudgeStep:
    """The plan's step, or for a broadcast ordered by hand one that is due when it was ordered for."""
    planned = next((step for step in consultation.nudges if step.key == broadcast.step), None)
    if planned or consultation.opens_at is None:
        return planned or NudgeStep(broadcast.step, broadcast.kind, Anchor.OPENING)
    return NudgeStep(broadcast.step, broadcast.kind, Anchor.OPENING, broadcast.at - consultation.opens_at)
