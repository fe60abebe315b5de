"""Who is in a body and in which role, what a role may do there, and the channels that it sits in."""

import re
from collections.abc import Iterator

from core.bodies import USUAL_POWERS, Power
from core.flows.fields import Fields, find_twins, items, read_word
from core.flows.problems import Findings, Spot, did_you_mean, shown
from core.flows.tree import Node, Row, Table, Word
from core.members import Address, Role
from core.places import Place
from core.texts import Phrase, T

ROLES = tuple(role.value for role in Role)
POWERS = tuple(power.value for power in Power)

_PERSON = re.compile(r"(?P<account>telegram:\d{1,20}|slack:[TE]\w{1,20}|web):(?P<id>[A-Za-z0-9_-]{1,64})", re.ASCII)
_CHANNEL = re.compile(r"(?P<account>telegram:\d{1,20}|slack:[TE]\w{1,20}):(?P<id>-?[A-Za-z0-9]{1,64})", re.ASCII)

Powers = tuple[tuple[Power, tuple[Role, ...]], ...]


def read_members(node: Node | None, findings: Findings) -> Iterator[tuple[Address, Role]]:
    if node is None:
        return
    if not isinstance(node, Table):
        example = T("Write “members: {example}”.", example="{secretary: telegram:123456:987}")
        findings.mistake(node, T("Members stand under their role."), example)
        return
    named: list[tuple[str, Spot]] = []
    for key, people in node.entries:
        role = _role(key, findings)
        for item in items(people):
            found = _match(_PERSON, item, _address_is(), findings)
            if found and role:
                yield Address(found["account"], found["id"]), role
            if found:
                named.append((found[0], item))
    find_twins(named, findings)


def read_powers(node: Node | None, findings: Findings) -> Powers:
    """Only those that aren't as usual."""
    if node is None:
        return ()
    if not isinstance(node, Table):
        example = T("Write “may: {example}”.", example="{answer: [secretary, representative]}")
        findings.mistake(node, T("“may” says which roles may do what."), example)
        return ()
    fields = Fields(node, POWERS, findings)
    named = ((power, fields.get(power.value)) for power in Power)
    powers = ((power, _roles(roles, findings)) for power, roles in named if roles is not None)
    return tuple((power, roles) for power, roles in powers if roles and set(roles) != set(USUAL_POWERS[power]))


def _roles(node: Node, findings: Findings) -> tuple[Role, ...]:
    if isinstance(node, Row) and not node.items:
        findings.mistake(node, T("Nobody is named here."), did_you_mean("", ROLES))
    words = [word for item in items(node) if (word := read_word(item, findings, "secretary"))]
    find_twins(((word.text, word) for word in words), findings)
    return tuple(dict.fromkeys(role for word in words if (role := _role(word, findings))))


def _role(word: Word, findings: Findings) -> Role | None:
    if word.text in ROLES:
        return Role(word.text)
    findings.mistake(word, T("There is no role “{role}”.", role=shown(word.text)), did_you_mean(word.text, ROLES))
    return None


def read_channels(node: Node | None, seen: list[tuple[str, Spot]], findings: Findings) -> Iterator[Place]:
    """Those that were read are noted in `seen`: a channel belongs to one body."""
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
    if word and not found:
        findings.mistake(word, T("“{text}” is no address that I can read.", text=shown(word.text)), example)
    return found
