"""A small Folkmoot to try the web on: memory instead of a database, a script instead of the engine, real HTTP."""

import asyncio
import gettext
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
from starlette.types import ASGIApp

from bots.webchat.bell import Bell
from bots.webchat.messenger import WebMessenger
from core.bodies import Bodies, Topic
from core.consultations import Consultation
from core.deeds import By
from core.events import Event
from core.floods import Verdict
from core.health import Health
from core.ideas import Attachment, AttachmentKind, Idea
from core.inbound import Commanded, Inbound, Pressed, Said
from core.members import Address, Member
from core.outbound import Key, Message, Tone
from core.places import Place, Source
from core.ports import Line, Post, StoreUnavailable
from core.prompts import Prompt, PromptKind
from core.queues import Moderated, Tally
from core.stories import Entry, EntryKind
from core.texts import Localised, Texts
from tests.fakes.memory_ledger import MemoryLedger
from web.app import create_app
from web.parts import Collected, Counting, Parts, Ways
from web.serving import server_for

NOW = datetime(2026, 5, 12, 14, 5, tzinfo=UTC)
CODE = "K7M4-QX2N"
UNSEALED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that talk within this machine: to read the world's certificates for each takes longer than most tests."""


class Welsh(gettext.NullTranslations):
    """As much Welsh as a test needs to tell it from English."""

    def gettext(self, message: str) -> str:
        return {"Find an idea": "Dod o hyd i syniad", "Chat": "Sgwrs"}.get(message, message)


@dataclass
class StillClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class MemoryTranscript:
    chats: dict[str, list[Line]] = field(default_factory=dict)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    counted: int = 0

    async def append(self, user: str, ours: bool, message: Message, at: datetime, key: str | None = None) -> int:
        if key is not None and (user, key) in self.keys:
            return self.keys[user, key]
        self.counted += 1
        chat = self.chats.setdefault(user, [])
        chat.append(Line(self.counted, self._next(chat), ours, at, message))
        if key is not None:
            self.keys[user, key] = self.counted
        return self.counted

    async def replace(self, user: str, line: int, message: Message) -> bool:
        chat = self.chats.get(user, [])
        for position, old in enumerate(chat):
            if old.id == line and old.ours:
                chat[position] = replace(old, revision=self._next(chat), message=message)
                return True
        return False

    async def lines(self, user: str, since: int = 0, limit: int = 200) -> tuple[Line, ...]:
        return tuple(line for line in self.chats.get(user, []) if line.revision > since)[-limit:]

    def _next(self, chat: list[Line]) -> int:
        return max((line.revision for line in chat), default=0) + 1


@dataclass
class MemoryStore:
    loaded: tuple[Consultation, ...] = ()
    stories: dict[str, Idea] = field(default_factory=dict)
    members: dict[Address, Member] = field(default_factory=dict)
    declared: Bodies = field(default_factory=Bodies)
    followed: tuple[Topic, ...] = ()
    supports: dict[str, int] = field(default_factory=dict)
    missing: str = ""
    doing: Health | None = field(default_factory=Health)
    looks: int = 0

    async def consultation(self, slug: str) -> Consultation | None:
        return next((one for one in self.loaded if one.slug == slug), None)

    async def consultations(self) -> tuple[Consultation, ...]:
        return self.loaded

    async def idea(self, code: str) -> Idea | None:
        return self.stories.get(code)

    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]:
        return tuple(self.stories[code] for code in codes if code in self.stories)

    async def supporters(self, code: str) -> int:
        return self.supports.get(code, 0)

    async def bodies(self) -> Bodies:
        return self.declared

    async def topics(self) -> tuple[Topic, ...]:
        return self.followed

    async def record(self, events: Sequence[Event], posts: Sequence[Post] = (), by: By | None = None) -> None:
        raise NotImplementedError("nothing is decided on this stage")

    async def member_at(self, address: Address) -> Member | None:
        return self.members.get(address)

    async def readiness(self) -> str:
        return self.missing

    async def health(self, now: datetime) -> Health:
        self.looks += 1
        if self.doing is None:
            raise StoreUnavailable("the database can't be reached")
        return self.doing


