"""The options of a prompt in a consultation file: a table of keys and labels, or a list of labels."""

from collections.abc import Iterator

from core.actions import LONGEST as LONGEST_BUTTON
from core.answers import plain
from core.flows.fields import LONGEST_KEY, Languages, find_twins, read_key, read_localised, slug_from
from core.flows.problems import Findings
from core.flows.tree import Node, Row, Table, Word
from core.prompts import Option, PromptKind
from core.texts import Localised, T

MOST_OPTIONS = {PromptKind.ONE: 12, PromptKind.RANK: 12, PromptKind.MANY: 20}
LONGEST_LABEL = 75
"""Slack's limit for the words of a choice."""


def read_options(
    node: Node, kind: PromptKind, slug: str, prompt: str, languages: Languages, findings: Findings
) -> tuple[Option, ...]:
    options: list[Option] = []
    labels: list[tuple[Localised, Node]] = []
    for key, spot, label in keyed_labels(node, languages, findings):
        said = read_localised(label, languages, LONGEST_LABEL, findings)
        button = f"answer:{slug}:{prompt}:{key}"
        if len(button) > LONGEST_BUTTON:
            what = T("“{button}” is too long for a button.", button=button)
            findings.mistake(spot, what, T("Shorten one of its three names."))
        if said:
            options.append(Option(key, said))
            labels.append((said, label))
    for code in dict.fromkeys(code for said, _ in labels for code, _ in said.texts):
        if find_twins([(plain(said.in_language(code)), spot) for said, spot in labels if said.speaks(code)], findings):
            break
    if isinstance(node, Word):
        return ()
    count = len(node.entries if isinstance(node, Table) else node.items)
    if count < 2:
        findings.mistake(node, T("There have to be two options at least."))
    elif count > MOST_OPTIONS[kind]:
        what = T("There can be {most} options at the most; here are {count}.", most=MOST_OPTIONS[kind], count=count)
        findings.mistake(node, what)
    return tuple(options)


def keyed_labels(node: Node, languages: Languages, findings: Findings) -> Iterator[tuple[str, Node, Node]]:
    """Key, where the key stands, and the label. Keys of a list are made from the first words of each label."""
    match node:
        case Word():
            findings.mistake(
                node, T("Options are a table or a list."), T("Write “options: {walk: On foot, bus: Bus}”.")
            )
        case Table(entries):
            for word, label in entries:
                yield read_key(word, findings) or "", word, label
        case Row(labels):
            taken: set[str] = set()
            for number, label in enumerate(labels, 1):
                first = label.entries[0][1] if isinstance(label, Table) and label.entries else label
                key = slug_from(first.text if isinstance(first, Word) else "", "_", LONGEST_KEY) or f"option_{number}"
                if key in taken:
                    key = f"{key[: LONGEST_KEY - 3]}_{number}"
                taken.add(key)
                yield key, label, label
