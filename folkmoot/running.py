"""What runs in which process: the web, the worker, or both in one."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.ideas import Attachment
from core.places import Place
from core.ports import Clock, Messenger
from folkmoot.assembly import WEB_ACCOUNT, Assembly, assemble
from folkmoot.sealing import Sealer
from folkmoot.settings import Settings
from folkmoot.timekeeping import Timekeeper
from folkmoot.worker import Worker, limits_with
from web.app import create_app
from web.desk.importing import Importer
from web.hooks import HookKeys
from web.parts import Parts, Ways
from web.pulse import Pulse
from web.serving import Server, server_for

if TYPE_CHECKING:
    from folkmoot.slack import Slack
    from folkmoot.telegram import Telegram

log = logging.getLogger(__name__)

ONCE_IN = 10_000
"""New objects until rubbish is collected; a turn makes some thousands, and the usual 700 are for smaller programs."""

CLEARED_EVERY = 3600
"""Seconds between two looks for files of members that lay here for long enough."""

POLLING_LOOK = 0.5
"""Seconds between looks at whether it is ours to poll."""


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that this process can speak on; a messenger for every account of theirs."""

    assembly: Assembly
    telegram: "Telegram | None"
    slack: "Slack | None"

    async def for_account(self, account: str) -> Messenger | None:
        if account == WEB_ACCOUNT:
            return self.assembly.web
        if self.telegram and account == self.telegram.account:
            return self.telegram.messenger
        return await self.slack.messengers.for_account(account) if self.slack else None

    def invites(self, payload: str) -> Ways:
        """Where people who were asked to start with this may come in now; a bot has no name until it is connected."""
        username = self.telegram.username if self.telegram else ""
        telegram = f"https://t.me/{username}?start={payload}" if username else ""
        return Ways(telegram, slack=self.slack is not None)

    async def show_typing(self, to: Place) -> None:
        """That a person is typing to somebody, where their channel can show it."""
        if to.account == WEB_ACCOUNT:
            self.assembly.bell.typing(to.chat)
        elif self.telegram and self.telegram.messenger and to.account == self.telegram.account:
            await self.telegram.messenger.show_typing(to)

    async def fetch(self, attachment: Attachment) -> tuple[bytes, str] | None:
        """An attachment from the platform it was left on; None where it can't be had."""
        if self.telegram and self.telegram.messenger and attachment.account == self.telegram.account:
            return await self.telegram.fetch(attachment.file)
        if self.slack and attachment.account.startswith("slack:"):
            return await self.slack.fetch(attachment)
        return None


@asynccontextmanager
async def open_channels(assembly: Assembly) -> AsyncIterator[Channels]:
    """A channel's library is loaded only where it is on: each takes longer than the rest of a start."""
    settings = assembly.settings
    telegram = slack = None
    async with AsyncExitStack() as stack:
        if settings.telegram_bot_token:
            from folkmoot.telegram import Telegram, open_session

            session = await stack.enter_async_context(open_session())
            telegram = Telegram(settings, session, assembly.take, assembly.texts, assembly.clock)
        if settings.slack_is_on:
            from bots.slack.web_api import open_session as open_slack_session
            from folkmoot.slack import open_slack

            slack = open_slack(assembly, await stack.enter_async_context(open_slack_session()))
        yield Channels(assembly, telegram, slack)


@asynccontextmanager
async def running(
    settings: Settings, *, web: bool, work: bool, clock: Clock | None = None
) -> AsyncIterator[Server | None]:
    """Everything that this process does, for as long as the block lasts; gives the web server, if it has one. `clock`:
    another than the real one."""
    async with AsyncExitStack() as stack:
        assembly = await stack.enter_async_context(assemble(settings, clock=clock))
        channels = await stack.enter_async_context(open_channels(assembly))
        tasks = Tasks()
        stack.push_async_callback(tasks.cancel)
        worker: Worker | None = None
        if work:
            await assembly.outbox.open_lane(WEB_ACCOUNT)
            worker = await stack.enter_async_context(_working(assembly, channels))
            assembly.intake.wake = worker.wake
        if channels.telegram:
            tasks.start(_connect(channels.telegram, assembly, worker), "telegram connecting")
        if worker:
            if channels.telegram and not settings.telegram_uses_webhook:
                tasks.start(_poll_while_ours(channels.telegram, worker), "telegram polling")
            if channels.slack and settings.slack_app_token:
                tasks.start(channels.slack.intake.run_socket_mode(), "slack socket mode")
        _keep_what_is_here()
        if web:
            tasks.start(_clear_uploads(assembly), "clearing of uploads")
            application = create_app(parts_for(assembly, channels))
            yield server_for(application, assembly.bell, settings.host, settings.port)
        else:
            yield None


