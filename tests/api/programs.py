"""Programs: whoever comes to the interface with a token, and ideas for them to read."""

from collections.abc import Collection
from datetime import timedelta

import httpx

from core.deeds import By, Via
from core.events import IdeaCaptured, MemberForgotten
from core.ideas import Idea
from core.inbound import Inbound, Said
from core.members import Address
from core.places import Place, Source
from core.receipts import receipt_code
from core.sessions import Session
from core.stories import Entry, EntryKind
from core.tokens import Scope, Shown
from tests.desk.stage import ADA, BOT, CHIEF, Stage
from tests.web.stage import UNSEALED

ROOT = "/api/v1"
EVERY = frozenset(Scope)
YEAR = timedelta(days=365)


async def token(
    stage: Stage, who: Address = CHIEF, scopes: Collection[Scope] = EVERY, lasts: timedelta = YEAR
) -> Shown:
    member = await stage.assembly.store.member_at(who)
    assert member is not None
    by = By(Via.DESK, stage.clock.at, member.id)
    shown = await stage.assembly.desk.developers.tokens.make(by, "a program", scopes, lasts)
    assert shown is not None
    return shown


async def program(stage: Stage, who: Address = CHIEF, scopes: Collection[Scope] = EVERY) -> httpx.AsyncClient:
    """With a token of theirs."""
    return await bearing(stage, (await token(stage, who, scopes)).secret)


async def bearing(stage: Stage, secret: str | None) -> httpx.AsyncClient:
    headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
    client = httpx.AsyncClient(base_url=f"{stage.url}{ROOT}", headers=headers, timeout=20, verify=UNSEALED)
    return await stage.open.enter_async_context(client)


async def forgotten(stage: Stage, who: Address) -> None:
    """Who said so in chat."""
    inbound = Inbound(f"forget-{who.user}", who, Place.private_to(who), stage.clock.at, Said("yes", "1"))
    async with stage.assembly.store.work(inbound) as work:
        await work.seen(stage.clock.at)
        await work.record(Session(), [MemberForgotten(stage.clock.at)], ())


async def idea(
    stage: Stage, symbols: str = "K7M4QX2", words: str = "Buses on Sundays", body: str = "planning", slug: str = "city"
) -> str:
    """Ada’s, which that body has; its code."""
    code, now = receipt_code(symbols), stage.clock.at
    author = await stage.assembly.store.member_at(ADA)
    assert author is not None
    entries = (
        Entry(EntryKind.SAID, now, words),
        Entry(EntryKind.CONFIRMED, now),
        Entry(EntryKind.ACKNOWLEDGED, now),
        Entry(EntryKind.SENT, now, next=body, days=30),
    )
    said = Idea(code, author.id, Source(BOT, ADA.user, symbols), entries, slug, "idea")
    await stage.assembly.store.record([IdeaCaptured(said)])
    return code
