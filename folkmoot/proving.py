"""Proving who somebody is by what Telegram or Slack tells us: Telegram's login, and Sign in with Slack."""

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from core.members import Address
from core.numerals import read_whole
from core.ports import Vault
from folkmoot.settings import Settings
from web.desk.proofs import Proofs

GOOD_FOR = timedelta(minutes=10)
"""So long we take what a platform has signed for."""
AHEAD = timedelta(minutes=1)
"""So far its clock may be before ours."""
SLACK = "https://slack.com"
TELEGRAM_LOGIN = "https://oauth.telegram.org/auth"
BACK_FROM_SLACK = "/desk/enter/slack"
_SHOWN = "telegram login"
"""Of the vault's names: what was shown to us already, by when it is worth nothing any more."""


def proofs(settings: Settings, vault: Vault) -> Proofs:
    """Both platforms only lead back to an address that others reach, too."""
    telegram = slack = None
    if settings.telegram_bot_token and settings.public_url:
        telegram = TelegramLogin(settings.telegram_bot_token, vault)
    if settings.slack_is_on and settings.slack_client_id and settings.slack_client_secret and settings.public_url:
        slack = SlackSignIn(settings)
    return Proofs(telegram, slack)


class TelegramLogin:
    """https://core.telegram.org/widgets/login, by redirect and without its script."""

    def __init__(self, token: str, vault: Vault) -> None:
        self._bot = token.partition(":")[0]
        self._key, self._vault = hashlib.sha256(token.encode()).digest(), vault
        self._one_at_a_time = asyncio.Lock()

    def leads_to(self, back: str) -> str:
        parts = urlsplit(back)
        origin = f"{parts.scheme}://{parts.netloc}"
        asked = {"bot_id": self._bot, "origin": origin, "embed": "0", "request_access": "write", "return_to": back}
        return f"{TELEGRAM_LOGIN}?{urlencode(asked)}"

    async def who(self, fields: Mapping[str, str], now: datetime) -> Address | None:
        shown, user, at = fields.get("hash", ""), fields.get("id", ""), read_whole(fields.get("auth_date"))
        is_signed = hmac.compare_digest(self._signed(fields), shown.encode())
        if read_whole(user) is None or at is None or not is_signed:
            return None
        until = datetime.fromtimestamp(at, now.tzinfo) + GOOD_FOR
        if not now <= until <= now + GOOD_FOR + AHEAD or await self._was_shown(shown, until, now):
            return None
        return Address(f"telegram:{self._bot}", user)

    def _signed(self, fields: Mapping[str, str]) -> bytes:
        said = "\n".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "hash")
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest().encode()

    async def _was_shown(self, shown: str, until: datetime, now: datetime) -> bool:
        """And from now on it was; those that are worth nothing any more are forgotten."""
        mark = hashlib.sha256(shown.encode()).hexdigest()
        name = f"{int(until.timestamp())}.{mark}"
        async with self._one_at_a_time:
            known = await self._vault.names(_SHOWN)
            for old in known:
                if int(old.partition(".")[0]) < int(now.timestamp()):
                    await self._vault.drop(_SHOWN, old)
            if name in known:
                return True
            await self._vault.keep(_SHOWN, name, "{}")
            return False


class SlackSignIn:
    """https://docs.slack.dev/authentication/sign-in-with-slack: OpenID Connect, asking for nothing but who it is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._back = f"{settings.public_url}{BACK_FROM_SLACK}"

    def leads_to(self, state: str, nonce: str) -> str:
        beside = self._settings.slack_api_url.rstrip("/").removesuffix("/api")
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._settings.slack_client_id,
            "state": state,
            "nonce": nonce,
            "redirect_uri": self._back,
        }
        return f"{beside}/openid/connect/authorize?{urlencode(asked)}"

    async def who(self, code: str, nonce: str, now: datetime) -> Address | None:
        """The token comes from Slack itself over a line of our own, whose certificate says for whom it speaks; so its
        signature needs no check (OpenID Connect Core 1.0, 3.1.3.7)."""
        token = await self._token(code)
        claims = _claims(token)
        is_ours = (
            claims.get("iss") == SLACK
            and claims.get("aud") == self._settings.slack_client_id
            and hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
        )
        expires, issued = claims.get("exp"), claims.get("iat")
        is_fresh = (
            isinstance(expires, int)
            and isinstance(issued, int)
            and now.timestamp() < expires
            and abs(now.timestamp() - issued) < GOOD_FOR.total_seconds()
        )
        team, user = claims.get(f"{SLACK}/team_id"), claims.get(f"{SLACK}/user_id")
        if not (is_ours and is_fresh and isinstance(team, str) and team and isinstance(user, str) and user):
            return None
        return Address(f"slack:{team}", user)

    async def _token(self, code: str) -> str:
        """Empty where Slack doesn't give us any."""
        from slack_sdk.errors import SlackApiError  # a channel's library is loaded only where it is on

        from bots.slack.web_api import Broken, open_session, web_client

        asked = {
            "client_id": self._settings.slack_client_id,
            "client_secret": self._settings.slack_client_secret,
            "code": code,
            "redirect_uri": self._back,
            "grant_type": "authorization_code",
        }
        async with open_session() as session:
            try:
                # Not by its own method for this, which names the client in a way that aiohttp gives up.
                client = web_client(session, self._settings.slack_api_url)
                answer = await client.api_call("openid.connect.token", data=asked)
            except (SlackApiError, *Broken):
                return ""
        return str(answer.get("id_token") or "")


def _claims(token: str) -> Mapping[str, object]:
    """Of a JSON Web Token; none where it isn't one."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        read = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
