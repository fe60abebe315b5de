"""The answers to a consultation, for whoever runs it: each question's chart and table, and what people said in their
own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Consultation
from core.counting import IN_WORDS
from core.ideas import Idea
from core.numerals import read_whole
from core.prompts import Prompt, PromptKind
from core.results import Among, InWords, Results
from core.texts import Localised, language_names
from web.chart_pictures import draw_picture
from web.charts import by_channel, by_day, chart, charts, voice
from web.desk.desk import At, Desk
from web.finding import as_shown
from web.routes import Routes
from web.trouble import nothing_here

EXAMPLES, PAGE = 3, 50


@dataclass(frozen=True, slots=True)
class Said:
    """In somebody's own words; of an idea also its code, and no words where they may not be read."""

    said: InWords
    words: str
    code: str = ""


class AnswersRoom:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._answered = desk, desk.parts, desk.own.answered

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/desk/consultations/{slug}/answers", self.show)
        routes.page("/desk/consultations/{slug}/answers/{key}.png", self.picture)
        routes.page("/desk/consultations/{slug}/answers/{key}", self.read)
        return routes

    async def show(self, request: Request, slug: str) -> Response:
        here, found, among = await self._asked(request, slug)
        results = await self._results(found, among)
        speaks = voice(self._parts.texts, here.reader)
        examples = {
            prompt.key: await self._said(found, prompt, among, EXAMPLES)
            for prompt in found.prompts
            if prompt.kind in IN_WORDS
        }
        return self._desk.show(
            request, "desk/answers.html", here, part="consultations", consultation=found, results=results,
            charts=charts(found, results.prompts, speaks), examples=examples, by_day=by_day(results.by_day, speaks),
            by_channel=by_channel(results.channels, speaks), among=among, query=_query(among),
            bodies=self._bodies(here), spoken=_spoken(found, results, among),
        )  # fmt: skip

    async def read(self, request: Request, slug: str, key: str) -> Response:
        """All that was said to one question, a page at a time."""
        here, found, among = await self._asked(request, slug)
        prompt = found.prompt(key)
        if prompt is None or prompt.kind not in IN_WORDS:
            raise nothing_here()
        start = read_whole(request.query_params.get("before"))
        said = await self._said(found, prompt, among, PAGE + 1, start)
        more = said[PAGE - 1].said.id if len(said) > PAGE else None
        return self._desk.show(
            request, "desk/answers-read.html", here, part="consultations", consultation=found, prompt=prompt,
            said=said[:PAGE], more=more, query=_query(among), is_later=start is not None,
        )  # fmt: skip

    async def picture(self, request: Request, slug: str, key: str) -> Response:
        here, found, among = await self._asked(request, slug)
        one = (await self._results(found, among)).prompt(key)
        if one is None:
            raise nothing_here()
        now = here.reader.moment(self._parts.clock.now())
        speaks = voice(self._parts.texts, here.reader)
        png = await draw_picture(chart(one, speaks), speaks.say(found.title), now)
        return Response(png, media_type="image/png", headers={"cache-control": "no-store"})

    # --- what is looked at
    async def _asked(self, request: Request, slug: str) -> tuple[At, Consultation, Among]:
        """An organiser of some bodies looks at the members of those alone, where they look at one body's."""
        here = await self._desk.organiser(request)
        found = await self._desk.consultation(here, slug)
        body, language = (request.query_params.get(name, "") for name in ("body", "language"))
        if body and body not in self._bodies(here):
            raise nothing_here()
        return here, found, Among(body, language if language.isalpha() and len(language) <= 3 else "")

    def _bodies(self, here: At) -> Mapping[str, Localised]:
        return {body.slug: body.name for body in here.bodies.living if here.authority.organises(body.slug)}

    async def _results(self, found: Consultation, among: Among) -> Results:
        results = await self._answered.results(found.slug, self._parts.clock.now(), among)
        if results is None:
            raise nothing_here()
        return results

    async def _said(
        self, found: Consultation, prompt: Prompt, among: Among, limit: int, before: int | None = None
    ) -> Sequence[Said]:
        said = await self._answered.texts(found.slug, prompt.key, limit, before, among)
        if prompt.kind is not PromptKind.IDEA:
            return [Said(one, one.words) for one in said]
        ideas: Mapping[str, Idea] = {
            idea.code: as_shown(idea) for idea in await self._parts.store.ideas({one.words for one in said})
        }
        return [
            Said(one, ideas[one.words].text if one.words in ideas else "", one.words) for one in said
        ]  # fmt: skip


def _query(among: Among) -> str:
    """What goes on behind an address, so that whose answers are looked at stays."""
    return "".join(f"&{name}={value}" for name, value in (("body", among.body), ("language", among.language)) if value)


def _spoken(found: Consultation, results: Results, among: Among) -> Mapping[str, str]:
    """The languages to choose from: those it is written in, and those of whoever began."""
    codes = [*(code for code, _ in found.title.texts), *results.languages, *filter(None, [among.language])]
    return language_names(dict.fromkeys(codes))
