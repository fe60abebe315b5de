"""The interface for programs, put together: an application of its own within the other, with its own description."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.ports import StoreUnavailable
from web.api.broadcasts import Broadcasting
from web.api.consultations import Consultations
from web.api.door import ROOT
from web.api.gate import Gate
from web.api.ideas import Ideas
from web.api.parts import Developers
from web.api.problems import PROBLEM_SCHEMA, read_trouble, tell
from web.api.results import Watch
from web.api.society import Society
from web.api.webhooks import Webhooks
from web.parts import Parts
from web.trouble import Trouble

VERSION = "1.0.0"
DESCRIPTION = (
    "Everything that can be done at the desk. A token acts with the authority of the organiser who made it, narrowed "
    "by its scopes. Times are RFC 3339 in UTC, mistakes are RFC 9457, long lists come in pages."
)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Sent again with the same key within a day, it is done once and answered alike.",
}


def create_api(parts: Parts, own: Developers) -> FastAPI:
    async def tell_trouble(request: Request, fault: Exception) -> Response:
        return tell(request, read_trouble(fault), parts.texts)

    app = FastAPI(title="Folkmoot", version=VERSION, openapi_url=None, docs_url=None, redoc_url=None)
    for fault in (Trouble, HTTPException, RequestValidationError, StoreUnavailable, Exception):
        app.add_exception_handler(fault, tell_trouble)
    gate = Gate(parts, own)
    for room in (Society(gate), Consultations(gate), Watch(gate), Broadcasting(gate), Ideas(gate), Webhooks(gate)):
        app.router.routes += room.routes().routes

    async def describe(request: Request) -> Response:
        return JSONResponse(description(app), headers={"cache-control": "public, max-age=300"})

    app.add_route("/openapi.json", describe, methods=["GET"], include_in_schema=False)
    return app


def description(app: FastAPI) -> dict[str, Any]:
    """As OpenAPI. Made once."""
    if app.openapi_schema is None:
        told = get_openapi(
            title="Folkmoot", version=VERSION, description=DESCRIPTION, routes=app.routes,
            servers=[{"url": ROOT}], separate_input_output_schemas=False,
        )  # fmt: skip
        components = told.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = dict(PROBLEM_SCHEMA)
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "fm_…"}}
        told["security"] = [{"token": []}]
        for path in told["paths"].values():
            for operation in path.values():
                for answer in operation["responses"].values():
                    answer["description"] = answer["description"].replace("Successful Response", "As asked")
            if "post" in path:
                path["post"].setdefault("parameters", []).append(KEY)
        app.openapi_schema = told
    return app.openapi_schema
