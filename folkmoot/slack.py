"""Slack as this process runs it: one workspace by a token, or several by installation."""

from dataclasses import dataclass

import aiohttp

from bots.slack.doorway import SlackDoorway, installation
from bots.slack.files import fetch
from bots.slack.installations import Workspaces, open_workspaces
from bots.slack.intake import SlackIntake
from bots.slack.messenger import SlackMessengers
from bots.slack.settings import SlackSettings
from core.ideas import Attachment
from folkmoot.assembly import Assembly


@dataclass(frozen=True, slots=True)
class Slack:
    """`door` takes what comes over HTTP, `intake` what comes over Socket Mode."""

    door: SlackDoorway
    intake: SlackIntake
    messengers: SlackMessengers
    workspaces: Workspaces
    session: aiohttp.ClientSession
    api_url: str

    async def fetch(self, attachment: Attachment) -> tuple[bytes, str] | None:
        return await fetch(attachment, self.workspaces, self.session, self.api_url)


def open_slack(assembly: Assembly, session: aiohttp.ClientSession) -> Slack:
    given = assembly.settings
    settings = SlackSettings(
        bot_token=given.slack_bot_token,
        signing_secret=given.slack_signing_secret,
        app_token=given.slack_app_token,
        client_id=given.slack_client_id,
        client_secret=given.slack_client_secret,
        api_url=given.slack_api_url,
        public_url=given.base_url,
    )
    workspaces = open_workspaces(settings, assembly.vault, session)
    intake = SlackIntake(
        settings,
        workspaces,
        session,
        take=assembly.take,
        lookup=assembly.store,
        texts=assembly.texts,
        now=assembly.clock.now,
        channels=assembly.docket.channels,
    )
    door = SlackDoorway(settings, intake, installation(settings, assembly.vault, session))
    return Slack(
        door,
        intake,
        SlackMessengers(workspaces, session, given.slack_api_url),
        workspaces,
        session,
        given.slack_api_url,
    )
