"""The file that declares bodies and topics: names, kinds, members by address, channels, and how soon they answer."""

import re
from collections.abc import Iterator

from core.bodies import Body, BodyKind, Topic
from core.flows.fields import (
    Fields,
    Languages,
    find_twins,
    items,
    read_languages,
    read_localised,
    read_slug,
    read_word,
)
from core.flows.problems import Checked, Findings, Problem, Spot, closest, did_you_mean, shown
from core.flows.times import read_days
from core.flows.tree import Node, Row, Table, Word, read_tree
from core.members import Address, Role
from core.places import Place
from core.texts import Localised, Phrase, T

Declared = tuple[tuple[Body, ...], tuple[Topic, ...]]

KINDS = tuple(kind.value for kind in BodyKind)
ROLES = tuple(role.value for role in Role)
LONGEST_NAME = 100

_KEYS = ("languages", "topics", "bodies")
_BODY_KEYS = (*KINDS, "name", "members", "channels", "answers within")
_PERSON = re.compile(r"(?P<account>telegram:\d{1,20}|slack:[TE]\w{1,20}|web):(?P<id>[A-Za-z0-9_-]{1,64})", re.ASCII)
_CHANNEL = re.compile(r"(?P<account>telegram:\d{1,20}|slack:[TE]\w{1,20}):(?P<id>-?[A-Za-z0-9]{1,64})", re.ASCII)


def read_bodies(text: str) -> Checked[Declared] | tuple[Problem, ...]:
    """Bodies and topics, or the file's mistakes in its order."""
    findings = Findings()
    table = read_tree(text, findings)
    if table is None:
        return findings.mistakes
    fields = Fields(table, _KEYS, findings)
    node = fields.get("languages")
    languages = (read_languages(node, findings) if node is not None else None) or Languages()
    slugs: list[tuple[str, Spot]] = []
    topics = tuple(_topics(fields.get("topics"), languages, slugs, findings))
    bodies = tuple(_bodies(fields.get("bodies"), languages, slugs, findings))
    if not slugs and not findings.mistakes:
        findings.mistake(table, T("There is neither a body nor a topic in the file."))
    find_twins(sorted(slugs, key=lambda named: (named[1].line, named[1].column)), findings)
    return findings.mistakes or Checked((bodies, topics), findings.doubts)


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
    channels: list[tuple[str, Spot]] = []
    for item in node.items:
        if isinstance(item, Table):
            body = _body(Fields(item, _BODY_KEYS, findings), languages, slugs, channels, findings)
            if body:
                yield body
        else:
            findings.mistake(item, T("A body begins with its kind and short name."), T("Write “- branch: riverside”."))
    find_twins(channels, findings)


def _body(
    fields: Fields,
    languages: Languages,
    slugs: list[tuple[str, Spot]],
    channels: list[tuple[str, Spot]],
    findings: Findings,
) -> Body | None:
    kinds = [key for key, _ in fields.table.entries if key.text in KINDS]
    if not kinds:
        if not any(closest(key.text, KINDS) for key, _ in fields.table.entries if key.text not in _BODY_KEYS):
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
        members=tuple(_members(fields.get("members"), findings)),
        channels=tuple(_channels(fields.get("channels"), channels, findings)),
        answer_days=read_days(within, findings) if within is not None else None,
    )


def _members(node: Node | None, findings: Findings) -> Iterator[tuple[Address, Role]]:
    if node is None:
        return
    if not isinstance(node, Table):
        example = T("Write “members: {example}”.", example="{secretary: telegram:123456:987}")
        findings.mistake(node, T("Members stand under their role."), example)
        return
    named: list[tuple[str, Spot]] = []
    for role, people in node.entries:
        if role.text not in ROLES:
            findings.mistake(
                role, T("There is no role “{role}”.", role=shown(role.text)), did_you_mean(role.text, ROLES)
            )
        for item in items(people):
            found = _match(_PERSON, item, _address_is(), findings)
            if found and role.text in ROLES:
                yield Address(found["account"], found["id"]), Role(role.text)
            if found:
                named.append((found[0], item))
    find_twins(named, findings)


def _channels(node: Node | None, seen: list[tuple[str, Spot]], findings: Findings) -> Iterator[Place]:
    for item in items(node) if node is not None else ():
        example = T("Write “{example}”, or “{other}”.", example="slack:TEAM:CHANNEL", other="telegram:BOT:GROUP")
        if found := _match(_CHANNEL, item, example, findings):
            seen.append((found[0], item))
            yield Place(found["account"], found["id"], private=False)


def _address_is() -> Phrase:
    examples = ("telegram:BOT:USER", "slack:TEAM:USER", "web:USER")
    return T("Write “{example}”, “{other}” or “{third}”.", example=examples[0], other=examples[1], third=examples[2])


def _match(pattern: re.Pattern[str], node: Node, example: Phrase, findings: Findings) -> re.Match[str] | None:
    word = read_word(node, findings, "telegram:123456:987")
    found = pattern.fullmatch(word.text) if word else None
    if isinstance(word, Word) and not found:
        findings.mistake(word, T("“{text}” is no address that I can read.", text=shown(word.text)), example)
    return found
