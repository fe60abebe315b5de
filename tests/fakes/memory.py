"""A store in memory that keeps every promise of the ports, for tests of what stands upon it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.bodies import Bodies, Body, Office, Topic
from core.consultations import Audience, Consultation, NudgeKind
from core.deeds import By
from core.events import Event
from core.handovers import Handover
from core.health import Health
from core.ideas import Capture, Idea
from core.inbound import Inbound
from core.kept import Kept
from core.ledger.seals import Receipt
from core.members import Address, Member
from core.places import Place, Source
from core.ports import Broadcast, LinkOffer, Post, TakenBefore, Work
from core.prompts import Answers
from core.queues import Queue
from core.rolls import TRIES_LAST, Hashed, RollRow
from core.sessions import Session, read_session, write_session
from core.standings import Stage
from core.status import Status
from tests.fakes.memory_forgetting import kept
from tests.fakes.memory_health import health, status, sweep_spent, thin
from tests.fakes.memory_ledger import MemoryLedger
from tests.fakes.memory_projection import project
from tests.fakes.memory_state import AddressRow, DeliveryRow, MemberRow, Memory
from tests.fakes.memory_stories import open_cases, parts_of

LAST = datetime.max.replace(tzinfo=UTC)


class MemoryStore:
    """One turn at a time, whoever's it is."""

    def __init__(self, memory: Memory | None = None, timezone: str = "UTC") -> None:
        self.memory, self._timezone = memory or Memory(), timezone
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def work(self, inbound: Inbound) -> AsyncIterator[Work]:
        async with self._undone_if_it_fails():
            yield MemoryWork(self.memory, inbound, self._timezone)

    async def record(self, events: Sequence[Event], posts: Sequence[Post] = (), by: By | None = None) -> None:
        async with self._undone_if_it_fails():
            for event in events:
                project(self.memory, None, None, event)
            _put(self.memory, posts)

    @asynccontextmanager
    async def _undone_if_it_fails(self) -> AsyncIterator[None]:
        async with self._one_at_a_time:
            before = self.memory.copied()
            try:
                yield
            except BaseException:
                self.memory.put_back(before)
                raise

    async def consultation(self, slug: str) -> Consultation | None:
        return _consultation(self.memory, slug)

    async def consultations(self) -> tuple[Consultation, ...]:
        by_slug = sorted(self.memory.consultations.values(), key=lambda row: row.now.slug)
        return tuple(row.now for row in sorted(by_slug, key=lambda row: row.at, reverse=True))

    async def idea(self, code: str) -> Idea | None:
        return self.memory.ideas.get(code)

    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]:
        return _ideas(self.memory, codes)

    async def supporters(self, code: str) -> int:
        return _supporters(self.memory, code)

    async def ideas_of(self, address: Address) -> tuple[Idea, ...]:
        member = self.memory.member_at(address)
        return () if member is None else self.memory.ideas_of(member.id)

    async def member_at(self, address: Address) -> Member | None:
        return self.memory.member_at(address)

    async def has_organiser(self) -> bool:
        return any(row.organiser for row in self.memory.members.values())

    async def answers_at(self, address: Address, consultation: str) -> Answers:
        member = self.memory.member_at(address)
        return {} if member is None else self.memory.answers_of(member.id, consultation)

    async def body(self, slug: str) -> Body | None:
        return self.memory.body(slug)

    async def bodies(self) -> Bodies:
        return self.memory.all_bodies(self._timezone)

    async def topics(self) -> tuple[Topic, ...]:
        return self.memory.topics

    async def card_at(self, place: Place) -> str | None:
        of = {row.number: row.broadcast.consultation for row in self.memory.broadcasts.values()}
        for row in reversed(self.memory.deliveries.values()):
            there = (row.to.account, row.to.chat, row.message) == (place.account, place.chat, place.thread)
            slug = row.consultation if row.broadcast is None else of[row.broadcast]
            if there and row.message is not None and slug is not None:
                return slug
        return None

    async def status(self, consultation: str) -> Status | None:
        return status(self.memory, consultation)

    async def sweep(self, now: datetime) -> int:
        memory, old = self.memory, now - timedelta(days=30)
        before = len(memory.captures) + len(memory.offers) + len(memory.organiser_codes) + len(memory.inbound)
        memory.captures = {id: one for id, one in memory.captures.items() if one.expires_at > now}
        memory.offers = {code: one for code, one in memory.offers.items() if one[1] > now}
        memory.organiser_codes = {code: at for code, at in memory.organiser_codes.items() if at > now}
        memory.inbound = {key: at for key, at in memory.inbound.items() if at >= old}
        left = len(memory.captures) + len(memory.offers) + len(memory.organiser_codes) + len(memory.inbound)
        tried = len(memory.tries) + len(memory.guesses)
        memory.tries = [(who, at) for who, at in memory.tries if at > now - TRIES_LAST]
        memory.guesses = [(number, at) for number, at in memory.guesses if at > now - TRIES_LAST]
        tried -= len(memory.tries) + len(memory.guesses)
        return before - left + tried + sweep_spent(memory, old)

    async def efface(self, now: datetime) -> int:
        return 0  # nothing of a forgetting is left for later

    async def health(self, now: datetime) -> Health:
        return health(self.memory, now)

    async def retention(self) -> int | None:
        return self.memory.deliveries_kept

    async def thin(self, before: datetime, most: int) -> int:
        return thin(self.memory, before, most)

    async def readiness(self) -> str:
        return ""


