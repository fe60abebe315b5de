"""Consultations as they stand, answers, and what an organiser sees."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from core.bodies import Topic
from core.consultations import Audience, Consultation, NudgeKind
from core.conversation import Conversation
from core.deliveries import DeliveryState, Mark
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    BroadcastConfirmed,
    BroadcastOrdered,
    ConsentGiven,
    ConsultationBegun,
    ConsultationClosed,
    ConsultationFinished,
    ConsultationLoaded,
    ConsultationOpened,
    DiscussionHeard,
    Event,
    IdeaCaptured,
    OrganiserCodeMade,
    OrganiserMade,
    OutcomePublished,
    TopicFollowed,
    TopicUnfollowed,
)
from core.inbound import Commanded, Inbound
from core.places import Place
from core.ports import CodeTaken, NameTaken, Post, Work
from core.prompts import Value
from core.sessions import Session
from core.texts import Localised, load_texts
from storage.database import Database
from storage.store import SqlStore
from tests.contracts.rooms import ADA, BEN, CAT, DAY, HOUR, MINUTE, NOON, Rooms, consultation, idea, inbound, over, sent
from tests.fakes.clock import CountingMint, SetClock

SOON, LATER = NOON + DAY, NOON + 2 * DAY


async def _standing(rooms: Rooms, slug: str = "city") -> Consultation:
    found = await rooms.store.consultation(slug)
    assert found is not None
    return found


async def test_what_was_loaded_comes_back_as_it_was(rooms: Rooms) -> None:
    loaded = replace(consultation(), audience=Audience(("parks",), ("trees",)), body="parks", keyword="city")
    await rooms.load(loaded)
    assert await rooms.store.consultation("city") == loaded
    assert await rooms.store.consultation("town") is None


async def test_all_are_listed_with_the_newest_loaded_first(rooms: Rooms) -> None:
    for number, slug in enumerate(("b", "a", "c")):
        await rooms.store.record([ConsultationLoaded(consultation(slug), NOON + number * MINUTE)])
    await rooms.store.record([ConsultationLoaded(consultation("a"), NOON + HOUR)])
    assert [one.slug for one in await rooms.store.consultations()] == ["a", "c", "b"]


async def test_open_ones_are_in_the_order_of_their_closing(rooms: Rooms) -> None:
    await rooms.load(
        consultation("never-closes", closes_at=None),
        consultation("later", closes_at=LATER),
        consultation("b-soon", closes_at=SOON),
        consultation("a-soon", closes_at=SOON),
        consultation("closed", closes_at=NOON),
        consultation("draft", opens_at=None),
        consultation("scheduled", opens_at=NOON + MINUTE),
    )
    async with rooms.store.work(inbound(ADA)) as work:
        found = [one.slug for one in await work.open_consultations(NOON)]
    assert found == ["a-soon", "b-soon", "later", "never-closes"]


async def test_opening_and_closing_by_hand(rooms: Rooms) -> None:
    await rooms.load(consultation(opens_at=None, closes_at=None))
    await rooms.store.record([ConsultationOpened("city", NOON)])
    assert (await _standing(rooms)).is_open(NOON)
    await rooms.store.record([ConsultationClosed("city", SOON)])
    assert not (await _standing(rooms)).is_open(SOON)
    await rooms.store.record([ConsultationOpened("city", LATER)])
    again = await _standing(rooms)
    assert (again.opens_at, again.closes_at) == (LATER, None)


async def test_opening_early_keeps_a_closing_that_is_still_to_come(rooms: Rooms) -> None:
    await rooms.load(consultation(opens_at=SOON, closes_at=LATER))
    await rooms.store.record([ConsultationOpened("city", NOON)])
    now = await _standing(rooms)
    assert (now.opens_at, now.closes_at) == (NOON, LATER)


async def test_times_set_by_hand_stay_until_the_file_says_otherwise(rooms: Rooms) -> None:
    loaded = consultation(opens_at=SOON, closes_at=LATER)
    await rooms.load(loaded)
    await rooms.store.record([ConsultationOpened("city", NOON)])
    await rooms.load(replace(loaded, title=Localised.of("A better city")))
    reloaded = await _standing(rooms)
    assert (reloaded.title, reloaded.opens_at, reloaded.closes_at) == (Localised.of("A better city"), NOON, LATER)
    await rooms.load(replace(loaded, opens_at=SOON + HOUR))
    moved = await _standing(rooms)
    assert (moved.opens_at, moved.closes_at) == (SOON + HOUR, LATER)


async def test_what_is_new_takes_no_name_that_another_has(rooms: Rooms) -> None:
    one, other = consultation(), replace(consultation(), title=Localised.of("Another city"))
    await rooms.store.record([ConsultationLoaded(one, NOON, once=True)])
    with pytest.raises(NameTaken, match="city"):
        await rooms.store.record([ConsultationLoaded(other, NOON, once=True), ConsultationClosed("city", NOON)])
    assert await _standing(rooms) == one


class Meeting(SqlStore):
    """Where two have looked before either of them records anything."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._both, self._came = asyncio.Barrier(2), set[str]()

    @asynccontextmanager
    async def work(self, inbound: Inbound) -> AsyncIterator[Work]:
        async with super().work(inbound) as work:
            record = work.record

            async def once_both_are_here(session: Session, events: Sequence[Event], posts: Sequence[Post]) -> None:
                if inbound.key not in self._came:
                    self._came.add(inbound.key)
                    await self._both.wait()
                await record(session, events, posts)

            setattr(work, "record", once_both_are_here)  # noqa: B010  as a type checker would have it
            yield work


