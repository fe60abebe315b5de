"""The prompts of a consultation file: their kinds, keys, words, options and bounds."""

from dataclasses import dataclass, replace

from core.flows.conditions import Earlier, read_when
from core.flows.fields import (
    Fields,
    Languages,
    find_twins,
    read_bound,
    read_flag,
    read_key,
    read_localised,
    read_word,
)
from core.flows.options import LONGEST_LABEL, read_options
from core.flows.problems import Findings, closest
from core.flows.tree import Node, Row, Table, Word
from core.prompts import PICKING, Prompt, PromptKind
from core.texts import Localised, T

MOST_PROMPTS = 50
MOST_STEPS = 11
LONGEST_QUESTION = 1_000
LONGEST_HELP = 1_000

KINDS = tuple(kind.value for kind in PromptKind)
_ALWAYS = ("ask", "help", "required", "when")
_ONLY = {
    "options": (PromptKind.ONE, PromptKind.MANY, PromptKind.RANK),
    "at least": (PromptKind.MANY, PromptKind.RANK, PromptKind.NUMBER),
    "at most": (PromptKind.MANY, PromptKind.RANK, PromptKind.NUMBER),
    "from": (PromptKind.SCALE,),
    "to": (PromptKind.SCALE,),
    "low": (PromptKind.SCALE,),
    "high": (PromptKind.SCALE,),
}
_KNOWN = (*KINDS, *_ALWAYS, *_ONLY)


@dataclass(frozen=True, slots=True)
class _Head:
    """The line that says what a prompt is: `idea: one_thing`."""

    kind: PromptKind
    key: Word


def read_prompts(node: Node, slug: str, languages: Languages, findings: Findings) -> tuple[Prompt, ...]:
    if not isinstance(node, Row) or not node.items:
        findings.mistake(
            node, T("“prompts” has to be a list."), T("Begin each prompt with “- idea: …” or another kind.")
        )
        return ()
    if len(node.items) > MOST_PROMPTS:
        limit = T("{most} is the most; few people answer more than ten.", most=MOST_PROMPTS)
        findings.mistake(node.items[MOST_PROMPTS], T("There are too many prompts."), limit)
    prompts: list[Prompt] = []
    known: dict[str, Earlier] = {}
    whens: list[tuple[int, int, Node]] = []
    heads: list[tuple[str, Word]] = []
    for place, item in enumerate(node.items):
        if not isinstance(item, Table):
            findings.mistake(item, T("A prompt begins with its kind and key."), T("Write “- idea: one_thing”."))
            continue
        fields = Fields(item, _KNOWN, findings)
        head = _head(fields, findings)
        if head is None:
            continue
        before = len(findings.mistakes)
        prompt = _prompt(fields, head, slug, languages, findings)
        heads.append((head.key.text, head.key))
        keys = tuple(option.key for option in prompt.choices)
        least, most = prompt.scale if prompt.kind is PromptKind.SCALE else (prompt.least, prompt.most)
        is_complete = len(findings.mistakes) == before and not fields.misspelt
        known.setdefault(head.key.text, Earlier(place, head.kind, keys, least, most, is_complete))
        if (when := fields.get("when")) is not None:
            whens.append((len(prompts), place, when))
        prompts.append(prompt)
    find_twins(heads, findings)
    for index, place, when in whens:
        prompts[index] = replace(prompts[index], when=read_when(when, place, known, findings))
    return tuple(prompts)


def _head(fields: Fields, findings: Findings) -> _Head | None:
    kinds = [key for key, _ in fields.table.entries if key.text in KINDS]
    if not kinds:
        guesses = [closest(key.text, KINDS) for key, _ in fields.table.entries if key.text not in _KNOWN]
        if not any(guesses):
            example = T("Begin it with “idea: KEY”, or instead of idea: {kinds}.", kinds=", ".join(KINDS[1:]))
            findings.mistake(fields.table, T("This prompt doesn’t say what kind it is."), example)
        return None
    if len(kinds) > 1:
        first = T("It is “{kind}” already.", kind=kinds[0].text)
        findings.mistake(kinds[1], T("A prompt has one kind only."), first)
    node = fields.get(kinds[0].text)
    key = read_word(node, findings, f"{kinds[0].text}: some_key") if node is not None else None
    if key is None:
        return None
    read_key(key, findings)
    return _Head(PromptKind(kinds[0].text), key)


