"""Commitments, receipts, seals and proofs: what they say, their files, and that no changed one is believed."""

import json
import random
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger import tree
from core.ledger.checking import Verdict, verify_consistency, verify_receipt
from core.ledger.files import (
    Malformed,
    proof_json,
    read_proof,
    read_receipt,
    read_seal,
    receipt_json,
    seal_json,
    write_json,
)
from core.ledger.seals import Consistency, Erased, Proven, Receipt, Seal, Waiting, commitment, leaf_of, tell
from core.members import Role
from core.stories import Entry, EntryKind, Rule

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CODE = "K7M4-QX2P"
STORY = [
    Entry(EntryKind.SAID, NOON, "Benches at every stop, “with a back”\n\ttabs\x7f, \\ and ŵyr 🪑"),
    Entry(EntryKind.CONFIRMED, NOON),
    Entry(EntryKind.ACKNOWLEDGED, NOON),
    Entry(EntryKind.DECLINED, NOON, reason="There is no room", body="parks", by=Role.SECRETARY),
]
FULL = Entry(
    EntryKind.SILENT, NOON, "A “word”", "Because", "parks", Role.SECRETARY, "roads", 30, "0000-0001",
    date(2026, 3, 1), 5, Rule.ABUSE,
)  # fmt: skip
OTHERS = 37


def salt(number: int) -> bytes:
    return sha256(b"salt %d" % number).digest()


def entry(number: int, code: str = CODE) -> Proven:
    told = tell(code, number, replace(STORY[number - 1], at=NOON + timedelta(minutes=number)))
    return Proven(told, salt(number), 10 * number - 3, ())


def log() -> tuple[dict[int, bytes], int]:
    leaves = [tree.leaf_hash(b"other %d" % number) for number in range(OTHERS + 10)]
    for number in range(1, len(STORY) + 1):
        leaves[10 * number - 3] = leaf_of(entry(number))
    return dict(tree.grow(0, [], leaves)), len(leaves)


NODES, SIZE = log()
SEAL = Seal(SIZE, tree.root(NODES, SIZE), NOON + timedelta(hours=1))
EARLIER = Seal(OTHERS, tree.root(NODES, OTHERS), NOON + timedelta(minutes=50))
PROOF = Consistency(OTHERS, SIZE, tree.consistency_proof(NODES, OTHERS, SIZE))
RECEIPT = Receipt(
    CODE,
    SEAL,
    tuple(
        replace(one, path=tree.inclusion_proof(NODES, one.position, SIZE))
        for one in (entry(number) for number in range(1, len(STORY) + 1))
    ),
)


# --- commitments
def test_a_commitment_is_the_hash_of_the_salt_and_the_entry_in_canonical_json() -> None:
    written = (
        '{"at":"2026-03-02T12:00:00.000000Z","code":"K7M4-QX2P","kind":"said","number":1,"text":"A \\"bench\\"\\n🪑"}'
    )
    made = commitment(salt(1), CODE, 1, Entry(EntryKind.SAID, NOON, 'A "bench"\n🪑'))
    assert made == sha256(salt(1) + written.encode()).digest()
    assert made.hex() == "d0eee9a83ffe48ebf2bfda2ac92ea892a0aadc3490cb1c7a417d7c01ef1e175c"


def test_an_instant_is_committed_to_in_utc_whatever_its_zone() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert tell(CODE, 1, Entry(EntryKind.SAID, elsewhere)) == tell(CODE, 1, Entry(EntryKind.SAID, NOON))


def test_an_entry_is_committed_to_with_all_that_it_says() -> None:
    assert tell(CODE, 3, FULL) == {
        "at": "2026-03-02T12:00:00.000000Z", "body": "parks", "by": "secretary", "code": CODE, "days": 30,
        "kind": "silent", "next": "roads", "number": 3, "on": "2026-03-01", "other": "0000-0001", "reason": "Because",
        "rule": "abuse", "score": 5, "text": "A “word”",
    }  # fmt: skip


words = st.none() | st.text(max_size=3)
entries = st.builds(
    Entry,
    st.sampled_from(EntryKind),
    st.just(NOON),
    text=words,
    reason=words,
    body=words,
    by=st.none() | st.sampled_from(Role),
    next=words,
    days=st.none() | st.integers(0, 2),
    other=words,
    on=st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 2)),
    score=st.none() | st.integers(1, 2),
    rule=st.none() | st.sampled_from(Rule),
)
told_of = st.tuples(st.text(max_size=3), st.integers(1, 3), entries)


@given(told_of, told_of)
def test_different_entries_have_different_commitments(
    one: tuple[str, int, Entry], other: tuple[str, int, Entry]
) -> None:
    made = [commitment(salt(1), code, number, entry) for code, number, entry in (one, other)]
    assert (made[0] == made[1]) == (one == other)


@given(entries, st.sampled_from([field.name for field in fields(Entry)]), st.data())
def test_no_single_thing_that_an_entry_says_can_be_changed_unseen(entry: Entry, name: str, data: st.DataObject) -> None:
    other = data.draw(entries)
    changed = replace(entry, **{name: getattr(other, name)})
    made = [commitment(salt(1), CODE, 1, one) for one in (entry, changed)]
    assert (made[0] == made[1]) == (entry == changed)


