"""The message catalogues: whole, true to the code, with the plurals of each language, and sayable."""

import ast
import re
from collections.abc import Iterator
from gettext import c2py
from pathlib import Path
from shutil import copy
from string import Formatter

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from core.texts import LOCALE_DIR, TN, Phrase, T, language_names, load_texts
from folkmoot.catalogue import ROOMS, ROOT, collect, update, write

LANGUAGES = sorted(path.stem for path in LOCALE_DIR.glob("*.po"))
COUNTS = (0, 1, 2, 3, 4, 6, 7, 11, 100, 1_000_000)
LARGEST_COUNT = 200
FEWEST = ("zero", "one", "two")
"""The forms that may leave the number out: “no ideas”, “one idea”, “both ideas”."""

TEXTS = load_texts()
SENTENCES = collect()

each_language = pytest.mark.parametrize("language", LANGUAGES)


def read(language: str, directory: Path = LOCALE_DIR) -> Catalog:
    with (directory / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def translated(language: str) -> Iterator[Message]:
    return (message for message in read(language) if message.id)


def forms(words: object) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, tuple | list) else (str(words),)


def named(language: str) -> tuple[str, ...]:
    """The plural forms of a language as CLDR names them, in the order in which a catalogue has them."""
    plural = Locale.parse(language).plural_form
    found = {plural(n) for n in range(LARGEST_COUNT + 1)}
    return tuple(form for form in ("zero", "one", "two", "few", "many", "other") if form in found)


def places(sentence: str) -> frozenset[str]:
    """The `{places}` to fill. `{walk: On foot}`, an example of what to write into a file, is none."""
    parsed = Formatter().parse(sentence)
    return frozenset(name for _, name, spec, _ in parsed if name is not None and not spec)


def phrases() -> Iterator[Phrase]:
    """Every sentence there is, its places filled with something, in every number."""
    for message in SENTENCES:
        one, *many = forms(message.id)
        values = tuple((name, name.upper()) for name in sorted(places("".join(forms(message.id))) - {"count"}))
        if many:
            yield from (Phrase(one, (*values, ("count", n)), many[0], n) for n in COUNTS)
        elif one:
            yield Phrase(one, (*values, *((("count", 3),) if "count" in places(one) else ())))


# --- whole
@each_language
def test_every_sentence_of_the_code_is_in_the_catalogue_and_no_other(language: str) -> None:
    wanted = {forms(message.id) for message in SENTENCES if message.id}
    assert {forms(message.id) for message in translated(language)} == wanted, "run `make texts`"
    assert not read(language).obsolete


@each_language
def test_every_sentence_is_translated_in_every_form_and_none_of_it_is_a_guess(language: str) -> None:
    for message in translated(language):
        wanted = len(named(language)) if message.pluralizable else 1
        assert len(list(filter(None, forms(message.string)))) == wanted, message.id
        assert not message.fuzzy, message.id


def test_every_marked_sentence_is_written_out_where_it_is_marked() -> None:
    """The collector reads the code without running it: a sentence put together from pieces would pass it by."""
    marked = [call for file in _python_files() for call in _calls(file)]
    assert marked
    pieced = [ast.unparse(call) for call in marked if not all(map(_is_written_out, call.args[: _sentences_in(call)]))]
    assert not pieced


def test_nothing_is_said_where_nobody_collects_it() -> None:
    """What is remembered says nothing: a sentence there would be English to everybody."""
    assert not [file.name for file in (ROOT / "storage").rglob("*.py") for _ in _calls(file)]


def test_what_fills_a_sentence_is_what_it_has_places_for() -> None:
    for call in (call for file in _python_files() for call in _calls(file)):
        sentences = call.args[: _sentences_in(call)]
        wanted = places("".join(str(ast.literal_eval(sentence)) for sentence in sentences))
        given = {str(keyword.arg) for keyword in call.keywords}
        if len(sentences) > 1 and "number" not in wanted:  # where it is written as its reader writes numbers
            given.add("count")
        assert given == wanted, ast.unparse(call)


