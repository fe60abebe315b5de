"""Whom the inbox shows what, and by which words ideas are found: the same over SQLite and PostgreSQL, and the same as
the rules in core say."""

from datetime import timedelta
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.authority import Authority
from core.bodies import Bodies, Body, BodyKind
from core.calendars import Calendar, Holidays, Recess
from core.events import ConsentGiven, IdeaCaptured, IdeaTagged, MemberForgotten, StoryContinued
from core.ideas import Idea
from core.inbox import Need, Sight, Sort, Sought, sent_before, telling_words, words_in
from core.members import Member, Role
from core.places import Source
from core.receipts import receipt_code
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from storage.database import Database
from storage.desk.inbox import SqlInbox
from storage.desk.vocabulary import idea_word
from storage.schema import metadata
from tests.contracts.rooms import ADA, BEN, NOON, Rooms, over

DAY = timedelta(days=1)
SLUGS = ("leeds", "york", "planning", "moor")
BODIES = Bodies(
    (
        Body("leeds", Localised.of("Leeds"), BodyKind.BRANCH),
        Body("york", Localised.of("York"), BodyKind.BRANCH),
        Body("planning", Localised.of("Planning"), BodyKind.COMMISSION),
        Body("moor", Localised.of("Moor"), BodyKind.BRANCH, parent="leeds"),
    )
)
OFFICES = [(slug, role) for slug in SLUGS for role in (Role.SECRETARY, Role.ORGANISER)]


def _authority(*offices: tuple[str, Role], organises_all: bool = False) -> Authority:
    return Authority(Member(1, "", "en"), organises_all, frozenset(offices), BODIES)


async def _filled(rooms: Rooms) -> list[Idea]:
    """One idea for each way in which it may have been with bodies."""
    author = await rooms.turn(ADA, ConsentGiven(NOON))
    stories: list[tuple[Entry, ...]] = [()]
    stories += [(Entry(EntryKind.SENT, NOON, next=slug, days=9),) for slug in SLUGS]
    for one, other in combinations(SLUGS, 2):
        sent = Entry(EntryKind.SENT, NOON, next=one, days=9)
        stories.append((sent, Entry(EntryKind.PASSED, NOON, body=one, next=other, days=9)))
        stories.append((sent, Entry(EntryKind.ACCEPTED, NOON, body=one)))
    ideas = []
    for number, (story, slug) in enumerate((story, slug) for story in stories for slug in (None, "city", "hill")):
        begun = (Entry(EntryKind.SAID, NOON, f"Word{number} trees"), Entry(EntryKind.ACKNOWLEDGED, NOON), *story)
        source = Source(ADA.account, ADA.user, str(number))
        ideas.append(Idea(receipt_code(f"{number:07d}"), author.id, source, begun, slug))
        await rooms.store.record([IdeaCaptured(ideas[-1])])
    return ideas


async def test_the_database_shows_exactly_what_the_rules_allow(database: Database) -> None:
    rooms, inbox = over(database), SqlInbox(database)
    ideas = await _filled(rooms)
    people = [_authority(*some) for some in chain.from_iterable(combinations(OFFICES, n) for n in (0, 1, 2))]
    people.append(_authority(organises_all=True))
    for authority in people:
        for runs in ((), ("city",), ("city", "hill")):
            found = await inbox.find(Sought(), Sight.of(authority, runs), BODIES, NOON, 1_000)
            seen = {idea.code for idea in ideas if authority.sees(idea, runs)}
            assert set(found.codes) == seen, (authority.offices, runs)
            assert found.count == len(seen)


async def test_whatever_is_asked_for_nothing_else_is_shown(database: Database) -> None:
    rooms, inbox = over(database), SqlInbox(database)
    ideas = await _filled(rooms)
    authority = _authority(("york", Role.ORGANISER), ("moor", Role.SECRETARY))
    sight = Sight.of(authority)
    seen = {idea.code for idea in ideas if authority.sees(idea)}
    everything = [
        Sought(words=("trees",)),
        Sought(body="leeds"),
        Sought(consultation="city"),
        Sought(code=ideas[0].code),
    ]
    everything += [Sought(need=need) for need in Need] + [Sought(sort=sort) for sort in Sort]
    for sought in everything:
        for now in (NOON, NOON + 9 * DAY, NOON + 99 * DAY):
            found = await inbox.find(sought, sight, BODIES, now, 1_000)
            assert set(found.codes) <= seen, sought
    kin = await inbox.kin(ideas[0].code, ["trees"], sight, 1_000)
    assert set(kin) == seen - {ideas[0].code}


