"""A consultation file, read and checked: a consultation, or every mistake in it at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.actions import VERBS
from core.answers import AGREE, DISAGREE, NO, PASS, YES
from core.consultations import EVERYBODY, USUAL_LEAST, Audience, Consultation, Repeats, ResultsWhen
from core.flows.fields import (
    LONGEST_SLUG,
    Fields,
    Languages,
    items,
    read_bound,
    read_flag,
    read_language,
    read_languages,
    read_localised,
    read_slug,
    read_word,
)
from core.flows.nudges import check_plan, read_plan
from core.flows.problems import Checked, Findings, Problem, did_you_mean, shown
from core.flows.prompts import read_prompts
from core.flows.times import read_days, read_moment, read_timezone
from core.flows.tree import Node, Row, Table, Word, read_tree
from core.prompts import Prompt, PromptKind
from core.receipts import read_code
from core.recurrence import NotARule, longest_ending, openings, overlaps, tidy
from core.texts import Localised, T
from core.understanding import COMMANDS, PLAIN_WORDS, STOP_WORDS

KEYS = (
    "consultation", "title", "framing", "languages", "timezone", "opens", "closes", "keyword", "audience",
    "answered by", "prompts", "nudges", "outcome", "outcome at", "results", "ideas", "smallest group",
    "repeats",
)  # fmt: skip

LONGEST_TITLE = 150
LONGEST_FRAMING = 2_000
LONGEST_OUTCOME = 3_000
LONGEST_KEYWORD = 24
LEAST_LEAST, MOST_LEAST = 2, 100
"""Between which the smallest group that is shown may be set."""
RESERVED = frozenset(
    {*VERBS, *COMMANDS, *PLAIN_WORDS, *STOP_WORDS, *YES, *NO, *AGREE, *DISAGREE, *PASS, "skip", "yes", "no", "none"}
)
"""Words that mean something else when somebody types them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What exists beside the file. `keywords`: those that are taken, and by which consultation."""

    bodies: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    keywords: Mapping[str, str] = field(default_factory=dict)


def read_consultation(text: str, known: Known | None = None) -> Checked[Consultation] | tuple[Problem, ...]:
    """The consultation and what is doubtful in it, or its mistakes in the file's order. Without `known`, bodies,
    topics and keywords are taken at their word."""
    findings = Findings()
    table = read_tree(text, findings)
    if table is None:
        return findings.mistakes
    consultation = _consultation(Fields(table, KEYS, findings), known, findings)
    return findings.mistakes or Checked(consultation, findings.doubts)


def _consultation(fields: Fields, known: Known | None, findings: Findings) -> Consultation:
    """Where the file has mistakes, with gaps that nobody gets to see."""
    slug_node = fields.need("consultation", "consultation: good-city")
    slug = (read_slug(slug_node, findings) if slug_node is not None else None) or ""
    languages = _languages(fields, findings)

    def words(key: str, example: str, longest: int) -> Localised:
        node = fields.need(key, f"{key}: {example}")
        said = read_localised(node, languages, longest, findings) if node is not None else None
        return said or Localised.of("")

    title = words("title", "What makes a good city?", LONGEST_TITLE)
    framing = words("framing", "What this is about, and what becomes of it.", LONGEST_FRAMING)
    timezone, opens_at, closes_at, outcome_at = _times(fields, findings)
    prompts_node = fields.need("prompts", "prompts:")
    repeats = _repeats(fields, timezone, opens_at, closes_at, findings)
    longest = slug + longest_ending(repeats.rule) if repeats else slug
    prompts = read_prompts(prompts_node, longest, languages, findings) if prompts_node is not None else ()
    body, answer_days = _answered_by(fields.get("answered by"), known, findings)
    if body is None and "answered by" not in fields:
        _doubt_answers(prompts, fields.table, findings)
    outcome_node = fields.get("outcome")
    outcome = None
    if outcome_node is not None:
        outcome = read_localised(outcome_node, languages, LONGEST_OUTCOME, findings)
    plan = read_plan(fields.get("nudges"), findings)
    consultation = Consultation(
        slug=slug,
        title=title,
        framing=framing,
        prompts=prompts,
        timezone=timezone,
        opens_at=opens_at,
        closes_at=closes_at,
        keyword=_keyword(fields.get("keyword"), slug, known, findings),
        audience=_audience(fields.get("audience"), known, findings),
        body=body,
        answer_days=answer_days,
        nudges=tuple(step for step, _ in plan),
        outcome=outcome,
        outcome_at=outcome_at,
        results=_results(fields.get("results"), findings),
        lists_ideas=_lists_ideas(fields.get("ideas"), findings),
        least=_least(fields.get("smallest group"), findings),
        repeats=repeats,
    )
    check_plan(plan, consultation, findings)
    return consultation


def audience_in(text: str) -> Audience | None:
    """Whom a file asks, whatever else is wrong with it; None where that can’t be read."""
    findings = Findings()
    table = read_tree(text, findings)
    if table is None:
        return None
    asked = next((node for key, node in table.entries if key.text == "audience"), None)
    audience = _audience(asked, None, unheard := Findings())
    return None if unheard.mistakes else audience


def _languages(fields: Fields, findings: Findings) -> Languages:
    """As declared; else those of the title."""
    node, title = fields.get("languages"), fields.get("title")
    if node is not None:
        return read_languages(node, findings) or Languages()
    if isinstance(title, Table):
        unheard = Findings()
        codes = [read_language(key, unheard) for key, _ in title.entries]
        return Languages(tuple(code for code in codes if code)) if any(codes) else Languages()
    return Languages()


def _times(fields: Fields, findings: Findings) -> tuple[str, datetime | None, datetime | None, datetime | None]:
    node = fields.get("timezone")
    named = read_timezone(node, findings) if node is not None else None
    timezone = named or "UTC"
    moments: dict[str, datetime | None] = {}
    spots: dict[str, Node] = {}
    for key in ("opens", "closes", "outcome at"):
        spot = fields.get(key)
        moments[key] = read_moment(spot, timezone, findings) if spot is not None else None
        if spot is not None:
            spots[key] = spot
    opens, closes, outcome = moments["opens"], moments["closes"], moments["outcome at"]
    if opens and closes and closes <= opens:
        findings.mistake(spots["closes"], T("It would close before it opens."), T("Check “opens” and “closes”."))
    if outcome and closes and outcome < closes:
        findings.mistake(spots["outcome at"], T("The outcome would come before the closing."))
    if outcome and "outcome" not in fields:
        findings.mistake(spots["outcome at"], T("There is no “outcome” to publish then."))
    if spots and "timezone" not in fields:
        meant = T("Add “timezone: Europe/London” if it is British time.")
        findings.doubt(next(iter(spots.values())), T("Times are taken as UTC."), meant)
    return timezone, opens, closes, outcome


def _keyword(node: Node | None, slug: str, known: Known | None, findings: Findings) -> str | None:
    word = read_word(node, findings, "keyword: city") if node is not None else None
    if word is None:
        return None
    keyword = word.text.casefold()
    if not re.fullmatch(r"[^\W_][\w-]+", keyword) or len(keyword) > LONGEST_KEYWORD or not keyword.isprintable():
        what = T("A keyword is a single word of {most} letters at the most.", most=LONGEST_KEYWORD)
        findings.mistake(word, what, T("Write “keyword: city”."))
    elif keyword in RESERVED or read_code(keyword):
        findings.mistake(word, T("“{word}” already means something when it is typed.", word=keyword))
    elif known and known.keywords.get(keyword, slug) != slug:
        what = T("“{word}” is the keyword of “{slug}” already.", word=keyword, slug=known.keywords[keyword])
        findings.mistake(word, what)
    return keyword


def _audience(node: Node | None, known: Known | None, findings: Findings) -> Audience:
    example = T("Write “audience: {example}”.", example="{bodies: [planning]}")
    match node:
        case None:
            return EVERYBODY
        case Word(text) if text in ("everybody", "everyone"):
            return EVERYBODY
        case Table():
            fields = Fields(node, ("bodies", "topics", "languages", "active within", "verified"), findings)
            bodies = _slugs(fields.get("bodies"), known.bodies if known else None, findings)
            topics = _slugs(fields.get("topics"), known.topics if known else None, findings)
            spoken, within = fields.get("languages"), fields.get("active within")
            languages = read_languages(spoken, findings) if spoken is not None else None
            days = read_days(within, findings, "90 days") if within is not None else None
            proven = fields.get("verified")
            verified = proven is not None and bool(read_flag(proven, findings))
            audience = Audience(bodies, topics, languages.codes if languages else (), days, verified)
            if audience.is_everybody and not fields.misspelt and not len(findings.mistakes):
                findings.mistake(node, T("Nobody is named here."), T("Name bodies or topics, or write “everybody”."))
            return audience
        case _:
            findings.mistake(node, T("An audience is “everybody”, or a table of bodies and topics."), example)
            return EVERYBODY


def _slugs(node: Node | None, known: frozenset[str] | None, findings: Findings) -> tuple[str, ...]:
    found = [_known_slug(item, known, findings) for item in items(node)] if node is not None else []
    return tuple(dict.fromkeys(slug for slug in found if slug))


def _known_slug(node: Node, known: frozenset[str] | None, findings: Findings) -> str | None:
    slug = read_slug(node, findings)
    if slug and known is not None and slug not in known:
        findings.mistake(node, T("I know no “{slug}”.", slug=shown(slug)), did_you_mean(slug, sorted(known)))
    return slug


def _answered_by(node: Node | None, known: Known | None, findings: Findings) -> tuple[str | None, int | None]:
    bodies = known.bodies if known else None
    example = T("Write “answered by: {example}”.", example="{body: planning, within: 60 days}")
    match node:
        case None:
            return None, None
        case Word():
            return _known_slug(node, bodies, findings), None
        case Row():
            findings.mistake(node, T("One body answers."), example)
            return None, None
        case Table():
            fields = Fields(node, ("body", "within"), findings)
            body, within = fields.need("body", "body: planning"), fields.get("within")
            days = read_days(within, findings) if within is not None else None
            return (_known_slug(body, bodies, findings) if body is not None else None), days


def _results(node: Node | None, findings: Findings) -> ResultsWhen:
    known = [when.value for when in ResultsWhen]
    word = read_word(node, findings, "results: after closing") if node is not None else None
    if word is None:
        return ResultsWhen.CLOSED
    if word.text not in known:
        what = T("This has to say from when on anybody may see the results.")
        findings.mistake(word, what, did_you_mean(word.text, known))
        return ResultsWhen.CLOSED
    return ResultsWhen(word.text)


def _lists_ideas(node: Node | None, findings: Findings) -> bool:
    known = ["private", "public"]
    word = read_word(node, findings, "ideas: public") if node is not None else None
    if word is not None and word.text not in known:
        what = T("This has to say whether its ideas are listed in public.")
        findings.mistake(word, what, did_you_mean(word.text, known))
    return word is not None and word.text == "public"


def _least(node: Node | None, findings: Findings) -> int:
    least = read_bound(node, findings) if node is not None else None
    if node is None or least is None:
        return USUAL_LEAST
    if not LEAST_LEAST <= least <= MOST_LEAST:
        what = T(
            "The smallest group that is shown has from {least} to {most} people.", least=LEAST_LEAST, most=MOST_LEAST
        )
        findings.mistake(node, what, T("Write “smallest group: 5”."))
        return USUAL_LEAST
    return int(least)


def _repeats(
    fields: Fields, timezone: str, opens_at: datetime | None, closes_at: datetime | None, findings: Findings
) -> Repeats | None:
    node, slug = fields.get("repeats"), fields.get("consultation")
    word = read_word(node, findings, "repeats: FREQ=MONTHLY;INTERVAL=3") if node is not None else None
    if word is None:
        return None
    try:
        rule = tidy(word.text)
    except NotARule:
        meant = T("Write “{example}”.", example="repeats: FREQ=MONTHLY;INTERVAL=3")
        findings.mistake(word, T("“{rule}” is no rule by which it could come again.", rule=shown(word.text)), meant)
        return None
    if opens_at is None or closes_at is None:
        if "opens" not in fields or "closes" not in fields:
            both = T("It needs both “opens” and “closes”: each time it is open for as long as the first.")
            findings.mistake(word, T("When does it come again?"), both)
        return None
    if closes_at <= opens_at:
        return None
    repeats, longest = Repeats(rule, opens_at, closes_at - opens_at), LONGEST_SLUG - len(longest_ending(rule))
    if next(openings(repeats, timezone, opens_at), None) is None:
        findings.mistake(word, T("By this rule it would never come again."))
        return None
    if isinstance(slug, Word) and len(slug.text) > longest:
        shorter = T("Its name may have {most} characters at the most, for a date comes after it.", most=longest)
        findings.mistake(slug, T("It comes again, each time under a name of its own."), shorter)
    if overlaps(repeats, timezone):
        findings.doubt(word, T("It comes again before it has closed."), T("Two of them would be open at once."))
    return repeats


def _doubt_answers(prompts: tuple[Prompt, ...], table: Table, findings: Findings) -> None:
    if any(prompt.kind is PromptKind.IDEA for prompt in prompts):
        add = T("Add “answered by: {example}”.", example="{body: planning, within: 60 days}")
        findings.doubt(table, T("Ideas are asked for, but nobody is named who will answer them."), add)