def _prompt(fields: Fields, head: _Head, slug: str, languages: Languages, findings: Findings) -> Prompt:
    for key, _ in fields.table.entries:
        if key.text in _ONLY and head.kind not in _ONLY[key.text]:
            kinds = ", ".join(kind.value for kind in _ONLY[key.text])
            what = T("“{key}” has no meaning for the kind “{kind}”.", key=key.text, kind=head.kind.value)
            findings.mistake(key, what, T("It belongs to: {kinds}.", kinds=kinds))

    def words(name: str, longest: int) -> Localised | None:
        node = fields.get(name)
        return read_localised(node, languages, longest, findings) if node is not None else None

    fields.need("ask", "ask: How do you mostly get about?")
    required = fields.get("required")
    prompt = Prompt(
        key=head.key.text,
        kind=head.kind,
        text=words("ask", LONGEST_QUESTION) or Localised.of(""),
        help=words("help", LONGEST_HELP),
        required=bool(read_flag(required, findings)) if required is not None else False,
        low=words("low", LONGEST_LABEL),
        high=words("high", LONGEST_LABEL),
    )
    if head.kind in _ONLY["options"]:
        node = fields.need("options", "options: {walk: On foot, bus: Bus}")
        if node is not None:
            prompt = replace(prompt, options=read_options(node, head.kind, slug, head.key.text, languages, findings))
    if head.kind in _ONLY["from"]:
        return _with_bounds(prompt, fields.get("from"), fields.get("to"), findings)
    if head.kind in _ONLY["at least"]:
        return _with_bounds(prompt, fields.get("at least"), fields.get("at most"), findings)
    return prompt


def _with_bounds(prompt: Prompt, low: Node | None, high: Node | None, findings: Findings) -> Prompt:
    whole = prompt.kind is not PromptKind.NUMBER
    least = read_bound(low, findings, whole) if low is not None else None
    most = read_bound(high, findings, whole) if high is not None else None
    if (low is not None and least is None) or (high is not None and most is None):
        return prompt
    if prompt.kind is PromptKind.RANK and least is None:
        least = most  # “at most: 3” of a ranking means: put your three best in order
    bounded = replace(prompt, least=least, most=most)
    if (spot := high if high is not None else low) is None:
        return bounded
    if bounded.kind is PromptKind.SCALE:
        _check_scale(bounded, spot, findings)
    elif bounded.kind in PICKING and bounded.options:
        _check_picks(bounded, spot, findings)
    elif least is not None and most is not None and least > most:
        findings.mistake(spot, T("“at most” is less than “at least”."))
    return bounded


def _check_scale(prompt: Prompt, spot: Node, findings: Findings) -> None:
    low, high = prompt.scale
    ends = T("It would go from {low} to {high}.", low=low, high=high)
    if high <= low:
        findings.mistake(spot, T("A scale has to go upwards."), ends)
    elif high - low >= MOST_STEPS:
        findings.mistake(spot, T("A scale has {most} steps at the most.", most=MOST_STEPS), ends)


def _check_picks(prompt: Prompt, spot: Node, findings: Findings) -> None:
    least, most = prompt.picks
    count = len(prompt.options)
    if least < 1:
        skip = T("Leave “required” off, and people may skip it.")
        findings.mistake(spot, T("“at least” can’t be less than 1."), skip)
    elif max(least, most) > count:
        findings.mistake(spot, T("There are only {count} options to pick from.", count=count))
    elif least > most:
        findings.mistake(spot, T("“at most” is less than “at least”."))
