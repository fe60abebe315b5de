"""The Merkle tree of RFC 9162 (and RFC 6962): hashing, roots, inclusion and consistency proofs.

A log is kept as its complete subtrees. Each has a number, its *place*: where it comes when the tree is read from left
to right, leaves in the even places and every inner node between its two halves. Leaf `i` is at `2i`; the subtree over
the `2**level` leaves from `index * 2**level` on is at `index * 2**(level + 1) + 2**level - 1`. A complete subtree never
changes as the log grows, so every proof over any size is made of O(log n) of them.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain
from typing import Protocol

EMPTY_ROOT = sha256(b"").digest()

Span = tuple[int, int]
"""Leaves from the first to before the second."""


class Nodes(Protocol):
    """Hashes of complete subtrees by place; a dictionary is one."""

    def __getitem__(self, place: int, /) -> bytes: ...


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


# --- a log as its complete subtrees
def place_of(level: int, index: int) -> int:
    return (index << (level + 1)) + (1 << level) - 1


def level_and_index(place: int) -> tuple[int, int]:
    level = (~place & (place + 1)).bit_length() - 1
    return level, place >> (level + 1)


def peaks(start: int, end: int) -> list[int]:
    """Places of the largest complete subtrees that make up the span, from left to right."""
    found = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        found.append(_top_of(start, width))
        start += width
    return found


def _top_of(start: int, width: int) -> int:
    """Place of the complete subtree over so many leaves from `start` on."""
    return 2 * start + width - 1


def grow(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> list[tuple[int, bytes]]:
    """The subtrees, by place, that leaf hashes added to a log of this size complete. `frontier` are the hashes of
    `peaks(0, size)`."""
    stack, grown = list(frontier), []
    for index, leaf in enumerate(leaves, size):
        hashed, level, above = leaf, 0, index
        grown.append((2 * index, hashed))
        while above & 1:
            above >>= 1
            level += 1
            hashed = sha256(b"\x01" + stack.pop() + hashed).digest()
            grown.append((place_of(level, above), hashed))
        stack.append(hashed)
    return grown


def root(nodes: Nodes, size: int) -> bytes:
    return hash_of(nodes, (0, size)) if size else EMPTY_ROOT


def hash_of(nodes: Nodes, span: Span) -> bytes:
    start, end = span
    width = end - start
    if not width & (width - 1):  # most are one complete subtree
        return nodes[_top_of(start, width)]
    *rest, hashed = (nodes[place] for place in peaks(*span))
    for left in reversed(rest):
        hashed = node_hash(left, hashed)
    return hashed


# --- proofs, as the spans whose hashes they are
def inclusion_spans(index: int, size: int) -> list[Span]:
    """PATH of RFC 6962, 2.1.1, for the leaf `index` in the log of this size; from the leaf upwards."""
    start, end, spans = 0, size, []
    half = 1 << size.bit_length()
    while half := half >> 1:
        middle = start + half
        if middle >= end:
            continue
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """PROOF of RFC 6962, 2.1.2: that the log of size `new` begins with the log of size `old`, which isn't empty."""
    start, end, spans = 0, new, []
    while end != old:
        middle = _middle(start, end)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def _middle(start: int, end: int) -> int:
    return start + (1 << ((end - start - 1).bit_length() - 1))


def places_for(spans: Iterable[Span]) -> set[int]:
    """Everything that has to be read for the spans' hashes."""
    return set(chain.from_iterable(peaks(*span) for span in spans))


def proof(nodes: Nodes, spans: Iterable[Span]) -> tuple[bytes, ...]:
    return tuple(hash_of(nodes, span) for span in spans)


def inclusion_proof(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    return proof(nodes, inclusion_spans(index, size))


def consistency_proof(nodes: Nodes, old: int, new: int) -> tuple[bytes, ...]:
    return proof(nodes, consistency_spans(old, new))


# --- checking
def includes(leaf: bytes, index: int, size: int, path: Iterable[bytes], root: bytes) -> bool:
    """Whether the path leads from this leaf hash at `index` to the root of a log of this size (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, hashed = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            hashed = sha256(b"\x01" + other + hashed).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            hashed = sha256(b"\x01" + hashed + other).digest()
        at, last = at >> 1, last >> 1
    return last == 0 and hashed == root


def continues(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the new log is the old one with something added (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, other)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
