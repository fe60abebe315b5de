"""Anonymity: which traits of people may stand in data that anybody reads, so that nobody is one of a few."""

from collections import Counter
from collections.abc import Mapping, Sequence

OTHER = "other"
"""Stands for any trait that would leave somebody among too few."""

Traits = tuple[str, ...]


def generalised(people: Mapping[Traits, int], k: int, order: Sequence[int]) -> dict[Traits, Traits]:
    """For each combination of traits the one that may be told: each of those belongs to at least `k` people. Where a
    combination is too rare, its traits become `other`, one after the other in this order; whoever is still among too
    few when all are, takes the smallest of the others along. Empty where there are fewer than `k` people in all."""
    if sum(people.values()) < k:
        return {}
    told = {traits: traits for traits, many in people.items() if many}
    for place in order:
        rare = _rare(people, told, k)
        if not rare:
            return told
        told = {had: _without(now, place) if now in rare else now for had, now in told.items()}
    while rare := _rare(people, told, k):
        others = Counter(dict.fromkeys(told.values(), 0))
        for had, now in told.items():
            others[now] += people[had]
        lost = (OTHER,) * len(next(iter(rare)))
        along = min((now for now in others if now not in rare and now != lost), key=lambda now: (others[now], now))
        told = {had: lost if now in rare or now == along else now for had, now in told.items()}
    return told


def _rare(people: Mapping[Traits, int], told: Mapping[Traits, Traits], k: int) -> frozenset[Traits]:
    counted: Counter[Traits] = Counter()
    for had, now in told.items():
        counted[now] += people[had]
    return frozenset(now for now, many in counted.items() if many < k)


def _without(traits: Traits, place: int) -> Traits:
    return (*traits[:place], OTHER, *traits[place + 1 :])
