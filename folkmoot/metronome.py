"""The metronome: every few seconds it asks core what is due and has it planned. No fact lives in a job store."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from core.consultations import Anchor, Consultation, NudgeStep
from core.events import BroadcastOrdered, ConsultationLoaded
from core.nudges import BUDGET_SPAN, Manners, due_at, due_steps, expires_at, out_of_quiet
from core.ports import Allowance, Broadcast, Clock, NameTaken, Planner, Store
from core.recurrence import come_again

log = logging.getLogger(__name__)

EVERY = 3
"""Seconds between ticks."""

PAGE = 5_000
LEAST_PAGE = 500
"""Members of a page. How many between the two, is found out while planning: as many as its time allows."""

LONGEST_PAUSE = 0.1
"""Seconds between pages, which are else as long as a page took."""

SWEEP_EVERY = timedelta(hours=1)
THINNED_AT_ONCE = 1_000


class Beat(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """So long from now, whenever that is. The library's own interval counts every beat that a clock put right skipped,
    one by one."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now + timedelta(seconds=EVERY) if previous else now


class Scheduler(AsyncIOScheduler):  # type: ignore[misc]  # the library has no types
    """Beats on where the clock was put back: the library would be silent until it is as late as it was before. Its
    timer counts on whatever the clock says, so it looks in time, and here sees a beat that is further off than any."""

    def wakeup(self) -> None:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > timedelta(seconds=EVERY):
                job.modify(next_run_time=now)
        super().wakeup()


class Metronome:
    """A tick too many is harmless: an order for the same step is made once, a page is written once."""

    def __init__(self, store: Store, planner: Planner, clock: Clock, manners: Manners) -> None:
        self._store, self._planner, self._clock, self._manners = store, planner, clock, manners
        self._ordered: set[tuple[str, str]] = set()
        self._swept: datetime | None = None
        self._thinned: datetime | None = None
        self._scheduler = Scheduler(timezone="UTC")
        self._beating, self._stopping = asyncio.Lock(), False

    def start(self) -> None:
        for job in (self.tick, self.efface, self.thin):  # apart, for planning a large broadcast takes a while
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

    async def thin(self) -> None:
        """About hourly: what was settled longer ago than the organisation wants it kept, a page at a time."""
        now = self._clock.now()
        if self._thinned is not None and timedelta() <= now - self._thinned < SWEEP_EVERY:
            return
        self._thinned = now
        try:
            days = await self._store.retention()
            while days is not None and not self._stopping:
                if await self._store.thin(now - timedelta(days=days), THINNED_AT_ONCE) < THINNED_AT_ONCE:
                    return
                await asyncio.sleep(self._planner.page_within)
        except OSError as error:
            self._thinned = None
            log.warning("thinning waits for the database: %s", error)

    async def _tick(self, now: datetime) -> None:
        try:
            await self._repeat(now)
            await self._order(now)
            for broadcast in await self._planner.unplanned(now):
                await self._plan(broadcast, now)
            if self._swept is None or not timedelta() <= now - self._swept < SWEEP_EVERY:
                self._swept = now
                await self._store.sweep(now)
        except OSError as error:
            log.warning("the metronome waits for the database: %s", error)

    async def _repeat(self, now: datetime) -> None:
        """What comes again is there in time, as a consultation of its own; whichever process is first loads it."""
        known = {one.slug: one for one in await self._store.consultations()}
        for consultation in known.values():
            for again in come_again(consultation, now) if consultation.repeats else ():
                if again.slug not in known:
                    with suppress(NameTaken):
                        await self._store.record([ConsultationLoaded(again, now, once=True)])

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
        allowance = Allowance(self._manners.budget, BUDGET_SPAN, now)
        size, within = LEAST_PAGE, self._planner.page_within
        while not broadcast.is_planned and broadcast.held_at is None and not self._stopping:
            begun = monotonic()
            broadcast = await self._planner.plan_page(broadcast, not_before, ends, size, allowance)
            took = monotonic() - begun
            size = page_size(size, took, within)
            await asyncio.sleep(min(took, LONGEST_PAUSE))  # planning is in no hurry, and whoever writes to us is

    def _due(self, step: NudgeStep, consultation: Consultation, broadcast: Broadcast, zone: str) -> datetime:
        due = due_at(step, consultation, zone) if step in consultation.nudges else None
        return out_of_quiet(due or broadcast.at, zone, self._manners)


def page_size(size: int, took: float, within: float) -> int:
    """Of the next page, after one that took so many seconds: as the time allows, twice as many at the most."""
    fitting = size * within / max(took, within / 2)
    return max(LEAST_PAGE, min(PAGE, round(fitting)))


def _order(consultation: Consultation, step: NudgeStep, now: datetime) -> BroadcastOrdered:
    name = f"{consultation.slug}/{step.key}"
    return BroadcastOrdered(name, consultation.slug, step.key, step.kind, consultation.audience, now)


def _step(consultation: Consultation, broadcast: Broadcast) -> NudgeStep:
    """The plan's step, or for a broadcast ordered by hand one that is due when it was ordered for."""
    planned = next((step for step in consultation.nudges if step.key == broadcast.step), None)
    if planned or consultation.opens_at is None:
        return planned or NudgeStep(broadcast.step, broadcast.kind, Anchor.OPENING)
    return NudgeStep(broadcast.step, broadcast.kind, Anchor.OPENING, broadcast.at - consultation.opens_at)
