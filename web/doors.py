"""The doors at which Telegram and Slack knock. Whether a knock is theirs is judged by the channel, not here."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.texts import T
from web.parts import Parts
from web.trouble import Trouble


class Doors:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/telegram/webhook", self.telegram, methods=["POST"])
        router.add_api_route("/slack/events", self.slack, methods=["POST"])
        router.add_api_route("/slack/install", self.slack, methods=["GET"])
        router.add_api_route("/slack/oauth_redirect", self.slack, methods=["GET"])
        return router

    async def telegram(self, request: Request) -> Response:
        """Answers only when the update is on disk; whatever is raised becomes a 500, and Telegram sends it again."""
        if self._parts.telegram is None:
            raise Trouble(404, T("Telegram is off"), T("This server takes no updates from Telegram."))
        secret = request.headers.get("x-telegram-bot-api-secret-token")
        return Response(status_code=await self._parts.telegram(await request.body(), secret))

    async def slack(self, request: Request) -> Response:
        if self._parts.slack is None:
            raise Trouble(404, T("Slack is off"), T("This server isn’t connected to Slack."))
        return await self._parts.slack.handle(request)
