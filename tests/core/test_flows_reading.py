"""A consultation file: what it may say, and how its mistakes are explained."""

import json
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.consultations import USUAL_NUDGES, Anchor, Audience, Consultation, NudgeKind, NudgeStep
from core.flows.documents import read_document
from core.flows.problems import Checked, Problem, show_problem
from core.flows.reading import KEYS, Known, read_consultation
from core.prompts import Condition, Option, PromptKind
from core.prompts import Test as Check
from core.texts import Localised, Texts

EXAMPLES = Path(__file__).parents[2] / "examples"
ENGLISH = Texts({})

HEAD = """\
consultation: good-city
title: What makes a good city?
framing: We read everything.
answered by: planning
"""
PROMPTS = """\
prompts:
  - one: travel
    ask: How?
    options: {walk: On foot, bus: Bus, car: Car}
  - scale: happy
    ask: How happy?
  - idea: one_thing
    ask: Your idea?
"""


def read(text: str, known: Known | None = None) -> Consultation:
    checked = read_consultation(text, known)
    assert isinstance(checked, Checked), complaints(text, known)
    return checked.value


def said(problems: tuple[Problem, ...]) -> list[str]:
    return [ENGLISH.say(show_problem(problem), "en") for problem in problems]


def complaints(text: str, known: Known | None = None) -> list[str]:
    problems = read_consultation(text, known)
    assert isinstance(problems, tuple)
    return said(problems)


def doubts(text: str) -> list[str]:
    checked = read_consultation(text)
    assert isinstance(checked, Checked)
    return said(checked.warnings)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_is_without_mistakes_or_doubts(path: Path) -> None:
    checked = read_document(path.read_text())
    assert isinstance(checked, Checked), said(checked)
    assert said(checked.warnings) == []


def test_the_example_is_opened_by_hand_and_speaks_two_languages() -> None:
    example = read((EXAMPLES / "good-city.yaml").read_text())
    assert (example.opens_at, example.closes_at) == (None, None)
    assert {prompt.kind for prompt in example.prompts} >= {PromptKind.IDEA, PromptKind.SCALE, PromptKind.STATEMENT}
    assert all(prompt.text.speaks("en") and prompt.text.speaks("cy") for prompt in example.prompts)


def test_the_smallest_file_has_sensible_ways() -> None:
    small = read(HEAD + PROMPTS)
    assert small.title == Localised.of("What makes a good city?")
    assert (small.timezone, small.keyword, small.outcome) == ("UTC", None, None)
    assert small.audience.is_everybody
    assert small.nudges == USUAL_NUDGES
    assert small.prompts[0].options[0] == Option("walk", Localised.of("On foot"))
    assert small.prompts[1].scale == (1, 5)


def test_everything_that_a_file_can_say() -> None:
    full = read("""\
consultation: good-city
title: {en: City, cy: Dinas}
framing: {en: Why, cy: Pam}
languages: [en, cy]
timezone: Europe/London
opens: 2026-06-20 09:00
closes: 2026-12-20T20:00+01:00
keyword: Dinas
audience: {bodies: [riverside, north], topics: green, languages: [cy], active within: 12 weeks}
answered by: {body: planning, within: 8 weeks}
prompts:
  - one: travel
    ask: How?
    help: {en: Mostly, cy: Gan amlaf}
    required: yes
    options: [On foot, Bus, {en: Car, cy: Car (Cymraeg)}]
  - number: age
    ask: Age?
    at least: 0
    at most: 120.5
  - text: why
    ask: Why?
    when: {travel: [bus, car], age: {above: 17}}
  - scale: happy
    ask: Happy?
    from: 0
    to: 10
    low: Not
    high: Very
    when: {travel: {not: bus}}
  - rank: best
    ask: Best?
    options: {a: A, b: B, c: C}
    at most: 2
  - yesno: come
    ask: Come?
    when: [{happy: {above: 3}}, {happy: {below: 9}}, {best: a}]
nudges:
  invitation: {at: "10:00"}
  reminders: [{after: 3 days, at: 18:00}, {before: 36 hours}]
  closing: {before: 1 day, at: 18.30}
  thanks: off
outcome: We heard you.
outcome at: 2027-01-10 12:00
""")
    assert full.opens_at == datetime(2026, 6, 20, 8, tzinfo=UTC)
    assert full.closes_at == datetime(2026, 12, 20, 19, tzinfo=UTC)
    assert full.keyword == "dinas"
    assert full.audience == Audience(("riverside", "north"), ("green",), ("cy",), 84)
    assert (full.body, full.answer_days) == ("planning", 56)
    travel, age, why, happy, best, come = full.prompts
    assert travel.required
    assert [option.key for option in travel.options] == ["on_foot", "bus", "car"]
    assert (age.least, age.most) == (0, 120.5)
    assert why.when == (Condition("travel", Check.IS, ("bus", "car")), Condition("age", Check.ABOVE, (17,)))
    assert happy.scale == (0, 10)
    assert happy.when == (Condition("travel", Check.NOT, ("bus",)),)
    assert best.picks == (2, 2)
    assert [condition.test for condition in come.when] == [Check.ABOVE, Check.BELOW, Check.IS]
    assert full.nudges == (
        NudgeStep("invitation", NudgeKind.INVITATION, Anchor.OPENING, at=time(10)),
        NudgeStep("reminder-1", NudgeKind.REMINDER, Anchor.OPENING, timedelta(days=3), time(18)),
        NudgeStep("reminder-2", NudgeKind.REMINDER, Anchor.CLOSING, timedelta(hours=-36)),
        NudgeStep("closing", NudgeKind.CLOSING, Anchor.CLOSING, timedelta(days=-1), time(18, 30)),
        USUAL_NUDGES[-1],
    )
    assert full.outcome == Localised.of("We heard you.")
    assert full.outcome_at == datetime(2027, 1, 10, 12, tzinfo=UTC)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
