"""Slack's Web API over one connection pool: how we call it, and how a failed call reads. No decisions."""

import logging

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

quiet = logging.getLogger("bots.slack.library")
quiet.setLevel(logging.ERROR)
"""For bolt and slack-sdk, which write payloads, texts and codes into the log when they may say more."""

SLACK_API_URL = "https://slack.com/api/"
CONNECT_SECONDS = 5
ANSWER_SECONDS = 20

Unreached = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""The connection never came about, so nothing was sent."""
Broken = (aiohttp.ClientError, TimeoutError, ConnectionError)
"""Anything that can go wrong on the wire."""

SLACK_FAULTS = frozenset(
    ["fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"]
)


AT_ONCE = 400
"""Calls that may be under way in one process; what is beyond waits for a connection, in order."""


def open_session() -> aiohttp.ClientSession:
    """The pool that every client shares: a client of slack-sdk without one opens a connection for each call."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
    return aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=AT_ONCE))


def web_client(
    session: aiohttp.ClientSession, api_url: str = SLACK_API_URL, token: str | None = None
) -> AsyncWebClient:
    """Without slack-sdk's own retries: it would repeat a post whose connection broke, and so say it twice."""
    return AsyncWebClient(token=token, base_url=api_url, session=session, logger=quiet, retry_handlers=[])


def status_of(error: SlackApiError) -> int:
    """The HTTP status; slack-sdk puts aiohttp's response in place of its own where the body was no JSON."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return status if isinstance(status, int) else 0


def error_of(error: SlackApiError) -> str:
    """Slack's name of the error, or the empty string."""
    data = getattr(error.response, "data", None)
    name = data.get("error") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def is_passing(error: SlackApiError) -> bool:
    """Whether the same call may well succeed later."""
    return status_of(error) == 429 or status_of(error) >= 500 or error_of(error) in SLACK_FAULTS | {"ratelimited"}


def retry_after(error: SlackApiError, otherwise: float = 30) -> float:
    """Seconds, from the `Retry-After` header."""
    headers = getattr(error.response, "headers", None) or {}
    return seconds(headers.get("Retry-After"), otherwise)


def seconds(written: str | None, otherwise: float) -> float:
    try:
        return max(float(written), 0.1) if written else otherwise
    except ValueError:
        return otherwise
