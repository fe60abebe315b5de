"""Acts: what somebody in office can do about an idea: in which seat, and the entry that it is written down as. In chat
and at the desk alike."""

from dataclasses import dataclass
from datetime import datetime

from core.authority import Authority
from core.bodies import Bodies, Body, Office, Power
from core.events import Event, StoryContinued, WordsRedacted
from core.handovers import Handover
from core.ideas import Idea
from core.members import Member, Role
from core.standings import About, effect, may_follow
from core.stories import Entry, EntryKind, Rule
from core.texts import Phrase, T
from core.turns.seats import Officer, Seat, answers_for, is_late, judges, moderates, reports_on, sits

REPORTS = frozenset({EntryKind.ADOPTED, EntryKind.CARRIED_OUT, EntryKind.NOT_CARRIED_OUT})
JUDGED = frozenset({EntryKind.RESTORED, EntryKind.UPHELD})
MODERATION = frozenset({EntryKind.HIDDEN, EntryKind.REDACTED}) | JUDGED


@dataclass(frozen=True, slots=True)
class InOffice:
    """An officer who isn't in a chat: at the desk, say."""

    authority: Authority
    now: datetime

    @property
    def member(self) -> Member:
        return self.authority.member

    @property
    def offices(self) -> frozenset[Office]:
        return self.authority.offices

    @property
    def bodies(self) -> Bodies:
        return self.authority.bodies


def answering(officer: Officer, idea: Idea) -> Seat | None:
    """The seat in which they may answer it."""
    referral = idea.standing.with_body
    return answers_for(officer, referral) if referral else None


def routing(officer: Officer, _: Idea) -> Seat | None:
    """Who sends on what no body has."""
    return Seat(Role.ORGANISER) if officer.authority.organises_all else None


def judging(officer: Officer, idea: Idea) -> Seat | None:
    """Whoever judges the appeal; where there is none, or its judge gives way, whoever moderates."""
    return judges(officer, idea) or moderates(officer, idea)


def seat_for(officer: Officer, idea: Idea, kind: EntryKind) -> Seat | None:
    """In which they could write such an entry into its story, as far as offices go."""
    match kind:
        case EntryKind.SENT:
            return routing(officer, idea)
        case _ if kind in JUDGED:
            return judging(officer, idea)
        case _ if kind in MODERATION:
            return moderates(officer, idea)
        case _ if kind in REPORTS:
            return reports_on(officer, idea)
        case _:
            return answering(officer, idea)


def talking(officer: Officer, idea: Idea, runs: frozenset[str] = frozenset()) -> Seat | None:
    """In which they may talk with its author themselves: whoever answers for a body that has or had it, and organisers
    of what they see. `runs`: the consultations that they run."""
    if idea.author is None or idea.is_erased:
        return None
    concerned = [slug for entry in reversed(idea.story) for slug in (entry.next, entry.body) if slug]
    if answers := next((seat for slug in concerned if (seat := sits(officer, Power.ANSWER, slug))), None):
        return answers
    if officer.authority.organises_all:
        return Seat(Role.ORGANISER)
    own = next((slug for slug in concerned if officer.authority.organises(slug)), None)
    if own is None and idea.consultation in runs:
        own = next((slug for slug, role in sorted(officer.offices) if role is Role.ORGANISER), None)
    return Seat(Role.ORGANISER, own) if own else None


def may_hear(officer: Officer, handover: Handover) -> bool:
    """What was said in it: whoever led it, who answers for the body that they led it for, and who organises that. A
    body that the idea comes to later wasn't who its author talked with."""
    body, authority = handover.body, officer.authority
    is_own = handover.officer == officer.member.id
    return is_own or authority.answers_for(body) or authority.organises(body or None)


def may_read(officer: Officer, idea: Idea) -> bool:
    """The words of an idea also while they are hidden: who answers it, moderates it, or judges its author's appeal."""
    return any(seat_on(officer, idea) is not None for seat_on in (answering, judging))


def open_to(officer: Officer, idea: Idea, kind: EntryKind) -> Seat | None:
    """The seat in which they may do that now; None where it isn't open to them, or to anybody."""
    if not may_follow(idea.standing, kind) or barred(officer, idea, kind):
        return None
    return seat_for(officer, idea, kind)


def barred(officer: Officer, idea: Idea, kind: EntryKind) -> Phrase | None:
    """Why nobody in their place could do that about it, whatever their office."""
    if kind is EntryKind.ASKED and idea.author is None:
        return T("It has no single author who could be asked.")
    if kind is EntryKind.RESTORED and idea.author == officer.member.id:
        return T("It is your own idea, so somebody else has to decide that.")
    if kind is EntryKind.REDACTED and not idea.text:
        return T("Its words were erased.")
    return None


def entry_of(
    officer: Officer,
    seat: Seat,
    kind: EntryKind,
    *,
    reason: str | None = None,
    to: Body | None = None,
    rule: Rule | None = None,
    text: str | None = None,
) -> Entry:
    """`to`: where it goes next. What isn't a body's matter goes to the one above, where there is one."""
    if kind is EntryKind.NOT_OURS:
        to = next(iter(officer.bodies.above(seat.body)), None)
    return Entry(
        kind, officer.now, text=text, reason=reason, body=seat.body or None, by=seat.by,
        next=to.slug if to else None, days=to.days if to else None, rule=rule,
    )  # fmt: skip


def write_down(officer: Officer, idea: Idea, *entries: Entry) -> list[Event]:
    """The entries, in order. Where a body’s time had run out and nobody said so yet, that is said first: late is
    late."""
    if entries[0].kind is EntryKind.REDACTED:
        return [WordsRedacted(idea.code, entries[0], len(idea.story))]
    does, now = effect(entries[0]), idea.standing
    referral = {About.IDEA: now.with_body, About.HIDING: now.contest, None: None}[does.ends]
    if referral and referral.silent_at is None and is_late(officer, referral):
        rule = now.rule if does.ends is About.HIDING else None
        entries = (Entry(EntryKind.SILENT, officer.now, body=referral.body, rule=rule), *entries)
    return [StoryContinued(idea.code, entry, len(idea.story) + n) for n, entry in enumerate(entries)]
