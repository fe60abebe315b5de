"""Which delivery brought which message: told by the platform's id of it, and by the words where no id was recorded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.chaos.record import Arrival, Record, Row

NEVER_AGAIN = frozenset({"nudge", "post"})
UNASKED = frozenset({"nudge", "news"})


@dataclass(slots=True)
class Matched:
    """`brought`: by delivery, what it brought, the last one last; `strays`: what no delivery accounts for."""

    brought: dict[int, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    strays: list[Arrival] = field(default_factory=list)
    unasked: dict[int, list[Arrival]] = field(default_factory=dict)
    """The part of `brought` that nobody had asked for: nudges and news."""


def match(record: Record) -> Matched:
    """A message whose id a row holds is that row's. One whose id was lost is a repeat: of a reply or news, if a row to
    the same person with those words has an attempt to spare; of a nudge, if its row is uncertain and has nothing."""
    matched = Matched()
    rows: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    to: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(record.rows, key=lambda row: row.id):
        to[row.account, row.user].append(row)
        if row.message:
            rows[row.account, row.user, row.message].append(row)
    left = list[Arrival]()
    for arrival in sorted(record.arrivals, key=lambda arrival: arrival.real, reverse=True):
        known = rows.get((arrival.account, arrival.user, arrival.message), [])
        if its := _changed_again(arrival, known, matched) or _last_free(arrival, known, matched):
            matched.brought[its.id].insert(0, arrival)
        else:
            left.append(arrival)
    for arrival in left:
        if found := _repeated(arrival, to[arrival.account, arrival.user], matched):
            matched.brought[found.id].insert(0, arrival)
        else:
            matched.strays.append(arrival)
    quiet = (row.id for row in record.rows if row.priority in UNASKED)
    matched.unasked = {number: matched.brought[number] for number in quiet if matched.brought[number]}
    return matched


def _changed_again(arrival: Arrival, rows: Sequence[Row], matched: Matched) -> Row | None:
    """A change to the same words as the change after it was the same change, tried twice, if its row says so."""
    row = next((row for row in rows if matched.brought[row.id]), None)
    if row is None or not arrival.is_change or row.priority in NEVER_AGAIN:
        return None
    brought = matched.brought[row.id]
    return row if brought[0].text == arrival.text and len(brought) < row.attempts else None


def _last_free(arrival: Arrival, rows: Sequence[Row], matched: Matched) -> Row | None:
    row = next((row for row in reversed(rows) if not matched.brought[row.id]), None)
    return row if row and (not row.text or row.text == arrival.text) else None


def _repeated(arrival: Arrival, rows: Iterable[Row], matched: Matched) -> Row | None:
    fits = [row for row in rows if _may_have_brought(row, arrival, matched.brought[row.id])]
    return min(fits, key=lambda row: not matched.brought[row.id], default=None)


def _may_have_brought(row: Row, arrival: Arrival, brought: list[Arrival]) -> bool:
    if row.priority in NEVER_AGAIN:
        return row.state == "uncertain" and not brought and (not row.text or row.text == arrival.text)
    if len(brought) >= row.attempts:
        return False
    return brought[-1].text == arrival.text if brought else row.state != "sent"
