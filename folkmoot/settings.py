"""Settings: the environment and `.env`, each with the value that makes `make run` work with none of them."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

VAR = Path("var")


class Settings(BaseSettings):
    """Names in capitals are the environment's. Empty means unset."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", env_ignore_empty=True, extra="ignore"
    )

    database_url: str = f"sqlite:///{VAR / 'folkmoot.db'}"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    secret_key: str = ""
    secret_key_before: str = ""
    timezone: str = "UTC"
    seals_posted_every_days: int = Field(default=7, ge=0)
    telegram_bot_token: str = ""
    telegram_webhook_secret: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_sends_per_second: int = Field(default=30, ge=1, le=100_000)
    metrics_token: str = ""
    hooks_may_go_anywhere: bool = False
    """Webhooks may also go to this machine and network, and without https."""
    slack_bot_token: str = ""
    slack_signing_secret: str = ""
    slack_app_token: str = ""
    slack_client_id: str = ""
    slack_client_secret: str = ""
    slack_api_url: str = "https://slack.com/api/"

    @field_validator("public_url", "telegram_api_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _secret_as_telegram_takes_it(cls, secret: str) -> str:
        if secret and not (len(secret) <= 256 and all(c.isascii() and (c.isalnum() or c in "_-") for c in secret)):
            raise ValueError("TELEGRAM_WEBHOOK_SECRET takes 1 to 256 of A-Z a-z 0-9 _ -")
        return secret

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"TIMEZONE is {name!r}, which isn't a time zone; write it like Europe/London") from error
        return name

    @property
    def base_url(self) -> str:
        """Where people reach us."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def telegram_uses_webhook(self) -> bool:
        return bool(self.telegram_webhook_secret or self.public_url.startswith("https://"))

    @property
    def slack_is_on(self) -> bool:
        return bool(self.slack_bot_token or self.slack_client_id) and bool(
            self.slack_signing_secret or self.slack_app_token
        )

    def secret(self) -> str:
        """`SECRET_KEY`, or one made once and kept under `var/`, readable by its owner alone."""
        if self.secret_key:
            return self.secret_key
        path = VAR / "secret.key"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _keep_secret(path)
        if secret := path.read_text().strip():
            return secret
        raise OSError(f"{path} is empty: delete it, and a new one is made")

    def secret_before(self) -> str:
        """Another secret that is read with, too, while the one gives way to the other; empty where there is none:
        `SECRET_KEY_BEFORE`, or what was moved aside under `var/`."""
        path = VAR / "secret.key.before"
        if self.secret_key_before or not path.exists():
            return self.secret_key_before
        return path.read_text().strip()

    def webhook_secret(self) -> str:
        """What we ask Telegram to show; made from the secret where none is set."""
        return self.telegram_webhook_secret or _webhook_secret(self.secret())

    def webhook_secrets(self) -> tuple[str, ...]:
        """What Telegram may show."""
        before = self.secret_before()
        if self.telegram_webhook_secret or not before:
            return (self.webhook_secret(),)
        return self.webhook_secret(), _webhook_secret(before)


def _webhook_secret(secret: str) -> str:
    return hashlib.sha256(f"telegram webhook {secret}".encode()).hexdigest()


def _keep_secret(path: Path) -> None:
    """Whole or not at all: another process that starts at the same moment must not read half of it, nor another."""
    with NamedTemporaryFile("w", dir=path.parent) as file:  # readable by its owner alone
        file.write(secrets.token_urlsafe(32))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def channel_lines(settings: Settings) -> list[str]:
    """One line a channel: on, or which variable is missing."""
    web = f"Web chat: on, at {settings.base_url}/chat"
    if settings.telegram_bot_token:
        how = "webhook" if settings.telegram_uses_webhook else "polling"
        telegram = f"Telegram: on ({how})"
    else:
        telegram = "Telegram: off (TELEGRAM_BOT_TOKEN is missing)"
    if settings.slack_is_on:
        slack = f"Slack: on ({'Socket Mode' if settings.slack_app_token else 'HTTP'})"
    elif not (settings.slack_bot_token or settings.slack_client_id):
        slack = "Slack: off (SLACK_BOT_TOKEN, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, is missing)"
    else:
        slack = "Slack: off (SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN for Socket Mode, is missing)"
    return [web, telegram, slack]
