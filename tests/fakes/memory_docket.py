"""The docket in memory: what bodies have to answer and how they did, read off the stories."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from statistics import median

from core.ideas import Idea
from core.members import Address, Role
from core.places import Place
from core.queues import Moderated, Open, Tally
from core.standings import About, Stage
from core.stories import Entry, EntryKind
from tests.fakes.memory_state import Memory
from tests.fakes.memory_stories import Case, cases, open_cases

DONE = (Stage.CARRIED_OUT, Stage.NOT_CARRIED_OUT)
YES = (EntryKind.ACCEPTED, EntryKind.ADOPTED)


class MemoryDocket:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def running(self, now: datetime) -> tuple[Open, ...]:
        return self._read(
            case
            for case in self._open()
            if case.referral.silent_at is None and case.referral.since + timedelta(days=case.referral.days) <= now
        )

    async def adrift(self) -> tuple[Open, ...]:
        ended = {body.slug for body in self._memory.bodies.values() if body.has_ended}
        return self._read(case for case in self._open() if case.referral.body in ended)

    async def to_close(self, declined_before: datetime) -> tuple[Idea, ...]:
        found = []
        for idea in self._memory.ideas.values():
            now = idea.standing
            if now.since is None:
                continue
            if now.stage in DONE or (now.stage is Stage.DECLINED and now.since < declined_before):
                found.append((now.since, idea))
        return tuple(idea for _, idea in sorted(found, key=lambda one: one[0]))

    async def waiting_for(self, body: str) -> tuple[Open, ...]:
        return self._read(case for case in self._open() if case.referral.body == body)

    async def tallies(self) -> tuple[Tally, ...]:
        by_body: dict[str, list[Case]] = {}
        for idea in self._memory.ideas.values():
            for case in cases(idea):
                if case.about is About.IDEA:
                    by_body.setdefault(case.referral.body, []).append(case)
        return tuple(self._tally(body, by_body[body]) for body in sorted(by_body))

    def _tally(self, body: str, theirs: list[Case]) -> Tally:
        answered = [case for case in theirs if case.answer]
        unanswered = [case for case in theirs if not case.answer]
        silent = [case for case in unanswered if case.referral.silent_at]
        in_time = [case for case in answered if not case.referral.silent_at]
        waiting = [case for case in unanswered if not case.referral.silent_at and not case.ended_at]
        days = [(case.ended_at - case.referral.since) / timedelta(days=1) for case in answered if case.ended_at]
        heard = Counter(entry.score for entry in self._heard(body) if entry.score is not None)
        return Tally(
            body,
            sent=len(answered) + len(silent) + len(waiting),
            in_time=len(in_time),
            late=len(answered) - len(in_time),
            silent=len(silent),
            accepted=sum(case.answer in YES for case in answered),
            declined=sum(case.answer is EntryKind.DECLINED for case in answered),
            median_days=median(days) if days else None,
            heard=dict(heard),
        )

    def _heard(self, body: str) -> list[Entry]:
        return [one for one in self._entries() if one.kind is EntryKind.HEARD and one.body == body]

    async def opinions(self, body: str, limit: int) -> tuple[Entry, ...]:
        shown = [idea for idea in self._memory.ideas.values() if not idea.standing.is_hidden]
        heard = [one for idea in shown for one in idea.story if one.kind is EntryKind.HEARD and one.body == body]
        return tuple(sorted(heard, key=lambda entry: entry.at, reverse=True)[:limit])

    async def moderated(self) -> Moderated:
        entries = list(self._entries())
        hidden = Counter(one.rule for one in entries if one.kind is EntryKind.HIDDEN and one.rule)
        redacted = Counter(one.rule for one in entries if one.kind is EntryKind.REDACTED and one.rule)
        appeals = [case for idea in self._memory.ideas.values() for case in cases(idea) if case.about is About.HIDING]
        return Moderated(
            dict(hidden),
            dict(redacted),
            contested=sum(one.kind is EntryKind.CONTESTED for one in entries),
            restored=sum(case.answer is EntryKind.RESTORED for case in appeals),
            upheld=sum(case.answer is EntryKind.UPHELD for case in appeals),
        )

    async def channels(self) -> tuple[Place, ...]:
        living = {body.slug for body in self._memory.bodies.values() if not body.has_ended}
        sits = sorted(where for where, (body, _) in self._memory.channels.items() if body in living)
        return tuple(Place(account, chat, private=False) for account, chat in sits)

    async def officers(self, body: str, roles: Collection[Role]) -> tuple[Address, ...]:
        found = self._memory.bodies.get(body)
        rows = self._memory.addresses
        gone = {who for who, row in rows.items() if row.gone_at is not None}
        return tuple(dict.fromkeys(w for w, role in found.members if role in roles and w not in gone)) if found else ()

    def _open(self) -> list[Case]:
        return [case for idea in self._memory.ideas.values() for case in open_cases(idea)]

    def _entries(self) -> Iterable[Entry]:
        return (entry for idea in self._memory.ideas.values() for entry in idea.story)

    def _read(self, found: Iterable[Case]) -> tuple[Open, ...]:
        longest_first = sorted(found, key=lambda case: case.referral.since)
        stories = self._memory.ideas
        return tuple(Open(one.idea, one.about, one.referral, len(stories[one.idea].story)) for one in longest_first)
