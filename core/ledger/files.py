"""Seals, receipts and proofs as JSON files: written in one way, and read strictly, for whoever sends one may lie."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from core.ledger.seals import SALT_BYTES, Consistency, Erased, Proven, Receipt, Seal, Told, instant

VERSION = 1
LARGEST_FILE = 20_000_000
LARGEST_NUMBER = 2**53 - 1
LONGEST_PATH = 64
_HEX = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z_]{1,40}")


class Malformed(ValueError):
    """A file that isn't what it should be, and why, in a sentence."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"This is no {what} of ours: {why}.")


# --- writing
def seal_json(seal: Seal) -> dict[str, object]:
    return {"folkmoot": "seal", "version": VERSION, **_bare_seal(seal)}


def _bare_seal(seal: Seal) -> dict[str, object]:
    return {"size": seal.size, "root": seal.root.hex(), "at": instant(seal.at)}


def proof_json(proof: Consistency) -> dict[str, object]:
    return {
        "folkmoot": "consistency",
        "version": VERSION,
        "from": proof.old,
        "to": proof.new,
        "path": _path(proof.path),
    }


def receipt_json(receipt: Receipt) -> dict[str, object]:
    return {
        "folkmoot": "receipt",
        "version": VERSION,
        "code": receipt.code,
        "seal": _bare_seal(receipt.seal) if receipt.seal else None,
        "entries": [_entry_json(entry) for entry in receipt.entries],
        "waiting": [dict(told) for told in receipt.waiting],
        "sealed_by": instant(receipt.sealed_by) if receipt.sealed_by else None,
    }


def _entry_json(entry: Proven | Erased) -> dict[str, object]:
    placed: dict[str, object] = {"position": entry.position, "path": _path(entry.path)}
    if isinstance(entry, Erased):
        return {"erased": {"number": entry.number, "leaf": entry.leaf.hex()}, **placed}
    return {"entry": dict(entry.told), "salt": entry.salt.hex(), **placed}


def _path(path: tuple[bytes, ...]) -> list[str]:
    return [one.hex() for one in path]


def write_json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


# --- reading
def read_seal(written: bytes) -> Seal:
    return _seal(_document(written, "seal", "size", "root", "at"), "seal")


def read_proof(written: bytes) -> Consistency:
    what = "consistency"
    document = _document(written, what, "from", "to", "path")
    return Consistency(
        _number(document["from"], what, "from", 1), _number(document["to"], what, "to", 1), _read_path(document, what)
    )


def read_receipt(written: bytes) -> Receipt:
    what = "receipt"
    document = _document(written, what, "code", "seal", "entries", "waiting", "sealed_by")
    seal, by = document["seal"], document["sealed_by"]
    return Receipt(
        _text(document["code"], what, "code"),
        None if seal is None else _seal(_object(seal, what, "seal", {"size", "root", "at"}), what),
        tuple(_entry(one, number, what) for number, one in enumerate(_list(document["entries"], what, "entries"), 1)),
        tuple(_told(one, what, "waiting") for one in _list(document["waiting"], what, "waiting")),
        None if by is None else _instant(by, what, "sealed_by"),
    )


def _document(written: bytes, what: str, *names: str) -> dict[str, object]:
    if len(written) > LARGEST_FILE:
        raise Malformed(what, "it is far too large")
    try:
        document = json.loads(written.decode(), object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError) as error:
        raise Malformed(what, "it can’t be read as JSON") from error
    checked = _object(document, what, "the file", {"folkmoot", "version", *names})
    if checked["folkmoot"] != what:
        raise Malformed(what, "“folkmoot” says that it is something else")
    if _number(checked["version"], what, "version") != VERSION:
        raise Malformed(what, f"it has another version than {VERSION}; a newer Folkmoot may read it")
    return checked


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _never(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _entry(value: object, number: int, what: str) -> Proven | Erased:
    where = f"entry {number}"
    if isinstance(value, dict) and "erased" in value:
        placed = _object(value, what, where, {"erased", "position", "path"})
        erased = _object(placed["erased"], what, where, {"number", "leaf"})
        leaf = _hash(erased["leaf"], what, where)
        position = _number(placed["position"], what, where)
        return Erased(_number(erased["number"], what, where, 1), position, leaf, _read_path(placed, what))
    placed = _object(value, what, where, {"entry", "salt", "position", "path"})
    salt = _hash(placed["salt"], what, f"the salt of {where}")
    return Proven(
        _told(placed["entry"], what, where),
        salt,
        _number(placed["position"], what, f"the position of {where}"),
        _read_path(placed, what),
    )


def _seal(document: Mapping[str, object], what: str) -> Seal:
    root = _hash(document["root"], what, "root")
    return Seal(_number(document["size"], what, "size", 1), root, _instant(document["at"], what, "at"))


def _told(value: object, what: str, where: str) -> Told:
    """Names that we don't know are taken too: they are committed to like the others, and an older checker needn't
    know them."""
    if not isinstance(value, dict) or not {"at", "code", "kind"} <= value.keys():
        raise Malformed(what, f"{where} should say “at”, “code” and “kind”")
    told: dict[str, str | int] = {}
    for name, one in value.items():
        if not _NAME.fullmatch(name):
            raise Malformed(what, f"{where} has a name that we never write")
        told[name] = _text(one, what, where) if isinstance(one, str) else _number(one, what, where)
    return told


def _object(value: object, what: str, where: str, names: set[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Malformed(what, f"{where} should be an object")
    if value.keys() != names:
        odd = sorted(names - value.keys())
        raise Malformed(what, f"{where} lacks “{odd[0]}”" if odd else f"{where} says more than it should")
    return value


def _list(value: object, what: str, where: str) -> list[object]:
    if not isinstance(value, list):
        raise Malformed(what, f"“{where}” should be a list")
    return value


def _read_path(document: Mapping[str, object], what: str) -> tuple[bytes, ...]:
    path = _list(document["path"], what, "path")
    if len(path) > LONGEST_PATH:
        raise Malformed(what, "a path is longer than that of any log")
    return tuple(_hash(one, what, "path") for one in path)


def _number(value: object, what: str, where: str, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST_NUMBER:
        raise Malformed(what, f"“{where}” should be a whole number from {least}")
    return value


def _text(value: object, what: str, where: str) -> str:
    if not isinstance(value, str) or any("\ud800" <= symbol <= "\udfff" for symbol in value):
        raise Malformed(what, f"“{where}” should be text")
    return value


def _hash(value: object, what: str, where: str) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise Malformed(what, f"“{where}” should be {2 * SALT_BYTES} hexadecimal digits in lower case")
    return bytes.fromhex(value)


def _instant(value: object, what: str, where: str) -> datetime:
    try:
        at = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed(what, f"“{where}” should be an instant such as 2026-05-12T14:05:00.000000Z") from error
    if instant(at) != value:
        raise Malformed(what, f"“{where}” should be an instant such as 2026-05-12T14:05:00.000000Z")
    return at
