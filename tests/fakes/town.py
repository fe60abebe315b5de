"""A town: everything but the platforms, in memory, with people who talk to it and read what they are told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.conversation import Conversation
from core.deliveries import Delivery, DeliveryState, Mark, Priority, Receiver
from core.delivery import find_subjects, prepare
from core.inbound import Deed, Inbound, Pressed
from core.members import Address
from core.nudges import BUDGET_SPAN, Manners
from core.outbound import Message
from core.places import Place
from core.rolls import Rolls
from core.talks import Talks
from core.texts import Texts, load_texts
from core.turns.turn import Turn
from folkmoot.metronome import Metronome
from folkmoot.timekeeping import Timekeeper
from tests.fakes.clock import CountingMint, SetClock
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_docket import MemoryDocket
from tests.fakes.memory_handovers import MemoryHandovers
from tests.fakes.memory_ledger import MemoryLedger
from tests.fakes.memory_outbox import MemoryOutbox, MemoryPlanner


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it arrived."""

    to: Place
    id: str
    message: Message


@dataclass
class Town:
    clock: SetClock = field(default_factory=SetClock)
    texts: Texts = field(default_factory=load_texts)
    store: MemoryStore = field(default_factory=MemoryStore)
    mint: CountingMint = field(default_factory=CountingMint)
    public_url: str = "https://moot.example"

    def __post_init__(self) -> None:
        self.outbox, self.planner = MemoryOutbox(self.store.memory), MemoryPlanner(self.store.memory)
        self.metronome = Metronome(self.store, self.planner, self.clock, Manners())
        self.docket = MemoryDocket(self.store.memory)
        self.ledger = MemoryLedger(self.store.memory.ideas, self.store.memory.unsalted)
        self.talks = Talks(self.store, MemoryHandovers(self.store.memory), self.texts, self.clock, Manners())
        self.timekeeper = Timekeeper(
            self.store, self.docket, self.ledger, self.clock, self.texts, Manners(), self.public_url, talks=self.talks
        )
        self.rolls = Rolls("a secret of this town")
        self.conversation = Conversation(
            self.store, self.clock, self.mint, self.texts, self.public_url, rolls=self.rolls
        )
        self.heard: list[Heard] = []
        self._keys = self._numbers()

    @staticmethod
    def _numbers() -> Iterator[int]:
        number = 100
        while True:
            number += 1
            yield number

    async def does(
        self, who: Address, deed: Deed, *, place: Place | None = None, name: str = "", locale: str = "en"
    ) -> Turn | None:
        key = f"{who.account}:{next(self._keys)}"
        inbound = Inbound(key, who, place or Place.private_to(who), self.clock.now(), deed, name, locale)
        return await self.conversation.receive(inbound)

    async def hears(self) -> list[Heard]:
        """Everything that goes out now, in order, on every lane."""
        now, said = self.clock.now(), list[Heard]()
        for lease in await self.outbox.take_lanes("town", now, now + timedelta(minutes=1)):
            while batch := await self.outbox.claim(lease, now, 100):
                judged = [delivery for delivery in batch if delivery.priority in (Priority.NUDGE, Priority.NEWS)]
                receivers = await self.outbox.receivers(judged, now - BUDGET_SPAN)
                marks = [await self._deliver(one, receivers.get(one.id), now, said) for one in batch]
                await self.outbox.mark(lease, marks, now)
        return said

    async def _deliver(self, delivery: Delivery, receiver: Receiver | None, now: datetime, said: list[Heard]) -> Mark:
        subjects = await find_subjects(self.store, [delivery])
        prepared = prepare(delivery, subjects, receiver, now, Manners(), self.texts)
        if isinstance(prepared, Mark):
            return prepared
        number = prepared.replaces or str(next(self._keys))
        self.heard = [h for h in self.heard if not (h.to.chat == delivery.to.chat and h.id == number)]
        heard = Heard(delivery.to, number, prepared)
        self.heard.append(heard)
        said.append(heard)
        return Mark(delivery.id, DeliveryState.SENT, message=number)

    async def passes(self, span: timedelta) -> None:
        """Time goes by, the metronome beats, and the timekeeper looks."""
        self.clock.move(span)
        await self.metronome.tick()
        await self.timekeeper.look()

    def button(self, label: str, chat: str) -> Pressed:
        """A press on the newest button in the chat that reads like that."""
        for heard in reversed(self.heard):
            for key in (key for row in heard.message.keys for key in row):
                if heard.to.chat == chat and key.label == label:
                    return Pressed(key.action, heard.id, f"callback-{heard.id}")
        raise LookupError(f"there is no button [{label}] in {chat}")
