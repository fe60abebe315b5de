"""What a consultation's file may name, whoever writes it, at the desk or by a program."""

from collections.abc import Iterable
from datetime import datetime

from core.authority import Authority
from core.bodies import Topic
from core.consultations import Consultation
from core.flows.reading import Known


def known_to(
    authority: Authority,
    consultations: Iterable[Consultation],
    topics: Iterable[Topic],
    now: datetime,
    besides: str = "",
) -> Known:
    """`besides`: the consultation that it replaces, whose keyword is its own. Of a keyword that another has, which one
    it is only where it is theirs to see."""
    keywords: dict[str, str] = {}
    for one in consultations:
        if one.keyword and one.slug != besides and one.archived_at is None:
            is_seen = authority.may_run(one) or one.is_open(now)
            keywords[one.keyword] = one.slug if is_seen else "…"
    bodies = frozenset(body.slug for body in authority.bodies.living)
    return Known(bodies, frozenset(topic.slug for topic in topics), keywords)
