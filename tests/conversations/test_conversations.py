import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.bodies import Bodies
from core.stories import Entry, EntryKind
from core.telling import sentence
from core.texts import load_texts
from tests.conversations.script import act_out

TEXTS, NOON = load_texts(), datetime(2026, 11, 23, 12, tzinfo=UTC)

GOLDEN = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(golden: Path) -> None:
    written = golden.read_text(encoding="utf-8")
    assert "!!" not in written, "a line of it can't be acted out"
    assert asyncio.run(act_out(written)) == written


def test_there_are_golden_conversations() -> None:
    assert len(GOLDEN) >= 8


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_of_entry_is_told_in_a_golden_conversation(kind: EntryKind) -> None:
    whole = "\n".join(golden.read_text(encoding="utf-8") for golden in GOLDEN)
    entries = [Entry(kind, NOON), Entry(kind, NOON, next="–", days=0)]
    assert any(re.search(_pattern(TEXTS.say(sentence(entry, Bodies()), "en")), whole) for entry in entries)


def _pattern(said: str) -> str:
    """Whatever filled it: a name, a day, a number."""
    return re.sub("–|23 November 2026", ".+", re.escape(said).replace(r"\ ", " "))
