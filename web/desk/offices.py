"""Offices: who acts at the desk, which ideas they see, and which words of them they may read."""

from core.ideas import Idea
from core.inbox import Sight
from core.receipts import read_code
from core.turns.acts import InOffice, may_read
from web.desk.desk import At, Desk
from web.finding import as_judged
from web.trouble import nothing_here


def officer_of(here: At) -> InOffice:
    return InOffice(here.authority, here.by.at)


async def runs_of(desk: Desk, here: At) -> frozenset[str]:
    """The consultations that they run; none where they see every idea in any case."""
    if here.authority.concerns is None or not here.authority.is_organiser:
        return frozenset()
    return here.authority.runs(await desk.parts.store.consultations())


async def sight_of(desk: Desk, here: At) -> Sight:
    return Sight.of(here.authority, await runs_of(desk, here))


async def idea_of(desk: Desk, here: At, typed: str) -> Idea:
    """One that they may see, with all its words. Of another there is nothing here: not even that there is one."""
    code = read_code(typed)
    idea = await desk.parts.store.idea(code) if code else None
    if idea is None or not here.authority.sees(idea, await runs_of(desk, here)):
        raise nothing_here()
    return idea


def as_read(here: At, idea: Idea) -> Idea:
    return as_judged(idea, may_read(officer_of(here), idea))
