"""Ideas and their stories as programs get them: hidden and erased words withheld, and never who said it."""

from datetime import date, datetime

from core.bodies import Bodies
from core.ideas import Idea
from core.standings import Stage
from core.stories import EntryKind, Rule
from core.telling import sentence
from core.texts import Texts as Catalogue
from web.api.shapes import Moment, Shape, Texts
from web.finding import as_shown, is_readable
from web.standings import days_late, last_day


class WithBody(Shape):
    body: str
    name: Texts
    since: Moment
    answers_by: date
    days_late: int


class Told(Shape):
    """One entry of the story. `sentence` says it in words; `text` are its author’s words, where they may be read."""

    number: int
    kind: EntryKind
    at: Moment
    sentence: str
    text: str | None
    reason: str | None
    body: str | None
    next: str | None
    rule: Rule | None
    other: str | None
    score: int | None
    on: date | None


class Listed(Shape):
    """`text` null where its words are hidden or erased. Who said it stands nowhere."""

    code: str
    state: Stage
    text: str | None
    is_hidden: bool
    said_at: Moment
    consultation: str | None
    prompt: str | None
    with_body: WithBody | None
    part_of: str | None
    entries: int


class WholeIdea(Listed):
    parts: list[str]
    supporters: int
    story: list[Told]


def listed(idea: Idea, bodies: Bodies, now: datetime) -> Listed:
    shown, standing = as_shown(idea), idea.standing
    return Listed(
        code=idea.code,
        state=standing.stage,
        text=(shown.text or None) if is_readable(idea) else None,
        is_hidden=standing.is_hidden,
        said_at=idea.said_at,
        consultation=idea.consultation,
        prompt=idea.prompt,
        with_body=with_body_of(idea, bodies, now),
        part_of=standing.part_of,
        entries=len(idea.story),
    )


def told(idea: Idea, bodies: Bodies, texts: Catalogue, language: str) -> list[Told]:
    return [
        Told(
            number=number,
            kind=entry.kind,
            at=entry.at,
            sentence=texts.say(sentence(entry, bodies), language),
            text=entry.text,
            reason=entry.reason,
            body=entry.body,
            next=entry.next,
            rule=entry.rule,
            other=entry.other,
            score=entry.score,
            on=entry.on,
        )
        for number, entry in enumerate(as_shown(idea).story, 1)
    ]


def with_body_of(idea: Idea, bodies: Bodies, now: datetime) -> WithBody | None:
    referral = idea.standing.with_body
    if referral is None:
        return None
    return WithBody(
        body=referral.body,
        name=dict(bodies.name(referral.body).texts),
        since=referral.since,
        answers_by=last_day(referral, bodies),
        days_late=days_late(referral, bodies, now),
    )
