"""The command line over a SQLite file: what each command says and does, and every error as a sentence."""

import asyncio
import os
import re
import stat
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from core.consultations import Consultation
from core.conversation import Conversation
from core.inbound import Commanded, Inbound, Said
from core.members import Address, Member
from core.places import Place
from core.ports import Broadcast
from core.texts import load_texts
from folkmoot.cli import app
from folkmoot.clockwork import SecretMint, SystemClock
from storage.database import Database
from storage.planning import SqlPlanner
from storage.store import SqlStore

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE, BODIES = ROOT / "examples" / "good-city.yaml", ROOT / "examples" / "bodies.yaml"
ADA, BEN = Address("web", "ada"), Address("web", "ben")
Found = TypeVar("Found")
TROUBLED = """
consultation: parks
title: Parks
framing: Which?
opens: 2026-11-20 09:00
closes: 2026-11-10 09:00
prompts:
  - one: which
    aks: Which park?
    options: [North, South]
"""


class Organiser:
    """Somebody at a terminal, in a folder of their own."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.folder, self.database = folder, database
        self.url = f"sqlite:///{database}"
        self.environment: dict[str, str | None] = dict.fromkeys(
            [name for name in os.environ if name.startswith(("TELEGRAM_", "SLACK_"))] + ["TIMEZONE", "PUBLIC_URL"]
        )
        self.environment.update(DATABASE_URL=self.url, SECRET_KEY="s", COLUMNS="300")

    def types(self, *command: str, **environment: str | None) -> Result:
        return CliRunner().invoke(app, command, env={**self.environment, **environment})

    def is_told(self, *command: str, **environment: str | None) -> str:
        result = self.types(*command, **environment)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def is_refused(self, *command: str, code: int = 1, **environment: str | None) -> str:
        """Says why, in words, and never with a traceback."""
        result = self.types(*command, **environment)
        assert (result.exit_code, type(result.exception)) == (code, SystemExit), (result.output, result.exception)
        assert "Traceback" not in result.output
        assert result.output.strip()
        return " ".join(result.output.split())

    def writes(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    # --- what is stored
    def consultation(self, slug: str) -> Consultation | None:
        async def find(database: Database) -> Consultation | None:
            return await SqlStore(database).consultation(slug)

        return self._asks(find)

    def broadcasts(self) -> tuple[Broadcast, ...]:
        async def find(database: Database) -> tuple[Broadcast, ...]:
            return await SqlPlanner(database).unplanned(datetime(2100, 1, 1, tzinfo=UTC))

        return self._asks(find)

    def plans(self) -> None:
        async def plan(database: Database) -> None:
            planner = SqlPlanner(database)
            for ordered in await planner.unplanned(datetime(2100, 1, 1, tzinfo=UTC)):
                await planner.plan_page(ordered, {}, None, 100)

        self._asks(plan)

    def member_says(self, who: Address, *deeds: Said | Commanded) -> Member:
        async def say(database: Database) -> Member:
            store = SqlStore(database)
            conversation = Conversation(store, SystemClock(), SecretMint(), load_texts())
            for deed in deeds:
                now, key = SystemClock().now(), SecretMint().token()
                await conversation.receive(Inbound(key, who, Place.private_to(who), now, deed))
            member = await store.member_at(who)
            assert member
            return member

        return self._asks(say)

    def _asks(self, ask: Callable[[Database], Awaitable[Found]]) -> Found:
        async def asking() -> Found:
            async with Database(self.url) as database:
                return await ask(database)

        return asyncio.run(asking())


@pytest.fixture
def organiser(tmp_path: Path, migrated_copy: Path) -> Iterator[Organiser]:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        yield Organiser(tmp_path, migrated_copy)
    finally:
        os.chdir(before)


@pytest.fixture
def opened(organiser: Organiser) -> Organiser:
    organiser.is_told("load", str(EXAMPLE))
    organiser.is_told("open", "good-city")
    return organiser


# --- check
def test_a_good_file_has_no_mistakes_even_with_brackets_in_its_name(organiser: Organiser) -> None:
    name = organiser.writes("[bold] [red].yaml", EXAMPLE.read_bytes())
    assert organiser.is_told("check", name).strip() == f"{name}: no mistakes."
    assert "no mistakes" in organiser.is_told("check", str(BODIES))


def test_every_mistake_has_its_line_and_column_and_what_was_meant(organiser: Organiser) -> None:
    said = organiser.is_refused("check", organiser.writes("parks.yaml", TROUBLED))
    assert re.search(r"parks.yaml: line 9, column 5: .*aks.* Did you mean “ask”\?", said)
    assert "line 6, column" in said, "it closes before it opens"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "line 1, column 1"),
        (EXAMPLE.read_bytes().replace(b"What makes", b"Caf\xe9s make"), "line 6: this isn’t text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "line 1: this isn’t text in UTF-8"),
        ("consultation: \0", "line 1, column"),
        ("{" * 5000, "line"),
        ("- " * 5000, "line"),
        ("consultation: x\n" + "\tprompts: []", "line 2"),
        ("a: &a [*a]", "line"),
    ],
    ids=["empty", "not UTF-8", "a picture", "a NUL", "brackets", "deep", "tabs", "a circle"],
)
def test_a_file_that_is_none_of_ours_is_explained(organiser: Organiser, text: str | bytes, why: str) -> None:
    assert why in organiser.is_refused("check", organiser.writes("x.yaml", text))


def test_a_file_with_a_byte_order_mark_is_read_like_any_other(organiser: Organiser) -> None:
    organiser.is_told("check", organiser.writes("windows.yaml", b"\xef\xbb\xbf" + EXAMPLE.read_bytes()))


def test_a_missing_file_and_a_folder_are_refused(organiser: Organiser) -> None:
    assert "does not exist" in organiser.is_refused("check", "nowhere.yaml", code=2)
    assert "is a directory" in organiser.is_refused("load", str(organiser.folder), code=2)


# --- load, open, close
def test_a_file_with_mistakes_changes_nothing(organiser: Organiser) -> None:
    said = organiser.is_refused("load", organiser.writes("parks.yaml", TROUBLED))
    assert said.endswith("Nothing was loaded.")
    assert organiser.consultation("parks") is None


def test_a_consultation_is_loaded_opened_and_closed_and_each_of_it_twice_does_no_harm(organiser: Organiser) -> None:
    assert "folkmoot open good-city" in organiser.is_told("load", str(EXAMPLE))
    assert "is open." in organiser.is_told("open", "good-city")
    first = organiser.consultation("good-city")
    assert "is open already" in organiser.is_told("open", "good-city")
    assert "It is open." in organiser.is_told("load", str(EXAMPLE))
    again = organiser.consultation("good-city")
    assert first
    assert again
    assert again.opens_at == first.opens_at
    assert "is closed." in organiser.is_told("close", "good-city")
    assert "is closed already" in organiser.is_told("close", "good-city")
    assert "is open." in organiser.is_told("open", "good-city")


def test_bodies_and_topics_are_loaded(organiser: Organiser) -> None:
    assert re.search(r"Loaded \d+ bodies and \d+ topics", organiser.is_told("load", str(BODIES)))


@pytest.mark.parametrize("command", ["open", "close", "broadcast", "status", "link"])
def test_an_unknown_name_is_answered_with_what_there_is(organiser: Organiser, command: str) -> None:
    assert "There is: none yet" in organiser.is_refused(command, "nothing")
    organiser.is_told("load", str(EXAMPLE))
    said = organiser.is_refused(command, "good-ctiy")
    assert "no consultation called “good-ctiy”" in said
    assert "There is: good-city" in said


# --- broadcast
def test_a_broadcast_is_ordered_for_its_time_and_its_audience(opened: Organiser) -> None:
    opened.is_told("load", str(BODIES))
    assert "It goes out now" in opened.is_told("broadcast", "good-city")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    said = opened.is_told("broadcast", "good-city", "--at", f"{tomorrow:%Y-%m-%d} 18:00", "--to", "planning")
    assert f"at {tomorrow:%Y-%m-%d} 18:00" in said
    now, later = opened.broadcasts()
    assert later.at.astimezone(UTC).date() == tomorrow.date()
    assert later.audience.bodies == ("planning",)
    assert now.audience.is_everybody


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--at", "soon"), "can’t read “soon” as a time"),
        (("--at", "25:00"), "can’t read “25:00”"),
        (("--at", "2020-01-01 10:00"), "has passed already"),
        (("--at", " "), "I read that as SLUG"),
        (("--to", "nobody"), "no body or topic called “nobody”"),
    ],
)
def test_a_broadcast_that_can_not_be_is_refused(opened: Organiser, options: tuple[str, ...], why: str) -> None:
    assert why in opened.is_refused("broadcast", "good-city", *options)
    assert opened.broadcasts() == ()


def test_what_is_not_open_is_not_broadcast(organiser: Organiser) -> None:
    organiser.is_told("load", str(EXAMPLE))
    assert "isn’t open then" in organiser.is_refused("broadcast", "good-city")
    organiser.is_told("open", "good-city")
    organiser.is_told("close", "good-city")
    assert "isn’t open then" in organiser.is_refused("broadcast", "good-city")


# --- status, outcome
def test_status_of_an_empty_database_says_kindly_that_nothing_is_there(organiser: Organiser) -> None:
    said = organiser.is_told("status").splitlines()
    assert said == [
        "There is no account yet on which anything goes out.",
        "Nothing has gone out yet.",
        "No reply waits.",
        "0 turns a second, over the last minute.",
        "No reply has gone out lately.",
    ]


def test_status_of_the_service_tells_what_waits_and_that_nobody_sends_it(opened: Organiser) -> None:
    opened.member_says(ADA, Commanded("start"))
    said = opened.is_told("status")
    assert "web: no process sends here. What waits goes out once a worker runs." in said
    assert "– replies waiting: 1, news: 0, nudges: 0" in said
    assert "waiting to go out: 1 (its time hasn’t come, or others go first)" in said
    assert re.search(r"A reply waits for \d+ seconds?\.", said)
    assert "0.02 turns a second, over the last minute." in said


def test_status_of_a_consultation_says_that_nobody_sends_what_waits(opened: Organiser) -> None:
    assert "Nothing has gone out yet." in opened.is_told("status", "good-city")
    opened.member_says(ADA, Commanded("start"), Said("yes", "2"))
    opened.is_told("broadcast", "good-city")
    assert "What goes out is still being written." in opened.is_told("status", "good-city")
    opened.plans()
    said = opened.is_told("status", "good-city")
    assert "Asked 1, begun 0, finished 0." in said
    assert "waiting to go out: 1 (its time hasn’t come, or others go first)" in said
    assert "web: no process sends here." in said


def test_watching_needs_a_consultation(organiser: Organiser) -> None:
    assert "folkmoot status SLUG --watch" in organiser.is_refused("status", "--watch", code=2)


def test_status_tells_how_it_stands_and_watching_ends_when_nothing_is_left_to_go_out(opened: Organiser) -> None:
    assert "Asked 0, begun 0, finished 0." in opened.is_told("status", "good-city")
    opened.is_told("close", "good-city")
    assert "Closed" in opened.is_told("status", "good-city", "--watch")


def test_an_outcome_is_words_or_a_file_of_words(opened: Organiser) -> None:
    opened.is_told("outcome", "good-city", "We plant 400 trees :tree: [sic]")
    assert _outcome(opened) == "We plant 400 trees :tree: [sic]"
    opened.is_told("outcome", "good-city", opened.writes("words.txt", b"\xef\xbb\xbfWe plant trees.\n"))
    assert _outcome(opened) == "We plant trees."
    long = "Plannwn goed ŵ " * 15
    opened.is_told("outcome", "good-city", long)
    assert _outcome(opened) == long.strip()


def _outcome(organiser: Organiser) -> str:
    found = organiser.consultation("good-city")
    assert found
    assert found.outcome
    return found.outcome.in_language("en")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("  ", "Say what came of it"),
        ("latin.txt", "isn’t text in UTF-8"),
        ("empty.md", "Say what came of it"),
        ("outcom.md", "no file called outcom.md"),
    ],
)
def test_an_outcome_that_says_nothing_is_not_published(opened: Organiser, words: str, why: str) -> None:
    opened.writes("latin.txt", b"caf\xe9")
    opened.writes("empty.md", b"\n")
    assert why in opened.is_refused("outcome", "good-city", words)
    found = opened.consultation("good-city")
    assert found
    assert found.outcome is None


# --- organisers
def test_an_organiser_s_code_makes_whoever_types_it_first_an_organiser_and_nobody_after(organiser: Organiser) -> None:
    said = organiser.is_told("organiser", "Ada")
    code = re.search(r"/organiser (\S+)", said)
    assert code
    types_it = Said("/start", "1"), Said("yes", "2"), Commanded("organiser", code[1])
    assert organiser.member_says(ADA, *types_it).is_organiser
    assert not organiser.member_says(BEN, *types_it).is_organiser


# --- settings
def test_settings_come_from_the_env_file_and_the_environment_comes_first(organiser: Organiser) -> None:
    organiser.writes(".env", f"\ufeffDATABASE_URL={organiser.url}\nPORT=a lot\n")
    assert "PORT" in organiser.is_refused("status", "x", code=2, DATABASE_URL=None)
    assert "There is: none yet" in organiser.is_refused("status", "x", DATABASE_URL=None, PORT="8001")
    organiser.writes(".env", b"PUBLIC_URL=caf\xe9\n")
    assert ".env isn’t text in UTF-8" in organiser.is_refused("status", "x", code=2)


def test_a_database_is_made_where_there_is_none_and_migrating_twice_does_no_harm(organiser: Organiser) -> None:
    url = f"sqlite:///{organiser.folder / 'new' / 'there.db'}"
    assert "up to date" in organiser.is_told("migrate", DATABASE_URL=url)
    assert "up to date" in organiser.is_told("migrate", DATABASE_URL=url)
    assert "none yet" in organiser.is_refused("status", "x", DATABASE_URL=url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://user:hunter2@host/name", "mysql is no database that we know"),
        ("folkmoot.db", "it isn't a URL"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("postgresql://user:hunter2@127.0.0.1:1/name", "can't be used now"),
        ("postgres://user:hunter2@127.0.0.1:1/name", "can't be used now"),
        ("sqlite:///text.db", "DatabaseError"),
    ],
)
def test_a_database_that_can_not_be_used_is_refused_without_its_password(
    organiser: Organiser, url: str, why: str
) -> None:
    organiser.writes("text.db", "This is no database, though it is as long as the beginning of one would be. " * 3)
    said = organiser.is_refused("migrate", code=2, DATABASE_URL=url)
    assert why in said
    assert "hunter2" not in said


def test_a_secret_is_made_once_for_its_owner_alone(organiser: Organiser) -> None:
    organiser.is_told("organiser", "Ada", SECRET_KEY=None)
    file = organiser.folder / "var" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = file.read_text()
    assert len(secret) > 30
    organiser.is_told("organiser", "Ben", SECRET_KEY=None)
    assert file.read_text() == secret
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_an_empty_secret_is_no_secret(organiser: Organiser) -> None:
    (organiser.folder / "var").mkdir()
    (organiser.folder / "var" / "secret.key").touch()
    assert "secret.key is empty" in organiser.is_refused("organiser", "Ada", code=2, SECRET_KEY=None)
