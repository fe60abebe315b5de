"""The doors at which Telegram and Slack knock. Whether a knock is theirs is judged by the channel, not here."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.texts import T
from web.parts import Parts
from web.trouble import Trouble


class Doors:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        """Plain ones: nothing of what comes is for FastAPI to read."""
        return [
            Route("/telegram/webhook", self.telegram, methods=["POST"]),
            Route("/slack/events", self.slack, methods=["POST"]),
            Route("/slack/install", self.slack, methods=["GET"]),
            Route("/slack/oauth_redirect", self.slack, methods=["GET"]),
        ]

    async def telegram(self, request: Request) -> Response:
        """Answers only when the update is on disk; whatever is raised becomes a 500, and Telegram sends it again. A
        refusal is bare and ends the connection, whatever of the body is still to come."""
        if self._parts.telegram is None:
            raise Trouble(404, T("Telegram is off"), T("This server takes no updates from Telegram."))
        secret = request.headers.get("x-telegram-bot-api-secret-token")
        status = await self._parts.telegram(request.body, secret)
        return Response(status_code=status, headers={"connection": "close"} if status in (403, 413) else None)

    async def slack(self, request: Request) -> Response:
        if self._parts.slack is None:
            raise Trouble(404, T("Slack is off"), T("This server isn’t connected to Slack."))
        return await self._parts.slack.handle(request)