consultation: Good City
titel: What makes a good city?
framing: We read everything.
timezone: London
opens: 2026-12-20 09:00
closes: 2026-11-20 09:00
prompts:
  - text: why
    ask: Why?
    when: {travel: car}
  - one: travel
    ask: How?
    option: {car: Car, bus: Bus}
  - idea: why
    aks: Again?
"""
    assert complaints(text) == [
        "line 1, column 15: “Good City” can’t be used as a name: 24 at the most of a–z, 0–9 and hyphens. "
        "“good-city” would do.",
        "line 2, column 1: I don’t know the key “titel”. Did you mean “title”?",
        "line 4, column 11: There is no time zone “London”. Did you mean “Europe/London”?",
        "line 6, column 9: It would close before it opens. Check “opens” and “closes”.",
        "line 10, column 12: “travel” is asked only later. Put it further up, or this prompt further down.",
        "line 13, column 5: I don’t know the key “option”. Did you mean “options”?",
        "line 14, column 11: “why” is here twice. It is in line 8 already.",
        "line 15, column 5: I don’t know the key “aks”. Did you mean “ask”?",
    ]


CASES = re.findall(
    r"^== (head|prompt|file)\n(.+?)\n=> ([^\n]+)$",
    Path(__file__).with_name("test_flows_mistakes.txt").read_text(),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize(("where", "lines", "explained"), CASES)
def test_a_mistake_is_explained(where: str, lines: str, explained: str) -> None:
    text = {"head": f"{HEAD}{lines}\n{PROMPTS}", "prompt": f"{HEAD}{PROMPTS}{lines}\n", "file": f"{lines}\n"}[where]
    assert complaints(text) == [explained]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1, column 1: There is nothing in the file."),
        ("# only a remark\n", "line 1, column 1: There is nothing in the file."),
        (
            "title: x\n\tframing: y",
            "line 2, column 1: There is a tab before the first word of this line. "
            "Use spaces to indent: two for each step.",
        ),
        ('title: "\\0"', "line 1, column 8: There is a character here that can’t be kept."),
        ("title: a\nframing: \x07", "line 2, column 10: There is a character here that can’t be kept."),
        ('title: "\\UFFFFFFFF"', "line 1, column 1: This is not YAML that we can read."),
        ("title: [" + "[" * 100_000, "line 1, column 20: There is too much in here."),
        ("x" * 262_145, "line 1, column 1: The file is too large. It may have 256 KB."),
        ("é" * 131_073, "line 1, column 1: The file is too large. It may have 256 KB."),
    ],
)
def test_what_is_no_file_of_ours_is_refused_kindly(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]


def test_fifty_one_prompts_are_too_many() -> None:
    prompts = "".join(f"  - idea: x{number}\n    ask: Q?\n" for number in range(51))
    assert complaints(f"{HEAD}prompts:\n{prompts}") == [
        "line 106, column 5: There are too many prompts. 50 is the most; few people answer more than ten."
    ]


def test_three_long_names_that_do_not_fit_on_a_button_together() -> None:
    text = HEAD.replace("good-city", "a" * 24) + PROMPTS.replace("travel", "b" * 16).replace("walk", "c" * 16)
    names = f"{'a' * 24}:{'b' * 16}:{'c' * 16}"
    assert complaints(text) == [
        f"line 8, column 15: “answer:{names}” is too long for a button. Shorten one of its three names."
    ]


def test_bodies_topics_and_keywords_are_compared_with_those_that_exist() -> None:
    known = Known(frozenset({"planning", "riverside"}), frozenset({"green"}), {"city": "other-city"})
    text = HEAD.replace("planning", "plannning") + "audience: {bodies: [riverside], topics: [greens]}\nkeyword: city\n"
    assert complaints(text + PROMPTS, known) == [
        "line 4, column 14: I know no “plannning”. Did you mean “planning”?",
        "line 5, column 42: I know no “greens”. Did you mean “green”?",
        "line 6, column 10: “city” is the keyword of “other-city” already.",
    ]
    mine = Known(frozenset({"planning"}), keywords={"city": "good-city"})
    assert read(HEAD + "keyword: city\n" + PROMPTS, mine).keyword == "city"


def test_an_hour_that_the_clocks_leave_out_does_not_exist() -> None:
    text = f"{HEAD}timezone: Europe/London\nopens: 2026-03-29 01:30\n{PROMPTS}"
    assert complaints(text) == [
        "line 6, column 8: “2026-03-29 01:30” doesn’t exist in Europe/London. "
        "The clocks go forward then; take an hour later."
    ]
    doubled = read(text.replace("03-29", "10-25"))
    assert doubled.opens_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_nudges_come_between_the_opening_and_the_closing() -> None:
    times = "timezone: Europe/London\nopens: 2026-11-20 09:00\ncloses: 2026-11-23 12:00\n"
    plan = """\
