"""The file of bodies and topics, and telling the two kinds of file apart."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Body, BodyKind, Power, Remit, Topic
from core.calendars import EVERY_DAY, Holidays, Recess
from core.consultations import Consultation
from core.flows.bodies import Declared, read_bodies
from core.flows.documents import read_document
from core.flows.problems import Checked, Problem, show_problem
from core.members import Address, Role
from core.places import Place
from core.texts import Localised, Texts

ENGLISH = Texts({})

FULL = """\
topics:
  green: {en: Parks, cy: Parciau}
bodies:
  - commission: planning
    name: Planning Commission
    answers within: 60 days
    members:
      secretary: telegram:123456:987
      member: [slack:T01:U02, web:abc-DEF_1]
    channels: [slack:T01:C9, telegram:123456:-100200]
  - branch: riverside
    name: Riverside
"""


TOWN = """\
topics: {green: Parks, transport: Getting about}
bodies:
  - committee: conference
    name: Conference
    answers: everything
    answers within: 60 days
  - commission: planning
    name: Planning Commission
    answers: transport
    answers within: 60 days
  - branch: riverside
    name: Riverside
    parent: planning
"""
CASES = re.findall(
    r"^== (\w+)\n(.*?)\n((?:[=~]> [^\n]*\n)+)",
    Path(__file__).with_name("test_flows_bodies_mistakes.txt").read_text(),
    re.MULTILINE | re.DOTALL,
)


def read(text: str) -> Declared:
    checked = read_bodies(text)
    assert isinstance(checked, Checked), said(checked)
    return checked.value


def said(problems: tuple[Problem, ...]) -> list[str]:
    return [ENGLISH.say(show_problem(problem), "en") for problem in problems]


def complaints(text: str) -> list[str]:
    problems = read_bodies(text)
    assert not isinstance(problems, Checked)
    return said(problems)


@pytest.mark.parametrize(("where", "lines", "explained"), CASES)
def test_a_mistake_or_a_doubt_is_explained(where: str, lines: str, explained: str) -> None:
    under = "".join(f"    {line}\n" for line in lines.split("\n"))
    outcome = read_bodies({"head": f"{lines}\n{TOWN}", "body": f"{TOWN}{under}", "file": f"{lines}\n"}[where])
    found = said(outcome.warnings if isinstance(outcome, Checked) else outcome)
    sign = "~> " if isinstance(outcome, Checked) else "=> "
    assert [sign + one for one in found] == explained.splitlines()


def test_the_file_says_who_answers_what_and_which_days_count() -> None:
    declared = read(f"""\
holidays: [GB-WLS, 2027-01-02, 2026-12-24]
{TOWN}    answers: [good-city, green, plan-2030]
    answers within: 5 weeks
    appeals: conference
    may: {{answer: [representative, secretary], moderate: organiser}}
    recess: [2026-12-21 to 2027-01-03, 2027-05-01]
""")
    assert declared.holidays == Holidays("GB-WLS", (date(2026, 12, 24), date(2027, 1, 2)))
    assert declared.bodies == (
        Body(
            "conference",
            Localised.of("Conference"),
            BodyKind.COMMITTEE,
            answer_days=60,
            remit=Remit(everything=True),
        ),
        Body(
            "planning",
            Localised.of("Planning Commission"),
            BodyKind.COMMISSION,
            answer_days=60,
            remit=Remit(topics=("transport",)),
        ),
        Body(
            "riverside",
            Localised.of("Riverside"),
            BodyKind.BRANCH,
            answer_days=35,
            parent="planning",
            remit=Remit(topics=("green",), consultations=("good-city", "plan-2030")),
            powers=((Power.ANSWER, (Role.REPRESENTATIVE, Role.SECRETARY)),),
            recesses=(Recess(date(2026, 12, 21), date(2027, 1, 3)), Recess(date(2027, 5, 1), date(2027, 5, 1))),
            appeals="conference",
        ),
    )


@pytest.mark.parametrize(
    ("written", "holidays"),
    [
        ("GB", Holidays("GB")),
        ("2026-12-24", Holidays(None, (date(2026, 12, 24),))),
        ("2026-12-30 to 2027-01-01", Holidays(None, (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)))),
        ("{region: GB-WLS}", Holidays("GB-WLS")),
        ("{days: [2026-12-24, 2026-12-23 to 2026-12-24]}", Holidays(None, (date(2026, 12, 23), date(2026, 12, 24)))),
        ("{region: GB-WLS, days: 2026-12-24}", Holidays("GB-WLS", (date(2026, 12, 24),))),
        ("[]", EVERY_DAY),
    ],
)
def test_holidays_are_a_region_and_days_of_ones_own(written: str, holidays: Holidays) -> None:
    assert read(f"holidays: {written}\n{TOWN}").holidays == holidays


def test_a_body_above_may_be_declared_below() -> None:
    upside_down = "bodies:\n  - branch: b\n    name: B\n    parent: a\n  - branch: a\n    name: A\n"
    assert [body.parent for body in read(upside_down).bodies] == ["a", None]


def test_bodies_have_members_by_address_and_channels() -> None:
    checked = read_bodies(FULL)
    assert isinstance(checked, Checked)
    bodies, topics, holidays, deliveries_kept = checked.value
    assert (holidays, deliveries_kept) == (EVERY_DAY, None)
    assert topics == (Topic("green", Localised.of({"en": "Parks", "cy": "Parciau"})),)
    assert bodies == (
        Body(
            slug="planning",
            name=Localised.of("Planning Commission"),
            kind=BodyKind.COMMISSION,
            members=(
                (Address("telegram:123456", "987"), Role.SECRETARY),
                (Address("slack:T01", "U02"), Role.MEMBER),
                (Address("web", "abc-DEF_1"), Role.MEMBER),
            ),
            channels=(Place("slack:T01", "C9", private=False), Place("telegram:123456", "-100200", private=False)),
            answer_days=60,
        ),
        Body("riverside", Localised.of("Riverside"), BodyKind.BRANCH),
    )


def test_the_file_says_how_long_deliveries_are_kept() -> None:
    assert read(f"keep deliveries: 2 weeks\n{TOWN}").deliveries_kept == 14
    assert read(TOWN).deliveries_kept is None


def test_all_mistakes_among_bodies_are_told_at_once() -> None:
    text = """\
