"""Figures: the results of a consultation as open data, as JSON and as CSV. The fields are told in docs/public.md."""

from collections.abc import Iterable, Iterator, Mapping

from core.bodies import Bodies
from core.codebooks import LICENCE_URL
from core.consultations import Consultation
from core.ledger.seals import instant
from core.prompts import Option, Prompt
from core.results import Count, PromptResult, Results
from core.texts import Localised, Texts
from web.spreadsheets import lines

Written = str | int | float | None
COLUMNS = ("part", "prompt", "kind", "key", "label", "measure", "value")


def results_json(results: Results, bodies: Bodies, texts: Texts, address: str) -> Mapping[str, object]:
    """`results` as anybody may see them. `null` stands for what is kept back."""
    of = results.consultation
    return {
        "license": LICENCE_URL,
        "consultation": of.slug,
        "url": address,
        "title": dict(of.title.texts),
        "opens_at": instant(of.opens_at) if of.opens_at else None,
        "closes_at": instant(of.closes_at) if of.closes_at else None,
        "counted_at": instant(results.at),
        "results_shown": of.results.value,
        "smallest_group": of.least,
        "asked": results.asked,
        "begun": results.begun,
        "finished": results.finished,
        "prompts": [_prompt_json(one, texts) for one in results.prompts],
        "turnout": [
            {
                "body": one.body,
                "name": dict(bodies.name(one.body).texts),
                "members": one.size,
                "asked": one.asked,
                "begun": one.begun,
                "finished": one.finished,
            }
            for one in results.turnout
        ],
        "finished_by_day": {day.isoformat(): count for day, count in results.by_day.items()},
        "channels": dict(results.channels),
        "languages": dict(results.languages),
    }


def _prompt_json(one: PromptResult, texts: Texts) -> Mapping[str, object]:
    told: dict[str, object] = {
        "key": one.prompt.key,
        "kind": one.prompt.kind.value,
        "text": dict(one.prompt.text.texts),
        "answered": one.answered,
    }
    if one.counts:
        labels = {option.key: _by_language(option, one.prompt, texts) for option in one.prompt.choices}
        told["counts"] = [{"key": key, "label": labels.get(key, {}), "count": n} for key, n in one.counts.items()]
    if one.numbers:
        told["mean"], told["median"] = one.numbers.mean, one.numbers.median
        if one.numbers.bins:
            told["bins"] = [{"from": each.low, "below": each.high, "count": each.count} for each in one.numbers.bins]
    if one.ranks:
        told["ranks"] = {key: {"mean_place": place.mean, "points": place.points} for key, place in one.ranks.items()}
    if one.texts is None or one.texts:
        told["in_own_words"] = one.texts
    return told


def _by_language(option: Option, prompt: Prompt, texts: Texts) -> Mapping[str, str]:
    return {code: texts.say(option.label, code) for code in dict(prompt.text.texts)}


def results_csv(results: Results, bodies: Bodies, texts: Texts) -> str:
    """One number a row; empty where it is kept back. Words in the language in which they were written first."""
    return lines([COLUMNS, *_rows(results, bodies, texts)])


def _rows(results: Results, bodies: Bodies, texts: Texts) -> Iterator[tuple[Written, ...]]:
    for measure, count in (("asked", results.asked), ("begun", results.begun), ("finished", results.finished)):
        yield "all", "", "", "", _first(results.consultation.title), measure, count
    for one in results.prompts:
        yield from _prompt_rows(one, texts, _language(results.consultation))
    for each in results.turnout:
        name = _first(bodies.name(each.body))
        counts: tuple[tuple[str, Count], ...] = (
            ("members", each.size), ("asked", each.asked), ("begun", each.begun), ("finished", each.finished)
        )  # fmt: skip
        for measure, count in counts:
            yield "turnout", "", "", each.body, name, measure, count
    for day, count in results.by_day.items():
        yield "day", "", "", day.isoformat(), "", "finished", count
    for part, counted in (("channel", results.channels), ("language", results.languages)):
        for key, count in counted.items():
            yield part, "", "", key, "", "begun", count


def _prompt_rows(one: PromptResult, texts: Texts, language: str) -> Iterable[tuple[Written, ...]]:
    key, kind = one.prompt.key, one.prompt.kind.value
    yield "prompt", key, kind, "", _first(one.prompt.text), "answered", one.answered
    labels = {option.key: texts.say(option.label, language) for option in one.prompt.choices}
    for option, count in one.counts.items():
        yield "option", key, kind, option, labels.get(option, ""), "count", count
    for option, place in one.ranks.items():
        yield "option", key, kind, option, labels.get(option, ""), "mean_place", place.mean
        yield "option", key, kind, option, labels.get(option, ""), "points", place.points
    if one.numbers:
        yield "prompt", key, kind, "", "", "mean", one.numbers.mean
        yield "prompt", key, kind, "", "", "median", one.numbers.median
        for each in one.numbers.bins:
            low, high = ("" if end is None else f"{end:g}" for end in (each.low, each.high))
            yield "bin", key, kind, f"{low}..{high}", "", "count", each.count
    if one.texts is None or one.texts:
        yield "prompt", key, kind, "", "", "in_own_words", one.texts


def _first(words: Localised) -> str:
    return words.texts[0][1] if words.texts else ""


def _language(consultation: Consultation) -> str:
    return consultation.title.texts[0][0] if consultation.title.texts else "en"
