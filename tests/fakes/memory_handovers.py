"""Handovers in memory: what begins, is said in, and ends them; and what is asked about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.events import HandoverBegun, HandoverEnded, HandoverSpoken
from core.handovers import Correspondent, Handover, Spoken
from core.members import Address
from core.places import Place
from core.ports import StoryMoved
from core.sessions import Session, Talking, read_session, write_session
from tests.fakes.memory_state import Memory


def begin(memory: Memory, begun: HandoverBegun) -> None:
    who = Address(begun.place.account, begun.place.chat)
    row = memory.addresses.get(who)
    if row is None or row.member != begun.member or _open_with(memory, begun.member):
        raise StoryMoved(begun.idea)
    number = memory.number()
    memory.handovers[number] = Handover(
        number, begun.idea, begun.member, begun.officer, begun.body, begun.by, begun.at, begun.at, begun.place
    )
    memory.talks[number] = (who, ())
    session = write_session(Session(Talking(number, row.session)))
    memory.addresses[who] = replace(row, session=session)


def speak(memory: Memory, spoken: HandoverSpoken) -> None:
    found = memory.handovers.get(spoken.handover)
    if found is None or found.ended_at is not None:
        raise StoryMoved(spoken.idea)
    memory.handovers[found.id] = replace(found, heard_at=spoken.at)
    who, words = memory.talks[found.id]
    memory.talks[found.id] = who, (*words, Spoken(memory.number(), spoken.at, spoken.by_officer, spoken.text))


def end(memory: Memory, ended: HandoverEnded) -> None:
    found = memory.handovers.get(ended.handover)
    if found is None:
        return
    if found.ended_at is None:
        memory.handovers[found.id] = replace(found, ended_at=ended.at)
    who, _ = memory.talks[found.id]
    row = memory.addresses.get(who)
    step = read_session(row.session).step if row else None
    if row and isinstance(step, Talking) and step.handover == found.id:
        memory.addresses[who] = replace(row, session=step.before)


def join(memory: Memory, number: int, other: int) -> None:
    if (first := _open_with(memory, number)) and (second := _open_with(memory, other)) and first != second:
        memory.handovers[second.id] = replace(second, ended_at=second.heard_at)
    for one in memory.handovers.values():
        member = number if one.member == other else one.member
        officer = number if one.officer == other else one.officer
        memory.handovers[one.id] = replace(one, member=member, officer=officer)


def forget(memory: Memory, number: int) -> None:
    for one in tuple(memory.handovers.values()):
        if one.member == number:
            del memory.handovers[one.id], memory.talks[one.id]
        elif one.officer == number:
            who, words = memory.talks[one.id]
            memory.handovers[one.id] = replace(one, officer=None)
            memory.talks[one.id] = who, tuple(word for word in words if not word.by_officer)


def _open_with(memory: Memory, member: int) -> Handover | None:
    return next((one for one in memory.handovers.values() if one.member == member and one.ended_at is None), None)


class MemoryHandovers:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def author(self, code: str) -> Correspondent | None:
        idea = self._memory.ideas.get(code)
        if idea is None or idea.author is None:
            return None
        said_at = Address(idea.source.account, idea.source.chat)
        theirs = [one for one in self._memory.addresses_of(idea.author) if self._memory.addresses[one].gone_at is None]
        there = [one for one in theirs if one == said_at] or [one for one in theirs if one.account == said_at.account]
        where = there[0] if there else self._memory.reach(idea.author)
        return Correspondent(self._memory.member(idea.author), Place.private_to(where)) if where else None

    async def about(self, code: str) -> Sequence[Handover]:
        theirs = [one for one in self._memory.handovers.values() if one.idea == code]
        return sorted(theirs, key=lambda one: (one.ended_at is None, one.id), reverse=True)

    async def find(self, id: int) -> Handover | None:
        return self._memory.handovers.get(id)

    async def of(self, member: int) -> Handover | None:
        return _open_with(self._memory, member)

    async def words(self, id: int, after: int = 0) -> Sequence[Spoken]:
        _, words = self._memory.talks.get(id, (None, ()))
        return tuple(word for word in words if word.id > after)

    async def idle(self, since: datetime) -> Sequence[Handover]:
        open_ = (one for one in self._memory.handovers.values() if one.ended_at is None)
        return [one for one in open_ if one.heard_at <= since]

    async def sweep(self, ended_before: datetime) -> int:
        over = [one.id for one in self._memory.handovers.values() if one.ended_at and one.ended_at < ended_before]
        for number in over:
            del self._memory.handovers[number], self._memory.talks[number]
        return len(over)
