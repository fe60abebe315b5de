"""What the organisers' page shows has to work as shown."""

import re
from pathlib import Path

import pytest

from core.flows.bodies import ROLES
from core.flows.documents import read_document
from core.flows.nudges import STEPS
from core.flows.problems import Checked
from core.flows.reading import KEYS
from core.prompts import PromptKind
from core.prompts import Test as Check

PAGE = (Path(__file__).parents[2] / "docs" / "consultations.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n")[0])
def test_every_example_on_the_page_has_no_mistakes(example: str) -> None:
    checked = read_document(example)
    assert isinstance(checked, Checked), checked


def test_the_page_names_every_key_kind_step_and_role() -> None:
    words = {*KEYS, *PromptKind, *ROLES, "ask", "help", "required", "when", "options", "at least", "at most"}
    words |= {"from", "to", "low", "high", "answers within", "channels"}
    assert {word for word in words if f"`{word}`" not in PAGE} == set()
    assert {word for word in (*STEPS, *Check) if f"{word}:" not in PAGE and f"`{word}`" not in PAGE} == {"is"}
