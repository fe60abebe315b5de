"""Standings: what may follow what in a story, and where an idea stands after all of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.stories import Entry, EntryKind, Rule


class Stage(StrEnum):
    BEGUN = "begun"
    RECEIVED = "received"  # nobody has it yet
    WAITING = "waiting"  # a body has it, and its time runs
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MERGED = "merged"
    ADOPTED = "adopted"
    CARRIED_OUT = "carried-out"
    NOT_CARRIED_OUT = "not-carried-out"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    CLOSED = "closed"
    ERASED = "erased"


class About(StrEnum):
    """What a body is to answer: the idea, or its author's appeal against its being hidden."""

    IDEA = "idea"
    HIDING = "hiding"


@dataclass(frozen=True, slots=True)
class Referral:
    """An idea that is with a body: since when, and how many days it has. `number`: the entry that brought it."""

    body: str
    since: datetime
    days: int
    number: int
    is_appeal: bool = False
    seen: bool = False
    silent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an idea is after all of its story. `with_body`: who is to answer; `contest`: who is to answer the appeal
    against its being hidden. `declined_by` declined it last; `appealed_to` have heard, or hear, its author's appeal.
    `has_contested`: the hiding that stands was appealed against, which can be done once, and `awaits_judgement` yet."""

    stage: Stage = Stage.BEGUN
    since: datetime | None = None
    with_body: Referral | None = None
    contest: Referral | None = None
    is_hidden: bool = False
    rule: Rule | None = None
    part_of: str | None = None
    parts: tuple[str, ...] = ()
    declined_by: str | None = None
    appealed_to: tuple[str, ...] = ()
    has_contested: bool = False
    awaits_judgement: bool = False
    has_asked: bool = False


_START, _LIVE = frozenset({Stage.BEGUN}), frozenset({Stage.RECEIVED, Stage.WAITING})
_WAITING = frozenset({Stage.WAITING})
_STANDING = frozenset(Stage) - {Stage.BEGUN, Stage.ERASED}

MAY_FOLLOW: dict[EntryKind, frozenset[Stage]] = {
    EntryKind.SAID: _START,
    EntryKind.CONFIRMED: _START,
    EntryKind.ACKNOWLEDGED: _START,
    EntryKind.COMPOSED: _START,
    EntryKind.SENT: frozenset({Stage.RECEIVED}),
    EntryKind.EDITED: _LIVE,
    EntryKind.REPLIED: _WAITING,
    EntryKind.APPEALED: frozenset({Stage.DECLINED}),
    EntryKind.OBJECTED: frozenset({Stage.MERGED}),
    EntryKind.CONTESTED: _STANDING,
    EntryKind.WITHDRAWN: _LIVE,
    EntryKind.HEARD: frozenset({Stage.CLOSED, Stage.MERGED}),
    EntryKind.SILENT: _STANDING,
    EntryKind.MOVED: _STANDING,
    EntryKind.CLOSED: frozenset({Stage.DECLINED, Stage.CARRIED_OUT, Stage.NOT_CARRIED_OUT}),
    EntryKind.ERASED: frozenset(Stage) - {Stage.ERASED},
    EntryKind.SEEN: _WAITING,
    EntryKind.CONSIDERED: _WAITING,
    EntryKind.ASKED: _WAITING,
    EntryKind.ACCEPTED: _WAITING,
    EntryKind.DECLINED: _WAITING,
    EntryKind.PASSED: _WAITING,
    EntryKind.NOT_OURS: _WAITING,
    EntryKind.ADOPTED: _WAITING | {Stage.ACCEPTED},
    EntryKind.CARRIED_OUT: frozenset({Stage.ACCEPTED, Stage.ADOPTED}),
    EntryKind.NOT_CARRIED_OUT: frozenset({Stage.ACCEPTED, Stage.ADOPTED}),
    EntryKind.JOINED: _LIVE,
    EntryKind.LEFT: _STANDING - {Stage.UNDONE},
    EntryKind.MERGED: _WAITING,
    EntryKind.SEPARATED: frozenset({Stage.MERGED}),
    EntryKind.UNDONE: _LIVE,
    EntryKind.HIDDEN: _STANDING,
    EntryKind.RESTORED: _STANDING,
    EntryKind.UPHELD: _STANDING,
    EntryKind.REDACTED: _STANDING,
}
"""The stages at which an entry of each kind may be added."""

_LEADS_TO: dict[EntryKind, Stage] = {
    EntryKind.ACKNOWLEDGED: Stage.RECEIVED,
    EntryKind.COMPOSED: Stage.RECEIVED,
    EntryKind.ACCEPTED: Stage.ACCEPTED,
    EntryKind.DECLINED: Stage.DECLINED,
    EntryKind.PASSED: Stage.RECEIVED,
    EntryKind.NOT_OURS: Stage.RECEIVED,
    EntryKind.MOVED: Stage.RECEIVED,
    EntryKind.MERGED: Stage.MERGED,
    EntryKind.SEPARATED: Stage.RECEIVED,
    EntryKind.OBJECTED: Stage.RECEIVED,
    EntryKind.ADOPTED: Stage.ADOPTED,
    EntryKind.CARRIED_OUT: Stage.CARRIED_OUT,
    EntryKind.NOT_CARRIED_OUT: Stage.NOT_CARRIED_OUT,
    EntryKind.WITHDRAWN: Stage.WITHDRAWN,
    EntryKind.UNDONE: Stage.UNDONE,
    EntryKind.CLOSED: Stage.CLOSED,
    EntryKind.ERASED: Stage.ERASED,
}
"""Where the idea stands after it, where no body has it next; kinds that aren't here change nothing of that."""

