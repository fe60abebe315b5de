"""Checking offline: a receipt against a published seal, one seal against another."""

from dataclasses import dataclass

from core.ledger.seals import Consistency, Erased, Proven, Receipt, Seal, instant, leaf_of
from core.ledger.tree import continues, includes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was proved, what is said but not proved yet, and what failed and where."""

    holds: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return bool(self.holds) and not self.fails


def verify_receipt(receipt: Receipt, seal: Seal) -> Verdict:
    waits = _waits(receipt)
    if receipt.seal is None:
        return Verdict((), waits, ("None of this receipt’s entries is sealed yet, so there is nothing to prove.",))
    if receipt.seal.size != seal.size:
        other = f"The receipt was made for the seal over {receipt.seal.size} entries, and this one is over {seal.size}."
        return Verdict((), waits, (f"{other} Ask for the receipt with ?seal={seal.size}, or for the other seal.",))
    if receipt.seal != seal:
        return Verdict(
            (), waits, (f"The receipt and the seal over {seal.size} entries differ: they can’t both be right.",)
        )
    if not receipt.entries:
        return Verdict((), waits, ("The receipt has no entry to prove.",))
    holds, fails = [], list(_out_of_order(receipt))
    for number, entry in enumerate(receipt.entries, 1):
        if not includes(leaf_of(entry), entry.position, seal.size, entry.path, seal.root):
            fails.append(f"Entry {number}: not in the sealed record as it is written here.")
        elif isinstance(entry, Erased):
            holds.append(f"Entry {number}: erased at its author’s request; its place is in the record.")
        else:
            holds.append(f"Entry {number}: {entry.told.get('kind')}, {entry.told.get('at')}, in the record.")
    return Verdict(tuple(holds), waits, tuple(fails))


def _waits(receipt: Receipt) -> tuple[str, ...]:
    if not receipt.waiting:
        return ()
    by = f" It is to be sealed by {instant(receipt.sealed_by)}." if receipt.sealed_by else ""
    return tuple(f"{told.get('kind')}, {told.get('at')}: not sealed yet.{by}" for told in receipt.waiting)


def _out_of_order(receipt: Receipt) -> list[str]:
    """An entry left out, told twice, or of another idea: each would prove, and yet the receipt would be false."""
    fails = []
    for number, entry in enumerate(receipt.entries, 1):
        said = entry.told.get("number") if isinstance(entry, Proven) else entry.number
        if said != number:
            fails.append(f"Entry {number}: it says that it is number {said}, so something is missing or out of order.")
        if isinstance(entry, Proven) and entry.told.get("code") != receipt.code:
            fails.append(f"Entry {number}: it belongs to another idea, {entry.told.get('code')}.")
    if len({entry.position for entry in receipt.entries}) < len(receipt.entries):
        fails.append("Two entries claim the same place in the record.")
    return fails


def verify_consistency(old: Seal, new: Seal, proof: Consistency) -> Verdict:
    if new.size < old.size:
        gone = f"The later seal is over {new.size} entries and the earlier over {old.size}"
        return Verdict(fails=(f"{gone}: {old.size - new.size} are gone from the record.",))
    if (proof.old, proof.new) != (old.size, new.size):
        asked = (
            f"The proof is about the sizes {proof.old} and {proof.new}, the seals are over {old.size} and {new.size}."
        )
        return Verdict(fails=(asked,))
    if not continues(old.size, old.root, new.size, new.root, proof.path):
        return Verdict(
            fails=(f"The record was rewritten: its first {old.size} entries are not those that were sealed.",)
        )
    kept = f"The first {old.size} entries are what they were"
    return Verdict((f"{kept}: nothing was altered or removed, {new.size - old.size} were added.",))
