"""Bodies (branches, societies, commissions, committees), who is in them, and the channels they sit in."""

from dataclasses import dataclass
from enum import StrEnum

from core.members import Address, Role
from core.places import Place
from core.texts import Localised


class BodyKind(StrEnum):
    BRANCH = "branch"
    SOCIETY = "society"
    COMMISSION = "commission"
    COMMITTEE = "committee"


@dataclass(frozen=True, slots=True)
class Body:
    """`members` are declared by address, so that a person can be named before they first write to us."""

    slug: str
    name: Localised
    kind: BodyKind
    members: tuple[tuple[Address, Role], ...] = ()
    channels: tuple[Place, ...] = ()
    answer_days: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What a member can follow, whoever hosts it."""

    slug: str
    name: Localised
