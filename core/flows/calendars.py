"""Days on which no time runs, as people write them into a file: public holidays, days of their own, and recesses."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from core.calendars import EVERY_DAY, LONGEST_PAUSE, ONE_DAY, Holidays, Recess
from core.flows.fields import Fields, items, read_word
from core.flows.problems import Findings, closest, shown
from core.flows.tree import Node, Row, Table, Word
from core.regions import is_region, parts_of, regions_by_name
from core.texts import Phrase, T

_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?: *(?:to|until|–|-) *(\d{4}-\d\d-\d\d))?", re.ASCII)
_DAY, _SPAN = "2026-12-24", "2026-12-21 to 2027-01-03"


def read_holidays(node: Node | None, findings: Findings) -> Holidays:
    """A region, days of one's own, or both: as a list, or as a table that says which is which."""
    regions: Iterable[Node] = ()
    days: Iterable[Node] = ()
    match node:
        case None:
            return EVERY_DAY
        case Table():
            fields = Fields(node, ("region", "days"), findings)
            region_node, days_node = fields.get("region"), fields.get("days")
            regions = () if region_node is None else (region_node,)
            days = () if days_node is None else items(days_node)
        case Word() | Row():
            named = items(node)
            days = [item for item in named if not isinstance(item, Word) or item.text[:1].isdigit()]
            regions = [item for item in named if item not in days]
    found = [region for item in regions if (region := _region(item, findings))]
    for more in list(regions)[1:]:
        findings.mistake(more, T("There can be the holidays of one region only."), T("Name other days by their dates."))
    own = {day for recess in _spans(days, findings) for day in _each_day(recess)}
    return Holidays(found[0] if found else None, tuple(sorted(own)))


def read_recesses(node: Node | None, findings: Findings) -> tuple[Recess, ...]:
    return tuple(_spans(items(node), findings)) if node is not None else ()


def _spans(nodes: Iterable[Node], findings: Findings) -> Iterator[Recess]:
    for node in nodes:
        if found := _span(node, findings):
            yield found


def _span(node: Node, findings: Findings) -> Recess | None:
    """One day, or all from one to another."""
    word = read_word(node, findings, _SPAN)
    if word is None:
        return None
    parts = _DAYS.fullmatch(word.text)
    if not parts:
        example = T("Write it as “{example}”, or “{other}”.", example=_DAY, other=_SPAN)
        findings.mistake(word, T("“{text}” is no day that I can read.", text=shown(word.text)), example)
        return None
    days = [_day(text, word, findings) for text in parts.groups() if text]
    first, last = days[0], days[-1]
    if first is None or last is None:
        return None
    if last < first:
        findings.mistake(word, T("It would end before it begins."), T("Write it as “{example}”.", example=_SPAN))
        return None
    if last - first >= LONGEST_PAUSE:
        findings.mistake(word, T("That is longer than a year, and no time stands still for so long."))
        return None
    return Recess(first, last)


def _day(text: str, at: Word, findings: Findings) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day and 1990 <= day.year <= 2200:
        return day
    example = T("Write it as “{example}”.", example=_DAY)
    findings.mistake(at, T("There is no such day as “{text}”.", text=text), example)
    return None


def _each_day(recess: Recess) -> Iterator[date]:
    return (recess.first + n * ONE_DAY for n in range((recess.last - recess.first).days + 1))


def _region(node: Node, findings: Findings) -> str | None:
    word = read_word(node, findings, "holidays: GB-WLS")
    if word is None or is_region(word.text):
        return word.text if word else None
    findings.mistake(word, T("I know no public holidays of “{name}”.", name=shown(word.text)), _meant(word.text))
    return None


def _meant(name: str) -> Phrase:
    """By its code in other letters, by what it is called, or by what is spelt nearly so."""
    code, by_name = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-"), regions_by_name()
    near = code if is_region(code) else by_name.get(name.casefold())
    country, _, part = code.partition("-")
    if near is None and (parts := parts_of(country)):
        known = closest(part, [one.partition("-")[2] for one in parts])
        near = f"{country}-{known}" if known else country
    if near is None and (called := closest(name, by_name)):
        near = by_name[called]
    if near:
        return T("Did you mean “{word}”?", word=near)
    return T("Write “{example}”, or “{other}” for a part of a country.", example="GB", other="GB-WLS")
