"""A manuscript as the fields of an HTML form, and what is posted back as a manuscript.

Lists are by number: `prompts` names those that there are, in their order, and `prompts.3.ask.en` is a field of one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.flows.fields import LONGEST_KEY, LONGEST_SLUG, slug_from
from core.flows.manuscripts.manuscript import AFTER, BEFORE, OFF, USUAL, Check, Choice, Due, Manuscript, Question, Said
from core.flows.prompts import KINDS
from core.flows.tree import UNWRITABLE
from core.texts import SOURCE_LANGUAGE

Pairs = Sequence[tuple[str, str]]
Renamed = Mapping[str, tuple[str, Mapping[str, str]]]
"""By the key that a question had when the page was shown: the one that it has now, and the same of its options."""

LONGEST_MADE = LONGEST_KEY - 1
"""Of an option’s key that is made here: so it fits into a button, however long the other names in that are."""

WORDS = (
    "slug",
    "timezone",
    "opens",
    "closes",
    "repeats",
    "keyword",
    "active",
    "body",
    "within",
    "outcome_at",
    "results",
    "ideas",
    "smallest",
)
LISTS = ("languages", "bodies", "topics", "speaking")
SAID = ("title", "framing", "outcome")
STEPS = ("invitation", "closing", "thanks", "told")

_CODE = re.compile(r"[a-z]{2,3}")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


# --- to fields
def write_fields(text: Manuscript) -> list[tuple[str, str]]:
    return list(_fields(text))


def _fields(text: Manuscript) -> Iterator[tuple[str, str]]:
    for name in WORDS:
        yield name, getattr(text, name)
    for name in LISTS:
        yield from ((name, one) for one in getattr(text, name))
    if text.verified:
        yield "verified", "yes"
    for name in SAID:
        yield from _said(name, getattr(text, name))
    for number, question in enumerate(text.questions):
        yield "prompts", str(number)
        yield from _question(f"prompts.{number}", question)
    for name in STEPS:
        yield from _due(f"nudges.{name}", getattr(text, name))
    for number, reminder in enumerate(text.reminders):
        yield "nudges.reminders", str(number)
        yield from _due(f"nudges.reminders.{number}", reminder)


def _said(name: str, said: Said) -> Iterator[tuple[str, str]]:
    yield from ((f"{name}.{code}", words) for code, words in said)


def _question(name: str, one: Question) -> Iterator[tuple[str, str]]:
    yield f"{name}.kind", one.kind
    yield f"{name}.was", one.key
    yield f"{name}.key", one.key
    if one.required:
        yield f"{name}.required", "yes"
    for key in ("least", "most"):
        yield f"{name}.{key}", getattr(one, key)
    for key in ("ask", "help", "low", "high"):
        yield from _said(f"{name}.{key}", getattr(one, key))
    for number, option in enumerate(one.options):
        yield f"{name}.options", str(number)
        yield f"{name}.options.{number}.was", option.key
        yield f"{name}.options.{number}.key", "" if option.is_unnamed else option.key
        yield from _said(f"{name}.options.{number}.label", option.label)
    for number, check in enumerate(one.when):
        yield f"{name}.when", str(number)
        yield f"{name}.when.{number}.prompt", check.prompt
        yield f"{name}.when.{number}.test", check.test
        yield from ((f"{name}.when.{number}.values", value) for value in check.values)


def _due(name: str, due: Due) -> Iterator[tuple[str, str]]:
    for key in ("how", "count", "unit", "at"):
        yield f"{name}.{key}", getattr(due, key)


# --- from fields
@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted, by name; languages in the order in which their fields stood."""

    by_name: Mapping[str, Sequence[str]]
    names: Sequence[str]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Posted":
        by_name: dict[str, list[str]] = {}
        for name, value in pairs:
            by_name.setdefault(name, []).append(tidied(value))
        return cls(by_name, tuple(by_name))

    def one(self, name: str) -> str:
        return self.by_name.get(name, ("",))[-1]

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self.by_name.get(name, ()) if value)

    def moment(self, name: str) -> str:
        typed = self.one(name)
        return typed.replace("T", " ") if _LOCAL.fullmatch(typed) else typed

    def said(self, name: str) -> Said:
        """Empty words are words that are missing."""
        start = f"{name}."
        codes = [one.removeprefix(start) for one in self.names if one.startswith(start)]
        return tuple(
            (code, self.one(start + code)) for code in codes if _CODE.fullmatch(code) and self.one(start + code)
        )


