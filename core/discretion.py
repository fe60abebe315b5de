"""Discretion: which small numbers are kept back, and which others with them, so that nobody can be picked out."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def kept_back(cells: Mapping[Key, int], k: int) -> frozenset[Key]:
    """The cells that may not be shown beside their sum. Those under `k`; and with them the next smallest, until there
    are two at the least and `k` people in them: so what is left of the sum says of none of them how many it is, and of
    all of them together no small number either. Where nobody is in a small cell, there is nobody to keep back."""
    hidden = {key for key, count in cells.items() if count < k}
    if not any(cells[key] for key in hidden):
        return frozenset()
    for key in sorted((key for key in cells if key not in hidden), key=lambda key: cells[key]):
        if len(hidden) >= 2 and sum(cells[one] for one in hidden) >= k:
            break
        hidden.add(key)
    return frozenset(hidden)


def shown(cells: Mapping[Key, int | None], k: int) -> dict[Key, int | None]:
    """None where a number is kept back; what was kept back before stays so, and what stands beside it is left."""
    known = {key: count for key, count in cells.items() if count is not None}
    hidden = kept_back(known, k) if len(known) == len(cells) else frozenset()
    return {key: None if key in hidden else count for key, count in cells.items()}


def alone(count: int | None, k: int) -> int | None:
    """A number beside which no sum stands."""
    return None if count is not None and 0 < count < k else count


def grouped(counts: Sequence[int], k: int) -> tuple[tuple[int, int], ...]:
    """Neighbours put together, as (first, behind the last), so that in each group there is nobody or at least `k`. None
    at all where they are fewer in all."""
    groups: list[tuple[int, int]] = []
    start, held = 0, 0
    for place, count in enumerate(counts):
        held += count
        if held >= k or (held == 0 and count == 0):
            groups.append((start, place + 1))
            start, held = place + 1, 0
    if held:
        while groups and held < k:
            start = groups[-1][0]
            held += sum(counts[slice(*groups.pop())])
        if held < k:
            return ()
        groups.append((start, len(counts)))
    return tuple(groups)


def rounded(number: float | None, figures: int = 3) -> float | None:
    """To so many significant figures: an exact mean of few would give away the last of them."""
    return None if number is None else float(f"{number:.{figures}g}")
