"""Slack's written form of text, out of it and into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.mrkdwn import cut, escaped, linked, pieces, plain, tidy


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Cats &amp; dogs &lt;3", "Cats & dogs <3"),
        ("&amp;lt;", "&lt;"),
        ("Ask <@U1> or <@U2|bob>", "Ask @Ada or @bob"),
        ("Ask <@U404>", "Ask @U404"),
        ("In <#C1|general> and <#C2>", "In #general and #C2"),
        ("<!here> <!subteam^S1|@parks> <!date^1^{date}|today>", "@here @parks today"),
        ("See <https://example.org/a?b=1&amp;c=2>", "See https://example.org/a?b=1&c=2"),
        ("See <https://example.org|the plan>", "See the plan (https://example.org)"),
        ("See <http://example.org|example.org>", "See http://example.org"),
        ("Write to <mailto:a@b.org|a@b.org>", "Write to a@b.org"),
        ("nul\0 and \ud800 alone", "nul and \ufffd alone"),
        ("<unfinished", "<unfinished"),
        (None, ""),
        (3, ""),
    ],
)
def test_what_was_typed_reads_as_it_was_seen(typed: object, seen: str) -> None:
    assert plain(typed, {"U1": "Ada"}) == seen


def test_nobodys_words_can_mention_a_channel() -> None:
    assert linked("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


def test_web_addresses_become_links_without_the_full_stop_after_them() -> None:
    assert linked("See https://example.org/a?b=1&c=2. Or (https://b.org)!") == (
        "See <https://example.org/a?b=1&amp;c=2>. Or (<https://b.org>)!"
    )


def test_emoji_outside_the_basic_plane_survive() -> None:
    assert tidy("🌳\ud83c\udf33") == "🌳🌳"


@given(st.text())
def test_escaping_and_reading_back_changes_nothing(text: str) -> None:
    kept = tidy(text)
    assert plain(escaped(kept)) == kept


@given(st.text(alphabet=st.sampled_from("ab&<>\n 🌳h"), min_size=0, max_size=400), st.integers(10, 60))
def test_pieces_fit_and_lose_no_words(text: str, longest: int) -> None:
    made = pieces(text, longest)
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= longest for piece in made)
    assert "".join("".join(made).split()) == "".join(linked(text).split())


@given(st.text(max_size=300), st.integers(2, 80))
def test_a_cut_text_fits(text: str, longest: int) -> None:
    assert len(cut(text, longest).encode("utf-16-le", "surrogatepass")) // 2 <= longest
