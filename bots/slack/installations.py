"""Which workspaces let us in, and with what token: installed through OAuth (kept in the vault), or the single one."""

import asyncio
import json
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
from itsdangerous import BadData, URLSafeTimedSerializer
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.payload import identity
from bots.slack.settings import SlackSettings
from bots.slack.web_api import Broken, error_of, web_client
from core.ports import Vault

log = logging.getLogger(__name__)

KIND = "slack"
"""Of the vault's secrets: one a workspace, by team id."""
STATE_LASTS = 600
"""Seconds from *Install* to Slack's answer."""


class SlackOutOfReach(Exception):
    """We couldn't ask Slack whose token ours is."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Slack did not say which workspace SLACK_BOT_TOKEN belongs to ({why}); check it, or wait.")


@dataclass(frozen=True, slots=True)
class Workspace:
    team: str
    token: str
    bot_id: str | None = None
    bot_user: str | None = None


class Installations(AsyncInstallationStore):
    """Bolt's store over the vault. One installation a workspace: we ask for a bot and for no user's token."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: Installation) -> None:
        if not installation.team_id or not installation.bot_token:
            return log.warning("An installation for a whole organisation is not supported and was not kept.")
        kept = installation.to_dict() | {"user_token": None, "user_refresh_token": None}
        return await self._vault.keep(KIND, installation.team_id, json.dumps(kept, default=str))

    async def async_save_bot(self, bot: Bot) -> None:
        await self.async_save(Installation(user_id=bot.bot_user_id, **_shared(bot)))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        secret = await self._vault.find(KIND, team_id) if team_id else None
        return Installation(**json.loads(secret)) if secret else None

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        found = await self.async_find_installation(enterprise_id=enterprise_id, team_id=team_id)
        return found.to_bot() if found else None

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """One person's token is none of ours; the bot's goes with `async_delete_bot` or `async_delete_all`."""

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        if team_id:
            await self._vault.drop(KIND, team_id)

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)


def _shared(bot: Bot) -> dict[str, Any]:
    names = ("app_id", "team_id", "team_name", "bot_token", "bot_id", "bot_user_id", "bot_scopes", "installed_at")
    return {name: getattr(bot, name) for name in names}


class Workspaces:
    """Every workspace that this process can speak in."""

    def __init__(self, installations: Installations, own: AsyncWebClient | None) -> None:
        """`own`: a client with the single token, where there is one."""
        self._installations, self._own, self._asking = installations, own, asyncio.Lock()
        self._home: Workspace | None = None

    async def find(self, team: str) -> Workspace | None:
        """Raises SlackOutOfReach where only the single token could be meant and we don't know whose it is."""
        found = await self._installations.async_find_installation(enterprise_id=None, team_id=team)
        if found and found.bot_token:
            return Workspace(team, found.bot_token, found.bot_id, found.bot_user_id)
        home = await self.home()
        return home if home and home.team == team else None

    async def home(self) -> Workspace | None:
        """The workspace of the single token, asked for once."""
        async with self._asking:
            if self._home is None and self._own is not None:
                self._home = await _whose(self._own)
            return self._home

    async def was_taken_away(self, team: str, at: float) -> bool:
        """At that time (Unix seconds). News of it can come late, after it was installed again."""
        found = await self._installations.async_find_installation(enterprise_id=None, team_id=team)
        return found is not None and int(found.installed_at) <= at

    async def forget(self, team: str) -> None:
        await self._installations.async_delete_all(enterprise_id=None, team_id=team)


def open_workspaces(settings: SlackSettings, vault: Vault, session: ClientSession) -> Workspaces:
    """Those installed through OAuth, and the one of the single token where there is one."""
    own = web_client(session, settings.api_url, settings.bot_token) if settings.bot_token else None
    return Workspaces(Installations(vault), own)


async def _whose(client: AsyncWebClient) -> Workspace:
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        raise SlackOutOfReach(error_of(error) or "it answered with an error") from error
    except Broken as error:
        raise SlackOutOfReach(type(error).__name__) from error
    team = identity(answer.get("team_id"))
    if team is None or client.token is None:
        raise SlackOutOfReach("it named none")
    return Workspace(team, client.token, identity(answer.get("bot_id")), identity(answer.get("user_id")))


class Authorize(AsyncAuthorize):
    """Which token a request from Slack is handled with; bolt asks."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self, *, team_id: str | None, enterprise_id: str | None, **others: Any
    ) -> AuthorizeResult | None:
        found = await self._workspaces.find(team_id) if team_id else None
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=found.bot_id,
            bot_user_id=found.bot_user,
            bot_token=found.token,
        )


class SignedStates(AsyncOAuthStateStore):
    """OAuth states that carry their own proof: asking for a thousand of them leaves nothing behind.

    That a state is used by the browser it was made for, bolt's cookie sees to; Slack takes each code once.
    """

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="slack-install")

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        return self._signer.dumps(secrets.token_urlsafe(12))

    async def async_consume(self, state: str) -> bool:
        try:
            self._signer.loads(state, max_age=STATE_LASTS)
        except BadData:
            return False
        return True
