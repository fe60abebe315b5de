"""Imports: what a row of a file of members says, and what would become of it.

Two kinds of rows. One with an address (a channel and a user id there) declares that whoever writes from it has offices.
One with a membership number and a postcode, or their hashes, goes to the roll. A row may be both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.bodies import Bodies, Office, Topic
from core.deeds import By
from core.headings import Columns, Part, plain_letters
from core.members import Address, Role
from core.numerals import read_whole
from core.rolls import Hashed, read_hash, read_number, read_postcode
from core.texts import Phrase, T

LONGEST_USER = 64

_ROLES: Mapping[str, Role] = {
    **{role.value: role for role in Role},
    "aelod": Role.MEMBER, "hwylusydd": Role.FACILITATOR, "ysgrifennydd": Role.SECRETARY,
    "ysgrifenyddes": Role.SECRETARY, "trefnydd": Role.ORGANISER, "cynrychiolydd": Role.REPRESENTATIVE,
}  # fmt: skip

_LANGUAGES: Mapping[str, str] = {"english": "en", "saesneg": "en", "welsh": "cy", "cymraeg": "cy"}


# --- a row
@dataclass(frozen=True, slots=True)
class Row:
    """What a row says. `membership` as it is to be stored."""

    who: Address | None = None
    membership: Hashed | None = None
    offices: tuple[Office, ...] = ()
    language: str = ""
    topics: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What rows are read by. `accounts`: those that there are; `hashed`: a number and a postcode, `kept` a row hashed
    elsewhere, both as they are to be stored. `scope`: as `Authority.scope`."""

    topics: tuple[Topic, ...]
    accounts: tuple[str, ...]
    scope: frozenset[str] | None
    hashed: Callable[[str, str], Hashed]
    kept: Callable[[Hashed], Hashed]
    slugs: Mapping[str, str]
    """Of bodies, by any way of writing their names: `names_of`."""

    def read(self, cells: Mapping[Part, str]) -> Row | Phrase:
        """Or why it is rejected."""
        who = self._address(cells.get(Part.CHANNEL, ""), cells.get(Part.USER, ""))
        membership = self._membership(cells)
        offices = self._offices(cells.get(Part.BODY, ""), cells.get(Part.ROLE, ""))
        language = _language(cells.get(Part.LANGUAGE, ""))
        topics = self._topics(cells.get(Part.TOPICS, ""))
        for found in (who, membership, offices, language, topics):
            if isinstance(found, Phrase):
                return found
        row = Row(who, membership, offices, language, topics, cells.get(Part.NAME, ""))  # type: ignore[arg-type]  # no Phrase is left
        if row.who is None and row.membership is None:
            return T("Neither an address nor a membership number stands here.")
        if not row.offices and self.scope is not None:
            return T("Say which body of yours: you organise some, not all.")
        if not row.offices and row.membership is None and not (row.language or row.topics):
            return T("Nothing is said about them: add a body, a language or topics.")
        return row

    def _address(self, channel: str, user: str) -> Address | Phrase | None:
        if not channel and not user:
            return None
        if not user:
            return T("The user id is missing.")
        if not channel:
            return T("The channel is missing: telegram or slack.")
        if len(user) > LONGEST_USER or not user.isprintable() or " " in user:
            return T("“{user}” can’t be a user id.", user=user[:LONGEST_USER])
        wanted = channel.casefold()
        if wanted.partition(":")[0] == "web":
            return T("Nobody can be named beforehand in the web chat: nobody has an id there before they come.")
        exact = [one for one in self.accounts if one.casefold() == wanted]
        found = exact or [one for one in self.accounts if one.partition(":")[0] == wanted]
        if len(found) > 1:
            several = ", ".join(found)
            return T(
                "There are several accounts on {channel}: write one of {accounts}.",
                channel=channel[:40],
                accounts=several,
            )
        if not found:
            return T("There is no account called “{channel}” here.", channel=channel[:40])
        if found[0].startswith("telegram:") and read_whole(user) is None:
            return T("A user id on Telegram is a number, not a @name.")
        return Address(found[0], user.upper() if found[0].startswith("slack:") else user)

    def _membership(self, cells: Mapping[Part, str]) -> Hashed | Phrase | None:
        number_hash, roll_hash = cells.get(Part.NUMBER_HASH, ""), cells.get(Part.ROLL_HASH, "")
        if number_hash or roll_hash:
            pair = Hashed(read_hash(number_hash), read_hash(roll_hash))
            return self.kept(pair) if pair.number and pair.proof else T("This isn’t a row of “folkmoot roll hash”.")
        typed, code = cells.get(Part.NUMBER, ""), cells.get(Part.POSTCODE, "")
        if not typed and not code:
            return None
        number, postcode = read_number(typed), read_postcode(code)
        if not typed:
            return T("The membership number is missing.")
        if not number:
            return T("“{number}” can’t be a membership number.", number=typed[:40])
        if not code:
            return T("The postcode is missing.")
        return self.hashed(number, postcode) if postcode else T("“{code}” can’t be a postcode.", code=code[:40])

    def _offices(self, named: str, role: str) -> tuple[Office, ...] | Phrase:
        """Several bodies stand apart by | or ; and each may have its own role: `leeds:organiser`."""
        usual = _ROLES.get(plain_letters(role)) if role else Role.MEMBER
        if usual is None:
            return T("There is no role called “{role}”.", role=role[:40])
        offices: list[Office] = []
        for one in filter(None, map(str.strip, named.replace("|", ";").split(";"))):
            name, _, own = one.partition(":")
            slug = self.slugs.get(plain_letters(name))
            found = _ROLES.get(plain_letters(own)) if own.strip() else usual
            if slug is None:
                return T("There is no body called “{body}”.", body=name[:40])
            if found is None:
                return T("There is no role called “{role}”.", role=own[:40])
            if self.scope is not None and slug not in self.scope:
                return T("“{body}” isn’t a body that you organise.", body=name[:40])
            offices.append((slug, found))
        if role and not offices:
            return T("A role needs a body.")
        return tuple(sorted(set(offices)))

    def _topics(self, named: str) -> tuple[str, ...] | Phrase:
        found = []
        for name in filter(None, map(str.strip, named.replace("|", ";").replace(",", ";").split(";"))):
            topic = next((one for one in self.topics if plain_letters(name) in _ways(one.slug, one.name.texts)), None)
            if topic is None:
                return T("There is no topic called “{topic}”.", topic=name[:40])
            found.append(topic.slug)
        return tuple(sorted(set(found)))


