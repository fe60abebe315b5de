"""What the contracts are asked of, and short ways of asking: who writes, what is recorded, what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from core.consultations import Audience, Consultation, NudgeKind
from core.deliveries import Delivery, DeliveryState, Lease, Mark, NewsRef, NudgeRef, Priority
from core.events import (
    BroadcastOrdered,
    ConsentGiven,
    ConsultationLoaded,
    Event,
    IdeaCaptured,
    LinkOffered,
    MembersLinked,
    StoryContinued,
)
from core.ideas import Idea
from core.inbound import Inbound, Said
from core.members import Address, Member
from core.outbound import Message
from core.places import Place, Source
from core.ports import Allowance, Broadcast, Docket, Outbox, Planner, Post, Store, Transcript, Vault
from core.prompts import Prompt, PromptKind
from core.sessions import Session
from core.stories import Entry, EntryKind
from core.texts import Localised
from storage.database import Database
from storage.docket import SqlDocket
from storage.outbox import SqlOutbox
from storage.planning import SqlPlanner
from storage.store import SqlStore
from storage.transcript import SqlTranscript
from storage.vault import SqlVault
from tests.fakes.memory import MemoryStore
from tests.fakes.memory_docket import MemoryDocket
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
    docket: Docket
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
            member = await work.member()
            await work.record(session or await work.session(), events, posts)
            return member

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

    async def idea(self, code: str) -> Idea:
        found = await self.store.idea(code)
        assert found is not None
        return found

    async def capture(self, code: str, who: Address = ADA, *, text: str = "More trees", at: datetime = NOON) -> Idea:
        """An idea of theirs, said where they write and received."""
        author = await self.turn(who)
        said = idea(code, author.id, text, at=at, source=Source(who.account, who.user, code))
        await self.turn(who, IdeaCaptured(said), at=at)
        return said

    async def compose(self, code: str, *parts: str, at: datetime = NOON) -> Idea:
        """A composite of ideas that wait for an answer, merged into it."""
        said = Entry(EntryKind.COMPOSED, at, "One text of several", body="parks")
        joined = (Entry(EntryKind.JOINED, at, other=part) for part in parts)
        composite = Idea(code, None, Source("desk", "", code), (said, *joined))
        await self.store.record([IdeaCaptured(composite)])
        for part in parts:
            await self.goes_on(part, Entry(EntryKind.MERGED, at, body="parks", other=code))
        return composite

    async def goes_on(self, code: str, *entries: Entry) -> None:
        """The story, as whoever looks at it just before would continue it."""
        for entry in entries:
            seen_with = len((await self.idea(code)).story)
            await self.store.record([StoryContinued(code, entry, seen_with)])

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
        allowance: Allowance | None = None,
    ) -> Broadcast:
        """Ordered and wholly planned."""
        id = f"{slug}-{step}"
        await self.store.record([BroadcastOrdered(id, slug, step, kind, audience or Audience(), NOON)])
        ordered = next(one for one in await self.planner.unplanned(NOON) if one.id == id)
        while not ordered.is_planned:
            ordered = await self.planner.plan_page(ordered, {None: not_before}, expires_at, 100, allowance)
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
    return Rooms(
        store, MemoryOutbox(memory), MemoryPlanner(memory), MemoryDocket(memory), MemoryTranscript(), MemoryVault()
    )


def over(database: Database) -> Rooms:
    return Rooms(
        SqlStore(database),
        SqlOutbox(database),
        SqlPlanner(database),
        SqlDocket(database),
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


def idea(
    code: str,
    author: int,
    text: str = "More trees",
    *,
    at: datetime = NOON,
    message: str = "7",
    source: Source | None = None,
) -> Idea:
    """Received, and with no body yet."""
    story = (Entry(EntryKind.SAID, at, text), Entry(EntryKind.ACKNOWLEDGED, at))
    return Idea(code, author, source or Source(BOT, "100", message), story, consultation="city", prompt="idea")


def to(body: str, days: int = 30, *, at: datetime = NOON) -> Entry:
    """Sent to a body, which has so many days."""
    return Entry(EntryKind.SENT, at, next=body, days=days)


def reply(who: Address, text: str = "Thank you", *, key: str | None = None) -> Post:
    return Post(Place.private_to(who), Message(text), member=1, key=key)


def news(who: Address, text: str = "Your idea was considered") -> Post:
    return Post(Place.private_to(who), Message(text), Priority.NEWS)


def sent(delivery: Delivery, message: str | None = None) -> Mark:
    return Mark(delivery.id, DeliveryState.SENT, message=message or f"m{delivery.id}")


def texts(deliveries: Sequence[Delivery]) -> list[str]:
    return [_text(one.content) for one in deliveries]


def _text(content: Message | NudgeRef | NewsRef) -> str:
    match content:
        case Message():
            return content.text
        case NudgeRef():
            return content.step
        case NewsRef():
            return f"{content.idea}/{content.number}"
