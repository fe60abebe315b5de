"""The file that declares bodies and topics: names and kinds, who is in them, what they answer and how soon."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from core.bodies import Body, BodyKind, Topic
from core.calendars import EVERY_DAY, Holidays
from core.flows.calendars import read_holidays, read_recesses
from core.flows.fields import Fields, Languages, find_twins, read_languages, read_localised, read_slug
from core.flows.members import read_channels, read_members, read_powers
from core.flows.problems import Checked, Findings, Problem, Spot, closest
from core.flows.remits import Draft, check_together, read_other, read_remit
from core.flows.times import read_days
from core.flows.tree import Node, Row, Table, read_tree
from core.texts import Localised, T

KINDS = tuple(kind.value for kind in BodyKind)
LONGEST_NAME = 100

KEEP_LEAST = 14
"""Days. The weekly budget, and that nobody is asked the same twice, look back at what was sent."""

KEYS = ("languages", "holidays", "keep deliveries", "topics", "bodies")
BODY_KEYS = (
    "name", "parent", "answers", "answers within", "appeals", "may", "recess", "members", "channels",
)  # fmt: skip


class Declared(NamedTuple):
    """What the file says. `deliveries_kept`: days; None for ever."""

    bodies: tuple[Body, ...]
    topics: tuple[Topic, ...]
    holidays: Holidays = EVERY_DAY
    deliveries_kept: int | None = None


def read_bodies(text: str) -> Checked[Declared] | tuple[Problem, ...]:
    """All that the file declares, or its mistakes in the file's order."""
    findings = Findings()
    table = read_tree(text, findings)
    if table is None:
        return findings.mistakes
    fields = Fields(table, KEYS, findings)
    node = fields.get("languages")
    languages = (read_languages(node, findings) if node is not None else None) or Languages()
    holidays = read_holidays(fields.get("holidays"), findings)
    kept = _keeping(fields.get("keep deliveries"), findings)
    slugs: list[tuple[str, Spot]] = []
    topics = tuple(_topics(fields.get("topics"), languages, slugs, findings))
    bodies = tuple(_bodies(fields.get("bodies"), languages, slugs, findings))
    if not slugs and not findings.mistakes:
        findings.mistake(table, T("There is neither a body nor a topic in the file."))
    find_twins(sorted(slugs, key=lambda named: (named[1].line, named[1].column)), findings)
    return findings.mistakes or Checked(Declared(bodies, topics, holidays, kept), findings.doubts)


def _keeping(node: Node | None, findings: Findings) -> int | None:
    days = read_days(node, findings, "90 days") if node is not None else None
    if node is None or days is None or days >= KEEP_LEAST:
        return days
    what = T("Deliveries have to be kept for {days} days at least.", days=KEEP_LEAST)
    findings.mistake(node, what, T("Who was asked lately is known by them."))
    return None


def _topics(
    node: Node | None, languages: Languages, slugs: list[tuple[str, Spot]], findings: Findings
) -> Iterator[Topic]:
    if node is None:
        return
    if not isinstance(node, Table):
        example = T("Write “topics: {example}”.", example="{transport: Getting about}")
        findings.mistake(node, T("Topics are a table of short names and names."), example)
        return
    for key, words in node.entries:
        slug = read_slug(key, findings)
        name = read_localised(words, languages, LONGEST_NAME, findings)
        slugs.append((key.text, key))
        if slug and name:
            yield Topic(slug, name)


def _bodies(
    node: Node | None, languages: Languages, slugs: list[tuple[str, Spot]], findings: Findings
) -> Iterator[Body]:
    if node is None:
        return
    if not isinstance(node, Row):
        example = T("Begin each with “- {kinds}: some-name”.", kinds=" / ".join(KINDS))
        findings.mistake(node, T("“bodies” has to be a list."), example)
        return
    topics = {slug for slug, _ in slugs}
    channels: list[tuple[str, Spot]] = []
    drafts: list[Draft] = []
    for item in node.items:
        if isinstance(item, Table):
            fields = Fields(item, (*KINDS, *BODY_KEYS), findings)
            if body := _body(fields, languages, topics, slugs, channels, findings):
                drafts.append((body, fields))
        else:
            findings.mistake(item, T("A body begins with its kind and short name."), T("Write “- branch: riverside”."))
    find_twins(channels, findings)
    if len([body for body, _ in drafts if body.slug]) == len(node.items):  # else it is the unread ones that are missed
        check_together(drafts, findings)
    yield from (body for body, _ in drafts)


def _body(
    fields: Fields,
    languages: Languages,
    topics: Collection[str],
    slugs: list[tuple[str, Spot]],
    channels: list[tuple[str, Spot]],
    findings: Findings,
) -> Body | None:
    kinds = [key for key, _ in fields.table.entries if key.text in KINDS]
    if not kinds:
        strange = [key.text for key, _ in fields.table.entries if key.text not in BODY_KEYS]
        if not any(closest(key, KINDS) for key in strange):
            example = T("Begin it with “{kinds}: some-name”.", kinds=" / ".join(KINDS))
            findings.mistake(fields.table, T("This body doesn’t say what kind it is."), example)
        return None
    for more in kinds[1:]:
        findings.mistake(more, T("A body has one kind only."), T("It is “{kind}” already.", kind=kinds[0].text))
    slug_node = fields.get(kinds[0].text)
    if slug_node is None:
        return None
    slug = read_slug(slug_node, findings)
    slugs += [(slug, slug_node)] if slug else []
    name_node, within = fields.need("name", "name: Riverside"), fields.get("answers within")
    name = read_localised(name_node, languages, LONGEST_NAME, findings) if name_node is not None else None
    return Body(
        slug=slug or "",
        name=name or Localised.of(""),
        kind=BodyKind(kinds[0].text),
        members=tuple(read_members(fields.get("members"), findings)),
        channels=tuple(read_channels(fields.get("channels"), channels, findings)),
        answer_days=read_days(within, findings) if within is not None else None,
        parent=read_other(fields, "parent", findings),
        remit=read_remit(fields, topics, findings),
        powers=read_powers(fields.get("may"), findings),
        recesses=read_recesses(fields.get("recess"), findings),
        appeals=read_other(fields, "appeals", findings),
    )
