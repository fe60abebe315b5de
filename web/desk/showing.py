"""Charts while they change: one for each question, and the same as a picture into a chat by a button."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from core.consultations import Consultation
from core.counting import IN_WORDS
from core.deeds import Deed, Did, of_consultation
from core.deliveries import Priority
from core.outbound import Message, Picture
from core.places import Place
from core.ports import Post
from core.results import PromptResult, Results, suppressed
from core.texts import T
from core.watching import Seat, Watched
from web.chart_pictures import draw_picture
from web.charts import CHANNELS, Chart, chart, voice
from web.desk.desk import At, Desk
from web.readers import Reader
from web.routes import Routes
from web.trouble import nothing_here

OWN_CHAT = "me"


class Showing:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._texts = desk, desk.parts.texts

    def routes(self) -> Routes:
        routes = Routes()
        routes.post("/desk/consultations/{slug}/picture", self.send)
        return routes

    def parts(self, here: At, watched: Watched, results: Results) -> Mapping[str, str]:
        """A part of the page for each question, so that only what has changed is sent again."""
        said = voice(self._texts, here.reader)
        seats = [(seat_key(seat), *self._named(here, seat)) for seat in watched.seats]
        return {
            f"chart-{one.prompt.key}": self._desk.pages.fragment(
                "desk/watch-chart.html", here.reader, consultation=results.consultation, result=one,
                chart=chart(one, said), is_in_words=one.prompt.kind in IN_WORDS, seats=seats,
                own_chat=OWN_CHAT if here.sitting.address else "",
            )
            for one in results.prompts
        }  # fmt: skip

    def _named(self, here: At, seat: Seat) -> tuple[str, str]:
        channel = CHANNELS.get(seat.place.account.partition(":")[0], seat.place.account)
        return here.bodies.name(seat.body).in_language(here.reader.language), self._say(channel, here.reader)

    def _say(self, words: object, reader: Reader) -> str:
        return self._texts.say(words, reader.language, reader.timezone)  # type: ignore[arg-type]  # words of charts

    # --- as a picture
    async def send(self, request: Request, slug: str) -> Response:
        here, form = await self._desk.posted(request)
        consultation = await self._desk.consultation(here, slug)
        results = await self._desk.own.answered.results(slug, here.by.at)
        if results is None:
            raise nothing_here()
        key, to = str(form.get("prompt", "")), str(form.get("to", ""))
        if to == OWN_CHAT and here.sitting.address:
            place, priority, reader = Place.private_to(here.sitting.address), Priority.REPLY, here.reader
            member, about = here.authority.member.id, None
            body = None
        else:
            seat = next((one for one in await self._seats(consultation) if seat_key(one) == to), None)
            if seat is None:
                raise nothing_here()
            language = self._texts.language_for(consultation.title.texts[0][0])
            place, priority, reader = seat.place, Priority.POST, Reader(language, consultation.timezone)
            member, about, body = None, slug, seat.body
            results = suppressed(results, consultation.least)
        result = results.prompt(key)
        if result is None or result.prompt.kind in IN_WORDS:
            raise nothing_here()
        post = Post(place, await self._drawn(consultation, result, here, reader), priority, member, consultation=about)
        deed = Deed(Did.PICTURED, of_consultation(slug), body, key)
        await self._desk.own.watching.send(here.by, deed, post)
        return self._desk.go(f"/desk/consultations/{slug}", "pictured")

    async def _seats(self, consultation: Consultation) -> Sequence[Seat]:
        return await self._desk.own.watching.seats(consultation.audience)

    async def _drawn(self, consultation: Consultation, result: PromptResult, here: At, reader: Reader) -> Message:
        """The words say what the picture shows: not every chat has room for what is read out instead of it."""
        drawn = chart(result, voice(self._texts, reader))
        title = consultation.title.in_language(reader.language)
        when = self._say(T("as of {time}", time=here.by.at), reader)
        content = await draw_picture(drawn, title, when)
        words = in_words(drawn)
        name = f"{consultation.slug}-{result.prompt.key}.png"
        text = "\n\n".join((drawn.title, words, when))
        return Message(text, title, file=Picture(name, "image/png", content, f"{drawn.title} {words}"))


def seat_key(seat: Seat) -> str:
    return f"{seat.place.account} {seat.place.chat}"


def in_words(drawn: Chart) -> str:
    lines = [f"{row[0]}: {' · '.join(filter(None, row[1:]))}" for row in drawn.rows]
    return "\n".join(filter(None, (*lines, drawn.caption, drawn.note)))
