"""systemd's units: each one's command, run with its settings, is ready, and ends well on its signal in its time."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.contracts.postgres import Postgres
from tests.deploy.started import DEPLOY, PROGRAM, Started
from tests.house.processes import free_port

UNITS = sorted(file.name for file in DEPLOY.glob("*.service"))
INSTALLED = "/opt/folkmoot/.venv/bin/folkmoot"
STATE = "/var/lib/folkmoot"


class Unit:
    """One unit file's [Service], with `instance` in the place of %i."""

    def __init__(self, file: Path, instance: str) -> None:
        self._lines: dict[str, list[str]] = {}
        for line in file.read_text().replace("%i", instance).splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self._lines.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        (value,) = self._lines[name]
        return value

    @property
    def words(self) -> Sequence[str]:
        program, *words = shlex.split(self["ExecStart"])
        assert program == INSTALLED
        return words

    @property
    def settings(self) -> Mapping[str, str]:
        return dict(one.split("=", 1) for line in self._lines["Environment"] for one in shlex.split(line))


def as_in(file: Path) -> dict[str, str]:
    """What an environment file sets."""
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


async def test_one_machine_needs_nothing_but_its_unit(tmp_path: Path) -> None:
    unit = Unit(DEPLOY / "folkmoot.service", "")
    assert (unit["WorkingDirectory"], unit["EnvironmentFile"]) == (STATE, "-/etc/folkmoot/env")
    port = str(free_port())
    started = Started(unit.words, {**unit.settings, "PORT": port}, tmp_path)
    try:
        await started.is_ready(port)
        await started.ends(unit["KillSignal"], float(unit["TimeoutStopSec"]))
    finally:
        started.kill()
    assert {file.name for file in (tmp_path / "var").iterdir()} >= {"folkmoot.db", "secret.key"}


async def test_pages_and_workers_run_apart_on_postgresql_with_the_example_of_an_environment(
    tmp_path: Path, postgres: Postgres
) -> None:
    url, port = await postgres.empty(), str(free_port())
    given = as_in(DEPLOY / "env.example")
    assert given["DATABASE_URL"].startswith("postgresql://")
    web, worker = Unit(DEPLOY / "folkmoot-web@.service", port), Unit(DEPLOY / "folkmoot-worker@.service", "1")
    assert {unit["EnvironmentFile"] for unit in (web, worker)} == {"/etc/folkmoot/env"}
    running: list[Started] = []
    try:
        for unit, listens in ((web, port), (worker, None)):
            (folder := tmp_path / unit.words[0]).mkdir()
            running.append(Started(unit.words, {**unit.settings, **given, "DATABASE_URL": url}, folder))
            await running[-1].is_ready(listens)
        for started, unit in zip(running, (web, worker), strict=True):
            await started.ends(unit["KillSignal"], float(unit["TimeoutStopSec"]))
    finally:
        for started in running:
            started.kill()
        assert "var" not in os.listdir(tmp_path / "web"), "each is given the same secret, so none makes its own"
    await postgres.drop(url)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze isn’t on this machine")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong_with_it(name: str, tmp_path: Path) -> None:
    here = tmp_path / name.replace("@", "@8000")
    here.write_text((DEPLOY / name).read_text().replace(INSTALLED, str(PROGRAM)))
    said = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
    about_it = [line for line in (said.stdout + said.stderr).splitlines() if "folkmoot" in line]
    assert about_it == []
