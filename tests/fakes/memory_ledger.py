"""A ledger in memory, over ideas as they are when it is asked: the same tree, no database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from core.ideas import Idea
from core.ledger import tree
from core.ledger.seals import (
    SEALED_WITHIN,
    Audit,
    Consistency,
    Erased,
    Proven,
    Receipt,
    Seal,
    Told,
    Waiting,
    commitment,
    tell,
)
from core.stories import Entry

Which = tuple[str, int]
"""An idea's code and the number of an entry in its story."""


class MemoryLedger:
    """`unsalted`: the entries whose salt was destroyed, so that nothing of them can be told any more."""

    def __init__(self, ideas: Mapping[str, Idea], unsalted: Collection[Which] = ()) -> None:
        self._ideas = ideas
        self._unsalted = unsalted
        self._placed: dict[Which, int] = {}
        self._nodes: dict[int, bytes] = {}
        self._seals: list[Seal] = []

    async def seal(self, now: datetime, most: int, is_over: Callable[[], bool] = lambda: False) -> Seal | None:
        fresh = self._unplaced()[:most]
        size = len(self._placed)
        leaves = []
        for position, (which, entry) in enumerate(fresh, size):
            self._placed[which] = position
            leaves.append(tree.leaf_hash(commitment(_salt(which), *which, entry)))
        self._nodes |= tree.grow(size, [self._nodes[place] for place in tree.peaks(0, size)], leaves)
        if not fresh:
            return None
        size = len(self._placed)
        self._seals.append(Seal(size, tree.root(self._nodes, size), now))
        return self._seals[-1]

    async def waiting(self) -> Waiting | None:
        unplaced = self._unplaced()
        return Waiting(len(unplaced), min(entry.at for _, entry in unplaced)) if unplaced else None

    async def latest_seal(self) -> Seal | None:
        return self._seals[-1] if self._seals else None

    async def find_seal(self, size: int) -> Seal | None:
        return next((seal for seal in self._seals if seal.size == size), None)

    async def seals(self, limit: int) -> tuple[Seal, ...]:
        return tuple(self._seals[::-1][:limit])

    async def receipt(self, code: str, size: int | None = None) -> Receipt | None:
        idea = self._ideas.get(code)
        if idea is None:
            return None
        seal = await (self.latest_seal() if size is None else self.find_seal(size))
        over = seal.size if seal else 0
        entries: list[Proven | Erased] = []
        waiting: list[Told] = []
        by = None
        for number, entry in enumerate(idea.story, 1):
            position = self._placed.get((code, number), over)
            if position < over:
                path = tree.inclusion_proof(self._nodes, position, over)
                if (code, number) in self._unsalted:
                    entries.append(Erased(number, position, self._nodes[2 * position], path))
                else:
                    entries.append(Proven(tell(code, number, entry), _salt((code, number)), position, path))
            else:
                waiting.append(tell(code, None, entry))
                by = entry.at + SEALED_WITHIN
        return Receipt(code, seal, tuple(entries), tuple(waiting), by)

    async def consistency(self, old: int, new: int) -> Consistency | None:
        if not (self._seals and 1 <= old <= new <= self._seals[-1].size):
            return None
        return Consistency(old, new, tree.consistency_proof(self._nodes, old, new))

    async def audit(self, published: Sequence[Seal] = ()) -> Audit:
        return Audit(len(self._placed), len(set(self._unsalted) & set(self._placed)), len(self._seals), ())

    def _unplaced(self) -> list[tuple[Which, Entry]]:
        entries = [
            ((code, number), entry) for code, idea in self._ideas.items() for number, entry in enumerate(idea.story, 1)
        ]
        return [(which, entry) for which, entry in entries if which not in self._placed]


def _salt(which: Which) -> bytes:
    return sha256(f"{which}".encode()).digest()
