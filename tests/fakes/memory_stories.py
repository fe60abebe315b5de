"""Stories in memory: what an entry changes beside being kept, who is told of it, and what was ever with a body."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from core.deliveries import NewsRef, Priority
from core.ideas import Idea
from core.members import Address
from core.places import Place
from core.ports import StoryMoved
from core.standings import ANSWERS, About, Referral, after, effect, stand
from core.stories import TELLS, Entry, EntryKind
from tests.fakes.memory_state import DeliveryRow, Memory

ANSWERS_ANY = ANSWERS | {EntryKind.RESTORED, EntryKind.UPHELD}


@dataclass(frozen=True, slots=True)
class Case:
    """Something that was with a body: until when, and what answered it, if anything did."""

    idea: str
    about: About
    referral: Referral
    ended_at: datetime | None = None
    answer: EntryKind | None = None


def cases(idea: Idea) -> Iterator[Case]:
    """All that ever were, in the order in which they ended; then those that are open."""
    standing = stand(())
    for number, entry in enumerate(idea.story, 1):
        does, erased = effect(entry), entry.kind is EntryKind.ERASED
        answer = entry.kind if entry.kind in ANSWERS_ANY else None
        if standing.with_body and does.ends is About.IDEA:
            yield Case(idea.code, About.IDEA, standing.with_body, entry.at, answer)
        if standing.contest and (does.ends is About.HIDING or erased):
            yield Case(idea.code, About.HIDING, standing.contest, entry.at, answer)
        standing = after(standing, entry, number)
    yield from open_cases(idea)


def open_cases(idea: Idea) -> Iterator[Case]:
    standing = idea.standing
    if standing.with_body:
        yield Case(idea.code, About.IDEA, standing.with_body)
    if standing.contest:
        yield Case(idea.code, About.HIDING, standing.contest)


def parts_of(memory: Memory, code: str) -> dict[str, Idea]:
    """The ideas that are part of it, directly or through others, and itself."""
    found = {code: memory.ideas[code]} if code in memory.ideas else {}
    while more := {
        one.code: one
        for one in memory.ideas.values()
        if one.standing.part_of in found and one.code not in found
    }:  # fmt: skip
        found |= more
    return found


def continue_story(memory: Memory, code: str, entry: Entry, seen_with: int) -> None:
    idea = memory.ideas.get(code)
    if idea is None or len(idea.story) != seen_with:
        raise StoryMoved(code)
    memory.ideas[code] = idea.with_entry(entry)
    _tell(memory, memory.ideas[code], entry)


def redact(memory: Memory, code: str, entry: Entry, seen_with: int) -> None:
    """The author's words go, and with each of them what would prove them."""
    continue_story(memory, code, entry, seen_with)
    idea = memory.ideas[code]
    for number, one in enumerate(idea.story[:-1], 1):
        if one.text is not None:
            memory.unsalted.add((code, number))
    blank = tuple(replace(one, text=None) for one in idea.story[:-1])
    memory.ideas[code] = replace(idea, story=(*blank, entry))


# --- news
def _tell(memory: Memory, idea: Idea, entry: Entry) -> None:
    whom = TELLS.get(entry.kind, frozenset())
    told: dict[int, tuple[Address | None, bool]] = {}
    parts = parts_of(memory, idea.code)
    if "author" in whom:
        for part in sorted(parts.values(), key=lambda one: one.code != idea.code):
            if part.author is not None:
                told.setdefault(part.author, (_where_said(memory, part), True))
    if "supporters" in whom:
        for code, member in memory.supports:
            if code in parts and member != idea.author:
                told.setdefault(member, (memory.reach(member), False))
    number = len(idea.story)
    for member, (where, is_author) in told.items():
        if where is not None:
            memory.put(
                DeliveryRow(
                    memory.number(),
                    Place.private_to(where),
                    Priority.NEWS,
                    NewsRef(idea.code, number, is_author),
                    member=member,
                    key=news_key(idea.code, number, member),
                )
            )


def news_key(code: str, number: int, member: int) -> str:
    return f"news:{code}:{number}:{member}"


def _where_said(memory: Memory, idea: Idea) -> Address | None:
    """Where its author said it, if they are still there; else where they are reached."""
    assert idea.author is not None
    there = [
        who
        for who in memory.addresses_of(idea.author)
        if who.account == idea.source.account and memory.addresses[who].gone_at is None
    ]
    rows = memory.addresses
    best = max(there, key=lambda who: (who.user == idea.source.chat, rows[who].seen_at, rows[who].id), default=None)
    return best or memory.reach(idea.author)
