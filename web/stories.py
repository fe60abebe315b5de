"""The story of an idea, as a page and as JSON: what was said and what became of it, never who said it."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from core.ideas import Attachment, AttachmentKind, EntryKind, Idea
from core.ledger.files import receipt_json, write_json
from core.receipts import read_code
from core.texts import Phrase, T
from web.pages import Pages
from web.parts import Parts
from web.readers import reader_of
from web.seals import read_size
from web.trouble import Trouble, nothing_here
from web.visitors import Visitors

SHOWN_IN_PLACE = frozenset(
    "image/jpeg image/png image/gif image/webp audio/ogg audio/mpeg audio/mp4 audio/webm".split()
)
"""Media types that a browser may open on our own address; every other is only saved."""

HAPPENED = {
    EntryKind.SAID: (T("Said"), T("Its author said it.")),
    EntryKind.CONFIRMED: (T("Put forward"), T("Its author confirmed that it is meant as an idea.")),
    EntryKind.ACKNOWLEDGED: (T("Received"), T("It was given this receipt and kept.")),
    EntryKind.EDITED: (T("Reworded"), T("Its author changed the words. What they said before stays above.")),
    EntryKind.WITHDRAWN: (T("Withdrawn"), T("Its author took it back.")),
}
ATTACHED = {
    AttachmentKind.PHOTO: T("Photo"),
    AttachmentKind.VOICE: T("Voice note"),
    AttachmentKind.FILE: T("File"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the story as a page shows it. `words` only where they changed."""

    kind: str
    heading: Phrase
    sentence: Phrase
    at: object
    words: str | None


class Stories:
    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages
        self._visitors = Visitors(parts.secret, parts.is_https)

    def routes(self) -> APIRouter:
        router = APIRouter()
        both = ["GET", "HEAD"]
        router.add_api_route("/ideas", self.look_up, methods=both)
        router.add_api_route("/ideas/{code}.json", self.tell_programs, methods=both)
        router.add_api_route("/ideas/{code}/receipt.json", self.receipt, methods=both)
        router.add_api_route("/ideas/{code}", self.tell, methods=both)
        router.add_api_route("/ideas/{code}/attachments/{number}", self.attachment, methods=both)
        return router

    async def look_up(self, request: Request) -> Response:
        typed = request.query_params.get("code", "").strip()
        code = read_code(typed)
        if code:
            return RedirectResponse(f"/ideas/{code}", 303)
        reader = await reader_of(request, self._parts.texts, self._parts.store, self._visitors.recognise(request))
        return self._pages.show(
            request, "look_up.html", reader, here="ideas", typed=typed[:40], status=422 if typed else 200
        )

    async def tell(self, request: Request, code: str) -> Response:
        if _wants_json(request):
            return await self.tell_programs(request, code)
        idea = await self._idea(code)
        reader = await reader_of(request, self._parts.texts, self._parts.store, self._visitors.recognise(request))
        consultation = await self._parts.store.consultation(idea.consultation) if idea.consultation else None
        response = self._pages.show(
            request,
            "story.html",
            reader,
            here="ideas",
            idea=idea,
            state=HAPPENED[idea.state][0],
            story=_happenings(idea),
            attached=[ATTACHED[attachment.kind] for attachment in idea.attachments],
            consultation=consultation,
            receipt=await self._parts.ledger.receipt(idea.code),
        )
        response.headers["x-robots-tag"] = "noindex"
        return response

    async def tell_programs(self, request: Request, code: str) -> Response:
        try:
            idea = await self._idea(code)
        except Trouble as trouble:
            return JSONResponse({"error": self._parts.texts.say(trouble.sentence, "en")}, trouble.status)
        consultation = await self._parts.store.consultation(idea.consultation) if idea.consultation else None
        told = {
            "code": idea.code,
            "state": idea.state.value,
            "text": idea.text,
            "said_at": idea.said_at.isoformat(),
            "consultation": {"slug": consultation.slug, "title": dict(consultation.title.texts)}
            if consultation
            else None,
            "story": [
                {"kind": entry.kind.value, "at": entry.at.isoformat()} | ({"text": entry.text} if entry.text else {})
                for entry in idea.story
            ],
            "attachments": [
                {
                    "kind": attachment.kind.value,
                    "media_type": attachment.media_type,
                    "url": f"{self._parts.public_url}/ideas/{idea.code}/attachments/{number}",
                }
                for number, attachment in enumerate(idea.attachments, 1)
            ],
        }
        return JSONResponse(told, headers={"x-robots-tag": "noindex", "vary": "Accept"})

    async def receipt(self, request: Request, code: str) -> Response:
        """The file that proves the story offline; for an earlier seal with `?seal=` and its size."""
        size = read_size(asked) if (asked := request.query_params.get("seal")) else None
        try:
            idea = await self._idea(code)
            if size is not None and await self._parts.ledger.find_seal(size) is None:
                raise Trouble(404, T("No such seal"), T("No seal is over that many entries."))
        except Trouble as trouble:
            return JSONResponse({"error": self._parts.texts.say(trouble.sentence, "en")}, trouble.status)
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

    async def attachment(self, code: str, number: str) -> Response:
        idea = await self._idea(code)
        position = int(number) - 1 if number.isascii() and number.isdecimal() and len(number) < 4 else -1
        if not 0 <= position < len(idea.attachments):
            raise Trouble(404, T("No such attachment"), T("This idea has no attachment with that number."))
        fetch, attachment = self._parts.fetch_attachment, idea.attachments[position]
        fetched = await fetch(attachment) if fetch else None
        if fetched is None:
            raise Trouble(
                502,
                T("The attachment can’t be fetched"),
                T("It is kept where it was sent, and that place doesn’t give it to us just now. Try again later."),
            )
        return _file(*fetched, name=f"{idea.code}-{number}", attachment=attachment)

    async def _idea(self, typed: str) -> Idea:
        code = read_code(typed)
        if code is None:
            raise Trouble(
                404,
                T("That isn’t a receipt code"),
                T("Codes look like K7M4-QX2N, and the last symbol checks the others: one seems to have slipped."),
            )
        idea = await self._parts.store.idea(code)
        if idea is None:
            raise Trouble(
                404,
                T("We know no idea with this code"),
                T("The code {code} is well formed, but we never gave it out.", code=code),
            )
        return idea


def _happenings(idea: Idea) -> list[Happening]:
    return [Happening(entry.kind.value, *HAPPENED[entry.kind], entry.at, entry.text) for entry in idea.story]


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
