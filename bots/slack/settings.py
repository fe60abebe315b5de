"""What of the environment concerns Slack, and the permissions that we ask of a workspace."""

from dataclasses import dataclass

from bots.slack.web_api import SLACK_API_URL

SCOPES = (
    "channels:history",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "reactions:read",
    "users:read",
)
"""Of the bot; the same as in docs/slack-app-manifest.yaml."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """As in the environment, `SLACK_…`. `public_url` without a slash at its end."""

    bot_token: str = ""
    signing_secret: str = ""
    app_token: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_url: str = SLACK_API_URL
    public_url: str = ""

    @property
    def installs(self) -> bool:
        """Whether workspaces can install us by themselves."""
        return bool(self.client_id and self.client_secret)

    @property
    def missing(self) -> tuple[str, ...]:
        """The variables without which nothing goes; empty where Slack is on."""
        ways_in = bool(self.signing_secret or self.app_token)
        who_we_are = bool(self.bot_token or self.installs)
        return (*(() if who_we_are else ("SLACK_BOT_TOKEN",)), *(() if ways_in else ("SLACK_SIGNING_SECRET",)))

    @property
    def authorization_url(self) -> str:
        """Slack's page where a workspace lets us in; beside the API where that isn't Slack's own."""
        return self.api_url.rstrip("/").removesuffix("/api") + "/oauth/v2/authorize"

    @property
    def redirect_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/slack/oauth_redirect"
