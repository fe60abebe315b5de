"""What counts as an answer to a prompt, however it was given, and how an answer is shown back."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.numerals import read_whole
from core.prompts import Option, Prompt, PromptKind, Value, choice
from core.texts import TN, Lines, Localised, Phrase, T, Words

LONGEST_TEXT = 4_000
LONGEST_IDEA = 2_000
SHORTEST_IDEA = 3
"""Letters or digits: less is a slip of the thumb."""
LARGEST_NUMBER = 1e15
"""Up to here a float still holds every whole number."""

_LONGEST_CHOICE = 2_000
_LONGEST_NUMBER = 40
_AROUND_WORDS = " .!?,;:…()#\"'*"


def _words(*typed: str) -> frozenset[str]:
    return frozenset(word for line in typed for word in line.split("; "))


YES = _words(
    "yes; y; yeah; yep; yup; aye; ok; okay; sure; true; 👍; yes please; yes, please; i agree; yes, i agree",
    "ie; ydw; ydy; ydi; ydyn; oes; do; gwnaf; iawn; byddwn; hoffwn; ie, plîs; rwy'n cytuno; ydy, rwy'n cytuno",
)
NO = _words(
    "no; n; nope; nah; false; 👎; no thanks; no, thanks; no thank you; no, thank you",
    "na; nac; nag; nage; naddo; nac ydw; nac ydy; nac ydi; nac oes; nag oes; na fyddwn; dim diolch; na, dim diolch",
)
AGREE = _words("agree; agreed; i agree; cytuno; rwy'n cytuno; dwi'n cytuno; rydw i'n cytuno")
DISAGREE = _words("disagree; i disagree; anghytuno; rwy'n anghytuno; dwi'n anghytuno; rydw i'n anghytuno")
PASS = _words(
    "pass; unsure; not sure; i'm not sure; don't know; i don't know; no opinion",
    "pasio; ansicr; ddim yn siŵr; ddim yn gwybod; dwi ddim yn gwybod; dim barn",
)


def read_answer(prompt: Prompt, given: str | tuple[str, ...]) -> Value | Phrase:
    """The answer, or a sentence that says what would be one. Of an idea: its words. Never raises."""
    if prompt.kind in (PromptKind.MANY, PromptKind.RANK):
        return _picked(prompt, given)
    if isinstance(given, tuple):
        given = given[0] if len(given) == 1 else ""
    match prompt.kind:
        case PromptKind.IDEA:
            if sum(map(str.isalnum, given)) < SHORTEST_IDEA:
                return T("Please say it in a few words.")
            return _text(given, LONGEST_IDEA)
        case PromptKind.TEXT:
            return _text(given, LONGEST_TEXT)
        case PromptKind.ONE:
            found = _find(prompt.options, given)
            return found.key if found else T("Please pick one of: {options}.", options=_labels(prompt.options))
        case PromptKind.YESNO:
            return _word(given, yes=YES, no=NO) or T("Please answer yes or no.")
        case PromptKind.STATEMENT:
            said = _word(given, agree=AGREE | YES, disagree=DISAGREE | NO, **{"pass": PASS})
            return said or T("Please answer agree, disagree or pass.")
        case PromptKind.SCALE:
            return _step(prompt, given)
        case PromptKind.NUMBER:
            return _number(prompt, given)


def show_answer(prompt: Prompt, value: Value | None) -> Words:
    """How an answer is shown back. An option that has since gone from the prompt shows as its key."""
    match value:
        case None:
            return T("skipped")
        case ():
            return T("none of them")
        case tuple():
            labels = [_label(prompt, key) for key in value]
            if prompt.kind is PromptKind.RANK:
                labels = [T("{number}. {label}", number=n, label=label) for n, label in enumerate(labels, 1)]
            return joined(labels)
        case str():
            return _label(prompt, value)
        case _:
            return numeral(value)


def joined(words: Sequence[Words]) -> Words:
    """`Parks, Buses, Bins` in whatever language each is then said in."""
    if not words:
        return ""
    whole = words[-1]
    for one in reversed(words[:-1]):
        whole = T("{first}, {rest}", first=one, rest=whole)
    return whole


def numeral(number: float) -> str:
    """In digits, never `1e+15`; whole numbers without a point."""
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")


def plain(text: str) -> str:
    """What is left when two people who type the same word type it differently: case, spaces, quotes, full stops."""
    straight = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("‘", "'")
    spaced = " ".join(re.sub(r"\s*[,;\n]\s*", ", ", straight).split())
    return spaced.strip(_AROUND_WORDS) or spaced


def _text(given: str, longest: int) -> str | Phrase:
    text = given.strip()
    if not any(symbol.isprintable() and not symbol.isspace() for symbol in text):
        return T("Please write a few words.")
    if len(text) > longest:
        return T("That is {length} characters long; please keep it to {most}.", length=len(text), most=longest)
    return text


def _word(given: str, **meanings: frozenset[str]) -> str | None:
    word = plain(given[:_LONGEST_CHOICE])
    return next((key for key, words in meanings.items() if word == key or word in words), None)


def _find(options: Sequence[Option], given: str) -> Option | None:
    """By key first, then by label in any language, then by number in the list."""
    if len(given) > _LONGEST_CHOICE:
        return None
    typed, bare = plain(given), given.strip()
    for option in options:
        if option.key == bare:
            return option
    for option in options:
        if typed and (plain(option.key) == typed or any(plain(label) == typed for label in _spoken(option.label))):
            return option
    place = read_whole(typed, len(options))
    return options[place - 1] if place else None


def _spoken(label: Words) -> tuple[str, ...]:
    match label:
        case str():
            return (label,)
        case Localised():
            return tuple(text for _, text in label.texts)
        case Phrase():
            return (label.msgid,)
        case Lines(lines):
            return tuple(spoken for line in lines for spoken in _spoken(line))


def _picked(prompt: Prompt, given: str | tuple[str, ...]) -> tuple[str, ...] | Phrase:
    found = _find_all(prompt.options, given)
    if found is None:
        return T("Please pick from: {options}.", options=_labels(prompt.options))
    keys = tuple(dict.fromkeys(option.key for option in found))
    if prompt.kind is PromptKind.MANY:
        keys = tuple(option.key for option in prompt.options if option.key in keys)
    least, most = prompt.picks
    if least <= len(keys) <= most:
        return keys
    if prompt.kind is PromptKind.RANK and least == len(prompt.options):
        return TN("Please pick it.", "Please put all {count} in order, the best first.", least)
    if least == most:
        return TN("Please pick exactly one.", "Please pick exactly {count}.", least)
    if len(keys) < least:
        return TN("Please pick at least one.", "Please pick at least {count}.", least)
    return TN("Please pick only one.", "Please pick at most {count}.", most)


def _find_all(options: Sequence[Option], given: str | tuple[str, ...]) -> list[Option] | None:
    if isinstance(given, tuple):
        found = [_find(options, one) for one in given]
        return [option for option in found if option] if all(found) else None
    if len(given) > _LONGEST_CHOICE:
        return None
    for separators in (r"[,;\n]", r"[,;\n]|\s(?:and|a|ac|&|\+|>|then|wedyn)\s", r"[,;\s]+"):
        parts = [part for part in re.split(separators, given) if part.strip()]
        if (several := _find_each(options, parts)) is not None:
            return several
    return None


def _find_each(options: Sequence[Option], parts: Sequence[str]) -> list[Option] | None:
    """Every part an option; neighbours are tried together first, for a label that has a comma in it."""
    widest = 1 + max((label.count(",") for option in options for label in _spoken(option.label)), default=0)
    found: list[Option] = []
    start = 0
    while start < len(parts):
        for end in range(min(len(parts), start + widest), start, -1):
            if option := _find(options, ", ".join(parts[start:end])):
                found.append(option)
                start = end
                break
        else:
            return None
    return found or None


def _step(prompt: Prompt, given: str) -> int | Phrase:
    low, high = prompt.scale
    number = read_number(given)
    if number is not None and number == int(number) and low <= number <= high:
        return int(number)
    typed = plain(given[:_LONGEST_CHOICE])
    for end, label in ((low, prompt.low), (high, prompt.high)):
        if number is None and label and typed and any(plain(text) == typed for text in _spoken(label)):
            return end
    return T("Please pick a number from {low} to {high}.", low=low, high=high)


def _number(prompt: Prompt, given: str) -> int | float | Phrase:
    number = read_number(given)
    least, most = prompt.least, prompt.most
    if number is None:
        return T("Please send a number, such as 12 or 3.5.")
    if (least is None or number >= least) and (most is None or number <= most):
        return number
    if least is not None and most is not None:
        return T("Please send a number from {least} to {most}.", least=numeral(least), most=numeral(most))
    if least is not None:
        return T("Please send a number of at least {least}.", least=numeral(least))
    return T("Please send a number of at most {most}.", most=numeral(most or 0))


_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<gap>[, '])\d{3}(?:(?P=gap)\d{3})*(?:\.\d+)?", re.ASCII)
_GROUPED_BY_POINTS = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,}|(?: \d{3})+,\d+)", re.ASCII)
_DECIMAL = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+", re.ASCII)


def read_number(typed: str) -> int | float | None:
    """`1,234.5`, `1.234,5`, `3,5`, `£12`, `40 %`. A lone comma before three digits separates thousands."""
    if len(typed) > _LONGEST_NUMBER:
        return None
    text = " ".join(unicodedata.normalize("NFKC", typed).replace("−", "-").replace("’", "'").split())
    sign, text = (-1, text[1:].strip()) if text.startswith("-") else (1, text.removeprefix("+").strip())
    text = text.lstrip("£$€").rstrip("%").strip()
    if _GROUPED.fullmatch(text):
        digits = re.sub("[, ']", "", text)
    elif _GROUPED_BY_POINTS.fullmatch(text):
        digits = text.replace(".", "").replace(" ", "").replace(",", ".")
    elif _DECIMAL.fullmatch(text):
        digits = text.replace(",", ".")
    else:
        return None
    number = sign * float(digits)
    if abs(number) > LARGEST_NUMBER:
        return None
    return int(number) if number == int(number) else number


def _label(prompt: Prompt, key: str) -> Words:
    option = choice(prompt, key)
    return option.label if option else key


def _labels(options: Iterable[Option]) -> Words:
    return joined([option.label for option in options])
