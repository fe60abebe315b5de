"""A consultation as the file that reads back as it. Comments in an earlier file are not kept."""

import io
from collections.abc import Iterable, Mapping
from datetime import timedelta

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from core.answers import numeral
from core.consultations import (
    USUAL_LEAST,
    USUAL_NUDGES,
    Anchor,
    Audience,
    Consultation,
    NudgeKind,
    NudgeStep,
    ResultsWhen,
)
from core.flows.nudges import USUAL
from core.flows.times import write_moment, write_span
from core.prompts import Condition, Option, Prompt, PromptKind, Test
from core.texts import SOURCE_LANGUAGE, Localised

_SIGNS = tuple("-?:,[]{}#&*!|>'\"%@`")

Leaf = str | int | CommentedMap | CommentedSeq


def write_consultation(consultation: Consultation) -> str:
    """Raises ValueError for what no file can say: words of the catalogue as a label, a nudge plan out of order."""
    codes = tuple(code for code, _ in consultation.title.texts)
    first = codes[0]
    page = CommentedMap({"consultation": consultation.slug})
    if len(codes) > 1 and all(code in codes for said in _all_words(consultation) for code, _ in said.texts):
        page["languages"] = _short_row(codes)
    page["title"] = _words(consultation.title, SOURCE_LANGUAGE)
    page["framing"] = _words(consultation.framing, first)
    page["timezone"] = consultation.timezone
    for key, moment in (("opens", consultation.opens_at), ("closes", consultation.closes_at)):
        if moment is not None:
            page[key] = write_moment(moment, consultation.timezone)
    if consultation.keyword is not None:
        page["keyword"] = consultation.keyword
    if not consultation.audience.is_everybody:
        page["audience"] = _audience(consultation.audience)
    if consultation.body is not None:
        days = consultation.answer_days
        within = {} if days is None else {"within": f"{days} day{'' if days == 1 else 's'}"}
        page["answered by"] = _short({"body": consultation.body, **within})
    page["prompts"] = CommentedSeq(_prompt(prompt, first) for prompt in consultation.prompts)
    if consultation.nudges != USUAL_NUDGES:
        page["nudges"] = _nudges(consultation.nudges)
    if consultation.outcome is not None:
        page["outcome"] = _words(consultation.outcome, first)
    if consultation.outcome_at is not None:
        page["outcome at"] = write_moment(consultation.outcome_at, consultation.timezone)
    if consultation.results is not ResultsWhen.CLOSED:
        page["results"] = consultation.results.value
    if consultation.lists_ideas:
        page["ideas"] = "public"
    if consultation.least != USUAL_LEAST:
        page["smallest group"] = consultation.least
    if consultation.repeats is not None:
        page["repeats"] = consultation.repeats.rule
    return dump(page)


def _audience(audience: Audience) -> CommentedMap:
    named = {"bodies": audience.bodies, "topics": audience.topics, "languages": audience.languages}
    written: dict[str, Leaf] = {key: _short_row(names) for key, names in named.items() if names}
    if audience.active_days is not None:
        written["active within"] = write_span(timedelta(days=audience.active_days))
    if audience.verified:
        written["verified"] = True
    return _short(written)


def dump(page: CommentedMap) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000  # no folding: what was one line stays one
    written = io.StringIO()
    yaml.dump(page, written)
    return written.getvalue()


def _all_words(consultation: Consultation) -> Iterable[Localised]:
    yield consultation.framing
    yield from filter(None, (consultation.outcome,))
    for prompt in consultation.prompts:
        yield from filter(None, (prompt.text, prompt.help, prompt.low, prompt.high))
        yield from (_label(option) for option in prompt.options)


def _label(option: Option) -> Localised:
    if isinstance(option.label, Localised):
        return option.label
    raise ValueError(f"the label of the option {option.key!r} isn't an organiser's words, so no file can say it")


