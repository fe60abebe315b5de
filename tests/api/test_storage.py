"""Tokens, answers that are kept, and hooks, on either database."""

from datetime import UTC, datetime, timedelta

import pytest

from core.asking import Answered, Elsewhere, First, StillAnswered
from core.deeds import By, Via
from core.events import ConsultationLoaded, ConsultationOpened, OrganiserCodeMade, OrganiserMade
from core.hooks import KEPT, Delivered, DeliveryState, Failed, Happened, Hook, Settled
from core.inbound import Inbound, Said
from core.members import Address
from core.places import Place
from core.sessions import Session
from core.tokens import MOST_TOKENS, Scope
from core.versions import version
from storage.database import Database
from storage.desk.hook_queue import SqlHookQueue
from storage.desk.hooks import SqlHooks
from storage.desk.replacing import SqlReplacing
from storage.desk.tokens import ANSWERS_KEPT, ANSWERS_WITHIN, SqlAsked, SqlTokens
from storage.store import SqlStore
from tests.desk.stage import consultation

NOW = datetime(2026, 5, 12, 14, 5, tzinfo=UTC)
WHO = Address("telegram:1", "1")
DAY = timedelta(days=1)


@pytest.fixture
async def by(database: Database) -> By:
    """An organiser."""
    store = SqlStore(database)
    await store.record([OrganiserCodeMade("FIRST000", "", NOW + DAY)])
    inbound = Inbound("1", WHO, Place.private_to(WHO), NOW, Said("x", "1"), "Chief")
    async with store.work(inbound) as work:
        await work.seen(NOW)
        await work.record(Session(), [OrganiserMade("FIRST000", NOW)], ())
    member = await store.member_at(WHO)
    assert member is not None
    return By(Via.DESK, NOW, member.id)


async def test_a_token_is_found_by_its_secret_until_it_is_over(database: Database, by: By) -> None:
    tokens = SqlTokens(database)
    made = await tokens.make(by, "a program", {Scope.IDEAS_READ}, DAY)
    assert made is not None
    found = await tokens.find(made.secret, NOW)
    assert found is not None
    assert (found.token.scopes, found.authority.organises_all) == (frozenset({Scope.IDEAS_READ}), True)
    (listed,) = await tokens.of(found.token.member)
    assert listed.seen_at == NOW
    assert await tokens.find(made.secret, NOW + DAY) is None
    assert await tokens.end(by, made.token.id)
    assert not await tokens.end(by, made.token.id)
    assert await tokens.find(made.secret, NOW) is None


async def test_there_are_so_many_tokens_and_no_more(database: Database, by: By) -> None:
    tokens = SqlTokens(database)
    made = [await tokens.make(by, str(number), {Scope.LOG_READ}, DAY) for number in range(MOST_TOKENS + 1)]
    assert made[-1] is None
    assert None not in made[:-1]


async def test_an_answer_is_kept_for_a_day_and_one_that_never_came_for_minutes(database: Database, by: By) -> None:
    asked, made = SqlAsked(database), await SqlTokens(database).make(by, "x", {Scope.LOG_READ}, 3 * DAY)
    assert made is not None
    number = made.token.id
    assert await asked.begin(number, "key", "this", NOW) == First()
    assert await asked.begin(number, "key", "this", NOW) == StillAnswered()
    assert await asked.begin(number, "key", "this", NOW + ANSWERS_WITHIN) == First(), "whoever began it has died"
    answer = Answered(201, "application/json", b"{}")
    await asked.keep(number, "key", answer)
    assert await asked.begin(number, "key", "this", NOW + ANSWERS_WITHIN) == answer
    assert await asked.begin(number, "key", "that", NOW + ANSWERS_WITHIN) == Elsewhere()
    await SqlStore(database).sweep(NOW + ANSWERS_WITHIN + ANSWERS_KEPT)
    assert await asked.begin(number, "key", "that", NOW) == First()
    await asked.drop(number, "key")
    assert await asked.begin(number, "key", "this", NOW) == First()
    assert await SqlTokens(database).end(by, number), "what is kept goes with it"


async def test_what_happened_is_claimed_once_tried_again_and_swept(database: Database, by: By) -> None:
    hooks, queue, store = SqlHooks(database), SqlHookQueue(database), SqlStore(database)
    assert by.member is not None
    kinds = frozenset(Happened) - {Happened.TEST}
    assert await hooks.make(by, Hook("hk_1", by.member, "it", "https://example.org", kinds, NOW))
    await store.record([ConsultationLoaded(consultation(is_open=False), NOW), ConsultationOpened("city", NOW)])
    await queue.notice(NOW)
    await queue.notice(NOW)
    (one,) = await queue.claim(NOW, 10)
    assert (one.delivery.kind, one.delivery.about, one.delivery.tries) == (Happened.CONSULTATION_OPENED, "city", 1)
    assert one.owner.reached_at == Place.private_to(WHO)
    assert await hooks.log("hk_1", 10) == [], "nobody has judged yet whether it is theirs to know"
    await queue.settle([Settled(one.delivery, Failed("no connection"), NOW, NOW + DAY)])
    assert await queue.claim(NOW, 10) == ()
    (failing,) = await hooks.of(by.member)
    assert failing.failing_since == NOW
    (again,) = await queue.claim(NOW + DAY, 10)
    assert again.delivery.tries == 2
    await queue.settle([Settled(again.delivery, Delivered(200), NOW + DAY)])
    (well,) = await hooks.of(by.member)
    assert well.failing_since is None
    (logged,) = await hooks.log("hk_1", 10)
    assert (logged.state, logged.status) == (DeliveryState.DELIVERED, 200)
    await store.sweep(NOW + KEPT)
    assert await hooks.log("hk_1", 10) == []
    assert await hooks.end(by, "hk_1")
    assert await hooks.of(by.member) == ()


async def test_of_two_who_replace_a_consultation_the_second_is_told(database: Database, by: By) -> None:
    replacing, store = SqlReplacing(database), SqlStore(database)
    first = consultation()
    assert await replacing.replace(first, None, by)
    assert not await replacing.replace(first, None, by)
    stored = await store.consultation("city")
    assert stored is not None
    assert await replacing.replace(consultation(bodies=("leeds",)), version(stored), by)
    assert not await replacing.replace(first, version(stored), by)
    found = await store.consultation("city")
    assert found is not None
    assert found.audience.bodies == ("leeds",)
