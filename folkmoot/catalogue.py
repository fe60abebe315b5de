"""Collecting the sentences of the code and the pages into the message catalogues: `make texts`."""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from core.texts import LOCALE_DIR

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "bots", "web", "folkmoot")
KEYWORDS = {"T": None, "N": None, "TN": (1, 2), "_": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.svg", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {"**": {"silent": "no"}}
"""A page that can't be parsed stops the collecting; passed over, it would take its translations with it."""

PLURALS = {
    "cy": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n==3 ? 3 : n==6 ? 4 : 5);",
}
"""As CLDR has them, where Babel's own header doesn't."""

TIRESOME = ('"Project-Id', '"POT-', '"PO-Rev', '"Generated', '"Report', '"Last-Tr', '"Language-Team')
"""Header lines that would change with every collecting, or that say nothing."""


def collect() -> Catalog:
    """Every sentence that somebody may read, with the places it stands in."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for place, msgid in sorted(_sentences(), key=lambda found: (found[0], str(found[1]))):
        catalogue.add(msgid, locations=[(place, 0)])
    return catalogue


def _sentences() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for room in ROOMS:
        for file, _, msgid, _, _ in extract_from_dir(ROOT / room, METHODS, OPTIONS, KEYWORDS):
            if msgid:
                yield f"{room}/{file}", msgid


def update(path: Path, sentences: Catalog) -> Catalog:
    """The catalogue with what is new in it, untranslated, and without what is no longer said."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(sentences, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def write(path: Path, catalogue: Catalog) -> None:
    written = BytesIO()
    write_po(written, catalogue, width=120, omit_header=False, sort_output=False, include_lineno=False)
    lines = [line for line in written.getvalue().decode().splitlines() if not line.startswith(TIRESOME)]
    if plurals := PLURALS.get(path.stem):
        header = f'"Plural-Forms: {plurals}\\n"'
        lines = [header if line.startswith('"Plural-Forms') else line for line in lines]
    path.write_text("\n".join(lines).strip() + "\n", encoding="utf-8")


def untranslated(catalogue: Catalog) -> list[str]:
    def is_translated(message: Message) -> bool:
        return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)

    return [str(message.id) for message in catalogue if message.id and not is_translated(message)]


def main() -> int:
    sentences = collect()
    missing = 0
    for path in sorted(LOCALE_DIR.glob("*.po")):
        catalogue = update(path, sentences)
        write(path, catalogue)
        left = untranslated(catalogue)
        missing += len(left)
        sys.stdout.write(f"{path.stem}: {len(list(catalogue)) - 1} sentences, {len(left)} to translate\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
