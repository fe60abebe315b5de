"""Slack's side of the wire: payloads as it makes them, posted to our address correctly signed (or not)."""

import hashlib
import hmac
import io
import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

Payload = dict[str, Any]
Headers = dict[str, str]
_numbers = itertools.count(1)


def event(inner: Payload, *, team: str = "T1", event_id: str | None = None, at: int = 1_700_000_000) -> Payload:
    return {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": "A1",
        "event_id": event_id or f"Ev{next(_numbers):06}",
        "event_time": at,
        "authorizations": [{"team_id": team, "user_id": f"UBOT{team}", "is_bot": True}],
        "event": inner,
    }


def direct_message(text: str, *, user: str = "U1", ts: str = "1700000000.000100", **more: Any) -> Payload:
    said = {"type": "message", "channel": f"D{user}", "channel_type": "im", "user": user, "text": text, "ts": ts}
    return {**said, "event_ts": ts, **more}


def channel_message(text: str, *, user: str = "U1", ts: str = "1700000000.000200", **more: Any) -> Payload:
    said = {"type": "message", "channel": "C1", "channel_type": "channel", "user": user, "text": text, "ts": ts}
    return {**said, "event_ts": ts, **more}


def reaction(*, user: str = "U2", name: str = "bulb", channel: str = "C1", ts: str = "1700000000.000200") -> Payload:
    item = {"type": "message", "channel": channel, "ts": ts}
    return {"type": "reaction_added", "user": user, "reaction": name, "item": item, "event_ts": "1700000001.000000"}


def command(name: str, text: str = "", *, user: str = "U1", channel: str = "C1", team: str = "T1") -> Payload:
    return {
        "command": name, "text": text, "user_id": user, "channel_id": channel, "team_id": team, "api_app_id": "A1",
        "trigger_id": f"{next(_numbers)}.trigger", "response_url": "http://127.0.0.1:1/response",
    }  # fmt: skip


def press(action: str, *, user: str = "U1", channel: str = "C1", team: str = "T1", **container: Any) -> Payload:
    hangs_on = {"type": "message", "message_ts": "1700000000.000300", "channel_id": channel, "is_ephemeral": False}
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": team},
        "team": {"id": team},
        "api_app_id": "A1",
        "trigger_id": f"{next(_numbers)}.trigger",
        "channel": {"id": channel},
        "container": {**hangs_on, **container},
        "response_url": "http://127.0.0.1:1/response",
        "actions": [{"type": "button", "action_id": "key-0-0", "block_id": "b", "value": action}],
    }


def shortcut(message: Payload, *, user: str = "U2", channel: str = "C1", team: str = "T1") -> Payload:
    return {
        "type": "message_action",
        "callback_id": "put_forward",
        "user": {"id": user, "team_id": team},
        "team": {"id": team},
        "trigger_id": f"{next(_numbers)}.trigger",
        "channel": {"id": channel, "name": "general"},
        "response_url": "http://127.0.0.1:1/response",
        "message": message,
    }


def from_view(kind: str, view: Payload, state: Payload, *, user: str = "U1", team: str = "T1") -> Payload:
    """`block_actions` or `view_submission` of an open modal; `state`: what stands in each block."""
    values = {block: {"given": given} for block, given in state.items()}
    payload: Payload = {
        "type": kind,
        "user": {"id": user, "team_id": team},
        "team": {"id": team},
        "api_app_id": "A1",
        "trigger_id": f"{next(_numbers)}.trigger",
        "view": {**view, "state": {"values": values}},
    }
    if kind == "block_actions":
        payload |= {"container": {"type": "view", "view_id": view["id"]}, "actions": [{"action_id": "given"}]}
    return payload


def typed(value: str) -> Payload:
    return {"type": "plain_text_input", "value": value}


def picked(*values: str, several: bool = False) -> Payload:
    options = [{"value": value, "text": {"type": "plain_text", "text": value}} for value in values]
    return {"selected_options": options} if several else {"selected_option": options[0] if options else None}


def sign(body: bytes, secret: str, at: int | None = None) -> dict[str, str]:
    timestamp = str(int(time.time()) if at is None else at)
    mark = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={mark}"}


class SlackSender:
    """Posts to `POST /slack/events` as Slack does, and gives back the status and the text of the answer."""

    def __init__(self, url: str, secret: str, session: aiohttp.ClientSession) -> None:
        self._url, self._secret, self._session = url, secret, session

    async def event(self, payload: Payload, *, attempt: int = 0) -> tuple[int, str]:
        retried = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"} if attempt else {}
        return await self.raw(json.dumps(payload).encode(), "application/json", headers=retried)

    async def command(self, payload: Payload) -> tuple[int, str]:
        return await self.raw(urlencode(payload).encode(), "application/x-www-form-urlencoded")

    async def interaction(self, payload: Payload) -> tuple[int, str]:
        form = urlencode({"payload": json.dumps(payload)})
        return await self.raw(form.encode(), "application/x-www-form-urlencoded")

    async def raw(
        self, body: bytes, media_type: str, *, at: int | None = None, headers: Headers | None = None
    ) -> tuple[int, str]:
        """`X-Slack-Signature` among the headers is a forged one."""
        # A connection kept alive may be closed by the server in the very moment in which it is used again.
        whole = {"Connection": "close", "Content-Type": media_type, **sign(body, self._secret, at), **(headers or {})}
        async with self._session.post(self._url, data=io.BytesIO(body), headers=whole) as answer:
            return answer.status, await answer.text()
