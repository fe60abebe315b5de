"""Results from the database: counted as a walk through everybody's answers would, on SQLite and PostgreSQL."""

import asyncio
import random
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import count as numbers

import pytest
from sqlalchemy import insert

from core.bodies import Bodies
from core.consultations import Consultation, NudgeKind
from core.counting import IN_WORDS, count
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    ConsentGiven,
    ConsultationBegun,
    ConsultationFinished,
    ConsultationLoaded,
    Event,
    MemberStopped,
)
from core.flows.walking import asked_prompts, next_prompt
from core.inbound import Inbound, Said
from core.members import Address
from core.places import Place
from core.prompts import Answers, Condition, Prompt, PromptKind, Value
from core.prompts import Test as Check
from core.results import Among, Results
from core.sessions import Session
from core.texts import Localised
from storage.database import Database
from storage.desk.results import SqlAnswered
from storage.outgoing import broadcast, delivery
from storage.store import SqlStore
from tests.desk.stage import ADA, BODIES, BOT, CHIEF, LEEDS, NOW, TOPICS, YORK, consultation

SLUG = "city"
_keys = numbers(1)

VALUES: dict[PromptKind, list[Value | None]] = {
    PromptKind.ONE: ["parks", "parks", "buses", "bins", None],
    PromptKind.MANY: [("parks",), ("parks", "bins"), (), None],
    PromptKind.SCALE: [1, 3, 5, None],
    PromptKind.YESNO: ["yes", "no"],
    PromptKind.NUMBER: [0, 2.5, 300, -4, None],
    PromptKind.RANK: [("parks", "buses", "bins"), ("bins", "buses", "parks"), None],
    PromptKind.STATEMENT: ["agree", "disagree", "pass"],
    PromptKind.TEXT: ["Short", "A rather longer answer, in many more words than fit in an index", "[", None],
    PromptKind.IDEA: ["K7M4-QX2N", None],
}


def with_conditions() -> Consultation:
    """Prompts that are asked of some, two deep, and of those who did not say something."""
    found = consultation(SLUG)
    words = Localised.of
    more = (
        Prompt("why", PromptKind.YESNO, words("Why parks?"), when=(Condition("one", Check.IS, ("parks",)),)),
        Prompt("deep", PromptKind.TEXT, words("Really?"), when=(Condition("why", Check.IS, ("yes",)),)),
        Prompt("not_bins", PromptKind.SCALE, words("Not bins?"), when=(Condition("many", Check.NOT, ("bins",)),)),
        Prompt("high", PromptKind.ONE, words("Many?"), options=found.prompts[0].options,
               when=(Condition("number", Check.ABOVE, (1,)), Condition("scale", Check.BELOW, (5,)))),
    )  # fmt: skip
    return Consultation(SLUG, found.title, found.framing, (*found.prompts, *more), opens_at=found.opens_at)


async def turn(store: SqlStore, who: Address, *events: Event) -> None:
    inbound = Inbound(f"r-{next(_keys)}", who, Place.private_to(who), NOW, Said("x", "1"))
    async with store.work(inbound) as work:
        await work.seen(NOW)
        await work.member()
        await work.record(Session(), events, ())


def answers(draw: random.Random, of: Consultation) -> Answers:
    """As far as they came; some answered something that a later answer ruled out."""
    given: dict[str, Value | None] = {}
    for prompt in of.prompts[: draw.choice([len(of.prompts), draw.randint(0, len(of.prompts))])]:
        if draw.random() < 0.85:
            given[prompt.key] = draw.choice(VALUES[prompt.kind])
    return given


def counted(of: Consultation, given: Answers) -> Answers:
    return {one.key: given[one.key] for one in asked_prompts(of, given) if one.key in given}


async def everybody(store: SqlStore, of: Consultation) -> list[Answers]:
    draw = random.Random(7)
    await store.record([BodiesLoaded(BODIES.all, TOPICS), ConsultationLoaded(of, NOW)])
    said = []
    for number in range(40):
        given = answers(draw, of)
        done = next_prompt(of, given) is None
        earlier = [AnswerGiven(SLUG, "one", "buses", NOW)] if "one" in given else []
        later = [AnswerGiven(SLUG, key, value, NOW) for key, value in given.items()]
        end = [ConsultationFinished(SLUG, NOW)] if done else []
        await turn(
            store,
            Address(BOT, str(500 + number)),
            ConsentGiven(NOW),
            ConsultationBegun(SLUG, NOW),
            *earlier,
            *later,
            *end,
        )
        said.append(given)
    return said


