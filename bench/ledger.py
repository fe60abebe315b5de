"""The ledger's own work, in memory: entries sealed and verified a second, against bare SHA-256 of the same bytes.

**Sealed**, as `SqlLedger` does it: `commitment` (the entry in canonical JSON, hashed with its salt), `leaf_hash`,
`grow` page by page, and the root. **Told**: the proof of each entry made and put in its story's receipt. **Verified**,
as `folkmoot verify` does it: `verify_receipt`, each entry by its own path from its words to the root; nothing is shared
between entries or known from before. No database is in any of it, and no reading or writing of files.

**The floor** is `sha256(data).digest()` in one loop over every piece of data that has to be hashed, ready in memory. To
seal an entry: its salt and JSON, its leaf, the nodes that it completes (nearly one). To verify it: its salt and JSON,
its leaf, each node on its path (17 in a log of 100,000). Piece by piece, for that is how a Merkle log hashes: none can
be begun before those beneath it are done. Telling adds nothing to the floor. Besides, and without a target: all three
against that floor, and sealing against one hash of each entry, as if there were no tree.
"""

import gc
import json
from collections import ChainMap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from statistics import median

from bench.measuring import Ratio, Result, Span, Target, Wrong, turns
from bench.stories import SINCE, One, Written, ideas_of, written
from core.ledger import tree
from core.ledger.checking import verify_receipt
from core.ledger.seals import SALT_BYTES, Proven, Receipt, Seal, commitment, tell

TARGET = Target(least=0.2)
PAGE = 50

Told = Sequence[tuple[int, Written]]
"""Entries with their positions."""


@dataclass(slots=True)
class Log:
    salts: list[bytes]
    nodes: dict[int, bytes] = field(default_factory=dict)
    size: int = 0

    @property
    def frontier(self) -> list[bytes]:
        return [self.nodes[place] for place in tree.peaks(0, self.size)]

    def seal(self, entries: Told) -> bytes:
        for start in range(0, len(entries), PAGE):
            page = entries[start : start + PAGE]
            leaves = [
                tree.leaf_hash(commitment(self.salts[position], one.code, one.number, one.entry))
                for position, one in page
            ]
            self.nodes.update(tree.grow(self.size, self.frontier, leaves))
            self.size += len(page)
        return tree.root(self.nodes, self.size)

    def tell(self, seal: Seal, story: Told) -> Receipt:
        proven = (
            Proven(
                tell(one.code, one.number, one.entry),
                self.salts[position],
                position,
                tree.inclusion_proof(self.nodes, position, seal.size),
            )
            for position, one in story
        )
        return Receipt(story[0][1].code, seal, tuple(proven))


@dataclass(frozen=True, slots=True)
class Seconds:
    """For one entry, in one block."""

    bare: float
    ours: float
    telling: float = 0.0
    once: float = 0.0


def measure(entries: int = 100_000, blocks: int = 10) -> list[Result]:
    dice = Random(1)  # noqa: S311  # salts that hide nothing, the same in every run
    log = Log([dice.randbytes(SALT_BYTES) for _ in range(entries)])
    said = list(enumerate(written(entries)))
    stories = [said[which :: ideas_of(entries)] for which in range(ideas_of(entries))]
    gc.freeze()  # what is made up for measuring isn't gone through while it is measured
    try:
        sealing = [_sealing(block, log, share) for block, share in enumerate(_shares(said, blocks))]
        seal = Seal(log.size, tree.root(log.nodes, log.size), SINCE)
        verifying = [_verifying(block, log, seal, share) for block, share in enumerate(_shares(stories, blocks))]
    finally:
        gc.unfreeze()
    return list(_results(sealing, verifying))