_BRINGS = frozenset(
    {EntryKind.SENT, EntryKind.ACCEPTED, EntryKind.PASSED, EntryKind.NOT_OURS, EntryKind.MOVED, EntryKind.APPEALED}
    | {EntryKind.OBJECTED, EntryKind.SEPARATED}
)
"""What can bring an idea to the body that is `next`."""

ANSWERS = frozenset(
    {EntryKind.ACCEPTED, EntryKind.DECLINED, EntryKind.PASSED, EntryKind.NOT_OURS, EntryKind.ADOPTED, EntryKind.MERGED}
)
"""What a body can answer an idea that is with it."""

_ENDS_REFERRAL = ANSWERS | {EntryKind.MOVED, EntryKind.WITHDRAWN, EntryKind.UNDONE, EntryKind.ERASED}
_ABOUT_HIDING = frozenset({EntryKind.CONTESTED, EntryKind.RESTORED, EntryKind.UPHELD})


class IllegalEntry(ValueError):
    """An entry that can't follow where the idea stands. Turns ask `may_follow` first, and refuse with a sentence."""

    def __init__(self, kind: EntryKind, stage: Stage) -> None:
        super().__init__(f"an entry “{kind}” can't be added to a story that stands at “{stage}”")


@dataclass(frozen=True, slots=True)
class Effect:
    """What an entry does beside being read. `stage`: where the idea stands from then on; None: as before. `ends`,
    `opens`, `silences`: the referral, about the idea or about its being hidden, that it ends, begins, or is late."""

    stage: Stage | None = None
    ends: About | None = None
    opens: About | None = None
    silences: About | None = None
    is_hidden: bool | None = None


def effect(entry: Entry) -> Effect:
    kind = entry.kind
    about = About.HIDING if kind in _ABOUT_HIDING or (kind is EntryKind.SILENT and entry.rule) else About.IDEA
    match kind:
        case EntryKind.SILENT:
            return Effect(silences=about)
        case EntryKind.CONTESTED:
            return Effect(opens=about if entry.next else None)
        case EntryKind.RESTORED:
            return Effect(ends=about, is_hidden=False)
        case EntryKind.UPHELD:
            return Effect(ends=about)
        case EntryKind.HIDDEN:
            return Effect(is_hidden=True)
        case EntryKind.MOVED if entry.rule:
            return Effect(ends=About.HIDING, opens=About.HIDING if entry.next else None)
        case _:
            ends = about if kind in _ENDS_REFERRAL else None
            if entry.next and kind in _BRINGS:
                return Effect(Stage.WAITING, ends, opens=about)
            return Effect(_LEADS_TO.get(kind), ends)


