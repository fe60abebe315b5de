"""Folkmoot's own processes, started and killed as an operating system would."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copytree

import httpx

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "good-city.yaml"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def quiet_example(folder: Path) -> Path:
    """The example, which asks nobody: for a test in which an invitation more, at a moment of its own, would be in the
    way."""
    quiet = copytree(EXAMPLE.parent, folder / "examples") / EXAMPLE.name
    quiet.write_text(EXAMPLE.read_text("utf-8").partition("\nnudges:")[0] + "\nnudges: off\n", "utf-8")
    return quiet


class House:
    """One folder with its own settings; `start` runs a command of Folkmoot's in it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environment = {**kept, "PYTHONPATH": str(ROOT), "PORT": str(self.port), "COLUMNS": "200", **settings}
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, **settings: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "folkmoot", *command],
                cwd=self.folder, env={**self._environment, **settings}, stdout=log, stderr=log,
            )  # fmt: skip
        self._running.append(process)
        return process

    async def serve(self, *command: str, **settings: str) -> "subprocess.Popen[bytes]":
        """`folkmoot serve`, or another that serves pages, once it is ready."""
        process = self.start(*(command or ("serve", "--example", str(EXAMPLE))), **settings)
        async with httpx.AsyncClient(base_url=self.url) as browser:
            for _ in range(1_000):
                assert process.poll() is None, self.log()
                try:
                    if (await browser.get("/readyz")).status_code == 200:
                        return process
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError(f"not ready:\n{self.log()}")

    def run(self, *command: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """A command that ends by itself."""
        return subprocess.run(
            [sys.executable, "-m", "folkmoot", *command],
            cwd=self.folder, env={**self._environment, **settings},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    @property
    def newest(self) -> "subprocess.Popen[bytes]":
        return self._running[-1]

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(errors="replace")

    def stop(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@asynccontextmanager
async def house(folder: Path, **settings: str) -> AsyncIterator[House]:
    built = House(folder, **settings)
    try:
        yield built
    finally:
        built.stop()