def _shares(of: Sequence[One], blocks: int) -> Iterator[Sequence[One]]:
    return (of[len(of) * block // blocks : len(of) * (block + 1) // blocks] for block in range(blocks))


def _sealing(block: int, log: Log, entries: Told) -> Seconds:
    data = [log.salts[position] + _canonical(one) for position, one in entries]
    leaves = [tree.leaf_hash(sha256(one).digest()) for one in data]
    grown = dict(tree.grow(log.size, log.frontier, leaves))
    hashes = ChainMap(grown, log.nodes)
    rest = [b"\x00" + sha256(one).digest() for one in data]
    rest += [_node(hashes, place) for place in grown if place & 1]
    whole, root, bare, ours, once = data + rest, b"", Span(), Span(), Span()
    for who in turns(block, "bare", "ours", "once"):
        match who:
            case "bare":
                with bare:
                    _hash(whole)
            case "ours":
                with ours:
                    root = log.seal(entries)
            case _:
                with once:
                    _hash(data)
    if root != tree.root(hashes, log.size):
        raise Wrong("the log isn’t what its entries make it")
    each = len(entries)
    return Seconds(bare.seconds / each, ours.seconds / each, once=once.seconds / each)


def _verifying(block: int, log: Log, seal: Seal, stories: Sequence[Told]) -> Seconds:
    telling, bare, ours = Span(), Span(), Span()
    with telling:
        receipts = [log.tell(seal, story) for story in stories]
    positions = [(position, one) for story in stories for position, one in story]
    paths = [entry.path for receipt in receipts for entry in receipt.entries]
    whole = [
        data
        for (position, one), path in zip(positions, paths, strict=True)
        for data in _way_up(log.salts[position] + _canonical(one), position, seal, path)
    ]
    good = False
    for who in turns(block, "bare", "ours"):
        if who == "bare":
            with bare:
                _hash(whole)
        else:
            with ours:
                good = all(verify_receipt(receipt, seal).is_good for receipt in receipts)
    if not good:
        raise Wrong("a true receipt was refused")
    each = len(positions)
    return Seconds(bare.seconds / each, ours.seconds / each, telling.seconds / each)


# --- the floor
def _hash(data: Iterable[bytes]) -> None:
    for one in data:
        sha256(one).digest()


def _canonical(one: Written) -> bytes:
    told = tell(one.code, one.number, one.entry)
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _node(hashes: ChainMap[int, bytes], place: int) -> bytes:
    level, index = tree.level_and_index(place)
    left, right = (hashes[tree.place_of(level - 1, below)] for below in (2 * index, 2 * index + 1))
    return b"\x01" + left + right


def _way_up(data: bytes, position: int, seal: Seal, path: Sequence[bytes]) -> Iterator[bytes]:
    """All that is hashed from an entry to the root."""
    yield data
    data = b"\x00" + sha256(data).digest()
    yield data
    for (start, _), other in zip(tree.inclusion_spans(position, seal.size), path, strict=True):
        hashed = sha256(data).digest()
        data = b"\x01" + (hashed + other if start > position else other + hashed)
        yield data
    if sha256(data).digest() != seal.root:
        raise Wrong("a proof doesn’t lead to the root")


# --- the table
def _results(sealing: Sequence[Seconds], verifying: Sequence[Seconds]) -> Iterator[Result]:
    both = list(zip(sealing, verifying, strict=True))
    bare = [one.bare + other.bare for one, other in both]
    yield _result("sealed", [one.ours for one in sealing], [one.bare for one in sealing])
    yield _result("verified", [one.ours for one in verifying], [one.bare for one in verifying])
    yield _result("sealed and verified", [one.ours + other.ours for one, other in both], bare, TARGET)
    told = [one.ours + other.telling + other.ours for one, other in both]
    yield _result("sealed, told and verified", told, bare)
    yield _result("sealed, against one hash an entry", [one.ours for one in sealing], [one.once for one in sealing])


def _result(what: str, ours: Sequence[float], bare: Sequence[float], target: Target | None = None) -> Result:
    speed, floor = 1 / median(ours), 1 / median(bare)
    return Result(f"entries {what}", speed, "a second", floor, "bare SHA-256", Ratio.of(bare, ours), target)
