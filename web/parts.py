"""What the composition gives to the web: the parts that it asks, tells and shows. No more of each than it uses."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from bots.webchat.bell import Bell
from core.bodies import Bodies, Topic
from core.consultations import Consultation
from core.deeds import By
from core.events import Event
from core.floods import Verdict
from core.health import Health
from core.ideas import Attachment, Idea
from core.inbound import Inbound
from core.ledger.seals import Consistency, Receipt, Seal
from core.members import Address, Member
from core.places import Place
from core.ports import Clock, Post, Transcript
from core.queues import Moderated, Tally
from core.results import Results
from core.standings import Stage
from core.stories import Entry
from core.texts import Texts
from web.desk.parts import DeskParts
from web.pulse import Pulse
from web.visitors import Visitors


class Memory(Protocol):
    """As much of `core.ports.Store` as pages need."""

    async def consultation(self, slug: str) -> Consultation | None: ...
    async def consultations(self) -> tuple[Consultation, ...]: ...
    async def idea(self, code: str) -> Idea | None: ...
    async def ideas(self, codes: Collection[str]) -> tuple[Idea, ...]: ...
    async def supporters(self, code: str) -> int: ...
    async def bodies(self) -> Bodies: ...
    async def topics(self) -> tuple[Topic, ...]: ...
    async def member_at(self, address: Address) -> Member | None: ...
    async def readiness(self) -> str: ...
    async def health(self, now: datetime) -> Health: ...
    async def record(self, events: Sequence[Event], posts: Sequence[Post] = (), by: By | None = None) -> None: ...


class Backlog(Protocol):
    """As much of `core.ports.Outbox` as the chat needs, to know when everything has been said."""

    async def backlog(self, place: Place) -> int: ...


class Sealed(Protocol):
    """As much of `core.ports.Ledger` as pages need."""

    async def find_seal(self, size: int) -> Seal | None: ...
    async def seals(self, limit: int) -> tuple[Seal, ...]: ...
    async def receipt(self, code: str, size: int | None = None) -> Receipt | None: ...
    async def consistency(self, old: int, new: int) -> Consistency | None: ...


class Board(Protocol):
    """As much of `core.ports.Docket` as the public board needs."""

    async def tallies(self) -> tuple[Tally, ...]: ...
    async def opinions(self, body: str, limit: int) -> tuple[Entry, ...]: ...
    async def moderated(self) -> Moderated: ...


class Counting(Protocol):
    """As much of `core.results.Answered` as pages for everybody have any business with."""

    async def results(self, slug: str, now: datetime) -> Results | None: ...


class Collected(Protocol):
    """The ideas of a consultation that anybody may read."""

    async def ideas(self, consultation: str, limit: int, before: str = "") -> tuple[Idea, ...]: ...
    async def stages(self, consultation: str) -> Mapping[Stage, int]: ...


@dataclass(frozen=True, slots=True)
class Ways:
    """How people come to us on the channels that are connected now. `telegram`: an address that opens the bot there
    with what it was asked for; empty where there is no bot. `slack`: whether there is an app to write to."""

    telegram: str = ""
    slack: bool = False


class SlackDoor(Protocol):
    """Takes Slack's requests: events, commands, interactivity, installation."""

    async def handle(self, request: Request) -> Response: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """`take` returns after the commit; `judge` says beforehand what it will do. `telegram` gets what reads a webhook's
    body, and the secret header, and answers with a status; it and `slack` are None where the channel is off.
    `public_url` is where we are reached from outside, without a slash at its end, or empty. `metrics_token`: what
    whoever reads `/metrics` must show; empty where only this machine may."""

    take: Callable[[Inbound], Awaitable[object]]
    store: Memory
    ledger: Sealed
    board: Board
    outbox: Backlog
    transcript: Transcript
    texts: Texts
    clock: Clock
    secret: str
    bell: Bell
    public_url: str = ""
    secret_before: str = ""
    judge: Callable[[Inbound], Verdict] = lambda _: Verdict.TAKE
    telegram: Callable[[Callable[[], Awaitable[bytes]], str | None], Awaitable[int]] | None = None
    slack: SlackDoor | None = None
    fetch_attachment: Callable[[Attachment], Awaitable[tuple[bytes, str] | None]] | None = None
    lifespan: Callable[[], AbstractAsyncContextManager[None]] | None = None
    metrics_token: str = ""
    desk: DeskParts | None = None
    answered: Counting | None = None
    collected: Collected | None = None
    invites: Callable[[str], Ways] = lambda _: Ways()
    pulse: Pulse = field(default_factory=Pulse)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def visitors(self) -> Visitors:
        return Visitors(self.secret, self.is_https, self.secret_before)
