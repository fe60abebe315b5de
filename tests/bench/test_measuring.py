"""Medians, percentiles and ratios, on numbers of which they are known."""

import pytest

from bench.measuring import Ratio, Result, Span, Target, milliseconds, p95, p99, turns


def test_the_95th_percentile_of_one_to_a_hundred_and_one_is_ninety_six() -> None:
    assert p95(list(range(101, 0, -1))) == 96


def test_the_99th_is_a_hundred() -> None:
    assert p99(list(range(101, 0, -1))) == 100


def test_milliseconds_tell_the_median_and_the_95th_percentile() -> None:
    assert milliseconds([0.001, 0.003]) == "median 2.00 ms, p95 2.90 ms"


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
    assert target.is_met(middle) is is_met
    assert Result("it", 7, "", ratio=Ratio(middle, 0.0, 100.0), goal=target).is_met is is_met
    assert Result("it", middle, "", goal=target).is_met is is_met, "of the value where there is no ratio"


def test_where_nothing_is_set_nothing_is_met_or_missed() -> None:
    assert Result("it", 7, "", ratio=Ratio(0.0, 0.0, 0.0)).is_met is None


def test_whoever_goes_first_goes_second_next_time() -> None:
    assert [turns(block, "a", "b") for block in range(3)] == [("a", "b"), ("b", "a"), ("a", "b")]


def test_a_span_is_as_long_as_what_is_in_it() -> None:
    inner, outer = Span(), Span()
    with outer, inner:
        pass
    assert 0 < inner.seconds < outer.seconds
