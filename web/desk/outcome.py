"""The outcome of a consultation: writing what was decided, seeing who will be told, telling them; and who may
see the results."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Consultation, NudgeKind, Phase, ResultsWhen
from core.deliveries import DeliveryState
from core.events import ConsultationLoaded, OutcomePublished
from core.flows.reading import LEAST_LEAST, LONGEST_OUTCOME, MOST_LEAST
from core.nudges import due_at, nudge
from core.numerals import read_whole
from core.outbound import render
from core.results import may_be_seen
from core.texts import Localised, Phrase, T, language_names
from core.turns.watching import REASONS
from web.charts import CHANNELS
from web.desk.desk import NOTICES, At, Desk
from web.desk.screens import CHANNELS as SCREENS
from web.desk.screens import Bubble, Channel, seen_in
from web.routes import Routes

NOTICES |= {
    "outcome-sent": T("Published. All who took part are being told."),
    "outcome-corrected": T("The words are changed. Who was told already isn’t told again."),
    "results-set": T("Kept. Whoever may see the results now sees them so."),
}

WHY_NOT: Mapping[str, Phrase] = {
    "stopped": T("said STOP"),
    "gone": T("can’t be reached any more"),
    "no consent": T("never agreed to messages"),
}
WHEN: Mapping[ResultsWhen, tuple[Phrase, Phrase]] = {
    ResultsWhen.LIVE: (T("While it is open, and after"), T("Everybody sees how it comes in. It may sway some.")),
    ResultsWhen.CLOSED: (T("Once it has closed"), T("Nobody is swayed, and nobody has to wait.")),
    ResultsWhen.OUTCOME: (T("With the outcome"), T("Numbers and what was decided come together.")),
    ResultsWhen.NEVER: (T("Never"), T("Organisers alone see them.")),
}
STATES: Mapping[DeliveryState, Phrase] = {
    DeliveryState.PLANNED: T("waiting"),
    DeliveryState.CLAIMED: T("on its way"),
    DeliveryState.SENT: T("told"),
    DeliveryState.SUPPRESSED: T("not sent"),
    DeliveryState.FAILED: T("failed"),
    DeliveryState.EXPIRED: T("too late"),
    DeliveryState.UNCERTAIN: T("uncertain"),
}
BOT_NAME = "bot"


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody has typed, by language; `problems` of it, by language or, of all of it, by the empty one."""

    words: Mapping[str, str]
    problems: Mapping[str, Phrase]

    @property
    def outcome(self) -> Localised:
        return Localised(tuple((code, said) for code, said in self.words.items() if said))


@dataclass(frozen=True, slots=True)
class Look:
    """How it will stand in one language on each screen."""

    language: str
    screens: tuple[tuple[Channel, Phrase, tuple[Bubble, ...]], ...]


