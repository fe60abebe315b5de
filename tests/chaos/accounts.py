"""The accounts of a run: each counts something over the whole record, and names whatever does not add up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from signal import SIGTERM
from zoneinfo import ZoneInfo

from core.nudges import Manners, out_of_quiet
from tests.chaos.matching import NEVER_AGAIN, Matched, match
from tests.chaos.record import Arrival, Person, Posting, Record

IN_FLIGHT = 1.0
"""Seconds before a message reaches the platform within which it was judged and on its way: who says STOP in these isn't
wronged by it."""

FINAL = frozenset({"sent", "failed", "expired", "suppressed", "uncertain"})
ENDS_WITHIN = 10.0
ENDS_WITH = (0, -SIGTERM)
"""A web server that was told to stop hands the signal on once it is done."""

UNWRITTEN = Manners()


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    counted: str
    offenders: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        return not self.offenders

    @property
    def line(self) -> str:
        if self.is_settled:
            return f"settled      {self.name}: {self.counted}"
        return f"NOT SETTLED  {self.name}: {self.counted}; but {'; '.join(self.offenders)}"


def settle(record: Record, usual_zone: str) -> tuple[Account, ...]:
    matched = match(record)
    every: tuple[Callable[[Record, Matched], Account], ...] = (
        acknowledged, answers, ideas, goings, stories, final, once, received, invited,
        lambda record, matched: quiet(record, matched, usual_zone), after_stop, limits, waited, logs, endings,
    )  # fmt: skip
    return tuple(account(record, matched) for account in every)


# --- the way in
def acknowledged(record: Record, _: Matched) -> Account:
    """Each inbound that was answered 2xx is on disk, and in the end each was answered so."""
    taken = [posting for posting in record.postings if posting.acknowledged is not None]
    lost = [f"{one.key} was acknowledged and isn't stored" for one in taken if one.key not in record.keys]
    never = [f"{one.key} was never acknowledged: {one.statuses[-3:]}" for one in _must_come_again(record)]
    twice = sum(one.statuses.count(200) > 1 for one in taken)
    again = sum(any(not 200 <= status < 300 for status in one.statuses) for one in taken)
    counted = f"{len(taken)} inbounds acknowledged, {again} of them after trouble, {twice} more than once"
    return Account("acknowledged is stored", counted, (*lost, *never))


def _must_come_again(record: Record) -> Iterable[Posting]:
    """Slack leaves a press that failed to the person; everything else is posted until it is taken."""
    return (one for one in record.postings if one.acknowledged is None and not one.may_fail)


def answers(record: Record, _: Matched) -> Account:
    """Each answer that was acknowledged is there once, and the last one given is the latest."""
    given: dict[tuple[str, str], list[Posting]] = defaultdict(list)
    kept: dict[tuple[str, str], list[str]] = defaultdict(list)
    latest: dict[tuple[str, str], list[str]] = defaultdict(list)
    for posting in _of(record, "answer"):
        given[posting.user, posting.about].append(posting)
    for answer in record.answers:
        kept[answer.user, answer.about].append(answer.value)
        if answer.is_latest:
            latest[answer.user, answer.about].append(answer.value)
    offenders = []
    for whose in {*given, *kept}:
        sure = [one for one in given[whose] if one.acknowledged is not None]
        name = f"{whose[1]} of {whose[0]}"
        if not len(sure) <= len(kept[whose]) <= len(given[whose]):
            offenders.append(f"{name} was given {len(sure)} times and is kept {len(kept[whose])} times")
        if len(latest[whose]) != bool(kept[whose]):
            offenders.append(f"{name} has {len(latest[whose])} latest answers")
        elif sure and sure == given[whose] and latest[whose] != [sure[-1].words]:
            offenders.append(f"{name} is {latest[whose][0]!r} and not {sure[-1].words!r}")
    return Account("answers", f"{sum(map(len, kept.values()))} kept of {len(kept)} prompts", tuple(offenders))


def ideas(record: Record, _: Matched) -> Account:
    """Each idea put forward is there once, with one code, which its author was told; each new wording stands once."""
    said, offenders = Counter(one.texts[0] for one in record.ideas), list[str]()
    by_text = {one.texts[0]: one for one in record.ideas}
    untold: dict[str, list[str]] = defaultdict(list)
    for text, count in said.items():
        if count > 1:
            offenders.append(f"“{text}” is {count} ideas")
    for posting in _of(record, "idea"):
        idea = by_text.get(posting.words)
        if idea is None:
            if posting.acknowledged is not None:
                offenders.append(f"“{posting.words}” ({posting.key}) is no idea")
            continue
        if idea.user != posting.user:
            offenders.append(f"{idea.code} is not {posting.user}'s, but {idea.user}'s")
        if not any(idea.code in one.text for one in record.arrivals if one.user == posting.user):
            untold[posting.user].append(idea.code)
    for user, codes in untold.items():
        if len(codes) > _undelivered(record, user):
            offenders.append(f"{user} was never told {', '.join(codes)}")
    worded = Counter(text for one in record.ideas for text in one.texts[1:])
    for posting in _of(record, "edit"):
        if posting.acknowledged is not None and worded[posting.words] != 1:
            offenders.append(f"“{posting.words}” ({posting.key}) stands {worded[posting.words]} times")
    strange = set(said) - {one.words for one in _of(record, "idea")}
    offenders += [f"nobody said “{text}”" for text in strange]
    if len({one.code for one in record.ideas}) != len(record.ideas):
        offenders.append("a code was given twice")
    return Account("ideas", f"{len(record.ideas)} ideas, {len(_of(record, 'edit'))} new wordings", tuple(offenders))


def goings(record: Record, _: Matched) -> Account:
    """Who agreed has agreed; who said STOP and didn't come back has stopped."""
    offenders = []
    for person in record.people:
        done = [one for one in record.postings if one.user == person.user and one.acknowledged is not None]
        if any(one.what == "consent" for one in done) and not person.has_consented:
            offenders.append(f"{person.user} agreed, which isn't known")
        moves = [one.what for one in done if one.what in ("stop", "return")]
        if moves and (moves[-1] == "stop") != person.has_stopped:
            offenders.append(f"{person.user} did {moves[-1]} last, but has_stopped is {person.has_stopped}")
    stopped = sum(person.has_stopped for person in record.people)
    return Account("coming and going", f"{len(record.people)} people, {stopped} stopped", tuple(offenders))


