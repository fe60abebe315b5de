"""Codebooks as files: for programs (JSON, and a Frictionless data package) and for people (Markdown). In English, as
the names of the columns are, with the questions and options in every language in which they were asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from core.answers import numeral
from core.codebooks import LICENCE, LICENCE_URL, Column
from core.consultations import Consultation
from core.prompts import choice
from core.results import PromptResult, Results


def codebook_json(columns: Iterable[Column]) -> list[Mapping[str, object]]:
    return [_column(one) for one in columns]


def _column(one: Column) -> Mapping[str, object]:
    told: dict[str, object] = {"name": one.name, "type": one.kind.value, "about": one.about}
    if one.prompt is not None:
        told |= {"prompt": one.prompt.key, "kind": one.prompt.kind.value, "question": dict(one.question)}
    if one.values:
        told["values"] = {key: dict(words) for key, words in one.values}
    if one.withheld:
        told["withheld"] = list(one.withheld)
    return told


def datapackage(
    consultation: Consultation, columns: Sequence[Column], k: int, at: datetime
) -> Mapping[str, object]:  # fmt: skip
    """https://specs.frictionlessdata.io/data-package/"""
    fields = [{"name": one.name, "type": one.kind.value, "description": one.about} for one in columns]
    return {
        "profile": "tabular-data-package",
        "name": consultation.slug,
        "title": _first(dict(consultation.title.texts)),
        "description": f"Answers to a consultation, anonymised: no group of fewer than {k} people is told apart.",
        "created": at.isoformat(timespec="seconds"),
        "licenses": [{"name": LICENCE, "path": LICENCE_URL, "title": "CC0 1.0 Universal"}],
        "resources": [
            {
                "name": "answers",
                "path": "answers.csv",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, "missingValues": [""], "primaryKey": "number"},
            }
        ],
    }


def results_json(shown: Results, k: int, at: datetime) -> Mapping[str, object]:
    """null where a number is kept back."""
    return {
        "consultation": shown.consultation.slug,
        "counted_at": at.isoformat(timespec="seconds"),
        "smallest_group": k,
        "license": LICENCE_URL,
        "begun": shown.begun,
        "finished": shown.finished,
        "prompts": [_result(one) for one in shown.prompts],
        "turnout": [
            {"body": one.body, "members": one.size, "begun": one.begun, "finished": one.finished}
            for one in shown.turnout
        ],
    }


def _result(one: PromptResult) -> Mapping[str, object]:
    told: dict[str, object] = {"prompt": one.prompt.key, "kind": one.prompt.kind.value, "answered": one.answered}
    if one.counts:
        told["counts"] = dict(one.counts)
    if one.numbers is not None:
        told |= {"mean": one.numbers.mean, "median": one.numbers.median}
        told["ranges"] = [{"from": each.low, "to": each.high, "count": each.count} for each in one.numbers.bins]
    if one.ranks:
        told["ranks"] = {key: {"mean_place": place.mean, "points": place.points} for key, place in one.ranks.items()}
    return told


def codebook_markdown(shown: Results, columns: Sequence[Column], k: int, at: datetime) -> str:
    of = shown.consultation
    lines = [
        f"# {_inline(_first(dict(of.title.texts)))}",
        "",
        _inline(_first(dict(of.framing.texts))),
        "",
        f"Answers of those who took part, as they stood on {at:%Y-%m-%d %H:%M} UTC. Licence: "
        f"[CC0 1.0]({LICENCE_URL}): free for any use.",
        "",
        "## How it was gathered",
        f"Members were asked in chat ({_when(of)}). Whoever wanted to answer did: it is no sample, and says nothing of "
        "those who didn’t. One member is one voice, however many apps they use; of several answers to a question "
        "the latest counts, and an answer to a question that a later answer ruled out doesn’t.",
        "",
        "## How it was anonymised",
        f"No group of fewer than {k} people is told apart. Rows are numbered anew, in an order drawn by lot. Language, "
        f"channel, bodies and day together are shared by at least {k} rows each; where they weren’t, they say “other”. "
        f"An answer that fewer than {k} gave, and those from which its number could be worked out, say “withheld”; "
        "numbers stand in ranges (“10..20” is from 10 to under 20). What people said in their own words is left out, "
        "and so are ideas, which have their own public stories.",
        "",
        "## Files",
        "- `answers.csv`: a row for each who took part, in UTF-8, with commas, empty where there is no answer",
        "- `codebook.json`: what stands below, for programs",
        "- `results.json`: the same counted",
        "- `datapackage.json`: a [Frictionless](https://specs.frictionlessdata.io/) data package",
        "",
        "## Columns",
    ]
    for one in columns:
        lines += ["", f"### `{one.name}`", f"{one.about} ({one.kind.value})"]
        lines += [f"- asked ({language}): {_inline(words)}" for language, words in one.question.items()]
        lines += [f"- `{key}`: {_inline(' / '.join(words.values()))}" for key, words in one.values if words]
        lines += [f"- withheld: {', '.join(f'`{key}`' for key in one.withheld)}"] if one.withheld else []
    lines += ["", "## Results", *_counts(shown)]
    return "\n".join(lines) + "\n"


def _counts(shown: Results) -> Iterable[str]:
    for one in shown.prompts:
        told = "too few" if one.answered is None else str(one.answered)
        yield f"- **{_inline(_first(dict(one.prompt.text.texts)))}** answered by {told}"
        for key, many in one.counts.items():
            option = choice(one.prompt, key)
            yield f"  - `{key}`{'' if option else ' (not offered any more)'}: {'withheld' if many is None else many}"
        if one.numbers is not None and one.numbers.mean is not None:
            yield f"  - on average {numeral(one.numbers.mean)}"


def _when(of: Consultation) -> str:
    opened = f"from {of.opens_at:%Y-%m-%d}" if of.opens_at else ""
    closed = f"to {of.closes_at:%Y-%m-%d}" if of.closes_at else ""
    return " ".join(filter(None, (opened, closed))) or "at no set time"


def _first(words: Mapping[str, str]) -> str:
    return next(iter(words.values()), "")


def _inline(words: str) -> str:
    """On one line, and nothing of it taken for Markdown or HTML."""
    flat = " ".join(words.split())
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|&" else letter for letter in flat)
