"""The reference: the page that tells people how programs talk to us, made from the description that programs get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from core.hooks import TOLD
from core.tokens import MEANS
from web.api.door import ROOT, Programs
from web.pages import Pages
from web.parts import Parts
from web.previews import reached_at
from web.readers import stranger
from web.routes import Routes

METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    is_needed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    says: str
    shape: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    says: str
    scope: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_says: str
    takes: tuple[str, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    says: str
    fields: tuple[Field, ...]


class Reference:
    def __init__(self, parts: Parts, pages: Pages, programs: Programs) -> None:
        self._parts, self._pages, self._programs = parts, pages, programs

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/developers", self.show)
        return routes

    async def show(self, request: Request) -> Response:
        described = self._programs.description()
        shapes = _shapes(described)
        return self._pages.show(
            request, "developers.html", stranger(request, self._parts.texts), root=ROOT,
            where=reached_at(request, self._parts.public_url), groups=_groups(described), shapes=shapes,
            shape_names={shape.name for shape in shapes}, scopes=MEANS, told=TOLD, problems=_problems(described),
        )  # fmt: skip


def _groups(described: Mapping[str, Any]) -> Mapping[str, Sequence[Operation]]:
    """In the order in which they are declared."""
    groups: dict[str, list[Operation]] = {}
    for path, item in described["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                tag = next(iter(operation.get("tags", [])), "")
                groups.setdefault(tag, []).append(_operation(path, method, operation, described))
    return groups


def _operation(path: str, method: str, told: Mapping[str, Any], described: Mapping[str, Any]) -> Operation:
    taken = told.get("requestBody", {}).get("content", {})
    sent: Mapping[str, Any] = next(iter(taken.values()), {})
    body = _resolved(sent.get("schema", {}), described)
    answers = [
        Answer(status, answer.get("description", ""), _shape_of(answer))
        for status, answer in told["responses"].items()
        if status.startswith(("2", "3"))
    ]
    return Operation(
        id=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '').replace(':path', '')}",
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        says=told.get("description", ""),
        scope=told.get("x-scope", ""),
        parameters=tuple(
            Field(one["name"], _kind(one.get("schema", {})), one.get("required", False), one.get("description", ""))
            for one in told.get("parameters", [])
        ),
        body=_fields(body),
        body_says=body.get("description", ""),
        takes=tuple(taken),
        answers=tuple(answers),
    )


def _shapes(described: Mapping[str, Any]) -> list[Shape]:
    known = described["components"]["schemas"]
    return [Shape(name, told.get("description", ""), _fields(told)) for name, told in sorted(known.items())]


def _problems(described: Mapping[str, Any]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for item in described["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    found.setdefault(status, answer["description"])
    return dict(sorted(found.items()))


def _fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    needed = schema.get("required", [])
    return tuple(
        Field(name, _kind(one), name in needed, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    )


def _shape_of(answer: Mapping[str, Any]) -> str:
    kinds = [_kind(one.get("schema", {})) for one in answer.get("content", {}).values()]
    return next((kind for kind in kinds if kind != "text"), kinds[0] if kinds else "")


def _resolved(schema: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = described["components"]["schemas"].get(name, schema)
    return found


_PLAIN = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}


def _kind(schema: Mapping[str, Any]) -> str:
    """In a few words, as people say it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_kind, several)))
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema.get('items', {}))}"
        case "object":
            return "table"
        case "string" if schema.get("format") == "date-time":
            return "moment"
        case "string" if schema.get("format") == "date":
            return "day"
        case kind:
            return _PLAIN.get(str(kind), "anything")
