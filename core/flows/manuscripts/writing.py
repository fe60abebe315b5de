"""A manuscript as a file. What is empty but has to be there is written as a key with nothing after it, so that the
mistake has a place."""

from collections.abc import Iterable, Mapping

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from core.flows.manuscripts.manuscript import AFTER, BEFORE, OFF, USUAL, Check, Due, Manuscript, Question, Said
from core.flows.writing import dump, scalar
from core.texts import SOURCE_LANGUAGE

Leaf = str | None | CommentedMap | CommentedSeq


def write_manuscript(text: Manuscript) -> str:
    return dump(CommentedMap(entries(text)))


def write_question(question: Question) -> str:
    """One prompt alone, to be put back later."""
    return dump(CommentedMap({"prompts": CommentedSeq([_question(question, SOURCE_LANGUAGE, plainly=False)])}))


def entries(text: Manuscript) -> dict[str, Leaf]:
    first = text.languages[0] if text.languages else SOURCE_LANGUAGE
    page: dict[str, Leaf] = {"consultation": _word(text.slug)}
    if text.languages != (SOURCE_LANGUAGE,):
        page["languages"] = _row(text.languages)
    page |= {"title": _said(text.title, first), "framing": _said(text.framing, first)}
    page |= _filled({"timezone": text.timezone, "opens": text.opens, "closes": text.closes, "repeats": text.repeats})
    page |= _filled({"keyword": text.keyword})
    if not text.is_everybody:
        page["audience"] = _audience(text)
    if text.body or text.within:
        page["answered by"] = _short({"body": _word(text.body)} | _filled({"within": _days(text.within)}))
    page["prompts"] = CommentedSeq(_question(one, first) for one in text.questions) if text.questions else None
    if not text.has_usual_nudges:
        page["nudges"] = _nudges(text)
    if text.outcome:
        page["outcome"] = _said(text.outcome, first)
    page |= _filled({"outcome at": text.outcome_at, "results": text.results, "ideas": text.ideas})
    page |= _filled({"smallest group": text.smallest})
    return page


def _word(word: str) -> str | None:
    return scalar(word) if word else None


def _filled(words: Mapping[str, str]) -> dict[str, Leaf]:
    return {key: scalar(word) for key, word in words.items() if word}


def _short(written: Mapping[str, Leaf]) -> CommentedMap:
    short = CommentedMap(written)
    if _fits_a_line(short):
        short.fa.set_flow_style()
    return short


def _fits_a_line(leaf: Leaf) -> bool:
    """Between braces nothing would be written as the word “null”."""
    match leaf:
        case None:
            return False
        case str():
            return "\n" not in leaf
        case CommentedMap():
            return all(map(_fits_a_line, leaf.values()))
        case _:
            return all(map(_fits_a_line, leaf))


def _row(words: Iterable[str]) -> CommentedSeq:
    row = CommentedSeq(map(scalar, words))
    if all("\n" not in word for word in row):
        row.fa.set_flow_style()
    return row


def _said(said: Said, first: str, *, plainly: bool = True) -> Leaf:
    if not said:
        return None
    if plainly and [code for code, _ in said] == [first]:
        return scalar(said[0][1])
    written = CommentedMap((code, scalar(words)) for code, words in said)
    if sum(len(words) for _, words in said) <= 60 and not any("\n" in words for _, words in said):
        written.fa.set_flow_style()
    return written


def _days(within: str) -> str:
    if not within.isdecimal():
        return within
    return f"{within} day" if within == "1" else f"{within} days"


def _audience(text: Manuscript) -> CommentedMap:
    named = {"bodies": text.bodies, "topics": text.topics, "languages": text.speaking}
    rows: dict[str, Leaf] = {key: _row(names) for key, names in named.items() if names}
    return _short(rows | _filled({"active within": _days(text.active), "verified": "yes" if text.verified else ""}))


def _question(one: Question, first: str, *, plainly: bool = True) -> CommentedMap:
    """Only what its kind can have: of another kind it may have had more."""

    def said(words: Said) -> Leaf:
        return _said(words, first, plainly=plainly)

    written = CommentedMap({one.kind: _word(one.key), "ask": said(one.ask)})
    if one.help:
        written["help"] = said(one.help)
    if one.required:
        written["required"] = "yes"
    if one.is_chosen_from:
        options = [(scalar(option.key), said(option.label)) for option in one.options]
        keyed = len({key for key, _ in options}) == len(options) and all(key for key, _ in options)
        rows = CommentedMap(options) if keyed else CommentedSeq(label for _, label in options)
        written["options"] = rows if options else None
    if one.is_scale or one.is_bounded:
        named = ("from", "to") if one.is_scale else ("at least", "at most")
        written.update(_filled(dict(zip(named, (one.least, one.most), strict=True))))
    if one.is_scale:
        written.update({key: said(end) for key, end in (("low", one.low), ("high", one.high)) if end})
    if one.when:
        written["when"] = _when(one.when)
    return written


def _when(checks: tuple[Check, ...]) -> CommentedSeq | CommentedMap:
    tables = [{scalar(check.prompt): _check(check)} for check in checks]
    is_plain = len({check.prompt for check in checks}) == len(checks)
    if is_plain and all(check.prompt for check in checks):
        return _short({prompt: test for table in tables for prompt, test in table.items()})
    return CommentedSeq(_short(table) for table in tables)


def _check(check: Check) -> Leaf:
    values: Leaf = _word(check.values[0]) if len(check.values) == 1 else _row(check.values) if check.values else None
    return values if check.test == "is" else _short({check.test: values})


def _nudges(text: Manuscript) -> Leaf:
    steps = (text.invitation, text.closing, text.thanks, text.told)
    if not text.reminders and all(step == Due(OFF) for step in steps):
        return "off"
    written = CommentedMap({"invitation": _due(text.invitation)})
    if text.reminders:
        written["reminders"] = CommentedSeq(_due(one) for one in text.reminders)
    written |= {"closing": _due(text.closing), "thanks": _due(text.thanks), "outcome": _due(text.told)}
    return written


def _due(due: Due) -> Leaf:
    if due.how in (USUAL, OFF):
        return "on" if due.how == USUAL else "off"
    span: dict[str, Leaf] = {}
    if due.count or due.how == BEFORE or not due.at:
        span = {BEFORE if due.how == BEFORE else AFTER: _word(_span(due.count, due.unit))}
    return _short(span | _filled({"at": due.at}))


def _span(count: str, unit: str) -> str:
    return f"{count} {unit}{'' if count == '1' else 's'}" if unit and count else count
