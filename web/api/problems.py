"""Problems: what a program is told when it can't have what it asked for, as RFC 9457 has it, with a sentence."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.ports import StoreUnavailable
from core.texts import Phrase, T, Texts, Words
from web.trouble import Trouble, not_now, of_status, our_fault

MEDIA_TYPE = "application/problem+json"
MOST_MISTAKES = 100

KINDS: Mapping[int, str] = {
    400: "malformed", 401: "token", 403: "not-yours", 404: "nothing-here", 405: "method", 406: "media-type",
    409: "conflict", 412: "changed", 413: "too-long", 415: "media-type", 422: "mistakes", 429: "too-fast",
    500: "our-fault", 503: "not-now",
}  # fmt: skip

MEANS: Mapping[int, str] = {
    400: "What was sent can’t be read.",
    401: "There is no token, or it isn’t one any more.",
    403: "The token, or its owner, may not do this.",
    404: "There is nothing here, or nothing that its owner may see.",
    409: "It can’t be done as things stand.",
    412: "Somebody was quicker: it isn’t the version any more that If-Match names.",
    413: "It is longer than one megabyte.",
    415: "It is of another media type than those that are taken.",
    422: "There are mistakes in it; `mistakes` lists them.",
    429: "That was faster than we follow; Retry-After says when to go on.",
    503: "Our memory can’t be reached; sending it again does no harm.",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """`where`: the field, or empty; `line` and `column` count from 1 where it is a file."""

    what: Words
    where: str = ""
    line: int | None = None
    column: int | None = None
    meant: Words | None = None


class Refused(Trouble):
    """As any trouble, with more of what programs understand."""

    def __init__(
        self,
        status: int,
        heading: Phrase,
        sentence: Phrase,
        mistakes: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, heading, sentence)
        self.mistakes, self.headers = tuple(mistakes), dict(headers or {})


def nothing() -> Refused:
    return Refused(404, T("There is nothing here"), T("There is nothing of that name that you may see."))


def not_yours(sentence: Phrase) -> Refused:
    return Refused(403, T("That isn’t yours to do"), sentence)


def beyond() -> Refused:
    return not_yours(T("That reaches beyond the bodies that you organise."))


def conflict(sentence: Phrase) -> Refused:
    return Refused(409, T("Not as things stand"), sentence)


def mistaken(mistakes: Sequence[Mistake]) -> Refused:
    return Refused(422, T("There are mistakes in it"), T("Nothing was changed. Mend what is listed and send it again."),
                   mistakes)  # fmt: skip


def changed() -> Refused:
    return Refused(
        412,
        T("Somebody was quicker"),
        T("It was changed since you read it, and nothing of yours was stored. Read it again, then send it anew."),
    )


def unreadable(sentence: Phrase) -> Refused:
    return Refused(400, T("That can’t be read"), sentence)


def of_another_kind() -> Refused:
    return Refused(
        415, T("That isn’t a kind we take"), T("Send it as application/json or as application/yaml, in UTF-8.")
    )


def read_trouble(fault: Exception) -> Trouble:
    """Whatever was raised, as a trouble to be told."""
    match fault:
        case Trouble():
            return fault
        case RequestValidationError():
            return _invalid(fault)
        case HTTPException():
            told = of_status(fault.status_code)
            return Refused(told.status, told.heading, told.sentence, headers=fault.headers)
        case StoreUnavailable():
            return not_now()
        case _:
            return our_fault()


def _invalid(fault: RequestValidationError) -> Refused:
    errors = fault.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return unreadable(T("That isn’t JSON."))
    # Pydantic's own sentences, in English; what was sent isn't quoted back.
    mistakes = [Mistake(str(error["msg"]), ".".join(map(str, error["loc"]))) for error in errors[:MOST_MISTAKES]]
    return mistaken(mistakes)


def language_of(request: Request, texts: Texts) -> str:
    return texts.language_for(request.headers.get("accept-language", "").partition(",")[0].partition(";")[0])


def tell(request: Request, trouble: Trouble, texts: Texts) -> Response:
    language = language_of(request, texts)

    def say(words: Words) -> str:
        return texts.say(words, language)

    told: dict[str, object] = {
        "type": f"/developers#{KINDS.get(trouble.status, 'refused')}",
        "title": say(trouble.heading),
        "status": trouble.status,
        "detail": say(trouble.sentence),
    }
    headers: dict[str, str] = {}
    if isinstance(trouble, Refused):
        headers = dict(trouble.headers)
        if trouble.mistakes:
            told["mistakes"] = [_written(mistake, say) for mistake in trouble.mistakes]
    if trouble.status == 503:
        headers.setdefault("retry-after", "5")
    headers["content-language"] = language
    return Response(json.dumps(told, ensure_ascii=False).encode(errors="replace"), trouble.status, headers, MEDIA_TYPE)


def _written(mistake: Mistake, say: Callable[[Words], str]) -> dict[str, object]:
    told: dict[str, object] = {"what": say(mistake.what)}
    for name, value in (("where", mistake.where or None), ("line", mistake.line), ("column", mistake.column)):
        if value is not None:
            told[name] = value
    if mistake.meant is not None:
        told["meant"] = say(mistake.meant)
    return told


PROBLEM_SCHEMA: Mapping[str, object] = {
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem it is: where it is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "mistakes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["what"],
                "properties": {
                    "what": {"type": "string"},
                    "where": {"type": "string", "description": "The field."},
                    "line": {"type": "integer"},
                    "column": {"type": "integer"},
                    "meant": {"type": "string", "description": "What was probably meant."},
                },
            },
        },
    },
}


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """What a route may answer beside what it is for; every route these: no token, too fast, and not now."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = {400, 401, 403, 404, 422, 429, 503, *statuses}
    return {status: {"description": MEANS[status], "content": content} for status in sorted(every)}