def _words(said: Localised, first: str) -> Leaf:
    """Plain where the reader will know the language, else by language."""
    if [code for code, _ in said.texts] == [first]:
        return scalar(said.texts[0][1])
    written = CommentedMap((code, scalar(text)) for code, text in said.texts)
    if sum(len(text) for _, text in said.texts) <= 60 and not any("\n" in text for _, text in said.texts):
        written.fa.set_flow_style()
    return written


def scalar(text: str) -> str:
    lines = text.split("\n")
    is_plain = all(map(str.isprintable, lines))
    is_tidy = is_plain and text.strip() == text.removesuffix("\n") != ""
    written: str = text
    if len(lines) > 1 and is_tidy and all(line == line.strip() and "\t" not in line for line in lines):
        written = LiteralScalarString(text)
    elif text.startswith(_SIGNS) or not is_plain:  # the writer forgets the quotes of “{en: ? x}” and of “\x85”
        written = DoubleQuotedScalarString(text)
    return written


def _number(number: float) -> str | int:
    return int(number) if number == int(number) else numeral(number)


def _short(entries: Mapping[str, Leaf]) -> CommentedMap:
    written = CommentedMap(entries)
    written.fa.set_flow_style()
    return written


def _short_row(items: Iterable[Leaf]) -> CommentedSeq:
    written = CommentedSeq(items)
    written.fa.set_flow_style()
    return written


def _prompt(prompt: Prompt, first: str) -> CommentedMap:
    written = CommentedMap({prompt.kind.value: prompt.key, "ask": _words(prompt.text, first)})
    if prompt.help is not None:
        written["help"] = _words(prompt.help, first)
    if prompt.required:
        written["required"] = "yes"
    if prompt.options:
        written["options"] = CommentedMap((option.key, _words(_label(option), first)) for option in prompt.options)
    is_scale = prompt.kind is PromptKind.SCALE
    for key, bound in (
        ("from" if is_scale else "at least", prompt.least),
        ("to" if is_scale else "at most", prompt.most),
    ):
        if bound is not None:
            written[key] = _number(bound)
    for key, end in (("low", prompt.low), ("high", prompt.high)):
        if end is not None:
            written[key] = _words(end, first)
    if prompt.when:
        written["when"] = _when(prompt.when)
    return written


def _when(conditions: tuple[Condition, ...]) -> Leaf:
    """One table where every prompt is tested once, else a list with a table for every test."""
    tables = [{condition.prompt: _test(condition)} for condition in conditions]
    if len({condition.prompt for condition in conditions}) < len(conditions):
        return CommentedSeq(_short(table) for table in tables)
    return _short({prompt: test for table in tables for prompt, test in table.items()})


def _test(condition: Condition) -> Leaf:
    values = [value if isinstance(value, str) else _number(value) for value in condition.values]
    wanted: Leaf = values[0] if len(values) == 1 else _short_row(values)
    return wanted if condition.test is Test.IS else _short({condition.test.value: wanted})


def _nudges(plan: tuple[NudgeStep, ...]) -> Leaf:
    if not plan:
        return "off"
    written = CommentedMap()
    steps = {step.key: step for step in plan}
    reminders = [step for step in plan if step.kind is NudgeKind.REMINDER]
    numbered = [f"reminder-{number}" for number in range(1, len(reminders) + 1)]
    order = ["invitation", *numbered, "closing", "thanks", "outcome"]
    if [step.key for step in plan] != [key for key in order if key in steps]:
        raise ValueError("no file can say a nudge plan whose steps are in another order or have other names")
    for key, usual in USUAL.items():
        step = steps.get(key)
        written[key] = "off" if step is None else "on" if step == usual else _due(step)
        if key == "invitation" and reminders:
            written["reminders"] = CommentedSeq(_due(reminder) for reminder in reminders)
    return written


def _due(step: NudgeStep) -> CommentedMap:
    is_before = step.anchor is Anchor.CLOSING and step.kind is not NudgeKind.THANKS
    span = write_span(-step.offset if is_before else step.offset)
    at = {} if step.at is None else {"at": f"{step.at:%H:%M}"}
    return _short({"before" if is_before else "after": span, **at})
