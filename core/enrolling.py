"""Enrolling: what becomes of each row of a file of members, by what is known of its people; and what is then to be
written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.bodies import Office
from core.imports import Fate, Judged, Row
from core.members import Address
from core.rolls import Hashed, RollRow
from core.texts import T

Expected = tuple[str, tuple[str, ...]]
"""Of somebody who hasn't written yet: the language they read, and the topics they are to follow."""


@dataclass(slots=True)
class Page:
    """What is known of the people of some rows, kept up with as one after another is judged; and what is then to be
    written."""

    scope: frozenset[str] | None
    members: Mapping[Address, int]
    outsiders: Collection[int]
    declared: dict[Address, set[Office]]
    expected: dict[Address, Expected]
    rolls: dict[str, tuple[Hashed, RollRow]]
    claimants: Mapping[int, Address]
    to_declare: list[tuple[Address, Office]] = field(default_factory=list)
    to_expect: dict[Address, Expected] = field(default_factory=dict)
    to_enrol: dict[str, tuple[Hashed, RollRow]] = field(default_factory=dict)

    def judge(self, row: Row) -> Judged:
        known = self.rolls.get(row.membership.number) if row.membership else None
        member = self.members.get(row.who) if row.who else None
        if member is not None and member in self.outsiders:
            return Judged(Fate.CLASH, T("This address belongs to somebody who is in no body of yours."))
        if member is None and row.who and (row.language or row.topics) and self._is_named_elsewhere(row.who):
            return Judged(
                Fate.CLASH,
                T("Another body has named this address already. Leave language and topics out to add your body to it."),
            )
        if known and member is not None and known[1].claimed_by not in (None, member):
            return Judged(Fate.CLASH, T("This number is taken by somebody else than this address belongs to."))
        if known and self.scope is not None and not self._is_ours(known[1], self.scope):
            return Judged(Fate.CLASH, T("This number is on the roll of a body that you don’t organise."))
        news = [self._declare(row.who, row, member)] if row.who else []
        news += [self._enrol(row.membership, row, known)] if row.membership else []
        told = next((judged for judged in news if judged.fate is Fate.NEW and judged.why), None)
        return told or next((judged for judged in news if judged.fate is Fate.NEW), Judged(Fate.KNOWN))

    def _is_ours(self, known: RollRow, scope: frozenset[str]) -> bool:
        """A row that names no body is the whole organisation’s."""
        bodies = {body for body, _ in known.offices}
        return bool(bodies) and bodies <= scope

    def _is_named_elsewhere(self, who: Address) -> bool:
        """By others than organise this scope: what they expect of whoever comes from there stays."""
        if self.scope is None:
            return False
        bodies = {body for body, _ in self.declared.get(who, ())}
        return not bodies <= self.scope or (not bodies and who in self.expected)

    def _declare(self, who: Address, row: Row, member: int | None) -> Judged:
        has = self.declared.setdefault(who, set())
        added = [office for office in row.offices if office not in has]
        self.to_declare += [(who, office) for office in added]
        has.update(added)
        wanted = row.language, row.topics
        if member is None and (row.language or row.topics) and self.expected.get(who) != wanted:
            self.expected[who] = self.to_expect[who] = wanted
            return Judged(Fate.NEW)
        if member is not None and added:
            return Judged(Fate.NEW, T("They write to us already; their role is added."))
        return Judged(Fate.NEW if added else Fate.KNOWN)

    def _enrol(self, hashed: Hashed, row: Row, known: tuple[Hashed, RollRow] | None) -> Judged:
        offices = tuple(sorted({*row.offices, *(known[1].offices if known else ())}))
        if known and known[0] == hashed and known[1].offices == offices:
            return Judged(Fate.KNOWN)
        before = known[1] if known else RollRow(hashed.number)
        self.rolls[hashed.number] = hashed, RollRow(hashed.number, offices, before.claimed_by, before.claimed_at)
        self.to_enrol[hashed.number] = self.rolls[hashed.number]
        if before.claimed_by in self.claimants and before.claimed_by is not None:
            where = self.claimants[before.claimed_by]
            self.to_declare += [(where, office) for office in offices if office not in before.offices]
        if known is None:
            return Judged(Fate.NEW)
        moved = T("Known by another postcode, which changes.")
        return Judged(Fate.NEW, moved if known[0] != hashed else T("A role is added on the roll."))
