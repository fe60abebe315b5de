"""Slack's written form of text: what people typed out of it, and what we say into it. No payloads in here."""

import re
from collections.abc import Mapping

from core.inbound import LONGEST_TEXT

_ENTITY = re.compile(r"<([^<>\n]*)>")
_URL = re.compile(r"https?://[^\s<>|\"]+")
_AFTER_URL = ".,;:!?)]}'»”’"
"""Marks at the end of an address that belong to the sentence around it."""


def tidy(text: object, longest: int = LONGEST_TEXT + 1) -> str:
    """Valid Unicode without NUL, cut; the empty string for what is no text."""
    if not isinstance(text, str):
        return ""
    kept = text[: 4 * longest].replace("\0", "")
    return kept.encode("utf-16", "surrogatepass").decode("utf-16", "replace")[:longest]


def plain(text: object, names: Mapping[str, str] | None = None) -> str:
    """As the writer saw it: mentions, channels and links spelt out, escapes undone. `names` by user id."""
    kept = tidy(text, 8 * LONGEST_TEXT)
    spelt = _ENTITY.sub(lambda found: _spell(found[1], names or {}), kept)
    return tidy(spelt.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _spell(entity: str, names: Mapping[str, str]) -> str:
    target, _, label = entity.partition("|")
    if target.startswith("@"):
        return "@" + (label or names.get(target[1:], target[1:]))
    if target.startswith("#"):
        return "#" + (label or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    bare = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({bare})" if label and label not in (bare, target) and not bare.endswith(label) else bare


def escaped(text: str) -> str:
    """Safe inside `mrkdwn`: nobody's words can mention a channel or forge a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(text: str) -> str:
    """Escaped, with bare web addresses as links (blocks are sent `verbatim`, so Slack makes none itself)."""
    parts: list[str] = []
    end = 0
    for found in _URL.finditer(text):
        address = found[0].rstrip(_AFTER_URL)
        parts += [escaped(text[end : found.start()]), f"<{escaped(address)}>"]
        end = found.start() + len(address)
    return "".join([*parts, escaped(text[end:])])


def cut(text: str, longest: int) -> str:
    """At most `longest` characters as Slack counts them (UTF-16 would count some twice; stay under either way)."""
    if _length(text) <= longest:
        return text
    kept = text[:longest]
    while _length(kept) > longest - 1:
        kept = kept[: len(kept) - max(1, (_length(kept) - longest) // 2)]
    return kept.rstrip() + "…"


def pieces(text: str, longest: int) -> list[str]:
    """Linked mrkdwn in pieces of at most `longest` characters, broken at paragraphs, lines or words if possible."""
    done: list[str] = []
    rest = text.strip("\n")
    while rest:
        size = _fitting(rest, longest)
        if size < len(rest):
            for separator in ("\n\n", "\n", " "):
                at = rest.rfind(separator, size // 2, size)
                if at > 0:
                    size = at
                    break
        done.append(linked(rest[:size]))
        rest = rest[size:].lstrip("\n ")
    return done


def _fitting(text: str, longest: int) -> int:
    """The longest start of the text that still fits when escaped."""
    low, high = 1, min(len(text), longest)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _length(linked(text[:middle])) <= longest else (low, middle - 1)
    return low


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
