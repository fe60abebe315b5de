"""Asking Telegram for updates, where we have no public address: each is handled to its commit, then let go of.

The library's Updater holds updates in memory and moves the offset on before they are handled, so a crash loses them.
Here the offset only passes an update whose turn has ended well, or that is given up as poisonous.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError

from bots.telegram.account import ALLOWED_UPDATES, TelegramBot
from bots.telegram.intake import read
from bots.telegram.patience import MOST_TRIES, place_of
from bots.telegram.request import SlowDown, Unanswered
from core.inbound import Inbound
from core.ports import Clock

log = logging.getLogger(__name__)

Take = Callable[[Inbound], Awaitable[object]]

MOST_AT_ONCE = 16
"""Members whose updates are handled at the same time."""

BATCH = 100
LONG_POLL = 50
"""Updates, and seconds, that one call may bring and last: the most that Telegram allows."""

LONGEST_WAIT = 60
"""How many times the first wait the waits between tries may grow to."""


@dataclass(slots=True)
class Pending:
    """An update that Telegram still keeps for us. `blamed`: tries that failed although the store worked."""

    payload: Any
    sender: object
    tries: int = 0
    blamed: int = 0
    successes_then: int = 0
    next_try: float = 0.0
    is_done: bool = False

    @property
    def holds_up(self) -> bool:
        """Whether the later updates of the same sender must wait for it."""
        return not self.is_done and self.tries < MOST_TRIES


@dataclass(slots=True)
class Poller:
    """What is known of the updates not yet let go of, oldest first.

    An update that fails may be poisonous, or the store may be down, and no exception tells these apart. So a failed
    try is only blamed on the update if another update succeeded since its last one; after `MOST_TRIES` of those it
    is given up. While nothing succeeds, everything waits and nothing is lost. After `MOST_TRIES` of any sort it no
    longer holds up its sender's later updates, whose success then proves the store.
    """

    bot: TelegramBot
    account: str
    username: str
    take: Take
    clock: Clock
    wait: float
    pending: dict[int, Pending] = field(default_factory=dict)
    offset: int = 0
    successes: int = 0

    async def fetch(self, seconds: int) -> int:
        """Asks for updates, for as long as that, letting go of those before the offset; how many were new."""
        asked: dict[str, object] = {"allowed_updates": ALLOWED_UPDATES, "limit": BATCH, "timeout": seconds}
        if self.offset:
            asked["offset"] = self.offset
        payloads = await self.bot.call("getUpdates", asked, read_timeout=seconds + 10)
        if not isinstance(payloads, list):
            raise Unanswered("Telegram's answer holds no list of updates")
        numbered = {payload["update_id"]: payload for payload in payloads if _has_number(payload)}
        new = {number: Pending(of, _sender(of)) for number, of in numbered.items() if number not in self.pending}
        self.pending |= new
        return len(new)

    async def handle(self) -> None:
        """One try of every update whose time has come: of one sender in order, of different senders at once."""
        by_sender: dict[object, list[tuple[int, Pending]]] = {}
        for number, update in sorted(self.pending.items()):
            by_sender.setdefault(update.sender, []).append((number, update))
        gate = asyncio.Semaphore(MOST_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for updates in by_sender.values():
                group.create_task(self._handle_in_order(updates, gate))
        self._let_go()

    async def _handle_in_order(self, updates: Iterable[tuple[int, Pending]], gate: asyncio.Semaphore) -> None:
        async with gate:
            for number, update in updates:
                if not update.is_done and monotonic() >= update.next_try:
                    await self._try(number, update)
                if update.holds_up:
                    return

    async def _try(self, number: int, update: Pending) -> None:
        try:
            inbound = await read(update.payload, self.bot, self.account, self.username, self.clock.now())
            if inbound is not None:
                await self.take(inbound)
        except Exception as error:  # the process boundary: whatever goes wrong, the update must not be lost
            self._blame(number, update, error)
        else:
            update.is_done = True
            self.successes += inbound is not None

    def _blame(self, number: int, update: Pending, error: Exception) -> None:
        if update.tries and self.successes > update.successes_then and not isinstance(error, OSError):
            update.blamed += 1
        update.tries += 1
        update.successes_then = self.successes
        update.next_try = monotonic() + _backoff(update.tries, self.wait)
        update.is_done = update.blamed >= MOST_TRIES
        what = "given up" if update.is_done else "will be tried again"
        log.error("update %d failed (%s in %s) and %s", number, type(error).__name__, place_of(error), what)

    def _let_go(self) -> None:
        kept = [number for number, update in self.pending.items() if not update.is_done]
        if not self.pending:
            return
        self.offset = min(kept) if kept else max(self.pending) + 1
        self.pending = {number: update for number, update in self.pending.items() if number >= self.offset}

    @property
    def is_waiting(self) -> bool:
        return bool(self.pending)


async def poll(
    bot: TelegramBot,
    account: str,
    username: str,
    take: Take,
    clock: Clock,
    *,
    long_poll: int = LONG_POLL,
    wait: float = 1.0,
) -> None:
    """Runs until it is cancelled; an update cut off then comes again at the next start.

    `take` returns once the update's turn is committed. Taking the same update in twice must be harmless. `wait` is
    the first pause in seconds after a fault; it doubles up to a minute (`LONGEST_WAIT` times the first).
    """
    poller = Poller(bot, account, username, take, clock, wait)
    faults = 0
    may_have_webhook = True
    while True:
        try:
            if may_have_webhook:
                await bot.call("deleteWebhook", {"drop_pending_updates": False})
                may_have_webhook = False
            new = await poller.fetch(0 if poller.is_waiting else long_poll)
            faults = 0
        except TelegramError as error:
            faults += 1
            await asyncio.sleep(_pause(error, faults, wait))
            continue
        await poller.handle()
        if poller.is_waiting and not new:
            await asyncio.sleep(wait)  # Telegram answers at once while an update is kept


def _pause(error: TelegramError, faults: int, wait: float) -> float:
    match error:
        case SlowDown(after=after):
            return after
        case InvalidToken() | EndPointNotFound():
            log.error("Telegram doesn't know this bot any more: check TELEGRAM_BOT_TOKEN")
            return LONGEST_WAIT * wait
        case Conflict():
            log.warning("another process polls this bot too, or serves a webhook for it; run one alone")
        case _:
            log.warning("no updates from Telegram for now: %s", error.message)
    return _backoff(faults, wait)


def _backoff(tries: int, wait: float) -> float:
    return wait * min(1 << min(tries - 1, 10), LONGEST_WAIT)


def _sender(payload: Any) -> object:
    """Who an update is from, as far as its order matters; updates of nobody in particular stand alone."""
    for part in payload.values():
        if isinstance(part, dict) and isinstance(part.get("from"), dict):
            return str(part["from"].get("id"))
    return payload["update_id"]


def _has_number(payload: Any) -> bool:
    return isinstance(payload, dict) and isinstance(payload.get("update_id"), int)
