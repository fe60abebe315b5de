"""A lane on a stage: the outbox in memory, a clock that is set by hand, and a messenger that does as it is told."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.conversation import Conversation
from core.deliveries import DeliveryState, Lease, Outcome, Sent
from core.inbound import Inbound
from core.members import Address
from core.nudges import Manners
from core.outbound import Message
from core.pace import Limits
from core.places import Place
from core.ports import Outbox, Post
from core.texts import load_texts
from folkmoot.lane import Lane, Patience
from tests.contracts.rooms import BOT, DAY, NOON, Rooms, consultation, in_memory
from tests.fakes.clock import CountingMint, SetClock
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_state import DeliveryRow, Memory
from tests.patience import until

TEXTS = load_texts()
HASTY = Patience(answer=0.2, database=0.01, turn=0.2)


class Scripted:
    """Remembers what it was given to send, and by whom; answers `Sent`, or what its script has next for the chat."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str]] = []
        self.script: defaultdict[str, deque[Outcome | Exception | asyncio.Event]] = defaultdict(deque)
        self.now_sending = 0

    def answers(self, chat: str, *outcomes: Outcome | Exception | asyncio.Event) -> None:
        """An event: it hangs until that is set."""
        self.script[chat].extend(outcomes)

    async def send(self, to: Place, message: Message) -> Outcome:
        self.given.append((to.chat, message.text))
        self.now_sending += 1
        try:
            await asyncio.sleep(0)
            outcome = self.script[to.chat].popleft() if self.script[to.chat] else None
            if isinstance(outcome, asyncio.Event):
                await outcome.wait()
            elif isinstance(outcome, Exception):
                raise outcome
            elif outcome:
                return outcome
            return Sent(f"m{len(self.given)}")
        finally:
            self.now_sending -= 1

    def to(self, chat: str) -> list[str]:
        return [text for there, text in self.given if there == chat]


@dataclass
class Stage:
    rooms: Rooms = field(default_factory=in_memory)
    clock: SetClock = field(default_factory=lambda: SetClock(NOON))
    messenger: Scripted = field(default_factory=Scripted)
    limits: Limits = field(default_factory=Limits)
    patience: Patience = HASTY

    def __post_init__(self) -> None:
        self.conversation = Conversation(self.rooms.store, self.clock, CountingMint(), TEXTS)
        self.taken: list[Inbound] = []
        self.not_taken: deque[Exception] = deque()
        """What goes wrong with the next inbounds that are taken in."""

    async def take(self, inbound: Inbound) -> None:
        if self.not_taken:
            raise self.not_taken.popleft()
        self.taken.append(inbound)
        await self.conversation.receive(inbound)

    async def lease(self, account: str = BOT, owner: str = "worker") -> Lease:
        now = self.clock.now()
        await self.rooms.outbox.open_lane(account)
        leases = await self.rooms.outbox.take_lanes(owner, now, now + 30 * DAY)
        return next(lease for lease in leases if lease.account == account)

    def lane(self, lease: Lease, outbox: Outbox | None = None) -> Lane:
        return Lane(
            lease, self.messenger, self.limits, outbox or self.rooms.outbox, self.rooms.store, self.take, self.clock,
            TEXTS, Manners(), self.patience,
        )  # fmt: skip

    @asynccontextmanager
    async def running(self, outbox: Outbox | None = None) -> AsyncIterator[Lane]:
        lane = self.lane(await self.lease(), outbox)
        task = asyncio.create_task(lane.run())
        try:
            yield lane
        finally:
            lane.stop()
            await asyncio.wait_for(task, 5)

    async def says(self, who: Address, *texts: str) -> None:
        await self.rooms.store.record([], [Post(Place.private_to(who), Message(text), member=1) for text in texts])

    async def invites(self, *people: Address, slug: str = "city", expires_at: datetime | None = None) -> None:
        """They agree, and an open consultation's invitations to them are planned."""
        await self.rooms.says_yes(*people)
        await self.rooms.load(consultation(slug, closes_at=NOON + 20 * DAY))
        await self.rooms.broadcast(slug, expires_at=expires_at)

    def later(self, lane: Lane, by: timedelta) -> None:
        self.clock.move(by)
        lane.wake()

    async def passes(self, lane: Lane, holds: Callable[[], object]) -> None:
        """A second after the other, until something holds."""
        for _ in range(1000):
            if holds():
                return
            self.later(lane, timedelta(seconds=1))
            await asyncio.sleep(0.005)
        raise AssertionError(f"it never came about: {self.states()} {[row.why for row in self.rows]}")

    # --- what became of it
    @property
    def memory(self) -> Memory:
        assert isinstance(self.rooms.store, MemoryStore)
        return self.rooms.store.memory

    @property
    def rows(self) -> list[DeliveryRow]:
        return sorted(self.memory.deliveries.values(), key=lambda row: row.id)

    def states(self, who: Address | None = None) -> list[DeliveryState]:
        return [row.state for row in self.rows if who is None or row.to.chat == who.user]

    def why(self, who: Address) -> list[str]:
        return [row.why for row in self.rows if row.to.chat == who.user]

    async def settled(self, *states: DeliveryState, who: Address | None = None) -> None:
        await until(lambda: self.states(who) == list(states), f"{self.states(who)} never became {list(states)}")
