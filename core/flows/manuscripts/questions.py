"""A prompt of a file as a question of a manuscript."""

from core.flows.fields import Languages, items
from core.flows.manuscripts.manuscript import Check, Choice, Question
from core.flows.manuscripts.pieces import Pieces, Unshowable, is_empty
from core.flows.options import keyed_labels
from core.flows.problems import Findings
from core.flows.prompts import KINDS
from core.flows.tree import Node, Table, Word
from core.prompts import Test

_QUESTION = {
    "ask": "ask", "help": "help", "required": "required", "when": "when", "options": "options", "low": "low",
    "high": "high", "at least": "least", "at most": "most", "from": "least", "to": "most",
}  # fmt: skip
_ONLY = {
    "options": ("one", "many", "rank"), "at least": ("many", "rank", "number"), "at most": ("many", "rank", "number"),
    "from": ("scale",), "to": ("scale",), "low": ("scale",), "high": ("scale",),
}  # fmt: skip


def read_question(pieces: Pieces, node: Node, name: str) -> Question:
    if not isinstance(node, Table):
        raise Unshowable
    known = (*KINDS, *_QUESTION)
    at = pieces.table(node, known, lambda key: f"{name}.{'key' if key in KINDS else _QUESTION[key]}")
    kinds = [key for key in at if key in KINDS]
    if len(kinds) != 1 or any(
        key in at and kinds[0] not in of for key, of in _ONLY.items() if not is_empty(at.get(key))
    ):
        raise Unshowable
    bounds = ("from", "to") if kinds[0] == "scale" else ("at least", "at most")
    return Question(
        kind=kinds[0],
        key=pieces.word(at[kinds[0]], f"{name}.key"),
        ask=pieces.said(at.get("ask"), f"{name}.ask"),
        help=pieces.said(at.get("help"), f"{name}.help"),
        required=pieces.flag(at.get("required"), f"{name}.required"),
        options=_options(pieces, at.get("options"), f"{name}.options"),
        least=pieces.word(at.get(bounds[0]), f"{name}.least"),
        most=pieces.word(at.get(bounds[1]), f"{name}.most"),
        low=pieces.said(at.get("low"), f"{name}.low"),
        high=pieces.said(at.get("high"), f"{name}.high"),
        when=_when(pieces, at.get("when"), f"{name}.when"),
    )


def _options(pieces: Pieces, node: Node | None, name: str) -> tuple[Choice, ...]:
    if is_empty(node):
        return ()
    if node is None or isinstance(node, Word):
        raise Unshowable
    options = []
    for number, (_, spot, label) in enumerate(keyed_labels(node, Languages(), Findings())):
        if isinstance(node, Table):
            pieces.note(spot, f"{name}.{number}.key")
        options.append(pieces.said(label, f"{name}.{number}.label"))
    if isinstance(node, Table):
        keys = [key.text for key, _ in node.entries]
    else:
        keys = [key for key, _, _ in keyed_labels(node, Languages(), Findings())]
    return tuple(Choice(key, label) for key, label in zip(keys, options, strict=True))


def _when(pieces: Pieces, node: Node | None, name: str) -> tuple[Check, ...]:
    if is_empty(node):
        return ()
    checks: list[Check] = []
    for item in items(node) if node is not None else ():
        if not isinstance(item, Table) or not item.entries:
            raise Unshowable
        for key, value in item.entries:
            tests = value.entries if isinstance(value, Table) else ((Word("is", key.line, key.column), value),)
            if not tests:
                raise Unshowable
            for test, wanted in tests:
                one = f"{name}.{len(checks)}"
                pieces.note(key, f"{one}.prompt")
                if test.text not in list(Test):
                    raise Unshowable
                if isinstance(value, Table):
                    pieces.note(test, f"{one}.test")
                checks.append(Check(key.text, test.text, pieces.row(wanted, f"{one}.values")))
                pieces.note(wanted, f"{one}.values")
    return tuple(checks)