def names_of(bodies: Bodies) -> dict[str, str]:
    """Short names before names, and of two bodies of the same name neither."""
    names: dict[str, set[str]] = {}
    for body in bodies.living:
        for way in _ways(body.slug, body.name.texts):
            names.setdefault(way, set()).add(body.slug)
    only = {way: next(iter(slugs)) for way, slugs in names.items() if len(slugs) == 1}
    return only | {plain_letters(body.slug): body.slug for body in bodies.living}


def _ways(slug: str, texts: Sequence[tuple[str, str]]) -> set[str]:
    return {plain_letters(slug), *(plain_letters(text) for _, text in texts)}


def _language(typed: str) -> str | Phrase:
    if not typed:
        return ""
    word = typed.casefold().replace("_", "-").partition("-")[0].strip()
    code = _LANGUAGES.get(word, word)
    if 2 <= len(code) <= 3 and code.isascii() and code.isalpha():
        return code
    return T("“{language}” isn’t a language we know: write en or cy.", language=typed[:40])


# --- what becomes of it
class Fate(StrEnum):
    NEW = "new"
    KNOWN = "known"
    CLASH = "clash"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Judged:
    fate: Fate
    why: Phrase | None = None


class ImportState(StrEnum):
    ASKING = "asking"
    """Which column is which."""
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    BROKEN = "broken"
    """The file can't be read, or is gone."""

    @property
    def is_at_work(self) -> bool:
        return self in (ImportState.CHECKING, ImportState.IMPORTING)


@dataclass(frozen=True, slots=True)
class Import:
    """A file that somebody wants to import. `file`: its name on disk; `layout`: how it is written; `total` rows, known
    once they were checked, and `reached` of them so far; `counts` by fate; `touched_at`: when work on it was last done,
    so that it shows when that was cut short."""

    id: int
    member: int | None
    file: str
    state: ImportState
    layout: str
    columns: Columns
    total: int
    reached: int
    counts: Mapping[Fate, int]
    made_at: datetime
    touched_at: datetime


class Imports(Protocol):
    """Files of members that are being imported."""

    async def begin(self, by: By, file: str, layout: str, columns: Columns) -> Import: ...
    async def find(self, id: int) -> Import | None: ...
    async def of(self, member: int) -> Sequence[Import]:
        """Theirs, the newest first."""
        ...

    async def map(self, id: int, columns: Columns) -> None: ...
    async def start(self, by: By, id: int, state: ImportState, was: ImportState, untouched_since: datetime) -> bool:
        """Takes the work on; False where it isn't in that state, or somebody else is at it. Begun anew where the state
        is another than before, else gone on with."""
        ...

    async def reach(self, id: int, state: ImportState, reached: int, counts: Mapping[Fate, int], now: datetime) -> None:
        """So far everything was looked at, and nothing written."""
        ...

    async def end(self, by: By, id: int, state: ImportState) -> None: ...
    async def drop(self, id: int) -> None: ...
    async def older(self, than: datetime) -> Sequence[Import]: ...
    async def accounts(self) -> tuple[str, ...]:
        """Where people are written to: bots and workspaces."""
        ...

    async def judge(self, rows: Sequence[Row], scope: frozenset[str] | None) -> Sequence[Judged]:
        """What would become of each, if nothing but these were imported."""
        ...

    async def take(
        self, id: int, rows: Sequence[Row], scope: frozenset[str] | None, reached: int, others: Mapping[Fate, int],
        now: datetime,
    ) -> None:  # fmt: skip
        """Writes a page of rows, and that so many of the file are done, in one transaction. `others`: rows on the way
        that were not even read. Taken again, it changes nothing."""
        ...
