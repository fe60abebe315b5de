"""Notices: what those who answer for a body are told of a morning, and what channels are given of the record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.actions import action
from core.bodies import Bodies, Body
from core.ideas import Idea
from core.ledger.seals import Seal
from core.outbound import Button, Say, Tone, say
from core.queues import Open
from core.standings import About
from core.telling import left
from core.texts import TN, Lines, T, Words
from core.timekeeping import Dues, Morning
from core.turns.ideas import short

EARLY = 7
"""Days before its time runs out from which a body is reminded of an idea, every morning. Where the body had little
time to begin with, it is a quarter of that, but never less than a day."""

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Item:
    """Something that waits for the body, with the days that it has left; less than 0, by so many days it is late."""

    open: Open
    days_left: int

    @property
    def is_late(self) -> bool:
        return self.days_left < 0

    @property
    def is_urgent(self) -> bool:
        return self.days_left <= min(EARLY, max(1, self.open.referral.days // 4))


@dataclass(frozen=True, slots=True)
class Notice:
    """A body's morning. `items`: all that waits, the most urgent first; `new` of them came since the last morning.
    `late_below`: bodies right below that let time run out since then, and for how many ideas."""

    body: Body
    items: tuple[Item, ...] = ()
    new: int = 0
    late_below: tuple[tuple[str, int], ...] = ()

    @property
    def ideas(self) -> int:
        return _ideas(item.open for item in self.items)

    @property
    def late(self) -> int:
        return _ideas(item.open for item in self.items if item.is_late)

    @property
    def most_urgent(self) -> tuple[Item, ...]:
        return self.items[:MOST_NAMED]


def below(body: str, bodies: Bodies) -> tuple[Body, ...]:
    """Those of which this one is the next body up."""
    return tuple(one for one in bodies.living if [up.slug for up in bodies.above(one.slug)][:1] == [body])


def notice(
    body: Body,
    waiting: Iterable[Open],
    waiting_below: Iterable[Open],
    bodies: Bodies,
    morning: Morning,
    now: datetime,
) -> Notice | None:
    """What there is to say; None where nothing is new, urgent or late. What came since the morning waits."""
    items = _items([one for one in waiting if one.referral.since <= morning.at], bodies, now)
    new = _ideas(item.open for item in items if morning.is_news(item.open.referral.since))
    late: dict[str, set[str]] = {}
    for one in waiting_below:
        if morning.is_news(one.referral.silent_at):
            late.setdefault(one.referral.body, set()).add(one.idea)
    if not (new or late or any(item.is_urgent for item in items)):
        return None
    return Notice(body, items, new, tuple((slug, len(ideas)) for slug, ideas in late.items()))


def _items(waiting: Iterable[Open], bodies: Bodies, now: datetime) -> tuple[Item, ...]:
    """Those with the least time first."""
    dues = Dues(bodies)
    timed = sorted(((dues.of(one), one) for one in waiting), key=lambda pair: pair[0])
    days = {key: bodies.days_left(*key, now) for key in {(one.referral.body, due) for due, one in timed}}
    return tuple(Item(one, days[one.referral.body, due]) for due, one in timed)


def _ideas(opens: Iterable[Open]) -> int:
    return len({one.idea for one in opens})


# --- in words
def tell(told: Notice, ideas: Mapping[str, Idea], bodies: Bodies) -> Say:
    """To somebody who answers for the body, alone."""
    named: list[Words] = [_named(item, ideas.get(item.open.idea)) for item in told.most_urgent]
    return _say(told, bodies, Lines(tuple(named)) if named else "")


def tell_channel(told: Notice, bodies: Bodies) -> Say:
    """To all who sit in its channel: how much waits, and not what."""
    return _say(told, bodies)


def _say(told: Notice, bodies: Bodies, *named: Words) -> Say:
    silent: list[Words] = [
        TN(
            "{body} didn’t answer {count} idea in time.",
            "{body} didn’t answer {count} ideas in time.",
            count,
            body=bodies.name(slug),
        )
        for slug, count in told.late_below
    ]
    is_one = told.ideas + sum(count for _, count in told.late_below) == 1
    label = T("Answer it") if is_one else T("Answer them")
    answer = Button(label, action("queue", told.body.slug), tone=Tone.PRIMARY)
    return say(Lines(tuple(_counts(told))), *named, Lines(tuple(silent)), title=told.body.name, buttons=[[answer]])


def _counts(told: Notice) -> list[Words]:
    many, new, late = told.ideas, told.new, told.late
    if not many:
        return []
    if late == many:
        return [
            TN(
                "{count} idea waits for an answer and is late.",
                "{count} ideas wait for an answer, and all are late.",
                many,
            )
        ]
    if new == many:
        return [TN("{count} new idea waits for an answer.", "{count} new ideas wait for an answer.", many)]
    counts: list[Words] = [TN("{count} idea waits for an answer.", "{count} ideas wait for an answer.", many)]
    if new:
        counts.append(TN("{count} of them is new.", "{count} of them are new.", new))
    if late:
        counts.append(TN("{count} of them is late.", "{count} of them are late.", late))
    return counts


def _named(item: Item, idea: Idea | None) -> Words:
    code, time = item.open.idea, left(item.days_left)
    if item.open.about is About.HIDING:
        return T("{code} (appeal against hiding, {left})", code=code, left=time)
    if idea is None or idea.standing.is_hidden or not idea.text:
        return T("{code} ({left})", code=code, left=time)
    return T("{code}: “{text}” ({left})", code=code, text=short(idea.text), left=time)


def tell_seal(seal: Seal, public_url: str) -> Say:
    """To every channel that takes part: outside the server's power, so that rewriting the past would be seen."""
    return say(
        TN(
            "Seal of the record: {count} entry, root {root}, {time}.",
            "Seal of the record: {count} entries, root {root}, {time}.",
            seal.size,
            root=seal.root.hex(),
            time=seal.at,
        ),
        T("Keep this message: with it anybody can check that nothing was changed or removed."),
        T("All seals: {link}", link=f"{public_url}/seals") if public_url else "",
    )
