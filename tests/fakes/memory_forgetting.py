"""Forgetting a member in memory: everything of theirs goes, and what must stand of their ideas stands without them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from core.deliveries import DeliveryState
from core.erasure import TheirWords, is_to_go, words_of
from core.ideas import Idea
from core.kept import Kept, KeptAddress, KeptAnswer, KeptDeliveries, TakingPart
from core.members import Address
from core.outbound import Message
from core.places import Place, Source
from core.stories import Entry, EntryKind
from tests.fakes import memory_handovers
from tests.fakes.memory_state import DeliveryRow, Memory

NOWHERE = Source("", "", "")


def forget(memory: Memory, member: int, at: datetime) -> None:
    where = memory.addresses_of(member)
    theirs = memory.ideas_of(member)
    waiting = [one.text for one in memory.captures.values() if one.author in where]
    given = [one.value for one in memory.answers if one.member == member]
    words = words_of(theirs, waiting + [one for one in given if isinstance(one, str) and len(one.split()) > 1])
    for idea in memory.ideas.values():
        memory.ideas[idea.code] = _without(memory, idea, words, is_theirs=idea.author == member)
    for idea in theirs:
        told = memory.ideas[idea.code].with_entry(Entry(EntryKind.ERASED, at))
        memory.ideas[idea.code] = replace(told, author=None, source=NOWHERE, attachments=())
    _drop_what_they_did(memory, member)
    _leave_the_roll(memory, member, where)
    _drop_messages(memory, member)
    for row in memory.deliveries.values():
        if isinstance(row.content, Message):
            memory.deliveries[row.id] = replace(row, content=words.out_of_message(row.content))
    memory_handovers.forget(memory, member)
    for who in where:
        del memory.addresses[who]
    del memory.members[member]


def _without(memory: Memory, idea: Idea, words: TheirWords, *, is_theirs: bool) -> Idea:
    story = []
    for number, entry in enumerate(idea.story, 1):
        quotes = words.are_in(entry.reason) or (idea.is_composite and words.are_in(entry.text))
        if quotes or (is_theirs and is_to_go(entry, words)):
            memory.unsalted.add((idea.code, number))
            entry = replace(entry, text=None, reason=None)
        story.append(entry)
    return replace(idea, story=tuple(story))


def _drop_what_they_did(memory: Memory, member: int) -> None:
    where = memory.addresses_of(member)
    name = memory.members[member].name
    memory.answers = [one for one in memory.answers if one.member != member]
    memory.begun = {key: at for key, at in memory.begun.items() if key[0] != member}
    memory.finished = {key: at for key, at in memory.finished.items() if key[0] != member}
    memory.follows = {one for one in memory.follows if one[0] != member}
    memory.supports = {key: at for key, at in memory.supports.items() if key[1] != member}
    memory.offers = {code: one for code, one in memory.offers.items() if one[0] != member}
    memory.captures = {
        id: replace(one, asked_by=None if one.asked_by == name else one.asked_by)
        for id, one in memory.captures.items()
        if one.author not in where
    }
    for slug, body in memory.bodies.items():
        members = tuple(one for one in body.members if one[0] not in where)
        memory.bodies[slug] = replace(body, members=members)


def _leave_the_roll(memory: Memory, member: int, where: Collection[Address]) -> None:
    for number, (hashed, row) in memory.roll.items():
        if row.claimed_by == member:
            memory.roll[number] = hashed, replace(row, claimed_by=None, claimed_at=None)
    memory.tries = [one for one in memory.tries if one[0] != member]
    memory.by_hand = {key: None for key in memory.by_hand if key[1] not in where}


def _drop_messages(memory: Memory, member: int) -> None:
    nowhere = {Place.private_to(who) for who in memory.addresses_of(member)}
    becomes = {DeliveryState.PLANNED: DeliveryState.SUPPRESSED, DeliveryState.CLAIMED: DeliveryState.UNCERTAIN}
    for row in list(memory.deliveries.values()):
        if row.broadcast is not None and row.member == member:
            blank = replace(row, to=Place(row.to.account, ""), member=None, key=None, content=None, message=None)
            why = "forgotten" if row.state in becomes else row.why
            memory.deliveries[row.id] = replace(blank, state=becomes.get(row.state, row.state), why=why)
        elif row.member == member and row.consultation is not None and not row.to.private:
            memory.deliveries[row.id] = replace(row, member=None)
        elif row.member == member or row.to in nowhere:
            del memory.deliveries[row.id]


def is_farewell(row: DeliveryRow) -> bool:
    return (row.member, row.key, row.broadcast, row.consultation) == (None,) * 4 and row.to.private


def kept(memory: Memory, member: int) -> Kept:
    where = memory.addresses_of(member)
    rows = [memory.addresses[who] for who in where]
    addresses = [
        KeptAddress(who, row.seen_at, row.gone_at, None, row.session) for who, row in zip(where, rows, strict=True)
    ]
    latest = {(one.consultation, one.prompt): one for one in memory.answers if one.member == member}
    taken = sorted({slug for of, slug in (*memory.begun, *memory.finished) if of == member})
    sent = [row for row in memory.deliveries.values() if row.member == member]
    kinds = sorted({(row.priority, row.state) for row in sent})
    return Kept(
        member=memory.member(member),
        addresses=tuple(addresses),
        topics=tuple(sorted(topic for of, topic in memory.follows if of == member)),
        offices=memory.offices_of(member),
        taking_part=tuple(
            TakingPart(slug, memory.begun.get((member, slug)), memory.finished.get((member, slug))) for slug in taken
        ),
        answers=tuple(
            KeptAnswer(one.consultation, one.prompt, one.value, one.at, one in latest.values())
            for one in memory.answers
            if one.member == member
        ),
        ideas=memory.ideas_of(member)[::-1],
        supported=tuple(sorted((code, at) for (code, of), at in memory.supports.items() if of == member)),
        captures=tuple(one for one in memory.captures.values() if one.author in where),
        deliveries=tuple(_of_kind(sent, *kind) for kind in kinds),
        link_code_until=next((at for of, at in memory.offers.values() if of == member), None),
    )


def _of_kind(rows: list[DeliveryRow], priority: object, state: object) -> KeptDeliveries:
    some = [row for row in rows if (row.priority, row.state) == (priority, state)]
    return KeptDeliveries(
        some[0].priority, some[0].state, len(some), max((row.at for row in some if row.at is not None), default=None)
    )
