"""What time brings about by itself: silence, moving on, the end; and the mornings on which somebody is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import Bodies, Body, BodyKind, Remit
from core.calendars import EVERY_DAY, Calendar, Holidays, Recess
from core.ideas import Idea
from core.ledger.seals import Seal
from core.notices import Notice, below, notice, tell, tell_channel, tell_seal
from core.nudges import Manners
from core.outbound import Message, Say, render
from core.places import Source
from core.queues import Open
from core.standings import About, Referral, Stage
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised, load_texts
from core.timekeeping import APPEAL_TIME, Morning, ends, falls_silent, morning, moves_on, seal_period

TEXTS, MANNERS = load_texts(), Manners()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("UTC", "Europe/London", "America/New_York", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kathmandu")
WINTER = Recess(date(2026, 12, 10), date(2027, 1, 10))


def body(slug: str, name: str, **more: object) -> Body:
    return replace(Body(slug, Localised.of(name), BodyKind.BRANCH), **more)  # type: ignore[arg-type]  # fields of it


RIVERSIDE = body("riverside", "Riverside branch", parent="planning")
PLANNING = body("planning", "Planning Commission", parent="conference", answer_days=60)
CONFERENCE = body("conference", "Conference committee", remit=Remit(everything=True))
BODIES = Bodies((RIVERSIDE, PLANNING, CONFERENCE))


def sent(to: str = "riverside", days: int = 30, at: datetime = NOON, code: str = "AAAA-AA9M") -> Idea:
    begun = (
        Entry(EntryKind.SAID, at, "More benches by the river"),
        Entry(EntryKind.CONFIRMED, at),
        Entry(EntryKind.ACKNOWLEDGED, at),
        Entry(EntryKind.SENT, at, next=to, days=days),
    )
    return Idea(code, 1, Source("telegram:1", "100", "7"), begun)


def hidden(idea: Idea, at: datetime = NOON) -> Idea:
    """And its author appeals against that."""
    hide = Entry(EntryKind.HIDDEN, at, reason="It insults a neighbour", rule=Rule.ABUSE)
    contest = Entry(EntryKind.CONTESTED, at, next="planning", days=30, rule=Rule.ABUSE)
    return idea.with_entry(hide).with_entry(contest)


def opens(idea: Idea) -> dict[About, Open]:
    now, entries = idea.standing, len(idea.story)
    found = {About.IDEA: now.with_body, About.HIDING: now.contest}
    return {about: Open(idea.code, about, referral, entries) for about, referral in found.items() if referral}


def late(idea: Idea, bodies: Bodies, now: datetime, about: About = About.IDEA) -> Idea | None:
    """The idea with the silence in its story; None where nothing is to be noted."""
    event = falls_silent(opens(idea)[about], idea, bodies, now)
    assert event is None or event.after == len(idea.story)
    return idea.with_entry(event.entry) if event else None


# --- silence
def test_a_body_is_silent_from_the_first_moment_after_its_last_day() -> None:
    idea = sent(days=30)
    over = datetime(2026, 12, 24, tzinfo=UTC)
    assert late(idea, BODIES, over - timedelta(microseconds=1)) is None
    noted = late(idea, BODIES, over)
    assert noted is not None
    assert noted.story[-1] == Entry(EntryKind.SILENT, over, body="riverside")
    assert noted.standing.with_body is not None
    assert noted.standing.with_body.silent_at == over


def test_a_recess_and_holidays_are_waited_out() -> None:
    resting = replace(BODIES, all=(replace(RIVERSIDE, recesses=(WINTER,)), PLANNING, CONFERENCE))
    assert late(sent(days=30), resting, datetime(2027, 1, 24, 23, 59, tzinfo=UTC)) is None
    assert late(sent(days=30), resting, datetime(2027, 1, 25, tzinfo=UTC)) is not None
    festive = replace(BODIES, holidays=Holidays("GB"))
    assert late(sent(days=32), festive, datetime(2026, 12, 27, 23, tzinfo=UTC)) is None  # Christmas and Boxing Day
    assert late(sent(days=32), festive, datetime(2026, 12, 28, tzinfo=UTC)) is not None


def test_the_days_end_on_the_organisations_own_clock() -> None:
    idea, abroad = sent(days=1), replace(BODIES, timezone="Pacific/Auckland")
    assert late(idea, abroad, datetime(2026, 11, 25, 10, 59, tzinfo=UTC)) is None
    assert late(idea, abroad, datetime(2026, 11, 25, 11, tzinfo=UTC)) is not None


def test_an_appeal_against_hiding_runs_out_by_itself_and_the_entry_names_the_rule() -> None:
    idea = hidden(sent(days=60))
    over = NOON + 31 * DAY
    assert late(idea, BODIES, over) is None
    noted = late(idea, BODIES, over, About.HIDING)
    assert noted is not None
    assert noted.story[-1] == Entry(EntryKind.SILENT, over, body="planning", rule=Rule.ABUSE)
    assert noted.standing.contest is not None
    assert noted.standing.contest.silent_at == over
    assert noted.standing.with_body is not None
    assert noted.standing.with_body.silent_at is None


def test_what_went_on_meanwhile_is_left_alone() -> None:
    seen = opens(sent())[About.IDEA]
    answered = sent().with_entry(Entry(EntryKind.ACCEPTED, NOON, body="riverside"))
    assert falls_silent(seen, answered, BODIES, NOON + 40 * DAY) is None
    assert moves_on(seen, answered, Bodies((replace(RIVERSIDE, has_ended=True),)), NOON) is None


@given(
    days=st.integers(1, 90),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    rest=st.integers(0, 40),
    looks=st.lists(st.integers(0, 24 * 200), min_size=1, max_size=20),
)
def test_however_often_it_is_looked_there_is_one_silence_and_never_before_its_time(
    days: int, hour: int, zone: str, rest: int, looks: list[int]
) -> None:
    first = NOON.date() + 3 * DAY
    resting = replace(RIVERSIDE, recesses=(Recess(first, first + rest * DAY),))
    bodies = Bodies((resting, PLANNING, CONFERENCE), timezone=zone)
    idea = sent(days=days, at=NOON + hour * HOUR)
    due = bodies.due(opens(idea)[About.IDEA].referral)
    assert due >= idea.story[-1].at + days * DAY - DAY
    for look in sorted(looks):
        now = idea.story[3].at + look * HOUR
        noted = late(idea, bodies, now)
        assert noted is None or now >= due
        idea = noted or idea
    last = idea.story[3].at + max(looks) * HOUR
    assert [entry.kind for entry in idea.story].count(EntryKind.SILENT) == (last >= due)


# --- a body that has ended
def test_what_was_with_a_body_that_ended_goes_to_the_next_one_up_whose_time_begins() -> None:
    bodies = Bodies((PLANNING, CONFERENCE, replace(RIVERSIDE, has_ended=True)))
    event = moves_on(opens(sent())[About.IDEA], sent(), bodies, NOON + DAY)
    assert event is not None
    assert event.entry == Entry(EntryKind.MOVED, NOON + DAY, body="riverside", next="planning", days=60)
    now = sent().with_entry(event.entry).standing
    assert now.with_body == Referral("planning", NOON + DAY, 60, 5)
    assert moves_on(opens(sent("planning"))[About.IDEA], sent("planning"), bodies, NOON) is None


def test_where_nobody_answers_in_its_place_it_waits_for_an_organiser() -> None:
    bodies = Bodies((replace(RIVERSIDE, has_ended=True), replace(PLANNING, has_ended=True)))
    event = moves_on(opens(sent())[About.IDEA], sent(), bodies, NOON)
    assert event is not None
    assert event.entry == Entry(EntryKind.MOVED, NOON, body="riverside")
    assert sent().with_entry(event.entry).standing.stage is Stage.RECEIVED


def test_an_appeal_against_hiding_moves_without_the_idea() -> None:
    bodies = Bodies((RIVERSIDE, replace(PLANNING, has_ended=True), CONFERENCE))
    idea = hidden(sent())
    event = moves_on(opens(idea)[About.HIDING], idea, bodies, NOON)
    assert event is not None
    moved = idea.with_entry(event.entry).standing
    assert moved.contest is not None
    assert moved.contest.body == "conference"
    assert moved.with_body == idea.standing.with_body


# --- the end
DECLINED = sent().with_entry(Entry(EntryKind.DECLINED, NOON, reason="There is no money", body="riverside"))
ACCEPTED = sent().with_entry(Entry(EntryKind.ACCEPTED, NOON, body="riverside"))


def test_a_declined_idea_stays_open_for_an_appeal_and_then_its_story_ends() -> None:
    assert ends(DECLINED, NOON + APPEAL_TIME - timedelta(seconds=1)) is None
    event = ends(DECLINED, NOON + APPEAL_TIME)
    assert event is not None
    assert DECLINED.with_entry(event.entry).standing.stage is Stage.CLOSED


@pytest.mark.parametrize("kind", [EntryKind.CARRIED_OUT, EntryKind.NOT_CARRIED_OUT])
def test_what_was_carried_out_or_not_ends_at_once(kind: EntryKind) -> None:
    assert ends(ACCEPTED.with_entry(Entry(kind, NOON, body="riverside", reason="Built")), NOON) is not None


def test_a_story_that_goes_on_does_not_end_and_none_ends_twice() -> None:
    appealed = DECLINED.with_entry(Entry(EntryKind.APPEALED, NOON, next="planning", days=60))
    ended = ends(DECLINED, NOON + APPEAL_TIME)
    assert ended is not None
    for idea in (sent(), ACCEPTED, appealed, DECLINED.with_entry(ended.entry)):
        assert ends(idea, NOON + 300 * DAY) is None


# --- mornings
def mornings(zone: str, calendar: Calendar, since: datetime, until: datetime) -> Iterator[tuple[datetime, Morning]]:
    """Each of them once, at the hour at which somebody who looks every hour would notice it."""
    now, last = since, None
    while now < until:
        found = morning(now, zone, calendar, MANNERS)
        if found and found != last:
            last = found
            yield now, found
        now += HOUR


def test_a_morning_comes_at_eight_on_their_own_clock_and_is_over_when_the_quiet_hours_begin() -> None:
    for zone in ZONES:
        day = datetime(2026, 11, 24, tzinfo=ZoneInfo(zone))
        hours = [hour for hour in range(24) if morning(day.replace(hour=hour), zone, Calendar(), MANNERS)]
        assert hours == list(range(8, 21))


def test_no_morning_comes_in_a_recess_and_the_first_after_it_tells_of_all_that_came_meanwhile() -> None:
    resting = Calendar(recesses=(WINTER,))
    assert list(mornings("UTC", resting, datetime(2026, 12, 10, tzinfo=UTC), datetime(2027, 1, 11, tzinfo=UTC))) == []
    first = morning(datetime(2027, 1, 11, 9, tzinfo=UTC), "UTC", resting, MANNERS)
    assert first == Morning(datetime(2027, 1, 11, 8, tzinfo=UTC), datetime(2026, 12, 9, 8, tzinfo=UTC))


@given(
    zone=st.sampled_from(ZONES),
    clock=st.sampled_from(ZONES),
    minutes=st.integers(0, 60 * 24 * 200),
    rests=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 20)), max_size=4),
)
def test_whatever_happens_is_new_on_one_morning(
    zone: str, clock: str, minutes: int, rests: list[tuple[int, int]]
) -> None:
    recesses = tuple(Recess(NOON.date() + a * DAY, NOON.date() + (a + n) * DAY) for a, n in rests)
    calendar, happened = Calendar(EVERY_DAY, recesses, clock), NOON + timedelta(minutes=minutes)
    around = mornings(zone, calendar, happened - 2 * DAY, happened + 100 * DAY)
    assert [found.is_news(happened) for _, found in around].count(True) == 1


def told_at(idea: Idea, bodies: Bodies, zone: str, until: datetime) -> Iterator[tuple[datetime, Notice]]:
    """The mornings on which those who answer for its body are told, while nobody answers it."""
    calendar, since = bodies.calendar("riverside"), idea.story[3].at
    riverside = bodies.get("riverside")
    assert riverside is not None
    for now, found in mornings(zone, calendar, since, until):
        idea = late(idea, bodies, now) or idea
        if said := notice(riverside, opens(idea).values(), (), bodies, found, now):
            yield now, said


@given(
    days=st.integers(1, 60),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    clock=st.sampled_from(ZONES),
    rests=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=3),
)
def test_a_reminder_comes_before_time_runs_out_and_not_only_after(
    days: int, hour: int, zone: str, clock: str, rests: list[tuple[int, int]]
) -> None:
    recesses = tuple(Recess(NOON.date() + a * DAY, NOON.date() + (a + n) * DAY) for a, n in rests)
    bodies = Bodies((replace(RIVERSIDE, recesses=recesses), PLANNING, CONFERENCE), timezone=clock)
    idea = sent(days=days, at=NOON + hour * HOUR)
    due = bodies.due(opens(idea)[About.IDEA].referral)
    told = list(told_at(idea, bodies, zone, due + 3 * DAY))
    assert any(said.items[0].is_urgent and due - now <= 24 * HOUR for now, said in told if now < due)
    assert all(said.items[0].is_late == (now >= due) for now, said in told)


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (60, [59, 7, 6, 5, 4, 3, 2, 1, 0, -1]),
        (14, [13, 3, 2, 1, 0, -1]),
        (3, [2, 1, 0, -1]),
        (1, [0, -1]),
    ],
)
def test_they_hear_of_it_when_it_is_new_then_when_little_time_is_left_up_to_the_last_day(
    days: int, left: list[int]
) -> None:
    told = told_at(sent(days=days), BODIES, "UTC", NOON + (days + 1) * DAY)
    assert [said.items[0].days_left for _, said in told] == left


def test_nothing_is_said_while_nothing_is_new_or_urgent() -> None:
    found = morning(NOON + 3 * DAY, "UTC", Calendar(), MANNERS)
    assert found is not None
    assert notice(RIVERSIDE, opens(sent()).values(), (), BODIES, found, NOON + 3 * DAY) is None
    assert notice(RIVERSIDE, (), (), BODIES, found, NOON + 3 * DAY) is None


def test_what_came_after_eight_waits_for_the_next_morning() -> None:
    found = morning(NOON, "UTC", Calendar(), MANNERS)
    assert found is not None
    assert notice(RIVERSIDE, opens(sent(days=1)).values(), (), BODIES, found, NOON) is None


# --- in words
EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = Morning(EIGHT, EIGHT - DAY)


def read(said: Say) -> Message:
    return render(said, TEXTS, "en", "UTC")


def one(code: str, days: int, since: datetime = NOON - 50 * DAY, silent_at: datetime | None = None) -> Open:
    return Open(code, About.IDEA, Referral("planning", since, days, 4, silent_at=silent_at), 4)


def test_a_notice_says_how_much_waits_and_names_the_three_that_have_least_time() -> None:
    waiting = [one("D", 30, NOON), one("C", 55), one("B", 51), one("A", 40, silent_at=NOON - 9 * DAY), one("E", 90)]
    said = notice(PLANNING, waiting, (), BODIES, TODAY, EIGHT)
    assert said is not None
    gone = hidden(sent(code="C"))
    message = read(tell(said, {"A": sent(code="A"), "B": sent(code="B"), "C": gone}, BODIES))
    assert message.title == "Planning Commission"
    assert message.text.split("\n\n") == [
        "5 ideas wait for an answer.\n1 of them is new.\n1 of them is late.",
        "A: “More benches by the river” (11 days late)\nB: “More benches by the river” (due today)\nC (4 days left)",
    ]
    assert [key.action for row in message.keys for key in row] == ["queue:planning"]


def test_a_channel_is_told_how_much_and_not_what() -> None:
    said = notice(PLANNING, [one("A", 51)], (), BODIES, TODAY, EIGHT)
    assert said is not None
    assert read(tell_channel(said, BODIES)).text == "1 idea waits for an answer."


def test_the_next_body_up_is_told_of_silence_below_it_on_one_morning() -> None:
    assert [one.slug for one in below("planning", BODIES)] == ["riverside"]
    silent = [
        Open(code, About.IDEA, Referral("riverside", NOON, 30, 4, silent_at=EIGHT - 8 * HOUR), 5) for code in "AB"
    ]
    said = notice(PLANNING, (), silent, BODIES, TODAY, EIGHT)
    assert said is not None
    assert read(tell(said, {}, BODIES)).text == "Riverside branch didn’t answer 2 ideas in time."
    tomorrow = Morning(EIGHT + DAY, EIGHT)
    assert notice(PLANNING, (), silent, BODIES, tomorrow, EIGHT + DAY) is None


def test_over_a_body_that_has_ended_the_next_living_one_is_told() -> None:
    bodies = Bodies((RIVERSIDE, CONFERENCE, replace(PLANNING, has_ended=True)))
    assert [one.slug for one in below("conference", bodies)] == ["riverside"]


def test_an_appeal_against_hiding_is_named_as_what_it_is() -> None:
    idea = hidden(sent(days=60, at=NOON), at=NOON)
    said = notice(PLANNING, [opens(idea)[About.HIDING]], (), BODIES, TODAY, EIGHT)
    assert said is not None
    assert "AAAA-AA9M (appeal against hiding, 29 days left)" in read(tell(said, {idea.code: idea}, BODIES)).text


# --- seals
def test_a_seal_goes_out_once_a_week_from_monday_nine_o_clock() -> None:
    monday = datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/London"))
    hours = [monday + n * HOUR for n in range(-24, 7 * 24 + 12)]
    numbers = [seal_period(at, "Europe/London", 7, MANNERS) for at in hours]
    week = numbers[24 + 9]
    assert week is not None
    assert hours[numbers.index(week)] == monday + 9 * HOUR
    assert {number for number in numbers if number} == {week - 1, week, week + 1}
    assert all(8 <= at.hour < 21 for at, number in zip(hours, numbers, strict=True) if number)


def test_a_seal_every_day_or_never() -> None:
    days = [datetime.combine(NOON.date() + n * DAY, time(10), UTC) for n in range(5)]
    assert len({seal_period(at, "UTC", 1, MANNERS) for at in days}) == 5
    assert {seal_period(at, "UTC", 0, MANNERS) for at in days} == {None}


def test_a_seal_says_size_root_and_time_and_where_the_others_are() -> None:
    message = read(tell_seal(Seal(412, bytes(range(32)), NOON), "https://moot.example"))
    assert f"412 entries, root {bytes(range(32)).hex()}, 23 November 2026, 12:00." in message.text
    assert message.text.endswith("All seals: https://moot.example/seals")
    assert "All seals" not in read(tell_seal(Seal(1, bytes(32), NOON), "")).text