def may_follow(standing: Standing, kind: EntryKind) -> bool:
    if standing.stage not in MAY_FOLLOW[kind]:
        return False
    match kind:
        case EntryKind.HIDDEN:
            return not standing.is_hidden
        case EntryKind.CONTESTED:
            return standing.is_hidden and not standing.has_contested
        case EntryKind.RESTORED:
            return standing.is_hidden
        case EntryKind.UPHELD:
            return standing.is_hidden and standing.awaits_judgement
        case EntryKind.SILENT:
            return any(r is not None and r.silent_at is None for r in (standing.with_body, standing.contest))
        case EntryKind.MOVED:
            return standing.with_body is not None or standing.contest is not None
        case EntryKind.REPLIED:
            return standing.has_asked
        case _:
            return True


def after(standing: Standing, entry: Entry, number: int) -> Standing:
    """`number` counts the story's entries from 1. Total: what was recorded is read, whatever it is."""
    does = effect(entry)
    now = standing
    if does.ends is About.IDEA:
        now = replace(now, with_body=None, has_asked=False)
    if does.ends is About.HIDING or entry.kind is EntryKind.ERASED:
        now = replace(now, contest=None)
    if does.opens and entry.next:
        is_appeal = entry.kind in (EntryKind.APPEALED, EntryKind.CONTESTED)
        opened = Referral(entry.next, entry.at, entry.days or 0, number, is_appeal)
        now = replace(now, contest=opened) if does.opens is About.HIDING else replace(now, with_body=opened)
    if does.silences is About.IDEA and now.with_body:
        now = replace(now, with_body=replace(now.with_body, silent_at=entry.at))
    if does.silences is About.HIDING and now.contest:
        now = replace(now, contest=replace(now.contest, silent_at=entry.at))
    if does.is_hidden is not None:
        rule = entry.rule if does.is_hidden else None
        now = replace(now, is_hidden=does.is_hidden, rule=rule, has_contested=False, awaits_judgement=False)
    if does.stage is not None:
        now = replace(now, stage=does.stage, since=entry.at)
    return _after_the_rest(now, entry)


def _after_the_rest(now: Standing, entry: Entry) -> Standing:
    match entry.kind:
        case EntryKind.SEEN | EntryKind.CONSIDERED if now.with_body:
            return replace(now, with_body=replace(now.with_body, seen=True))
        case EntryKind.ASKED:
            return replace(now, has_asked=True)
        case EntryKind.REPLIED:
            return replace(now, has_asked=False)
        case EntryKind.DECLINED:
            return replace(now, declined_by=entry.body)
        case EntryKind.APPEALED if entry.next:
            return replace(now, appealed_to=(*now.appealed_to, entry.next))
        case EntryKind.CONTESTED:
            return replace(now, has_contested=True, awaits_judgement=True)
        case EntryKind.UPHELD:
            return replace(now, awaits_judgement=False)
        case EntryKind.MERGED:
            return replace(now, part_of=entry.other)
        case EntryKind.SEPARATED | EntryKind.OBJECTED:
            return replace(now, part_of=None)
        case EntryKind.JOINED if entry.other:
            return replace(now, parts=(*now.parts, entry.other))
        case EntryKind.LEFT:
            return replace(now, parts=tuple(part for part in now.parts if part != entry.other))
        case EntryKind.UNDONE:
            return replace(now, parts=())
        case _:
            return now


def stand(story: Iterable[Entry]) -> Standing:
    """Where an idea stands after its whole story."""
    standing = Standing()
    for number, entry in enumerate(story, 1):
        standing = after(standing, entry, number)
    return standing
