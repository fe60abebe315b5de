"""What stands in an address comes to a page as it is meant, and only what is offered is answered."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.web.stage import serving
from web.routes import Routes


async def echo(request: Request, **told: object) -> Response:
    return PlainTextResponse(f"{request.method} {told}")


@pytest.mark.parametrize(
    ("method", "address", "status", "said"),
    [
        ("GET", "/pages/one/2", 200, "GET {'name': 'one', 'number': 2}"),
        ("HEAD", "/pages/one/2", 200, ""),
        ("GET", "/pages/one/two", 404, None),
        ("POST", "/pages/one/2", 405, None),
        ("GET", "/streams/one", 200, "GET {'name': 'one'}"),
        ("HEAD", "/streams/one", 405, ""),
        ("POST", "/doors", 200, "POST {}"),
        ("GET", "/doors", 405, None),
    ],
)
async def test_an_address_leads_to_its_page(method: str, address: str, status: int, said: str | None) -> None:
    routes, app = Routes(), FastAPI()
    routes.page("/pages/{name}/{number:int}", echo)
    routes.get("/streams/{name}", echo)
    routes.post("/doors", echo)
    app.router.routes += routes
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as somebody:
        answer = await somebody.request(method, address)
    assert answer.status_code == status
    assert said is None or answer.text == said
