"""Messages as Slack's calls: Block Kit blocks within its limits, and which method carries them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.slack.mrkdwn import cut, escaped, pieces
from bots.slack.reading import LINK
from core.outbound import Key, Message, Tone
from core.places import Place

MOST_BLOCKS = 50
LONGEST_SECTION = 3_000
LONGEST_HEADER = 150
LONGEST_LABEL = 75
LONGEST_FALLBACK = 4_000
MOST_IN_ROW = 5
MOST_IN_BLOCK = 25

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API, or a post to a `response_url` (then `method` is that address)."""

    method: str
    values: Mapping[str, Any]

    @property
    def is_response(self) -> bool:
        return self.method.startswith(("http://", "https://"))


def write(to: Place, message: Message, *, channel: str | None = None) -> Call:
    """The call that says it. `channel` is the id of the direct message, where changing an earlier one needs it."""
    said: dict[str, Any] = {"text": fallback(message), "blocks": blocks(message)}
    if message.callback and message.callback.startswith(("http://", "https://")):
        return Call(message.callback, said | _response(message))
    if message.replaces:
        return Call("chat.update", {"channel": channel or to.chat, "ts": message.replaces, **said})
    quiet = {"unfurl_links": False, "unfurl_media": False}
    thread = to.thread or (message.quoting if not to.private else None)
    where = {"channel": channel or to.chat} | ({"thread_ts": thread} if thread else {})
    if message.only_for and not to.private:
        return Call("chat.postEphemeral", {**where, "user": message.only_for, **said})
    return Call("chat.postMessage", {**where, **said, **quiet})


def _response(message: Message) -> dict[str, Any]:
    return {"response_type": "ephemeral", "replace_original": message.replaces is not None}


def fallback(message: Message) -> str:
    """What notifications and screen readers say."""
    whole = escaped("\n".join(filter(None, (message.title, message.text))))
    return cut(whole, LONGEST_FALLBACK) or "…"


def blocks(message: Message) -> list[Block]:
    shown = [*title(message.title), *sections(message.text)]
    keys = [row[start : start + MOST_IN_ROW] for row in message.keys for start in range(0, len(row), MOST_IN_ROW)]
    if len(shown) + len(keys) > MOST_BLOCKS:
        loose = [key for row in message.keys for key in row]
        keys = [tuple(loose[start : start + MOST_IN_BLOCK]) for start in range(0, len(loose), MOST_IN_BLOCK)]
        keys = keys[: MOST_BLOCKS // 2]
    return [*shown[: MOST_BLOCKS - len(keys)], *rows(keys)]


def title(words: str) -> list[Block]:
    if not words.strip():
        return []
    if len(words) <= LONGEST_HEADER and "\n" not in words:
        return [{"type": "header", "text": plain_text(words, LONGEST_HEADER)}]
    return sections(words)


def sections(text: str) -> list[Block]:
    return [section(piece) for piece in pieces(text, LONGEST_SECTION) if piece.strip()]


def section(mrkdwn: str) -> Block:
    """`verbatim`: nothing that somebody typed becomes a mention, a channel or a link of Slack's making."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}}


def rows(keys: Sequence[Sequence[Key]]) -> list[Block]:
    """A row of buttons each; every `action_id` differs from the others."""
    return [
        {"type": "actions", "elements": [button(key, f"{row}-{n}") for n, key in enumerate(keys_of_row)]}
        for row, keys_of_row in enumerate(keys)
        if keys_of_row
    ]


def button(key: Key, id: str) -> Block:
    written: Block = {"type": "button", "text": plain_text(key.label, LONGEST_LABEL)}
    if key.url:
        written |= {"action_id": f"{LINK}-{id}", "url": key.url}
    else:
        written |= {"action_id": f"key-{id}", "value": key.action}
    return written if key.tone is Tone.PLAIN else written | {"style": key.tone.value}


def plain_text(words: str, longest: int) -> Block:
    return {"type": "plain_text", "text": cut(words, longest).strip() or "…", "emoji": True}