# --- receipts
def test_a_true_receipt_is_proved_entry_by_entry() -> None:
    verdict = verify_receipt(RECEIPT, SEAL)
    assert (verdict.is_good, len(verdict.holds), verdict.fails) == (True, 4, ())
    assert "said, 2026-03-02T12:01:00.000000Z" in verdict.holds[0]


def test_what_is_not_sealed_yet_is_said_to_wait() -> None:
    waiting = (tell(CODE, None, Entry(EntryKind.WITHDRAWN, NOON)),)
    verdict = verify_receipt(replace(RECEIPT, waiting=waiting, sealed_by=NOON), SEAL)
    assert verdict.is_good
    assert verdict.waits == (
        "withdrawn, 2026-03-02T12:00:00.000000Z: not sealed yet. It is to be sealed by 2026-03-02T12:00:00.000000Z.",
    )
    assert not verify_receipt(Receipt(CODE, None, (), waiting, NOON), SEAL).is_good


def test_an_erased_entry_is_proved_by_its_place_alone() -> None:
    first, *rest = RECEIPT.entries
    assert isinstance(first, Proven)
    erased = Erased(1, first.position, leaf_of(first), first.path)
    verdict = verify_receipt(replace(RECEIPT, entries=(erased, *rest)), SEAL)
    assert verdict.is_good
    assert "erased" in verdict.holds[0]


def told(**changed: str | int) -> Callable[[Receipt], Receipt]:
    def change(receipt: Receipt) -> Receipt:
        first, *rest = receipt.entries
        assert isinstance(first, Proven)
        return replace(receipt, entries=(replace(first, told={**first.told, **changed}), *rest))

    return change


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (told(text="Chairs"), "Entry 1: not in the sealed record"),
        (told(at="2026-03-02T12:01:00.000001Z"), "Entry 1: not in the sealed record"),
        (told(kind="adopted"), "Entry 1: not in the sealed record"),
        (told(reason="None given"), "Entry 1: not in the sealed record"),
        (told(code="0000-0000"), "Entry 1: it belongs to another idea"),
        (told(number=2), "Entry 1: it says that it is number 2"),
        (lambda receipt: replace(receipt, code="0000-0000"), "Entry 1: it belongs to another idea"),
        (lambda receipt: replace(receipt, entries=receipt.entries[1:]), "Entry 1: it says that it is number 2"),
        (
            lambda receipt: replace(receipt, entries=(receipt.entries[0], *receipt.entries[2:])),
            "Entry 2: it says that it is number 3",
        ),
        (lambda receipt: replace(receipt, entries=receipt.entries[::-1]), "Entry 1: it says that it is number 4"),
        (lambda receipt: replace(receipt, entries=(*receipt.entries, receipt.entries[0])), "same place"),
        (lambda receipt: replace(receipt, entries=()), "no entry"),
        (lambda receipt: replace(receipt, seal=EARLIER), "Ask for the receipt with ?seal=47"),
        (lambda receipt: replace(receipt, seal=replace(SEAL, root=EARLIER.root)), "can’t both be right"),
    ],
)
def test_a_false_receipt_is_refused_and_told_where(change: Callable[[Receipt], Receipt], where: str) -> None:
    verdict = verify_receipt(change(RECEIPT), SEAL)
    assert not verdict.is_good
    assert where in verdict.fails[0] + verdict.fails[-1]


# --- two seals
def test_two_seals_prove_that_things_were_only_added() -> None:
    verdict = verify_consistency(EARLIER, SEAL, PROOF)
    assert verdict.is_good
    assert verdict.holds == ("The first 37 entries are what they were: nothing was altered or removed, 10 were added.",)


@pytest.mark.parametrize(
    ("old", "new", "proof", "why"),
    [
        (replace(EARLIER, root=SEAL.root), SEAL, PROOF, "was rewritten"),
        (EARLIER, replace(SEAL, root=EARLIER.root), PROOF, "was rewritten"),
        (EARLIER, SEAL, replace(PROOF, path=PROOF.path[1:]), "was rewritten"),
        (EARLIER, SEAL, replace(PROOF, old=36), "about the sizes 36 and 47"),
        (SEAL, EARLIER, PROOF, "10 are gone"),
    ],
)
def test_a_record_that_was_rewritten_or_cut_short_is_found(old: Seal, new: Seal, proof: Consistency, why: str) -> None:
    verdict = verify_consistency(old, new, proof)
    assert not verdict.is_good
    assert why in verdict.fails[0]


# --- files
def test_files_come_back_as_they_were_written() -> None:
    waits = replace(
        RECEIPT,
        entries=(*RECEIPT.entries, Erased(5, 40, b"\1" * 32, PROOF.path)),
        waiting=(tell(CODE, None, Entry(EntryKind.WITHDRAWN, NOON)),),
        sealed_by=NOON,
    )
    for receipt in (RECEIPT, waits, Receipt(CODE, None, ())):
        assert read_receipt(write_json(receipt_json(receipt))) == receipt
    assert read_seal(write_json(seal_json(SEAL))) == SEAL
    assert read_proof(write_json(proof_json(PROOF))) == PROOF


