"""The fields of a form: one Block Kit element for each kind of prompt, holding what was given before."""

from collections.abc import Callable, Sequence

from bots.slack.writing import LONGEST_LABEL, Block, plain_text
from core.answers import LONGEST_IDEA
from core.prompts import Option, Prompt, PromptKind
from core.texts import Words

MOST_SHOWN = 10
"""Options that radio buttons and checkboxes take; a menu takes more."""
LONGEST_INPUT = 3_000
FIELD = "given"
"""The `action_id` of every field: with the block's id it is what Slack keeps typed words by."""

Given = str | tuple[str, ...]


def option(prompt: Prompt, one: Option, say: Callable[[Words], str]) -> Block:
    words = say(one.label)
    end = {str(prompt.scale[0]): prompt.low, str(prompt.scale[1]): prompt.high}.get(one.key)
    if prompt.kind is PromptKind.SCALE and end:
        words = f"{words} – {say(end)}"
    return {"text": plain_text(words, LONGEST_LABEL), "value": one.key}


def element(prompt: Prompt, options: Sequence[Block], given: Given | None) -> Block:
    match prompt.kind:
        case PromptKind.IDEA | PromptKind.TEXT:
            most = LONGEST_IDEA if prompt.kind is PromptKind.IDEA else LONGEST_INPUT
            return _typed({"type": "plain_text_input", "multiline": True, "max_length": most}, given)
        case PromptKind.NUMBER:
            ends = {"min_value": prompt.least, "max_value": prompt.most}
            written = {name: f"{end:.15g}" for name, end in ends.items() if end is not None}
            return _typed({"type": "number_input", "is_decimal_allowed": True, **written}, given)
        case PromptKind.MANY:
            return _several(options, given if isinstance(given, tuple) else ())
        case _:
            kind = "radio_buttons" if len(options) <= MOST_SHOWN else "static_select"
            return _one(kind, options, given)


def places(prompt: Prompt, options: Sequence[Block], given: Given | None, labels: Sequence[str]) -> list[Block]:
    """A menu for each place of a ranking."""
    least, _ = prompt.picks
    picked = given if isinstance(given, tuple) else ()
    return [
        {
            "type": "input",
            "block_id": f"{prompt.key}/{n}",
            "label": plain_text(label, LONGEST_LABEL),
            "element": _one("static_select", options, picked[n - 1] if n <= len(picked) else None),
            "optional": not prompt.required or n > least,
        }
        for n, label in enumerate(labels, 1)
    ]


def _typed(field: Block, given: Given | None) -> Block:
    kept = {"initial_value": given} if isinstance(given, str) and given else {}
    return field | {"action_id": FIELD} | kept


def _one(kind: str, options: Sequence[Block], given: Given | None) -> Block:
    picked = next((one for one in options if one["value"] == given), None)
    return {"type": kind, "action_id": FIELD, "options": list(options)} | ({"initial_option": picked} if picked else {})


def _several(options: Sequence[Block], given: tuple[str, ...]) -> Block:
    kind = "checkboxes" if len(options) <= MOST_SHOWN else "multi_static_select"
    picked = [one for one in options if one["value"] in given]
    field = {"type": kind, "action_id": FIELD, "options": list(options)}
    return field | ({"initial_options": picked} if picked else {})
