"""Pressing the buttons of the editor's form: what each does to what was typed, what stays open, and where the focus is
after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from core.flows.manuscripts.changes import change, put_back
from core.flows.manuscripts.manuscript import Manuscript, Question
from core.flows.manuscripts.reading import read_manuscript
from core.flows.tree import LARGEST_FILE
from core.numerals import read_whole
from web.desk import editing


@dataclass(frozen=True, slots=True)
class Removed:
    """A question that was just removed, to be put back."""

    text: str
    at: int
    name: str


def press(typed: Manuscript, do: str, form: FormData, opened: set[str]) -> tuple[Manuscript, Removed | None, set[str]]:
    """What a button does; the numbers on it are those that the page was shown with."""
    numbers = list(dict.fromkeys(str(value) for value in form.getlist("prompts")))
    places = {number: place for place, number in enumerate(numbers)}
    name, *rest = do.split(":")
    is_open = [number in opened for number in numbers]
    if name == "back":
        found = read_manuscript(str(form.get("removed", ""))[:LARGEST_FILE])
        place = read_whole(form.get("removed_at"))
        if found is None or len(found.questions) != 1 or place is None:
            return typed, None, opened
        is_open.insert(min(place, len(is_open)), True)
        return put_back(typed, found.questions[0], place), None, _opened(is_open)
    about = rest and name not in ("add", "language-first", "language-remove", "reminder-remove")
    if about and rest[0] not in places:
        return typed, None, opened
    at = places[rest[0]] if about else 0
    after = change(
        typed, ":".join([name, *([str(at), *rest[1:]] if about else rest)]), str(form.get("new_language", ""))
    )
    removed = None
    if after.questions != typed.questions or not about:
        match name:
            case "add":
                is_open.append(True)
            case "copy":
                is_open.insert(at + 1, True)
            case "up" if at:
                is_open[at - 1], is_open[at] = is_open[at], is_open[at - 1]
            case "down" if at + 1 < len(is_open):
                is_open[at + 1], is_open[at] = is_open[at], is_open[at + 1]
            case "remove":
                gone = typed.questions[at]
                removed = Removed(_written_question(gone), at, gone.ask[0][1] if gone.ask else gone.key)
                del is_open[at]
            case _:
                pass
    return after, removed, _opened(is_open)


def focus_after(do: str, typed: Manuscript) -> str:
    """The id of what has the focus after a button was pressed: what was moved keeps it, what is new gets it."""
    name, *rest = do.split(":")
    numbers = [number for one in rest if (number := read_whole(one)) is not None]
    last = len(typed.questions) - 1
    code = typed.languages[0]
    match name, numbers:
        case "up", [at]:
            return f"do-up-{at - 1}" if at > 1 else "do-down-0"
        case "down", [at]:
            return f"do-down-{at + 1}" if at + 1 < last else f"do-up-{last}"
        case "add", _:
            return editing.field_id(f"prompts.{last}.ask.{code}")
        case "back", _:
            return "f-prompts"
        case "copy", [at]:
            return f"do-copy-{at + 1}"
        case "option", [at] if at <= last:
            return editing.field_id(f"prompts.{at}.options.{len(typed.questions[at].options) - 1}.label.{code}")
        case "check", [at] if at <= last and typed.questions[at].when:
            return editing.field_id(f"prompts.{at}.when.{len(typed.questions[at].when) - 1}.prompt")
        case "reminder", _:
            return editing.field_id(f"nudges.reminders.{len(typed.reminders) - 1}.count")
        case (("option-up" | "option-down"), [at, which]):
            return f"do-{name}-{at}-{max(0, which + (1 if name == 'option-down' else -1))}"
        case (("option-remove" | "check-remove"), [at, _]):
            return f"do-{name.partition('-')[0]}-{at}"
        case _:
            return ""


def _opened(is_open: Sequence[bool]) -> set[str]:
    return {str(place) for place, one in enumerate(is_open) if one}


def _written_question(question: Question) -> str:
    from core.flows.manuscripts.writing import write_question

    return write_question(question)
