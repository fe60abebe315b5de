"""A look at the whole ledger: everything computed again from the entries, and whatever differs named."""

from collections import ChainMap
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ledger import tree
from core.ledger.seals import Audit, Finding, Seal, commitment
from storage.stories import ENTRY, read_entry
from storage.tables import leaf, node, seal, story

LEVELS = 12
PAGE = 1 << LEVELS
"""Positions looked at together. The hashes within such a page are neighbours, and those above it few."""

MOST_FINDINGS = 1_000

Entry = Row[*tuple[Any, ...]]


async def audit(connection: AsyncConnection, published: Sequence[Seal]) -> Audit:
    """Each hash is compared with what the stored hashes below it give, so that one changed row is one finding and not
    one at every level above it. Whoever changes all of those as well is found by the seals."""
    sealed = [Seal(row.size, row.root, row.at) for row in await connection.execute(select(seal))]
    size = await _size(connection)
    look = _Look(size, [(one, "") for one in sealed] + [(one, "published ") for one in published])
    for start in range(0, size, PAGE):
        end = min(start + PAGE, size)
        between = node.c.place.between(2 * start, 2 * end - 1)
        hashes = await connection.execute(select(node.c.place, node.c.hash).where(between))
        stored = {row.place: row.hash for row in hashes}
        look.at_page(start, end, await _entries(connection, start, end), stored)
    look.at_the_end()
    unlisted = select(story.c.idea, story.c.kind).outerjoin(leaf, leaf.c.entry == story.c.id)
    for row in await connection.execute(unlisted.where(leaf.c.entry.is_(None)).limit(MOST_FINDINGS)):
        look.found(
            f"An entry of {row.idea} ({row.kind}) is on no list: it was not sealed and never would be.", row.idea
        )
    return Audit(size, look.erased, len(sealed), tuple(look.findings), look.more)


async def _size(connection: AsyncConnection) -> int:
    """By entries and by hashes, whichever reaches further: the other end may have been cut off."""
    position = await connection.scalar(select(func.max(leaf.c.position)))
    place = await connection.scalar(select(func.max(node.c.place)))
    return max(-1 if position is None else position, -1 if place is None else place // 2) + 1


async def _entries(connection: AsyncConnection, start: int, end: int) -> dict[int, Entry]:
    rows = await connection.execute(
        select(leaf.c.position, leaf.c.number, leaf.c.salt, story.c.idea, *ENTRY)
        .outerjoin_from(leaf, story, story.c.id == leaf.c.entry)
        .where(leaf.c.position.between(start, end - 1))
    )
    return {row.position: row for row in rows if row.idea is not None}


class _Look:
    """Goes over the log from its beginning to its end. Of the hashes it keeps those above a page, and one page's."""

    def __init__(self, size: int, seals: Iterable[tuple[Seal, str]]) -> None:
        self.findings: list[Finding] = []
        self.more = 0
        self.erased = 0
        self._size = size
        self._seals = sorted(seals, key=lambda one: one[0].size, reverse=True)
        self._holds_to = 0
        self._above: dict[int, bytes] = {}

    def found(self, sentence: str, code: str | None = None, position: int | None = None) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(sentence, code, position))
        else:
            self.more += 1

    def at_page(self, start: int, end: int, entries: dict[int, Entry], stored: dict[int, bytes]) -> None:
        if (above := 2 * end - 1) in stored:  # a hash over several pages stands between two of them
            self._above[above] = stored.pop(above)
        for position in range(start, end):
            self._check_entry(position, entries.get(position), stored)
        for level in range(1, LEVELS + 1):
            for index in range(start >> level, end >> level):
                self._check_node(level, index, stored)
        if end - start == PAGE:
            self._climb(start, stored)
        while self._seals and self._seals[-1][0].size <= end:
            self._check_seal(*self._seals.pop(), stored)

    def at_the_end(self) -> None:
        for one, whose in reversed(self._seals):
            gone = f"The {whose}seal of {one.at:%Y-%m-%d %H:%M} UTC is over {one.size} entries"
            self.found(f"{gone}, and the record holds {self._size}: {one.size - self._size} are missing.")

    def _check_entry(self, position: int, entry: Entry | None, stored: dict[int, bytes]) -> None:
        place = 2 * position
        if place not in stored:
            self.found(f"The hash of the entry at position {position} is missing.", position=position)
        if entry is None:
            self.found(f"The entry at position {position} is missing.", position=position)
            return
        which = f"Entry {entry.number} of {entry.idea} ({entry.kind}, position {position})"
        if entry.salt is None:
            self.erased += 1
            if entry.text is not None:
                self.found(f"{which} is erased and yet has words.", entry.idea, position)
            return
        try:
            hashed = tree.leaf_hash(commitment(entry.salt, entry.idea, entry.number, read_entry(entry)))
        except ValueError:  # a kind, an office or a rule that there isn't
            hashed = b""
        if stored.setdefault(place, hashed) != hashed:
            self.found(f"{which} is not as it was sealed.", entry.idea, position)

    def _check_node(self, level: int, index: int, hashes: dict[int, bytes]) -> None:
        place = tree.place_of(level, index)
        below = [hashes.get(tree.place_of(level - 1, one)) for one in (2 * index, 2 * index + 1)]
        over = f"over the entries at positions {index << level} to {((index + 1) << level) - 1}"
        if place not in hashes:
            self.found(f"The hash {over} is missing.")
        left, right = below
        if left is not None and right is not None:
            hashed = tree.node_hash(left, right)
            if hashes.setdefault(place, hashed) != hashed:
                self.found(f"The hash {over} is not that of what is below it.")

    def _climb(self, start: int, stored: dict[int, bytes]) -> None:
        """The hashes that this page completes above itself."""
        level, index = LEVELS, start >> LEVELS
        top = tree.place_of(level, index)
        if top in stored:
            self._above[top] = stored[top]
        while index & 1:
            level, index = level + 1, index >> 1
            self._check_node(level, index, self._above)

    def _check_seal(self, one: Seal, whose: str, stored: dict[int, bytes]) -> None:
        try:
            root = tree.root(ChainMap(stored, self._above), one.size)
        except KeyError:
            root = b""
        if root == one.root:
            self._holds_to = one.size
            return
        which = f"The {whose}seal over {one.size} entries ({one.at:%Y-%m-%d %H:%M} UTC) has another root"
        where = f"something at positions {self._holds_to} to {one.size - 1} was changed or removed after it was sealed"
        self.found(f"{which}: {where}.")
