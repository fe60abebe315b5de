"""An organiser's order for a broadcast beside the plan; in words `SLUG [--at TIME] [--to BODY|TOPIC]`, the dashes
optional in chat."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.bodies import Body, Topic
from core.consultations import Audience, NudgeKind
from core.events import BroadcastOrdered
from core.texts import Phrase, T

_ORDER = re.compile(r"(?P<slug>\S+)?(?P<rest>(?:\s+(?:--|—|–)?(?:at|to)[\s=]+.+)?)\s*\Z", re.IGNORECASE | re.DOTALL)
_PART = re.compile(r"(?:^|\s)(?:--|—|–)?(at|to)[\s=]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Order:
    slug: str
    at: datetime | None = None
    to: str | None = None
    problem: Phrase | None = None


def read_order(typed: str, now: datetime, timezone: str) -> Order:
    """Times without an offset are in `timezone`; a bare `18:00` is the next time that the clock shows it."""
    whole = _ORDER.match(typed.strip())
    if not whole:
        slug = (typed.split() or [""])[0]
        return Order(
            slug.lower(), problem=T("I read that as SLUG, then “at TIME”, then “to BODY”. Try it in that form.")
        )
    _, *parts = _PART.split(whole["rest"])
    given = dict(zip((name.lower() for name in parts[::2]), (value.strip() for value in parts[1::2]), strict=True))
    order = Order((whole["slug"] or "").lower(), to=given.get("to", "").lower() or None)
    if "at" not in given:
        return order
    at = read_time(given["at"], now, timezone)
    if at is None:
        problem = T("I can’t read “{time}” as a time. Write it like 2026-11-30 18:00, or just 18:00.", time=given["at"])
        return Order(order.slug, to=order.to, problem=problem)
    if at < now:
        return Order(order.slug, to=order.to, problem=T("{time} has passed already.", time=at))
    return Order(order.slug, at, order.to)


def audience_named(to: str, body: Body | None, topics: Iterable[Topic], whole: Audience) -> Audience | None:
    """A body's members, else a topic's followers, of these only whom `whole` has in mind; `body` is the one of that
    name. None where there is neither."""
    if body:
        return replace(whole, bodies=(body.slug,), topics=())
    return replace(whole, bodies=(), topics=(to,)) if any(topic.slug == to for topic in topics) else None


def invitation(
    token: str, consultation: str, audience: Audience, at: datetime, *, confirmed: bool = True
) -> BroadcastOrdered:
    """`token`: fresh, or the same where it was ordered twice by mistake."""
    step = f"broadcast-{token.lower()}"
    return BroadcastOrdered(token, consultation, step, NudgeKind.INVITATION, audience, at, confirmed)


def read_time(typed: str, now: datetime, timezone: str) -> datetime | None:
    zone = ZoneInfo(timezone)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", typed):
            hour, minute = map(int, typed.split(":"))
            today = now.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
            return today if today >= now else today + timedelta(days=1)
        at = datetime.fromisoformat(typed)
    except (ValueError, OverflowError):
        return None
    if not 1990 <= at.year <= 2200:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)
