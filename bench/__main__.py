"""Measures something and shows a table: `python -m bench ledger`, `python -m bench story`."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from bench import ledger as in_memory
from bench import sealing as over_a_database
from bench import story as lookup
from bench.databases import Fresh, postgres, sqlite
from bench.measuring import Result, table

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
shown, aside = Console(), Console(stderr=True)


class Kind(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


OPEN = {Kind.SQLITE: sqlite, Kind.POSTGRES: postgres}
Kinds = Annotated[list[Kind] | None, typer.Option("--database", help="Over this one only.")]
Entries = Annotated[int, typer.Option(min=20, help="Story entries, at the most.")]


@app.command()
def ledger(entries: Entries = 100_000, blocks: int = 10, ticks: int = 3, database: Kinds = None) -> None:
    """Entries sealed and verified a second against bare SHA-256, and replies while very many are sealed."""
    _show("Sealed and verified, in memory", in_memory.measure(entries, blocks))
    for kind in database or Kind:
        measured = _over(kind, lambda fresh: over_a_database.measure(fresh(), entries, ticks, told=_so_far))
        _show(f"Replies while sealing, {kind}", measured)


@app.command()
def story(entries: Entries = 1_000_000, blocks: int = 10, database: Kinds = None) -> None:
    """Looking an idea and its receipt up among very many entries, against among a thousandth of them."""
    sizes = (max(entries // 1_000, 20), entries)
    for kind in database or Kind:
        measured = _over(kind, lambda fresh: lookup.measure(fresh(), fresh(), sizes, blocks, told=_so_far))
        _show(f"Story lookup, {kind}", measured)


def _over(kind: Kind, measure: Callable[[Fresh], Coroutine[None, None, list[Result]]]) -> list[Result]:
    try:
        with OPEN[kind]() as fresh:
            return asyncio.run(measure(fresh))
    except ImportError:
        aside.print(f"{kind} isn’t here: it comes with what is installed for testing.")
        return []


def _so_far(what: str, entries: int) -> None:
    aside.print(f"{entries:,} entries {what}")


def _show(title: str, results: Sequence[Result]) -> None:
    if results:
        shown.print(table(title, results))


app()
