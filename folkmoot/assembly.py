"""The rooms put together: one set of everything, whichever processes it is then run in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import monotonic

from bots.webchat.bell import Bell
from bots.webchat.messenger import WebMessenger
from core.conversation import Conversation
from core.floods import Floods, Verdict
from core.inbound import Flooded, Inbound
from core.nudges import Manners
from core.ports import Clock, Docket, Ledger, Outbox, Planner, Store, Transcript, Vault
from core.texts import Texts, load_texts
from core.turns.flooding import let_go
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

    @property
    def take(self) -> Callable[[Inbound], Awaitable[Turn | None]]:
        return self.intake.take


@asynccontextmanager
async def assemble(
    settings: Settings, *, migrating: bool = True, clock: Clock | None = None
) -> AsyncIterator[Assembly]:
    """Opens the database, brought up to date first where `migrating`. `clock`: another than the real one."""
    clock = clock or SystemClock()
    async with Database(settings.database_url) as database:
        if migrating:
            await migrate(database)
        texts, store = load_texts(), SqlStore(database, settings.timezone)
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
            vault=SqlVault(database, settings.secret(), settings.secret_before()),
            texts=texts,
            clock=clock,
            manners=Manners(),
            intake=Intake(conversation),
            bell=bell,
            web=WebMessenger(transcript, clock, bell),
        )