async def test_of_two_who_load_the_same_name_at_once_one_is_told(postgres_database: Database) -> None:
    """On SQLite and in memory the second turn begins when the first has ended."""
    rooms = over(postgres_database)
    for who, code in ((ADA, "FIRST000"), (BEN, "FIRST001")):
        await rooms.store.record([OrganiserCodeMade(code, "", LATER)])
        await rooms.turn(who, ConsentGiven(NOON), OrganiserMade(code, NOON))
    conversation = Conversation(Meeting(postgres_database), SetClock(NOON), CountingMint(), load_texts())

    def load(title: str) -> Commanded:
        return Commanded(
            "load", f"consultation: city\ntitle: {title}\nframing: Hm.\nprompts: [{{text: a, ask: A}}]", "1"
        )

    turns = await asyncio.gather(
        conversation.receive(replace(inbound(ADA), deed=load("Mine"))),
        conversation.receive(replace(inbound(BEN), deed=load("Theirs"))),
    )
    [(winner, loaded)] = [
        (turn, event) for turn in turns if turn for event in turn.events if isinstance(event, ConsultationLoaded)
    ]
    assert (await _standing(rooms)).title == loaded.consultation.title
    [told] = [turn for turn in turns if turn is not winner]
    assert told
    assert "Somebody has just loaded another “city”" in load_texts().say(told.says[0].paragraphs[0], "en")


async def test_an_outcome_stays_when_the_file_is_loaded_again(rooms: Rooms) -> None:
    await rooms.load(consultation())
    await rooms.store.record([OutcomePublished("city", Localised.of("Trees it is"), SOON)])
    await rooms.load(consultation())
    kept = await _standing(rooms)
    assert (kept.outcome, kept.outcome_at) == (Localised.of("Trees it is"), SOON)
    await rooms.load(replace(consultation(), outcome=Localised.of("Buses"), outcome_at=LATER))
    assert (await _standing(rooms)).outcome == Localised.of("Buses")


@pytest.mark.parametrize("value", ["words", 4, 2.5, ("a", "b"), (), "", None])
async def test_every_kind_of_answer_comes_back_as_it_was_given(rooms: Rooms, value: Value | None) -> None:
    await rooms.turn(ADA, AnswerGiven("city", "one", value, NOON))
    (given,) = (await rooms.store.answers_at(ADA, "city")).values()
    assert (given, type(given)) == (value, type(value))


async def test_the_latest_answer_counts(rooms: Rooms) -> None:
    await rooms.turn(ADA, AnswerGiven("city", "one", "a", NOON), AnswerGiven("city", "two", "b", NOON))
    await rooms.turn(ADA, AnswerGiven("city", "one", None, NOON + MINUTE), AnswerGiven("parks", "one", "z", NOON))
    await rooms.turn(BEN, AnswerGiven("city", "one", "ben's", NOON))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.answers("city") == {"one": None, "two": "b"}
        assert await work.answers("town") == {}
    assert await rooms.store.answers_at(CAT, "city") == {}


async def test_of_two_answers_to_one_prompt_in_a_turn_the_second_counts(rooms: Rooms) -> None:
    await rooms.turn(ADA, AnswerGiven("city", "one", "a", NOON), AnswerGiven("city", "one", "b", NOON))
    assert await rooms.store.answers_at(ADA, "city") == {"one": "b"}


