"""The store: opens a member's turn, answers questions that are nobody's turn, and throws away what has expired."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bodies import Bodies, Body, Topic
from core.consultations import Consultation
from core.deeds import By
from core.events import Event
from core.health import Health
from core.ideas import Idea
from core.inbound import Inbound
from core.members import Address, Member
from core.places import Place
from core.ports import Post, StoreUnavailable, Work
from core.prompts import Answers
from core.status import Status
from storage import (
    bodies,
    consultations,
    farewells,
    ideas,
    migrations,
    people,
    senders,
    support,
    thinning,
)  # fmt: skip
from storage.arrangements import NUMBERED, Arranged, Arrangements
from storage.database import Database
from storage.desk import hooks, rolls, tokens
from storage.desk.deeds import note_events
from storage.health import Watch
from storage.posts import Lanes, put
from storage.projection import project
from storage.status import status_of
from storage.tables import capture, inbound, link_offer, organiser_code
from storage.turn import SqlWork

KEYS_LAST = timedelta(days=30)
"""How long we know an inbound again; no platform delivers so late. Spent replies go after the same time."""

SWEPT_AT_ONCE = 5_000
"""Spent replies that one transaction throws away, so that it keeps no conversation waiting."""


class SqlStore:
    """`timezone`: the organisation's own, by whose clock the days of bodies end; an IANA name."""

    def __init__(self, database: Database, timezone: str = "UTC") -> None:
        self._database, self._timezone = database, timezone
        self._lanes, self._arrangements = Lanes(), Arrangements()
        self._watch = Watch()
        self._must_checkpoint = True  # a process before this one may have come to its end before it did

    @asynccontextmanager
    async def work(self, inbound: Inbound) -> AsyncIterator[Work]:
        async with self._database.writing() as connection:
            sender = await senders.find_sender(connection, inbound)
            arranged = self._arrangements.at(sender.arranged)
            yield SqlWork(connection, inbound, sender, arranged, self._lanes, self._timezone, self._watch)

    async def record(self, events: Sequence[Event], posts: Sequence[Post] = (), by: By | None = None) -> None:
        async with self._database.writing() as connection:
            await project(connection, None, events)
            if by:
                await note_events(connection, by, events)
            await put(connection, self._lanes, posts)

    async def _arranged(self, connection: AsyncConnection) -> Arranged:
        return self._arrangements.at(await connection.scalar(NUMBERED))

    async def consultation(self, slug: str) -> Consultation | None:
        async with self._database.reading() as connection:
            return (await (await self._arranged(connection)).consultations(connection)).get(slug)

    async def consultations(self) -> tuple[Consultation, ...]:
        async with self._database.reading() as connection:
            return tuple((await (await self._arranged(connection)).consultations(connection)).values())

    async def idea(self, code: str) -> Idea | None:
        async with self._database.reading() as connection:
            return await ideas.find_idea(connection, code)

    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]:
        async with self._database.reading() as connection:
            return await ideas.find_ideas(connection, codes)

    async def supporters(self, code: str) -> int:
        async with self._database.reading() as connection:
            return await support.supporters(connection, code)

    async def ideas_of(self, address: Address) -> tuple[Idea, ...]:
        async with self._database.reading() as connection:
            member = await senders.member_at(connection, address)
            return () if member is None else await ideas.ideas_of(connection, member.id)

    async def member_at(self, address: Address) -> Member | None:
        async with self._database.reading() as connection:
            return await senders.member_at(connection, address)

    async def has_organiser(self) -> bool:
        async with self._database.reading() as connection:
            return await people.has_organiser(connection)

    async def answers_at(self, address: Address, consultation: str) -> Answers:
        async with self._database.reading() as connection:
            member = await senders.member_at(connection, address)
            if member is None:
                return {}
            answers, _ = await consultations.course_of(connection, member.id, consultation)
            return answers

    async def card_at(self, place: Place) -> str | None:
        async with self._database.reading() as connection:
            return await bodies.card_at(connection, place)

    async def body(self, slug: str) -> Body | None:
        async with self._database.reading() as connection:
            return await bodies.find_body(connection, slug)

    async def bodies(self) -> Bodies:
        async with self._database.reading() as connection:
            return await (await self._arranged(connection)).bodies(connection, self._timezone)

    async def topics(self) -> tuple[Topic, ...]:
        async with self._database.reading() as connection:
            return await (await self._arranged(connection)).topics(connection)

    async def status(self, consultation: str) -> Status | None:
        async with self._database.reading() as connection:
            return await status_of(connection, consultation)

    async def sweep(self, now: datetime) -> int:
        old = now - KEYS_LAST
        expired = [
            delete(capture).where(capture.c.expires_at <= now),
            delete(link_offer).where(link_offer.c.expires_at <= now),
            delete(organiser_code).where(organiser_code.c.expires_at <= now),
            delete(inbound).where(inbound.c.at < old),
        ]
        async with self._database.writing() as connection:
            gone = sum([(await connection.execute(statement)).rowcount for statement in expired])
            gone += await tokens.sweep(connection, now) + await hooks.sweep(connection, now)
            gone += await rolls.sweep(connection, now)
        swept = SWEPT_AT_ONCE
        while swept == SWEPT_AT_ONCE:
            async with self._database.writing() as connection:
                swept = await thinning.sweep_spent(connection, old, SWEPT_AT_ONCE)
            gone += swept
        return gone

    async def efface(self, now: datetime) -> int:
        async with self._database.reading() as connection:
            is_due = await farewells.due(connection, now)
        gone = 0
        if is_due:
            async with self._database.writing() as connection:
                gone = await farewells.end(connection, now)
        if gone or self._must_checkpoint:
            self._must_checkpoint = not await self._database.checkpoint()
        return gone

    async def health(self, now: datetime) -> Health:
        async with self._database.reading() as connection:
            return await self._watch.health(connection, now)

    async def retention(self) -> int | None:
        async with self._database.reading() as connection:
            return await bodies.retention(connection)

    async def thin(self, before: datetime, most: int) -> int:
        async with self._database.reading() as connection:
            chosen = await thinning.choose(connection, before, most)
        if not chosen:
            return 0
        async with self._database.writing() as connection:
            return await thinning.thin(connection, chosen)

    async def readiness(self) -> str:
        try:
            async with self._database.reading() as connection:
                return await migrations.readiness(connection)
        except StoreUnavailable as error:
            return str(error)
