"""The secret gives way to another: what is read with which, and what the command says."""

import os
import shutil
from pathlib import Path

import pytest

from folkmoot.settings import Settings
from folkmoot.upkeep import rotate
from storage.database import Database
from storage.vault import SqlVault


def settings(**chosen: str) -> Settings:
    return Settings(_env_file=None, **chosen)  # type: ignore[arg-type, call-arg]  # the library's own parameter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SECRET_", "TELEGRAM_"))]:
        monkeypatch.delenv(name)
    return tmp_path


def test_telegram_may_show_what_was_made_of_either_secret(folder: Path) -> None:
    old, new = settings(secret_key="old"), settings(secret_key="new", secret_key_before="old")
    assert new.webhook_secrets() == (new.webhook_secret(), old.webhook_secret())
    assert settings(secret_key="new").webhook_secrets() == (new.webhook_secret(),)
    chosen = settings(secret_key="new", secret_key_before="old", telegram_webhook_secret="chosen")
    assert chosen.webhook_secrets() == ("chosen",)


def test_a_secret_that_was_made_for_us_is_moved_aside_and_another_one_made(folder: Path) -> None:
    made = settings().secret()
    assert settings().secret_before() == ""
    shutil.move("var/secret.key", "var/secret.key.before")
    assert settings().secret() != made
    assert settings().secret_before() == made
    assert settings(secret_key_before="another").secret_before() == "another"


async def test_rotating_says_how_much_it_sealed_anew_or_whose_secret_is_missing(
    folder: Path, migrated_copy: Path
) -> None:
    url = f"sqlite:///{migrated_copy}"
    async with Database(url) as database:
        await SqlVault(database, "old").keep("slack", "T1", "xoxb-1")
    refused = await rotate(settings(database_url=url, secret_key="new"))
    assert not refused.is_good
    assert "Nothing was changed: what is kept as slack of T1 was sealed with another SECRET_KEY" in refused.lines[0]
    said = await rotate(settings(database_url=url, secret_key="new", secret_key_before="old"))
    assert said.lines == ("Sealed anew with the present secret: 1.",)
    async with Database(url) as database:
        assert await SqlVault(database, "new").find("slack", "T1") == "xoxb-1"
