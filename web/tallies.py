"""Tallies: how each body has done, as rows of the board, as JSON and as CSV. The fields are told in docs/board.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.bodies import Bodies, BodyKind
from core.codebooks import LICENCE_URL
from core.queues import Moderated, Tally
from core.stories import Rule
from core.texts import Localised, Phrase, T
from web.spreadsheets import lines

ENOUGH_TO_SHOW = 3
"""Answers to “were you heard?” from which on their mean and their words are shown: one or two are somebody's own."""

KINDS: dict[BodyKind, Phrase] = {
    BodyKind.BRANCH: T("branch"),
    BodyKind.SOCIETY: T("society"),
    BodyKind.COMMISSION: T("commission"),
    BodyKind.COMMITTEE: T("committee"),
}
_NUMBERS = ("sent", "in_time", "late", "silent", "waiting", "accepted", "declined")


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a bar, in hundredths of its length."""

    name: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Row:
    slug: str
    name: Localised
    kind: Phrase | None
    has_ended: bool
    tally: Tally

    @property
    def was_due(self) -> int:
        """Answered, or late and not answered."""
        return self.tally.in_time + self.tally.late + self.tally.silent

    @property
    def heard_by(self) -> int:
        return sum(self.tally.heard.values())

    @property
    def mean_heard(self) -> float | None:
        return self.tally.mean_heard if self.heard_by >= ENOUGH_TO_SHOW else None

    @property
    def shares(self) -> list[Share]:
        """Of all that were sent: answered in time, late, silent, waiting; those that there are."""
        found, start = [], 0.0
        for name in ("in_time", "late", "silent", "waiting"):
            if many := getattr(self.tally, name):
                length = 100 * many / self.tally.sent
                found.append(Share(name, round(start, 2), round(length, 2)))
                start += length
        return found


def row(slug: str, bodies: Bodies, tallies: Iterable[Tally]) -> Row:
    """Also for a body to which nothing was sent."""
    body = bodies.get(slug)
    tally = next((one for one in tallies if one.body == slug), Tally(slug))
    return Row(slug, bodies.name(slug), KINDS[body.kind] if body else None, body is None or body.has_ended, tally)


def rows(bodies: Bodies, tallies: Iterable[Tally]) -> list[Row]:
    """The bodies to which anything was sent, as they were declared."""
    known, found = [body.slug for body in bodies.all], list(tallies)
    order = {slug: place for place, slug in enumerate(known)}
    found.sort(key=lambda tally: (order.get(tally.body, len(order)), tally.body))
    return [row(tally.body, bodies, found) for tally in found]


def board_json(board: Iterable[Row], moderated: Moderated) -> Mapping[str, object]:
    return {
        "license": LICENCE_URL,
        "bodies": [_row_json(one) for one in board],
        "moderation": {
            "hidden": _by_rule(moderated.hidden),
            "redacted": _by_rule(moderated.redacted),
            "contested": moderated.contested,
            "restored": moderated.restored,
            "upheld": moderated.upheld,
        },
    }


def _row_json(one: Row) -> Mapping[str, object]:
    return {
        "body": one.slug,
        "name": dict(one.name.texts),
        "has_ended": one.has_ended,
        **{name: getattr(one.tally, name) for name in _NUMBERS},
        "median_days": _rounded(one.tally.median_days),
        "heard_answers": one.heard_by,
        "heard_mean": _rounded(one.mean_heard),
    }


def _by_rule(counted: Mapping[Rule, int]) -> Mapping[str, int]:
    return {rule.value: counted.get(rule, 0) for rule in Rule}


def board_csv(board: Iterable[Row]) -> str:
    """The same of each body, its name in the language in which it is written first."""
    head = ["body", "name", "has_ended", *_NUMBERS, "median_days", "heard_answers", "heard_mean"]
    return lines([head, *map(_row_csv, board)])


def _row_csv(one: Row) -> list[str | float | None]:
    name = one.name.texts[0][1] if one.name.texts else one.slug
    numbers = [getattr(one.tally, name) for name in _NUMBERS]
    heard = [one.heard_by, _rounded(one.mean_heard)]
    return [one.slug, name, one.has_ended, *numbers, _rounded(one.tally.median_days), *heard]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
