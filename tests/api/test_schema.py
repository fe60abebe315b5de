"""The interface keeps to its own description: every operation is tried with what a machine makes up."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.floods import Flow
from folkmoot.running import Channels, parts_for
from tests.api.programs import ROOT, idea, program, token
from tests.desk.stage import Stage, consultation
from tests.web.stage import serving
from web.app import create_app

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 5
"""Of each operation, as the description has it, against it, and upon what there is."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


async def test_every_operation_answers_as_it_is_described(stage: Stage) -> None:
    assembly = stage.assembly
    quick = replace(assembly.desk.developers, flow=Flow(1_000_000, 1_000.0))
    assembly = replace(assembly, desk=replace(assembly.desk, developers=quick))
    url = await stage.open.enter_async_context(serving(create_app(parts_for(assembly, Channels(assembly, None, None)))))
    await stage.load(consultation("city"))
    code = await idea(stage)
    chief = await program(stage)
    wanted = {"name": "x", "url": "https://example.org/", "kinds": ["idea.received"]}
    hook = (await chief.post("/webhooks", json=wanted)).json()["id"]
    delivery = (await chief.post(f"/webhooks/{hook}/test")).json()["delivery"]
    member = (await chief.get("/members")).json()["items"][0]["id"]
    there = {"slug": "city", "code": code, "delivery": delivery}
    described = (await chief.get("/openapi.json")).json()
    secret = (await token(stage)).secret
    tried = await asyncio.to_thread(_try_all, described, f"{url}{ROOT}", secret, there, hook, member)
    assert tried == {
        (method.upper(), path) for path, item in described["paths"].items() for method in item if method != "parameters"
    }


def _try_all(
    described: Mapping[str, Any], url: str, secret: str, there: Mapping[str, object], hook: str, member: int
) -> set[tuple[str, str]]:
    schema = schemathesis.openapi.from_dict(dict(described))
    tried = set()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        tried.add((operation.method.upper(), operation.path))
        known = {**there, "id": member if "/members" in operation.path else hook}
        if operation.path.startswith("/bodies/"):
            known["slug"] = "leeds"
        for mode in GenerationMode:
            _try(operation, mode, url, secret, {})
        if "{" in operation.path and operation.method.upper() != "DELETE":
            _try(operation, GenerationMode.POSITIVE, url, secret, known)
    return tried


def _try(operation: Any, mode: GenerationMode, url: str, secret: str, known: Mapping[str, object]) -> None:
    @seed(20260512)
    @settings(SETTINGS)
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Any) -> None:
        for name in case.path_parameters or {}:
            if name in known:
                case.path_parameters[name] = known[name]
        case.call_and_validate(base_url=url, headers={"authorization": f"Bearer {secret}"}, checks=CHECKS, timeout=10)

    try:
        once()
    except schemathesis.errors.SchemathesisError:  # there is no way to break it
        if mode is not GenerationMode.NEGATIVE:
            raise