def tidied(text: str) -> str:
    """Without what no file could keep."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return UNWRITABLE.sub("", lines).replace("\t", " ").strip()


def read_fields(pairs: Iterable[tuple[str, str]]) -> Manuscript:
    """Keys that nobody typed are made of the words; a key that was changed is changed in the conditions, too."""
    posted = Posted.of(pairs)
    slug, title = posted.one("slug"), posted.said("title")
    languages = [code for code in posted.all("languages") if _CODE.fullmatch(code)]
    read = Manuscript(
        slug=slug or slug_from(title[0][1] if title else "", "-", LONGEST_SLUG),
        title=title,
        framing=posted.said("framing"),
        timezone=posted.one("timezone"),
        opens=posted.moment("opens"),
        closes=posted.moment("closes"),
        repeats=posted.one("repeats"),
        keyword=posted.one("keyword"),
        bodies=posted.all("bodies"),
        topics=posted.all("topics"),
        speaking=posted.all("speaking"),
        active=posted.one("active"),
        verified=posted.one("verified") == "yes",
        body=posted.one("body"),
        within=posted.one("within"),
        questions=_questions(posted),
        invitation=_read_due(posted, "nudges.invitation"),
        reminders=tuple(_read_due(posted, f"nudges.reminders.{n}", AFTER) for n in posted.all("nudges.reminders")),
        closing=_read_due(posted, "nudges.closing"),
        thanks=_read_due(posted, "nudges.thanks"),
        told=_read_due(posted, "nudges.told"),
        outcome=posted.said("outcome"),
        outcome_at=posted.moment("outcome_at"),
        results=posted.one("results"),
        ideas=posted.one("ideas"),
        smallest=posted.one("smallest"),
    )
    return replace(read, languages=tuple(dict.fromkeys((*languages, *spoken(read)))) or (SOURCE_LANGUAGE,))


def spoken(text: Manuscript) -> Iterator[str]:
    """The languages in which anything is said in it, again and again."""
    said = [text.title, text.framing, text.outcome]
    for one in text.questions:
        said += [one.ask, one.help, one.low, one.high, *(option.label for option in one.options)]
    return (code for words in said for code, _ in words)


def _questions(posted: Posted) -> tuple[Question, ...]:
    numbers = tuple(dict.fromkeys(posted.all("prompts")))
    taken = {posted.one(f"prompts.{number}.key") for number in numbers}
    keys: dict[str, str] = {}
    for number in numbers:
        ask = posted.said(f"prompts.{number}.ask")
        keys[number] = posted.one(f"prompts.{number}.key")
        if not keys[number] and ask:
            keys[number] = free_key(ask[0][1], taken, "question")
            taken.add(keys[number])
    options = {number: _options(posted, f"prompts.{number}.options") for number in numbers}
    renamed = {
        posted.one(f"prompts.{number}.was"): (keys[number], {was: one.key for was, one in reversed(options[number])})
        for number in numbers
    }
    renamed.pop("", None)
    return tuple(
        _read_question(posted, f"prompts.{number}", keys[number], tuple(one for _, one in options[number]), renamed)
        for number in numbers
    )


def _read_question(posted: Posted, name: str, key: str, options: tuple[Choice, ...], renamed: Renamed) -> Question:
    kind = posted.one(f"{name}.kind")
    return Question(
        kind=kind if kind in KINDS else "text",
        key=key,
        ask=posted.said(f"{name}.ask"),
        help=posted.said(f"{name}.help"),
        required=posted.one(f"{name}.required") == "yes",
        options=options,
        least=posted.one(f"{name}.least"),
        most=posted.one(f"{name}.most"),
        low=posted.said(f"{name}.low"),
        high=posted.said(f"{name}.high"),
        when=tuple(_checks(posted, f"{name}.when", renamed)),
    )


def _options(posted: Posted, name: str) -> list[tuple[str, Choice]]:
    """Each after the key that it had when the page was shown. One that nobody has named is named by its label."""
    options: list[tuple[str, Choice]] = []
    numbers = tuple(dict.fromkeys(posted.all(name)))
    typed = [posted.one(f"{name}.{number}.key") for number in numbers]
    taken = {key for key in typed if key}
    for place, (number, key) in enumerate(zip(numbers, typed, strict=True)):
        label, was = posted.said(f"{name}.{number}.label"), posted.one(f"{name}.{number}.was")
        if not key or key in typed[:place]:
            words = label[0][1] if label else was if was not in taken else ""
            key = free_key(words, taken, "option", LONGEST_MADE)
            taken.add(key)
        options.append((was, Choice(key, label)))
    return options


def _checks(posted: Posted, name: str, renamed: Renamed) -> Iterator[Check]:
    for number in posted.all(name):
        prompt = posted.one(f"{name}.{number}.prompt")
        test = posted.one(f"{name}.{number}.test")
        if prompt:
            key, options = renamed.get(prompt, (prompt, {}))
            values = tuple(options.get(value, value) for value in posted.all(f"{name}.{number}.values"))
            yield Check(key, test if test in ("not", "above", "below") else "is", values)


def _read_due(posted: Posted, name: str, usual: str = USUAL) -> Due:
    how = posted.one(f"{name}.how") or usual
    if how not in (AFTER, BEFORE):
        if usual == USUAL:
            return Due(OFF if how == OFF else USUAL)
        how = usual
    return Due(how, posted.one(f"{name}.count"), posted.one(f"{name}.unit"), posted.one(f"{name}.at"))


def free_key(words: str, taken: Iterable[str], otherwise: str, longest: int = LONGEST_KEY) -> str:
    """A key made of the words that isn't taken yet."""
    taken = set(taken)
    key = slug_from(words, "_", longest)
    if key and key not in taken:
        return key
    stem = (key or otherwise)[: longest - 3]
    return next(f"{stem}_{number}" for number in range(1, len(taken) + 2) if f"{stem}_{number}" not in taken)
