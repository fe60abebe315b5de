"""Templates are compiled once for all processes, and wherever that can't be kept, once for each."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from web.pages import Compiled

HELLO = {"hello": "Hello {{ name }}"}


def say(directory: Path, templates: dict[str, str]) -> str:
    """As another process does."""
    environment = Environment(loader=DictLoader(templates), bytecode_cache=Compiled(str(directory)), autoescape=True)
    return environment.get_template("hello").render(name="Ann")


def test_what_one_process_compiled_another_finds(tmp_path: Path) -> None:
    assert say(tmp_path / "kept", HELLO) == "Hello Ann"
    (kept,) = (tmp_path / "kept").iterdir()
    written = kept.stat().st_mtime_ns, kept.stat().st_ino
    assert say(tmp_path / "kept", HELLO) == "Hello Ann"
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == written


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    say(tmp_path, HELLO)
    assert say(tmp_path, {"hello": "Good day {{ name }}"}) == "Good day Ann"


@pytest.mark.parametrize("spoilt", [b"", b"nonsense", None])
def test_what_was_kept_badly_is_compiled_anew(tmp_path: Path, spoilt: bytes | None) -> None:
    say(tmp_path, HELLO)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-9] if spoilt is None else spoilt)
    assert say(tmp_path, HELLO) == "Hello Ann"


def test_where_nothing_can_be_written_pages_are_shown_all_the_same() -> None:
    assert say(Path("/proc/nowhere/kept"), HELLO) == "Hello Ann"
