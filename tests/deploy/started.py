"""A command of a unit or a service, run as the machine would: its words, its settings and no others, until its end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from tests.house.processes import ROOT
from tests.patience import until

DEPLOY = ROOT / "deploy"
PROGRAM = Path(sys.executable).with_name("folkmoot")


class Started:
    def __init__(self, words: Sequence[str], settings: Mapping[str, str], folder: Path) -> None:
        self._log = folder / "log.txt"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, *words], cwd=folder, env={**kept, **settings}, stdout=log, stderr=log
            )

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    async def is_ready(self, port: str | None) -> None:
        """Answers on its port, or says that it is at work."""
        if port is None:
            await until(lambda: self._lives() and "The worker is at work." in self.log(), "the worker to be at work")
            return
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as somebody:
            for _ in range(600):
                assert self._lives()
                try:
                    if (await somebody.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready:\n{self.log()}")

    def _lives(self) -> bool:
        assert self.process.poll() is None, self.log()
        return True

    async def ends(self, signal_name: str, within: float) -> None:
        """Well, when it is told to."""
        self.process.send_signal(signal.Signals[signal_name])
        assert await asyncio.to_thread(self.process.wait, within) == 0, self.log()
        assert "Traceback" not in self.log()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
