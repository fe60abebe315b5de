"""One turn of one member: what core asks while it decides, and all that it decided, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies, Body, Office, Topic
from core.consultations import Audience, Consultation
from core.deeds import By, Via
from core.events import Event
from core.handovers import Handover
from core.health import Health
from core.ideas import Capture, Idea
from core.inbound import Inbound
from core.kept import Kept
from core.ledger.seals import Receipt
from core.members import Address, Member
from core.places import Place
from core.ports import Broadcast, LinkOffer, Post, TakenBefore
from core.prompts import Answers
from core.queues import Queue
from core.rolls import Hashed, RollRow
from core.sessions import Session, read_session, write_session
from core.status import Status
from storage import (
    audiences,
    bodies,
    broadcasts,
    captures,
    consultations,
    ideas,
    keeping,
    people,
    referrals,
    senders,
    support,
)  # fmt: skip
from storage.arrangements import Arranged
from storage.database import insert_once
from storage.desk import handovers, rolls
from storage.desk.deeds import note_events
from storage.health import Watch
from storage.ledger import latest_receipt
from storage.posts import Lanes, puts
from storage.prepared import Prepared, run_together
from storage.projection import Turn, project
from storage.senders import Sender
from storage.status import status_of
from storage.tables import address, inbound

MOST_OF_MY_IDEAS = 20

_NOTED = Prepared(insert_once(inbound, "key"), "key", "at")
_KEEP = Prepared(
    update(address)
    .where(address.c.id == bindparam("which"))
    .values(session=bindparam("session"), seen_at=bindparam("seen_at"))
)


class SqlWork:
    """Lives as long as its transaction, which `SqlStore.work` begins and ends."""

    def __init__(
        self,
        connection: AsyncConnection,
        inbound: Inbound,
        sender: Sender,
        arranged: Arranged,
        lanes: Lanes,
        timezone: str,
        watch: Watch,
    ) -> None:
        self._connection = connection
        self._timezone = timezone
        self._watch = watch
        self._inbound = inbound
        self._sender = sender
        self._lanes = lanes
        self._arranged = arranged
        self._now = inbound.at
        self._courses: dict[str, tuple[Answers, bool]] = {}

    @property
    def _who(self) -> int:
        return self._sender.member.id

    async def seen(self, now: datetime) -> bool:
        self._now = now
        return self._sender.was_taken

    async def record(self, session: Session, events: Sequence[Event], posts: Sequence[Post]) -> None:
        kept = {"which": self._sender.address, "session": write_session(session), "seen_at": self._inbound.at}
        answered = {slug: answers.keys() for slug, (answers, _) in self._courses.items()}
        noted = {"key": self._inbound.key, "at": self._now}
        await self._lanes.make(self._connection, (post.to.account for post in posts))
        turn = Turn(self._who, self._inbound.sender, answered)
        await project(self._connection, turn, events)
        await note_events(self._connection, By(Via.CHAT, self._now, self._who), events)
        said = puts(posts, self._inbound.at)
        if not await run_together(self._connection, [*turn.writes.values(), *said[:1], (_KEEP, kept), (_NOTED, noted)]):
            raise TakenBefore
        for prepared, row in said[1:]:  # they are sent in the order of their numbers, and together have none
            await prepared.run(self._connection, row)

    # --- this member
    async def member(self) -> Member:
        return self._sender.member

    async def session(self) -> Session:
        return read_session(self._sender.session)

    async def handover(self, id: int) -> Handover | None:
        found = await handovers.find(self._connection, id)
        return found if found and found.ended_at is None and found.member == self._who else None

    async def kept(self) -> Kept:
        return await keeping.kept(self._connection, self._sender.member)

    async def has_roll(self) -> bool:
        return await rolls.has_roll(self._connection)

    async def tries(self, since: datetime) -> int:
        return await rolls.tries_since(self._connection, self._who, since)

    async def tries_of_number(self, number: str, since: datetime) -> int:
        return await rolls.tries_of_number(self._connection, number, since)

    async def roll_row(self, claims: Sequence[Hashed]) -> RollRow | None:
        return await rolls.find_row(self._connection, claims)

    async def addresses(self) -> tuple[Address, ...]:
        return await people.addresses_of(self._connection, self._who)

    async def followed(self) -> frozenset[str]:
        return await people.followed(self._connection, self._who)

    async def answers(self, consultation: str) -> Answers:
        return (await self._course(consultation))[0]

    async def has_finished(self, consultation: str) -> bool:
        return (await self._course(consultation))[1]

    async def _course(self, consultation: str) -> tuple[Answers, bool]:
        if consultation not in self._courses:
            course = await consultations.course_of(self._connection, self._who, consultation)
            self._courses[consultation] = course
        return self._courses[consultation]

    async def my_ideas(self) -> tuple[Idea, ...]:
        return await ideas.ideas_of(self._connection, self._who, MOST_OF_MY_IDEAS)

    async def my_parts(self, composite: str) -> tuple[Idea, ...]:
        return await ideas.parts_of(self._connection, composite, self._who)

    async def receipt(self, code: str) -> Receipt | None:
        return await latest_receipt(self._connection, code)

    async def supports(self, code: str) -> bool:
        return await support.is_supported(self._connection, self._who, code)

    async def offices(self) -> frozenset[Office]:
        return await bodies.offices_of(self._connection, self._who)

    # --- other people
    async def member_at(self, address: Address) -> Member | None:
        return await senders.member_at(self._connection, address)

    async def link_offer(self, code: str, now: datetime) -> LinkOffer | None:
        return await people.find_link_offer(self._connection, code, now)

    async def organiser_code(self, code: str, now: datetime) -> bool:
        return await people.is_organiser_code(self._connection, code, now)

    # --- consultations
    async def open_consultations(self, now: datetime) -> tuple[Consultation, ...]:
        return await self._arranged.open_consultations(self._connection, now)

    async def consultation(self, slug: str) -> Consultation | None:
        return (await self._arranged.consultations(self._connection)).get(slug)

    async def status(self, consultation: str) -> Status | None:
        return await status_of(self._connection, consultation)

    async def health(self, now: datetime) -> Health:
        return await self._watch.health(self._connection, now)

    async def audience_size(self, consultation: str, audience: Audience) -> int:
        return await audiences.audience_size(self._connection, consultation, audience, self._inbound.at)

    async def broadcast(self, id: str) -> Broadcast | None:
        return await broadcasts.find_broadcast(self._connection, id)

    # --- ideas
    async def capture(self, id: str) -> Capture | None:
        return await captures.find_capture(self._connection, id)

    async def capture_said_in(self, account: str, chat: str, message: str) -> Capture | None:
        return await captures.capture_said_in(self._connection, account, chat, message)

    async def idea(self, code: str) -> Idea | None:
        return await ideas.find_idea(self._connection, code)

    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]:
        return await ideas.find_ideas(self._connection, codes)

    async def supporters(self, code: str) -> int:
        return await support.supporters(self._connection, code)

    async def queue(self, body: str, late_with: Collection[str], limit: int) -> Queue:
        codes, count = await referrals.waiting(self._connection, body, late_with, limit)
        return Queue(await ideas.find_ideas(self._connection, codes), count)

    async def astray(self, limit: int) -> Queue:
        codes, count = await referrals.astray(self._connection, limit)
        return Queue(await ideas.find_ideas(self._connection, codes), count)

    async def idea_said_in(self, account: str, chat: str, message: str) -> Idea | None:
        return await ideas.idea_said_in(self._connection, account, chat, message)

    # --- bodies and places
    async def body(self, slug: str) -> Body | None:
        return await bodies.find_body(self._connection, slug)

    async def body_at(self, place: Place) -> Body | None:
        return await bodies.body_at(self._connection, place)

    async def bodies(self) -> Bodies:
        return await self._arranged.bodies(self._connection, self._timezone)

    async def topics(self) -> tuple[Topic, ...]:
        return await self._arranged.topics(self._connection)
