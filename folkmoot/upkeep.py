"""What whoever runs Folkmoot does from the command line: back up, move to PostgreSQL, change the secret."""

from pathlib import Path

from core.ports import WrongSecret
from folkmoot.organisers import Said
from folkmoot.settings import Settings
from storage.backups import NoBackup, back_up
from storage.database import Database
from storage.ledger import SqlLedger
from storage.moving import CannotMove, move
from storage.vault import SqlVault


def backup(settings: Settings, file: Path) -> Said:
    try:
        back_up(settings.database_url, file)
    except NoBackup as error:
        return Said((f"No backup was made: {error}.",), is_good=False)
    secret = "SECRET_KEY" if settings.secret_key else "var/secret.key"
    return Said((f"Backed up to {file}. Keep {secret} as well, in another place.",))


async def copy(source: str, target: str) -> Said:
    async with Database(source) as there, Database(target) as here:
        try:
            copied = await move(there, here)
        except CannotMove as error:
            return Said((f"Nothing was copied: {error}.",), is_good=False)
        audit = await SqlLedger(here).audit([])
    lines = tuple(f"{count:>12,} {table}" for table, count in copied.items() if count)
    if not audit.is_good:
        found = (finding.sentence for finding in audit.findings)
        return Said((*lines, *found, "THE RECORD IS NOT WHAT WAS SEALED. Stay with the old database."), is_good=False)
    return Said((*lines, "All of it is copied, and the ledger is what was sealed."))


async def rotate(settings: Settings) -> Said:
    async with Database(settings.database_url) as database:
        vault = SqlVault(database, settings.secret(), settings.secret_before())
        try:
            count = await vault.rotate()
        except WrongSecret as error:
            return Said((f"Nothing was changed: {error}.",), is_good=False)
    return Said((f"Sealed anew with the present secret: {count}.",))
