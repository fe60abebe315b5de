"""The rooms put together: one set of everything, whichever processes it is then run in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from bots.webchat.bell import Bell
from bots.webchat.messenger import WebMessenger
from core.conversation import Conversation
from core.floods import Floods, Verdict
from core.hooks import HookQueue
from core.inbound import Flooded, Inbound
from core.nudges import Manners
from core.ports import Clock, Docket, Ledger, Outbox, Planner, Store, Transcript, Vault
from core.rolls import Rolls
from core.talks import Talks
from core.texts import Texts, load_texts
from core.turns.flooding import let_go
from core.turns.turn import Turn
from folkmoot.clockwork import SecretMint, SystemClock
from folkmoot.developers import developers
from folkmoot.proving import proofs
from folkmoot.rehearsal import Rehearsals
from folkmoot.settings import VAR, Settings
from storage.collected import SqlCollected
from storage.database import Database
from storage.desk.deeds import SqlDeeds
from storage.desk.drafting import SqlDrafts
from storage.desk.groups import SqlGroups
from storage.desk.handovers import SqlHandovers
from storage.desk.hook_queue import SqlHookQueue
from storage.desk.imports import SqlImports
from storage.desk.inbox import SqlInbox
from storage.desk.reach import SqlReach
from storage.desk.register import SqlRegister
from storage.desk.results import SqlAnswered
from storage.desk.sittings import SqlSittings
from storage.desk.watching import SqlWatching
from storage.docket import SqlDocket
from storage.ledger import SqlLedger
from storage.migrations import migrate
from storage.outbox import SqlOutbox
from storage.planning import SqlPlanner
from storage.store import SqlStore
from storage.transcript import SqlTranscript
from storage.vault import SqlVault
from web.desk.parts import DeskParts, Membership

WEB_ACCOUNT = "web"


class Intake:
    """Takes inbounds in to their commit, then lets whoever sends here know that there may be something to send. Of a
    flood nothing gets as far as the database; each process judges what comes to it."""

    def __init__(self, conversation: Conversation, seconds: Callable[[], float] = monotonic) -> None:
        self._conversation, self._floods, self._seconds = conversation, Floods(), seconds
        self.wake: Callable[[], None] = lambda: None
        self.took: Callable[[float], None] = lambda seconds: None

    def judge(self, inbound: Inbound) -> Verdict:
        """What `take` will do with it; a channel that keeps its own record asks before it writes that."""
        return self._floods.judge(inbound, self._seconds())

    async def take(self, inbound: Inbound) -> Turn | None:
        match self.judge(inbound):
            case Verdict.LET_GO:
                return let_go(inbound)
            case Verdict.TELL:
                inbound = replace(inbound, deed=Flooded())
            case Verdict.TAKE:
                pass
        began = self._seconds()
        turn = await self._conversation.receive(inbound)
        if turn:
            self.took(self._seconds() - began)
        if turn and turn.says:
            self.wake()
        return turn


@dataclass(frozen=True, slots=True)
class Assembly:
    settings: Settings
    store: Store
    outbox: Outbox
    planner: Planner
    ledger: Ledger
    docket: Docket
    transcript: Transcript
    vault: Vault
    texts: Texts
    clock: Clock
    manners: Manners
    intake: Intake
    bell: Bell
    web: WebMessenger
    desk: DeskParts
    collected: SqlCollected
    hook_queue: HookQueue

    @property
    def take(self) -> Callable[[Inbound], Awaitable[Turn | None]]:
        return self.intake.take


@asynccontextmanager
async def assemble(
    settings: Settings, *, migrating: bool = True, clock: Clock | None = None
) -> AsyncIterator[Assembly]:
    """Opens the database, brought up to date first where `migrating`. `clock`: another than the real one."""
    clock, manners = clock or SystemClock(), Manners()
    async with (
        Database(settings.database_url) as database,
        Rehearsals(settings.public_url, settings.timezone, manners) as rehearsals,
    ):
        if migrating:
            await migrate(database)
        texts, store = load_texts(), SqlStore(database, settings.timezone)
        transcript, bell = SqlTranscript(database), Bell()
        desk_url = f"{settings.base_url}/desk"
        rolls = Rolls(settings.secret(), settings.secret_before())
        vault = SqlVault(database, settings.secret(), settings.secret_before())
        conversation = Conversation(
            store, clock, SecretMint(), texts, settings.public_url, settings.timezone, desk_url, rolls
        )
        yield Assembly(
            settings=settings,
            store=store,
            outbox=SqlOutbox(database),
            planner=SqlPlanner(database),
            ledger=SqlLedger(database),
            docket=SqlDocket(database),
            transcript=transcript,
            vault=vault,
            texts=texts,
            clock=clock,
            manners=manners,
            intake=Intake(conversation),
            bell=bell,
            web=WebMessenger(transcript, clock, bell),
            collected=SqlCollected(database),
            hook_queue=SqlHookQueue(database, settings.timezone),
            desk=DeskParts(
                proofs=proofs(settings, vault),
                sittings=SqlSittings(database, settings.timezone),
                deeds=SqlDeeds(database),
                drafts=SqlDrafts(database),
                inbox=SqlInbox(database),
                talks=Talks(store, SqlHandovers(database), texts, clock, manners, settings.timezone),
                answered=SqlAnswered(database),
                watching=SqlWatching(database),
                rehearse=rehearsals.among(store),
                counting=SqlReach(database),
                manners=manners,
                membership=Membership(
                    SqlRegister(database), SqlGroups(database), SqlImports(database), rolls, _uploads(database)
                ),
                developers=developers(database, settings, store, vault, SqlInbox(database), SqlWatching(database)),
            ),
        )


def _uploads(database: Database) -> Path:
    """Where files of members lie until they are imported: beside the database, where that is a file."""
    beside = Path(database.url.database or "").expanduser().parent if database.is_sqlite else VAR
    return beside / "imports"
