"""Counting: how often each answer was given to a prompt becomes its result."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeGuard

from core.prompts import Prompt, PromptKind, Value
from core.results import Bin, Numbers, PromptResult, Ranked

MOST_BINS = 12
OUTLIERS = 0.02
"""At either end so many of the numbers may lie beyond the last bin of full width, in one that has no end."""
ENOUGH = 10
"""From so many numbers on, one at either end may lie there whatever its share."""
_STEPS = (1, 2, 2.5, 5, 10)

IN_WORDS = frozenset({PromptKind.TEXT, PromptKind.IDEA})
"""Kinds that are answered in people’s own words: there is nothing to draw of them."""


def count(prompt: Prompt, given: Mapping[Value, int], skipped: int = 0, in_words: int = 0) -> PromptResult:
    """`given`: how many answered what. Answers that are none of this kind, from before its prompt was changed, don't
    count; options that have gone since do. `in_words`: how many answered in their own words."""
    match prompt.kind:
        case PromptKind.TEXT | PromptKind.IDEA:
            return PromptResult(prompt, in_words, skipped, texts=in_words)
        case PromptKind.NUMBER:
            numbers = Counter({float(value): many for value, many in given.items() if is_number(value)})
            return PromptResult(prompt, numbers.total(), skipped, numbers=_numbers(numbers, with_bins=True))
        case PromptKind.SCALE:
            steps = Counter({float(value): many for value, many in given.items() if isinstance(value, int)})
            counts = _by_key(prompt, {str(int(step)): many for step, many in steps.items()})
            return PromptResult(prompt, steps.total(), skipped, counts, _numbers(steps, with_bins=False))
        case PromptKind.MANY | PromptKind.RANK:
            lists = {value: many for value, many in given.items() if isinstance(value, tuple)}
            answered = sum(lists.values())
            if prompt.kind is PromptKind.MANY:
                picked: Counter[str] = Counter()
                for keys, many in lists.items():
                    picked.update(dict.fromkeys(keys, many))
                return PromptResult(prompt, answered, skipped, _by_key(prompt, picked))
            first = Counter[str]()
            for keys, many in lists.items():
                first.update({keys[0]: many} if keys else {})
            return PromptResult(prompt, answered, skipped, _by_key(prompt, first), ranks=_ranks(prompt, lists))
        case _:
            chosen = {value: many for value, many in given.items() if isinstance(value, str)}
            return PromptResult(prompt, sum(chosen.values()), skipped, _by_key(prompt, chosen))


def is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _by_key(prompt: Prompt, counts: Mapping[str, int]) -> dict[str, int | None]:
    """All options in their order, then those that have gone."""
    keys = [*(option.key for option in prompt.choices), *sorted(counts)]
    return {key: counts.get(key, 0) for key in dict.fromkeys(keys)}


def _ranks(prompt: Prompt, lists: Mapping[tuple[str, ...], int]) -> dict[str, Ranked]:
    """The best first."""
    options = len(prompt.options)
    places, points, voices = Counter[str](), Counter[str](), Counter[str]()
    for keys, many in lists.items():
        for place, key in enumerate(keys, 1):
            places[key] += place * many
            points[key] += max(options - place, 0) * many
            voices[key] += many
    ranks = {key: Ranked(places[key] / voices[key], points[key]) for key in voices}
    return dict(sorted(ranks.items(), key=lambda item: (-item[1].points, item[1].mean, item[0])))


def _numbers(numbers: Counter[float], *, with_bins: bool) -> Numbers:
    total = numbers.total()
    if not total:
        return Numbers(0)
    ordered = sorted(numbers)
    mean = math.fsum(value * many for value, many in numbers.items()) / total
    bins = tuple(_bins(numbers, ordered)) if with_bins else ()
    return Numbers(total, mean, _median(numbers, ordered), ordered[0], ordered[-1], bins)


def _median(numbers: Counter[float], ordered: Iterable[float]) -> float:
    total = numbers.total()
    return (_nth(numbers, ordered, (total - 1) // 2) + _nth(numbers, ordered, total // 2)) / 2


def _nth(numbers: Counter[float], ordered: Iterable[float], place: int) -> float:
    seen = 0
    for value in ordered:
        seen += numbers[value]
        if seen > place:
            return value
    raise IndexError(place)


def _bins(numbers: Counter[float], ordered: list[float]) -> Iterable[Bin]:
    """Of a round width; one single wild number doesn't press all others into one bin."""
    total = numbers.total()
    beyond = max(int(total * OUTLIERS), 1 if total >= ENOUGH else 0)
    low, high = _nth(numbers, ordered, beyond), _nth(numbers, ordered, total - 1 - beyond)
    is_whole = all(value == int(value) for value in ordered)
    width = _width((high - low) / MOST_BINS, is_whole)
    first = math.floor(low / width)
    edges = [step * width for step in range(first, math.floor(high / width) + 2)]
    counts = [0] * (len(edges) + 1)
    for value, many in numbers.items():
        counts[bisect_right(edges, value)] += many
    if counts[0]:
        yield Bin(None, edges[0], counts[0])
    for place in range(1, len(edges)):
        yield Bin(edges[place - 1], edges[place], counts[place])
    if counts[-1]:
        yield Bin(edges[-1], None, counts[-1])


def _width(wanted: float, is_whole: bool) -> float:
    if wanted <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    width = next(step * power for step in _STEPS if step * power >= wanted * 0.999)
    return max(1.0, math.ceil(width)) if is_whole else width
