"""Consultations that are open, over, decided, for some alone, and not to be seen at all: what public pages must tell
apart. With results, counted by nobody: they are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from core.consultations import Audience, Consultation, ResultsWhen
from core.ideas import Idea
from core.prompts import Option, Prompt, PromptKind
from core.results import Numbers, PromptResult, Results, Turnout
from core.standings import Stage as Standing
from core.texts import Localised
from tests.web.examples import BODIES, HIDDEN, LONG, STORIES
from tests.web.stage import IDEA, NOW, Stage
from web.parts import Ways

DAY = timedelta(days=1)
HOSTILE = '<script>alert(1)</script> \u202e*#eval("1")* $x$ =1+1 \u0001 آب ' + "😀" * 60 + " " + "x" * 150

_WORDS = Localised.of
PROMPTS = (
    Prompt(
        "travel", PromptKind.ONE, Localised((("en", "How do you get about?"), ("cy", "Sut ydych chi’n teithio?"))),
        options=tuple(Option(key, _WORDS(key.title())) for key in ("walk", "bus", "car")),
    ),
    Prompt("happy", PromptKind.SCALE, _WORDS("How well do the trams work?")),
    Prompt("idea", PromptKind.IDEA, _WORDS("What would you change?")),
)  # fmt: skip


def consultation(slug: str, **changes: object) -> Consultation:
    """Open since a week, for a week more, and with results to be seen all along."""
    made = Consultation(
        slug, Localised((("en", f"About {slug}"), ("cy", f"Am {slug}"))), _WORDS(f"Tell us of {slug}."), PROMPTS,
        timezone="Europe/London", opens_at=NOW - 7 * DAY, closes_at=NOW + 7 * DAY, keyword=slug, body="planning",
        answer_days=60, results=ResultsWhen.LIVE, lists_ideas=True,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of a consultation, each of its type


OPEN = consultation("trams")
OVER = consultation("parks", closes_at=NOW - 2 * DAY, results=ResultsWhen.CLOSED)
DECIDED = consultation(
    "homes", closes_at=NOW - 3 * DAY, outcome=_WORDS(f"We will build two hundred. See {LONG}."), outcome_at=NOW - DAY
)
OURS = consultation("branch-hall", audience=Audience(bodies=("riverside",)), results=ResultsWhen.CLOSED)
NEVER = consultation("dues", closes_at=NOW - DAY, results=ResultsWhen.NEVER)
DRAFT = consultation("draft", opens_at=None, closes_at=None)
NEVER_OPENED = consultation("missed", opens_at=None, closes_at=NOW - DAY)
LATER = consultation("later", opens_at=NOW + DAY)
ARCHIVED = consultation("archived", archived_at=NOW - DAY)
EVERY = (OPEN, OVER, DECIDED, OURS, NEVER, DRAFT, NEVER_OPENED, LATER, ARCHIVED)


@dataclass
class GivenAnswers:
    """`counted`: how often somebody asked for results."""

    given: dict[str, Results] = field(default_factory=dict)
    counted: int = 0

    async def results(self, slug: str, now: datetime) -> Results | None:
        self.counted += 1
        found = self.given.get(slug)
        return replace(found, at=now) if found else None


@dataclass
class GivenIdeas:
    said: tuple[Idea, ...] = (IDEA, STORIES[LONG], STORIES[HIDDEN])

    async def ideas(self, consultation: str, limit: int, before: str = "") -> tuple[Idea, ...]:
        codes = [one.code for one in self.said]
        start = codes.index(before) + 1 if before in codes else 0
        return self.said[start : start + limit]

    async def stages(self, consultation: str) -> Mapping[Standing, int]:
        return {Standing.RECEIVED: 1, Standing.WAITING: 2}


def results(of: Consultation, walk: int = 620) -> Results:
    travel, happy, idea = of.prompts
    return Results(
        of, NOW, asked=5_000, begun=1_300, finished=1_204,
        prompts=(
            PromptResult(travel, walk + 3 + 400, 12, {"walk": walk, "bus": 3, "car": 400}),
            PromptResult(
                happy, 1_000, 200, {"1": 100, "2": 100, "3": 300, "4": 300, "5": 200}, Numbers(1_000, 3.4, 3.0, 1, 5)
            ),
            PromptResult(idea, 212, 0, texts=212),
        ),
        turnout=(Turnout("planning", 400, 380, 120, 100), Turnout("riverside", 90, 80, 3, 2)),
        by_day={date(2026, 5, 11): 700, date(2026, 5, 12): 504}, channels={"telegram": 900, "slack": 2, "web": 398},
        languages={"en": 1_200, "cy": 100},
    )  # fmt: skip


def public_stage(*consultations: Consultation, public_url: str = "https://chat.example.org") -> Stage:
    stage = Stage(public_url=public_url)
    stage.store.loaded, stage.store.declared = consultations or EVERY, BODIES
    stage.answered = GivenAnswers({one.slug: results(one) for one in stage.store.loaded})
    stage.collected = GivenIdeas()
    stage.ways = Ways("https://t.me/folkmoot_bot?start=", slack=True)
    return stage
