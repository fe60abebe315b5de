"""Seals for everybody: a page that says what they are good for, JSON, a feed, and the proofs between two of them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.ledger.files import proof_json, seal_json
from core.ledger.seals import instant
from core.numerals import read_whole
from core.texts import TN, Phrase, T
from web import atom
from web.links import of_page
from web.pages import Pages
from web.parts import Parts
from web.previews import reached_at
from web.readers import reader_of, stranger
from web.routes import Routes
from web.trouble import wants_page

SHOWN = 50
KEPT = {"cache-control": "public, max-age=31536000, immutable"}
"""A seal never changes."""


class Seals:
    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts, self._pages = parts, pages

    def routes(self) -> Routes:
        routes = Routes()
        routes.page("/seals", self.show)
        routes.page("/seals.json", self.tell_programs)
        routes.page("/seals.atom", self.feed)
        routes.page("/seals/proof", self.proof)
        routes.page("/seals/{size}.json", self.one)
        return routes

    async def show(self, request: Request) -> Response:
        if not wants_page(request) and "application/json" in request.headers.get("accept", ""):
            return await self.tell_programs(request)
        reader = await reader_of(request, self._parts)
        seals = await self._parts.ledger.seals(SHOWN)
        card = of_page("/seals", self._parts, reader.language, request, T("Seals of the record"))
        return self._pages.show(request, "seals.html", reader, seals=seals, card=card)

    async def tell_programs(self, _: Request) -> Response:
        seals = await self._parts.ledger.seals(SHOWN)
        return JSONResponse({"seals": [seal_json(seal) for seal in seals]}, headers={"vary": "Accept"})

    async def one(self, _: Request, size: str) -> Response:
        seal = await self._parts.ledger.find_seal(read_size(size))
        if seal is None:
            return self._refuse(T("No seal is over that many entries."))
        return JSONResponse(seal_json(seal), headers=KEPT)

    async def proof(self, request: Request) -> Response:
        asked = request.query_params
        old, new = read_size(asked.get("from", "")), read_size(asked.get("to", ""))
        if not 1 <= old <= new:
            return self._refuse(T("Ask for a proof from an earlier size to a later one: ?from=120&to=300"), 400)
        proof = await self._parts.ledger.consistency(old, new)
        if proof is None:
            return self._refuse(T("The record was never sealed over that many entries."))
        return JSONResponse(proof_json(proof), headers=KEPT)

    async def feed(self, request: Request) -> Response:
        language = stranger(request, self._parts.texts).language
        seals = await self._parts.ledger.seals(SHOWN)
        here, say = reached_at(request, self._parts.public_url), self._parts.texts.say
        title, updated = say(T("Seals of the record"), language), seals[0].at if seals else atom.BEGINNING
        feed = atom.begin(here, "/seals.atom", "/seals", language=language, title=title, updated=updated)
        for seal in seals:
            title = say(TN("Seal over {count} entry", "Seal over {count} entries", seal.size), language)
            content = f"size {seal.size} root {seal.root.hex()} at {instant(seal.at)}"
            atom.enter(
                feed, id=f"urn:folkmoot:seal:{seal.size}:{seal.root.hex()}", title=title, at=seal.at,
                address=f"{here}/seals/{seal.size}.json", kind="application/json", content=content,
            )  # fmt: skip
        return atom.answer(request, feed)

    def _refuse(self, sentence: Phrase, status: int = 404) -> Response:
        return JSONResponse({"error": self._parts.texts.say(sentence, "en")}, status)


def read_size(typed: str) -> int:
    """0, which no seal is over, for anything that is no size."""
    return read_whole(typed) or 0
