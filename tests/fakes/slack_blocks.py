"""Block Kit's rules, as Slack enforces them: what it would say is wrong with blocks or a view."""

from collections.abc import Iterator
from typing import Any

TEXT_TYPES = {"plain_text", "mrkdwn"}
ELEMENTS_OF_INPUT = {
    "plain_text_input", "number_input", "radio_buttons", "static_select", "checkboxes", "multi_static_select",
}  # fmt: skip


def problems_of_message(blocks: Any) -> list[str]:
    if not isinstance(blocks, list):
        return ["blocks must be a list"]
    found = list(_blocks(blocks, most=50))
    if any(block.get("type") == "input" for block in blocks if isinstance(block, dict)):
        found.append("input blocks are not allowed in messages")
    return found


def problems_of_view(view: Any) -> list[str]:
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["a view must be a modal or a home"]
    found = list(_blocks(view.get("blocks"), most=100))
    found += _too_long(view.get("private_metadata", ""), 3_000, "private_metadata")
    found += _too_long(view.get("callback_id", ""), 255, "callback_id")
    if view["type"] == "modal":
        found += _text(view.get("title"), 24, "title", {"plain_text"})
        inputs = [block for block in view.get("blocks") or [] if block.get("type") == "input"]
        for name in ("submit", "close"):
            if name in view:
                found += _text(view[name], 24, name, {"plain_text"})
        if inputs and "submit" not in view:
            found.append("submit is required where there are inputs")
        ids = [block.get("block_id") for block in inputs]
        if len(ids) != len(set(ids)):
            found.append("block_id must be unique")
    allowed = {"modal": {"type", "callback_id", "private_metadata", "title", "submit", "close", "blocks"}}
    known = allowed.get(view["type"], {"type", "callback_id", "private_metadata", "blocks"})
    return found + [f"unknown field {name}" for name in view.keys() - known]


def _blocks(blocks: Any, most: int) -> Iterator[str]:
    if not isinstance(blocks, list):
        yield "blocks must be a list"
        return
    if len(blocks) > most:
        yield f"no more than {most} blocks"
    for n, block in enumerate(blocks):
        yield from (f"blocks[{n}]: {problem}" for problem in _block(block))


def _block(block: Any) -> Iterator[str]:
    if not isinstance(block, dict):
        yield "not an object"
        return
    yield from _too_long(block.get("block_id", "x"), 255, "block_id")
    match block.get("type"):
        case "divider":
            return
        case "header":
            yield from _text(block.get("text"), 150, "text", {"plain_text"})
        case "section":
            yield from _text(block.get("text"), 3_000, "text", TEXT_TYPES)
            if "accessory" in block:
                yield from _element(block["accessory"])
        case "actions":
            elements = block.get("elements")
            if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
                yield "1 to 25 elements"
                return
            ids = [element.get("action_id") for element in elements]
            if len(ids) != len(set(ids)):
                yield "action_id must be unique"
            for element in elements:
                yield from _element(element)
        case "input":
            yield from _text(block.get("label"), 2_000, "label", {"plain_text"})
            if "hint" in block:
                yield from _text(block["hint"], 2_000, "hint", {"plain_text"})
            element = block.get("element")
            if not isinstance(element, dict) or element.get("type") not in ELEMENTS_OF_INPUT:
                yield "an input needs an element that takes input"
                return
            yield from _element(element)
        case other:
            yield f"unknown block {other}"


def _element(element: dict[str, Any]) -> Iterator[str]:
    yield from _too_long(element.get("action_id", ""), 255, "action_id")
    match element.get("type"):
        case "button":
            yield from _text(element.get("text"), 75, "button text", {"plain_text"})
            yield from _too_long(element.get("value", ""), 2_000, "value")
            yield from _too_long(element.get("url", ""), 3_000, "url")
            if element.get("style", "primary") not in ("primary", "danger"):
                yield "style must be primary or danger"
        case "plain_text_input":
            if not 1 <= element.get("max_length", 3_000) <= 3_000:
                yield "max_length from 1 to 3000"
            yield from _too_long(element.get("initial_value", ""), element.get("max_length", 3_000), "initial_value")
        case "number_input":
            if not isinstance(element.get("is_decimal_allowed"), bool):
                yield "is_decimal_allowed is required"
            for name in ("initial_value", "min_value", "max_value"):
                if name in element and not _is_number(element[name]):
                    yield f"{name} must be a number in a string"
        case "radio_buttons" | "checkboxes" | "static_select" | "multi_static_select" as kind:
            most = 10 if kind in ("radio_buttons", "checkboxes") else 100
            options = element.get("options")
            if not isinstance(options, list) or not 1 <= len(options) <= most:
                yield f"1 to {most} options"
                return
            for option in options:
                yield from _text(option.get("text"), 75, "option text", TEXT_TYPES)
                if not option.get("value"):
                    yield "an option needs a value"
                yield from _too_long(option.get("value", ""), 150, "option value")
            initial = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
            if any(one not in options for one in initial) or ("initial_options" in element and not initial):
                yield "initial options must be among the options"
            if ("initial_options" in element) != (kind in ("checkboxes", "multi_static_select")) and initial:
                yield "the wrong kind of initial options"
        case other:
            yield f"unknown element {other}"


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def _text(text: Any, longest: int, name: str, types: set[str]) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in types:
        yield f"{name} must be a text object of {sorted(types)}"
    elif not isinstance(text.get("text"), str) or not 1 <= len(text["text"]) <= longest:
        yield f"{name} must have 1 to {longest} characters"
    elif "verbatim" in text and text["type"] != "mrkdwn":
        yield "verbatim is for mrkdwn"


def _too_long(value: Any, longest: int, name: str) -> Iterator[str]:
    if not isinstance(value, str) or len(value) > longest:
        yield f"{name} must have at most {longest} characters"