class OutcomeRoom:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._answered = desk, desk.parts, desk.own.answered

    def routes(self) -> Routes:
        routes, own = Routes(), "/desk/consultations/{slug}/outcome"
        routes.page(own, self.show)
        routes.post(own, self.look)
        routes.post(f"{own}/send", self.send)
        routes.post(f"{own}/results", self.set_results)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        here = await self._desk.organiser(request)
        return await self._write(request, here, await self._desk.consultation(here, slug))

    async def _write(
        self, request: Request, here: At, found: Consultation, written: Written | None = None, status: int = 200
    ) -> Response:
        now = self._parts.clock.now()
        heard = await self._answered.heard(found.slug)
        words = written or Written({code: self._said(found, code) for code in self._languages(found)}, {})
        return self._desk.show(
            request, "desk/outcome.html", here, status=status, part="consultations", consultation=found, written=words,
            names=language_names(words.words), phase=found.phase(now), closed=Phase.CLOSED,
            is_told=found.told(now) is not None, is_planned=found.outcome is not None and found.told(now) is None,
            heard=heard, told=heard.get(DeliveryState.SENT, 0), all_of_them=sum(heard.values()), states=STATES,
            when=WHEN, is_public=may_be_seen(found, now), longest=LONGEST_OUTCOME, least=(LEAST_LEAST, MOST_LEAST),
            listeners=await self._answered.listeners(found.slug, now), why_not=WHY_NOT, channels=CHANNELS,
            tells=self._tells(found, now), reasons=REASONS,
        )  # fmt: skip

    async def look(self, request: Request, slug: str) -> Response:
        """What would be sent, and to whom: nothing is stored yet. Or back to the words, to change them."""
        here, form = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        written = self._read(found, form)
        if written.problems or form.get("act") == "change":
            status = 422 if form.get("act") != "change" else 200
            shown = written if status == 422 else replace(written, problems={})
            return await self._write(request, here, found, shown, status)
        now = self._parts.clock.now()
        return self._desk.show(
            request, "desk/outcome-send.html", here, part="consultations", consultation=found, written=written,
            looks=self._looks(found, written), names=language_names(written.words), is_told=found.told(now) is not None,
            listeners=await self._answered.listeners(slug, now), why_not=WHY_NOT, channels=CHANNELS,
            tells=self._tells(found, now), is_open=found.is_open(now), now_public=found.results is ResultsWhen.OUTCOME,
        )  # fmt: skip

    async def send(self, request: Request, slug: str) -> Response:
        """Published; the nudge plan sees to it that everybody is told. Words that are told already are only changed."""
        here, form = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        written = self._read(found, form)
        if written.problems:
            return await self._write(request, here, found, written, 422)
        now = self._parts.clock.now()
        own = f"/desk/consultations/{slug}/outcome"
        if found.told(now):
            changed = replace(found, outcome=written.outcome)
            await self._parts.store.record([ConsultationLoaded(changed, now)], by=here.by)
            return self._desk.go(own, "outcome-corrected")
        await self._parts.store.record([OutcomePublished(slug, written.outcome, now)], by=here.by)
        return self._desk.go(own, "outcome-sent")

    async def set_results(self, request: Request, slug: str) -> Response:
        here, form = await self._desk.posted(request)
        found = await self._desk.consultation(here, slug)
        when = str(form.get("when", ""))
        if when not in list(ResultsWhen):
            return await self._write(request, here, found, status=422)
        least = min(max(read_whole(form.get("least")) or 0, LEAST_LEAST), MOST_LEAST)
        changed = replace(found, results=ResultsWhen(when), least=least)
        if changed != found:
            await self._parts.store.record([ConsultationLoaded(changed, self._parts.clock.now())], by=here.by)
        return self._desk.go(f"/desk/consultations/{slug}/outcome", "results-set")

    # --- what is written
    def _languages(self, found: Consultation) -> list[str]:
        codes = [code for code, _ in found.title.texts]
        return list(dict.fromkeys([*codes, *(code for code, _ in (found.outcome or Localised(())).texts)])) or ["en"]

    def _said(self, found: Consultation, language: str) -> str:
        return dict(found.outcome.texts).get(language, "") if found.outcome else ""

    def _read(self, found: Consultation, form: FormData) -> Written:
        words, problems = {}, {}
        for code in self._languages(found):
            said = str(form.get(f"words-{code}", "")).replace("\r\n", "\n").strip()
            words[code] = said
            if len(said) > LONGEST_OUTCOME:
                length, most = len(said), LONGEST_OUTCOME
                too_long = T("That is {length} characters long; please keep it to {most}.", length=length, most=most)
                problems[code] = too_long
        if not any(words.values()):
            problems[next(iter(words))] = T("Say what came of it.")
        return Written(words, problems)

    def _looks(self, found: Consultation, written: Written) -> list[Look]:
        told = nudge(NudgeKind.OUTCOME, replace(found, outcome=written.outcome))
        looks = []
        for code, _ in written.outcome.texts:
            message = render(told, self._parts.texts, code, found.timezone)
            shown = ((one, SCREENS[one], tuple(seen_in(one, message, BOT_NAME))) for one in Channel)
            looks.append(Look(code, tuple(shown)))
        return looks

    def _tells(self, found: Consultation, now: datetime) -> datetime | None:
        """When they are told, if it is published now; None where its plan tells nobody."""
        published = replace(found, outcome_at=found.outcome_at if found.told(now) else now)
        steps = (step for step in found.nudges if step.kind is NudgeKind.OUTCOME)
        return next((due_at(step, published, found.timezone) for step in steps), None)
