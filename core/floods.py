"""Floods: whoever writes faster than anybody could follow is told so once, and the rest is let go by until it is calm.

Seconds are whatever steady count the caller keeps; no clock is read in here. What is counted stays in the memory of one
process, for those alone who wrote last: it is there to keep the others' conversations quick, and no record of anybody.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum

from core.actions import Action
from core.inbound import Commanded, Discussed, Edited, Inbound, Left, Moved, Returned, Submitted
from core.sessions import IDLE, Session
from core.understanding import UNKNOWN, understand

REMEMBERED = 10_000
"""Senders, groups, and deliveries that may come again, of each the latest."""

STOP_AGAIN = 10.0
"""Seconds in which a second STOP in a flood goes by like anything else: the one before has done all that it could."""

_STOP = Action("stop")


class Verdict(Enum):
    """What to do with an inbound. To tell is a turn in its place; what is let go by is acknowledged and not kept."""

    TAKE = "take"
    TELL = "tell"
    LET_GO = "let go"


@dataclass(frozen=True, slots=True)
class Flow:
    """So many at once, and from then on so many a second."""

    at_once: int
    a_second: float


PERSON = Flow(40, 1.0)
"""Somebody in a hurry types or presses twenty times at once and then once a second; a form of thirty buttons pressed
through unread has room as well. More wouldn't be kind: the platforms let us answer about once a second, so whoever has
forty answers coming already waits most of a minute for the last."""

GROUP = Flow(300, 10.0)
"""A hall full of people at their telephones. Slack brings no whole workspace's events faster than eight a second."""


@dataclass(slots=True)
class Level:
    """How much room one sender or group has left, as of then. In a flood until half of the room is back, so that
    whoever goes on at full speed isn't taken every now and then."""

    room: float
    at: float
    is_flooded: bool = False
    was_told: bool = False
    stops_until: float = float("-inf")


class Levels:
    """A level for each of many names."""

    def __init__(self, flow: Flow, most: int = REMEMBERED) -> None:
        self._flow, self._most = flow, most
        self._levels: OrderedDict[object, Level] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def look(self, name: object, now: float) -> Level:
        """The name's level now, nothing counted."""
        level = self._levels.setdefault(name, Level(self._flow.at_once, now))
        self._levels.move_to_end(name)
        while len(self._levels) > self._most:
            self._levels.popitem(last=False)
        level.room = min(self._flow.at_once, level.room + max(0.0, now - level.at) * self._flow.a_second)
        level.at = now
        if level.is_flooded and level.room >= self._flow.at_once / 2:
            level.is_flooded = level.was_told = False
        return level

    def count(self, name: object, now: float) -> Level:
        """The name's level with one more."""
        level = self.look(name, now)
        if level.room < 1:
            level.is_flooded = True
        else:
            level.room -= 1
        return level


class Floods:
    """Judges everything that comes in, before anything is asked of the store."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._people, self._groups, self._most = Levels(PERSON, most), Levels(GROUP, most), most
        self._verdicts: OrderedDict[str, Verdict] = OrderedDict()

    def __len__(self) -> int:
        """How much is remembered."""
        return len(self._people) + len(self._groups) + len(self._verdicts)

    def judge(self, inbound: Inbound, now: float) -> Verdict:
        """A second delivery is judged like the first and isn't counted. Only what was let go by and comes again when it
        is calm (a browser that kept it) is taken as if it were new."""
        before = self._verdicts.get(inbound.key)
        if before and (before is not Verdict.LET_GO or self._is_flooded(inbound, now)):
            return before
        verdict = self._verdicts[inbound.key] = self._judge(inbound, now)
        self._verdicts.move_to_end(inbound.key)
        while len(self._verdicts) > self._most:
            self._verdicts.popitem(last=False)
        return verdict

    def _is_flooded(self, inbound: Inbound, now: float) -> bool:
        if self._people.look(inbound.sender, now).is_flooded:
            return True
        return not inbound.place.private and self._groups.look(_group(inbound), now).is_flooded

    def _judge(self, inbound: Inbound, now: float) -> Verdict:
        if isinstance(inbound.deed, Left | Returned | Moved):
            return Verdict.TAKE
        person = flooded = self._people.count(inbound.sender, now)
        if not person.is_flooded and not inbound.place.private:  # what one person has too much is no fault of the group
            flooded = self._groups.count(_group(inbound), now)
        if not flooded.is_flooded:
            return Verdict.TAKE
        means = understand(inbound, Session(IDLE), ())
        if means == _STOP and now >= person.stops_until:
            person.stops_until = now + STOP_AGAIN
            return Verdict.TAKE
        if flooded.was_told or not _is_said_to_us(inbound, means):
            return Verdict.LET_GO
        flooded.was_told = True
        return Verdict.TELL


def _group(inbound: Inbound) -> tuple[str, str]:
    return inbound.place.account, inbound.place.chat


def _is_said_to_us(inbound: Inbound, means: Action | None) -> bool:
    """Whether somebody waits for our answer to it: not to talk in a channel, or to another bot's command in a group.
    A form is answered where it stands."""
    match inbound.deed:
        case Discussed() | Submitted():
            return False
        case Edited():
            return inbound.place.private
        case Commanded():
            return inbound.place.private or means != UNKNOWN
        case _:
            return True
