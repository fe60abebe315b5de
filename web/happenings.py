"""Happenings: an idea's story as pages tell it, and as programs read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.bodies import Bodies
from core.consultations import Consultation
from core.ideas import Idea
from core.ledger.seals import SAID_IF_THERE
from core.standings import Referral
from core.stories import REWORDS, Entry, EntryKind
from core.telling import HEADINGS, ROLES, sentence, spoken
from core.texts import Phrase, T
from web.finding import is_readable
from web.standings import days_late, last_day


@dataclass(frozen=True, slots=True)
class Quotation:
    words: str
    whose: Phrase


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the story as a page shows it. `reads`: how the idea reads from then on, where that changed."""

    kind: str
    heading: Phrase
    sentence: Phrase
    at: datetime
    reads: str | None
    quotation: Quotation | None


def happenings(idea: Idea, bodies: Bodies) -> list[Happening]:
    return [
        Happening(
            entry.kind.value,
            HEADINGS[entry.kind],
            sentence(entry, bodies),
            entry.at,
            entry.text if entry.kind in REWORDS else None,
            _quotation(entry, bodies),
        )
        for entry in idea.story
    ]


def _quotation(entry: Entry, bodies: Bodies) -> Quotation | None:
    words = spoken(entry)
    if not words:
        return None
    if not entry.reason:
        whose = T("In its author’s words")
    elif entry.body:
        whose = T("In the words of {body}", body=bodies.name(entry.body))
    elif entry.by:
        whose = T("In the words of the {office} who decided", office=ROLES[entry.by])
    else:
        whose = T("In the words of whoever decided")
    return Quotation(words, whose)


def hiding(idea: Idea, bodies: Bodies) -> Phrase | None:
    """Under which rule its words are hidden, and who decided so; None where they aren't."""
    if not idea.standing.is_hidden:
        return None
    return sentence(next(entry for entry in reversed(idea.story) if entry.kind is EntryKind.HIDDEN), bodies)


def story_json(
    idea: Idea, bodies: Bodies, now: datetime, *, consultation: Consultation | None, supporters: int, attachments: str
) -> Mapping[str, object]:
    """`idea` as it may be shown; `attachments` is the address of the first one without its number."""
    standing = idea.standing
    return {
        "code": idea.code,
        "state": standing.stage.value,
        "text": idea.text or None,
        "is_hidden": standing.is_hidden,
        "hidden_under": standing.rule,
        "is_readable": is_readable(idea),
        "said_at": idea.said_at.isoformat(),
        "with": _referral_json(standing.with_body, bodies, now),
        "appeal_with": _referral_json(standing.contest, bodies, now),
        "part_of": standing.part_of,
        "parts": list(standing.parts),
        "supporters": supporters,
        "consultation": {"slug": consultation.slug, "title": dict(consultation.title.texts)} if consultation else None,
        "story": [_entry_json(entry) for entry in idea.story],
        "attachments": [
            {"kind": attachment.kind.value, "media_type": attachment.media_type, "url": f"{attachments}{number}"}
            for number, attachment in enumerate(idea.attachments, 1)
        ],
    }


def _referral_json(referral: Referral | None, bodies: Bodies, now: datetime) -> Mapping[str, object] | None:
    if referral is None:
        return None
    return {
        "body": referral.body,
        "name": dict(bodies.name(referral.body).texts),
        "since": referral.since.isoformat(),
        "answers_by": last_day(referral, bodies).isoformat(),
        "days_late": days_late(referral, bodies, now),
    }


def _entry_json(entry: Entry) -> Mapping[str, object]:
    told: dict[str, object] = {"kind": entry.kind.value, "at": entry.at.isoformat()}
    for name in SAID_IF_THERE:
        value = getattr(entry, name)
        if value is not None:
            told[name] = value.isoformat() if isinstance(value, date) else value
    return told
