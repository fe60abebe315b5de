"""How anything is measured here: blocks that take turns, medians and percentiles, ratios and what they should be.

Two things are compared in one run, in blocks that alternate, so that whatever else the machine does meets both. Each
pair of blocks gives a ratio; the median of the ratios is the result, the least and greatest its spread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Self


class Wrong(Exception):
    """What was measured didn't do its work, so its time says nothing."""


@dataclass(frozen=True, slots=True)
class Ratio:
    middle: float
    least: float
    greatest: float

    @classmethod
    def of(cls, above: Sequence[float], below: Sequence[float]) -> Self:
        """Block by block; both have as many."""
        each = [one / other for one, other in zip(above, below, strict=True)]
        return cls(median(each), min(each), max(each))

    def __str__(self) -> str:
        spread = f" ({self.least:.2f}–{self.greatest:.2f})" if self.least < self.greatest else ""
        return f"{self.middle:.2f}{spread}"


@dataclass(frozen=True, slots=True)
class Target:
    """Of a ratio, or of a value where there is no ratio."""

    least: float = 0.0
    most: float = float("inf")

    def is_met(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f"at most {self.most:g}" if self.most < float("inf") else f"at least {self.least:g}"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: what was measured, against what, and whether it is as it should be where that is set.

    `against` is the floor's value in the same unit, `floor` what the floor is; `database` is empty where there is none
    in it. `remark` is what else is worth knowing.
    """

    name: str
    value: float
    unit: str
    against: float | None = None
    floor: str = ""
    ratio: Ratio | None = None
    goal: Target | None = None
    database: str = ""
    remark: str = ""

    @property
    def is_met(self) -> bool | None:
        """None where nothing is set."""
        if self.goal is None:
            return None
        return self.goal.is_met(self.ratio.middle if self.ratio else self.value)


class Span:
    """The seconds that a `with` block took."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self._since = perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = perf_counter() - self._since


def turns(block: int, *whose: str) -> tuple[str, ...]:
    """In which order; turned round in every other block, for going second may be a favour."""
    return whose if block % 2 == 0 else whose[::-1]


def p95(values: Sequence[float]) -> float:
    """The value that 95 in 100 don't exceed, between the two nearest where it falls between them."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[-1] if len(values) > 1 else values[0]


def milliseconds(seconds: Sequence[float]) -> str:
    return f"median {median(seconds) * 1000:.2f} ms, p95 {p95(seconds) * 1000:.2f} ms"
