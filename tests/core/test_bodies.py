"""Bodies: who answers an idea, who is above whom, who hears appeals, and who may do what."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.bodies import USUAL_ANSWER_DAYS, USUAL_POWERS, Bodies, Body, BodyKind, Office, Power, Remit
from core.calendars import Calendar, Holidays, Recess
from core.members import Role
from core.standings import Referral
from core.texts import Localised


def body(slug: str, **more: object) -> Body:
    return replace(Body(slug, Localised.of(slug.title()), BodyKind.BRANCH), **more)  # type: ignore[arg-type]  # fields


CONFERENCE = body("conference", remit=Remit(everything=True), answer_days=60)
PLANNING = body("planning", parent="conference", remit=Remit(topics=("transport",), consultations=("good-city",)))
NATURE = body("nature", parent="conference", remit=Remit(topics=("green", "transport")))
RIVERSIDE = body("riverside", parent="planning", answer_days=30, appeals="conference")
CYCLISTS = body("cyclists", parent="planning")
TOWN = Bodies((PLANNING, NATURE, RIVERSIDE, CYCLISTS, CONFERENCE))

SLUGS = ("a", "b", "c", "d", "e")
SLUG = st.sampled_from(SLUGS)
ROLES, POWERS = st.sampled_from(Role), st.sampled_from(Power)
NAMES = st.sampled_from(["green", "transport", "good-city"])
NAMED = st.none() | SLUG | st.just("unknown")
REMITS = st.builds(Remit, st.lists(NAMES, max_size=2).map(tuple), st.lists(NAMES, max_size=1).map(tuple), st.booleans())
ANYHOW = st.fixed_dictionaries(
    {"parent": NAMED, "appeals": NAMED, "remit": REMITS, "has_ended": st.booleans(), "answer_days": st.none()}
)
BODIES = st.lists(ANYHOW, min_size=1, max_size=len(SLUGS)).map(
    lambda found: Bodies(tuple(body(slug, **more) for slug, more in zip(SLUGS, found, strict=False)))
)
"""However they may have been stored: with parents in a ring, parents that nobody knows, and bodies that have ended."""
NO_REASON = 5
OFFICES = st.frozensets(st.tuples(SLUG, ROLES))


def ended(bodies: Bodies, *slugs: str) -> Bodies:
    return replace(bodies, all=tuple(replace(one, has_ended=one.has_ended or one.slug in slugs) for one in bodies.all))


def answering(
    bodies: Bodies,
    consultation: str | None = None,
    named: str | None = None,
    topics: Iterable[str] = (),
    said_in: str | None = None,
) -> str | None:
    found = bodies.answering(consultation, named, topics, said_in)
    return found.slug if found else None


# --- who answers
def test_the_body_that_the_consultation_names_comes_first() -> None:
    assert answering(TOWN, "good-city", "riverside", ["green"], "cyclists") == "riverside"


def test_then_the_one_that_answers_the_consultation() -> None:
    assert answering(TOWN, "good-city", None, ["green"], "riverside") == "planning"


def test_then_the_one_that_answers_a_topic_and_of_two_the_first() -> None:
    assert answering(TOWN, "other", None, ["green"], "riverside") == "nature"
    assert answering(TOWN, None, None, ["green", "transport"], "riverside") == "planning"


def test_then_the_one_in_whose_channel_it_was_said_if_it_answers_at_all() -> None:
    assert answering(TOWN, None, None, ["housing"], "riverside") == "riverside"
    assert answering(TOWN, None, None, ["housing"], "cyclists") == "conference"


def test_then_the_one_that_answers_everything_and_without_it_nobody() -> None:
    assert answering(TOWN) == "conference"
    assert answering(ended(TOWN, "conference")) is None


def test_a_consultation_does_not_answer_as_a_topic_nor_a_topic_as_a_consultation() -> None:
    assert answering(TOWN, "transport") == "conference"
    assert answering(TOWN, None, None, ["good-city"]) == "conference"


def test_a_body_that_has_ended_is_passed_over() -> None:
    assert answering(ended(TOWN, "riverside"), "good-city", "riverside") == "planning"
    assert answering(ended(TOWN, "planning"), "good-city", None, ["transport"]) == "nature"
    assert answering(ended(TOWN, "riverside"), said_in="riverside") == "conference"


def test_a_body_answers_if_it_says_what_or_how_soon() -> None:
    assert [one.slug for one in TOWN.all if one.does_answer] == ["planning", "nature", "riverside", "conference"]


@given(BODIES, st.none() | NAMES, NAMED, st.lists(NAMES), NAMED)
def test_of_all_that_live_the_one_with_the_best_reason_answers_and_of_equals_the_first(
    bodies: Bodies, consultation: str | None, named: str | None, topics: list[str], said_in: str | None
) -> None:
    def reason(one: Body) -> int:
        reasons = (
            one.slug == named,
            consultation in one.remit.consultations,
            not set(topics).isdisjoint(one.remit.topics),
            one.slug == said_in and one.does_answer,
            one.remit.everything,
            True,
        )
        return reasons.index(True)

    best = min((one for one in bodies.living if reason(one) < NO_REASON), key=reason, default=None)
    assert bodies.answering(consultation, named, topics, said_in) == best


# --- who is above whom
def test_above_are_all_from_the_next_one_to_the_top() -> None:
    assert [one.slug for one in TOWN.above("riverside")] == ["planning", "conference"]
    assert TOWN.above("conference") == ()
    assert TOWN.above("unknown") == ()


def test_one_that_has_ended_is_left_out_but_leads_further_up() -> None:
    assert [one.slug for one in ended(TOWN, "planning").above("riverside")] == ["conference"]


def test_parents_in_a_ring_end() -> None:
    ring = Bodies((body("a", parent="b"), body("b", parent="c"), body("c", parent="b")))
    assert [one.slug for one in ring.above("a")] == ["b", "c"]
    assert [one.slug for one in ring.above("b")] == ["c"]
    assert Bodies((body("a", parent="a"),)).above("a") == ()


@given(BODIES, SLUG)
def test_those_above_are_others_living_and_each_once(bodies: Bodies, slug: str) -> None:
    above = [one.slug for one in bodies.above(slug)]
    assert len(set(above)) == len(above)
    assert slug not in above
    assert set(above) <= {one.slug for one in bodies.living}


# --- appeals, and what is left behind
def test_the_parent_hears_appeals_unless_another_is_named() -> None:
    heard = {one.slug: TOWN.hears_appeals(one.slug) for one in TOWN.all}
    assert {slug: judge.slug for slug, judge in heard.items() if judge} == {
        "planning": "conference",
        "nature": "conference",
        "riverside": "conference",
        "cyclists": "planning",
        "conference": "conference",
    }


def test_an_appeal_goes_up_where_the_one_that_was_named_has_ended() -> None:
    judge = ended(Bodies((*TOWN.all, body("x", parent="planning", appeals="nature"))), "nature").hears_appeals("x")
    assert judge == PLANNING


def test_the_decision_of_a_body_that_has_ended_can_be_appealed_against_too() -> None:
    assert ended(TOWN, "planning").hears_appeals("planning") == CONFERENCE
    assert ended(TOWN, "conference").hears_appeals("conference") is None
    assert TOWN.hears_appeals("unknown") is None


def test_what_was_with_a_body_that_has_ended_goes_up_or_to_the_one_that_answers_everything() -> None:
    assert ended(TOWN, "riverside").heir("riverside") == PLANNING
    assert ended(TOWN, "riverside", "planning").heir("riverside") == CONFERENCE
    lonely = Bodies((body("old", has_ended=True), CONFERENCE))
    assert lonely.heir("old") == CONFERENCE
    assert ended(lonely, "conference").heir("old") is None


@given(BODIES, SLUG)
def test_judges_and_heirs_are_living_bodies(bodies: Bodies, slug: str) -> None:
    one, judge = bodies.get(slug), bodies.hears_appeals(slug)
    assert judge is None or judge in bodies.living
    if one and not one.has_ended:
        assert judge, "there is always somebody to appeal to"
        assert judge != one or not bodies.above(slug) or one.appeals == slug
    heir = bodies.heir(slug)
    assert heir is None or heir in bodies.living
    if one and one.has_ended:
        assert heir != one


# --- who may do what
def test_usually_secretaries_answer_and_organisers_moderate() -> None:
    assert TOWN.may([("planning", Role.SECRETARY)], Power.ANSWER, "planning")
    assert not TOWN.may([("planning", Role.ORGANISER)], Power.ANSWER, "planning")
    assert TOWN.may([("planning", Role.ORGANISER)], Power.MODERATE, "planning")
    assert not TOWN.may([("planning", Role.MEMBER)], Power.MODERATE, "planning")


def test_an_office_in_one_body_is_none_in_another() -> None:
    assert not TOWN.may([("nature", Role.SECRETARY)], Power.ANSWER, "planning")
    assert not TOWN.may([("unknown", Role.SECRETARY)], Power.ANSWER, "unknown")


def test_what_a_body_says_takes_the_place_of_what_is_usual() -> None:
    bodies = Bodies((body("board", powers=((Power.ANSWER, (Role.REPRESENTATIVE, Role.MEMBER)),)),))
    allowed = {role for role in Role if bodies.may([("board", role)], Power.ANSWER, "board")}
    assert allowed == {Role.REPRESENTATIVE, Role.MEMBER}
    assert bodies.may([("board", Role.ORGANISER)], Power.MODERATE, "board"), "not named, so as usual"


@given(OFFICES, POWERS, SLUG, st.dictionaries(POWERS, st.lists(ROLES, min_size=1).map(tuple)))
def test_more_offices_never_allow_less(
    offices: frozenset[Office], power: Power, slug: str, powers: dict[Power, tuple[Role, ...]]
) -> None:
    bodies = Bodies(tuple(body(one, powers=tuple(powers.items())) for one in SLUGS))
    allowed = bodies.may(offices, power, slug)
    assert allowed == any(bodies.may([office], power, slug) for office in offices)
    assert allowed == any((slug, role) in offices for role in powers.get(power, USUAL_POWERS[power]))


# --- names and days
def test_a_body_that_nobody_knows_is_called_by_its_short_name() -> None:
    assert TOWN.name("planning") == Localised.of("Planning")
    assert ended(TOWN, "planning").name("planning") == Localised.of("Planning")
    assert TOWN.name("lost") == Localised.of("lost")


def test_a_body_that_does_not_say_how_soon_it_answers_has_the_usual_days() -> None:
    assert (PLANNING.days, RIVERSIDE.days, CONFERENCE.days) == (USUAL_ANSWER_DAYS, 30, 60)


def test_a_body_has_its_own_recesses_and_everybodys_holidays_on_the_organisations_clock() -> None:
    recess, holidays = Recess(date(2026, 12, 1), date(2026, 12, 7)), Holidays(days=(date(2026, 12, 9),))
    bodies = Bodies((replace(PLANNING, recesses=(recess,)), NATURE), holidays, "Europe/London")
    sent = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert bodies.calendar("planning") == Calendar(holidays, (recess,), "Europe/London")
    assert bodies.calendar("unknown") == Calendar(holidays, (), "Europe/London")
    assert bodies.due(Referral("planning", sent, 3, 1)) == datetime(2026, 12, 12, tzinfo=UTC)
    assert bodies.due(Referral("nature", sent, 3, 1)) == datetime(2026, 12, 4, tzinfo=UTC)
