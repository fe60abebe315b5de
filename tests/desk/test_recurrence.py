"""What comes again: when, under which name, in summer and in winter, and once, whatever happened in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.consultations import Consultation, Repeats
from core.events import ConsultationArchived, ConsultationLoaded
from core.flows.problems import Checked, show_problem
from core.flows.reading import read_consultation
from core.ports import NameTaken
from core.recurrence import IN_TIME, NotARule, come_again, next_openings, openings, tidy
from core.texts import load_texts
from folkmoot.metronome import Metronome
from tests.desk.stage import NOW, Stage, consultation

QUARTERLY = "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1"
DAY = timedelta(days=1)
FIRST = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""Nine o’clock in London."""


def repeated(rule: str = QUARTERLY, lasts: timedelta = 14 * DAY, opens_at: datetime = FIRST) -> Consultation:
    return replace(
        consultation("pulse"),
        timezone="Europe/London",
        opens_at=opens_at,
        closes_at=opens_at + lasts,
        repeats=Repeats(rule, opens_at, lasts),
    )


def test_it_opens_at_the_same_hour_in_summer_and_in_winter() -> None:
    found = next_openings(repeated(), FIRST)
    local = [at.astimezone(ZoneInfo("Europe/London")) for at in found]
    assert [f"{at:%d.%m.%Y %H:%M}" for at in local] == [
        "01.09.2026 09:00", "01.12.2026 09:00", "01.03.2027 09:00", "01.06.2027 09:00", "01.09.2027 09:00",
    ]  # fmt: skip
    assert {at.hour for at in found} == {8, 9}


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=WEEKLY;COUNT=3", 2), ("FREQ=MONTHLY;UNTIL=20260901", 3), ("FREQ=MONTHLY;UNTIL=20260901T080000Z", 3),
        ("FREQ=MONTHLY;UNTIL=20260901T075959Z", 2), ("FREQ=YEARLY", 10),
    ],
)  # fmt: skip
def test_a_rule_ends_when_it_says_so(rule: str, count: int) -> None:
    found = tuple(openings(Repeats(tidy(rule), FIRST, DAY), "Europe/London", FIRST))
    assert len(found) == count


