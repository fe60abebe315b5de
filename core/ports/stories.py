"""All ideas together: what bodies have to answer, and the ledger that their entries stand in."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from core.ideas import Idea
from core.ledger.seals import Audit, Consistency, Receipt, Seal, Waiting
from core.members import Address, Role
from core.places import Place
from core.queues import Moderated, Open, Tally
from core.stories import Entry


class Docket(Protocol):
    """What bodies have to answer and how they did, over all ideas: for clocks, and for the public board."""

    async def running(self, now: datetime) -> tuple[Open, ...]:
        """What is with a body that isn't noted as late, and whose days would all be over at `now` if every day had
        counted. The longest waiting first."""
        ...

    async def adrift(self) -> tuple[Open, ...]:
        """What is with a body that has ended."""
        ...

    async def to_close(self, declined_before: datetime) -> tuple[Idea, ...]:
        """Ideas whose story is at its end and doesn't say so: carried out or not, or declined before that time."""
        ...

    async def waiting_for(self, body: str) -> tuple[Open, ...]:
        """The longest waiting first."""
        ...

    async def tallies(self) -> tuple[Tally, ...]:
        """One for each body to which anything was ever sent."""
        ...

    async def opinions(self, body: str, limit: int) -> tuple[Entry, ...]:
        """The latest answers to “were you heard?” by authors whose idea this body answered last, but for those about
        ideas that are hidden."""
        ...

    async def moderated(self) -> Moderated: ...
    async def channels(self) -> tuple[Place, ...]:
        """The channels and groups that take part."""
        ...

    async def officers(self, body: str, roles: Collection[Role]) -> tuple[Address, ...]:
        """Where those are reached who hold one of these roles in it, as declared; but for those who are gone."""
        ...


class Ledger(Protocol):
    """The Merkle log over all story entries. Entries are recorded freely; sealing gives them their place."""

    async def seal(self, now: datetime, most: int, is_over: Callable[[], bool] = lambda: False) -> Seal | None:
        """Gives up to `most` waiting entries their place, in short transactions, fewer once it `is_over` (the process
        has to end); then seals the log; None where
        nothing came to it since its last seal. Two workers may do it at once. Raises LedgerDamaged, and seals nothing,
        where what is stored doesn't lead to the last seal's root."""
        ...

    async def waiting(self) -> Waiting | None:
        """The entries that have no place yet."""
        ...

    async def latest_seal(self) -> Seal | None: ...
    async def find_seal(self, size: int) -> Seal | None: ...
    async def seals(self, limit: int) -> tuple[Seal, ...]:
        """The newest first."""
        ...

    async def receipt(self, code: str, size: int | None = None) -> Receipt | None:
        """For the seal of that size, which must exist, else the latest; None where there is no such idea."""
        ...

    async def consistency(self, old: int, new: int) -> Consistency | None:
        """None unless 1 <= old <= new and that much is sealed."""
        ...

    async def audit(self, published: Sequence[Seal] = ()) -> Audit:
        """Computes everything again from the entries, and compares it with what is stored and with all seals, also
        those that were `published` and come from outside."""
        ...
