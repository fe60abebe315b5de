"""What the contracts are asked of, and short ways of asking: who writes, what is recorded, what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from core.consultations import Audience, Consultation, NudgeKind
from core.deliveries import Delivery, DeliveryState, Lease, Mark, Priority
from core.events import (
    BroadcastOrdered,
    ConsentGiven,
    ConsultationLoaded,
    Event,
    LinkOffered,
    MembersLinked,
)
from core.ideas import Entry, EntryKind, Idea
from core.inbound import Inbound, Said
from core.members import Address, Member
from core.outbound import Message
from core.places import Place, Source
from core.ports import Broadcast, Outbox, Planner, Post, Store, Transcript, Vault
from core.prompts import Prompt, PromptKind
from core.sessions import Session
from core.texts import Localised
from storage.database import Database
from storage.outbox import SqlOutbox
from storage.planning import SqlPlanner
from storage.store import SqlStore
from storage.transcript import SqlTranscript
from storage.vault import SqlVault
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_outbox import MemoryOutbox, MemoryPlanner
from tests.fakes.memory_transcript import MemoryTranscript, MemoryVault

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BOT = "telegram:1"
ADA = Address(BOT, "100")
BEN = Address(BOT, "200")
CAT = Address("slack:T1", "U300")
WEB = Address("web", "400")

_keys = count(1)


@dataclass(frozen=True)
class Rooms:
    store: Store
    outbox: Outbox
    planner: Planner
    transcript: Transcript
    vault: Vault

    async def turn(
        self,
        who: Address,
        *events: Event,
        at: datetime = NOON,
        posts: Sequence[Post] = (),
        session: Session | None = None,
    ) -> Member:
        """One turn in which these things happened; the member as they were at its beginning."""
        async with self.store.work(inbound(who, at=at)) as work:
            assert not await work.seen(NOON)
            await work.record(session or await work.session(), events, posts)
            return await work.member()

    async def says_yes(self, *people: Address) -> list[int]:
        return [(await self.turn(who, ConsentGiven(NOON))).id for who in people]

    async def member(self, who: Address) -> Member:
        found = await self.store.member_at(who)
        assert found is not None
        return found

    async def link(self, who: Address, other: Address, *, at: datetime = NOON) -> None:
        """`other` has a code, and `who` types it."""
        code = f"CODE{next(_keys)}"
        theirs = await self.turn(other, LinkOffered(code, at + HOUR))
        await self.turn(who, MembersLinked(code, theirs.id, at))

    async def load(self, *consultations: Consultation) -> None:
        await self.store.record([ConsultationLoaded(one, NOON) for one in consultations])

    async def broadcast(
        self,
        slug: str = "city",
        step: str = "invitation",
        *,
        kind: NudgeKind = NudgeKind.INVITATION,
        audience: Audience | None = None,
        not_before: datetime = NOON,
        expires_at: datetime | None = None,
    ) -> Broadcast:
        """Ordered and wholly planned."""
        id = f"{slug}-{step}"
        await self.store.record([BroadcastOrdered(id, slug, step, kind, audience or Audience(), NOON)])
        ordered = next(one for one in await self.planner.unplanned(NOON) if one.id == id)
        while not ordered.is_planned:
            ordered = await self.planner.plan_page(ordered, {None: not_before}, expires_at, 100)
        return ordered

    async def lane(self, owner: str = "worker", at: datetime = NOON, account: str = BOT) -> Lease:
        leases = await self.outbox.take_lanes(owner, at, at + MINUTE)
        return next(lease for lease in leases if lease.account == account)

    async def claim(self, at: datetime = NOON, limit: int = 100, account: str = BOT) -> tuple[Delivery, ...]:
        return await self.outbox.claim(await self.lane(at=at, account=account), at, limit)

    async def send(self, at: datetime = NOON, account: str = BOT) -> tuple[Delivery, ...]:
        """Claims what is due and marks it sent."""
        claimed = await self.claim(at, account=account)
        await self.mark(*(sent(one) for one in claimed), at=at, account=account)
        return claimed

    async def mark(self, *marks: Mark, at: datetime = NOON, account: str = BOT) -> bool:
        return await self.outbox.mark(await self.lane(at=at, account=account), marks, at)


def in_memory() -> Rooms:
    store = MemoryStore()
    memory = store.memory
    return Rooms(store, MemoryOutbox(memory), MemoryPlanner(memory), MemoryTranscript(), MemoryVault())


def over(database: Database) -> Rooms:
    return Rooms(
        SqlStore(database),
        SqlOutbox(database),
        SqlPlanner(database),
        SqlTranscript(database),
        SqlVault(database, "a secret of this server"),
    )


def inbound(
    who: Address,
    *,
    key: str | None = None,
    at: datetime = NOON,
    name: str = "",
    locale: str | None = None,
    timezone: str | None = None,
) -> Inbound:
    place = Place.private_to(who)
    return Inbound(key or f"key-{next(_keys)}", who, place, at, Said("hello", "1"), name, locale, timezone)


def consultation(
    slug: str = "city", *, opens_at: datetime | None = NOON - DAY, closes_at: datetime | None = NOON + DAY
) -> Consultation:
    return Consultation(
        slug,
        Localised.of({"en": "A good city", "cy": "Dinas dda"}),
        Localised.of("What would make ours one?"),
        (Prompt("idea", PromptKind.IDEA, Localised.of("Your idea?")),),
        opens_at=opens_at,
        closes_at=closes_at,
    )


def idea(code: str, author: int, text: str = "More trees", *, at: datetime = NOON, message: str = "7") -> Idea:
    story = (Entry(EntryKind.SAID, at, text), Entry(EntryKind.CONFIRMED, at))
    return Idea(code, author, Source(BOT, "100", message), story, consultation="city", prompt="idea")


def reply(who: Address, text: str = "Thank you", *, key: str | None = None) -> Post:
    return Post(Place.private_to(who), Message(text), key=key)


def news(who: Address, text: str = "Your idea was considered") -> Post:
    return Post(Place.private_to(who), Message(text), Priority.NEWS)


def sent(delivery: Delivery, message: str | None = None) -> Mark:
    return Mark(delivery.id, DeliveryState.SENT, message=message or f"m{delivery.id}")


def texts(deliveries: Sequence[Delivery]) -> list[str]:
    return [one.content.text if isinstance(one.content, Message) else one.content.step for one in deliveries]