def stories(record: Record, _: Matched) -> Account:
    """The whole ledger computed anew agrees with what is stored, nothing waits, and `verify` says so too."""
    offenders = [*record.findings, *([record.verified] if record.verified else [])]
    if record.unsealed:
        offenders.append(f"{record.unsealed} entries are not sealed")
    return Account("stories whole and sealed", f"{len(record.ideas)} stories", tuple(offenders))


# --- the way out
def final(record: Record, _: Matched) -> Account:
    """Everything planned is in exactly one final state."""
    states = Counter(row.state for row in record.rows)
    offenders = [
        f"delivery {row.id} ({row.priority} to {row.user}) is {row.state}, not before {row.not_before}: {row.why}"
        for row in record.rows
        if row.state not in FINAL
    ]
    counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return Account("one final state each", f"{len(record.rows)} planned: {counted}", tuple(offenders))


def once(record: Record, matched: Matched) -> Account:
    """Nothing reached anybody twice, but for replies and news that were tried again, each as often as its row says."""
    rows = {row.id: row for row in record.rows}
    repeated = sum(len(brought) - 1 for brought in matched.brought.values() if brought)
    offenders = [
        f"delivery {number} (a {rows[number].priority}) arrived {len(brought)} times"
        for number, brought in matched.brought.items()
        if len(brought) > 1 and rows[number].priority in NEVER_AGAIN
    ]
    offenders += [f"“{one.text[:50]}” reached {one.user} with no delivery for it" for one in matched.strays]
    uncertain = sum(row.state == "uncertain" for row in record.rows)
    counted = f"{len(record.arrivals)} messages arrived, {repeated} were repeats after a failure, {uncertain} uncertain"
    return Account("nothing twice", counted, tuple(offenders))


def received(record: Record, matched: Matched) -> Account:
    """What is called sent did arrive; what is neither sent nor uncertain has an attempt for each time that it did."""
    there = {(one.account, one.user, one.message) for one in record.arrivals}
    sent = [row for row in record.rows if row.state == "sent" and row.message]
    offenders = [
        f"delivery {row.id} ({row.priority} to {row.user}) is called sent"
        for row in sent
        if (row.account, row.user, row.message) not in there
    ]
    return Account("sent has arrived", f"{len(sent)} called sent", tuple(offenders))


