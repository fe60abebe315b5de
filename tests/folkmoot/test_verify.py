"""`folkmoot verify`: what it says about true files, false files and a whole database, and how it ends."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.events import IdeaCaptured
from core.ledger.files import proof_json, receipt_json, seal_json, write_json
from folkmoot.cli import app
from storage.database import Database
from storage.ledger import SqlLedger
from tests.contracts.rooms import ADA, idea, over

CODES = ["AAAA-0000", "BBBB-0000", "CCCC-0000"]
NOW = datetime.now(UTC)


class Folder:
    """A database with two seals, and the files that somebody fetched from its pages."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.folder, self.database = folder, database
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        async with Database(f"sqlite:///{self.database}") as database:
            ledger, rooms = SqlLedger(database), over(database)
            ada = await rooms.turn(ADA)
            for number, code in enumerate(CODES, 1):
                await rooms.turn(ADA, IdeaCaptured(idea(code, ada.id, message=code, at=NOW)))
                seal = await ledger.seal(NOW + number * timedelta(minutes=1), 1_000)
                assert seal is not None
                self.keep(f"seal-{seal.size}.json", seal_json(seal))
            receipt, proof = await ledger.receipt(CODES[0]), await ledger.consistency(2, 6)
            assert receipt is not None
            assert proof is not None
            self.keep("receipt.json", receipt_json(receipt))
            self.keep("proof.json", proof_json(proof))

    def keep(self, name: str, document: dict[str, object]) -> None:
        (self.folder / name).write_bytes(write_json(document))

    def change(self, name: str, change: Callable[[Any], None]) -> None:
        document = json.loads((self.folder / name).read_bytes())
        change(document)
        self.keep(name, document)

    def types(self, *command: str) -> Result:
        named = [str(self.folder / part) if part.endswith(".json") else part for part in command]
        environment = {"DATABASE_URL": f"sqlite:///{self.database}", "SECRET_KEY": "s"}
        return CliRunner().invoke(app, ["verify", *named], env=environment)


@pytest.fixture
def folder(tmp_path: Path, migrated_copy: Path) -> Folder:
    return Folder(tmp_path, migrated_copy)


RECEIPT = ("receipt.json", "--seal", "seal-6.json")
SEALS = ("--from", "seal-2.json", "--to", "seal-6.json", "--proof", "proof.json")


def test_a_true_receipt_is_proved(folder: Folder) -> None:
    said = folder.types(*RECEIPT)
    assert said.exit_code == 0, said.output
    assert "Entry 1: said" in said.output
    assert "Proved: every entry of the receipt is under the seal of" in said.output
    assert "over 6 entries" in said.output


def test_a_changed_receipt_is_not_proved_and_the_entry_is_named(folder: Folder) -> None:
    folder.change("receipt.json", lambda receipt: receipt["entries"][0]["entry"].update(text="Fewer trees"))
    said = folder.types(*RECEIPT)
    assert said.exit_code == 1
    assert "Entry 1: not in the sealed record" in said.output
    assert "Entry 2: acknowledged" in said.output
    assert "NOT PROVED" in said.output


def test_a_receipt_for_another_seal_says_which_to_ask_for(folder: Folder) -> None:
    said = folder.types("receipt.json", "--seal", "seal-4.json")
    assert said.exit_code == 1
    assert "?seal=4" in said.output


def test_two_seals_are_proved_to_follow(folder: Folder) -> None:
    said = folder.types(*SEALS)
    assert said.exit_code == 0, said.output
    assert "nothing was altered or removed, 4 were added" in said.output


def test_two_seals_that_do_not_follow_are_told(folder: Folder) -> None:
    folder.change("seal-2.json", lambda seal: seal.update(root="00" * 32))
    said = folder.types(*SEALS)
    assert said.exit_code == 1
    assert "The record was rewritten" in said.output
    said = folder.types("--from", "seal-6.json", "--to", "seal-4.json", "--proof", "proof.json")
    assert said.exit_code == 1
    assert "2 are gone" in said.output


@pytest.mark.parametrize("written", [b"", b"{", b"\xff\x00", b"[[[[", b"null", b'{"folkmoot": "seal"}'])
def test_a_file_that_is_none_of_ours_gets_a_sentence_and_no_traceback(folder: Folder, written: bytes) -> None:
    for name, command in (("receipt.json", RECEIPT), ("seal-6.json", RECEIPT), ("proof.json", SEALS)):
        kept = (folder.folder / name).read_bytes()
        (folder.folder / name).write_bytes(written)
        said = folder.types(*command)
        assert (said.exit_code, said.exception is None or isinstance(said.exception, SystemExit)) == (1, True)
        assert f"{name}: This is no " in said.output
        (folder.folder / name).write_bytes(kept)


def test_a_file_that_is_not_there_is_said_to_be_so(folder: Folder) -> None:
    said = folder.types("nowhere.json", "--seal", "seal-6.json")
    assert said.exit_code == 1
    assert "nowhere.json: it can’t be read (No such file or directory)." in said.output


@pytest.mark.parametrize("command", [(), ("receipt.json",), ("--from", "seal-2.json"), ("receipt.json", "--ledger")])
def test_half_a_question_is_answered_with_the_whole_ones(folder: Folder, command: tuple[str, ...]) -> None:
    said = folder.types(*command)
    assert said.exit_code == 2
    assert "folkmoot verify --ledger" in said.output


def test_a_sound_database_is_said_to_be_sound(folder: Folder) -> None:
    said = folder.types("--ledger")
    assert said.exit_code == 0, said.output
    assert "6 entries, 0 of them erased, and 3 seals were looked at: they agree" in said.output
    assert folder.types("--ledger", "--seal", "seal-4.json").exit_code == 0


def test_a_row_that_was_changed_behind_our_back_is_named(folder: Folder) -> None:
    tamper(folder, "DROP TRIGGER story_stays", "UPDATE story SET text = 'Fewer trees' WHERE idea = 'BBBB-0000'")
    said = folder.types("--ledger")
    assert said.exit_code == 1
    assert "Entry 1 of BBBB-0000 (said, position 2) is not as it was sealed." in said.output
    assert "THE RECORD IS NOT WHAT WAS SEALED" in said.output


def test_a_database_from_yesterday_is_found_by_todays_seal(folder: Folder) -> None:
    tamper(
        folder,
        *(f"DROP TRIGGER {table}_is_kept" for table in ("story", "leaf", "node", "seal")),
        "DELETE FROM seal WHERE size > 4",
        "DELETE FROM node WHERE place > 6",
        "DELETE FROM leaf WHERE position >= 4",
        "DELETE FROM story WHERE idea = 'CCCC-0000'",
    )
    assert folder.types("--ledger").exit_code == 0
    said = folder.types("--ledger", "--seal", "seal-6.json")
    assert said.exit_code == 1
    assert "is over 6 entries, and the record holds 4: 2 are missing." in said.output


def tamper(folder: Folder, *statements: str) -> None:
    connection = sqlite3.connect(folder.database)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
