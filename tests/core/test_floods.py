"""Floods: who is never taken for one, who always gets through, and what is said in one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.floods import GROUP, PERSON, STOP_AGAIN, Floods, Verdict
from core.inbound import Commanded, Deed, Discussed, Edited, Flooded, Inbound, Left, Moved, Pressed, Said, Submitted
from core.members import Address
from core.places import Place
from core.turns.flooding import let_go
from core.understanding import STOP_WORDS
from tests.fakes.town import Town

NOW = datetime(2026, 5, 12, tzinfo=UTC)
ANN, BOB = Address("telegram:1", "7"), Address("telegram:1", "8")
TOWN = Place("telegram:1", "-7", private=False)
CALM = 60.0
"""Seconds: what people are told to wait."""


class People:
    """Writes to one `Floods`, each thing with a key of its own."""

    def __init__(self, most: int = 10_000) -> None:
        self.floods, self.number = Floods(most), 0

    def does(self, who: Address, now: float, deed: Deed | None = None, place: Place | None = None) -> Verdict:
        self.number += 1
        return self.floods.judge(inbound(f"{self.number}", who, deed, place), now)

    def flood(self, who: Address, now: float, deed: Deed | None = None, place: Place | None = None) -> list[Verdict]:
        """A thousand within a second."""
        return [self.does(who, now + number / 1_000, deed, place) for number in range(1_000)]


def inbound(key: str, who: Address = ANN, deed: Deed | None = None, place: Place | None = None) -> Inbound:
    return Inbound(key, who, place or Place.private_to(who), NOW, deed or Said("More trees", key))


@given(st.integers(0, PERSON.at_once), st.lists(st.floats(0, 5), max_size=150))
def test_nobody_within_the_rate_is_ever_in_a_flood(at_once: int, gaps: list[float]) -> None:
    people, now = People(), 100.0
    for _ in range(at_once):
        assert people.does(ANN, now) is Verdict.TAKE
    for gap in gaps:
        now += gap + 1 / PERSON.a_second
        assert people.does(ANN, now) is Verdict.TAKE


def test_a_form_of_thirty_buttons_pressed_in_a_moment_and_another_soon_after_are_no_flood() -> None:
    people = People()
    assert {people.does(ANN, 0.1 * number, Pressed("answer:a:b:c", "1")) for number in range(30)} == {Verdict.TAKE}
    assert {people.does(ANN, 30 + 0.1 * number, Pressed("answer:a:b:c", "1")) for number in range(30)} == {Verdict.TAKE}


@given(st.lists(st.floats(0, 0.2), min_size=100, max_size=300))
def test_a_flood_is_told_once_and_the_rest_of_it_is_let_go_by(gaps: list[float]) -> None:
    people, now, verdicts = People(), 0.0, list[Verdict]()
    for gap in gaps:
        now += gap
        verdicts.append(people.does(ANN, now))
    taken = verdicts.index(Verdict.TELL)
    assert verdicts[:taken] == [Verdict.TAKE] * taken
    assert verdicts[taken + 1 :] == [Verdict.LET_GO] * len(verdicts[taken + 1 :])
    assert people.does(ANN, now + CALM) is Verdict.TAKE


@given(st.floats(0, 1_000), st.integers(1, PERSON.at_once))
def test_after_a_minute_of_calm_there_is_room_for_all_as_before(start: float, many: int) -> None:
    people = People()
    people.flood(ANN, start)
    assert {people.does(ANN, start + 1 + CALM) for _ in range(many)} == {Verdict.TAKE}


def test_who_waits_too_short_is_not_told_again_and_who_floods_again_later_is() -> None:
    people = People()
    people.flood(ANN, 0)
    assert people.does(ANN, 5) is Verdict.LET_GO
    assert people.flood(ANN, 100).count(Verdict.TELL) == 1


STOPS: list[Deed] = [Said(f" {word.upper()}! ", "1") for word in sorted(STOP_WORDS)]
STOPS += [Commanded("stop"), Commanded("unsubscribe"), Pressed("stop"), Said("/stop", "1")]


@pytest.mark.parametrize("stop", STOPS, ids=str)
@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=200))
def test_stop_gets_through_at_any_moment_and_again_after_a_while(stop: Deed, flood: list[tuple[float, bool]]) -> None:
    people, now, last = People(), 0.0, float("-inf")
    for gap, stops in flood:
        now += gap
        if not stops:
            people.does(ANN, now)
        elif people.does(ANN, now, stop) is Verdict.TAKE:
            last = now
        else:
            assert now - last < STOP_AGAIN, "another has just got through, and nothing since"
    assert people.does(ANN, max(now, last + STOP_AGAIN), stop) is Verdict.TAKE


def test_a_thousand_stops_are_not_a_thousand_answers() -> None:
    assert People().flood(ANN, 0, Said("STOP", "1")).count(Verdict.TAKE) == PERSON.at_once + 1


@pytest.mark.parametrize("deed", [Left(), Moved("-8")], ids=str)
def test_what_tells_of_leaving_or_moving_always_gets_through_and_is_not_counted(deed: Deed) -> None:
    people = People()
    assert set(people.flood(ANN, 0, deed, TOWN)) == {Verdict.TAKE}
    assert people.does(ANN, 1) is Verdict.TAKE
    people.flood(ANN, 1)
    assert people.does(ANN, 2, deed) is Verdict.TAKE


@given(st.lists(st.integers(0, 60), max_size=300))
def test_a_second_delivery_is_judged_like_the_first_and_not_counted(keys: list[int]) -> None:
    floods, first = Floods(), dict[int, Verdict]()
    for key in keys:
        verdict = floods.judge(inbound(str(key)), 5.0)
        assert verdict is first.setdefault(key, verdict)
    taken = sum(verdict is Verdict.TAKE for verdict in first.values())
    assert taken == min(len(first), PERSON.at_once)


def test_what_was_let_go_by_and_comes_again_when_it_is_calm_is_taken() -> None:
    people = People()
    people.flood(ANN, 0)
    late = inbound("kept by a browser")
    assert people.floods.judge(late, 1.5) is Verdict.LET_GO
    assert people.floods.judge(late, 3.0) is Verdict.LET_GO
    assert people.floods.judge(late, CALM) is Verdict.TAKE


def test_one_person_s_flood_is_nobody_else_s() -> None:
    people = People()
    assert people.flood(ANN, 0, Commanded("idea", "More trees"), TOWN).count(Verdict.TELL) == 1
    assert people.does(BOB, 1.0, Commanded("idea", "More trees"), TOWN) is Verdict.TAKE
    assert people.does(BOB, 1.0) is Verdict.TAKE


def test_a_group_s_flood_is_told_once_to_the_group_and_ends_nobody_s_own_conversation() -> None:
    people = People()
    many = [Address("telegram:1", str(number)) for number in range(1_000)]
    verdicts = [people.does(one, 0, Commanded("idea", "More trees"), TOWN) for one in many]
    assert verdicts.count(Verdict.TAKE) == GROUP.at_once
    assert verdicts.count(Verdict.TELL) == 1
    assert people.does(many[-1], 0) is Verdict.TAKE
    assert people.does(many[-1], 0, Commanded("stop"), TOWN) is Verdict.TAKE


def test_the_talk_of_many_in_a_busy_channel_is_no_flood_and_one_person_s_is_not_answered() -> None:
    people = People()
    many = [Address("telegram:1", str(number)) for number in range(GROUP.at_once)]
    assert {people.does(one, 0, Discussed("1"), TOWN) for one in many} == {Verdict.TAKE}
    assert Verdict.TELL not in people.flood(ANN, CALM, Discussed("1"), TOWN)
    assert people.does(ANN, CALM + 1, Commanded("idea"), TOWN) is Verdict.TELL, "but this waits for an answer"


@pytest.mark.parametrize("deed", [Commanded("weather"), Edited("More", "1")], ids=str)
def test_what_is_not_for_us_in_a_group_makes_nobody_known_by_an_answer(deed: Deed) -> None:
    assert Verdict.TELL not in People().flood(ANN, 0, deed, TOWN)


@given(st.integers(1, 20), st.integers(0, 300))
def test_memory_stays_bounded_whoever_comes(most: int, many: int) -> None:
    people = People(most)
    for number in range(many):
        people.does(Address("web", f"{number}"), 0.0, place=Place("web", f"-{number}", private=False))
    assert len(people.floods) <= 3 * most


async def test_the_kind_answer_leaves_a_member_where_they_are() -> None:
    town = Town()
    await town.does(ANN, Commanded("start"), name="Ann")
    await town.does(ANN, Pressed("consent:yes"))
    await town.does(ANN, Commanded("idea"))
    await town.hears()
    await town.does(ANN, Flooded())
    (heard,) = await town.hears()
    assert heard.message.text.startswith("You write faster than I can follow. What you wrote in the last moments isn’t")
    await town.does(ANN, Said("More trees", "m1"))
    assert "Your idea is in" in (await town.hears())[0].message.text, "what they were asked for is still waited for"


async def test_in_a_group_it_is_said_to_the_group() -> None:
    town = Town()
    await town.does(ANN, Flooded(), place=TOWN)
    (heard,) = await town.hears()
    assert heard.to == TOWN
    assert heard.message.only_for is None
    assert heard.message.text.startswith("More is written to me here than I can follow.")


def test_a_form_that_was_let_go_by_stays_open_with_what_was_filled_in() -> None:
    form = inbound("1", deed=Submitted("city", {"why": "Trees", "who": ("all",)}))
    told = let_go(form)
    assert told is not None
    assert told.problems.keys() == {"why", "who"}
    assert let_go(replace(form, deed=Said("More", "1"))) is None
