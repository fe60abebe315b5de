"""Visitors: who is on the other side of a browser, by a signed cookie, since nobody here has to make an account."""

import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

KEPT_FOR = 400 * 24 * 60 * 60
"""Seconds. Browsers keep no cookie longer than 400 days."""


class Visitors:
    """Cookies are signed with `secret`; those signed with the one `before` are still good."""

    def __init__(self, secret: str, is_https: bool, before: str = "") -> None:
        keys = [before, secret] if before else [secret]  # the last one signs
        self._signer = URLSafeTimedSerializer(keys, salt="folkmoot web chat")
        self._is_https = is_https
        # The prefix makes browsers refuse the cookie from anybody but this very host over https.
        self.cookie = "__Host-folkmoot" if is_https else "folkmoot"

    def new(self) -> str:
        return secrets.token_urlsafe(16)

    def recognise(self, request: Request) -> str | None:
        """The visitor's user id; None for somebody new, or a cookie that isn't ours."""
        try:
            user = self._signer.loads(request.cookies.get(self.cookie, ""), max_age=KEPT_FOR)
        except BadSignature:
            return None
        return user if isinstance(user, str) and user else None

    def remember(self, response: Response, user: str) -> None:
        remember(response, self.cookie, str(self._signer.dumps(user)), self._is_https)


def remember(response: Response, name: str, value: str, is_https: bool) -> None:
    response.set_cookie(name, value, max_age=KEPT_FOR, path="/", secure=is_https, httponly=True, samesite="lax")