def invited(record: Record, matched: Matched) -> Account:
    """Whoever had agreed before a broadcast was ordered has a delivery of it, or had left before it was planned."""
    offenders, owed = [], 0
    for broadcast in record.broadcasts:
        if not broadcast.is_planned:
            offenders.append(f"broadcast {broadcast.id} was never wholly planned")
        if broadcast.kind != "invitation":
            continue
        rows = {row.member: row for row in record.rows if row.broadcast == broadcast.id}
        arrived = (one.real for row in rows.values() for one in matched.brought.get(row.id, ()))
        planned_by = min(arrived, default=float("inf"))
        for person in record.people:
            if not _had_agreed(record, person, record.ordered.get(broadcast.id, 0.0)):
                continue
            owed += 1
            if person.id not in rows and not _left_by(record, person.user, broadcast.consultation, planned_by):
                offenders.append(f"{person.user} was owed broadcast {broadcast.id} and has no delivery of it")
    unexplained = [row for row in record.rows if row.state in ("suppressed", "failed", "uncertain") and not row.why]
    offenders += [f"delivery {row.id} is {row.state} and doesn't say why" for row in unexplained]
    return Account("invited, or told why not", f"{owed} invitations owed", tuple(offenders))


def _had_agreed(record: Record, person: Person, before: float) -> bool:
    return any(
        one.user == person.user and one.what == "consent" and (one.acknowledged or before) < before
        for one in record.postings
    )


def _left_by(record: Record, user: str, consultation: str, moment: float) -> bool:
    """They left, or had answered it, before its planning was over at the latest."""
    return any(
        one.user == user
        and one.posted < moment
        and (one.what in ("stop", "left") or one.about.startswith(f"{consultation}/"))
        for one in record.postings
    )


def quiet(record: Record, matched: Matched, usual_zone: str) -> Account:
    """Nothing that nobody asked for came at night, on the clock of whoever got it."""
    rows, zones = {row.id: row for row in record.rows}, {one.user: one.zone for one in record.people}
    offenders, counted = [], 0
    for number, arrival in _unasked(matched):
        counted += 1
        zone = zones.get(arrival.user) or usual_zone
        if all(_is_night(shown, zone) for shown in arrival.shown):
            at = arrival.shown[-1].astimezone(ZoneInfo(zone))
            offenders.append(f"delivery {number} ({rows[number].priority}) came to {arrival.user} at {at:%H:%M:%S}")
    return Account("none at night", f"{counted} nudges and news", tuple(offenders))


def _is_night(instant: datetime, zone: str) -> bool:
    return out_of_quiet(instant, zone, UNWRITTEN) > instant


def _unasked(matched: Matched) -> Sequence[tuple[int, Arrival]]:
    return [(number, one) for number, brought in matched.unasked.items() for one in brought]


def after_stop(record: Record, matched: Matched) -> Account:
    """None after STOP: it was acknowledged more than a moment before the platform was asked to carry the message."""
    rows = {row.id: row for row in record.rows}
    offenders, stops = [], 0
    for posting in _of(record, "stop"):
        if posting.acknowledged is None:
            continue
        stops += 1
        later = (one.posted for one in record.postings if one.user == posting.user and one.posted > posting.posted)
        until = min((at for at in later if at > posting.acknowledged), default=float("inf"))
        for number, arrival in _unasked(matched):
            if arrival.user == posting.user and posting.acknowledged + IN_FLIGHT < arrival.real < until:
                late = arrival.real - posting.acknowledged
                kind = rows[number].priority
                offenders.append(f"delivery {number} ({kind}) reached {arrival.user} {late:.2f} s after STOP")
    return Account("none after STOP", f"{stops} said STOP", tuple(offenders))


def limits(record: Record, _: Matched) -> Account:
    return Account("no limit broken", f"{len(record.arrivals)} messages", record.earned)


# --- people and processes
def waited(record: Record, _: Matched) -> Account:
    people = len({one.user for one in record.postings})
    return Account("nobody waited in vain", f"{people} people", record.unheard)


def logs(record: Record, _: Matched) -> Account:
    kinds = Counter(record.tracebacks)
    offenders = tuple(f"{count} times {last}" for last, count in kinds.items())
    return Account("no fault in any log", f"{len(record.tracebacks)} tracebacks", offenders)


def endings(record: Record, _: Matched) -> Account:
    offenders = [
        f"{one.role} ended with {one.code} after {one.seconds:.1f} s"
        for one in record.endings
        if one.code not in ENDS_WITH or one.seconds > ENDS_WITHIN
    ]
    slowest = max((one.seconds for one in record.endings), default=0.0)
    counted = f"{len(record.endings)} told to stop, the slowest took {slowest:.1f} s"
    return Account("ends when told to", counted, tuple(offenders))


def _of(record: Record, what: str) -> list[Posting]:
    return [one for one in record.postings if one.what == what]


def _undelivered(record: Record, user: str) -> int:
    """Replies that could not be said to somebody, and whose rows say so."""
    return sum(
        row.user == user and row.priority == "reply" and row.state in ("failed", "uncertain") for row in record.rows
    )
