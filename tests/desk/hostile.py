"""A town in which members and organisers write what does harm where somebody believes it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from html.parser import HTMLParser

import httpx

from core.bodies import Topic
from core.consultations import ResultsWhen
from core.events import (
    AnswerGiven,
    BodiesLoaded,
    ConsentGiven,
    ConsultationBegun,
    ConsultationFinished,
    IdeaCaptured,
)
from core.ideas import Idea
from core.members import Address, Role
from core.places import Source
from core.stories import Entry, EntryKind, Rule
from core.texts import Localised
from tests.api.programs import forgotten
from tests.desk.inbox_stage import code_of, goes_on
from tests.desk.stage import ADA, BODIES, BOT, CHIEF, NOW, Stage, consultation

SLUG = "city"
MARKUP = (
    '</script><script>window.harmed=1</script>"><zzharm onzz="1"></zzharm><img src=x onerror="window.harmed=1">'
    "' onzz='1 `onzz=1` <!-- ]]> &lt;b&gt; {{ 77777*3 }} {% raw %} ${77777*3} <svg/onload=window.harmed=1> "
    "javascript:window.harmed=1"
)
WORKED_OUT = "233331"
"""What a template would make of it."""

BACKWARDS = "\u202egnp.exe \u2066\u2067\u200f آب \u0627\u0644\u0645\u062f\u064a\u0646\u0629 \u0001\u001b[31m \ufffd"
WORDS = f"{MARKUP} {BACKWARDS}"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "＝1+1", "＋1", "－1", "＠A1", '=HYPERLINK("https://x","y")')
EMOJI = "😀" * 4_000
LONG = "w" * 4_000
NAME = '"><zzharm onzz=1>{{ 77777*3 }}\u202e=1+1'
HIDDEN, REDACTED, ERASED = "Hiddenwordszz", "Redactedwordszz", "Erasedwordszz"
OTHER = Address(BOT, "666")
GONE = Address(BOT, "667")


@dataclass(frozen=True)
class Town:
    codes: tuple[str, ...]
    hidden: str
    redacted: str
    erased: str
    ada: int
    other: int

    @property
    def every_code(self) -> tuple[str, ...]:
        return (*self.codes, self.hidden, self.redacted, self.erased)


async def build(stage: Stage) -> Town:
    """Ada says all of it, another bears the name, a third is forgotten."""
    bodies = tuple(
        replace(body, name=Localised.of(f"{body.slug} {MARKUP[:160]}")) if body.slug != "york" else body
        for body in BODIES.all
    )
    topics = (Topic("transport", Localised.of(f"Transport {MARKUP[:120]}")), Topic("housing", Localised.of("=1+1")))
    await stage.assembly.store.record([BodiesLoaded(bodies, topics)])
    said = Localised.of(WORDS[:480])
    asked = consultation(SLUG)
    prompts = tuple(
        replace(one, text=said, options=tuple(replace(option, label=Localised.of(f"{MARKUP[:110]} {option.key}"))
                                              for option in one.options))
        for one in asked.prompts
    )  # fmt: skip
    asked = replace(asked, title=Localised.of(WORDS[:190]), framing=said, prompts=prompts, results=ResultsWhen.LIVE)
    await stage.load(replace(asked, keyword="city", body="planning", answer_days=30))
    await stage.turn(OTHER, ConsentGiven(NOW), name=NAME)
    texts = (WORDS, EMOJI, LONG, *FORMULAS)
    codes = []
    for number, text in enumerate(texts, 1):
        await _take_part(stage, ADA if number == 1 else Address(BOT, str(700 + number)), number, text)
        codes.append(code_of(number))
    special = []
    for number, (who, text) in enumerate(((OTHER, HIDDEN), (OTHER, REDACTED), (GONE, ERASED)), 50):
        await _take_part(stage, who, number, f"{text} {MARKUP}" if who is not GONE else text)
        special.append(code_of(number))
    hidden, redacted, erased = special
    await goes_on(
        stage, hidden, Entry(EntryKind.HIDDEN, NOW, reason=f"Because {MARKUP}", by=Role.ORGANISER, rule=Rule.ABUSE)
    )
    desk = await stage.at_desk(CHIEF)
    form = {"act": "redacted", "rule": "personal-data", "words": REDACTED, "reason": MARKUP, "seen_with": "4"}
    answer = await desk.post(f"/desk/ideas/{redacted}/act", data=form)
    assert answer.status_code == 303, answer.text
    await forgotten(stage, GONE)
    await goes_on(stage, codes[0], Entry(EntryKind.ACCEPTED, NOW, body="planning", by=Role.SECRETARY, next="leeds"))
    await goes_on(
        stage, codes[3], Entry(EntryKind.DECLINED, NOW, reason=WORDS[:900], body="planning", by=Role.SECRETARY)
    )
    ada, other = await stage.turn(ADA, name=f"Ada {NAME}"), await stage.turn(OTHER)
    return Town(tuple(codes), hidden, redacted, erased, ada.id, other.id)


async def _take_part(stage: Stage, who: Address, number: int, text: str) -> None:
    author = await stage.turn(who, ConsentGiven(NOW), ConsultationBegun(SLUG, NOW), name=NAME if who != ADA else "Ada")
    at, code = NOW - timedelta(minutes=number), code_of(number)
    story = (
        Entry(EntryKind.SAID, at, text), Entry(EntryKind.CONFIRMED, at), Entry(EntryKind.ACKNOWLEDGED, at),
        Entry(EntryKind.SENT, at, next="planning", days=30),
    )  # fmt: skip
    idea = Idea(code, author.id, Source(who.account, who.user, f"m{number}"), story, SLUG, "idea")
    beside = MARKUP if who in (OTHER, GONE) else text
    given = (AnswerGiven(SLUG, "words", beside, at), AnswerGiven(SLUG, "one", "parks", at))
    finished = ConsultationFinished(SLUG, at)
    await stage.turn(who, IdeaCaptured(idea), *given, AnswerGiven(SLUG, "idea", code, at), finished)


def hostile_draft() -> dict[str, str]:
    return {"start": "text", "text": DRAFT}


DRAFT = f"""\
consultation: drafted
title: {MARKUP[:180]!r}
framing: {MARKUP[:180]!r}
prompts:
  - one: one
    ask: {MARKUP[:180]!r}
    options:
      a: {MARKUP[:100]!r}
      b: "=1+1"
  - idea: idea
    ask: {MARKUP[:180]!r}
"""


class Page(HTMLParser):
    """What a browser would make of it, as far as it can do harm."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.harm: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self._in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        if tag in ("zzharm", "style", "iframe", "object", "embed", "base"):
            self.harm.append(f"<{tag}>")
        if tag == "script":
            self._in_script = True
            if not (told.get("src") or "").startswith("/static/") and told.get("type") != "application/ld+json":
                self.harm.append(f"<script {attrs}>")
        if tag == "img" and not (told.get("src") or "").startswith(("/", "http://127.0.0.1", "https://")):
            self.harm.append(f"<img {attrs}>")
        for name, value in attrs:
            address = name in ("href", "src", "action", "formaction", "hx-get", "hx-post")
            if name.startswith("on") or name == "style" or "zz" in name:
                self.harm.append(f"<{tag} {name}={value!r}>")
            if address and (value or "").strip().lower().startswith(("javascript:", "data:", "//")):
                self.harm.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_comment(self, data: str) -> None:
        self.harm.append(f"<!--{data[:40]}")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.harm.append(f"script: {data[:80]}")
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def harm_of(answer: httpx.Response) -> list[str]:
    page = Page(answer.text)
    return page.harm + (["a template was run"] if WORKED_OUT in page.text.replace(" ", "") else [])