def _keep_what_is_here() -> None:
    """Programs and what they were built from stay as long as the process: nobody has to go through them each time that
    rubbish is collected, which is hundreds of times a minute."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ONCE_IN)


def parts_for(assembly: Assembly, channels: Channels) -> Parts:
    settings, pulse = assembly.settings, Pulse()
    assembly.intake.took = pulse.turn_took
    assembly.desk.talks.show_typing = channels.show_typing
    assembly.desk.talks.wake = lambda: assembly.intake.wake()
    return Parts(
        take=assembly.take,
        judge=assembly.intake.judge,
        store=assembly.store,
        ledger=assembly.ledger,
        board=assembly.docket,
        outbox=assembly.outbox,
        transcript=assembly.transcript,
        texts=assembly.texts,
        clock=assembly.clock,
        secret=settings.secret(),
        secret_before=settings.secret_before(),
        bell=assembly.bell,
        public_url=settings.public_url,
        telegram=channels.telegram.take_webhook if channels.telegram else None,
        slack=channels.slack.door if channels.slack else None,
        fetch_attachment=channels.fetch,
        metrics_token=settings.metrics_token,
        desk=assembly.desk,
        answered=assembly.desk.answered,
        collected=assembly.collected,
        invites=channels.invites,
        pulse=pulse,
    )


@asynccontextmanager
async def _working(assembly: Assembly, channels: Channels) -> AsyncIterator[Worker]:
    from folkmoot.metronome import Metronome  # and with it a scheduler, which a process of pages alone never starts

    worker = Worker(
        assembly.outbox,
        assembly.store,
        channels,
        assembly.take,
        assembly.clock,
        assembly.texts,
        assembly.manners,
        limits_with(assembly.settings.telegram_sends_per_second),
    )
    metronome = Metronome(assembly.store, assembly.planner, assembly.clock, assembly.manners)
    sealer = Sealer(assembly.ledger, assembly.clock)
    timekeeper = _timekeeper(assembly)
    telling = asyncio.create_task(_tell_hooks(assembly), name="webhooks")
    task = asyncio.create_task(worker.run(), name="worker")
    sealing = asyncio.create_task(sealer.run(), name="sealing")
    timekeeping = asyncio.create_task(timekeeper.run(), name="timekeeping")
    metronome.start()
    try:
        yield worker
    finally:
        await metronome.stop()
        worker.stop()
        sealer.stop()
        timekeeper.stop()
        telling.cancel()
        await task
        await sealing
        await timekeeping
        await asyncio.gather(telling, return_exceptions=True)


async def _tell_hooks(assembly: Assembly) -> None:
    """What is under way when it is cancelled is told again by the next process."""
    from folkmoot.calling import open_calls  # a library that a process of pages alone has no need of
    from folkmoot.hooks import HookTeller

    own = assembly.desk.developers
    async with open_calls(may_go_anywhere=own.hooks_may_go_anywhere) as calls:
        keys, queue = HookKeys(own.vault), assembly.hook_queue
        teller = HookTeller(queue, keys, assembly.store, calls, assembly.clock, assembly.texts, own.watching)
        await teller.run()


def _timekeeper(assembly: Assembly) -> Timekeeper:
    settings = assembly.settings
    return Timekeeper(
        assembly.store,
        assembly.docket,
        assembly.ledger,
        assembly.clock,
        assembly.texts,
        assembly.manners,
        settings.public_url,
        settings.seals_posted_every_days,
        assembly.desk.talks,
    )


async def _clear_uploads(assembly: Assembly) -> None:
    """Whoever looks, or not: they say who is a member, in the clear."""
    importer = Importer(assembly.desk.membership, assembly.clock, assembly.store.topics)
    while True:
        try:
            await importer.sweep(assembly.clock.now())
        except OSError as error:
            log.warning("uploads wait to be cleared: %s", error)
        await asyncio.sleep(CLEARED_EVERY)


async def _connect(telegram: "Telegram", assembly: Assembly, worker: Worker | None) -> None:
    await telegram.connect(assembly.outbox)
    _keep_what_is_here()
    if worker:
        worker.look()


async def _poll_while_ours(telegram: "Telegram", worker: Worker) -> None:
    """Telegram lets one process poll: whoever holds the bot's lane."""
    polling: asyncio.Task[None] | None = None
    try:
        while True:
            ours = telegram.account in worker.accounts
            if ours and (polling is None or polling.done()):
                polling = asyncio.create_task(telegram.poll(), name="telegram polling")
            elif not ours and polling:
                polling.cancel()
                polling = None
            await asyncio.sleep(POLLING_LOOK)
    finally:
        if polling:
            polling.cancel()
            await asyncio.wait([polling])


class Tasks:
    """What runs beside the rest until the end; one that fails says so."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.error("%s stopped: %r", task.get_name(), fault, exc_info=fault)

    async def cancel(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