class MemoryWork:
    def __init__(self, memory: Memory, inbound: Inbound, timezone: str) -> None:
        self._memory = memory
        self._inbound = inbound
        self._timezone, self._now = timezone, inbound.at
        who = inbound.sender
        if who not in memory.addresses:
            number = memory.number()
            memory.members[number] = MemberRow(number, inbound.name, _language(inbound.locale))
            memory.addresses[who] = AddressRow(memory.number(), number, inbound.at)
        self._who = memory.addresses[who].member
        row, sender = memory.members[self._who], memory.addresses[who]
        if sender.gone_at is not None and inbound.shows_life:
            memory.addresses[who] = replace(sender, gone_at=None, seen_at=inbound.at)
        if inbound.name:
            memory.change(self._who, name=inbound.name)
        if inbound.locale and not row.language_chosen:
            memory.change(self._who, language=_language(inbound.locale))
        if inbound.timezone and not row.timezone_chosen:
            memory.change(self._who, timezone=inbound.timezone)

    async def seen(self, now: datetime) -> bool:
        self._now = now
        return self._inbound.key in self._memory.inbound

    async def record(self, session: Session, events: Sequence[Event], posts: Sequence[Post]) -> None:
        if self._inbound.key in self._memory.inbound:
            raise TakenBefore
        self._memory.inbound[self._inbound.key] = self._now
        row = self._memory.addresses[self._inbound.sender]
        written = replace(row, session=write_session(session), seen_at=self._inbound.at)
        self._memory.addresses[self._inbound.sender] = written
        for event in events:
            project(self._memory, self._who, self._inbound.sender, event)
        _put(self._memory, posts, self._inbound.at)

    async def member(self) -> Member:
        return self._memory.member(self._who)

    async def session(self) -> Session:
        return read_session(self._memory.addresses[self._inbound.sender].session)

    async def open_consultations(self, now: datetime) -> tuple[Consultation, ...]:
        open_now = [row.now for row in self._memory.consultations.values() if row.now.is_open(now)]
        return tuple(sorted(open_now, key=lambda one: (one.closes_at or LAST, one.slug)))

    async def consultation(self, slug: str) -> Consultation | None:
        return _consultation(self._memory, slug)

    async def answers(self, consultation: str) -> Answers:
        return self._memory.answers_of(self._who, consultation)

    async def has_finished(self, consultation: str) -> bool:
        return (self._who, consultation) in self._memory.finished

    async def capture(self, id: str) -> Capture | None:
        return self._memory.captures.get(id)

    async def capture_said_in(self, account: str, chat: str, message: str) -> Capture | None:
        source = Source(account, chat, message)
        there = [capture for capture in self._memory.captures.values() if capture.source == source]
        return max(there, key=lambda capture: (capture.said_at, capture.id), default=None)

    async def idea(self, code: str) -> Idea | None:
        return self._memory.ideas.get(code)

    async def idea_said_in(self, account: str, chat: str, message: str) -> Idea | None:
        source = Source(account, chat, message)
        there = [idea for idea in reversed(self._memory.ideas.values()) if idea.source == source]
        return max(there, key=lambda idea: idea.said_at, default=None)

    async def my_ideas(self) -> tuple[Idea, ...]:
        return self._memory.ideas_of(self._who)[:20]

    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]:
        return _ideas(self._memory, codes)

    async def my_parts(self, composite: str) -> tuple[Idea, ...]:
        parts = parts_of(self._memory, composite)
        return tuple(one for one in self._memory.ideas_of(self._who) if one.code in parts and one.code != composite)

    async def queue(self, body: str, late_with: Collection[str], limit: int) -> Queue:
        waits: dict[str, datetime] = {}
        for case in (case for idea in self._memory.ideas.values() for case in open_cases(idea)):
            of = case.referral
            if of.body == body or (of.body in late_with and of.silent_at is not None):
                waits[case.idea] = min(of.since, waits.get(case.idea, of.since))
        longest_first = sorted(waits, key=lambda code: waits[code])
        return Queue(_ideas(self._memory, longest_first[:limit]), len(waits))

    async def astray(self, limit: int) -> Queue:
        found = [idea for idea in self._memory.ideas.values() if idea.standing.stage is Stage.RECEIVED]
        longest_first = sorted(found, key=lambda idea: idea.standing.since or idea.said_at)
        return Queue(tuple(longest_first[:limit]), len(found))

    async def receipt(self, code: str) -> Receipt | None:
        return await MemoryLedger(self._memory.ideas, self._memory.unsalted).receipt(code)

    async def supports(self, code: str) -> bool:
        return (code, self._who) in self._memory.supports

    async def supporters(self, code: str) -> int:
        return _supporters(self._memory, code)

    async def bodies(self) -> Bodies:
        return self._memory.all_bodies(self._timezone)

    async def offices(self) -> frozenset[Office]:
        return self._memory.offices_of(self._who)

    async def member_at(self, address: Address) -> Member | None:
        return self._memory.member_at(address)

    async def handover(self, id: int) -> Handover | None:
        found = self._memory.handovers.get(id)
        return found if found and found.ended_at is None and found.member == self._who else None

    async def kept(self) -> Kept:
        return kept(self._memory, self._who)

    async def has_roll(self) -> bool:
        return bool(self._memory.roll)

    async def tries(self, since: datetime) -> int:
        return sum(1 for who, at in self._memory.tries if who == self._who and at > since)

    async def tries_of_number(self, number: str, since: datetime) -> int:
        return sum(1 for tried, at in self._memory.guesses if tried == number and at > since)

    async def roll_row(self, claims: Sequence[Hashed]) -> RollRow | None:
        known = [self._memory.roll[one.number] for one in claims if one.number in self._memory.roll]
        return next((row for hashed, row in known if hashed in claims), None)

    async def addresses(self) -> tuple[Address, ...]:
        return self._memory.addresses_of(self._who)

    async def link_offer(self, code: str, now: datetime) -> LinkOffer | None:
        member, expires_at = self._memory.offers.get(code, (0, now))
        return LinkOffer(code, self._memory.member(member)) if expires_at > now else None

    async def organiser_code(self, code: str, now: datetime) -> bool:
        return self._memory.organiser_codes.get(code, now) > now

    async def body(self, slug: str) -> Body | None:
        return self._memory.body(slug)

    async def body_at(self, place: Place) -> Body | None:
        slug, _ = self._memory.channels.get((place.account, place.chat), ("", False))
        return self._memory.body(slug)

    async def topics(self) -> tuple[Topic, ...]:
        return self._memory.topics

    async def followed(self) -> frozenset[str]:
        return frozenset(topic for member, topic in self._memory.follows if member == self._who)

    async def audience_size(self, consultation: str, audience: Audience) -> int:
        memory = self._memory
        kind, at = NudgeKind.INVITATION, self._inbound.at
        return sum(memory.is_reachable(one, kind, consultation, audience, at) for one in memory.members)

    async def broadcast(self, id: str) -> Broadcast | None:
        row = self._memory.broadcasts.get(id)
        return None if row is None else row.broadcast

    async def status(self, consultation: str) -> Status | None:
        return status(self._memory, consultation)

    async def health(self, now: datetime) -> Health:
        return health(self._memory, now)


def _language(locale: str | None) -> str:
    return (locale or "").replace("_", "-").split("-")[0].strip().lower() or "en"


def _consultation(memory: Memory, slug: str) -> Consultation | None:
    row = memory.consultations.get(slug)
    return None if row is None else row.now


def _ideas(memory: Memory, codes: Collection[str]) -> tuple[Idea, ...]:
    return tuple(memory.ideas[code] for code in dict.fromkeys(codes) if code in memory.ideas)


def _supporters(memory: Memory, code: str) -> int:
    return sum(of == code for of, _ in memory.supports)


def _put(memory: Memory, posts: Sequence[Post], asked_at: datetime | None = None) -> None:
    for post in posts:
        memory.put(
            DeliveryRow(
                memory.number(),
                post.to,
                post.priority,
                post.message,
                consultation=post.consultation,
                member=post.member,
                key=post.key,
                asked_at=asked_at,
            )
        )