async def test_needs_are_counted_as_they_are_found(database: Database) -> None:
    rooms, inbox = over(database), SqlInbox(database)
    ideas = await _filled(rooms)
    for idea in ideas[3:9]:
        with_body = idea.standing.with_body
        silent = Entry(EntryKind.SILENT, NOON + 10 * DAY, body=with_body.body if with_body else None)
        await rooms.store.record([StoryContinued(idea.code, silent, len(idea.story))])
    for authority in (_authority(*OFFICES[:3]), _authority(organises_all=True), _authority(OFFICES[1])):
        sight = Sight.of(authority)
        for now in (NOON, NOON + 9 * DAY, NOON + 20 * DAY):
            counted = await inbox.needs(sight, BODIES, now)
            found = {need: (await inbox.find(Sought(need=need), sight, BODIES, now, 1_000)).count for need in Need}
            assert counted == {need: count for need, count in found.items() if count}


async def _words(database: Database) -> set[str]:
    async with database.reading() as connection:
        return set((await connection.scalars(select(idea_word.c.word))).all())


async def test_an_erased_idea_and_what_quotes_it_leave_no_word_behind(database: Database) -> None:
    rooms = over(database)
    await rooms.says_yes(ADA, BEN)
    await rooms.capture("0000-0018", ADA, text="Zeppelins over Aberystwyth harbour")
    await rooms.capture("0000-0026", BEN, text="Bicycles")
    said = Entry(EntryKind.COMPOSED, NOON, "Zeppelins over Aberystwyth harbour, and bicycles", body="parks")
    await rooms.store.record([IdeaCaptured(Idea("0000-0034", None, Source("desk", "", "c"), (said,)))])
    assert {"zeppelins", "aberystwyth", "bicycles"} <= await _words(database)
    await rooms.turn(ADA, MemberForgotten(NOON))
    assert await _words(database) == {"bicycles"}


async def test_words_that_are_blacked_out_while_hidden_do_not_come_back_with_the_rest(database: Database) -> None:
    rooms = over(database)
    await rooms.says_yes(ADA)
    await rooms.capture("0000-0018", ADA, text="Call Smith tomorrow")
    hidden = Entry(EntryKind.HIDDEN, NOON, reason="It names her", by=Role.ORGANISER, rule=Rule.PERSONAL_DATA)
    await rooms.goes_on("0000-0018", hidden)
    assert await _words(database) == set()
    redacted = Entry(
        EntryKind.REDACTED, NOON, "Call █████ tomorrow", "It names her", by=Role.ORGANISER, rule=Rule.ABUSE
    )
    await rooms.goes_on("0000-0018", redacted)
    assert await _words(database) == set()
    await rooms.goes_on("0000-0018", Entry(EntryKind.RESTORED, NOON, by=Role.ORGANISER))
    assert await _words(database) == {"call", "tomorrow"}


async def test_topics_are_replaced_as_a_whole(database: Database) -> None:
    rooms, inbox = over(database), SqlInbox(database)
    await rooms.says_yes(ADA)
    await rooms.capture("0000-0018", ADA)
    await rooms.store.record([IdeaTagged("0000-0018", ("b", "a"), NOON)])
    assert await inbox.topics_of(["0000-0018"]) == {"0000-0018": ("a", "b")}
    await rooms.store.record([IdeaTagged("0000-0018", (), NOON)])
    assert await inbox.topics_of(["0000-0018"]) == {}
    assert {"idea_topic", "idea_word", "handover", "handover_word"} <= set(metadata.tables)


# --- laws
@given(st.text())
def test_a_text_is_found_by_each_of_its_words_however_they_are_written(text: str) -> None:
    words = words_in(text)
    assert set(telling_words(text)) <= words
    assert all(words_in(word) == {word} and words_in(word.upper()) == {word} for word in words if word.isascii())
    assert not any(" " in word for word in words)


@given(
    days=st.integers(0, 40),
    after=st.integers(0, 120),
    recess=st.integers(0, 30),
    zone=st.sampled_from(["UTC", "Europe/London", "Pacific/Kiritimati"]),
)
def test_what_was_sent_before_that_moment_is_due_by_that_day_and_nothing_else(
    days: int, after: int, recess: int, zone: str
) -> None:
    first = NOON.date() + 10 * DAY
    calendar = Calendar(Holidays(days=(first + 40 * DAY,)), (Recess(first, first + recess * DAY),), zone)
    last = NOON.date() + after * DAY
    before = sent_before(calendar, days, last)
    assert calendar.last_day(before - timedelta(seconds=1), days) <= last
    assert calendar.last_day(before, days) > last
