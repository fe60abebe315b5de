"""Consultations replaced as a whole, where nobody was quicker."""

from sqlalchemy import select

from core.consultations import Consultation
from core.deeds import By
from core.events import ConsultationLoaded
from core.ports import NameTaken
from core.versions import version
from storage.consultations import as_it_stands
from storage.database import Database
from storage.desk.deeds import note_events
from storage.projection import project
from storage.tables import consultation


class SqlReplacing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, new: Consultation, expected: str | None, by: By) -> bool:
        here = select(consultation).where(consultation.c.slug == new.slug)
        loaded = ConsultationLoaded(new, by.at, once=expected is None)
        try:
            async with self._database.writing() as connection:
                row = (await connection.execute(here.with_for_update())).one_or_none()
                if (version(as_it_stands(row)) if row else None) != expected:
                    return False
                await project(connection, None, [loaded])
                await note_events(connection, by, [loaded])
        except NameTaken:
            return False
        return True
