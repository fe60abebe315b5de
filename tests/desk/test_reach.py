"""Counting whom an invitation reaches: each of the audience once, exactly as planning and judging would have it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Body, BodyKind, Topic
from core.consultations import Audience
from core.deliveries import DeliveryState, Mark
from core.delivery import find_subjects, prepare
from core.events import (
    AddressLeft,
    BodiesLoaded,
    ConsentGiven,
    ConsultationFinished,
    LanguageChosen,
    MemberStopped,
    TimezoneChosen,
    TopicFollowed,
)
from core.members import Address, Role
from core.nudges import BUDGET_SPAN, Manners
from core.outbound import Message
from core.ports import Allowance
from core.reach import NEVER, Counted, Standing, reach
from core.texts import Localised, load_texts
from storage.database import Database
from storage.desk.reach import SqlReach
from tests.contracts.rooms import BOT, DAY, HOUR, NOON, Rooms, consultation, inbound, over
from tests.desk.stage import ADA as MEMBER
from tests.desk.stage import LEEDS, SECRETARY, YORK, Stage
from tests.desk.stage import consultation as of_stage

MANNERS = Manners()
ASKED = consultation(closes_at=NOON + 10 * DAY)
PEOPLE = [Address(BOT if n % 3 else "slack:T1", str(1000 + n)) for n in range(12)]


@pytest.fixture
async def rooms(database: Database) -> Rooms:
    return over(database)


async def _town(rooms: Rooms) -> None:
    """One of each kind, of those who can be in an audience."""
    parks = Body("parks", Localised.of("Parks"), BodyKind.SOCIETY, tuple((who, Role.MEMBER) for who in PEOPLE[:9]))
    await rooms.store.record([BodiesLoaded((parks,), (Topic("trees", Localised.of("Trees")),))])
    await rooms.load(ASKED)
    for who in PEOPLE:
        await rooms.turn(who, ConsentGiven(NOON), TimezoneChosen("Europe/London"))
    await rooms.turn(Address(BOT, "new"))  # never said yes
    await rooms.turn(PEOPLE[1], MemberStopped(NOON))
    await rooms.turn(PEOPLE[2], AddressLeft(NOON, "blocked"))
    await rooms.turn(PEOPLE[3], ConsultationFinished("city", NOON))
    await rooms.turn(PEOPLE[4], TimezoneChosen("Asia/Tokyo"))
    await rooms.turn(PEOPLE[5], LanguageChosen("cy"), TimezoneChosen("Pacific/Auckland"))
    for who in PEOPLE[8:]:
        await rooms.turn(who, TopicFollowed("trees"))


async def _use_up(rooms: Rooms, *people: Address, slug: str = "other") -> None:
    """Their weekly budget, by as many broadcasts of another consultation as it has places."""
    theirs = Body("theirs", Localised.of("Theirs"), BodyKind.SOCIETY, tuple((who, Role.MEMBER) for who in people))
    found = await rooms.store.bodies()
    kept = [await rooms.store.body(body.slug) for body in found.living]
    await rooms.store.record([BodiesLoaded((*filter(None, kept), theirs), await rooms.store.topics())])
    await rooms.load(consultation(slug))
    for number in range(MANNERS.budget):
        await rooms.broadcast(slug, f"broadcast-{number}", audience=Audience(("theirs",)))
    for account in {who.account for who in people}:
        await rooms.send(NOON, account=account)


async def test_everybody_of_the_audience_is_counted_once_and_with_the_reason(database: Database, rooms: Rooms) -> None:
    await _town(rooms)
    found = await SqlReach(database).count(ASKED, NOON, MANNERS)
    assert found.standings == {
        Standing.NOW: 7,
        Standing.ASLEEP: 2,
        Standing.ANSWERED: 1,
        Standing.UNREACHABLE: 1,
        Standing.NOT_AGREED: 1,
        Standing.STOPPED: 1,
    }
    assert found.audience == len(PEOPLE) + 1
    assert [(at - NOON, count) for at, count in found.wakes] == [(7 * HOUR, 1), (11 * HOUR, 1)]
    assert found.languages == {"en": 8, "cy": 1}
    assert found.channels == {"telegram": 6, "slack": 3}
    assert sum(found.zones.values()) == found.reachable


@pytest.mark.parametrize(
    "audience",
    [
        Audience(),
        Audience(("parks",)),
        Audience((), ("trees",)),
        Audience(("parks", "nobody"), ("trees",)),
        Audience(languages=("cy",)),
        Audience(("parks",), active_days=3),
        Audience(("nobody",)),
    ],
)
async def test_it_is_the_number_that_chat_says_and_planning_writes(
    database: Database, rooms: Rooms, audience: Audience
) -> None:
    await _town(rooms)
    asked = replace(ASKED, audience=audience)
    found = await SqlReach(database).count(asked, NOON, MANNERS)
    async with rooms.store.work(inbound(PEOPLE[0])) as work:
        assert await work.audience_size("city", audience) == found.reachable
    assert (await rooms.broadcast(audience=audience)).planned == found.reachable


async def test_whoever_had_their_messages_of_the_week_waits_until_it_is_over(database: Database, rooms: Rooms) -> None:
    await _town(rooms)
    await _use_up(rooms, PEOPLE[6], PEOPLE[7])
    found = await SqlReach(database).count(ASKED, NOON + DAY, MANNERS)
    assert found.of(Standing.OVER_BUDGET) == 2
    assert found.budget_first == found.budget_last == NOON + 7 * DAY
    short = replace(ASKED, closes_at=NOON + 5 * DAY)
    assert (await SqlReach(database).count(short, NOON + DAY, MANNERS)).of(Standing.TOO_LATE) == 2
    assert (await SqlReach(database).count(ASKED, NOON + 8 * DAY, MANNERS)).of(Standing.OVER_BUDGET) == 0


async def test_whoever_was_asked_today_isnt_asked_again(database: Database, rooms: Rooms) -> None:
    await _town(rooms)
    await rooms.broadcast(audience=Audience((), ("trees",)))
    for account in (BOT, "slack:T1"):
        await rooms.send(account=account)
    found = await SqlReach(database).count(ASKED, NOON + HOUR, MANNERS)
    assert found.of(Standing.ASKED) == 4
    assert (await SqlReach(database).count(ASKED, NOON + DAY, MANNERS)).of(Standing.ASKED) == 0


async def test_what_is_counted_is_what_is_judged_when_it_is_sent(database: Database, rooms: Rooms) -> None:
    """The deliveries of an invitation, prepared at that moment, come to the same numbers."""
    await _town(rooms)
    await _use_up(rooms, PEOPLE[6])
    now = NOON + DAY
    found = await SqlReach(database).count(ASKED, now, MANNERS)
    await rooms.broadcast(not_before=NOON, allowance=Allowance(99, BUDGET_SPAN, now))
    said, whys = 0, dict[str, int]()
    for account in (BOT, "slack:T1"):
        batch = await rooms.claim(now, account=account)
        receivers = await rooms.outbox.receivers(batch, now - BUDGET_SPAN)
        subjects = await find_subjects(rooms.store, batch)
        for one in batch:
            made = prepare(one, subjects, receivers.get(one.id), now, MANNERS, load_texts())
            if isinstance(made, Mark):
                whys[made.why] = whys.get(made.why, 0) + (made.state is DeliveryState.PLANNED)
            else:
                said += isinstance(made, Message)
    assert said == found.of(Standing.NOW)
    assert whys == {"quiet hours": found.of(Standing.ASLEEP), "weekly budget": found.of(Standing.OVER_BUDGET)}


counts = st.builds(
    Counted, st.sampled_from([one for one in Standing if one is not Standing.ASLEEP]),
    st.sampled_from(["telegram", "slack", "web", ""]), st.sampled_from(["en", "cy"]),
    st.sampled_from([None, "Europe/London", "Asia/Tokyo"]), st.integers(1, 50),
)  # fmt: skip


@given(st.lists(counts), st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda later: NOON + later))
def test_nobody_is_lost_in_the_sum(counted: list[Counted], now: datetime) -> None:
    found = reach(counted, ASKED, now, MANNERS)
    assert found.audience == sum(one.members for one in counted) == sum(found.standings.values())
    assert sum(count for _, count in found.wakes) == found.of(Standing.ASLEEP)
    assert sum(found.channels.values()) == sum(found.languages.values()) == found.reachable
    assert found.reachable == found.audience - sum(found.of(one) for one in NEVER)


# --- the page
async def test_the_page_says_how_many_and_why_not(stage: Stage) -> None:
    await stage.load(of_stage())
    await stage.turn(MEMBER, MemberStopped(stage.clock.at))
    page = (await (await stage.at_desk()).get("/desk/consultations/city/reach")).text
    assert "An invitation reaches 4 members now." in page
    assert "5 are in the audience." in page
    assert "said STOP" in page


async def test_before_anybody_is_in_the_audience_it_says_so(stage: Stage) -> None:
    await stage.load(replace(of_stage(), audience=Audience(topics=("housing",))))
    page = (await (await stage.at_desk()).get("/desk/consultations/city/reach")).text
    assert "Nobody is in this audience yet." in page


async def test_a_branch_counts_no_members_of_anothers(stage: Stage) -> None:
    await stage.load(of_stage(bodies=("york",)))
    for page in ("reach", "timeline"):
        assert (await (await stage.at_desk(LEEDS)).get(f"/desk/consultations/city/{page}")).status_code == 404
        assert (await (await stage.at_desk(YORK)).get(f"/desk/consultations/city/{page}")).status_code == 200
        assert (await (await stage.at_desk(SECRETARY)).get(f"/desk/consultations/city/{page}")).status_code == 403