GOOD_SEAL = write_json(seal_json(SEAL)).decode()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "can’t be read as JSON"),
        ("[" * 100_000, "can’t be read as JSON"),
        ("[]", "should be an object"),
        ("\ufeff{}", "can’t be read as JSON"),
        ('{"size": NaN}', "can’t be read as JSON"),
        ('{"size": ' + "9" * 5_000 + "}", "can’t be read as JSON"),
        (GOOD_SEAL.replace("{", '{"size": 47,', 1), "can’t be read as JSON"),
        (GOOD_SEAL.replace("{", '{"more": 1,', 1), "says more than it should"),
        (GOOD_SEAL.replace('"seal"', '"receipt"'), "something else"),
        (GOOD_SEAL.replace('"version": 1', '"version": 2'), "a newer Folkmoot"),
        (GOOD_SEAL.replace('"size": 47', '"size": true'), "“size” should be a whole number"),
        (GOOD_SEAL.replace('"size": 47', '"size": 0'), "“size” should be a whole number"),
        (GOOD_SEAL.replace('"size": 47', '"size": 47.0'), "“size” should be a whole number"),
        (GOOD_SEAL.replace(SEAL.root.hex(), SEAL.root.hex().upper()), "hexadecimal digits"),
        (GOOD_SEAL.replace("13:00:00.000000Z", "13:00:00Z"), "should be an instant"),
        (GOOD_SEAL.replace("13:00:00.000000Z", "13:00:00.0Z"), "should be an instant"),
        (GOOD_SEAL.replace('"root"', '"roof"'), "lacks “root”"),
    ],
)
def test_a_file_that_is_no_seal_is_refused_with_a_sentence(written: str, why: str) -> None:
    with pytest.raises(Malformed, match=why) as refused:
        read_seal(written.encode())
    assert str(refused.value).startswith("This is no seal of ours: ")


def test_bytes_that_are_no_text_are_refused_with_a_sentence() -> None:
    with pytest.raises(Malformed, match="can’t be read as JSON"):
        read_seal(b"\xff\xfe\x00")
    written = write_json(receipt_json(RECEIPT)).decode()
    with pytest.raises(Malformed, match="should be text"):
        read_receipt(written.replace('"confirmed"', '"\\ud800"').encode())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
NAMES = ["code", "seal", "entries", "waiting", "sealed_by"]


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, json_values)) | json_values)
def test_no_file_brings_the_reader_down(document: object) -> None:
    if isinstance(document, dict):
        document |= {"folkmoot": "receipt", "version": 1}
    try:
        read_receipt(json.dumps(document).encode())
    except Malformed:
        return


def test_ten_thousand_changed_receipts_are_refused() -> None:
    written = json.dumps(receipt_json(RECEIPT), ensure_ascii=False, separators=(",", ":")).encode()
    assert judge(written).is_good
    dice = random.Random(6962)
    believed = []
    for _ in range(10_000):
        changed = mutate(written, dice)
        if changed != written and judge(changed).is_good:
            believed.append(changed)
    assert [one for one in believed if json.loads(one) != json.loads(written)] == []


def judge(written: bytes) -> Verdict:
    try:
        return verify_receipt(read_receipt(written), SEAL)
    except Malformed as error:
        return Verdict(fails=(str(error),))


def mutate(written: bytes, dice: random.Random) -> bytes:
    """A bit turned, digits changed, a piece dropped, doubled or moved: in bytes, and in what they say."""
    at, length = dice.randrange(len(written)), dice.randrange(1, 80)
    piece = written[at : at + length]
    match dice.randrange(6):
        case 0:
            return written[:at] + bytes([written[at] ^ (1 << dice.randrange(8))]) + written[at + 1 :]
        case 1:
            return written[:at] + dice.choice(b"0123456789abcdef").to_bytes(1) + written[at + 1 :]
        case 2:
            return written[:at] + written[at + length :]
        case 3:
            return written[:at] + piece + written[at:]
        case 4:
            document = json.loads(written)
            one, other = dice.sample(document["entries"], 2)
            name = dice.choice(["entry", "salt", "position", "path"])
            one[name] = other[name]
            return json.dumps(document).encode()
        case _:
            document = json.loads(written)
            path = dice.choice(document["entries"])["path"]
            if dice.random() < 0.5:
                path.insert(dice.randrange(len(path) + 1), dice.choice([SEAL.root.hex(), *path]))
            else:
                path.pop(dice.randrange(len(path)))
            return json.dumps(document).encode()


# --- when entries are sealed
def test_an_entry_is_sealed_within_ten_minutes_or_at_once_when_many_wait() -> None:
    few = Waiting(1, NOON)
    assert not few.is_due(NOON + timedelta(minutes=9))
    assert few.is_due(NOON + timedelta(minutes=10))
    assert Waiting(1_000, NOON).is_due(NOON)
    assert not few.is_overdue(NOON + timedelta(minutes=59))
    assert few.is_overdue(NOON + timedelta(hours=1))
