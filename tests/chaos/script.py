"""The script of a run, made from its seed alone before anything starts: who does what when, and what goes wrong when.

Every `at` counts seconds of real time from the moment at which the chaos begins.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = "Europe/London"
ZONES = ("", "", "", "Europe/Berlin", "America/New_York", "Australia/Sydney")
"""Where members say that they live; the empty ones say nothing."""

EVES = (date(2027, 3, 27), date(2027, 10, 30))
"""The days before the clocks change in London."""

BACK = -3.0


class Deed(StrEnum):
    JOIN = "joins"
    TAKE = "goes through the consultation"
    HALF = "says STOP half-way"
    IDEA = "says an idea"
    EDIT = "changes its words"
    STOP = "says STOP"
    RETURN = "comes back"
    BLOCK = "blocks the bot"
    UNBLOCK = "lets it in again"
    FLOOD = "says much at once"
    ANSWER = "answers the invitation"
    DECLINE = "declines an idea"
    OPEN = "opens the consultation for everybody"
    AGAIN = "invites everybody again"


class Blow(StrEnum):
    KILL_WEB = "kill -9 web"
    KILL_WORKER = "kill -9 worker"
    KILL_SENDING = "kill -9 whoever sends, in the middle of it"
    DEPLOY = "SIGTERM, and a fresh process"
    STORE_KILLED = "PostgreSQL killed"
    STORE_PAUSED = "PostgreSQL paused"
    STORE_LOCKED = "another process holds the write lock"
    STORE_FULL = "the file can't grow"
    SLOW_DOWN = "429"
    FAULT = "500"
    HANG = "no answer for a while, then none at all"
    DROP_AFTER = "accepted, and the answer dropped"
    DROP_BEFORE = "dropped before it was accepted"
    CLOCK = "the clock shifted"


PLATFORM = (Blow.SLOW_DOWN, Blow.FAULT, Blow.HANG, Blow.DROP_AFTER, Blow.DROP_BEFORE)
OF_POSTGRES = (Blow.KILL_WEB, Blow.KILL_WORKER, Blow.KILL_SENDING, Blow.DEPLOY, Blow.STORE_KILLED, Blow.STORE_PAUSED)
OF_SQLITE = (Blow.KILL_WEB, Blow.KILL_SENDING, Blow.DEPLOY, Blow.STORE_LOCKED, Blow.STORE_FULL)


@dataclass(frozen=True, slots=True)
class Act:
    at: float
    deed: Deed
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one member does, one thing after the other. `early`: has joined before the chaos begins. `twice`: how many
    of a hundred updates the platform posts twice at once."""

    number: int
    acts: tuple[Act, ...]
    zone: str = ""
    early: bool = True
    in_slack: bool = False
    twice: int = 0

    @property
    def user(self) -> str:
        return f"U{self.number}" if self.in_slack else str(self.number)


@dataclass(frozen=True, slots=True)
class Calamity:
    """`lasts`: seconds until who was killed is started again, a lock is let go; `times`: calls that go wrong; `by`:
    seconds that the clock is moved."""

    at: float
    blow: Blow
    lasts: float = 0.0
    times: int = 0
    by: float = 0.0
    which: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    seed: int
    database: str
    begins: datetime
    lasts: float
    parts: tuple[Part, ...]
    calamities: tuple[Calamity, ...]
    reminds: bool

    def lines(self) -> Iterator[str]:
        begins = self.begins.astimezone(ZoneInfo(LONDON))
        yield f"seed {self.seed} on {self.database}: {len(self.parts)} people, from {begins:%d %B %Y %H:%M} in London"
        for at, what in sorted(self._what()):
            yield f"  {at:5.1f} s  {what}"

    def _what(self) -> Iterator[tuple[float, str]]:
        for part in self.parts:
            for act in part.acts:
                yield act.at, " ".join([part.user, act.deed, *act.choices])
        for one in self.calamities:
            more = [f"for {one.lasts:.1f} s"] if one.lasts else []
            more += [f"{one.times} times"] if one.times else []
            more += [f"by {timedelta(seconds=one.by)}" if one.by >= 0 else f"back by {timedelta(seconds=-one.by)}"] * (
                one.by != 0
            )
            yield one.at, " ".join(["!", one.blow, *more])


def write_script(seed: int, database: str, *, short: bool = False) -> Script:
    dice = random.Random(f"{database} {seed}")
    lasts = 4.0 if short else 12.0
    begins = _begins(dice)
    people = [_member(dice, 1001 + number, lasts, early=number < 3) for number in range(5 if short else 16)]
    people += [] if short else [_in_slack(dice, number, lasts) for number in (1, 2)]
    ordered = dice.uniform(0.5, lasts / 2)
    again = [Act(dice.uniform(ordered + 3, lasts), Deed.AGAIN)] if dice.random() < 0.4 and not short else []
    organiser = Part(900, (Act(ordered, Deed.OPEN), *again))
    secretary = Part(901, () if short else (Act(dice.uniform(2, lasts), Deed.DECLINE),))
    calamities = _short_calamities(dice, database) if short else _calamities(dice, database, lasts, ordered)
    if not short:
        calamities += _shifts(dice, begins, lasts)
    return Script(
        seed, database, begins, lasts, (organiser, secretary, *people),
        tuple(sorted(calamities, key=lambda one: one.at)), reminds=not short and dice.random() < 0.5,
    )  # fmt: skip


