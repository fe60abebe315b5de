"""What programs are let in with: tokens, hooks, and what the interface reads and writes."""

from core.inbox import Inbox
from core.ports import Store, Vault
from core.watching import Watching
from folkmoot.clockwork import SecretMint
from folkmoot.settings import Settings
from storage.database import Database
from storage.desk.deeds import SqlDeeds
from storage.desk.hooks import SqlHooks
from storage.desk.register import SqlRegister
from storage.desk.replacing import SqlReplacing
from storage.desk.results import SqlAnswered
from storage.desk.tokens import SqlAsked, SqlTokens
from web.api.parts import Developers


def developers(
    database: Database, settings: Settings, store: Store, vault: Vault, inbox: Inbox, watching: Watching
) -> Developers:
    return Developers(
        store=store,
        mint=SecretMint(),
        tokens=SqlTokens(database, settings.timezone),
        hooks=SqlHooks(database),
        vault=vault,
        asked=SqlAsked(database),
        register=SqlRegister(database),
        answered=SqlAnswered(database),
        deeds=SqlDeeds(database),
        inbox=inbox,
        watching=watching,
        replacing=SqlReplacing(database),
        hooks_may_go_anywhere=settings.hooks_may_go_anywhere,
    )
