"""The timeline: what falls when, by whose clock, drawn and told."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.consultations import USUAL_NUDGES, Anchor, NudgeKind, NudgeStep
from core.nudges import Manners, out_of_quiet
from core.timelines import falls, nights
from tests.desk.stage import DAY, Stage, consultation
from web.desk.timeline import LEFT, RIGHT, draw, zones_shown

MANNERS = Manners()
PAGE = "/desk/consultations/city/timeline"
OPENS = datetime(2026, 5, 12, 20, 30, tzinfo=UTC)
ASKED = replace(consultation(), timezone="Europe/London", opens_at=OPENS, closes_at=OPENS + 20 * DAY)


def test_what_is_due_in_the_quiet_hours_is_held_until_their_morning() -> None:
    invitation = falls(ASKED, ["Europe/London", "America/New_York"], MANNERS)[:2]
    assert [(fall.timezone, fall.at, fall.is_held) for fall in invitation] == [
        ("Europe/London", datetime(2026, 5, 13, 7, tzinfo=UTC), True),
        ("America/New_York", OPENS, False),
    ]


def test_what_would_be_too_late_or_too_soon_never_goes() -> None:
    early = NudgeStep("closing", NudgeKind.CLOSING, Anchor.CLOSING, timedelta(days=-30))
    late = replace(ASKED, closes_at=OPENS + timedelta(hours=3), nudges=(*USUAL_NUDGES[:1], early))
    assert [fall.at for fall in falls(late, ["Europe/London"], MANNERS)] == [None, None]


def test_what_hangs_on_a_time_that_nobody_has_said_has_none() -> None:
    undated = replace(ASKED, opens_at=None, closes_at=None)
    assert {(fall.due, fall.at) for fall in falls(undated, ["UTC"], MANNERS)} == {(None, None)}
    assert draw(undated, falls(undated, ["UTC"], MANNERS), ["UTC"], MANNERS) is None


zones = st.sampled_from(["UTC", "Europe/London", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"])


@given(zones, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_is_in_a_night_exactly_where_a_nudge_would_wait(zone: str, at: datetime) -> None:
    drawn = nights(zone, at - DAY, at + DAY, MANNERS)
    assert any(since <= at < until for since, until in drawn) == (out_of_quiet(at, zone, MANNERS) > at)


steps = st.builds(
    NudgeStep, st.just("reminder"), st.just(NudgeKind.REMINDER), st.sampled_from([Anchor.OPENING, Anchor.CLOSING]),
    st.timedeltas(timedelta(days=-40), timedelta(days=40)), st.none() | st.just(time(18)),
)  # fmt: skip


@settings(max_examples=30)
@given(st.lists(steps, max_size=30), st.timedeltas(timedelta(minutes=1), timedelta(days=900)))
def test_everything_that_is_drawn_is_in_the_picture(plan: list[NudgeStep], lasts: timedelta) -> None:
    numbered = [replace(step, key=f"reminder-{number}") for number, step in enumerate(plan)]
    asked = replace(ASKED, nudges=(*USUAL_NUDGES, *numbered), closes_at=OPENS + lasts)
    named = ["Europe/London", "Asia/Tokyo"]
    drawn = draw(asked, falls(asked, named, MANNERS), named, MANNERS)
    assert drawn is not None
    places = [dot.x for lane in drawn.lanes for dot in lane.dots] + [x for x, _ in (*drawn.marks, *drawn.days)]
    places += [edge for lane in drawn.lanes for night in lane.nights for edge in (night.x, night.x + night.width)]
    assert all(LEFT - 0.5 <= x <= RIGHT + 0.5 for x in places)
    assert [window.x for window in drawn.windows] == sorted(window.x for window in drawn.windows)


def test_the_consultations_zone_comes_first_then_those_where_most_live() -> None:
    assert zones_shown("UTC", ["Asia/Tokyo", "UTC", "Europe/Paris", "Asia/Dili"]) == (
        "UTC",
        "Asia/Tokyo",
        "Europe/Paris",
    )
    assert len(zones_shown("UTC", [])) == 3


# --- the page
async def test_the_page_draws_it_and_says_the_same_in_a_table(stage: Stage) -> None:
    await stage.load(ASKED)
    page = (await (await stage.at_desk()).get(PAGE)).text
    assert "held until 08:00 because of quiet hours" in page
    assert "13 May 2026, 08:00" in page
    assert "who hasn’t answered yet" in page
    svg = page[page.index('<svg class="nudges-drawn"') :]
    assert svg.count('<circle class="falls is-invitation"') == 3
    assert "style=" not in svg[: svg.index("</svg>")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"nudges": ()}, "has no nudges"), ({"opens_at": None, "closes_at": None}, "It has no opening time yet.")],
)
async def test_where_there_is_nothing_to_draw_it_says_why(stage: Stage, changes: dict[str, object], said: str) -> None:
    await stage.load(replace(ASKED, **changes))  # type: ignore[arg-type]  # one of the two above
    page = (await (await stage.at_desk()).get(PAGE)).text
    assert said in page
    assert '<svg class="nudges-drawn"' not in page


async def test_for_the_editors_side_it_is_a_piece(stage: Stage) -> None:
    await stage.load(ASKED)
    piece = (await (await stage.at_desk()).get(PAGE, headers={"hx-request": "true"})).text
    assert "<html" not in piece