@dataclass
class MemoryBoard:
    counted: tuple[Tally, ...] = ()
    said: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    moderation: Moderated = field(default_factory=Moderated)

    async def tallies(self) -> tuple[Tally, ...]:
        return self.counted

    async def opinions(self, body: str, limit: int) -> tuple[Entry, ...]:
        return self.said.get(body, ())[:limit]

    async def moderated(self) -> Moderated:
        return self.moderation


class FaultyStore(MemoryStore):
    async def consultations(self) -> tuple[Consultation, ...]:
        raise RuntimeError("secret insides")


CONSULTATION = Consultation(
    "good-city",
    Localised((("en", "What makes a good city?"), ("cy", "Beth sy'n gwneud dinas dda?"))),
    Localised.of(
        "Next year's programme starts with you. Tell us what works where you live, and what you would change.\n\n"
        "It takes about three minutes; you can stop and come back at any time."
    ),
    (Prompt("idea", PromptKind.IDEA, Localised.of("What would you change?")),),
    opens_at=NOW - timedelta(days=1),
    closes_at=NOW + timedelta(days=20),
)
IDEA = Idea(
    CODE,
    1,
    Source("web", "somebody", "3"),
    (
        Entry(EntryKind.SAID, NOW - timedelta(hours=3), "Benches at every tram stop, with a back to lean on."),
        Entry(EntryKind.CONFIRMED, NOW - timedelta(hours=3)),
        Entry(EntryKind.ACKNOWLEDGED, NOW - timedelta(hours=3)),
        Entry(
            EntryKind.EDITED,
            NOW - timedelta(hours=1),
            "Benches at every tram stop, with a back to lean on and a roof.\n\nOur grandmother walks an hour a day, "
            "if she can sit down twice.",
        ),
    ),
    "good-city",
    "idea",
    (Attachment(AttachmentKind.PHOTO, "telegram:1", "abc", "image/jpeg"),),
)
PICTURE = b"\xff\xd8\xff\xe0 a picture"


class Stage:
    """`take` answers by a small script: it greets, asks, changes its question in place, gives a receipt.

    `delay` is how long the worker takes; while `holds`, nothing is delivered at all."""

    def __init__(self, texts: Texts | None = None, public_url: str = "") -> None:
        self.clock, self.transcript, self.bell = StillClock(), MemoryTranscript(), Bell()
        self.store = MemoryStore((CONSULTATION,), {CODE: IDEA})
        self.ledger = MemoryLedger(self.store.stories)
        self.board = MemoryBoard()
        self.messenger = WebMessenger(self.transcript, self.clock, self.bell)
        self.texts, self.public_url = texts or Texts({"cy": Welsh()}), public_url
        self.taken: list[Inbound] = []
        self.posts: list[tuple[Place, Message]] = []
        self.delay, self.holds, self.breaks = 0.0, False, False
        self.webhooks: list[tuple[bytes, str]] = []
        self.verdict = Verdict.TAKE
        self.serves: tuple[bytes, str] | None = (PICTURE, "image/jpeg")
        self.faults = False
        self.answered: Counting | None = None
        self.collected: Collected | None = None
        self.ways = Ways()

    async def take(self, inbound: Inbound) -> object:
        if self.breaks:
            raise StoreUnavailable("the database can't be reached")
        if any(inbound.key == one.key for one in self.taken):
            return None
        self.taken.append(inbound)
        self.posts += [(inbound.place, message) for message in answers(inbound)]
        return None

    async def backlog(self, place: Place) -> int:
        return sum(to == place for to, _ in self.posts)

    async def has_said_everything(self) -> None:
        while self.posts:  # noqa: ASYNC110  only tests wait for it
            await asyncio.sleep(0.005)

    async def work(self) -> None:
        """The worker."""
        while True:
            await asyncio.sleep(0.005)
            if self.posts and not self.holds:
                await asyncio.sleep(self.delay)
                to, message = self.posts[0]
                await self.messenger.send(to, message)
                self.posts.pop(0)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        worker = asyncio.create_task(self.work())
        try:
            yield
        finally:
            worker.cancel()

    async def telegram(self, body: Callable[[], Awaitable[bytes]], secret: str | None) -> int:
        if secret != "right":
            return 403
        if self.breaks:
            raise StoreUnavailable("the database can't be reached")
        self.webhooks.append((await body(), secret))
        return 200

    async def fetch(self, attachment: Attachment) -> tuple[bytes, str] | None:
        return self.serves

    def invite(self, payload: str) -> Ways:
        return replace(self.ways, telegram=self.ways.telegram + payload) if self.ways.telegram else self.ways

    def parts(self) -> Parts:
        return Parts(
            take=self.take,
            judge=lambda _: self.verdict,
            store=FaultyStore() if self.faults else self.store,
            ledger=self.ledger,
            board=self.board,
            outbox=self,
            transcript=self.transcript,
            texts=self.texts,
            clock=self.clock,
            secret="a secret of this test",
            bell=self.bell,
            public_url=self.public_url,
            telegram=self.telegram,
            fetch_attachment=self.fetch,
            lifespan=self.lifespan,
            answered=self.answered,
            collected=self.collected,
            invites=self.invite,
        )


