"""The doors at which Telegram and Slack knock. Whether a knock is theirs is judged by the channel, not here."""

from starlette.requests import Request
from starlette.responses import Response

from core.texts import T
from web.parts import Parts
from web.routes import Routes
from web.trouble import Trouble


class Doors:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Routes:
        routes = Routes()
        routes.post("/telegram/webhook", self.telegram)
        routes.post("/slack/events", self.slack)
        routes.get("/slack/install", self.slack)
        routes.get("/slack/oauth_redirect", self.slack)
        return routes

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
