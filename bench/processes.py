"""Processes that a measure starts beside itself, and ends with it: ours, floors, and servers of platforms."""

import asyncio
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import perf_counter

from bench.loads import Line
from bench.measuring import Wrong
from tests.house.processes import ROOT, House, house

__all__ = ["House", "Program", "house", "running"]

PATIENCE = 30.0
LOOK_EVERY = 0.002
SECRET = "a-webhook-secret"  # noqa: S105  made up


PORTS = range(12_000, 30_000)
"""Below those that the operating system hands out: nobody's connection takes one before its server starts."""


def own_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class Program:
    """`python -m MODULE PORT …`, which serves on that port."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.port = own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(  # noqa: S603  our own
            [sys.executable, "-m", module, str(self.port), *arguments], cwd=ROOT
        )

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@asynccontextmanager
async def running(module: str, *arguments: str) -> AsyncIterator[Program]:
    """Once it takes connections."""
    program = Program(module, *arguments)
    try:
        await answering(program.port, program.process)
        yield program
    finally:
        program.end()


async def answering(port: int, process: "subprocess.Popen[bytes]", path: str = "") -> None:
    """Until the port takes connections; where there is a path, until that is answered with 200."""
    ends = perf_counter() + PATIENCE
    while perf_counter() < ends:
        if process.poll() is not None:
            raise Wrong(f"a process ended by itself, with {process.returncode}")
        try:
            line = await Line.to(port)
            status = (await line.get(path))[0] if path else 200
            await line.close()
            if status == 200:
                return
        except (OSError, asyncio.IncompleteReadError):
            pass
        await asyncio.sleep(LOOK_EVERY)
    raise Wrong(f"nothing answered on port {port} within {PATIENCE:g} s")


async def ask(port: int, path: str) -> bytes:
    """What is answered to one GET."""
    line = await Line.to(port)
    try:
        return (await line.get(path))[1]
    finally:
        await line.close()
