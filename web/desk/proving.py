"""Coming to the desk by what Telegram or Slack says of us, where that is set up: no link has to be waited for."""

import secrets
from collections.abc import Mapping

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.members import Address
from core.texts import T
from web.desk.desk import Desk
from web.desk.door import browser_of, safe_then
from web.protection import form_of, is_from_here
from web.readers import stranger
from web.routes import Routes
from web.trouble import Trouble, from_elsewhere, nothing_here

LASTS = 600
"""Seconds from when somebody sets out for the platform until they are back."""
LONGEST_FIELD = 4_096
FIELDS = frozenset("id first_name last_name username photo_url auth_date hash".split())
"""What Telegram tells; whatever else stands in the address isn't signed for."""


class Proving:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._parts, self._proofs = desk, desk.parts, desk.own.proofs
        before, secret = self._parts.secret_before, self._parts.secret
        keys = [before, secret] if before else [secret]
        self._signer = URLSafeTimedSerializer(keys, salt="folkmoot proving")
        self._cookie = "__Host-proving" if self._parts.is_https else "proving"

    def routes(self) -> Routes:
        routes = Routes()
        routes.get("/desk/enter/by/telegram", self.lead_to_telegram)
        routes.get("/desk/enter/by/slack", self.lead_to_slack)
        routes.get("/desk/enter/telegram", self.back_from_telegram)
        routes.post("/desk/enter/telegram", self.take_telegrams_word)
        routes.get("/desk/enter/slack", self.back_from_slack)
        return routes

    # --- Telegram
    async def lead_to_telegram(self, request: Request) -> Response:
        if self._proofs.telegram is None:
            raise nothing_here()
        to = self._proofs.telegram.leads_to(f"{self._parts.public_url}/desk/enter/telegram")
        return self._set_out(request, to, {})

    async def back_from_telegram(self, request: Request) -> Response:
        """What Telegram has signed stands behind the address's #, which only a script of the page can read; or in the
        address itself, where it was asked for so. Nothing is taken until it is posted."""
        if self._proofs.telegram is None:
            raise nothing_here()
        told = {name: value for name, value in request.query_params.items() if name in FIELDS}
        return self._desk.pages.show(
            request, "desk/proving.html", stranger(request, self._parts.texts), told=told, fields=sorted(FIELDS)
        )

    async def take_telegrams_word(self, request: Request) -> Response:
        if self._proofs.telegram is None:
            raise nothing_here()
        if not is_from_here(request, self._parts.public_url):
            raise from_elsewhere()
        begun = self._began_here(request)
        form = await form_of(request)
        fields = {
            name: value
            for name, value in form.items()
            if name in FIELDS and isinstance(value, str) and value and len(value) < LONGEST_FIELD
        }
        who = await self._proofs.telegram.who(fields, self._parts.clock.now())
        return await self._let_in(request, who, begun.get("then", ""))

    # --- Slack
    async def lead_to_slack(self, request: Request) -> Response:
        if self._proofs.slack is None:
            raise nothing_here()
        state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        to = self._proofs.slack.leads_to(state, nonce)
        return self._set_out(request, to, {"state": state, "nonce": nonce})

    async def back_from_slack(self, request: Request) -> Response:
        if self._proofs.slack is None:
            raise nothing_here()
        begun, asked = self._began_here(request), request.query_params
        state = begun.get("state", "")
        if not state or not secrets.compare_digest(asked.get("state", "").encode(), state.encode()):
            raise _begin_again()
        code = asked.get("code", "")[:LONGEST_FIELD]
        who = await self._proofs.slack.who(code, begun.get("nonce", ""), self._parts.clock.now()) if code else None
        return await self._let_in(request, who, begun.get("then", ""))

    # --- both
    def _set_out(self, request: Request, to: str, besides: Mapping[str, str]) -> Response:
        """This browser remembers that it set out: what comes back to another was meant for somebody else."""
        response = RedirectResponse(to, 303)
        begun = {"then": safe_then(request.query_params.get("then", "")), **besides}
        response.set_cookie(
            self._cookie, str(self._signer.dumps(begun)), max_age=LASTS, path="/", secure=self._parts.is_https,
            httponly=True, samesite="lax",
        )  # fmt: skip
        return response

    def _began_here(self, request: Request) -> Mapping[str, str]:
        try:
            begun = self._signer.loads(request.cookies.get(self._cookie, ""), max_age=LASTS)
        except BadSignature:
            raise _begin_again() from None
        return begun if isinstance(begun, dict) else {}

    async def _let_in(self, request: Request, who: Address | None, then: str) -> Response:
        if who is None:
            raise Trouble(
                403,
                T("That didn’t prove who you are"),
                T("It was too old, used before, or not meant for us. Go back to the door and try once more."),
            )
        now, sittings = self._parts.clock.now(), self._desk.own.sittings
        begun = await sittings.begin(who, now, browser_of(request))
        sitting = await sittings.find(begun.secret, now) if begun else None
        if begun is None or sitting is None or not sitting.authority.has_desk:
            if begun and sitting:
                await sittings.end(begun.member, sitting.id)
            raise Trouble(
                403,
                T("The desk isn’t open to you"),
                T("It is for organisers and secretaries. If you are one, write to the bot once, so that it knows you."),
            )
        response = RedirectResponse(safe_then(then), 303)
        self._desk.seat(response, begun.secret)
        response.delete_cookie(self._cookie, path="/", secure=self._parts.is_https, httponly=True, samesite="lax")
        return response


def _begin_again() -> Trouble:
    return Trouble(
        403,
        T("Please begin at the door"),
        T("You came back to another browser than the one you left, or after too long. Begin once more at the door."),
    )
