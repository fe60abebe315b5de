"""What the organisers' pages show has to work as shown."""

import re
from pathlib import Path

import pytest

from core.bodies import USUAL_ANSWER_DAYS, USUAL_POWERS, Power
from core.flows import bodies, reading
from core.flows.documents import read_document
from core.flows.members import ROLES
from core.flows.nudges import STEPS
from core.flows.problems import Checked
from core.flows.remits import EVERYTHING
from core.prompts import PromptKind
from core.prompts import Test as Check

DOCS = Path(__file__).parents[2] / "docs"
CONSULTATIONS, BODIES = ((DOCS / f"{name}.md").read_text() for name in ("consultations", "bodies"))
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", CONSULTATIONS + BODIES, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n")[0])
def test_every_example_on_the_pages_has_no_mistakes(example: str) -> None:
    checked = read_document(example)
    assert isinstance(checked, Checked), checked


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", BODIES, re.MULTILINE | re.DOTALL))
def test_nothing_is_doubtful_in_the_examples_of_bodies(example: str) -> None:
    checked = read_document(example)
    assert isinstance(checked, Checked)
    assert checked.warnings == ()


def test_the_page_on_consultations_names_every_key_kind_and_step() -> None:
    words = {*reading.KEYS, *PromptKind, "ask", "help", "required", "when", "options", "at least", "at most"}
    words |= {"from", "to", "low", "high"}
    assert {word for word in words if f"`{word}`" not in CONSULTATIONS} == set()
    steps = {word for word in (*STEPS, *Check) if f"{word}:" not in CONSULTATIONS and f"`{word}`" not in CONSULTATIONS}
    assert steps == {"is"}


def test_the_page_on_bodies_names_every_key_kind_role_and_power() -> None:
    words = {*bodies.KEYS, *bodies.BODY_KEYS, *bodies.KINDS, *ROLES, *Power, EVERYTHING}
    assert {word for word in words if f"`{word}`" not in BODIES} == set()


def test_the_page_on_bodies_says_what_is_usual() -> None:
    assert f"Otherwise {USUAL_ANSWER_DAYS} days." in BODIES
    for power, roles in USUAL_POWERS.items():
        row = next(line for line in BODIES.split("\n") if line.startswith(f"| `{power}` |"))
        assert row.endswith("| " + ", ".join(f"`{role}`" for role in roles) + " |")
