"""The rooms put together: one set of everything, whichever processes it is then run in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bots.webchat.bell import Bell
from bots.webchat.messenger import WebMessenger
from core.conversation import Conversation
from core.inbound import Inbound
from core.nudges import Manners
from core.ports import Clock, Docket, Ledger, Outbox, Planner, Store, Transcript, Vault
from core.texts import Texts, load_texts
from core.turns.turn import Turn
from folkmoot.clockwork import SecretMint, SystemClock
from folkmoot.settings import Settings
from storage.database import Database
from storage.docket import SqlDocket
from storage.ledger import SqlLedger
from storage.migrations import migrate
from storage.outbox import SqlOutbox
from storage.planning import SqlPlanner
from storage.store import SqlStore
from storage.transcript import SqlTranscript
from storage.vault import SqlVault

WEB_ACCOUNT = "web"


class Intake:
    """Takes inbounds in to their commit, then lets whoever sends here know that there may be something to send."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.wake: Callable[[], None] = lambda: None

    async def take(self, inbound: Inbound) -> Turn | None:
        turn = await self._conversation.receive(inbound)
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

    @property
    def take(self) -> Callable[[Inbound], Awaitable[Turn | None]]:
        return self.intake.take


@asynccontextmanager
async def assemble(settings: Settings, *, migrating: bool = True) -> AsyncIterator[Assembly]:
    """Opens the database, brought up to date first where `migrating`."""
    async with Database(settings.database_url) as database:
        if migrating:
            await migrate(database)
        clock, texts, store = SystemClock(), load_texts(), SqlStore(database, settings.timezone)
        transcript, bell = SqlTranscript(database), Bell()
        conversation = Conversation(store, clock, SecretMint(), texts, settings.public_url, settings.timezone)
        yield Assembly(
            settings=settings,
            store=store,
            outbox=SqlOutbox(database),
            planner=SqlPlanner(database),
            ledger=SqlLedger(database),
            docket=SqlDocket(database),
            transcript=transcript,
            vault=SqlVault(database, settings.secret()),
            texts=texts,
            clock=clock,
            manners=Manners(),
            intake=Intake(conversation),
            bell=bell,
            web=WebMessenger(transcript, clock, bell),
        )
