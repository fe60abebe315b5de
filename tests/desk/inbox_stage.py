"""Ideas for the desk to look through: said by members, with stories as they are lived."""

from datetime import datetime

from core.events import IdeaCaptured, StoryContinued
from core.ideas import Attachment, Idea
from core.members import Address, Role
from core.places import Source
from core.receipts import receipt_code
from core.stories import Entry, EntryKind
from tests.desk.stage import ADA, NOW, Stage


def code_of(number: int) -> str:
    return receipt_code(f"{number:07d}")


async def says(
    stage: Stage,
    number: int,
    text: str = "More trees along the river",
    *,
    who: Address = ADA,
    at: datetime | None = None,
    to: str | None = "planning",
    days: int = 30,
    consultation: str | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> str:
    """The code of a new idea, which is with that body, or with none."""
    at = at or stage.clock.at
    author = await stage.turn(who)
    story = [Entry(EntryKind.SAID, at, text), Entry(EntryKind.CONFIRMED, at), Entry(EntryKind.ACKNOWLEDGED, at)]
    if to:
        story.append(Entry(EntryKind.SENT, at, next=to, days=days))
    code = code_of(number)
    source = Source(who.account, who.user, f"m{number}")
    new = Idea(code, author.id, source, tuple(story), consultation, "idea" if consultation else None, attachments)
    await stage.turn(who, IdeaCaptured(new))
    return code


async def goes_on(stage: Stage, code: str, *entries: Entry) -> None:
    for entry in entries:
        idea = await idea_of(stage, code)
        await stage.assembly.store.record([StoryContinued(code, entry, len(idea.story))])


async def idea_of(stage: Stage, code: str) -> Idea:
    found = await stage.assembly.store.idea(code)
    assert found is not None
    return found


def of_planning(kind: EntryKind, at: datetime = NOW, **more: object) -> Entry:
    return Entry(kind, at, body="planning", by=Role.SECRETARY, **more)  # type: ignore[arg-type]  # fields of an entry
