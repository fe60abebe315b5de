"""Reading YAML, event by event, into a tree."""

import re
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from core.flows.problems import Findings, shown
from core.flows.tree import LARGEST_FILE, UNWRITABLE, Node, Row, Table, Word
from core.texts import Phrase, T

_DEEPEST = 12
_MOST_EVENTS = 10_000
_TABBED = re.compile(r"^ *\t", re.MULTILINE)


def parse(text: str, findings: Findings) -> Table | None:
    """As `core.flows.tree.read_tree`."""
    size = len(text.encode(errors="replace"))
    if size > LARGEST_FILE:
        most = T("It may have {most} KB.", most=LARGEST_FILE // 1024)
        findings.mistake(Word("", 1, 1), T("The file is too large."), most)
        return None
    if tab := _TABBED.search(text):
        spaces = T("Use spaces to indent: two for each step.")
        findings.mistake(_spot(text, tab.end() - 1), T("There is a tab before the first word of this line."), spaces)
        return None
    try:
        tree = _grow(YAML(typ="safe", pure=True).parse(text), findings)
    except ReaderError as error:
        findings.mistake(_spot(text, error.position), T("There is a character here that can’t be kept."))
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = Word("", mark.line + 1, mark.column + 1) if mark else Word("", 1, 1)
        findings.mistake(spot, *_in_plain_words(error))
        return None
    except (YAMLError, ValueError, ArithmeticError, AssertionError, LookupError):  # all seen on hostile files
        findings.mistake(Word("", 1, 1), T("This is not YAML that we can read."))
        return None
    if tree is None or isinstance(tree, Table):
        return tree
    findings.mistake(tree, T("The file has to be a list of keys and values."), T("Begin with “consultation: …”."))
    return None


def _spot(text: str, position: int) -> Word:
    before = text[:position]
    return Word("", before.count("\n") + 1, position - before.rfind("\n"))


def _grow(events: Iterator[Event], findings: Findings) -> Node | None:
    grown: list[tuple[Event, list[Node]]] = []
    documents = 0
    for count, event in enumerate(events):
        here = Word("", event.start_mark.line + 1, event.start_mark.column + 1)
        refused = _refused(event)
        if count > _MOST_EVENTS or len(grown) > _DEEPEST:
            refused = T("There is too much in here."), None
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                refused = T("A second document begins here."), T("Keep one consultation to a file, without “---”.")
        if refused:
            findings.mistake(here, *refused)
            return None
        match event:
            case MappingStartEvent() | SequenceStartEvent():
                grown.append((event, []))
                continue
            case ScalarEvent():
                node: Node = Word(event.value.strip(), here.line, here.column)
            case MappingEndEvent() | SequenceEndEvent():
                start, items = grown.pop()
                line, column = start.start_mark.line + 1, start.start_mark.column + 1
                is_table = isinstance(start, MappingStartEvent)
                node = Table(_pairs(items, findings), line, column) if is_table else Row(tuple(items), line, column)
            case _:
                continue
        if not grown:
            root = node
        else:
            grown[-1][1].append(node)
    if not documents:
        findings.mistake(Word("", 1, 1), T("There is nothing in the file."))
        return None
    return root


def _pairs(items: list[Node], findings: Findings) -> tuple[tuple[Word, Node], ...]:
    pairs: dict[str, tuple[Word, Node]] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, Word) or not key.text:
            findings.mistake(key, T("A key has to be a word."))
        elif key.text in pairs:
            earlier = T("It is in line {line} already.", line=pairs[key.text][0].line)
            findings.mistake(key, T("“{key}” is here twice.", key=shown(key.text)), earlier)
        else:  # where nothing stands, YAML names the place of whatever comes next
            is_empty = isinstance(value, Word) and not value.text
            pairs[key.text] = key, Word("", key.line, key.column) if is_empty else value
    return tuple(pairs.values())


def _refused(event: Event) -> tuple[Phrase, Phrase | None] | None:
    quotes = T("If these are words, put them in quotes.")
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
        return T("References with “&” and “*” can’t be used here."), quotes
    if getattr(event, "tag", None) is not None:
        return T("Tags with “!” can’t be used here."), quotes
    if isinstance(event, ScalarEvent) and UNWRITABLE.search(event.value):
        return T("There is a character here that can’t be kept."), None
    return None


def _in_plain_words(error: MarkedYAMLError) -> tuple[Phrase, Phrase | None]:
    problem = str(error.problem or error.context or "")
    if "mapping values are not allowed" in problem:
        return T("There is a colon where none can be."), T("If it belongs to your words, put the words in quotes.")
    if "cannot start any token" in problem:
        return T("A line can’t begin with this sign."), T("If it belongs to your words, put the words in quotes.")
    if "unexpected end of stream" in problem:
        return T("A quotation mark or a bracket is never closed."), None
    if "could not find expected ':'" in problem:
        return T("There is a colon missing in or above this line."), None
    if "block end" in problem or "sequence entries" in problem:
        return T("This line doesn’t line up with those above."), T("Things that belong together begin in one column.")
    if "expected ',' or" in problem:
        return T("A comma or a closing bracket is missing."), None
    return T("This is not YAML: {why}.", why=shown(problem)), None
