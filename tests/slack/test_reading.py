"""Raw payload to Inbound, one row a case; and whatever arrives, an answer."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack import reading
from core.ideas import Attachment, AttachmentKind
from core.inbound import LONGEST_TEXT, Commanded, Deed, Discussed, Edited, Inbound, Pressed, Said, Submitted
from core.members import Address
from core.places import Place
from tests.fakes.slack_sender import (
    channel_message,
    command,
    direct_message,
    event,
    from_view,
    picked,
    press,
    reaction,
    shortcut,
    typed,
)
from tests.slack.conftest import NOW

ME = Address("slack:T1", "U1")
DIRECT = Place.private_to(ME)
PHOTO = {"id": "F1", "mimetype": "image/png", "url_private": "https://files.slack.com/F1"}
VOICE = {"id": "F2", "mimetype": "audio/mp4"}


@pytest.mark.parametrize(
    ("inner", "deed"),
    [
        (direct_message("help"), Said("help", "1700000000.000100")),
        (direct_message("/idea More trees"), Said("/idea More trees", "1700000000.000100")),
        (direct_message("/me waves", subtype="me_message"), Said("/me waves", "1700000000.000100")),
        (direct_message("In a thread", thread_ts="1700000000.000001"), Said("In a thread", "1700000000.000100")),
        (
            direct_message("", subtype="file_share", files=[PHOTO, VOICE, {"id": "F3"}, "nonsense"]),
            Said(
                "",
                "1700000000.000100",
                (
                    Attachment(AttachmentKind.PHOTO, "slack:T1", "F1", "image/png"),
                    Attachment(AttachmentKind.VOICE, "slack:T1", "F2", "audio/mp4"),
                    Attachment(AttachmentKind.FILE, "slack:T1", "F3"),
                ),
            ),
        ),
        (direct_message("   "), None),
        (direct_message("I am a bot", bot_id="B1"), None),
        (direct_message("Joined", subtype="channel_join"), None),
        (direct_message("Gone", subtype="message_deleted"), None),
        (direct_message("Reminder", user="USLACKBOT"), None),
        (channel_message("Just chatting"), None),
        (channel_message("The first", thread_ts="1700000000.000200"), None),
        (channel_message("A reply", thread_ts="1700000000.000001"), Discussed("1700000000.000200")),
        (channel_message("Also to all", thread_ts="1.0", subtype="thread_broadcast"), Discussed("1700000000.000200")),
        (channel_message("I am a bot", thread_ts="1700000000.000001", bot_id="B1"), None),
        ({"type": "team_join", "user": "U1", "channel": "C1"}, None),
    ],
)
def test_events(inner: dict[str, Any], deed: Deed | None) -> None:
    inbound = reading.read_event(event(inner, event_id="Ev1"), NOW)
    assert (inbound.deed if inbound else None) == deed
    assert inbound is None or (inbound.key, inbound.sender) == ("slack:T1:Ev1", ME)


def test_an_edit_of_ours_or_of_a_preview_is_none_of_ours() -> None:
    before = {"user": "U1", "text": "More trees", "ts": "1700000000.000100"}
    change = {
        "type": "message", "subtype": "message_changed", "channel": "DU1", "event_ts": "1700000009.000100",
        "message": {**before, "text": "Many trees"}, "previous_message": before,
    }  # fmt: skip
    inbound = reading.read_event(event(change), NOW)
    assert inbound is not None
    assert (inbound.deed, inbound.place) == (Edited("Many trees", "1700000000.000100"), DIRECT)
    assert reading.read_event(event({**change, "previous_message": change["message"]}), NOW) is None
    machine = {**change, "message": {**before, "text": "x", "bot_id": "B1"}}
    assert reading.read_event(event(machine), NOW) is None
    assert reading.read_event(event({**change, "channel": "C1"}), NOW) is None


@pytest.mark.parametrize(
    ("payload", "deed", "place"),
    [
        (command("/idea", "More trees"), Commanded("idea", "More trees"), Place("slack:T1", "C1", False)),
        (command("/idea", channel="DU1"), Commanded("idea"), DIRECT),
        (command("/folkmoot", channel="DU1"), Commanded("help"), DIRECT),
        (command("/folkmoot", "  MINE "), Commanded("mine"), Place("slack:T1", "C1", False)),
        (command("/folkmoot", "idea More  trees"), Commanded("idea", "More  trees"), Place("slack:T1", "C1", False)),
        (command("/folkmoot-dev", "/story K7M4"), Commanded("story", "K7M4"), Place("slack:T1", "C1", False)),
    ],
)
def test_commands(payload: dict[str, Any], deed: Deed, place: Place) -> None:
    inbound = reading.read_command(payload, NOW)
    expected = Inbound(f"slack:T1:{payload['trigger_id']}", ME, place, NOW, deed)
    assert inbound == expected


def test_a_press_names_its_message_and_an_ephemeral_one_its_own_address() -> None:
    inbound = reading.read_press(press("consent:yes", channel="DU1"), NOW)
    assert inbound is not None
    assert (inbound.deed, inbound.place) == (Pressed("consent:yes", "1700000000.000300"), DIRECT)
    alone = reading.read_press(press("capture:X:yes", is_ephemeral=True), NOW)
    assert alone is not None
    assert alone.deed == Pressed("capture:X:yes", "1700000000.000300", "http://127.0.0.1:1/response")
    assert alone.place == Place("slack:T1", "C1", False)


def test_a_button_that_opens_a_page_says_nothing_to_us() -> None:
    payload = press("x")
    payload["actions"] = [{"type": "button", "action_id": "link-0-0", "url": "https://example.org"}]
    assert reading.read_press(payload, NOW) is None


def test_a_shortcut_on_a_machines_message_puts_nothing_forward() -> None:
    message = {"user": "U1", "ts": "1700000000.000200", "text": "A pond"}
    assert reading.read_shortcut(shortcut(message), NOW) is not None
    assert reading.read_shortcut(shortcut({**message, "bot_id": "B1"}), NOW) is None
    assert reading.read_shortcut(shortcut({**message, "text": " "}), NOW) is None
    assert reading.read_shortcut({**shortcut(message), "callback_id": "another"}, NOW) is None


VIEW = {
    "id": "V1",
    "callback_id": "answers",
    "private_metadata": json.dumps({"consultation": "good-city", "chat": "C1"}),
}


def test_a_form_reads_as_what_stands_in_its_fields() -> None:
    state = {
        "idea": typed("  A pond "),
        "empty": typed(""),
        "one": picked("yes"),
        "none": picked(),
        "many": picked("a", "b", several=True),
        "rank/2": picked("bus"),
        "rank/1": picked("bike"),
        "rank/10": picked("car"),
    }
    inbound = reading.read_submission(from_view("view_submission", VIEW, state), NOW)
    assert inbound is not None
    values: dict[str, str | tuple[str, ...]] = {
        "idea": "A pond",
        "one": "yes",
        "many": ("a", "b"),
        "rank": ("bike", "bus", "car"),
    }
    assert inbound.deed == Submitted("good-city", values)
    assert inbound.place == Place("slack:T1", "C1", False)


def test_the_same_form_sent_again_is_the_same_deed_and_with_other_words_another() -> None:
    def key(words: str) -> str | None:
        inbound = reading.read_submission(from_view("view_submission", VIEW, {"idea": typed(words)}), NOW)
        return inbound.key if inbound else None

    assert key("A pond") == key("A pond")
    assert key("A pond") != key("A lake")


def test_long_texts_are_cut_just_past_the_limit() -> None:
    inbound = reading.read_event(event(direct_message("&amp;" * LONGEST_TEXT * 3)), NOW)
    assert inbound is not None
    assert isinstance(inbound.deed, Said)
    assert len(inbound.deed.text) == LONGEST_TEXT + 1


def test_only_the_loss_of_the_bot_is_a_departure() -> None:
    assert reading.read_departure(event({"type": "app_uninstalled"})) == "T1"
    assert reading.read_departure(event({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}})) == "T1"
    assert reading.read_departure(event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})) is None


GOOD: list[dict[str, Any]] = [
    event(direct_message("hello", files=[PHOTO])),
    event(channel_message("hello", thread_ts="1700000000.000001")),
    event(reaction()),
    command("/folkmoot", "mine"),
    press("consent:yes"),
    shortcut({"user": "U1", "ts": "1700000000.000200", "text": "A pond"}),
    from_view("view_submission", VIEW, {"idea": typed("A pond"), "rank/1": picked("bus")}),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, inner in items for deeper in _paths(inner, (*path, key)))]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return [text for one in items for text in _strings(one)] if isinstance(items, list | tuple) else []


@st.composite
def damaged(draw: st.DrawFn) -> object:
    """A good payload with something else somewhere in it."""
    payload: Any = json.loads(json.dumps(draw(st.sampled_from(GOOD))))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from([path for path in _paths(payload) if path]))
        inner = payload
        for step in way:
            inner = inner[step]
        inner[last] = draw(JSON)
    return payload


@given(damaged() | JSON)
def test_whatever_arrives_reading_has_an_answer(payload: object) -> None:
    found: list[Inbound | None] = [
        reading.read_event(payload, NOW),
        reading.read_command(payload, NOW),
        reading.read_press(payload, NOW),
        reading.read_shortcut(payload, NOW),
        reading.read_submission(payload, NOW),
    ]
    if reacted := reading.read_reaction(payload):
        found.append(reading.read_reacted(reacted, payload, NOW))
    reading.read_home(payload)
    reading.read_departure(payload)
    for inbound in found:
        if inbound is not None:
            said = "".join(_strings(asdict(inbound)))
            assert "\0" not in said
            said.encode()  # raises for a lone surrogate
            assert inbound.key.startswith("slack:T")
            assert inbound.at.tzinfo is not None
