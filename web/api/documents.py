"""Documents: a consultation as the file that an organiser writes, in JSON or in YAML, which are the same thing here."""

import json
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from starlette.requests import Request

from core.consultations import Consultation
from core.flows.problems import Checked, Problem
from core.flows.reading import Known, read_consultation
from core.flows.writing import write_consultation
from core.texts import T
from web.api.problems import Mistake, mistaken, of_another_kind, unreadable
from web.protection import media_type_of

JSON, YAMLS = "application/json", ("application/yaml", "application/x-yaml", "text/yaml")
Document = dict[str, Any]


async def read_text(request: Request) -> str:
    """What was sent, as a file's text. JSON is a way to write YAML, but for how it spells rare letters."""
    kind = media_type_of(request)
    if kind != JSON and kind not in YAMLS:
        raise of_another_kind()
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(T("That isn’t text in UTF-8.")) from None
    return _plain(text) if kind == JSON else text


def _plain(text: str) -> str:
    try:
        found = json.loads(text)
        if "\\" not in text:
            return text
        written = json.dumps(found, ensure_ascii=False, indent=1)
        written.encode()
    except (ValueError, RecursionError):
        raise unreadable(T("That isn’t JSON.")) from None
    return written


def read(text: str, known: Known) -> Checked[Consultation]:
    """Raises a trouble with every mistake, in the words of `folkmoot check`."""
    checked = read_consultation(text, known)
    if not isinstance(checked, Checked):
        raise mistaken([mistake_of(problem) for problem in checked])
    return checked


def mistake_of(problem: Problem) -> Mistake:
    return Mistake(problem.what, "", problem.line, problem.column, problem.meant)


def as_yaml(consultation: Consultation) -> str:
    return write_consultation(consultation)


def as_json(consultation: Consultation) -> Document:
    """The same file as tables, lists, texts and numbers."""
    found = YAML(typ="safe", pure=True).load(write_consultation(consultation))
    told: Document = _told(found)
    return told


def _told(found: Any) -> Any:
    match found:
        case dict():
            return {str(key): _told(value) for key, value in found.items()}
        case list():
            return [_told(value) for value in found]
        case date():  # and a moment
            return found.isoformat()
        case _:
            return found
