"""The addresses under `/slack/`: payloads from Slack over HTTP, and the installation of the app into a workspace."""

import re
from time import time
from typing import TYPE_CHECKING

from slack_bolt import BoltResponse
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.signature import SignatureVerifier

from bots.slack.installations import Installations, SignedStates
from bots.slack.intake import SlackIntake
from bots.slack.settings import SCOPES, SlackSettings
from bots.slack.web_api import Broken, quiet, web_client
from core.numerals import read_whole
from core.ports import Vault

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from starlette.requests import Request
    from starlette.responses import Response

LARGEST_BODY = 1_000_000
"""Bytes; Slack's own payloads stay far below."""

TOLERANCE = 300
"""Seconds that a signature is good for."""

_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

_AT, _SIGNED = "x-slack-request-timestamp", "x-slack-signature"
_UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError)
"""What bolt raises for a body that is no payload of Slack's."""


class SlackDoorway:
    """Answers `POST /slack/events`, `GET /slack/install` and `GET /slack/oauth_redirect`."""

    def __init__(self, settings: SlackSettings, intake: SlackIntake, installing: AsyncOAuthFlow | None = None) -> None:
        """`installing`: from `installation`, where workspaces may install us by themselves."""
        self._intake, self._installing = intake, installing
        self._verifier = SignatureVerifier(settings.signing_secret) if settings.signing_secret else None

    async def handle(self, request: "Request") -> "Response":
        return to_starlette_response(await self._answer(request))

    async def _answer(self, request: "Request") -> BoltResponse:
        if request.method == "GET":
            return await self._install(request)
        if self._verifier is None:  # Socket Mode alone; an empty secret would let anybody sign
            return BoltResponse(status=404, body="Not found")
        if not _may_be_signed(request.headers.get(_AT, ""), request.headers.get(_SIGNED, "")):
            return BoltResponse(status=401, body="Not signed by Slack", headers={"connection": "close"})
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return BoltResponse(status=413, body="Too large")
        if not self._is_signed(bytes(body), dict(request.headers)):
            return BoltResponse(status=401, body="Not signed by Slack")
        try:
            payload = to_async_bolt_request(request, bytes(body))
        except _UNREADABLE:
            return BoltResponse(status=400, body="Not a payload of Slack's")
        if not isinstance(payload.body.get("event", {}), dict):
            return BoltResponse(status=400, body="Not a payload of Slack's")
        return await self._intake.app.async_dispatch(payload)

    def _is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        if self._verifier is None:
            return False
        try:
            return bool(self._verifier.is_valid_request(body, headers))
        except (ValueError, TypeError):  # a timestamp that is no number, a signature that is no ASCII
            return False

    async def _install(self, request: "Request") -> BoltResponse:
        flow = self._installing
        if flow is None:
            return BoltResponse(status=404, body="Not found")
        asked = to_async_bolt_request(request, b"")
        if request.url.path.endswith(flow.install_path):
            return await flow.handle_installation(asked)
        try:
            return await flow.handle_callback(asked)
        except Broken:
            return BoltResponse(status=502, body="Slack could not be reached. Please try again.")


def _may_be_signed(at: str, signature: str) -> bool:
    """Whether it is worth reading the body: what is forged carelessly, or is old, costs no more than this."""
    signed = read_whole(at)
    is_fresh = signed is not None and abs(time() - signed) <= TOLERANCE
    return is_fresh and _SIGNATURE.fullmatch(signature) is not None


def installation(settings: SlackSettings, vault: Vault, session: "ClientSession") -> AsyncOAuthFlow | None:
    """How a workspace installs us; None without a client id and secret."""
    if not settings.installs:
        return None
    return AsyncOAuthFlow(
        client=web_client(session, settings.api_url),
        logger=quiet,
        settings=AsyncOAuthSettings(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=list(SCOPES),
            user_scopes=[],
            redirect_uri=settings.redirect_url,
            install_path="/slack/install",
            redirect_uri_path="/slack/oauth_redirect",
            authorization_url=settings.authorization_url,
            installation_store=Installations(vault),
            state_store=SignedStates(settings.client_secret),
            logger=quiet,
        ),
    )
