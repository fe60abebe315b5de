"""What we say, before it is said in a language: catalogue phrases, a consultation's own words, plain text.

`T`, `TN` and `N` mark English sentences for the catalogue (`make texts` collects them); `Texts` says them in a
member's language and time zone. Nothing else in the project turns a phrase into a string.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime

SOURCE_LANGUAGE = "en"
LOCALE_DIR = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of the catalogue and the values for its `{places}`."""

    msgid: str
    values: tuple[tuple[str, "Fill"], ...] = ()
    plural: str | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Localised:
    """Words that an organiser wrote, by language; the first is what everybody else sees."""

    texts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, texts: Mapping[str, str] | str) -> "Localised":
        return cls(((SOURCE_LANGUAGE, texts),)) if isinstance(texts, str) else cls(tuple(texts.items()))

    def speaks(self, language: str) -> bool:
        return any(code == language for code, _ in self.texts)

    def in_language(self, language: str) -> str:
        return dict(self.texts).get(language, self.texts[0][1] if self.texts else "")


@dataclass(frozen=True, slots=True)
class Lines:
    """Words under one another, without a blank line between."""

    lines: tuple["Words", ...]


Words = Phrase | Localised | Lines | str
Fill = Words | int | float | datetime | date


def T(msgid: str, /, **values: Fill) -> Phrase:
    return Phrase(msgid, tuple(values.items()))


def N(msgid: str, /) -> str:
    """Only marks a sentence for the catalogue; its `{places}` are filled where it is said, as a `Phrase`."""
    return msgid


def TN(one: str, many: str, count: int, /, **values: Fill) -> Phrase:
    """A sentence with a number in it, `{count}`, in the singular or plural that the language wants."""
    return Phrase(one, (*values.items(), ("count", count)), many, count)


class Texts:
    """The catalogues of every language we speak."""

    def __init__(self, catalogues: Mapping[str, NullTranslations]) -> None:
        self._catalogues = {SOURCE_LANGUAGE: NullTranslations(), **catalogues}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._catalogues)

    def language_for(self, locale: str | None) -> str:
        """The language of ours that a platform's locale (`cy`, `en-GB`, `cy_GB`) asks for."""
        code = (locale or "").replace("_", "-").split("-")[0].lower()
        return code if code in self._catalogues else SOURCE_LANGUAGE

    def say(self, words: Words, language: str, timezone: str = "UTC") -> str:
        match words:
            case str():
                return words
            case Localised():
                return words.in_language(language)
            case Lines(lines):
                return "\n".join(self.say(line, language, timezone) for line in lines)
            case Phrase(msgid, values, plural, count):
                catalogue = self._catalogues.get(language, self._catalogues[SOURCE_LANGUAGE])
                sentence = catalogue.ngettext(msgid, plural, count) if plural else catalogue.gettext(msgid)
                fills = {name: self._fill(value, language, timezone) for name, value in values}
                return sentence.format_map(fills) if fills else sentence

    def _fill(self, value: Fill, language: str, timezone: str) -> str:
        match value:
            case datetime():
                local = value.astimezone(ZoneInfo(timezone))
                return format_datetime(local, "d MMMM y, HH:mm", locale=_babel_locale(language))
            case date():
                return format_date(value, "d MMMM y", locale=_babel_locale(language))
            case int() | float():
                return f"{value:g}" if isinstance(value, float) else str(value)
            case _:
                return self.say(value, language, timezone)


def _babel_locale(language: str) -> Locale:
    try:
        return Locale.parse(language if language != "en" else "en_GB")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def load_texts(directory: Path = LOCALE_DIR) -> Texts:
    """Every `LANGUAGE.po` in the directory."""
    return Texts({path.stem: Catalogue(path) for path in sorted(directory.glob("*.po"))})


class Catalogue(NullTranslations):
    """One language's sentences, read when the first of them is said."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def gettext(self, message: str) -> str:
        return self._read.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._read.ngettext(msgid1, msgid2, n)

    @cached_property
    def _read(self) -> GNUTranslations:
        return _compile(self._path)


def _compile(path: Path) -> GNUTranslations:
    """Compiled in memory, so there is no build step to forget."""
    from babel.messages.mofile import write_mo  # not before a sentence is translated
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem, ignore_obsolete=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def language_names(languages: Iterable[str]) -> dict[str, str]:
    """Each language's own name for itself: `cy` is Cymraeg."""
    return {code: (_babel_locale(code).get_language_name(code) or code).capitalize() for code in languages}
