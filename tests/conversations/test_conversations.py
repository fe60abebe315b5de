import asyncio
from pathlib import Path

import pytest

from tests.conversations.script import act_out

GOLDEN = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(golden: Path) -> None:
    written = golden.read_text(encoding="utf-8")
    assert "!!" not in written, "a line of it can't be acted out"
    assert asyncio.run(act_out(written)) == written


def test_there_are_golden_conversations() -> None:
    assert len(GOLDEN) >= 8