def answers(inbound: Inbound) -> list[Message]:
    asked = "How well do the trams work where you live?"
    match inbound.deed:
        case Commanded("start", payload):
            begin = Key("Answer its questions", "begin:good-city", tone=Tone.PRIMARY)
            more = (Key("My ideas", "mine"), Key("Stop", "stop", tone=Tone.DANGER))
            which = "\n\nYou came for “What makes a good city?”." if payload else ""
            welcome = "I ask what members think, and see to it that every idea hears back." + which
            return [Message(welcome, title="Welcome to Folkmoot", keys=((begin,), more))]
        case Pressed("begin:good-city", message):
            choices = (Key("Very well", "answer:good-city:well:yes"), Key("Not yet", "answer:good-city:well:no"))
            return [Message(asked, title="1 of 2", keys=(choices,), replaces=message)]
        case Pressed(action, message) if action.startswith("answer:"):
            skip = (Key("Skip", "skip:good-city:idea"),)
            return [
                Message(f"{asked}\n✓ Noted", title="1 of 2", replaces=message),
                Message("What would you change?", title="2 of 2", keys=(skip,)),
            ]
        case Said(text) if len(text) > 20:
            onwards = (Key("Its story", f"story:{CODE}"), Key("Read more", url="https://example.org/"))
            thanks = f"Thank you. Your receipt is {CODE}.\n\nKeep it: with it you can see what becomes of it."
            return [Message(thanks, keys=(onwards,))]
        case _:
            choices = (Key("Yes", "capture:1:yes"), Key("No", "capture:1:no"))
            return [Message("I see. Is this an idea you want to put forward?", keys=(choices,))]


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, bell: Bell | None = None) -> AsyncIterator[str]:
    """The app on a port of this machine, as `folkmoot web` would serve it."""
    listener = socket.create_server(("127.0.0.1", port))
    server = server_for(app, bell or Bell(), log_level="critical")
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def visiting(stage: Stage, **options: object) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor with cookies, and no browser around them."""
    async with (
        serving(create_app(stage.parts()), bell=stage.bell) as url,
        httpx.AsyncClient(base_url=url, verify=UNSEALED, **options) as visitor,  # type: ignore[arg-type]  # passed on as they come
    ):
        visitor.headers["accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        yield visitor
