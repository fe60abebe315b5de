"""Message to exact request, and within Block Kit's limits whatever the message."""

from hypothesis import given
from hypothesis import strategies as st

from bots.slack.writing import Call, write
from core.outbound import Key, Message, Tone
from core.places import Place
from tests.fakes.slack_blocks import problems_of_message

DIRECT = Place("slack:T1", "U1")
CHANNEL = Place("slack:T1", "C1", private=False)
QUIET = {"unfurl_links": False, "unfurl_media": False}


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def test_words_alone() -> None:
    assert write(DIRECT, Message("Trees & <ponds>")) == Call(
        "chat.postMessage",
        {"channel": "U1", "text": "Trees &amp; &lt;ponds&gt;", "blocks": [_section("Trees &amp; &lt;ponds&gt;")]}
        | QUIET,
    )


def test_a_card_with_its_buttons() -> None:
    keys = (
        (Key("Answer", "begin:good-city", tone=Tone.PRIMARY), Key("What is this?", "about:good-city")),
        (Key("Leave", "stop", tone=Tone.DANGER), Key("Read on", url="https://example.org")),
    )
    label = {"type": "plain_text", "emoji": True}
    assert write(CHANNEL, Message("What should change?", "A good city", keys)) == Call(
        "chat.postMessage",
        {
            "channel": "C1",
            "text": "A good city\nWhat should change?",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "A good city", "emoji": True}},
                _section("What should change?"),
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {**label, "text": "Answer"},
                            "action_id": "key-0-0",
                            "value": "begin:good-city",
                            "style": "primary",
                        },
                        {
                            "type": "button",
                            "text": {**label, "text": "What is this?"},
                            "action_id": "key-0-1",
                            "value": "about:good-city",
                        },
                    ],
                },
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {**label, "text": "Leave"},
                            "action_id": "key-1-0",
                            "value": "stop",
                            "style": "danger",
                        },
                        {
                            "type": "button",
                            "text": {**label, "text": "Read on"},
                            "action_id": "link-1-1",
                            "url": "https://example.org",
                        },
                    ],
                },
            ],
            **QUIET,
        },
    )


def test_where_it_goes() -> None:
    thread = Place("slack:T1", "C1", private=False, thread="1.1")
    said = {"text": "Hi", "blocks": [_section("Hi")]}
    assert write(thread, Message("Hi")).values == {"channel": "C1", "thread_ts": "1.1", **said, **QUIET}
    assert write(CHANNEL, Message("Hi", quoting="2.2")).values["thread_ts"] == "2.2"
    assert "thread_ts" not in write(DIRECT, Message("Hi", quoting="2.2")).values
    alone = write(CHANNEL, Message("Hi", only_for="U1"))
    assert alone == Call("chat.postEphemeral", {"channel": "C1", "user": "U1", **said})
    assert write(DIRECT, Message("Hi", only_for="U1")).method == "chat.postMessage"
    changed = write(DIRECT, Message("Hi", replaces="3.3"), channel="DU1")
    assert changed == Call("chat.update", {"channel": "DU1", "ts": "3.3", **said})


def test_an_ephemeral_message_is_answered_through_its_own_address() -> None:
    url = "https://hooks.slack.com/actions/1"
    said = {"text": "Hi", "blocks": [_section("Hi")], "response_type": "ephemeral"}
    assert write(CHANNEL, Message("Hi", callback=url)) == Call(url, {**said, "replace_original": False})
    assert write(CHANNEL, Message("Hi", callback=url, replaces="1.1")) == Call(url, {**said, "replace_original": True})


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.sampled_from(["&" * 9_000, "🌳" * 5_000])
keys = st.builds(Key, texts, st.just("home"), st.sampled_from(["", "https://example.org"]), st.sampled_from(Tone))
rows = st.lists(st.lists(keys, max_size=12).map(tuple), max_size=8).map(tuple) | st.just(((Key("A", "home"),),) * 90)


@given(st.builds(Message, texts, texts, rows))
def test_every_message_is_within_slacks_limits(message: Message) -> None:
    values = write(CHANNEL, message).values
    assert problems_of_message(values["blocks"]) == []
    assert 1 <= len(values["text"]) <= 4_000
