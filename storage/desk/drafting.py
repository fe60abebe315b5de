"""Writing drafts: each change is made only where the version that was seen is still the latest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, text, update

from core.deeds import By, Deed, Did
from core.drafts import GONE, Content, Draft, Gone, Moved, Saved
from core.events import ConsultationLoaded, Event
from core.ports import NameTaken, Post
from storage.database import Database, insert
from storage.desk import drafts
from storage.desk.deeds import note, note_events
from storage.desk.drafts import draft
from storage.posts import Lanes, put
from storage.projection import project
from storage.tables import LATEST, answer

SAID_AGAIN = timedelta(hours=1)
"""Somebody who works on a draft stands in the log once an hour, not with every word."""


class SqlDrafts:
    def __init__(self, database: Database) -> None:
        self._database, self._lanes = database, Lanes()

    async def all(self) -> tuple[Draft, ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(drafts.select_all().order_by(draft.c.changed_at.desc(), draft.c.id.desc()))
            return tuple(map(drafts.read, rows))

    async def find(self, id: int) -> Draft | None:
        async with self._database.reading() as connection:
            return await drafts.find(connection, id)

    async def of(self, consultation: str) -> Draft | None:
        async with self._database.reading() as connection:
            row = (
                await connection.execute(drafts.select_all().where(draft.c.consultation == consultation))
            ).one_or_none()
            return None if row is None else drafts.read(row)

    async def begin(self, content: Content, by: By, of: str | None = None) -> int:
        row = {**drafts.row_of(content), "consultation": of, "version": 1, "member_id": by.member, "changed_at": by.at}
        async with self._database.writing() as connection:
            new = insert(connection, draft).values(row).on_conflict_do_nothing(index_elements=["consultation"])
            id = await connection.scalar(new.returning(draft.c.id))
            if id is None:
                found = await connection.scalar(select(draft.c.id).where(draft.c.consultation == of))
                assert found is not None  # noqa: S101  it was what stood in the way
                return int(found)
            await note(connection, by, drafts.deed(Did.DRAFTED, id, content))
            return int(id)

    async def save(self, id: int, version: int, content: Content, by: By) -> Saved | Moved | Gone:
        async with self._database.writing() as connection:
            before = await drafts.locked(connection, id)
            if before is None:
                return GONE
            if before.content == content:
                return Saved(before)
            if before.version != version:
                return Moved(before)
            new = {**drafts.row_of(content), "version": version + 1, "member_id": by.member, "changed_at": by.at}
            await connection.execute(update(draft).where(draft.c.id == id).values(new))
            if before.member != by.member or before.changed_at <= by.at - SAID_AGAIN:
                await note(connection, by, drafts.deed(Did.DRAFTED, id, content))
            after = await drafts.find(connection, id)
            return GONE if after is None else Saved(after)

    async def discard(self, id: int, version: int, by: By) -> Saved | Moved | Gone:
        async with self._database.writing() as connection:
            gone = await drafts.take_out(connection, id, version)
            if isinstance(gone, Saved):
                await note(connection, by, drafts.deed(Did.DISCARDED, id, gone.draft.content))
            return gone

    async def publish(self, id: int, version: int, events: Sequence[Event], by: By) -> Saved | Moved | Gone:
        try:
            async with self._database.writing() as connection:
                gone = await drafts.take_out(connection, id, version)
                if isinstance(gone, Saved):
                    await project(connection, None, [_once(event, gone.draft.of) for event in events])
                    await note_events(connection, by, events)
                return gone
        except NameTaken:
            still = await self.find(id)
            return GONE if still is None else Moved(still)

    async def change(
        self, events: Sequence[Event], by: By, *, posts: Sequence[Post] = (), deeds: Sequence[Deed] = ()
    ) -> None:
        async with self._database.writing() as connection:
            await project(connection, None, events)
            await note_events(connection, by, events)
            await note(connection, by, *deeds)
            await put(connection, self._lanes, posts)

    async def answered(self, consultation: str) -> Mapping[str, int]:
        counted = select(answer.c.prompt, func.count().label("count")).group_by(answer.c.prompt)
        counting = counted.where(answer.c.consultation == consultation, text(LATEST))
        async with self._database.reading() as connection:
            return {row.prompt: int(row.count) for row in (await connection.execute(counting)).mappings().all()}


def _once(event: Event, of: str | None) -> Event:
    """A draft takes the place of the consultation that it is of, and of no other."""
    if isinstance(event, ConsultationLoaded) and event.consultation.slug != of:
        return replace(event, once=True)
    return event
