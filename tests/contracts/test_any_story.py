"""Whatever happens to ideas, as far as it may: the databases keep beside the stories what the stories say."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.bodies import Body, BodyKind
from core.deliveries import NewsRef
from core.events import BodiesLoaded, Event, IdeaCaptured, IdeaSupported, StoryContinued
from core.ideas import Idea
from core.queues import Tally
from core.standings import Standing, may_follow, stand
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from storage.database import Database
from storage.tables import idea as idea_table
from tests.contracts.rooms import ADA, BEN, BOT, CAT, DAY, HOUR, NOON, Rooms, idea, in_memory, inbound, over

SLUGS = ("parks", "roads", "rivers")
BODIES = tuple(Body(slug, Localised.of(slug), BodyKind.COMMITTEE) for slug in SLUGS)
CODES = [f"AAAA-00{number:02}" for number in range(12)]
PEOPLE = (ADA, BEN, CAT)
LENGTH = 14

GOES_ON = {EntryKind.SENT, EntryKind.PASSED, EntryKind.APPEALED}
MAY_GO_ON = {
    EntryKind.ACCEPTED, EntryKind.NOT_OURS, EntryKind.MOVED, EntryKind.SEPARATED, EntryKind.OBJECTED,
    EntryKind.CONTESTED,
}  # fmt: skip


def entry(now: Standing, kind: EntryKind, dice: random.Random, hours: int) -> Entry:
    is_silent_on_both = now.with_body is None or (now.contest is not None and dice.random() < 0.5)
    about_hiding = kind in (EntryKind.SILENT, EntryKind.MOVED) and is_silent_on_both
    named = kind in (EntryKind.CONTESTED, EntryKind.RESTORED, EntryKind.UPHELD, EntryKind.HIDDEN, EntryKind.REDACTED)
    goes_on = kind in GOES_ON or (kind in MAY_GO_ON and dice.random() < 0.6)
    return Entry(
        kind,
        NOON + hours * HOUR,
        reason="So it is",
        body=dice.choice(SLUGS),
        next=dice.choice(SLUGS) if goes_on else None,
        days=dice.choice((1, 2, 30)) if goes_on else None,
        other=dice.choice(CODES) if kind is EntryKind.MERGED else None,
        score=dice.randint(1, 5) if kind is EntryKind.HEARD else None,
        rule=dice.choice(list(Rule)) if named or about_hiding else None,
    )


def stories(dice: random.Random, authors: dict[str, int]) -> Iterator[Event]:
    told: dict[str, tuple[Entry, ...]] = {}
    for code in CODES:
        said = idea(code, authors[code], message=code)
        told[code] = said.story
        yield IdeaCaptured(replace(said, consultation=None))
    for hours in range(LENGTH * len(CODES)):
        code = dice.choice(CODES)
        now = stand(told[code])
        kinds = [kind for kind in EntryKind if may_follow(now, kind)]
        ends = {EntryKind.ERASED, EntryKind.WITHDRAWN, EntryKind.UNDONE}
        likely = [kind for kind in kinds if kind not in ends] or kinds
        if not kinds:
            continue
        next_one = entry(now, dice.choice(kinds if dice.random() < 0.1 else likely), dice, hours)
        yield StoryContinued(code, next_one, len(told[code]))
        told[code] = (*told[code], next_one)


async def play(rooms: Rooms, seed: int) -> None:
    await rooms.store.record([BodiesLoaded(BODIES, ())])
    members = [(await rooms.turn(who)).id for who in PEOPLE]
    dice = random.Random(seed)
    happened = list(stories(dice, {code: dice.choice(members) for code in CODES}))
    begun, went_on = happened[: len(CODES)], happened[len(CODES) :]
    await rooms.store.record(begun)
    for code in CODES[::2]:
        await rooms.turn(dice.choice(PEOPLE), IdeaSupported(code, NOON))
    await rooms.store.record(went_on)


async def account(rooms: Rooms) -> dict[str, object]:
    """All that can be asked about what was played."""
    numbers = {(await rooms.member(who)).id: number for number, who in enumerate(PEOPLE)}

    def alike(ideas: Iterable[Idea]) -> list[Idea]:
        """Members have other numbers in another store."""
        return [replace(one, author=numbers.get(one.author or 0)) for one in ideas]

    found: dict[str, object] = {"ideas": alike(await rooms.store.ideas(CODES)), "bodies": await rooms.store.bodies()}
    for days in (0, 1, 2, 3, 40):
        found[f"running {days}"] = await rooms.docket.running(NOON + timedelta(days=days))
        found[f"to close {days}"] = set(alike(await rooms.docket.to_close(NOON + timedelta(days=days))))
    for slug in SLUGS:
        found[f"waiting for {slug}"] = set(await rooms.docket.waiting_for(slug))
        found[f"heard by {slug}"] = await rooms.docket.opinions(slug, 99)
        for who in PEOPLE:
            async with rooms.store.work(inbound(who)) as work:
                queue = await work.queue(slug, [one for one in SLUGS if one != slug], 99)
                found[f"queue of {slug}"] = (set(alike(queue.ideas)), queue.count)
                found[f"parts {who}"] = [{one.code for one in await work.my_parts(code)} for code in CODES]
    found["tallies"] = [_roundly(tally) for tally in await rooms.docket.tallies()]
    found["moderated"] = await rooms.docket.moderated()
    found["news"] = {
        (one.to, one.content)
        for account in (BOT, "slack:T1")
        for one in await rooms.claim(NOON + 99 * DAY, 10_000, account)
        if isinstance(one.content, NewsRef)
    }
    return found


def _roundly(tally: Tally) -> Tally:
    return replace(tally, median_days=tally.median_days and round(tally.median_days, 6))


@pytest.mark.parametrize("seed", range(3))
async def test_databases_keep_beside_the_stories_what_the_stories_say(database: Database, seed: int) -> None:
    rooms, memory = over(database), in_memory()
    await play(rooms, seed)
    await play(memory, seed)
    kept, said = await account(rooms), await account(memory)
    for name, expected in said.items():
        assert kept[name] == expected, name
    assert len({one.kind for found in await rooms.store.ideas(CODES) for one in found.story}) > 15
    async with database.reading() as connection:
        for row in await connection.execute(select(idea_table)):
            assert _kept(row) == _stands(await rooms.idea(row.code)), row.code


def _kept(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("stage", "stage_at", "entries", "is_hidden", "part_of")}


def _stands(found: Idea) -> dict[str, object]:
    now = found.standing
    return {
        "stage": now.stage.value,
        "stage_at": now.since,
        "entries": len(found.story),
        "is_hidden": now.is_hidden,
        "part_of": now.part_of,
    }


def test_all_that_a_story_comes_to_is_compared() -> None:
    """`declined_by`, `has_asked` and the like are read off the story whenever they are asked."""
    assert {one.name for one in fields(Standing)} == {
        "stage", "since", "with_body", "contest", "is_hidden", "rule", "part_of", "parts", "declined_by", "has_asked",
        "appealed_to", "has_contested", "awaits_judgement",
    }  # fmt: skip
