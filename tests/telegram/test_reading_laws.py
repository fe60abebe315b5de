"""Laws of reading: it never raises, and what it returns is always well formed."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.reading import read_document, read_json, read_update
from core.inbound import LONGEST_TEXT
from tests.fakes.telegram_payloads import (
    BOT_NAME,
    Json,
    build_update,
    document,
    group_chat,
    membership,
    message,
    photo,
    press,
    user,
    voice,
)

GROUP = group_chat()
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEMPLATES: list[Json] = [
    build_update("message", message("/idea More trees", chat=GROUP, reply_to_message=message("Yes", chat=GROUP))),
    build_update("message", message(photo=photo(), caption="Here")),
    build_update("message", message(voice=voice(), document=document("D", "a.yaml", 9), caption="/load")),
    build_update("edited_message", message("More oaks", edit_date=1_767_268_801)),
    build_update("callback_query", press("consent:yes", message("Well?", chat=GROUP))),
    build_update("my_chat_member", membership("kicked", sender=user())),
    build_update("message", message(chat=GROUP, migrate_to_chat_id=-1_001_000_000_777)),
]

nasty_text = st.text(st.characters(codec=None), max_size=20) | st.just("\ud800/\0") | st.just("x" * 5_000)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | nasty_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty_text, inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, key))


@st.composite
def mangled(draw: st.DrawFn) -> Any:
    """A faithful update with some of its parts replaced by anything, or taken away."""
    update: Any = json.loads(json.dumps(draw(st.sampled_from(TEMPLATES))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(paths(update))[1:] or [()]))
        if not path:
            break
        part = update
        for key in path[:-1]:
            part = part[key]
        if draw(st.booleans()) and isinstance(part, dict):
            del part[path[-1]]
        else:
            part[path[-1]] = draw(junk)
    return update


def leaves(value: object) -> Iterator[object]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for of in dataclasses.fields(value):
            yield from leaves(getattr(value, of.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from leaves(one)
    else:
        yield value


@given(mangled() | junk)
def test_any_payload_is_read_as_a_well_formed_inbound_or_as_none(payload: Any) -> None:
    update = read_json(payload)
    if update is None:
        return
    document = read_document(update, BOT_NAME)
    inbound = read_update(update, "telegram:1", BOT_NAME, NOW)
    for leaf in (*leaves(inbound), *leaves(document)):
        assert leaf is None or isinstance(leaf, str | bool | datetime | Enum)
        if isinstance(leaf, str):
            leaf.encode()  # no lone surrogates
            assert "\0" not in leaf
            assert len(leaf) <= LONGEST_TEXT + len("/ ") + 64
        if isinstance(leaf, datetime):
            assert leaf.tzinfo is not None


@given(nasty_text)
def test_an_update_is_read_the_same_on_every_delivery(text: str) -> None:
    update = build_update("message", message(text))
    first, second = (read_json(json.loads(json.dumps(update))) for _ in range(2))
    assert first is not None
    assert second is not None
    first_time, second_time = (read_update(one, "telegram:1", BOT_NAME, NOW) for one in (first, second))
    assert first_time == second_time
