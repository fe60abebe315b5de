"""Bodies (branches, societies, commissions, committees): who may do what in them, what they answer, where they sit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.calendars import EVERY_DAY, ONE_DAY, Calendar, Holidays, Recess
from core.members import Address, Role
from core.places import Place
from core.standings import Referral, Stage, Standing
from core.texts import Localised


class BodyKind(StrEnum):
    BRANCH = "branch"
    SOCIETY = "society"
    COMMISSION = "commission"
    COMMITTEE = "committee"


class Power(StrEnum):
    ANSWER = "answer"
    MODERATE = "moderate"


USUAL_POWERS: Mapping[Power, tuple[Role, ...]] = {
    Power.ANSWER: (Role.SECRETARY,),
    Power.MODERATE: (Role.ORGANISER,),
}

USUAL_ANSWER_DAYS = 30
"""For a body that answers and doesn't say within how many days."""


@dataclass(frozen=True, slots=True)
class Remit:
    """What a body answers. `everything`: also what is nobody else's."""

    topics: tuple[str, ...] = ()
    consultations: tuple[str, ...] = ()
    everything: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.topics or self.consultations or self.everything)


@dataclass(frozen=True, slots=True)
class Body:
    """`members` are declared by address, so that a person can be named before they first write to us. `parent` is the
    next body up; `appeals` the one that hears appeals against it, where that isn't its parent. `powers` lists only
    what isn't as usual. `has_ended`: it was declared once and isn't any more; its name is kept for old stories."""

    slug: str
    name: Localised
    kind: BodyKind
    members: tuple[tuple[Address, Role], ...] = ()
    channels: tuple[Place, ...] = ()
    answer_days: int | None = None
    parent: str | None = None
    remit: Remit = field(default=Remit())
    powers: tuple[tuple[Power, tuple[Role, ...]], ...] = ()
    recesses: tuple[Recess, ...] = ()
    appeals: str | None = None
    has_ended: bool = False

    def roles_that_may(self, power: Power) -> tuple[Role, ...]:
        return dict(self.powers).get(power, USUAL_POWERS[power])

    @property
    def does_answer(self) -> bool:
        """Whether it answers ideas at all, be it only those that are sent to it."""
        return self.answer_days is not None or not self.remit.is_empty

    @property
    def days(self) -> int:
        return self.answer_days or USUAL_ANSWER_DAYS


@dataclass(frozen=True, slots=True)
class Topic:
    """What a member can follow, whoever hosts it."""

    slug: str
    name: Localised


Office = tuple[str, Role]
"""A role in a body: the body's short name, and the role."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """All bodies together, as they were declared, in that order; also those that have ended. `timezone` is the IANA
    name of the clock by which their days end. Here `members` may be left out of each body."""

    all: tuple[Body, ...] = ()
    holidays: Holidays = field(default=EVERY_DAY)
    timezone: str = "UTC"

    def get(self, slug: str | None) -> Body | None:
        """Also one that has ended."""
        return next((body for body in self.all if body.slug == slug), None)

    @property
    def living(self) -> tuple[Body, ...]:
        return tuple(body for body in self.all if not body.has_ended)

    def name(self, slug: str) -> Localised:
        body = self.get(slug)
        return body.name if body else Localised.of(slug)

    def above(self, slug: str) -> tuple[Body, ...]:
        """The living bodies above it, the nearest first."""
        found: list[Body] = []
        seen, body = {slug}, self.get(slug)
        while body and body.parent and body.parent not in seen:
            seen.add(body.parent)
            body = self.get(body.parent)
            if body and not body.has_ended:
                found.append(body)
        return tuple(found)

    def hears_appeals(self, slug: str) -> Body | None:
        """The body that hears an appeal against this one: as declared, else its parent. At the top it is the body
        itself, which then considers once more."""
        body = self.get(slug)
        named = self.get(body.appeals) if body and body.appeals else None
        if named and not named.has_ended:
            return named
        above = self.above(slug)
        return above[0] if above else (body if body and not body.has_ended else None)

    def may_hear(self, standing: Standing) -> Body | None:
        """The body to which its author may appeal now; None where nobody declined it, or where whoever would hear the
        appeal has heard one already."""
        judge = self.hears_appeals(standing.declined_by) if standing.declined_by else None
        is_open = judge and standing.stage is Stage.DECLINED and judge.slug not in standing.appealed_to
        return judge if is_open else None

    def heir(self, slug: str) -> Body | None:
        """Who answers what was with a body that has ended: the next one up, else the one that answers everything."""
        above = self.above(slug)
        return above[0] if above else next((one for one in self.living if one.remit.everything), None)

    def answering(
        self, consultation: str | None, named: str | None, topics: Iterable[str], said_in: str | None
    ) -> Body | None:
        """Who answers an idea: the body that its consultation names, one that answers this consultation, one that
        answers one of its topics, the body in whose channel it was said if that answers at all, one that answers
        everything; None where none does."""
        wanted, living = set(topics), self.living
        body = next((one for one in living if one.slug == named), None)
        if body is None and consultation:
            body = next((one for one in living if consultation in one.remit.consultations), None)
        if body is None and wanted:
            body = next((one for one in living if wanted.intersection(one.remit.topics)), None)
        if body is None and said_in:
            body = next((one for one in living if one.slug == said_in and one.does_answer), None)
        return body or next((one for one in living if one.remit.everything), None)

    def may(self, offices: Iterable[Office], power: Power, slug: str) -> bool:
        """Whether somebody with these offices may do that for the body."""
        body = self.get(slug)
        return body is not None and any(of == slug and role in body.roles_that_may(power) for of, role in offices)

    def calendar(self, slug: str) -> Calendar:
        body = self.get(slug)
        return Calendar(self.holidays, body.recesses if body else (), self.timezone)

    def due(self, referral: Referral) -> datetime:
        """When the body's time to answer runs out."""
        return self.calendar(referral.body).due(referral.since, referral.days)

    def days_left(self, slug: str, due: datetime, now: datetime) -> int:
        """Days that count for this body until then, 0 on the last; once it is over, the days since, as a negative
        number."""
        return self.calendar(slug).days_left(due, now) if now < due else -1 - (now - due) // ONE_DAY