topics:
  green: Parks
bodies:
  - comission: planning
    name: Planning
  - branch: green
    nmae: Green
    members: {secretery: telegram:987, member: [slack:T01:U02, slack:T01:U02]}
    channels: web:abc
    answers within: a while
  - name: Nobody
  - riverside
"""
    assert complaints(text) == [
        "line 4, column 5: I don’t know the key “comission”. Did you mean “commission”?",
        "line 6, column 13: “green” is here twice. It is in line 2 already.",
        "line 7, column 5: I don’t know the key “nmae”. Did you mean “name”?",
        "line 8, column 15: There is no role “secretery”. Did you mean “secretary”?",
        "line 8, column 26: “telegram:987” is no address that I can read. "
        "Write “telegram:BOT:USER”, “slack:TEAM:USER” or “web:USER”.",
        "line 8, column 64: “slack:T01:U02” is here twice. It is in line 8 already.",
        "line 9, column 15: “web:abc” is no address that I can read. "
        "Write “slack:TEAM:CHANNEL”, or “telegram:BOT:GROUP”.",
        "line 10, column 21: “a while” is no span of time that can be used here. Write it as “60 days”.",
        "line 11, column 5: This body doesn’t say what kind it is. "
        "Begin it with “branch / society / commission / committee: some-name”.",
        "line 12, column 5: A body begins with its kind and short name. Write “- branch: riverside”.",
    ]


def test_one_channel_belongs_to_one_body() -> None:
    text = FULL + "    channels: slack:T01:C9\n"
    assert complaints(text) == ["line 13, column 15: “slack:T01:C9” is here twice. It is in line 10 already."]


def test_a_file_of_bodies_says_something() -> None:
    assert complaints("languages: en") == ["line 1, column 1: There is neither a body nor a topic in the file."]
    assert complaints("bodies: planning\ntopics: green") == [
        "line 1, column 9: “bodies” has to be a list. "
        "Begin each with “- branch / society / commission / committee: some-name”.",
        "line 2, column 9: Topics are a table of short names and names. Write “topics: {transport: Getting about}”.",
    ]


def test_either_file_is_known_by_what_is_in_it() -> None:
    bodies = read_document(FULL)
    assert isinstance(bodies, Checked)
    assert not isinstance(bodies.value, Consultation)
    consultation = read_document("consultation: x\ntitle: X\nframing: Why\nprompts: [{idea: a, ask: Idea?}]")
    assert isinstance(consultation, Checked)
    assert isinstance(consultation.value, Consultation)


WHOLE = f"holidays: [GB-WLS, 2026-12-24]\n{TOWN}    recess: 2026-12-21 to 2027-01-03\n    may: {{answer: member}}\n"

PIECES = st.sampled_from(
    [
        "topics",
        "bodies",
        "members",
        "channels",
        "branch",
        "name",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "parent",
        "answers",
        "recess",
        "holidays",
        "may",
        "2026-12-21 to ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "x",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=20).map("".join), st.integers(0, len(FULL)), st.integers(0, 40))
def test_any_text_at_all_declares_bodies_or_has_mistakes(piece: str, start: int, length: int) -> None:
    changed = (whole[:start] + piece + whole[start + length :] for whole in (FULL, WHOLE))
    for text in (piece, *changed):
        outcome = read_bodies(text)
        assert isinstance(outcome, Checked) or outcome
