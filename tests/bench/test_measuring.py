"""Medians, percentiles and ratios, on numbers of which they are known."""

from io import StringIO

import pytest
from rich.console import Console

from bench.measuring import Ratio, Result, Span, Target, milliseconds, p95, table, turns


def test_the_95th_percentile_of_one_to_a_hundred_and_one_is_ninety_six() -> None:
    assert p95(list(range(101, 0, -1))) == 96


def test_it_lies_between_two_values_where_it_falls_between_them() -> None:
    assert p95([1, 2]) == pytest.approx(1.95)
    assert p95([7]) == 7


def test_a_ratio_is_the_median_of_the_blocks_ratios_and_not_that_of_their_sums() -> None:
    ratio = Ratio.of([1.0, 4.0, 900.0], [2.0, 4.0, 100.0])
    assert (ratio.middle, ratio.least, ratio.greatest) == (1.0, 0.5, 9.0)
    assert str(ratio) == "1.00 (0.50–9.00)"


def test_blocks_that_are_not_in_pairs_give_no_ratio() -> None:
    with pytest.raises(ValueError, match="zip"):
        Ratio.of([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("target", "middle", "is_met"),
    [
        (Target(least=0.2), 0.2, True),
        (Target(least=0.2), 0.19, False),
        (Target(most=1.5), 1.5, True),
        (Target(most=1.5), 1.51, False),
    ],
)
def test_a_target_is_met_by_the_median(target: Target, middle: float, is_met: bool) -> None:
    ratio = Ratio(middle, 0.0, 100.0)
    assert target.is_met(ratio) is is_met
    assert Result("it", "", "", ratio, target).is_good is is_met


def test_what_has_no_target_is_good() -> None:
    assert Result("it", "", "", Ratio(0.0, 0.0, 0.0)).is_good


def test_whoever_goes_first_goes_second_next_time() -> None:
    assert [turns(block, "a", "b") for block in range(3)] == [("a", "b"), ("b", "a"), ("a", "b")]


def test_a_span_is_as_long_as_what_is_in_it() -> None:
    inner, outer = Span(), Span()
    with outer, inner:
        pass
    assert 0 < inner.seconds < outer.seconds


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    lines = [
        Result("quick", milliseconds([0.001, 0.003]), "nothing", Ratio(0.3, 0.2, 0.4), Target(least=0.2)),
        Result("slow", "1", "2", Ratio(1.6, 1.0, 2.0), Target(most=1.5)),
        Result("other", "1", "2", Ratio(5.0, 5.0, 5.0)),
    ]
    console = Console(width=120, file=StringIO())
    with console.capture() as captured:
        console.print(table("Everything", lines))
    text = captured.get()
    assert "median 2.00 ms, p95 2.90 ms" in text
    quick, slow, other = (
        next(line for line in text.splitlines() if name in line) for name in ("quick", "slow", "other")
    )
    assert "0.30 (0.20–0.40)" in quick
    assert "at least 0.2" in quick
    assert "met" in quick
    assert "at most 1.5" in slow
    assert "missed" in slow
    assert "met" not in other
