"""Folkmoot's processes in a run: started, killed, told to stop, and started again by whoever looks after them."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGUSR1

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types

from tests.chaos.platforms import SECRET, SIGNING
from tests.chaos.record import Ending
from tests.chaos.script import LONDON
from tests.fakes.telegram_payloads import TOKEN
from tests.house.processes import ROOT, free_port

ROLES = {"postgres": ("web", "worker-1", "worker-2"), "sqlite": ("serve",)}
LOOKS_AFTER_EVERY = 0.2
TRIES_AGAIN_AFTER = 0.5
"""Seconds until a process that ended by itself is started again, as an operating system would."""

FULL_STOP = 15.0
STARTS_WITHIN = 60.0


@dataclass
class Running:
    """`again_at`: nobody starts it before that moment."""

    process: "subprocess.Popen[bytes] | None" = None
    again_at: float = 0.0

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class House:
    """Roles are web, worker-1 and worker-2, or serve."""

    folder: Path
    clock: Path
    database: str
    database_url: str
    telegram_url: str
    slack_url: str
    port: int = field(default_factory=free_port)
    endings: list[Ending] = field(default_factory=list)
    kills: int = 0
    kills_while_sending: int = 0
    killed: set[int] = field(default_factory=set)
    """Processes, by their numbers: what was killed can't end as it was told to."""

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self._running = {name: Running() for name in ROLES[self.database]}
        self._looks_after: asyncio.Task[None] | None = None
        self._piping: list[subprocess.Popen[bytes]] = []

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._running)

    @property
    def workers(self) -> tuple[str, ...]:
        return tuple(name for name in self._running if name != "web")

    @property
    def front(self) -> str:
        """Whoever takes webhooks."""
        return self.names[0]

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept, "PYTHONPATH": str(ROOT), "PORT": str(self.port), "COLUMNS": "200",
            "DATABASE_URL": self.database_url, "SECRET_KEY": "the same in each", "TIMEZONE": LONDON,
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": self.telegram_url, "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "SLACK_BOT_TOKEN": "xoxb-one", "SLACK_SIGNING_SECRET": SIGNING, "SLACK_API_URL": self.slack_url,
        }  # fmt: skip

    # --- starting
    def start(self) -> None:
        for name in self._running:
            self._start(name)
        self._looks_after = asyncio.create_task(self._look_after())

    def _start(self, name: str) -> None:
        command = [sys.executable, "-m", "tests.chaos.process", str(self.clock), name.partition("-")[0]]
        # Through a pipe, so that a limit on the size of files hits the database and not the log.
        with (self.folder / f"{name}.log").open("ab") as log:
            pipe = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        self._piping.append(pipe)
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment(), stdout=pipe.stdin, stderr=subprocess.STDOUT
        )
        if pipe.stdin:
            pipe.stdin.close()
        self._running[name].process = process

    async def _look_after(self) -> None:
        """Whatever ended is started again, in its time."""
        while True:
            for name, one in self._running.items():
                if one.process and one.process.poll() is not None:
                    if not one.again_at:
                        one.again_at = time.time() + TRIES_AGAIN_AFTER
                    elif time.time() >= one.again_at:
                        one.again_at = 0.0
                        self._start(name)
            await asyncio.sleep(LOOKS_AFTER_EVERY)

    async def until_ready(self) -> None:
        """All are up, and whoever takes webhooks knows its bot: on a busy machine, that takes its time."""
        ends = time.time() + STARTS_WITHIN
        async with httpx.AsyncClient(base_url=self.url, timeout=5) as platform:
            while not (all(one.is_up for one in self._running.values()) and await self._takes_updates(platform)):
                if time.time() > ends:
                    await self.ask_where_they_are()
                    raise AssertionError(f"not ready; see {self.folder}")
                await asyncio.sleep(0.1)

    async def _takes_updates(self, platform: httpx.AsyncClient) -> bool:
        """What can't be read is taken and thrown away, but only once the bot is connected."""
        secret = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        with suppress(httpx.TransportError):
            return (await platform.post("/telegram/webhook", content=b"{", headers=secret)).status_code == 200
        return False

    # --- ending
    def pid(self, name: str) -> int | None:
        process = self._running[name].process
        return process.pid if process and process.poll() is None else None

    def kill(self, name: str, back_in: float) -> None:
        one = self._running[name]
        if one.process and one.process.poll() is None:
            one.again_at = time.time() + back_in
            self.kills += 1
            self.killed.add(one.process.pid)
            one.process.kill()
            one.process.wait()

    def kill_whoever_speaks_from(self, port: int, back_in: float) -> None:
        for name in self.workers:
            pid = self.pid(name)
            with suppress(psutil.Error):
                if pid and any(one.laddr and one.laddr.port == port for one in psutil.Process(pid).net_connections()):
                    self.kill(name, back_in)
                    self.kills_while_sending += 1

    async def deploy(self, name: str, back_in: float) -> None:
        """SIGTERM, and a fresh process once it has ended."""
        one = self._running[name]
        if one.process is None or one.process.poll() is not None:
            return
        one.again_at = time.time() + FULL_STOP + back_in
        await self._tell_to_stop(name, one.process)
        one.again_at = time.time() + back_in

    async def _tell_to_stop(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        began = time.time()
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, FULL_STOP)
        if process.pid not in self.killed:
            self.endings.append(Ending(name, process.poll(), time.time() - began))

    async def stop(self) -> None:
        """All are told to, at once."""
        self.let_go()
        running = [(name, one.process) for name, one in self._running.items() if one.process]
        await asyncio.gather(*(self._tell_to_stop(name, one) for name, one in running if one.poll() is None))

    def let_go(self) -> None:
        if self._looks_after:
            self._looks_after.cancel()

    def bury(self) -> None:
        """Nothing of it is left running, whatever happened."""
        self.let_go()
        for one in self._running.values():
            if one.process and one.process.poll() is None:
                one.process.kill()
            if one.process:
                one.process.wait()
        for pipe in self._piping:
            pipe.wait()

    # --- looking
    async def ask_where_they_are(self) -> None:
        """Each process writes into its log what it waits for."""
        for one in self._running.values():
            if one.process and one.is_up:
                one.process.send_signal(SIGUSR1)
        await asyncio.sleep(1)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A command of Folkmoot's that ends by itself."""
        return subprocess.run(
            [sys.executable, "-m", "folkmoot", *command],
            cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""
