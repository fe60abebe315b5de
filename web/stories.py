"""The story of an idea, as a page and as JSON: what was said and what became of it, never who said it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bots.webchat.reading import address
from core.ideas import Attachment, AttachmentKind, Idea
from core.ledger.files import receipt_json, write_json
from core.numerals import read_whole
from core.receipts import read_code
from core.telling import STAGES
from core.texts import T
from web.finding import as_shown, find_idea
from web.happenings import happenings, hiding, story_json
from web.links import of_page
from web.pages import Pages
from web.parts import Parts
from web.placards import has_begun
from web.previews import card, picture_of, reached_at
from web.readers import reader_of
from web.routes import Routes
from web.seals import read_size
from web.standings import days_late, where, where_appeal
from web.trouble import Trouble, nothing_here

SHOWN_IN_PLACE = frozenset(
    "image/jpeg image/png image/gif image/webp audio/ogg audio/mpeg audio/mp4 audio/webm".split()
)
"""Media types that a browser may open on our own address; every other is only saved."""

ATTACHED = {
    AttachmentKind.PHOTO: T("Photo"),
    AttachmentKind.VOICE: T("Voice note"),
    AttachmentKind.FILE: T("File"),
}


class Stories:
    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/ideas", self.look_up)
        routes.page("/ideas/{code}.json", self.tell_programs)
        routes.page("/ideas/{code}/receipt.json", self.receipt)
        routes.page("/ideas/{code}", self.tell)
        routes.page("/ideas/{code}/attachments/{number}", self.attachment)
        return routes

    async def look_up(self, request: Request) -> Response:
        typed = request.query_params.get("code", "").strip()
        code = read_code(typed)
        if code:
            return RedirectResponse(f"/ideas/{code}", 303)
        reader = await reader_of(request, self._parts)
        return self._pages.show(
            request,
            "look_up.html",
            reader,
            here="ideas",
            typed=typed[:40],
            card=of_page("/ideas", self._parts, reader.language, request, T("Find an idea")),
            status=422 if typed else 200,
        )

    async def tell(self, request: Request, code: str) -> Response:
        if _wants_json(request):
            return await self.tell_programs(request, code)
        store, texts, now = self._parts.store, self._parts.texts, self._parts.clock.now()
        whole = await find_idea(store, code)
        idea, bodies, reader = as_shown(whole), await store.bodies(), await reader_of(request, self._parts)
        standing = idea.standing
        consultation = await store.consultation(idea.consultation) if idea.consultation else None
        picture = picture_of(idea, bodies, now, texts, reader.language)
        response = self._pages.show(
            request,
            "story.html",
            reader,
            here="ideas",
            idea=idea,
            standing=standing,
            state=STAGES[standing.stage],
            late=days_late(standing.with_body, bodies, now),
            where=where(idea, bodies, now),
            appeal=where_appeal(idea, bodies, now),
            hiding=hiding(idea, bodies),
            story=happenings(idea, bodies),
            parts=[as_shown(part) for part in await store.ideas(standing.parts)] if standing.parts else [],
            composite=await self._composite(standing.part_of),
            supporters=await store.supporters(idea.code),
            with_body=bodies.get(standing.with_body.body) if standing.with_body else None,
            attached=[ATTACHED[attachment.kind] for attachment in idea.attachments],
            consultation=consultation,
            consultation_has_page=consultation is not None and has_begun(consultation, now),
            receipt=await self._parts.ledger.receipt(idea.code),
            may_have_receipt=not standing.is_hidden or await self._is_author(request, whole),
            card=card(idea, picture, texts, reader.language, reached_at(request, self._parts.public_url)),
        )
        response.headers["x-robots-tag"] = "noindex"
        return response

    async def tell_programs(self, request: Request, code: str) -> Response:
        store = self._parts.store
        try:
            idea = as_shown(await find_idea(store, code))
        except Trouble as trouble:
            return self._refuse(trouble)
        told = story_json(
            idea,
            await store.bodies(),
            self._parts.clock.now(),
            consultation=await store.consultation(idea.consultation) if idea.consultation else None,
            supporters=await store.supporters(idea.code),
            attachments=f"{self._parts.public_url}/ideas/{idea.code}/attachments/",
        )
        return JSONResponse(told, headers={"x-robots-tag": "noindex", "vary": "Accept"})

    async def receipt(self, request: Request, code: str) -> Response:
        """The file that proves the story offline; for an earlier seal with `?seal=` and its size."""
        size = read_size(asked) if (asked := request.query_params.get("seal")) else None
        try:
            idea = await find_idea(self._parts.store, code)
            if idea.standing.is_hidden and not await self._is_author(request, idea):
                raise Trouble(
                    403,
                    T("Only its author can have this file"),
                    T("Its words are hidden, and the receipt file holds them: only its author can have it."),
                )
            if size is not None and await self._parts.ledger.find_seal(size) is None:
                raise Trouble(404, T("No such seal"), T("No seal is over that many entries."))
        except Trouble as trouble:
            return self._refuse(trouble)
        receipt = await self._parts.ledger.receipt(idea.code, size)
        if receipt is None:
            raise nothing_here()
        return Response(
            write_json(receipt_json(receipt)),
            media_type="application/json",
            headers={
                "content-disposition": f'attachment; filename="receipt-{idea.code}.json"',
                "x-robots-tag": "noindex",
            },
        )

    async def attachment(self, _: Request, code: str, number: str) -> Response:
        idea = as_shown(await find_idea(self._parts.store, code))
        place = read_whole(number, len(idea.attachments))
        if not place:
            raise Trouble(404, T("No such attachment"), T("This idea has no attachment with that number."))
        fetch, attachment = self._parts.fetch_attachment, idea.attachments[place - 1]
        fetched = await fetch(attachment) if fetch else None
        if fetched is None:
            raise Trouble(
                502,
                T("The attachment can’t be fetched"),
                T("It is kept where it was sent, and that place doesn’t give it to us just now. Try again later."),
            )
        return _file(*fetched, name=f"{idea.code}-{number}", attachment=attachment)

    async def _composite(self, code: str | None) -> Idea | None:
        found = await self._parts.store.idea(code) if code else None
        return as_shown(found) if found else None

    async def _is_author(self, request: Request, idea: Idea) -> bool:
        """Whether the visitor wrote it, as far as their web chat tells."""
        user = self._parts.visitors.recognise(request)
        member = await self._parts.store.member_at(address(user)) if user else None
        return member is not None and member.id == idea.author

    def _refuse(self, trouble: Trouble) -> JSONResponse:
        return JSONResponse({"error": self._parts.texts.say(trouble.sentence, "en")}, trouble.status)


def _file(content: bytes, media_type: str, *, name: str, attachment: Attachment) -> Response:
    plain_type = (media_type or attachment.media_type).partition(";")[0].strip().lower()
    is_safe = plain_type in SHOWN_IN_PLACE
    return Response(
        content,
        media_type=plain_type if is_safe else "application/octet-stream",
        headers={
            "content-disposition": f'{"inline" if is_safe else "attachment"}; filename="{name}"',
            "content-security-policy": "default-src 'none'; sandbox",
            "x-robots-tag": "noindex",
        },
    )


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept
