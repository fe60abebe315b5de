"""A former member's words in what others wrote: finding them there, and blacking them out."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from core.ideas import Idea
from core.outbound import File, Message
from core.stories import Entry, EntryKind
from core.texts import Localised
from core.turns.ideas import short

ERASED_WORDS = "[…]"
"""What stands in their place, in any language."""

TELLING = 12
"""Words shorter than this might be anybody's, so they are theirs only where somebody quotes them."""

OF_AUTHOR = frozenset(
    {
        EntryKind.SAID, EntryKind.CONFIRMED, EntryKind.EDITED, EntryKind.REPLIED, EntryKind.APPEALED,
        EntryKind.OBJECTED, EntryKind.CONTESTED, EntryKind.WITHDRAWN, EntryKind.HEARD,
    }
)  # fmt: skip
"""What an idea's author did to its story: with the author goes what would prove it, whether it has words or not."""

_OPENS, _CLOSES = "[“\"„«‘'‹]", "[”\"“»’'›]"
_PROBED = 8
"""Words of a text that `probe` looks for: more tell little more."""


@dataclass(frozen=True, slots=True)
class TheirWords:
    """All that somebody said, as it may stand in the words of others: whole, or cut short as messages cut it."""

    said: tuple[str, ...]
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, said: Iterable[str]) -> "TheirWords":
        distinct = tuple(sorted({" ".join(one.split()) for one in said} - {""}, key=lambda one: (-len(one), one)))
        forms = [form for one in distinct for form in _forms(one)]
        return cls(distinct, re.compile("|".join(forms), re.IGNORECASE) if forms else None)

    def are_in(self, text: str | None) -> bool:
        return bool(text and self.pattern and (self.pattern.search(text) or " ".join(text.split()) in self.said))

    def out_of(self, text: str) -> str:
        """The same text without them."""
        return self.pattern.sub(ERASED_WORDS, text) if self.pattern else text

    def out_of_message(self, message: Message) -> Message:
        keys = tuple(tuple(replace(key, label=self.out_of(key.label)) for key in row) for row in message.keys)
        file = message.file
        if isinstance(file, File):
            file = replace(file, text=self.out_of(file.text))
        return replace(message, text=self.out_of(message.text), title=self.out_of(message.title), keys=keys, file=file)

    def out_of_localised(self, words: Localised) -> Localised:
        return Localised(tuple((code, self.out_of(text)) for code, text in words.texts))


def _forms(said: str) -> list[str]:
    """Patterns, the whole before what is cut short; between two words may be any space."""
    whole = _spaced(said)
    if len(said) < TELLING:
        return [f"(?<={_OPENS}){whole}(?={_CLOSES})"]
    cut = short(said)
    return [whole] if cut == said else [whole, _spaced(cut.removesuffix("…")) + r"\s*…"]


def _spaced(said: str) -> str:
    return r"\s+".join(map(re.escape, said.split()))


def probe(said: str) -> tuple[str, ...]:
    """The first words of a text, as far as messages show them when they cut it short: whatever shows the text, whole
    or cut, has these in their order. A database looks for them first. Letters that it might not know in both cases are
    `_`; empty where there is no word at all."""
    shown = short(said)
    words: list[str] = re.findall(r"\w+", shown.removesuffix("…"))
    whole = words[:-1] if shown != said and len(words) > 1 else words
    return tuple(re.sub(r"[^\x00-\x7f]", "_", word) for word in whole[:_PROBED])


def is_to_go(entry: Entry, words: TheirWords) -> bool:
    """Whether an entry of a story of theirs goes with its words."""
    return entry.kind in OF_AUTHOR or entry.text is not None or words.are_in(entry.reason)


def words_of(ideas: Iterable[Idea], others: Collection[str] = ()) -> TheirWords:
    """`others`: what they said elsewhere."""
    return TheirWords.of([entry.text for idea in ideas for entry in idea.story if entry.text] + list(others))
