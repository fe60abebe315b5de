"""Authority: what somebody may see and do at the desk, by the offices that they hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.bodies import Bodies, Office, Power
from core.consultations import Audience, Consultation
from core.ideas import Idea
from core.members import Member, Role

_AT_THE_DESK = frozenset({Role.ORGANISER, Role.SECRETARY})


@dataclass(frozen=True, slots=True)
class Authority:
    """`organises_all`: an organiser of the whole organisation. Whoever organises a body organises those below it, too,
    and nothing beside it. Made with `of`, which knows when that is all."""

    member: Member
    organises_all: bool = False
    offices: frozenset[Office] = frozenset()
    bodies: Bodies = field(default=Bodies())

    @classmethod
    def of(cls, member: Member, offices: frozenset[Office], bodies: Bodies) -> "Authority":
        """Whoever organises the one body above all others organises the whole."""
        theirs = {slug for slug, role in offices if role is Role.ORGANISER}
        tops = {(bodies.above(body.slug) or (body,))[-1].slug for body in bodies.living}
        is_top = len(tops) == 1 and tops <= theirs
        return cls(member, member.is_organiser or is_top, offices, bodies)

    @property
    def has_desk(self) -> bool:
        return self.organises_all or any(role in _AT_THE_DESK for _, role in self.offices)

    @property
    def scope(self) -> frozenset[str] | None:
        """The bodies that they organise; None for the whole organisation."""
        if self.organises_all:
            return None
        own = {slug for slug, role in self.offices if role is Role.ORGANISER}
        below = {body.slug for body in self.bodies.living if own & {one.slug for one in self.bodies.above(body.slug)}}
        return frozenset(own | below)

    @property
    def is_organiser(self) -> bool:
        """Of anything."""
        return self.scope is None or bool(self.scope)

    def organises(self, body: str | None) -> bool:
        scope = self.scope
        return scope is None or (body is not None and body in scope)

    def may_ask(self, audience: Audience) -> bool:
        """Whether everybody whom it asks is of a body that they organise."""
        scope = self.scope
        return scope is None or bool(audience.bodies and not audience.topics and scope.issuperset(audience.bodies))

    def may_run(self, consultation: Consultation) -> bool:
        """See it before it opens, change it, broadcast it, read its answers, close it."""
        return self.may_ask(consultation.audience)

    def runs(self, consultations: Iterable[Consultation]) -> frozenset[str]:
        return frozenset(one.slug for one in consultations if self.may_run(one))

    def answers_for(self, body: str | None) -> bool:
        return body is not None and self.bodies.may(self.offices, Power.ANSWER, body)

    def moderates(self, body: str | None) -> bool:
        if self.organises_all:
            return True
        return body is not None and self.bodies.may(self.offices, Power.MODERATE, body)

    @property
    def concerns(self) -> frozenset[str] | None:
        """The bodies whose ideas they see: those that they organise or answer for; None for all."""
        scope = self.scope
        return None if scope is None else scope | {slug for slug, _ in self.offices if self.answers_for(slug)}

    def sees(self, idea: Idea, runs: Iterable[str] = ()) -> bool:
        """`runs`: the consultations that they run. Ideas that are, or were, with a body of theirs, and what was said in
        a consultation of theirs."""
        concerns = self.concerns
        if concerns is None or (idea.consultation is not None and idea.consultation in runs):
            return True
        return any({entry.body, entry.next} & concerns for entry in idea.story)
