"""The desk to be tried at: a real SQLite database, the whole application over real HTTP, and people who sit down.

Everything is as `folkmoot web` has it, but for the clock, which stands still until it is set.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx

from core.bodies import Bodies, Body, BodyKind, Topic
from core.consultations import Audience, Consultation
from core.events import BodiesLoaded, ConsentGiven, ConsultationLoaded, Event, OrganiserCodeMade, OrganiserMade
from core.inbound import Inbound, Said
from core.members import Address, Member, Role
from core.places import Place
from core.prompts import Option, Prompt, PromptKind
from core.sessions import Session
from core.texts import Localised
from folkmoot.assembly import Assembly, assemble
from folkmoot.running import Channels, parts_for
from folkmoot.settings import Settings
from tests.web.stage import UNSEALED, serving
from web.app import create_app

NOW = datetime(2026, 5, 12, 14, 5, tzinfo=UTC)
DAY = timedelta(days=1)
BOT = "telegram:1"
CHIEF = Address(BOT, "1")
"""Organises the whole organisation."""
LEEDS = Address(BOT, "2")
"""Organises the branch of Leeds, and no other."""
YORK = Address(BOT, "3")
SECRETARY = Address(BOT, "4")
"""Of the planning commission."""
ADA = Address(BOT, "100")
"""A member without any office."""

_keys = count(1)


@dataclass
class SetClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Stage:
    assembly: Assembly
    clock: SetClock
    url: str
    open: AsyncExitStack = field(repr=False)

    async def turn(self, who: Address, *events: Event, name: str = "") -> Member:
        """One turn of theirs in which these things happened; they as they are after it."""
        place = Place.private_to(who)
        inbound = Inbound(f"stage-{next(_keys)}", who, place, self.clock.at, Said("hello", "1"), name)
        async with self.assembly.store.work(inbound) as work:
            await work.seen(self.clock.at)
            await work.member()
            await work.record(Session(), events, ())
        found = await self.assembly.store.member_at(who)
        assert found is not None
        return found

    async def browser(self) -> httpx.AsyncClient:
        """Somebody's browser, as far as it matters here: it keeps cookies and says where a form comes from."""
        headers = {"accept": "text/html,*/*;q=0.8", "origin": self.url, "sec-fetch-site": "same-origin"}
        client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20, verify=UNSEALED)
        return await self.open.enter_async_context(client)

    async def at_desk(self, who: Address = CHIEF) -> httpx.AsyncClient:
        """In whose browser they sit at the desk."""
        begun = await self.assembly.desk.sittings.begin(who, self.clock.at, "Firefox · Linux")
        assert begun is not None, f"nobody knows {who}"
        client = await self.browser()
        client.cookies.set("desk", begun.secret)
        return client

    async def load(self, *consultations: Consultation) -> None:
        await self.assembly.store.record([ConsultationLoaded(one, self.clock.at) for one in consultations])


def settings_for(database: Path | str) -> Settings:
    return Settings(database_url=f"sqlite:///{database}", secret_key="a secret of this test")


@asynccontextmanager
async def staged(migrated_copy: Path) -> AsyncIterator[Stage]:
    """With people in office, three bodies, two topics; no consultation yet. `migrated_copy` is the fixture of that
    name: a database of this test's own."""
    clock = SetClock()
    async with AsyncExitStack() as stack:
        assembly = await stack.enter_async_context(assemble(settings_for(migrated_copy), clock=clock))
        app = create_app(parts_for(assembly, Channels(assembly, None, None)))
        url = await stack.enter_async_context(serving(app, bell=assembly.bell))
        stage = Stage(assembly, clock, url, stack)
        await assembly.store.record([BodiesLoaded(BODIES.all, TOPICS), OrganiserCodeMade("FIRST000", "", NOW + DAY)])
        await stage.turn(CHIEF, ConsentGiven(NOW), OrganiserMade("FIRST000", NOW), name="Chief")
        for who, name in ((LEEDS, "Lee"), (YORK, "Yorick"), (SECRETARY, "Sec"), (ADA, "Ada")):
            await stage.turn(who, ConsentGiven(NOW), name=name)
        yield stage


BODIES = Bodies(
    (
        Body("leeds", Localised.of("Leeds branch"), BodyKind.BRANCH, ((LEEDS, Role.ORGANISER), (ADA, Role.MEMBER))),
        Body("york", Localised.of("York branch"), BodyKind.BRANCH, ((YORK, Role.ORGANISER),)),
        Body(
            "planning", Localised.of("Planning commission"), BodyKind.COMMISSION, ((SECRETARY, Role.SECRETARY),),
            answer_days=30,
        ),
    )
)  # fmt: skip
TOPICS = (Topic("transport", Localised.of("Transport")), Topic("housing", Localised.of("Housing")))


def consultation(slug: str = "city", *, bodies: tuple[str, ...] = (), is_open: bool = True) -> Consultation:
    """One prompt of each kind that is counted, and an idea. With `bodies` it is theirs alone."""
    words = Localised.of
    choices = tuple(Option(key, words(key.title())) for key in ("parks", "buses", "bins"))
    return Consultation(
        slug,
        Localised.of({"en": f"About {slug}", "cy": f"Am {slug}"}),
        words("Tell us."),
        (
            Prompt("one", PromptKind.ONE, words("Which one?"), options=choices),
            Prompt("many", PromptKind.MANY, words("Which ones?"), options=choices),
            Prompt("scale", PromptKind.SCALE, words("How well?")),
            Prompt("yesno", PromptKind.YESNO, words("Really?")),
            Prompt("number", PromptKind.NUMBER, words("How many?")),
            Prompt("rank", PromptKind.RANK, words("In what order?"), options=choices),
            Prompt("said", PromptKind.STATEMENT, words("Buses should be free.")),
            Prompt("words", PromptKind.TEXT, words("Anything else?")),
            Prompt("idea", PromptKind.IDEA, words("What would you change?")),
        ),
        opens_at=NOW - DAY if is_open else None,
        closes_at=NOW + 20 * DAY if is_open else None,
        audience=Audience(bodies=bodies),
    )
