"""Slack's half of a test: a small Slack, our bot behind real HTTP, and fakes with memory for all that is core's."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import pytest
import uvicorn
from cryptography.fernet import Fernet
from starlette.applications import Starlette
from starlette.routing import Route

from bots.slack.doorway import SlackDoorway, installation
from bots.slack.installations import Workspaces, open_workspaces
from bots.slack.intake import SlackIntake
from bots.slack.messenger import SlackMessengers
from bots.slack.settings import SlackSettings
from bots.slack.web_api import open_session
from core.consultations import Consultation
from core.ideas import Idea
from core.inbound import Inbound
from core.members import Address, Member
from core.places import Place
from core.prompts import Answers
from core.texts import Texts
from tests.fakes.slack_sender import SlackSender
from tests.fakes.slack_server import FakeSlack

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "signing-secret"


class FakeTake:
    """The conversation: remembers what it was given; `faults` are raised first, `answer` is what a turn gives."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.faults: list[Exception] = []
        self.answer: object = None

    async def __call__(self, inbound: Inbound) -> object:
        if self.faults:
            raise self.faults.pop()
        self.taken.append(inbound)
        return self.answer


@dataclass
class FakeLookup:
    """What the channel may read."""

    known: list[Consultation] = field(default_factory=list)
    members: dict[Address, Member] = field(default_factory=dict)
    answers: dict[tuple[Address, str], Answers] = field(default_factory=dict)
    ideas: dict[Address, tuple[Idea, ...]] = field(default_factory=dict)
    tied: list[Place] = field(default_factory=list)

    async def channels(self) -> tuple[Place, ...]:
        return tuple(self.tied)

    async def consultation(self, slug: str) -> Consultation | None:
        return next((one for one in self.known if one.slug == slug), None)

    async def consultations(self) -> tuple[Consultation, ...]:
        return tuple(self.known)

    async def ideas_of(self, address: Address) -> tuple[Idea, ...]:
        return self.ideas.get(address, ())

    async def member_at(self, address: Address) -> Member | None:
        return self.members.get(address)

    async def answers_at(self, address: Address, consultation: str) -> Answers:
        return self.answers.get((address, consultation), {})


class FakeVault:
    """Encrypts for real, in memory."""

    def __init__(self) -> None:
        self.at_rest: dict[tuple[str, str], bytes] = {}
        self._cipher = Fernet(Fernet.generate_key())

    async def keep(self, kind: str, name: str, secret: str) -> None:
        self.at_rest[kind, name] = self._cipher.encrypt(secret.encode())

    async def find(self, kind: str, name: str) -> str | None:
        kept = self.at_rest.get((kind, name))
        return self._cipher.decrypt(kept).decode() if kept else None

    async def names(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(name for of, name in self.at_rest if of == kind))

    async def drop(self, kind: str, name: str) -> None:
        self.at_rest.pop((kind, name), None)


@dataclass
class Bot:
    """Our side, running."""

    url: str
    slack: FakeSlack
    sender: SlackSender
    take: FakeTake
    lookup: FakeLookup
    vault: FakeVault
    workspaces: Workspaces
    messengers: SlackMessengers
    intake: SlackIntake
    session: aiohttp.ClientSession

    @property
    def taken(self) -> list[Inbound]:
        return self.take.taken


Start = Callable[..., AbstractAsyncContextManager[Bot]]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = await FakeSlack().start()
    fake.users["U1"] = {
        "profile": {"display_name": "Ada"}, "real_name": "Ada L", "locale": "cy-GB", "tz": "Europe/London",
    }  # fmt: skip
    fake.users["U2"] = {"profile": {"display_name": ""}, "real_name": "Bob B", "locale": "en-GB"}
    yield fake
    await fake.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@asynccontextmanager
async def serving(doorway: SlackDoorway) -> AsyncIterator[str]:
    """The doorway behind a real web server; its address."""
    paths = {"/slack/events": ["POST"], "/slack/install": ["GET"], "/slack/oauth_redirect": ["GET"]}
    app = Starlette(routes=[Route(path, doorway.handle, methods=methods) for path, methods in paths.items()])
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()


@pytest.fixture
def start(slack: FakeSlack, session: aiohttp.ClientSession) -> Start:
    @asynccontextmanager
    async def started(**changes: str) -> AsyncIterator[Bot]:
        given = {"bot_token": "xoxb-one", "signing_secret": SECRET, "api_url": slack.api_url, **changes}
        settings = SlackSettings(**given)
        take, lookup, vault = FakeTake(), FakeLookup(), FakeVault()
        workspaces = open_workspaces(settings, vault, session)
        intake = SlackIntake(
            settings,
            workspaces,
            session,
            take=take,
            lookup=lookup,
            texts=Texts({}),
            now=lambda: NOW,
            channels=lookup.channels,
        )
        messengers = SlackMessengers(workspaces, session, slack.api_url)
        async with serving(SlackDoorway(settings, intake, installation(settings, vault, session))) as url:
            sender = SlackSender(f"{url}/slack/events", SECRET, session)
            yield Bot(url, slack, sender, take, lookup, vault, workspaces, messengers, intake, session)

    return started


@pytest.fixture
async def bot(start: Start) -> AsyncIterator[Bot]:
    """One workspace, by its token."""
    async with start() as running:
        yield running
