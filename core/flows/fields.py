"""The single values of a file: keys, flags, numbers, words in several languages. What is wrong goes to `Findings`.

Every `read_…` gives None where it had to report a mistake, so that the rest of the file is still read.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale

from core.answers import read_number
from core.flows.problems import Findings, Spot, closest, did_you_mean, shown
from core.flows.tree import Node, Row, Table, Word
from core.texts import SOURCE_LANGUAGE, Localised, Phrase, T

LONGEST_SLUG = 24
LONGEST_KEY = 16

_FLAGS = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


class Fields:
    """A table's values by key. A key that isn't one of the known is reported at once, and does no further harm."""

    def __init__(self, table: Table, known: Sequence[str], findings: Findings) -> None:
        self.table = table
        self._findings = findings
        self._nodes: dict[str, Node] = {}
        self._guessed: set[str | None] = set()
        for key, node in table.entries:
            if key.text not in known:
                self._guessed.add(closest(key.text, known))
                findings.mistake(key, T("I don’t know the key “{key}”.", key=shown(key.text)), _meant(key.text, known))
            elif isinstance(node, Word) and not node.text:
                findings.mistake(key, T("There is nothing after “{key}:”.", key=key.text))
                self._nodes[key.text] = Word("", key.line, key.column)
            else:
                self._nodes[key.text] = node

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    @property
    def misspelt(self) -> bool:
        """Whether there was a key that we don't know."""
        return bool(self._guessed)

    def get(self, key: str) -> Node | None:
        """None where the key is missing or has nothing after it."""
        node = self._nodes.get(key)
        return None if isinstance(node, Word) and not node.text else node

    def need(self, key: str, example: str) -> Node | None:
        if key not in self and key not in self._guessed:
            write = T("Write “{example}”.", example=example)
            self._findings.mistake(self.table, T("“{key}” is missing here.", key=key), write)
        return self.get(key)


def _meant(key: str, known: Sequence[str]) -> Phrase | None:
    spaced = key.casefold().replace("_", " ").replace("-", " ")
    return T("Did you mean “{word}”?", word=spaced) if spaced in known else did_you_mean(key, known)


def items(node: Node) -> tuple[Node, ...]:
    """The items of a row; a single thing is a row of one."""
    return node.items if isinstance(node, Row) else (node,)


def read_word(node: Node, findings: Findings, example: str) -> Word | None:
    if isinstance(node, Word) and node.text:
        return node
    findings.mistake(node, T("This has to be a single word or line."), T("Write “{example}”.", example=example))
    return None


def read_slug(node: Node, findings: Findings) -> str | None:
    """`good-city`: short lower-case letters, digits and hyphens."""
    word = read_word(node, findings, "good-city")
    if word is None:
        return None
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", word.text) and len(word.text) <= LONGEST_SLUG:
        return word.text
    what = T(
        "“{slug}” can’t be used as a name: {most} at the most of a–z, 0–9 and hyphens.",
        slug=shown(word.text),
        most=LONGEST_SLUG,
    )
    findings.mistake(word, what, _instead(slug_from(word.text, "-", LONGEST_SLUG)))
    return None


def read_key(word: Word, findings: Findings) -> str | None:
    """`one_thing`: the key of a prompt or an option."""
    if re.fullmatch(r"[a-z0-9_]+", word.text) and len(word.text) <= LONGEST_KEY:
        return word.text
    what = T(
        "“{key}” can’t be used as a key: {most} at the most of a–z, 0–9 and _.", key=shown(word.text), most=LONGEST_KEY
    )
    findings.mistake(word, what, _instead(slug_from(word.text, "_", LONGEST_KEY)))
    return None


def slug_from(text: str, joint: str, longest: int) -> str:
    """The same for the same text, always; whole words where that leaves any. May be empty."""
    bare = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().casefold().replace("'", "")
    slug = ""
    for word in re.findall(r"[a-z0-9]+", bare):
        longer = f"{slug}{joint}{word}" if slug else word[:longest]
        if len(longer) > longest:
            break
        slug = longer
    return slug


def _instead(better: str) -> Phrase | None:
    return T("“{word}” would do.", word=better) if better else None


