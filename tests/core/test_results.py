"""Results: who may see them, what is kept back, and that nothing kept back can be worked out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.anonymity import OTHER, generalised
from core.consultations import Consultation, ResultsWhen
from core.counting import count
from core.discretion import grouped, kept_back, shown
from core.prompts import Condition, Option, Prompt, PromptKind, Value
from core.prompts import Test as Check
from core.results import Results, Turnout, may_be_seen, suppressed
from core.texts import Localised

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OPTIONS = tuple(Option(key, Localised.of(key)) for key in ("a", "b", "c"))
ONE = Prompt("one", PromptKind.ONE, Localised.of("Which?"), options=OPTIONS)
MANY = Prompt("many", PromptKind.MANY, Localised.of("Which ones?"), options=OPTIONS)
RANK = Prompt("rank", PromptKind.RANK, Localised.of("In what order?"), options=OPTIONS)
SCALE = Prompt("scale", PromptKind.SCALE, Localised.of("How well?"))
NUMBER = Prompt("number", PromptKind.NUMBER, Localised.of("How many?"))
WORDS = Prompt("words", PromptKind.TEXT, Localised.of("Anything else?"))


def consultation(*prompts: Prompt, results: ResultsWhen = ResultsWhen.CLOSED) -> Consultation:
    words = Localised.of("City")
    return Consultation("city", words, words, prompts, opens_at=NOW, closes_at=NOW + DAY, results=results)


def of(*results: object, **more: object) -> Results:
    return Results(consultation(), NOW, prompts=results, **more)  # type: ignore[arg-type]  # as the tests need them


def as_given(counts: Mapping[Any, int]) -> dict[Value, int]:
    return dict(counts)


# --- who may see them
@pytest.mark.parametrize(
    ("when", "before", "open_", "closed", "told"),
    [
        (ResultsWhen.LIVE, False, True, True, True),
        (ResultsWhen.CLOSED, False, False, True, True),
        (ResultsWhen.OUTCOME, False, False, False, True),
        (ResultsWhen.NEVER, False, False, False, False),
    ],
)
def test_results_are_seen_from_when_their_organiser_said(
    when: ResultsWhen, before: bool, open_: bool, closed: bool, told: bool
) -> None:
    of_it = consultation(results=when)
    with_outcome = replace(of_it, outcome=Localised.of("Trees"), outcome_at=NOW + 2 * DAY)
    assert may_be_seen(of_it, NOW - DAY) is before
    assert may_be_seen(of_it, NOW) is open_
    assert may_be_seen(with_outcome, NOW + DAY) is closed
    assert may_be_seen(with_outcome, NOW + 2 * DAY) is told


# --- counting
def test_each_kind_is_counted_in_its_own_way() -> None:
    assert count(ONE, {"a": 3, "gone": 1}, skipped=2).counts == {"a": 3, "b": 0, "c": 0, "gone": 1}
    many = count(MANY, {("a", "b"): 2, ("b",): 1})
    assert (many.answered, many.counts) == (3, {"a": 2, "b": 3, "c": 0})
    ranked = count(RANK, {("b", "a", "c"): 2, ("a", "b", "c"): 1})
    assert ranked.counts == {"a": 1, "b": 2, "c": 0}
    assert {key: place.points for key, place in ranked.ranks.items()} == {"b": 5, "a": 4, "c": 0}
    assert list(ranked.ranks) == ["b", "a", "c"], "the best first"
    scale = count(SCALE, {1: 1, 5: 3}).numbers
    assert scale is not None
    assert (scale.mean, scale.median, scale.bins) == (4, 5, ())
    assert count(WORDS, {}, in_words=4).texts == 4


def test_answers_of_another_kind_from_before_the_prompt_was_changed_dont_count() -> None:
    assert count(SCALE, {"yes": 3, 4: 2}).answered == 2
    assert count(MANY, {"a": 3, ("a",): 2}).answered == 2


@given(st.dictionaries(st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9), st.integers(1, 50), min_size=1))
def test_every_number_is_in_one_bin(numbers: dict[int | float, int]) -> None:
    found = count(NUMBER, as_given(numbers)).numbers
    assert found is not None
    assert sum(one.count or 0 for one in found.bins) == found.count == sum(numbers.values())
    assert len(found.bins) <= 16
    edges = [one.low for one in found.bins if one.low is not None]
    assert edges == sorted(edges)


# --- what is kept back
CELLS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30), min_size=1)


@given(CELLS, st.integers(2, 10))
def test_what_is_kept_back_cant_be_worked_out_from_the_sum(cells: dict[str, int], k: int) -> None:
    hidden = kept_back(cells, k)
    assert not [key for key, many in cells.items() if 0 < many < k and key not in hidden]
    if hidden and sum(cells.values()) >= k and len(cells) > 1:
        rest = sum(cells.values()) - sum(many for key, many in cells.items() if key not in hidden)
        assert rest >= k, "what is left of the sum is itself no small number"
        assert len(hidden) >= 2


@given(CELLS, st.integers(2, 4))
def test_whoever_knows_what_is_shown_cant_tell_any_hidden_cell(cells: dict[str, int], k: int) -> None:
    """Tries every way in which the hidden cells could add up to the rest: each could be something else."""
    seen = shown(cells, k)
    hidden = [key for key, many in seen.items() if many is None][:3]
    if len(hidden) < 2 or len([1 for many in seen.values() if many is None]) > 3:
        return
    rest = sum(cells[key] for key in hidden)
    ways = [way for way in product(range(rest + 1), repeat=len(hidden)) if sum(way) == rest]
    for place in range(len(hidden)):
        assert rest == 0 or len({way[place] for way in ways}) > 1


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(2, 10))
def test_neighbours_are_put_together_until_none_is_small(counts: list[int], k: int) -> None:
    groups = grouped(counts, k)
    sums = [sum(counts[a:b]) for a, b in groups]
    assert not [many for many in sums if 0 < many < k]
    if sum(counts) >= k:
        assert sum(sums) == sum(counts)
        assert [a for a, _ in groups[1:]] == [b for _, b in groups[:-1]], "none is left out"


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 30)), st.integers(0, 9))
def test_no_small_number_is_left_in_what_is_shown(counts: dict[str, int], skipped: int) -> None:
    seen = suppressed(of(count(ONE, as_given(counts), skipped)), 5).prompts[0]
    assert not [many for many in (seen.answered, *seen.counts.values()) if many is not None and 0 < many < 5]
    assert seen.skipped is None
    hidden = [many for many in seen.counts.values() if many is None]
    assert len(hidden) != 1, "one alone would be what is left of the sum"


def test_a_scales_mean_is_kept_back_with_its_steps() -> None:
    whole = suppressed(of(count(SCALE, {1: 9, 2: 9, 3: 9, 4: 9, 5: 9})), 5).prompts[0]
    partly = suppressed(of(count(SCALE, {1: 9, 2: 9, 3: 9, 4: 2, 5: 9})), 5).prompts[0]
    assert whole.numbers is not None
    assert partly.numbers is None
    assert [many for many in partly.counts.values() if many is None] == [None, None]


def test_nobodys_own_number_is_shown() -> None:
    seen = suppressed(of(count(NUMBER, {1: 20, 2: 20, 1_000_000: 1})), 5).prompts[0].numbers
    assert seen is not None
    assert (seen.least, seen.most) == (None, None)
    assert "1000000" not in repr(seen)
    assert (seen.bins[0].low, seen.bins[-1].high) == (None, None)


def test_a_question_that_was_asked_of_a_hidden_few_alone_says_nothing() -> None:
    """It was asked of those who said “a”, and how many did is kept back."""
    asked = Prompt("why", PromptKind.YESNO, Localised.of("Really?"), when=(Condition("one", Check.IS, ("a",)),))
    seen = suppressed(of(count(ONE, {"a": 7, "b": 3, "c": 50}), count(asked, {"yes": 7})), 5)
    assert seen.prompts[0].counts == {"a": None, "b": None, "c": 50}
    assert seen.prompts[1].answered is None
    assert set(seen.prompts[1].counts.values()) == {None}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6))
def test_no_row_of_the_turnout_can_be_worked_out_from_the_others(rows: list[tuple[int, int]]) -> None:
    bodies = tuple(Turnout(f"b{n}", 100, 50, a, b) for n, (a, b) in enumerate(rows))
    seen = suppressed(of(turnout=bodies), 5).turnout
    for column, real in (("begun", [a for a, _ in rows]), ("finished", [b for _, b in rows])):
        told = [getattr(one, column) for one in seen]
        assert not [many for many in told if many is not None and 0 < many < 5]
        hidden = [many for many, one in zip(real, told, strict=True) if one is None]
        assert not hidden or len(rows) == 1 or sum(real) < 5 or (len(hidden) > 1 and sum(hidden) >= 5)


def test_of_a_body_that_is_too_small_not_even_a_nought_is_told() -> None:
    bodies = (Turnout("one", 1, 1, 0, 0), Turnout("two", 40, 40, 20, 15), Turnout("three", 60, 60, 30, 25))
    seen = suppressed(of(turnout=bodies), 5).turnout
    assert (seen[0].begun, seen[0].finished, seen[0].size) == (None, None, None)
    assert None in (seen[1].begun, seen[2].begun), "nor can it be worked out from the sum"


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 30)))
def test_keeping_back_twice_changes_nothing(counts: dict[str, int]) -> None:
    days = {date(2026, 5, 1): 3, date(2026, 5, 2): 40}
    once = suppressed(of(count(ONE, as_given(counts)), by_day=days, begun=3), 5)
    assert suppressed(once, 5) == once
    assert once.begun is None
    assert set(once.by_day.values()) == {None}


# --- open data
TRAITS = st.tuples(
    st.sampled_from(["en", "cy"]), st.sampled_from(["telegram", "slack"]), st.sampled_from(["x", "y", "z"])
)


@given(st.dictionaries(TRAITS, st.integers(0, 12)), st.integers(2, 8))
def test_everybody_shares_their_traits_with_enough_others(people: dict[tuple[str, ...], int], k: int) -> None:
    told = generalised(people, k, order=(2, 1, 0))
    if sum(people.values()) < k:
        assert told == {}
        return
    assert set(told) == {traits for traits, many in people.items() if many}
    shared: Counter[tuple[str, ...]] = Counter()
    for had, now in told.items():
        shared[now] += people[had]
        assert all(b in (a, OTHER) for a, b in zip(had, now, strict=True)), "nothing is made up"
    assert min(shared.values()) >= k


def test_traits_that_many_share_stay_as_they_are() -> None:
    people: dict[tuple[str, ...], int] = {("en", "telegram"): 50, ("en", "slack"): 2, ("cy", "telegram"): 9}
    told = generalised(people, 5, order=(1, 0))
    assert told["en", "telegram"] == ("en", "telegram")
    assert told["en", "slack"] == told["cy", "telegram"] == (OTHER, OTHER), "two need others to hide among"