nudges:
  reminders:
    - {after: 3 days}
    - {after: 3 days, at: 18:00}
    - {before: 5 days}
  closing: {before: 2 hours, at: 18:00}
"""
    assert complaints(HEAD + times + plan + PROMPTS) == [
        "line 11, column 7: This would come after the closing.",
        "line 12, column 7: This would come before the opening.",
        "line 13, column 12: This would come after the closing.",
    ]


def test_what_may_be_meant_is_only_doubted() -> None:
    text = f"""\
{HEAD.replace("answered by: planning", "opens: 2026-11-20 09:00")}languages: [en, cy]
nudges: {{invitation: {{at: 23:00}}}}
prompts:
  - idea: one_thing
    ask: {{en: Your idea?, cy: Eich syniad?}}
  - one: age
    ask: {{en: Age?, cy: Oed?}}
    options: [0–17, 18–64, 65+]
"""
    assert doubts(text) == [
        "line 1, column 1: Ideas are asked for, but nobody is named who will answer them. "
        "Add “answered by: {body: planning, within: 60 days}”.",
        "line 2, column 8: “What makes a good city?” isn’t said in Welsh. Who speaks it will see “en” instead.",
        "line 3, column 10: “We read everything.” isn’t said in Welsh. Who speaks it will see “en” instead.",
        "line 4, column 8: Times are taken as UTC. Add “timezone: Europe/London” if it is British time.",
        "line 6, column 22: Nobody is disturbed at that time of night. It will wait until 08:00.",
    ]


def test_options_of_a_list_get_keys_that_only_their_words_decide() -> None:
    options = "[Été à Paris!, '!', One thing and then some, One thing and that]"
    text = f"{HEAD}prompts:\n  - one: x\n    ask: Q?\n    options: {options}"
    assert [option.key for option in read(text).prompts[0].options] == [
        "ete_a_paris",
        "option_2",
        "one_thing_and",
        "one_thing_and_4",
    ]


PIECES = st.sampled_from(
    [
        *KEYS, "idea", "one", "scale", "many", "ask", "options", "when", "at least", "good-city", "en", "cy", "off",
        ": ", ":", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", '"', "'", "|", ">-", "&a", "*a", "!x", "#",
        "? ", "2026-11-20 09:00", "18:00", "3 days", "99999999999 days", "9", "-1", "\t", "%", "\\", "\ud800", "\x85",
    ]
)  # fmt: skip
GOOD = (EXAMPLES / "good-city.yaml").read_text()


@st.composite
def damaged(draw: st.DrawFn) -> str:
    start = draw(st.integers(0, len(GOOD)))
    length = draw(st.integers(0, 40))
    return GOOD[:start] + draw(st.one_of(PIECES, st.text(max_size=8))) + GOOD[start + length :]


VOCABULARY = [
    *KEYS, *[kind.value for kind in PromptKind], "ask", "help", "required", "options", "when", "at least", "at most",
    "from", "to", "low", "high", "body", "within", "bodies", "topics", "invitation", "reminders", "closing", "thanks",
    "after", "before", "at", "is", "not", "above", "below", "en", "cy", "a", "b",
]  # fmt: skip
VALUES = ["a", "b", "yes", "off", "3 days", "18:00", "2026-11-20 09:00", "UTC", "en", 3, -1, 2.5, "", None, "x" * 3_001]


def trees(leaf: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    keys = st.sampled_from(VOCABULARY)
    grown = st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
    )
    prompts = st.lists(st.dictionaries(keys, grown, max_size=6), max_size=4)
    return st.fixed_dictionaries(
        {"consultation": st.just("x"), "title": st.just("X"), "framing": st.just("Y"), "prompts": prompts},
        optional={key: grown for key in KEYS[3:] if key != "prompts"},
    )


@given(trees(st.sampled_from(VALUES)))
def test_any_table_of_our_keys_is_a_consultation_or_has_mistakes(tree: object) -> None:
    outcome = read_consultation(json.dumps(tree, indent=1))
    assert isinstance(outcome, Checked) or said(outcome)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join), damaged()))
def test_any_text_at_all_is_a_consultation_or_has_mistakes(text: str) -> None:
    outcome = read_consultation(text)
    if isinstance(outcome, Checked):
        assert outcome.value.prompts
    else:
        assert outcome
        assert all(line.startswith("line ") for line in said(outcome))
        assert all(1 <= problem.line <= text.count("\n") + text.count("\x85") + 2 for problem in outcome)
    assert isinstance(read_document(text), Checked | tuple)
