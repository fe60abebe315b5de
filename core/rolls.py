"""The membership roll: who belongs to the organisation, known by keyed hashes of a number and a postcode alone.

Two layers. `Hashed.of` needs the roll's key, which organisers of the whole organisation can have, so that a roll may be
hashed where it lies and never leave there. What is stored is that hash hashed once more, with a secret that only the
server has. docs/members.md says what this protects against, and what not.
"""

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from core.bodies import Office

TRIES = 5
TRIES_LAST = timedelta(days=1)
"""So often a member may try in that time, and so often anybody may try one number: few enough that no postcode is found
by trying, however many addresses somebody writes from."""

LONGEST_NUMBER = 24
_HASH = 64
_KEY = 40


@dataclass(frozen=True, slots=True)
class Hashed:
    """Of one person on a roll: `number` finds them, `proof` is of number and postcode together. In hexadecimal."""

    number: str
    proof: str

    @classmethod
    def of(cls, key: str, number: str, postcode: str) -> "Hashed":
        """`number` and `postcode` as `read_number` and `read_postcode` give them."""
        found = hash_number(key, number)
        return cls(found, hash_proof(key, found, postcode))


@dataclass(frozen=True, slots=True)
class RollRow:
    """`number`: by which the row is found. `claimed_by`: the member who showed that it is theirs."""

    number: str
    offices: tuple[Office, ...] = ()
    claimed_by: int | None = None
    claimed_at: datetime | None = None


def read_number(typed: str) -> str:
    """Letters and digits alone, in capitals, without zeros in front, which spreadsheets drop. Empty where it can't be a
    membership number."""
    read = _plain(typed).lstrip("0")
    return read if any(letter.isdigit() for letter in read) and len(read) <= LONGEST_NUMBER else ""


def read_postcode(typed: str) -> str:
    """Letters and digits alone, in capitals. Empty where it can't be a postcode of any country."""
    read = _plain(typed)
    return read if 3 <= len(read) <= 10 and any(letter.isdigit() for letter in read) else ""


def read_hash(typed: str) -> str:
    """Empty where it is none."""
    read = typed.strip().lower()
    return read if len(read) == _HASH and set(read) <= set("0123456789abcdef") else ""


def _plain(typed: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter.isalnum())


def hash_number(key: str, number: str) -> str:
    return _hmac(key, f"number:{number}")


def hash_proof(key: str, number_hash: str, postcode: str) -> str:
    """Made of the number's hash, so that between two questions nothing has to be remembered but that."""
    return _hmac(key, f"proof:{number_hash}:{postcode}")


def _hmac(key: str, words: str) -> str:
    return hmac.digest(key.encode(), words.encode(), "sha256").hex()


class Rolls:
    """With the server's secret; and the one before it, while that gives way, so that rows made with it are found."""

    def __init__(self, secret: str, before: str = "") -> None:
        self._secrets = [one for one in (secret, before) if one]

    @property
    def key(self) -> str:
        """The roll's key, for hashing elsewhere."""
        return _key(self._secrets[0])

    def kept(self, hashed: Hashed) -> Hashed:
        """What is stored of it."""
        return _kept(self._secrets[0], hashed)

    def keep(self, number: str, postcode: str) -> Hashed:
        return self.kept(Hashed.of(self.key, number, postcode))

    def numbers(self, number: str) -> tuple[str, ...]:
        """What is remembered of a number between two questions: its hash with the key of each secret."""
        return tuple(hash_number(_key(secret), number) for secret in self._secrets)

    def claims(self, numbers: Sequence[str], postcode: str) -> tuple[Hashed, ...]:
        """The rows that would be theirs, as they are stored."""
        pairs = zip(self._secrets, numbers, strict=False)
        return tuple(_kept(secret, Hashed(one, hash_proof(_key(secret), one, postcode))) for secret, one in pairs)


@lru_cache(4)
def _key(secret: str) -> str:
    return _hmac(secret, "folkmoot roll key 1")[:_KEY]


@lru_cache(4)
def _own(secret: str) -> str:
    return _hmac(secret, "folkmoot roll store 1")


def _kept(secret: str, hashed: Hashed) -> Hashed:
    own = _own(secret)
    return Hashed(_hmac(own, f"number:{hashed.number}"), _hmac(own, f"proof:{hashed.number}:{hashed.proof}"))


def is_same(one: str, other: str) -> bool:
    """Compared in a time that doesn't tell how much of it is right."""
    return hmac.compare_digest(one, other)
