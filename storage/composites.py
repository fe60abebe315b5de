"""Ideas made of others."""

from sqlalchemy import CTE, ColumnElement, select

from storage.tables import idea


def parts(composite: ColumnElement[str] | str) -> CTE:
    """The codes of an idea and of all that are part of it, directly or through others."""
    found = select(idea.c.code).where(idea.c.code == composite).cte("parts", recursive=True)
    return found.union(select(idea.c.code).where(idea.c.part_of == found.c.code))
