"""The command line: `folkmoot serve`, and an organiser's check, load, open, close, broadcast, status and outcome."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from core.ports import Clock
from folkmoot import organisers, verifying
from folkmoot.assembly import Assembly, assemble
from folkmoot.ending import Ending
from folkmoot.running import running
from folkmoot.settings import Settings, channel_lines
from storage.database import Database, Fault, UnusableUrl
from storage.migrations import migrate as migrate_database
from web.serving import listen

T = TypeVar("T")

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Members are asked, and every idea hears back.")

FILE = typer.Argument(exists=True, dir_okay=False, readable=True, help="A consultation or bodies file in YAML.")
SLUG = typer.Argument(help="The consultation's short name.")
File = Annotated[Path, FILE]
Slug = Annotated[str, SLUG]


# --- running
@app.command()
def serve(
    example: Annotated[Path | None, typer.Option(help="Load and open this file if nothing is stored yet.")] = None,
) -> None:
    """Web and worker in one process: all that a small organisation needs."""
    _run(_serve(_settings(), web=True, work=True, example=example))


@app.command()
def web() -> None:
    """Pages and webhooks alone; run any number of these, and workers beside them, on PostgreSQL."""
    _run(_serve(_settings(), web=True, work=False))


@app.command()
def worker() -> None:
    """Sends, plans, and listens where there is no public address."""
    _run(_work(_settings()))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""

    async def up() -> None:
        async with Database(_settings().database_url) as database:
            await migrate_database(database)

    _run(up())
    typer.echo("The database is up to date.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to; a file that isn’t there yet.")]) -> None:
    """Copy the whole database into one file, while Folkmoot goes on."""
    from folkmoot import upkeep  # what is done once in a while doesn't make every start longer

    _end(upkeep.backup(_settings(), file))


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="sqlite:///folder/file.db, with Folkmoot stopped.")],
    target: Annotated[str, typer.Argument(help="postgresql://user:password@host/name, with nothing in it.")],
) -> None:
    """Copy everything from SQLite into PostgreSQL."""
    from folkmoot import upkeep  # as above

    _settings()
    _end(_run(upkeep.copy(source, target)))


@app.command()
def rotate() -> None:
    """Seal what is kept secret anew, after SECRET_KEY changed and with the old one in SECRET_KEY_BEFORE."""
    from folkmoot import upkeep  # as above

    _end(_run(upkeep.rotate(_settings())))


async def _serve(
    settings: Settings, *, web: bool, work: bool, example: Path | None = None, clock: Clock | None = None
) -> None:
    ending = Ending()
    with listen(settings.host, settings.port) as listener:
        await _serve_on(listener, ending, settings, web=web, work=work, example=example, clock=clock)


async def _serve_on(
    listener: socket.socket,
    ending: Ending,
    settings: Settings,
    *,
    web: bool,
    work: bool,
    example: Path | None,
    clock: Clock | None,
) -> None:
    async with running(settings, web=web, work=work, clock=clock) as server:
        link = ""
        if web and work:  # one process is all there is, and its console the way in
            async with assemble(settings, migrating=False) as assembly:
                if example:
                    await organisers.load_example(assembly, example)
                link = await organisers.first_link(assembly)
        typer.echo(f"\n{typer.style('Folkmoot', bold=True)} is at {settings.base_url}  (open {settings.base_url}/chat)")
        for line in channel_lines(settings):
            typer.echo(f"  {line}")
        if link:
            typer.echo(f"  The desk: {link}  (once, within a day; it makes you the first organiser)\n")
        else:
            typer.echo(f"  The desk: {settings.base_url}/desk  (another organiser: folkmoot organiser NAME)\n")
        if server:
            ending.then(server.stop)
            await server.serve(sockets=[listener])


async def _work(settings: Settings, clock: Clock | None = None) -> None:
    ending = Ending()
    async with running(settings, web=False, work=True, clock=clock):
        typer.echo("The worker is at work.")
        for line in channel_lines(settings)[1:]:
            typer.echo(f"  {line}")
        await ending.told.wait()


# --- organising
@app.command()
def check(file: File) -> None:
    """Say every mistake in a file, with line and column and what was meant. Stores nothing."""
    checked = organisers.read_file(file)
    _say_all(checked.lines)
    if not checked.is_good:
        raise typer.Exit(1)
    _say_all((f"{file}: no mistakes.",))


@app.command()
def load(file: File) -> None:
    """Store a consultation, or bodies and topics; a file with mistakes changes nothing."""
    _do(lambda assembly: organisers.load(assembly, file))


@app.command("open")
def open_(slug: Slug) -> None:
    """Open a consultation now."""
    _do(lambda assembly: organisers.open_(assembly, slug))


@app.command()
def close(slug: Slug) -> None:
    """Close a consultation now. Nobody is asked about it any more."""
    _do(lambda assembly: organisers.close(assembly, slug))


@app.command()
def broadcast(
    slug: Slug,
    at: Annotated[str, typer.Option(help="When: 2026-11-30 18:00, or 18:00; now if left out.")] = "",
    to: Annotated[
        str, typer.Option(help="A body's or topic's short name; the consultation's audience if left out.")
    ] = "",
) -> None:
    """Invite everybody who hasn't answered yet."""
    _do(lambda assembly: organisers.broadcast(assembly, slug, at, to))