async def test_everything_is_counted_as_a_walk_through_it_would(database: Database) -> None:
    of, store, answered = with_conditions(), SqlStore(database), SqlAnswered(database)
    said = await everybody(store, of)
    whole = [counted(of, one) for one in said]
    results = await answered.results(SLUG, NOW)
    assert results is not None
    assert results.begun == len(said)
    for prompt in of.prompts:
        values = [one[prompt.key] for one in whole if prompt.key in one]
        given = Counter(value for value in values if value is not None)
        skipped = len([value for value in values if value is None])
        words = sum(given.values()) if prompt.kind in IN_WORDS else 0
        assert results.prompt(prompt.key) == count(prompt, given, skipped, words), prompt.key


async def test_the_funnel_says_where_each_left_off(database: Database) -> None:
    of, store, answered = with_conditions(), SqlStore(database), SqlAnswered(database)
    said = await everybody(store, of)
    results = await answered.results(SLUG, NOW)
    assert results is not None
    first = [asked for one in said if (asked := next(
        (prompt.key for prompt in asked_prompts(of, one) if prompt.key not in one), None)) is not None]  # fmt: skip
    assert {step.prompt.key: step.left for step in results.funnel if step.left} == dict(Counter(first))
    for step in results.funnel:
        assert step.reached == step.answered + step.skipped + step.left


async def test_a_sheet_holds_what_counts_of_each_and_no_number_of_theirs(database: Database) -> None:
    of, store, answered = with_conditions(), SqlStore(database), SqlAnswered(database)
    said = await everybody(store, of)
    sheets = [one async for one in answered.sheets(SLUG)]
    assert sorted(one.number for one in sheets) == list(range(1, len(said) + 1))
    wanted = Counter(repr(sorted(counted(of, one).items())) for one in said)
    assert Counter(repr(sorted(one.answers.items())) for one in sheets) == wanted
    assert {one.channel for one in sheets} == {"telegram"}


async def test_sheets_come_in_an_order_that_says_nothing(database: Database) -> None:
    of, store, answered = with_conditions(), SqlStore(database), SqlAnswered(database)
    await everybody(store, of)
    once = [repr(one.answers) async for one in answered.sheets(SLUG)]
    again = [repr(one.answers) async for one in answered.sheets(SLUG)]
    assert once != again
    assert sorted(once) == sorted(again)


async def _of_two_branches(database: Database) -> SqlAnswered:
    store = SqlStore(database)
    await store.record([BodiesLoaded(BODIES.all, TOPICS), ConsultationLoaded(consultation(SLUG), NOW)])
    for who, picked in ((LEEDS, "parks"), (ADA, "buses"), (YORK, "bins"), (CHIEF, "bins")):
        await turn(
            store, who, ConsentGiven(NOW), ConsultationBegun(SLUG, NOW), AnswerGiven(SLUG, "one", picked, NOW),
            AnswerGiven(SLUG, "words", f"I say {picked}", NOW),
        )  # fmt: skip
    await turn(store, ADA, ConsultationFinished(SLUG, NOW))
    return SqlAnswered(database)


async def test_turnout_is_of_each_body_against_its_size(database: Database) -> None:
    answered = await _of_two_branches(database)
    results = await answered.results(SLUG, NOW)
    assert results is not None
    assert [(one.body, one.size, one.begun, one.finished) for one in results.turnout] == [
        ("leeds", 2, 2, 1),
        ("york", 1, 1, 0),
    ]
    assert results.by_day == {date(2026, 5, 12): 1}
    assert (results.channels, results.languages) == ({"telegram": 4}, {"en": 4})


async def test_answers_of_one_body_alone(database: Database) -> None:
    answered = await _of_two_branches(database)
    results = await answered.results(SLUG, NOW, Among(body="leeds"))
    assert results is not None
    assert results.prompts[0].counts == {"parks": 1, "buses": 1, "bins": 0}
    assert (results.begun, results.turnout) == (2, ())
    said = await answered.texts(SLUG, "words", 10, among=Among(body="york"))
    assert [one.words for one in said] == ["I say bins"]
    nobody = await answered.results(SLUG, NOW, Among(language="cy"))
    assert nobody is not None
    assert (nobody.begun, nobody.prompts[0].answered) == (0, 0)


