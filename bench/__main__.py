"""Measures something and shows a table: `python -m bench all`, or one part of it, as `python -m bench turns`."""

from time import perf_counter
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from bench import picture
from bench.databases import Kind, ground
from bench.measuring import Wrong
from bench.parts import ALONE, PARTS, Measured, Sizes, in_memory
from bench.reports import JSON_FILE, markdown, table, write_between, write_json

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
shown, aside = Console(), Console(stderr=True)
if not shown.is_terminal:  # a file has room
    shown = Console(width=180)

LEDGER = "ledger"

Kinds = Annotated[list[Kind] | None, typer.Option("--database", help="Over this one only.")]
Broadcast = Annotated[int, typer.Option(min=2_000, help="Members of the broadcast that is planned.")]
Meanwhile = Annotated[int, typer.Option(min=1_000, help="Members of the broadcast beside which replies are timed.")]
Entries = Annotated[int, typer.Option(min=100, help="Story entries that are sealed and looked up.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="Stretches every span of time by so much.")]
Docs = Annotated[bool, typer.Option("--write-docs", help="Writes table and picture into docs/, too.")]
USUAL = Sizes()


@app.command("all")
def measure_all(
    database: Kinds = None,
    broadcast: Broadcast = USUAL.broadcast,
    meanwhile: Meanwhile = USUAL.meanwhile,
    entries: Entries = USUAL.entries,
    seconds: Seconds = USUAL.seconds,
    write_docs: Docs = False,
) -> None:
    """Everything but the desk, in less than ten minutes; also as JSON, in bench/results.json."""
    sizes = Sizes(broadcast, meanwhile, entries, seconds=seconds)
    measured = _measure((LEDGER, *(part for part in PARTS if part not in ALONE)), database or list(Kind), sizes)
    shown.print(table("Measured", measured.results))
    write_json(measured.results)
    aside.print(f"Written to {JSON_FILE}.")
    if write_docs:
        write_between("results", markdown(measured.results))
        write_between("growth", picture.numbers(measured.points))
        picture.write(measured.points)
    _end(measured)


def _command(part: str) -> None:
    @app.command(part, help=f"Only {part}.")
    def measure_part(
        database: Kinds = None,
        broadcast: Broadcast = USUAL.broadcast,
        meanwhile: Meanwhile = USUAL.meanwhile,
        entries: Entries = USUAL.entries,
        seconds: Seconds = USUAL.seconds,
    ) -> None:
        sizes = Sizes(broadcast, meanwhile, entries, seconds=seconds)
        measured = _measure((part,), database or list(Kind), sizes)
        shown.print(table(part.capitalize(), measured.results))
        if measured.points:
            shown.print(picture.numbers(measured.points))
        _end(measured)


def _measure(parts: tuple[str, ...], kinds: list[Kind], sizes: Sizes) -> Measured:
    measured, begun = Measured(), perf_counter()
    if LEDGER in parts:
        _tell(LEDGER, begun)
        measured.results += in_memory(sizes)
    named = [part for part in parts if part in PARTS]
    for kind in kinds if named else ():
        with ground(kind) as where:
            for part in named:
                _tell(f"{part} on {kind.written}", begun)
                try:
                    uvloop.run(PARTS[part](where, sizes, measured))
                except Exception as fault:
                    measured.failed.append(f"{part} on {kind.written}: {fault}")
                    aside.print(measured.failed[-1], style="red", markup=False)
                    if not isinstance(fault, Wrong):
                        aside.print_exception()
    _tell("done", begun)
    return measured


def _end(measured: Measured) -> None:
    """With an error where anything didn't do its work: it has no line in the table."""
    if measured.failed:
        raise typer.Exit(1)


def _tell(what: str, begun: float) -> None:
    aside.print(f"{perf_counter() - begun:5.0f} s  {what}")


for part in (LEDGER, *PARTS):
    _command(part)

if __name__ == "__main__":
    app()