@app.command()
def status(
    slug: Annotated[str, typer.Argument(help="The consultation’s short name; how all is doing if left out.")] = "",
    watch: Annotated[bool, typer.Option(help="Stay and watch until everything has gone out.")] = False,
) -> None:
    """How a consultation stands: asked, answered, ideas, deliveries by state. Without one: how Folkmoot is doing."""
    if slug:
        _do(lambda assembly: organisers.status(assembly, slug, watch=watch))
    elif watch:
        _fail("Say which consultation to watch: folkmoot status SLUG --watch")
    else:
        _do(organisers.health)


@app.command()
def outcome(slug: Slug, words: Annotated[str, typer.Argument(help="What came of it, or a file that says so.")]) -> None:
    """Publish what came of a consultation; all who took part are told."""
    _do(lambda assembly: organisers.outcome(assembly, slug, words))


@app.command()
def link(
    slug: Slug,
    qr: Annotated[Path | None, typer.Option(help="Write the first link as a QR code: a .svg or .png file.")] = None,
) -> None:
    """Print the links by which members take part, for posters and letters."""
    _do(lambda assembly: organisers.links(assembly, slug, qr))


@app.command()
def organiser(name: Annotated[str, typer.Argument(help="Whom the code is for.")]) -> None:
    """Print a one-time code: the member who types it to the bot, on any channel, becomes an organiser."""
    _do(lambda assembly: organisers.make_organiser(assembly, name))


# --- checking
@app.command()
def verify(
    receipt: Annotated[Path | None, typer.Argument(help="A receipt file, as a story's page gives it.")] = None,
    seal: Annotated[Path | None, typer.Option(help="A seal that was published.")] = None,
    from_: Annotated[Path | None, typer.Option("--from", help="An earlier seal.")] = None,
    to: Annotated[Path | None, typer.Option(help="A later seal.")] = None,
    proof: Annotated[Path | None, typer.Option(help="The proof from the one to the other.")] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Go through the whole database.")] = False,
) -> None:
    """Check a receipt against a seal, one seal against another, or the database against itself and a seal."""
    match receipt, seal, from_, to, proof, ledger:
        case Path(), Path(), None, None, None, False:
            _end(verifying.check_receipt(receipt, seal))
        case None, None, Path(), Path(), Path(), False:
            _end(verifying.check_seals(from_, to, proof))
        case None, _, None, None, None, True:
            _do(lambda assembly: verifying.check_ledger(assembly, seal))
        case _:
            _fail(verifying.HOW)


# --- the membership roll
roll_commands = typer.Typer(no_args_is_help=True, help="The membership roll.")
app.add_typer(roll_commands, name="roll")


@roll_commands.callback()
def roll() -> None:
    """The membership roll, against which members verify themselves."""


@roll_commands.command("hash")
def hash_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with membership numbers, postcodes.")],
    key: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="ROLL_KEY", help="As the desk shows it.")],
    to: Annotated[Path | None, typer.Option(help="Where to; FILE.hashed.csv unless said.")] = None,
) -> None:
    """Make a file of keyed hashes of a roll, to be sent up in its place. Works without a network."""
    from folkmoot import rolling  # as above

    _end(rolling.hash_roll(file, to or file.with_suffix(".hashed.csv"), key.strip()))


# --- how a command runs
def _do(command: Callable[[Assembly], Coroutine[object, object, organisers.Said]]) -> None:
    async def do() -> organisers.Said:
        async with assemble(_settings()) as assembly:
            return await command(assembly)

    _end(_run(do()))


def _end(said: organisers.Said) -> None:
    _say_all(said.lines)
    if not said.is_good:
        raise typer.Exit(1)


def _say_all(lines: tuple[str, ...]) -> None:
    for line in lines:
        typer.echo(line)


def _settings() -> Settings:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        return Settings()
    except UnicodeDecodeError:
        _fail("The file .env isn’t text in UTF-8.")
    except ValidationError as error:
        for problem in error.errors():
            _fail(f"{'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}")
        raise


def _run(work: Coroutine[object, object, T]) -> T:
    try:
        import uvloop
    except ImportError:
        runner: Callable[[Coroutine[object, object, T]], T] = asyncio.run
    else:
        runner = uvloop.run
    try:
        return runner(work)
    except KeyboardInterrupt:
        sys.exit(130)
    except (UnusableUrl, OSError, Fault) as error:
        _fail(str(error))


def _fail(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