async def test_words_are_read_the_newest_first_a_page_at_a_time(database: Database) -> None:
    answered = await _of_two_branches(database)
    first = await answered.texts(SLUG, "words", 3)
    rest = await answered.texts(SLUG, "words", 3, before=first[-1].id)
    assert [one.words for one in (*first, *rest)] == ["I say bins", "I say bins", "I say buses", "I say parks"]
    assert await answered.texts(SLUG, "nothing", 3) == []


async def test_words_to_a_question_that_was_ruled_out_since_are_not_read(database: Database) -> None:
    of, store, answered = with_conditions(), SqlStore(database), SqlAnswered(database)
    said = await everybody(store, of)
    wanted = [one["deep"] for one in (counted(of, each) for each in said) if one.get("deep") is not None]
    assert wanted
    read = [one.words for one in await answered.texts(SLUG, "deep", 100)]
    assert sorted(read) == sorted(map(str, wanted))
    assert [one.words for one in await answered.texts(SLUG, "deep", 1)] == read[:1]


async def test_who_would_be_told_and_why_others_wouldnt(database: Database) -> None:
    answered = await _of_two_branches(database)
    await turn(SqlStore(database), YORK, MemberStopped(NOW))
    told = await answered.listeners(SLUG, NOW)
    assert (told.reached, told.channels, told.why_not) == (3, {"telegram": 3}, {"stopped": 1})


async def test_how_many_heard_the_outcome(database: Database) -> None:
    answered = await _of_two_branches(database)
    async with database.writing() as connection:
        row = {"code": "b", "consultation": SLUG, "step": "outcome", "kind": NudgeKind.OUTCOME.value, "audience": "{}"}
        await connection.execute(insert(broadcast).values(id=1, at=NOW, confirmed=True, **row))
        one = {"account": BOT, "chat": "1", "private": True, "priority": "nudge", "broadcast_id": 1, "not_before": NOW}
        for state in ("sent", "sent", "suppressed"):
            await connection.execute(insert(delivery).values(state=state, **one))
    assert {state.value: many for state, many in (await answered.heard(SLUG)).items()} == {"sent": 2, "suppressed": 1}


async def test_there_are_no_results_of_what_there_isnt(database: Database) -> None:
    answered = SqlAnswered(database)
    assert await answered.results("nothing", NOW) is None
    assert [one async for one in answered.sheets("nothing")] == []


@pytest.mark.parametrize("bodies", [Bodies(), BODIES])
async def test_a_consultation_that_nobody_answered_has_results_of_nought(database: Database, bodies: Bodies) -> None:
    store = SqlStore(database)
    await store.record([BodiesLoaded(bodies.all, ()), ConsultationLoaded(consultation(SLUG), NOW)])
    results = await SqlAnswered(database).results(SLUG, NOW)
    assert results is not None
    assert {one.answered for one in results.prompts} == {0}
    assert (results.begun, results.finished, results.by_day) == (0, 0, {})


class Faltering(SqlAnswered):
    """Slow enough for its numbers to be kept; it fails while `is_failing`."""

    is_failing, failed = False, 0

    async def _counted(self, found: Consultation, now: datetime, among: Among) -> Results:
        await asyncio.sleep(0.11)
        if self.is_failing:
            self.failed += 1
            raise OSError("the disk is gone")
        return await super()._counted(found, now, among)


async def test_a_recount_that_failed_is_begun_anew_by_whoever_looks_next(database: Database) -> None:
    await _of_two_branches(database)
    answered, some = Faltering(database), Among(language="en")
    assert await answered.results(SLUG, NOW, some) is not None
    later, answered.is_failing = NOW + timedelta(seconds=5), True
    async with asyncio.timeout(30):
        while not answered.failed:
            kept = await answered.results(SLUG, later, some)
            assert kept is not None
            assert kept.at == NOW
            await asyncio.sleep(0.1)
        answered.is_failing = False
        while kept is not None and kept.at == NOW:
            await asyncio.sleep(0.1)
            kept = await answered.results(SLUG, later, some)
    assert kept is not None
    assert kept.at == later