@pytest.mark.parametrize(
    "text",
    [
        "", "every week", "FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;BYMONTH=2",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;UNTIL=soon", "FREQ=DAILY;COUNT=many", "FREQ=DAILY;FREQ=WEEKLY",
        "INTERVAL=2", "FREQ=DAILY\nDTSTART:20260101T000000",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(NotARule):
        tidy(text)


def test_a_rule_is_kept_tidy() -> None:
    assert tidy(" rrule:freq=monthly; interval=3; ") == "FREQ=MONTHLY;INTERVAL=3"


RULES = st.sampled_from([QUARTERLY, "FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=10", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=YEARLY"])


@settings(max_examples=60)
@given(RULES, st.integers(0, 900), st.integers(1, 20), st.sampled_from(["Europe/London", "Asia/Kathmandu", "UTC"]))
def test_looked_for_at_any_time_there_is_what_runs_and_what_comes_next_and_no_more(
    rule: str, days: int, lasts: int, zone: str
) -> None:
    one = replace(repeated(rule, lasts * DAY), timezone=zone)
    now = FIRST + days * DAY
    found = come_again(one, now)
    assert len({again.slug for again in found}) == len(found)
    assert all(again.closes_at is not None and again.closes_at > now for again in found), "not what was missed"
    assert all(again.opens_at is not None and again.opens_at <= now + IN_TIME for again in found)
    assert len([again for again in found if again.is_open(now)]) <= 1
    assert all(len(again.slug) <= 24 and again.repeats is None for again in found)
    due = list(islice(openings(Repeats(rule, FIRST, lasts * DAY), zone, FIRST), 200))
    assert all(earlier < later for earlier, later in pairwise(due))


def test_each_time_it_is_a_consultation_of_its_own() -> None:
    one = repeated()
    [again] = come_again(one, datetime(2026, 8, 28, tzinfo=UTC))
    assert (again.slug, again.opens_at) == ("pulse-2026-09", datetime(2026, 9, 1, 8, tzinfo=UTC))
    assert again.closes_at == datetime(2026, 9, 15, 8, tzinfo=UTC)
    assert again.prompts == one.prompts
    [weekly] = come_again(repeated("FREQ=WEEKLY", DAY), FIRST + 2 * DAY)
    assert weekly.slug == "pulse-2026-06-08"
    assert come_again(replace(one, archived_at=NOW), datetime(2026, 8, 28, tzinfo=UTC)) == ()


def test_opening_it_by_hand_does_not_move_those_that_come() -> None:
    one = replace(repeated(), opens_at=FIRST - 10 * DAY, closes_at=None)
    assert next_openings(one, FIRST)[0] == datetime(2026, 9, 1, 8, tzinfo=UTC)


async def _slugs(stage: Stage) -> list[str]:
    return sorted(one.slug for one in await stage.assembly.store.consultations())


def _metronome(stage: Stage) -> Metronome:
    own = stage.assembly
    return Metronome(own.store, own.planner, stage.clock, own.manners)


async def test_the_metronome_loads_the_next_in_time_and_once(stage: Stage) -> None:
    await stage.load(repeated())
    metronome, other = _metronome(stage), _metronome(stage)
    stage.clock.at = datetime(2026, 8, 20, tzinfo=UTC)
    await metronome.tick()
    assert await _slugs(stage) == ["pulse"]
    stage.clock.at = datetime(2026, 8, 26, tzinfo=UTC)
    for one in (metronome, other, metronome):
        await one.tick()
    assert await _slugs(stage) == ["pulse", "pulse-2026-09"]


async def test_after_a_long_silence_only_the_one_that_runs_is_loaded(stage: Stage) -> None:
    await stage.load(repeated())
    stage.clock.at = datetime(2027, 12, 5, tzinfo=UTC)
    await _metronome(stage).tick()
    assert await _slugs(stage) == ["pulse", "pulse-2027-12"]


async def test_what_an_organiser_changed_in_one_of_them_stays(stage: Stage) -> None:
    await stage.load(repeated())
    stage.clock.at = datetime(2026, 8, 26, tzinfo=UTC)
    await _metronome(stage).tick()
    found = await stage.assembly.store.consultation("pulse-2026-09")
    assert found is not None
    changed = replace(found, keyword="pulse")
    await stage.load(changed)
    with pytest.raises(NameTaken):
        await stage.assembly.store.record([ConsultationLoaded(found, stage.clock.at, once=True)])
    await _metronome(stage).tick()
    assert await stage.assembly.store.consultation("pulse-2026-09") == changed


async def test_what_is_archived_comes_no_more(stage: Stage) -> None:
    await stage.load(repeated())
    await stage.assembly.store.record([ConsultationArchived("pulse", NOW)])
    stage.clock.at = datetime(2026, 8, 26, tzinfo=UTC)
    await _metronome(stage).tick()
    assert await _slugs(stage) == ["pulse"]


FILE = """\
consultation: {slug}
title: How are we doing?
framing: Every quarter.
timezone: Europe/London
{times}
repeats: {rule}
prompts:
  - scale: happy
    ask: How happy?
"""
TIMES = "opens: 2026-12-01 09:00\ncloses: 2026-12-15 20:00"


@pytest.mark.parametrize(
    ("slug", "times", "rule", "says"),
    [
        ("pulse", TIMES, "often", "no rule by which it could come again"),
        ("pulse", "opens: 2026-12-01 09:00", QUARTERLY, "needs both “opens” and “closes”"),
        ("pulse", TIMES, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never come again"),
        ("quarterly-pulse-of-all", TIMES, QUARTERLY, "16 characters at the most"),
    ],
)
def test_a_file_is_told_what_is_wrong_with_its_rule(slug: str, times: str, rule: str, says: str) -> None:
    problems = read_consultation(FILE.format(slug=slug, times=times, rule=rule))
    assert isinstance(problems, tuple)
    texts = load_texts()
    assert says in " ".join(texts.say(show_problem(one), "en") for one in problems)


def test_a_file_says_how_it_comes_again_and_what_overlaps_is_doubted() -> None:
    checked = read_consultation(FILE.format(slug="pulse", times=TIMES, rule="freq=weekly"))
    assert isinstance(checked, Checked)
    opens_at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert checked.value.repeats == Repeats("FREQ=WEEKLY", opens_at, timedelta(days=14, hours=11))
    assert "before it has closed" in " ".join(one.what.msgid for one in checked.warnings)
