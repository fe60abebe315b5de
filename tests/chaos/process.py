"""Folkmoot's own processes, by another clock: `python -m tests.chaos.process CLOCK-FILE web|worker|serve`.

What runs is the product: `folkmoot web`, `worker` and `serve`, with another clock handed in.
"""

import asyncio
import signal
import sys
from pathlib import Path

import typer

from folkmoot import cli
from tests.chaos.clock import ShiftedClock


async def run(role: str, clock: ShiftedClock) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, say_where_we_are)
    settings = cli._settings()
    if role == "worker":
        await cli._work(settings, clock)
    else:
        await cli._serve(settings, web=True, work=role == "serve", clock=clock)


def say_where_we_are() -> None:
    """What each task waits for, into the log: asked by the driver where something doesn't come to an end."""
    for task in asyncio.all_tasks():
        task.print_stack(limit=12)


if __name__ == "__main__":
    try:
        cli._run(run(sys.argv[2], ShiftedClock(Path(sys.argv[1]))))
    except typer.Exit as ended:  # the sentence why is said already; the command line itself would end so, too
        sys.exit(ended.exit_code)
