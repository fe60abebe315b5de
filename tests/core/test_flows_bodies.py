"""The file of bodies and topics, and telling the two kinds of file apart."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.bodies import Body, BodyKind, Topic
from core.consultations import Consultation
from core.flows.bodies import read_bodies
from core.flows.documents import read_document
from core.flows.problems import Checked, show_problem
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


def complaints(text: str) -> list[str]:
    problems = read_bodies(text)
    assert isinstance(problems, tuple)
    return [ENGLISH.say(show_problem(problem), "en") for problem in problems]


def test_bodies_have_members_by_address_and_channels() -> None:
    checked = read_bodies(FULL)
    assert isinstance(checked, Checked)
    bodies, topics = checked.value
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
        "{",
        "}",
        "[",
        "]",
        ", ",
        "x",
    ]
)


@settings(deadline=None)
@given(st.text() | st.lists(PIECES, max_size=20).map("".join), st.integers(0, len(FULL)), st.integers(0, 40))
def test_any_text_at_all_declares_bodies_or_has_mistakes(piece: str, start: int, length: int) -> None:
    for text in (piece, FULL[:start] + piece + FULL[start + length :]):
        outcome = read_bodies(text)
        assert isinstance(outcome, Checked) or outcome
