"""The Compose file's services as processes, and the steps of the image's recipe as far as they go without an engine."""

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.contracts.postgres import Postgres
from tests.deploy.started import DEPLOY, Started
from tests.house.processes import ROOT, free_port

COMPOSE: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
STEPS = [line.split(maxsplit=1) for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line]
PACKAGES = ("core", "bots", "storage", "web", "folkmoot")
ASKED_FOR = {"POSTGRES_PASSWORD": "a-password", "SECRET_KEY": "a secret"}
PLACE = re.compile(r"\$\{(\w+):([?-])([^}]*)\}")


def filled(value: object) -> str:
    """With what is asked for in the place of ${…}."""
    return PLACE.sub(lambda found: ASKED_FOR.get(found[1], found[3] if found[2] == "-" else ""), str(value))


def settings_of(service: str, url: str) -> Mapping[str, str]:
    settings = {name: filled(value) for name, value in SERVICES[service]["environment"].items()}
    assert settings["DATABASE_URL"] == "postgresql://folkmoot:a-password@postgres/folkmoot"
    return {**settings, "DATABASE_URL": url}


def seconds(span: str) -> float:
    assert span.endswith("s")
    return float(span.removesuffix("s"))


async def test_its_services_come_up_one_after_another_and_end_well(tmp_path: Path, postgres: Postgres) -> None:
    server = {name: filled(value) for name, value in SERVICES["postgres"]["environment"].items()}
    assert server == {"POSTGRES_USER": "folkmoot", "POSTGRES_DB": "folkmoot", "POSTGRES_PASSWORD": "a-password"}
    url, port = await postgres.empty(), str(free_port())
    running: list[Started] = []

    def start(service: str, **more: str) -> Started:
        program, *words = SERVICES[service]["command"]
        assert program == "folkmoot"
        (folder := tmp_path / service).mkdir()
        running.append(Started(words, {**settings_of(service, url), **more}, folder))
        return running[-1]

    try:
        migrating = start("migrate").process
        assert await asyncio.to_thread(migrating.wait, 60) == 0
        web, worker = start("web", PORT=port, HOST="127.0.0.1"), start("worker")
        await web.is_ready(port)
        await worker.is_ready(None)
        healthy = [word.replace("8000", port) for word in SERVICES["web"]["healthcheck"]["test"][1:]]
        asked = [sys.executable if word == "python" else word for word in healthy]
        assert (await asyncio.to_thread(subprocess.run, asked, check=False)).returncode == 0
        for service, started in (("web", web), ("worker", worker)):
            await started.ends(SERVICES[service]["stop_signal"], seconds(SERVICES[service]["stop_grace_period"]))
    finally:
        for started in running:
            started.kill()
    await postgres.drop(url)


def test_each_waits_for_what_it_needs() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for service in ("web", "worker"):
        assert SERVICES[service]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["postgres"]["image"] == "postgres:17"


def test_the_image_is_made_of_files_that_are_here_and_of_the_lock_with_its_hashes() -> None:
    copied = [words.split()[:-1] for step, words in STEPS if step == "COPY" and not words.startswith("--from")]
    names = [name for one in copied for name in one]
    assert [name for name in names if not (ROOT / name).exists()] == []
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in names} <= set(let_through)
    assert {words.split()[0] for step, words in STEPS if step == "FROM"} == {"python:3.12-slim"}
    (locked,) = [words for step, words in STEPS if "requirements.txt" in words and step == "RUN"]
    assert "--require-hashes -r requirements.txt" in locked
    context = (DEPLOY / SERVICES["web"]["build"]["context"]).resolve()
    assert (context, (context / SERVICES["web"]["build"]["dockerfile"]).is_file()) == (ROOT, True)


def test_it_packs_everything_that_is_read_at_run_time_and_compiles_the_pages(tmp_path: Path) -> None:
    (install,) = [shlex.split(words) for step, words in STEPS if step == "RUN" and words.endswith(" .")]
    assert install[:2] == ["/opt/folkmoot/bin/pip", "install"]
    options = [word for word in install[2:] if word not in (".", "--no-cache-dir")]
    folder = tmp_path / "src"
    folder.mkdir()
    for step, words in STEPS:
        if step == "COPY" and not words.startswith("--from"):
            for name in words.split()[:-1]:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source, folder)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", *options, "--wheel-dir", tmp_path, "."],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    written = {
        str(file.relative_to(folder)) for name in PACKAGES for file in (folder / name).rglob("*") if file.is_file()
    }
    assert written - packed == set()
    zipfile.ZipFile(wheel).extractall(installed := tmp_path / "installed")
    (compile_pages,) = [
        shlex.split(words)[1:] for step, words in STEPS if step == "RUN" and words.endswith("web.pages")
    ]
    subprocess.run([sys.executable, *compile_pages], cwd=folder, env={"PYTHONPATH": str(installed)}, check=True)
    compiled, templates = installed.glob("web/__pycache__/*.cache"), installed.glob("web/templates/**/*.html")
    assert len(list(compiled)) == len(list(templates)) > 100
