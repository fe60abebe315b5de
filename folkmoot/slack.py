"""Slack as this process runs it: one workspace by a token, or several by installation."""

import aiohttp

from bots.slack.intake import SlackIntake, SlackSettings
from folkmoot.assembly import Assembly


def open_slack(assembly: Assembly, session: aiohttp.ClientSession) -> SlackIntake:
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
    return SlackIntake(settings, assembly)
