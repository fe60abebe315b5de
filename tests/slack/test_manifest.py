"""The manifest that people paste asks Slack for exactly what the code needs."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bots.slack.reading import PUT_FORWARD
from bots.slack.settings import SCOPES, SlackSettings

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-app-manifest.yaml"


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(text)
    return found


def over_http() -> str:
    """As its opening lines say."""
    lines = [line.replace("# ", "", 1) if line.endswith(HTTP) else line for line in MANIFEST.read_text().splitlines()]
    return "\n".join(lines).replace("socket_mode_enabled: true", "socket_mode_enabled: false")


HTTP = ("# HTTP", "# HTTP, where several workspaces install it")


def test_it_asks_for_the_permissions_that_the_code_names() -> None:
    assert tuple(read(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_it_names_the_commands_the_shortcut_and_the_events() -> None:
    manifest = read(MANIFEST.read_text())
    assert [one["command"] for one in manifest["features"]["slash_commands"]] == ["/idea", "/folkmoot"]
    (shortcut,) = manifest["features"]["shortcuts"]
    assert shortcut["callback_id"] == PUT_FORWARD
    assert len(shortcut["name"]) <= 24
    assert {"message.im", "message.channels", "reaction_added", "app_home_opened", "app_uninstalled"} <= set(
        manifest["settings"]["event_subscriptions"]["bot_events"]
    )


def test_changed_for_http_every_way_in_has_its_address() -> None:
    manifest = read(over_http())
    events = "https://folkmoot.example.org/slack/events"
    assert [one["url"] for one in manifest["features"]["slash_commands"]] == [events] * 2
    assert manifest["settings"]["event_subscriptions"]["request_url"] == events
    assert manifest["settings"]["interactivity"]["request_url"] == events
    assert manifest["oauth_config"]["redirect_urls"] == ["https://folkmoot.example.org/slack/oauth_redirect"]
    assert manifest["settings"]["socket_mode_enabled"] is False


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (SlackSettings(), ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")),
        (SlackSettings(bot_token="x"), ("SLACK_SIGNING_SECRET",)),
        (SlackSettings(bot_token="x", signing_secret="x"), ()),
        (SlackSettings(bot_token="x", app_token="x"), ()),
        (SlackSettings(client_id="x", signing_secret="x"), ("SLACK_BOT_TOKEN",)),
        (SlackSettings(client_id="x", client_secret="x", signing_secret="x"), ()),
    ],
)
def test_what_is_missing_is_named(settings: SlackSettings, missing: tuple[str, ...]) -> None:
    assert settings.missing == missing
