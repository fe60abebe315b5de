"""The nudge plan of a consultation file: which steps there are, how long before or after, and at what time of day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from core.consultations import USUAL_NUDGES, Anchor, Consultation, NudgeKind, NudgeStep
from core.flows.fields import Fields, items
from core.flows.problems import Findings, did_you_mean
from core.flows.times import read_span, read_time
from core.flows.tree import Node, Table, Word
from core.nudges import Manners, due_at
from core.texts import Phrase, T

MOST_REMINDERS = 10

STEPS = ("invitation", "reminders", "closing", "thanks", "outcome")
USUAL = {step.key: step for step in USUAL_NUDGES}
_ON = ("on", "usual", "yes", "at opening")
_OFF = ("off", "no", "none", "never")

Plan = tuple[tuple[NudgeStep, Node | None], ...]
"""Every step, and where it stands if the file names it."""


def read_plan(node: Node | None, findings: Findings) -> Plan:
    """Steps that the file doesn't name are as usual; `off` leaves one out, or all of them."""
    usual: Plan = tuple((step, None) for step in USUAL_NUDGES)
    match node:
        case None:
            return usual
        case Word(text) if text in _OFF:
            return ()
        case Word(text) if text in _ON:
            return usual
        case Table():
            return tuple(_steps(Fields(node, STEPS, findings), findings))
        case _:
            findings.mistake(node, T("“nudges” has to be a table of steps, or “off”."), _steps_are())
            return usual


def _steps_are() -> Phrase:
    return T("The steps are: {steps}.", steps=", ".join(STEPS))


def _steps(fields: Fields, findings: Findings) -> Iterator[tuple[NudgeStep, Node | None]]:
    for name in STEPS:
        node = fields.get(name)
        if name == "reminders":
            if node is not None and not (isinstance(node, Word) and node.text in _OFF):
                yield from _reminders(node, findings)
        elif node is None:
            yield USUAL[name], None
        elif (step := _step(USUAL[name], node, findings)) is not None:
            yield step, node


def _step(usual: NudgeStep, node: Node, findings: Findings) -> NudgeStep | None:
    direction = "before" if usual.kind is NudgeKind.CLOSING else "after"
    match node:
        case Table():
            fields = Fields(node, (direction, "at"), findings)
            if usual.kind is NudgeKind.CLOSING:
                fields.need("before", "before: 1 day")
            return _timed(replace(usual, offset=timedelta()), fields, findings)
        case Word(text) if text in _ON:
            return usual
        case Word(text) if text in _OFF:
            return None
        case _:
            meant = did_you_mean(node.text, ("on", "off")) if isinstance(node, Word) else None
            example = f'{usual.key}: {{{direction}: 1 day, at: "18:00"}}'
            what = T("This has to be “on”, “off”, or when it is due.")
            findings.mistake(node, what, meant or T("Write “{example}”.", example=example))
            return usual


def _timed(step: NudgeStep, fields: Fields, findings: Findings) -> NudgeStep:
    after, before, at = fields.get("after"), fields.get("before"), fields.get("at")
    span = read_span(after, findings) if after is not None else None
    span_before = read_span(before, findings) if before is not None else None
    offset = -span_before if span_before is not None else span if span is not None else step.offset
    return replace(step, offset=offset, at=read_time(at, findings) if at is not None else None)


def _reminders(node: Node, findings: Findings) -> Iterator[tuple[NudgeStep, Node]]:
    example = T("Write “reminders: {example}”.", example='[{after: 3 days, at: "18:00"}]')
    seen: dict[tuple[object, ...], Node] = {}
    for number, item in enumerate(items(node), 1):
        if not isinstance(item, Table):
            findings.mistake(item, T("A reminder says when it is due."), example)
            continue
        before = len(findings.mistakes)
        fields = Fields(item, ("after", "before", "at"), findings)
        if "after" in fields and "before" in fields:
            findings.mistake(item, T("A reminder comes after the opening or before the closing, not both."))
        elif "after" not in fields and "before" not in fields and not fields.misspelt:
            findings.mistake(item, T("How long after the opening, or before the closing?"), example)
        anchor = Anchor.CLOSING if "before" in fields else Anchor.OPENING
        step = _timed(NudgeStep(f"reminder-{number}", NudgeKind.REMINDER, anchor), fields, findings)
        when = (step.anchor, step.offset, step.at)
        if when in seen and len(findings.mistakes) == before:
            earlier = T("It is in line {line} already.", line=seen[when].line)
            findings.mistake(item, T("This reminder comes when another does."), earlier)
        seen.setdefault(when, item)
        if number == MOST_REMINDERS + 1:
            findings.mistake(item, T("{most} reminders at the most.", most=MOST_REMINDERS))
        yield step, item


def check_plan(plan: Plan, consultation: Consultation, findings: Findings) -> None:
    """Steps that would come at the wrong time, as far as the file gives the times away."""
    manners = Manners()
    for step, node in plan:
        if node is None:
            continue
        if step.at and (step.at >= manners.quiet_from or step.at < manners.quiet_until):
            later = T("It will wait until {time}.", time=f"{manners.quiet_until:%H:%M}")
            findings.doubt(node, T("Nobody is disturbed at that time of night."), later)
        if not step.kind.asks:
            continue
        due = due_at(step, consultation, consultation.timezone)
        opens, closes = consultation.opens_at, consultation.closes_at
        if due is None:
            continue
        if closes is not None and due >= closes:
            findings.mistake(node, T("This would come after the closing."))
        elif step.kind is not NudgeKind.INVITATION and opens is not None and due <= opens:
            findings.mistake(node, T("This would come before the opening."))