def read_flag(node: Node, findings: Findings) -> bool | None:
    flag = _FLAGS.get(node.text.casefold()) if isinstance(node, Word) else None
    if flag is None:
        findings.mistake(node, T("This has to be “yes” or “no”."))
    return flag


def read_bound(node: Node, findings: Findings, whole: bool = True) -> int | float | None:
    number = read_number(node.text) if isinstance(node, Word) else None
    if number is not None and (not whole or isinstance(number, int)):
        return number
    wanted = (
        T("This has to be a whole number, such as 3.") if whole else T("This has to be a number, such as 3 or 2.5.")
    )
    findings.mistake(node, wanted)
    return None


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages a file is written in; plain words are in the first. `fixed`: the file says that these are all."""

    codes: tuple[str, ...] = (SOURCE_LANGUAGE,)
    fixed: bool = False


@cache
def _names() -> dict[str, str]:
    """Every language's English name by its code."""
    return {code: name for code, name in Locale("en").languages.items() if code.isalpha()}


def read_language(word: Word, findings: Findings) -> str | None:
    if word.text in _names():
        return word.text
    named = [code for code, name in _names().items() if name.casefold() == word.text.casefold()]
    meant = named or [code for code in (word.text.casefold().replace("_", "-").split("-")[0],) if code in _names()]
    example = T("Did you mean “{word}”?", word=meant[0]) if meant else T("English is “en”, Welsh “cy”.")
    findings.mistake(word, T("“{code}” is no language that I know.", code=shown(word.text)), example)
    return None


def read_languages(node: Node, findings: Findings) -> Languages | None:
    codes: list[str] = []
    for item in items(node):
        word = read_word(item, findings, "languages: [en, cy]")
        code = read_language(word, findings) if word else None
        if code in codes:
            findings.mistake(item, T("“{key}” is here twice.", key=code or ""))
        elif code:
            codes.append(code)
    return Languages(tuple(codes), fixed=True) if codes else None


def read_localised(node: Node, languages: Languages, longest: int, findings: Findings) -> Localised | None:
    """Plain words, or a table of languages and words. A language without its words is a doubt."""
    texts: list[tuple[str, str]] = []
    for code, word in _spoken(node, languages, findings):
        if len(word.text) > longest:
            what = T("This is {length} characters long.", length=len(word.text))
            findings.mistake(word, what, T("It may be {most} at the most.", most=longest))
        texts.append((code, word.text))
    said = [code for code, _ in texts]
    for code in languages.codes:
        if said and code not in said and any(map(str.isalpha, texts[0][1])):
            what = T("“{words}” isn’t said in {language}.", words=shown(texts[0][1]), language=_names()[code])
            shown_instead = T("Who speaks it will see “{code}” instead.", code=said[0])
            findings.doubt(node, what, shown_instead)
    return Localised(tuple(texts)) if texts else None


def _spoken(node: Node, languages: Languages, findings: Findings) -> Iterator[tuple[str, Word]]:
    example = "{en: Hello, cy: Helo}"
    match node:
        case Word():
            word = read_word(node, findings, example)
            if word:
                yield languages.codes[0], word
        case Row():
            findings.mistake(node, T("A list can’t be used here."), T("Write “{example}”.", example=example))
        case Table(entries):
            if not entries:
                read_word(node, findings, example)
            for key, value in entries:
                code = read_language(key, findings)
                word = read_word(value, findings, example)
                if code and languages.fixed and code not in languages.codes:
                    what = T("“{code}” isn’t among the languages of this file.", code=code)
                    findings.mistake(key, what, T("Add it to “languages”."))
                if code and word:
                    yield code, word


def find_twins(spots: Iterable[tuple[str, Spot]], findings: Findings) -> bool:
    """Reports every name that was there before; whether there was any."""
    seen: dict[str, Spot] = {}
    twins = False
    for name, spot in spots:
        if name in seen:
            earlier = T("It is in line {line} already.", line=seen[name].line)
            findings.mistake(spot, T("“{key}” is here twice.", key=shown(name)), earlier)
            twins = True
        seen.setdefault(name, spot)
    return twins
