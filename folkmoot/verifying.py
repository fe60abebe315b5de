"""What `folkmoot verify` says: files are checked without a database, without settings and without us."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core.ledger.checking import Verdict, verify_consistency, verify_receipt
from core.ledger.files import LARGEST_FILE, Malformed, read_proof, read_receipt, read_seal
from core.ledger.seals import Seal
from folkmoot.assembly import Assembly
from folkmoot.organisers import Said

HOW = """Say what is to be checked:
  folkmoot verify receipt.json --seal seal.json
  folkmoot verify --from old-seal.json --to new-seal.json --proof proof.json
  folkmoot verify --ledger [--seal seal.json]"""

T = TypeVar("T")


class Unreadable(Exception):
    """A file that can't be had or isn't what it should be."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")


def check_receipt(receipt: Path, seal: Path) -> Said:
    try:
        sealed = _read(seal, read_seal)
        verdict = verify_receipt(_read(receipt, read_receipt), sealed)
    except Unreadable as error:
        return Said((str(error),), is_good=False)
    return _said(verdict, f"Proved: every entry of the receipt is under {_name(sealed)}.")


def check_seals(old: Path, new: Path, proof: Path) -> Said:
    try:
        before, after = _read(old, read_seal), _read(new, read_seal)
        verdict = verify_consistency(before, after, _read(proof, read_proof))
    except Unreadable as error:
        return Said((str(error),), is_good=False)
    return _said(verdict, f"Proved: {_name(after)} continues {_name(before)}.")


async def check_ledger(assembly: Assembly, seal: Path | None) -> Said:
    try:
        published = [_read(seal, read_seal)] if seal else []
    except Unreadable as error:
        return Said((str(error),), is_good=False)
    audit = await assembly.ledger.audit(published)
    lines = [finding.sentence for finding in audit.findings]
    if audit.more:
        lines.append(f"And {audit.more} more.")
    if waiting := await assembly.ledger.waiting():
        late = " THAT IS TOO LONG." if waiting.is_overdue(assembly.clock.now()) else ""
        lines.append(f"{waiting.count} wait to be sealed, the oldest since {waiting.since:%Y-%m-%d %H:%M} UTC.{late}")
    looked = f"{audit.entries} entries, {audit.erased} of them erased, and {audit.seals} seals were looked at"
    if audit.is_good:
        against = " and with the published seal" if seal else ""
        return Said((*lines, f"{looked}: they agree with one another{against}."))
    return Said((*lines, f"{looked}: THE RECORD IS NOT WHAT WAS SEALED."), is_good=False)


def _said(verdict: Verdict, proved: str) -> Said:
    if verdict.is_good:
        return Said((*verdict.holds, *verdict.waits, proved))
    return Said((*verdict.holds, *verdict.waits, *verdict.fails, "NOT PROVED."), is_good=False)


def _name(seal: Seal) -> str:
    return f"the seal of {seal.at:%Y-%m-%d %H:%M} UTC over {seal.size} entries"


def _read(path: Path, read: Callable[[bytes], T]) -> T:
    try:
        with path.open("rb") as file:
            return read(file.read(LARGEST_FILE + 1))
    except OSError as error:
        raise Unreadable(path, f"it can’t be read ({error.strerror}).") from error
    except Malformed as error:
        raise Unreadable(path, str(error)) from error
