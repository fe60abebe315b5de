"""No page asks the database once for each row on it: five times as many people cost as many statements."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

from sqlalchemy import Engine, event, select

from storage.database import Database
from storage.tables import idea
from tests.desk.full import SLUG, fill
from tests.desk.stage import Stage, staged

FEW, MANY = 40, 200
OWN = f"/desk/consultations/{SLUG}"
PAGES = (
    "/desk/consultations", "/desk/log", OWN, f"{OWN}/answers", f"{OWN}/answers?language=cy", f"{OWN}/answers/one_thing",
    f"{OWN}/export", f"{OWN}/outcome", f"{OWN}/reach", f"{OWN}/timeline", f"{OWN}/broadcast", "/desk/ideas",
    "/desk/ideas?q=a", "/desk/ideas?need=week", "/desk/ideas/{code}", "/desk/members", "/desk/members?language=cy",
    "/desk/members/1001", "/desk/members/import", "/", "/consultations", f"/consultations/{SLUG}", "/board",
    "/board/planning", "/ideas/{code}",
)  # fmt: skip


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that any database is asked meanwhile."""
    asked: list[str] = []

    def note(*given: Any) -> None:
        if not given[2].startswith("BEGIN"):
            asked.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _statements(stage: Stage, members: int) -> dict[str, list[str]]:
    """By page what it asks. The idea is one that others read like."""
    await fill(stage.assembly, str(stage.assembly.settings.database_url), members)
    async with Database(stage.assembly.settings.database_url) as database, database.reading() as connection:
        code = await connection.scalar(select(idea.c.code).order_by(idea.c.id).offset(1).limit(1))
    desk, found = await stage.at_desk(), dict[str, list[str]]()
    for page in PAGES:
        with counted() as asked:
            answer = await desk.get(page.format(code=code))
            assert answer.status_code == 200, (page, answer.status_code)
        found[page] = asked
    return found


async def test_a_page_asks_as_little_of_many_as_of_few(tmp_path: Path, migrated_copy: Path) -> None:
    asked = []
    for members in (FEW, MANY):
        async with AsyncExitStack() as stack:
            stage = await stack.enter_async_context(staged(Path(copyfile(migrated_copy, tmp_path / f"{members}.db"))))
            asked.append(await _statements(stage, members))
    few, many = asked
    assert all(few.values())
    assert {page: len(of) for page, of in many.items()} == {page: len(of) for page, of in few.items()}
