"""A consultation written out as a file says the same when it is read back."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.answers import plain
from core.consultations import (
    EVERYBODY,
    USUAL_NUDGES,
    Anchor,
    Audience,
    Consultation,
    NudgeKind,
    NudgeStep,
    Repeats,
    ResultsWhen,
)
from core.flows.problems import Checked
from core.flows.reading import RESERVED, read_consultation
from core.flows.writing import write_consultation
from core.prompts import Condition, Option, Prompt, PromptKind
from core.prompts import Test as Check
from core.receipts import read_code
from core.texts import Localised, T

SLUGS = st.lists(st.text("abz019", min_size=1, max_size=7), min_size=1, max_size=3).map("-".join)
KEYS = st.text("abz019_", min_size=1, max_size=14)
WRITABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
SIGNS = st.sampled_from(["a", " ", ":", "#", "- ", "'", '"', "{", "}", ",", "|", ">", "%", "&", "*", "!", "\\", "0"])
WORDS = ["yes", "null", "~", "1", "1.0", "2026-11-20", "18:00", "---", "...", "on", "=", "<<", "? x", "é"]
LONG_LINES = st.tuples(st.text(WRITABLE, max_size=6), st.integers(10, 40)).map(lambda pair: pair[0] * pair[1])
LINES = st.one_of(
    st.text(WRITABLE, max_size=20), st.lists(SIGNS, max_size=6).map("".join), st.sampled_from(WORDS), LONG_LINES
)
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join).map(str.strip).filter(bool)
LANGUAGES = st.sampled_from(["en", "cy", "de", "gd"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["UTC", "Europe/London", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"])
DAYS = st.integers(2, 90).map(lambda count: timedelta(days=count))
SPANS = DAYS | st.integers(1, 99_999).map(lambda count: timedelta(seconds=count))
TIMES = st.times().map(lambda at: time(at.hour, at.minute))
RULES = st.sampled_from(
    ["FREQ=YEARLY", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY"]
)
DUES = st.tuples(DAYS, TIMES) | st.tuples(SPANS, st.none())


def localised(longest: int = 75) -> st.SearchStrategy[Localised]:
    words = TEXTS.map(lambda text: text[:longest].strip()).filter(bool)
    return st.dictionaries(LANGUAGES, words, min_size=1, max_size=2).map(Localised.of)


def options(kind: PromptKind) -> st.SearchStrategy[tuple[Option, ...]]:
    pairs = st.dictionaries(KEYS, localised(), min_size=2, max_size=4)
    labelled = pairs.map(lambda found: tuple(Option(key, label) for key, label in found.items()))
    return (
        labelled.filter(_labels_differ) if kind in (PromptKind.ONE, PromptKind.MANY, PromptKind.RANK) else st.just(())
    )


def _labels_differ(found: tuple[Option, ...]) -> bool:
    said = [(code, plain(text)) for one in found for code, text in getattr(one.label, "texts", ())]
    return len(set(said)) == len(said)


@st.composite
def prompts(draw: st.DrawFn, key: str, earlier: tuple[Prompt, ...]) -> Prompt:
    kind = draw(st.sampled_from(PromptKind))
    found = draw(options(kind))
    least: float | None = None
    most: float | None = None
    if kind is PromptKind.SCALE:
        least = draw(st.none() | st.integers(-5, 3))
        most = draw(st.none() | st.integers(4, 5))
    elif kind is PromptKind.NUMBER:
        least = draw(st.none() | st.floats(-1e15, 0).map(lambda n: round(n, 3)))
        most = draw(st.none() | st.integers(1, 10**15))
    elif found:
        picked = draw(st.none() | st.integers(1, len(found)))
        fewer = st.integers(1, picked or len(found))
        least = draw(fewer if kind is PromptKind.RANK and picked else st.none() | fewer)
        most = picked
    has_bounds = kind is not PromptKind.ONE
    ends = kind is PromptKind.SCALE
    return Prompt(
        key=key,
        kind=kind,
        text=draw(localised(300)),
        help=draw(st.none() | localised(300)),
        options=found,
        required=draw(st.booleans()),
        least=least if has_bounds else None,
        most=most if has_bounds else None,
        low=draw(st.none() | localised()) if ends else None,
        high=draw(st.none() | localised()) if ends else None,
        when=draw(conditions(earlier)),
    )


@st.composite
def conditions(draw: st.DrawFn, earlier: tuple[Prompt, ...]) -> tuple[Condition, ...]:
    found = []
    closed = [prompt for prompt in earlier if prompt.choices or prompt.kind is PromptKind.NUMBER]
    for prompt in draw(st.lists(st.sampled_from(closed), max_size=3)) if closed else ():
        values: list[str | float]
        if prompt.kind is PromptKind.SCALE:
            low, high = prompt.scale
            test = draw(st.sampled_from(Check))
            steps = {Check.ABOVE: (low, high - 1), Check.BELOW: (low + 1, high)}.get(test, (low, high))
            values = [draw(st.integers(*steps))]
        elif prompt.kind is PromptKind.NUMBER:
            test, values = draw(st.sampled_from([Check.IS, Check.NOT])), [draw(st.sampled_from([0, 0.5, 1]))]
        else:
            keys = [option.key for option in prompt.choices]
            test = draw(st.sampled_from([Check.IS, Check.NOT]))
            values = list(draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3)))
        found.append(Condition(prompt.key, test, tuple(values)))
    return tuple(found)


@st.composite
def plans(draw: st.DrawFn) -> tuple[NudgeStep, ...]:
    invitation, closing, thanks, outcome = USUAL_NUDGES
    plan = [_maybe(draw, invitation, 1)]
    dues = st.tuples(st.booleans(), DUES)
    for number, (is_before, (span, at)) in enumerate(draw(st.lists(dues, max_size=4, unique=True)), 1):
        anchor = Anchor.CLOSING if is_before else Anchor.OPENING
        plan.append(NudgeStep(f"reminder-{number}", NudgeKind.REMINDER, anchor, -span if is_before else span, at))
    plan += [_maybe(draw, closing, -1), _maybe(draw, thanks, 1), _maybe(draw, outcome, 1)]
    return tuple(step for step in plan if step)


def _maybe(draw: st.DrawFn, usual: NudgeStep, sign: int) -> NudgeStep | None:
    span, at = draw(DUES)
    return draw(st.sampled_from([usual, replace(usual, offset=sign * span, at=at), None]))


@st.composite
def consultations(draw: st.DrawFn) -> Consultation:
    asked: tuple[Prompt, ...] = ()
    for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)):
        asked = (*asked, draw(prompts(key, asked)))
    times = draw(st.sampled_from(["by hand", "opens", "closes", "both"]))
    first = draw(MOMENTS)
    body = draw(st.none() | SLUGS)
    outcome = draw(st.none() | localised(500))
    keyword = draw(st.none() | st.text("abzŵ09", min_size=2, max_size=16))
    repeats = times == "both" and draw(st.booleans())
    return Consultation(
        slug=draw(SLUGS.filter(lambda slug: len(slug) <= (13 if repeats else 24))),
        title=draw(localised(100)),
        framing=draw(localised(500)),
        prompts=asked,
        timezone=draw(ZONES),
        opens_at=first if times in ("opens", "both") else None,
        closes_at=first + timedelta(days=400) if times in ("closes", "both") else None,
        keyword=None if keyword in RESERVED or read_code(keyword or "") else keyword,
        audience=draw(AUDIENCES),
        body=body,
        answer_days=draw(st.none() | st.integers(1, 3650)) if body else None,
        nudges=draw(plans()),
        outcome=outcome,
        outcome_at=first + timedelta(days=500) if outcome and draw(st.booleans()) else None,
        results=draw(st.sampled_from(ResultsWhen)),
        lists_ideas=draw(st.booleans()),
        least=draw(st.integers(2, 100)),
        repeats=Repeats(draw(RULES), first, timedelta(days=400)) if repeats else None,
    )


def unique_slugs() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(SLUGS, max_size=3, unique=True).map(tuple)


AUDIENCES = st.just(EVERYBODY) | st.builds(
    Audience,
    unique_slugs(),
    unique_slugs(),
    st.lists(LANGUAGES, unique=True).map(tuple),
    st.none() | st.integers(1, 900),
    st.booleans(),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(consultations())
def test_what_is_written_reads_back_the_same(consultation: Consultation) -> None:
    written = write_consultation(consultation)
    checked = read_consultation(written)
    assert isinstance(checked, Checked), (written, checked)
    assert checked.value == consultation, written
    assert write_consultation(checked.value) == written


SMALL = Consultation(
    "x", Localised.of("X"), Localised.of("Why"), (Prompt("a", PromptKind.IDEA, Localised.of("Idea?")),)
)


def test_a_small_consultation_is_a_small_file() -> None:
    assert (
        write_consultation(SMALL)
        == """\
consultation: x
title: X
framing: Why
timezone: UTC
prompts:
  - idea: a
    ask: Idea?
"""
    )


def test_what_no_file_can_say_is_refused() -> None:
    labelled = Prompt("a", PromptKind.ONE, Localised.of("A?"), options=(Option("b", T("Yes")),))
    with pytest.raises(ValueError, match="'b' isn't an organiser's words"):
        write_consultation(Consultation("x", Localised.of("X"), Localised.of("Why"), (labelled,)))
    with pytest.raises(ValueError, match="no file can say a nudge plan"):
        write_consultation(Consultation("x", SMALL.title, SMALL.framing, SMALL.prompts, nudges=USUAL_NUDGES[::-1]))