async def test_finishing_is_remembered(rooms: Rooms) -> None:
    await rooms.turn(ADA, ConsultationBegun("city", NOON))
    async with rooms.store.work(inbound(ADA)) as work:
        assert not await work.has_finished("city")
    await rooms.turn(ADA, ConsultationBegun("city", NOON), ConsultationFinished("city", NOON))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.has_finished("city")
        assert not await work.has_finished("parks")


async def test_how_a_consultation_stands(rooms: Rooms) -> None:
    assert await rooms.store.status("city") is None
    await rooms.load(consultation())
    ada, _ = await rooms.says_yes(ADA, BEN)
    await rooms.broadcast()
    await rooms.store.record([BroadcastOrdered("b2", "city", "later", NudgeKind.REMINDER, Audience(), SOON)])
    first, second = await rooms.claim()
    waits = Mark(second.id, DeliveryState.PLANNED, why="quiet hours", not_before=SOON, counted=False)
    await rooms.mark(sent(first), waits)
    await rooms.turn(ADA, ConsultationBegun("city", NOON), IdeaCaptured(idea("K7M4-QX2P", ada)))
    await rooms.turn(ADA, ConsultationFinished("city", NOON))
    group = Place("slack:T1", "C1", private=False, thread="1")
    heard = DiscussionHeard("city", group, "2", NOON)
    await rooms.store.record([heard, heard])
    async with rooms.store.work(inbound(ADA)) as work:
        status = await work.status("city")
    assert status is not None
    assert status == await rooms.store.status("city")
    assert status.consultation == consultation()
    assert (status.asked, status.begun, status.finished, status.ideas, status.discussed) == (2, 1, 1, 1, 1)
    assert status.deliveries == {DeliveryState.SENT: 1, DeliveryState.PLANNED: 1}
    assert (status.why, status.planning) == ({"quiet hours": 1}, 1)


async def test_an_audience_is_counted_as_an_invitation_would_reach_it(rooms: Rooms) -> None:
    await rooms.says_yes(ADA, BEN)
    await rooms.turn(CAT)
    await rooms.turn(BEN, ConsultationFinished("parks", NOON))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.audience_size("city", Audience()) == 2
        assert await work.audience_size("parks", Audience()) == 1
        assert await work.audience_size("city", Audience(("nobody",), ("nothing",))) == 0


async def test_a_broadcast_waits_for_its_yes(rooms: Rooms) -> None:
    await rooms.load(consultation())
    order = BroadcastOrdered("b1", "city", "now", NudgeKind.INVITATION, Audience(("parks",)), NOON, confirmed=False)
    await rooms.turn(ADA, ConsentGiven(NOON), order)
    assert await rooms.planner.unplanned(NOON) == ()
    async with rooms.store.work(inbound(ADA)) as work:
        found = await work.broadcast("b1")
        assert found is not None
        assert (found.consultation, found.audience, found.confirmed) == ("city", Audience(("parks",)), False)
        assert await work.broadcast("b2") is None
    await rooms.turn(ADA, BroadcastConfirmed("b1", "city"))
    assert [one.id for one in await rooms.planner.unplanned(NOON)] == ["b1"]


async def test_a_second_order_of_a_step_is_none_and_a_code_is_one_broadcasts(rooms: Rooms) -> None:
    order = BroadcastOrdered("b1", "city", "now", NudgeKind.INVITATION, Audience(), NOON)
    await rooms.store.record([order, replace(order, id="b2")])
    assert [one.id for one in await rooms.planner.unplanned(NOON)] == ["b1"]
    with pytest.raises(CodeTaken):
        await rooms.store.record([replace(order, step="other")])


async def test_a_broadcast_is_due_at_its_time(rooms: Rooms) -> None:
    order = BroadcastOrdered("b1", "city", "now", NudgeKind.INVITATION, Audience(), SOON)
    await rooms.store.record([order])
    assert await rooms.planner.unplanned(SOON - timedelta(seconds=1)) == ()
    assert len(await rooms.planner.unplanned(SOON)) == 1


async def test_topics_are_followed_and_left(rooms: Rooms) -> None:
    trees, buses = Topic("trees", Localised.of("Trees")), Topic("buses", Localised.of("Buses"))
    await rooms.store.record([BodiesLoaded((), (trees, buses))])
    await rooms.turn(ADA, TopicFollowed("trees"), TopicFollowed("trees"), TopicFollowed("buses"))
    await rooms.turn(ADA, TopicUnfollowed("buses"), TopicUnfollowed("buses"))
    async with rooms.store.work(inbound(ADA)) as work:
        assert await work.topics() == (trees, buses)
        assert await work.followed() == {"trees"}
