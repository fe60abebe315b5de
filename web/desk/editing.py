"""A draft as its editor shows it: the form's fields, the mistakes at each, and what a condition can be built from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from babel import Locale, UnknownLocaleError

from core.authority import Authority
from core.consultations import Audience, Consultation
from core.drafts import Content
from core.flows.manuscripts.changes import COUNTED, testable
from core.flows.manuscripts.manuscript import Due, Manuscript, Question
from core.flows.manuscripts.reading import find_manuscript
from core.flows.problems import Checked, Problem
from core.flows.reading import Known, audience_in, read_consultation
from core.prompts import IMPLIED, PromptKind
from core.recurrence import next_openings
from core.texts import N, Phrase, T, Words

KINDS: dict[str, Phrase] = {
    "idea": T("An idea, which gets a story"),
    "text": T("Some words"),
    "one": T("Pick one"),
    "many": T("Pick several"),
    "rank": T("Put in order"),
    "scale": T("A scale"),
    "yesno": T("Yes or no"),
    "number": T("A number"),
    "statement": T("Agree, disagree or pass"),
}
TESTS: dict[str, Phrase] = {
    "is": T("is one of"),
    "not": T("is none of"),
    "above": T("is above"),
    "below": T("is below"),
}
STEPS: dict[str, Phrase] = {
    "invitation": T("Invitation, after the opening"),
    "closing": T("Last call, before the closing"),
    "thanks": T("Thanks, after the closing"),
    "told": T("The outcome, when it is published"),
}
USUAL_TIMES: dict[str, Due] = {
    "invitation": Due("after", "", "day", "10:00"),
    "closing": Due("before", "1", "day", "18:00"),
    "thanks": Due("after", "1", "day", "10:00"),
    "told": Due("after", "1", "hour"),
}
"""What stands in the fields when somebody gives a message a time of its own."""
UNITS: dict[str, Phrase] = {
    "minute": T("minutes"),
    "hour": T("hours"),
    "day": T("days"),
    "week": T("weeks"),
}
RESULTS: dict[str, Phrase] = {
    "": T("after it has closed (usual)"),
    "live": T("at any time, as they come in"),
    "with the outcome": T("together with the outcome"),
    "never": T("never"),
}
IDEAS_ARE: dict[str, Phrase] = {
    "": T("for the body, and for whoever has a code (usual)"),
    "public": T("listed in public without names, which the question says"),
}
RULES: dict[str, Phrase] = {
    "": T("once, and not again"),
    "FREQ=WEEKLY": T("every week"),
    "FREQ=MONTHLY": T("every month"),
    "FREQ=MONTHLY;INTERVAL=3": T("every three months"),
    "FREQ=MONTHLY;INTERVAL=6": T("every six months"),
    "FREQ=YEARLY": T("every year"),
}
COMMON = (
    "en", "cy", "gd", "ga", "kw", "sco", "ar", "bn", "de", "el", "es", "fa", "fr", "gu", "he", "hi", "hu", "it", "lt",
    "lv", "nl", "pa", "pl", "pt", "ro", "ru", "sk", "so", "ta", "tr", "uk", "ur", "yi", "zh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake or a doubt: `field` empty where it is of the whole, or where no form can show the draft."""

    field: str
    line: int
    what: Phrase
    where: Phrase | None = None
    is_empty: bool = False

    @property
    def id(self) -> str:
        return field_id(self.field)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question that a condition may ask about. `choices`: key and label; none where a number is compared."""

    key: str
    name: str
    choices: tuple[tuple[str, Words], ...]
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Edited:
    """`manuscript` None where only the file can be edited, `consultation` None while there are mistakes."""

    text: str
    manuscript: Manuscript | None
    consultation: Consultation | None
    mistakes: tuple[Flaw, ...] = ()
    doubts: tuple[Flaw, ...] = ()
    by_field: Mapping[str, Sequence[Phrase]] = field(default_factory=dict)

    def at(self, *names: str) -> list[Phrase]:
        """What is wrong at these fields."""
        return [what for name in names for what in self.by_field.get(name, ())]

    def wrong_in(self, start: str) -> bool:
        return any(name == start or name.startswith(f"{start}.") for name in self.by_field)

    def earlier(self, at: int) -> tuple[Earlier, ...]:
        return tuple(map(_earlier, testable(self.manuscript, at))) if self.manuscript else ()


def edit(text: str, known: Known, manuscript: Manuscript | None = None) -> Edited:
    """`manuscript`: as it was typed, which may hold more than the file can say."""
    found, checked = find_manuscript(text), read_consultation(text, known)
    is_good = isinstance(checked, Checked)
    problems = () if isinstance(checked, Checked) else checked
    if not text.strip():
        problems = ()
    keyless = _keyless(found.manuscript)
    placed = ((problem, found.field_of(problem)) for problem in problems)
    mistakes = tuple(_flaw(problem, name) for problem, name in placed if name not in keyless)
    doubts = checked.warnings if isinstance(checked, Checked) else ()
    by_field: dict[str, list[Phrase]] = {}
    for one in mistakes:
        by_field.setdefault(one.field, []).append(one.what)
    return Edited(
        text=text,
        manuscript=None if found.manuscript is None else manuscript or found.manuscript,
        consultation=checked.value if isinstance(checked, Checked) and is_good else None,
        mistakes=mistakes,
        doubts=tuple(_flaw(problem, found.field_of(problem)) for problem in doubts),
        by_field=by_field,
    )


def _keyless(text: Manuscript | None) -> set[str]:
    """The keys that will be made of the words, once there are any: that the words are missing is said already."""
    questions = text.questions if text else ()
    return {f"prompts.{place}.key" for place, one in enumerate(questions) if not one.key and not one.ask}


def refused(edited: Edited, name: str, what: Phrase) -> Edited:
    """The same, with one more thing that is wrong at a field."""
    flaw = Flaw(name, 1, what)
    by_field = {**edited.by_field, name: [what, *edited.by_field.get(name, ())]}
    return Edited(edited.text, edited.manuscript, None, (flaw, *edited.mistakes), edited.doubts, by_field)


def content_of(text: str, before: Content | None = None) -> Content:
    """Whom it asks is taken from the text where that can be read, else from what it was before."""
    found = find_manuscript(text).manuscript
    asked = audience_in(text)
    earlier = before or Content("")
    audience = asked if asked is not None else earlier.audience
    if found is None:
        return Content(text, earlier.slug, earlier.title, audience)
    return Content(text, found.slug[:80], (found.title[0][1] if found.title else "")[:200], audience)


def not_yours(authority: Authority) -> Phrase:
    scope = authority.scope or frozenset()
    names = [body.name.in_language("en") for body in authority.bodies.living if body.slug in scope]
    return T("You can ask members of: {bodies}. Tick one of them, and no topics.", bodies=", ".join(names))


def home_audience(authority: Authority) -> Audience:
    """Whom a new draft of theirs asks, to begin with: the whole, or what they organise."""
    if authority.scope is None:
        return Audience()
    own = {slug for slug, role in authority.offices if role.value == "organiser"}
    return Audience(bodies=tuple(body.slug for body in authority.bodies.living if body.slug in own))


def field_id(name: str) -> str:
    """As it stands in the page: without dots, which mean something in a selector."""
    return f"f-{name.replace('.', '-').replace('_', '-')}" if name else "editor"


def in_order(own: Iterable[str], offered: Iterable[str]) -> list[str]:
    """All that is offered, in that order where our own are in it, too; else our own first."""
    mine, all_of_them = list(own), list(offered)
    rest = iter(all_of_them)
    if all(one in rest for one in mine):
        return all_of_them
    return [*mine, *(one for one in all_of_them if one not in mine)]


def languages_of(codes: Iterable[str]) -> dict[str, str]:
    """Each by its own name for itself, else by its English one; by its code where nobody knows it."""
    return {code: _own_name(code) for code in codes}


def offered_languages(besides: Iterable[str]) -> dict[str, str]:
    """Those that can be added, by their English and their own names."""
    names, taken = Locale("en").languages, set(besides)
    return {code: f"{names.get(code, code)} · {_own_name(code)}" for code in COMMON if code not in taken}


@cache
def _own_name(code: str) -> str:
    try:
        own = Locale.parse(code).language_name
    except (UnknownLocaleError, ValueError):
        own = Locale("en").languages.get(code)
    return (own or code).capitalize()


def next_times(edited: Edited) -> tuple[datetime, ...]:
    """When it comes again after the first time, five at the most."""
    one = edited.consultation
    return next_openings(one, one.repeats.opens_at) if one and one.repeats else ()


NOTHING = N("There is nothing after “{key}:”.")
EMPTY = T("Nothing is written here yet.")
"""What a file lacks after its key is, in a form, a field that is still empty."""


def _flaw(problem: Problem, name: str) -> Flaw:
    what = problem.what
    if what.msgid == NOTHING:
        return Flaw(name, problem.line, EMPTY, _where(name), is_empty=True)
    if problem.meant is not None:
        what = T("{what} {meant}", what=problem.what, meant=problem.meant)
    return Flaw(name, problem.line, what, _where(name))


def _where(name: str) -> Phrase | None:
    first, _, rest = name.partition(".")
    if first == "prompts" and rest:
        return T("Question {number}", number=int(rest.partition(".")[0]) + 1)
    return PLACES.get(first)


PLACES: dict[str, Phrase] = {
    "slug": T("Short name"),
    "title": T("Title"),
    "framing": T("Framing"),
    "languages": T("Languages"),
    "timezone": T("Time zone"),
    "opens": T("Opens"),
    "closes": T("Closes"),
    "repeats": T("Comes again"),
    "keyword": T("Keyword"),
    "bodies": T("Who is asked"),
    "topics": T("Who is asked"),
    "speaking": T("Who is asked"),
    "active": T("Who is asked"),
    "verified": T("Who is asked"),
    "body": T("Who answers"),
    "within": T("Who answers"),
    "prompts": T("Questions"),
    "nudges": T("Messages"),
    "outcome": T("Outcome"),
    "outcome_at": T("Outcome"),
    "results": T("Results"),
    "ideas": T("Its ideas"),
    "smallest": T("Results"),
}


def _earlier(question: Question) -> Earlier:
    said = question.ask[0][1] if question.ask else question.key
    labels: list[tuple[str, Words]] = []
    if question.kind in IMPLIED:
        labels = [(option.key, option.label) for option in IMPLIED[question.kind]]
    elif question.kind not in COUNTED:
        labels = [(option.key, option.label[0][1] if option.label else option.key) for option in question.options]
    return Earlier(question.key, said, tuple(labels), question.kind in COUNTED)


assert set(KINDS) == set(PromptKind)  # noqa: S101  a slip of ours