def test_what_fills_a_sentence_of_a_page_is_what_it_has_places_for() -> None:
    pages = sorted((ROOT / "web" / "templates").rglob("*.html"))
    assert pages
    for page in pages:
        for call in Environment(autoescape=True).parse(page.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                (sentence,) = call.args
                assert isinstance(sentence, nodes.Const), page.name
                assert {keyword.key for keyword in call.kwargs} == places(sentence.value), sentence.value


def _python_files() -> list[Path]:
    return [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")) if file.name != "texts.py"]


def _calls(file: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("T", "TN"):
            yield node


def _sentences_in(call: ast.Call) -> int:
    return 2 if isinstance(call.func, ast.Name) and call.func.id == "TN" else 1


def _is_written_out(sentence: ast.expr) -> bool:
    return isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)


# --- true to the English
@each_language
def test_a_translation_has_the_places_of_its_sentence(language: str) -> None:
    for message in translated(language):
        wanted = places("".join(forms(message.id)))
        names = named(language) if message.pluralizable else ("",)
        for form, words in zip(names, forms(message.string), strict=True):
            missing = wanted - places(words)
            assert places(words) <= wanted, words
            assert not missing or (missing == {"count"} and form in FEWEST), words


@each_language
def test_a_translation_begins_and_ends_as_its_sentence_does(language: str) -> None:
    for message in translated(language):
        for words in forms(message.string):
            assert _edges(words) == _edges(forms(message.id)[0]), words
            assert words.count("\n") == forms(message.id)[0].count("\n"), words


@each_language
def test_a_translation_keeps_the_commands_and_the_word_stop(language: str) -> None:
    for message in translated(language):
        for words in forms(message.string):
            assert _typed(words) == _typed(forms(message.id)[0]), words


@each_language
def test_a_translation_has_typographic_apostrophes(language: str) -> None:
    assert not [words for message in translated(language) for words in forms(message.string) if "'" in words]


def _edges(words: str) -> tuple[str, str]:
    return words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]


def _typed(words: str) -> list[str]:
    return sorted(re.findall(r"(?<!\S)/[a-z]+|\bSTOP\b|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", words))


# --- plurals
@each_language
def test_the_plural_rule_is_that_of_the_language(language: str) -> None:
    catalogue = read(language)
    rule, plural = c2py(catalogue.plural_expr), Locale.parse(language).plural_form
    assert catalogue.num_plurals == len(named(language))
    assert {n: named(language)[rule(n)] for n in range(LARGEST_COUNT + 1)} == {
        n: plural(n) for n in range(LARGEST_COUNT + 1)
    }


@each_language
def test_every_number_is_said_in_its_own_form(language: str) -> None:
    plural = Locale.parse(language).plural_form
    for message in translated(language):
        if not message.pluralizable:
            continue
        one, many = forms(message.id)
        for count in COUNTS:
            form = forms(message.string)[named(language).index(plural(count))]
            others = {name: name.upper() for name in places(one + many) - {"count"}}
            said = TEXTS.say(TN(one, many, count, **others), language)
            assert said == form.format(count=count, **others)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "Ni lwythwyd yr un corff."),
        (1, "Llwythwyd 1 corff."),
        (2, "Llwythwyd 2 gorff."),
        (3, "Llwythwyd 3 chorff."),
        (6, "Llwythwyd 6 chorff."),
        (7, "Llwythwyd 7 corff."),
        (100, "Llwythwyd 100 corff."),
    ],
)
def test_a_welsh_number_changes_the_word_after_it(count: int, said: str) -> None:
    assert TEXTS.say(TN("Loaded {count} body.", "Loaded {count} bodies.", count), "cy") == said


# --- sayable
@pytest.mark.parametrize("language", [*TEXTS.languages, "tlh"])
def test_every_sentence_can_be_said_with_every_place_filled(language: str) -> None:
    for phrase in phrases():
        said = TEXTS.say(phrase, language)
        assert said.strip()
        assert not any("{" + name + "}" in said for name, _ in phrase.values)


def test_a_language_that_we_do_not_speak_hears_english() -> None:
    assert TEXTS.say(T("Hello!"), "tlh") == "Hello!"


def test_each_language_is_called_what_it_calls_itself() -> None:
    names = language_names(TEXTS.languages)
    assert (names["en"], names["cy"]) == ("English", "Cymraeg")
    assert set(names) == {"en", *LANGUAGES}


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("cy", "cy"),
        ("cy-GB", "cy"),
        ("cy_GB", "cy"),
        ("CY", "cy"),
        ("cy-Latn-GB", "cy"),
        ("en", "en"),
        ("en-US", "en"),
        ("fr-FR", "en"),
        (None, "en"),
        ("", "en"),
        ("cym", "en"),
        ("-cy", "en"),
        ("../cy", "en"),
        ("\x00", "en"),
    ],
)
def test_a_platforms_locale_asks_for_one_of_our_languages(locale: str | None, language: str) -> None:
    assert TEXTS.language_for(locale) == language


# --- collecting
@each_language
def test_collecting_twice_changes_nothing_the_second_time(language: str, tmp_path: Path) -> None:
    file = Path(copy(LOCALE_DIR / f"{language}.po", tmp_path))
    written = []
    for _ in range(2):
        write(file, update(file, collect()))
        written.append(file.read_bytes())
    assert written[0] == written[1]


def test_a_new_language_begins_with_every_sentence_untranslated(tmp_path: Path) -> None:
    file = tmp_path / "de.po"
    file.touch()
    write(file, update(file, SENTENCES))
    begun = read("de", tmp_path)
    assert {forms(message.id) for message in begun} == {forms(message.id) for message in SENTENCES}
    assert not [message.id for message in begun if message.id and any(forms(message.string))]


@each_language
def test_a_catalogue_says_nothing_of_the_machine_or_the_day_it_was_written(language: str, tmp_path: Path) -> None:
    file = Path(copy(LOCALE_DIR / f"{language}.po", tmp_path))
    write(file, update(file, SENTENCES))
    lines = file.read_text(encoding="utf-8").splitlines()
    standing = {place for line in lines if line.startswith("#: ") for place in line.removeprefix("#: ").split()}
    header = lines[: lines.index("")]
    assert standing
    assert not [place for place in standing if place.startswith("/") or not (ROOT / place).is_file()]
    assert not [line for line in header if re.search(r"\d{4}-\d\d-\d\d|Date|Babel", line)]
    assert str(ROOT) not in file.read_text(encoding="utf-8")