def _begins(dice: random.Random) -> datetime:
    eve = dice.choice(EVES)
    at = time(dice.choice((10, 15, 19, 20)), dice.randrange(10, 50))
    return datetime.combine(eve, at, ZoneInfo(LONDON)).astimezone(UTC)


# --- people
def _member(dice: random.Random, number: int, lasts: float, *, early: bool) -> Part:
    early = early or dice.random() < 0.7
    joins = 0.0 if early else dice.uniform(0, lasts / 3)
    acts = [] if early else [Act(joins, Deed.JOIN)]
    plots: tuple[Sequence[Deed], ...] = (
        (Deed.TAKE, Deed.ANSWER),
        (Deed.TAKE, Deed.IDEA, Deed.EDIT),
        (Deed.HALF,),
        (Deed.HALF, Deed.RETURN, Deed.IDEA),
        (Deed.STOP,),
        (Deed.STOP, Deed.RETURN, Deed.TAKE),
        (Deed.BLOCK, Deed.UNBLOCK, Deed.IDEA),
        (Deed.BLOCK,),
        (Deed.FLOOD, Deed.IDEA),
        (Deed.IDEA, Deed.IDEA, Deed.EDIT),
        (Deed.IDEA, Deed.STOP),
        (),
    )
    times = sorted(dice.uniform(joins, lasts) for _ in range(3))
    acts += [_act(dice, at, deed) for at, deed in zip(times, dice.choice(plots), strict=False)]
    return Part(number, tuple(acts), dice.choice(ZONES), early, twice=dice.choice((0, 20, 60)))


def _in_slack(dice: random.Random, number: int, lasts: float) -> Part:
    deeds = dice.choice(((Deed.TAKE,), (Deed.IDEA, Deed.STOP), (Deed.TAKE, Deed.STOP, Deed.RETURN)))
    times = sorted(dice.uniform(0, lasts) for _ in deeds)
    acts = tuple(_act(dice, at, deed) for at, deed in zip(times, deeds, strict=True))
    return Part(number, acts, in_slack=True, twice=30)


def _act(dice: random.Random, at: float, deed: Deed) -> Act:
    match deed:
        case Deed.TAKE | Deed.HALF:
            return Act(at, deed, (dice.choice(("Trees", "Benches", "Paths")), dice.choice(("Slow", "Fast"))))
        case Deed.ANSWER:
            return Act(at, deed, (dice.choice(("North", "South")),))
        case _:
            return Act(at, deed)


# --- calamities
def _calamities(dice: random.Random, database: str, lasts: float, ordered: float) -> list[Calamity]:
    blows = OF_POSTGRES if database == "postgres" else OF_SQLITE
    drawn = [dice.choice(blows) for _ in range(4)] + [dice.choice(PLATFORM) for _ in range(4)]
    found = [_calamity(dice, dice.uniform(0.5, lasts), blow) for blow in drawn]
    found.append(_calamity(dice, ordered + dice.uniform(0, 2), Blow.KILL_SENDING))
    found.append(_calamity(dice, ordered + dice.uniform(0, 3), dice.choice(PLATFORM)))
    return found


def _short_calamities(dice: random.Random, database: str) -> list[Calamity]:
    cut = Blow.STORE_KILLED if database == "postgres" else Blow.STORE_LOCKED
    return [
        replace(_calamity(dice, 0.8, Blow.KILL_SENDING), lasts=0.3),
        replace(_calamity(dice, 2.5, cut), lasts=0.8),
        _calamity(dice, 1.5, dice.choice((Blow.SLOW_DOWN, Blow.DROP_BEFORE))),
    ]


def _calamity(dice: random.Random, at: float, blow: Blow) -> Calamity:
    which = dice.randrange(100)
    match blow:
        case Blow.SLOW_DOWN | Blow.FAULT | Blow.DROP_AFTER | Blow.DROP_BEFORE:
            return Calamity(at, blow, times=dice.randint(1, 3), which=which)
        case Blow.HANG:
            return Calamity(at, blow, lasts=dice.uniform(1, 4), times=1, which=which)
        case _:
            return Calamity(at, blow, lasts=dice.uniform(0.2, 3), which=which)


def _shifts(dice: random.Random, begins: datetime, lasts: float) -> list[Calamity]:
    """Into the evening's quiet hours, over the change of the clocks, out of the night; once, perhaps, put right by some
    seconds back."""
    local = begins.astimezone(ZoneInfo(LONDON))
    day, next_day = local.date(), local.date() + timedelta(days=1)
    evening, night = (time(20, 59, 56), time(23, 30)), (time(0, 59, 58), time(3), time(7, 59, 57))
    aims = [datetime.combine(day, at, ZoneInfo(LONDON)) for at in evening]
    aims += [datetime.combine(next_day, at, ZoneInfo(LONDON)) for at in night]
    aims = sorted(dice.sample(aims, dice.randint(1, 3)))
    times = sorted(dice.uniform(1, lasts) for _ in aims)
    found, shifted = list[Calamity](), 0.0
    for at, aim in zip(times, aims, strict=True):
        by = (aim - begins).total_seconds() - at - shifted
        if by > 0:
            found.append(Calamity(at, Blow.CLOCK, by=round(by, 3)))
            shifted += by
    if dice.random() < 0.5:
        found.append(Calamity(dice.uniform(1, lasts), Blow.CLOCK, by=BACK))
    return found
