"""Previews: the picture of a story for whoever shares its address, and what chat apps are told beside it."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from core.bodies import Bodies
from core.ideas import Idea
from core.standings import Stage
from core.texts import Phrase, T, Texts
from web.finding import as_shown, find_idea
from web.parts import Parts
from web.pictures import SIZE, Notice, Picture
from web.readers import stranger
from web.routes import Routes
from web.standings import days_late, where
from web.wording import shortened

KEPT = 100
"""Pictures that we remember, of some 40 kB each."""
AT_ONCE = 2
"""Pictures drawn at the same time, whatever the rush."""
LONGEST_TITLE = 70


@dataclass(frozen=True, slots=True)
class Card:
    """What an app that shows a link is told. `image` is the picture's address, `alt` what is to be seen on it,
    `kind` Open Graph's: `article` or `website`."""

    title: str
    description: str
    url: str
    image: str
    alt: str
    kind: str
    width: int = SIZE[0]
    height: int = SIZE[1]


def picture_of(idea: Idea, bodies: Bodies, now: datetime, texts: Texts, language: str) -> Picture:
    """`idea` as it may be shown."""
    says = where(idea, bodies, now)
    is_late = days_late(idea.standing.with_body, bodies, now) > 0
    return Picture(
        idea.code, idea.text, texts.say(_title(idea), language), texts.say(says, language, bodies.timezone), is_late
    )


def card(idea: Idea, picture: Picture, texts: Texts, language: str, here: str) -> Card:
    """`here` is where we are reached, without a slash at its end."""
    words = shortened(idea.text, LONGEST_TITLE)
    title = T("“{words}”", words=words) if words else _title(idea)
    seen = T("{title}: {where} Receipt code {code}.", title=title, where=picture.where, code=idea.code)
    url = f"{here}/ideas/{idea.code}"
    return Card(
        texts.say(title, language),
        picture.where,
        url,
        f"{url}/preview.png?{urlencode({'lang': language, 'v': picture.mark})}",
        texts.say(seen, language),
        "article",
    )


def _title(idea: Idea) -> Phrase:
    if idea.standing.is_hidden:
        return T("An idea whose words are hidden")
    if idea.standing.stage is Stage.ERASED:
        return T("An idea by a former member")
    return T("The story of an idea")


class Studio:
    """Where pictures are drawn and kept: one for all rooms, so that no rush at one of them takes all the pens."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[str, bytes] = OrderedDict()
        self._pens = asyncio.Semaphore(AT_ONCE)

    async def show(self, request: Request, picture: Picture | Notice, **besides: str) -> Response:
        """The picture, or that it is still the same. `besides`: more headers."""
        headers = {
            "etag": f'"{picture.mark}"',
            # Asked for again each time: what is hidden today shall not be seen tomorrow.
            "cache-control": "public, no-cache",
            "cross-origin-resource-policy": "cross-origin",
            "vary": "Accept-Language, Cookie",
        } | besides
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(await self._draw(picture), media_type="image/png", headers=headers)

    async def _draw(self, picture: Picture | Notice) -> bytes:
        drawn = self._drawn.pop(picture.mark, None)
        if drawn is None:
            from web.drawing import draw  # brush and paints are unpacked for the first picture

            async with self._pens:
                drawn = await asyncio.to_thread(draw, picture)
        self._drawn[picture.mark] = drawn
        if len(self._drawn) > KEPT:
            self._drawn.popitem(last=False)
        return drawn


class Previews:
    def __init__(self, parts: Parts, studio: Studio) -> None:
        self._parts, self._studio = parts, studio

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/ideas/{code}/preview.png", self.show)
        return routes

    async def show(self, request: Request, code: str) -> Response:
        idea = as_shown(await find_idea(self._parts.store, code))
        bodies, reader = await self._parts.store.bodies(), stranger(request, self._parts.texts)
        picture = picture_of(idea, bodies, self._parts.clock.now(), self._parts.texts, reader.language)
        return await self._studio.show(request, picture, **{"x-robots-tag": "noindex"})


def reached_at(request: Request, public_url: str) -> str:
    return public_url or str(request.base_url).rstrip("/")
