"""A file's YAML as a tree in which every word knows where it stood. Words stay as written: `1.0` and `yes` are text."""

import re
from dataclasses import dataclass

from core.flows.problems import Findings

LARGEST_FILE = 256 * 1024
"""Bytes."""
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What can stand in no file."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    entries: tuple[tuple[Word, "Node"], ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Row:
    items: tuple["Node", ...]
    line: int
    column: int


Node = Word | Table | Row


def read_tree(text: str, findings: Findings) -> Table | None:
    """The file's table of keys. A slip in the YAML itself ends the reading there: what follows can't be trusted."""
    from core.flows.parsing import parse  # what reads YAML is loaded once there is a file

    return parse(text, findings)
