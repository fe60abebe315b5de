"""The Merkle tree: Certificate Transparency's own vectors, a second opinion, and laws."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency  # type: ignore[import-untyped]  # it ships no types

from core.ledger import tree

LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()
OVER_TWO, OVER_FOUR = ROOTS[1], ROOTS[3]
LEAF_0 = ROOTS[0]
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
OVER_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
OVER_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
OVER_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
OVER_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

INCLUSION = [
    (0, 1, []),
    (0, 8, [LEAF_1, OVER_2_3, OVER_4_7]),
    (5, 8, [LEAF_4, OVER_6_7, OVER_FOUR]),
    (2, 3, [OVER_TWO]),
    (1, 5, [LEAF_0, OVER_2_3, LEAF_4]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [LEAF_1, OVER_2_3, OVER_4_7]),
    (6, 8, [OVER_4_5, OVER_6_7, OVER_FOUR]),
    (2, 5, [OVER_2_3, LEAF_4]),
]


def grown(count: int, *, seed: bytes = b"") -> dict[int, bytes]:
    leaves = LEAVES[:count] if count <= 8 and not seed else [seed + b"%d" % number for number in range(count)]
    return dict(tree.grow(0, [], map(tree.leaf_hash, leaves)))


def hexes(path: tuple[bytes, ...]) -> list[str]:
    return [one.hex() for one in path]


BIG = grown(200, seed=b"big")
BIG_ROOTS = [tree.root(BIG, size) for size in range(201)]


# --- Certificate Transparency's example tree
@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert tree.root(grown(size), size).hex() == ROOTS[size - 1]


def test_an_empty_log_has_the_hash_of_nothing() -> None:
    assert tree.root({}, 0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_proofs_are_those_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    made = tree.inclusion_proof(grown(8), index, size)
    assert hexes(made) == path
    assert tree.includes(tree.leaf_hash(LEAVES[index]), index, size, made, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, new: int, path: list[str]) -> None:
    made = tree.consistency_proof(grown(8), old, new)
    assert hexes(made) == path
    assert tree.continues(old, bytes.fromhex(ROOTS[old - 1]), new, bytes.fromhex(ROOTS[new - 1]), made)


# --- a second opinion
def test_pymerkle_comes_to_the_same_roots_and_inclusion_proofs() -> None:
    other = InmemoryTree(algorithm="sha256")
    for size in range(1, 201):
        other.append_entry(b"big%d" % (size - 1))
        assert other.get_root(size) == BIG_ROOTS[size]
    for size in range(1, 201, 11):
        for index in range(size):
            theirs = other.prove_inclusion(index + 1, size)
            assert sorted(theirs.path) == sorted([BIG[2 * index], *tree.inclusion_proof(BIG, index, size)])
        for old in range(1, size):
            # Its own kind of proof, which begins with every peak of the older log, takes our roots.
            verify_consistency(BIG_ROOTS[old], BIG_ROOTS[size], other.prove_consistency(old, size))


# --- laws
def test_every_leaf_of_every_log_proves() -> None:
    for size in range(1, 201):
        for index in range(size):
            path = tree.inclusion_proof(BIG, index, size)
            assert tree.includes(BIG[2 * index], index, size, path, BIG_ROOTS[size])


def test_every_log_continues_every_shorter_one() -> None:
    for new in range(1, 201):
        for old in range(1, new + 1):
            path = tree.consistency_proof(BIG, old, new)
            assert tree.continues(old, BIG_ROOTS[old], new, BIG_ROOTS[new], path)
            assert len(path) <= 9


@given(st.lists(st.integers(0, 40), max_size=8))
def test_it_is_all_one_in_which_batches_a_log_has_grown(batches: list[int]) -> None:
    nodes: dict[int, bytes] = {}
    size = 0
    for batch in batches:
        frontier = [nodes[place] for place in tree.peaks(0, size)]
        leaves = [tree.leaf_hash(b"%d" % number) for number in range(size, size + batch)]
        nodes |= tree.grow(size, frontier, leaves)
        size += batch
    assert nodes == dict(tree.grow(0, [], [tree.leaf_hash(b"%d" % number) for number in range(size)]))
    assert sorted(nodes) == sorted(
        tree.places_for(
            [(lo, lo + (1 << k)) for k in range(9) for lo in range(0, size, 1 << k) if lo + (1 << k) <= size]
        )
    )


@given(st.integers(0, 40), st.integers(0, 2**40))
def test_a_place_is_a_level_and_an_index(level: int, index: int) -> None:
    assert tree.level_and_index(tree.place_of(level, index)) == (level, index)


@given(st.integers(1, 10**12), st.data())
def test_a_proof_is_short_and_reads_little_however_long_the_log(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    for spans in (tree.inclusion_spans(index, size), tree.consistency_spans(index + 1, size)):
        assert len(spans) <= size.bit_length() + 1
        assert len(tree.places_for(spans)) <= 3 * size.bit_length()


@settings(max_examples=1_000)
@given(st.data())
def test_a_changed_inclusion_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    path = list(tree.inclusion_proof(BIG, index, size))
    leaf, root, claimed, position = BIG[2 * index], BIG_ROOTS[size], size, index
    match data.draw(st.sampled_from(["bit", "drop", "add", "leaf", "root", "index", "swap"])):
        case "bit" if path:
            at = data.draw(st.integers(0, len(path) - 1))
            path[at] = flipped(path[at], data)
        case "drop" if path:
            path.pop(data.draw(st.integers(0, len(path) - 1)))
        case "add":
            path.insert(data.draw(st.integers(0, len(path))), data.draw(st.sampled_from([leaf, root, b"\0" * 32])))
        case "root":
            root = flipped(root, data)
        case "index":
            position = data.draw(st.integers(0, size + 3).filter(lambda other: other != index))
        case "swap" if len(path) > 1:
            path[0], path[-1] = path[-1], path[0]
        case _:
            leaf = flipped(leaf, data)
    assert not tree.includes(leaf, position, claimed, path, root)


@settings(max_examples=1_000)
@given(st.data())
def test_a_changed_consistency_proof_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 200))
    old = data.draw(st.integers(1, new - 1))
    path = list(tree.consistency_proof(BIG, old, new))
    before, after = BIG_ROOTS[old], BIG_ROOTS[new]
    match data.draw(st.sampled_from(["bit", "drop", "add", "before", "after", "size"])):
        case "bit":
            at = data.draw(st.integers(0, len(path) - 1))
            path[at] = flipped(path[at], data)
        case "drop":
            path.pop(data.draw(st.integers(0, len(path) - 1)))
        case "add":
            path.insert(data.draw(st.integers(0, len(path))), data.draw(st.sampled_from([before, after, b"\0" * 32])))
        case "before":
            before = flipped(before, data)
        case "after":
            after = flipped(after, data)
        case _:
            before = BIG_ROOTS[data.draw(st.integers(1, 200).filter(lambda other: other != old))]
    assert not tree.continues(old, before, new, after, path)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5), (0, 0)])
def test_sizes_that_can_not_be_are_refused(old: int, new: int) -> None:
    assert not tree.continues(old, BIG_ROOTS[5], new, BIG_ROOTS[5], [])
    assert not tree.includes(BIG[0], new, old, [], BIG_ROOTS[1])


def flipped(hashed: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, 255))
    return (int.from_bytes(hashed) ^ (1 << bit)).to_bytes(32)
