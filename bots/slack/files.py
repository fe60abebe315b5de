"""An attachment's content, fetched from its workspace when somebody wants to see it."""

import aiohttp
from slack_sdk.errors import SlackApiError

from bots.slack.installations import SlackOutOfReach, Workspaces
from bots.slack.payload import dig
from bots.slack.web_api import Broken, web_client
from core.ideas import Attachment

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes, as in Telegram."""

TIMEOUT = aiohttp.ClientTimeout(total=20)


async def fetch(
    attachment: Attachment, workspaces: Workspaces, session: aiohttp.ClientSession, api_url: str
) -> tuple[bytes, str] | None:
    """Content and media type; None where it is gone, too large, or out of reach for now."""
    try:
        workspace = await workspaces.find(attachment.account.partition(":")[2])
        if workspace is None:
            return None
        client = web_client(session, api_url, workspace.token)
        url = dig((await client.files_info(file=attachment.file)).data, "file", "url_private")
        if not isinstance(url, str):
            return None
        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200 or (answer.content_length or 0) > LARGEST_FILE:
                return None
            return await _content(answer), attachment.media_type
    except (SlackApiError, SlackOutOfReach, TooLarge, *Broken):
        return None


class TooLarge(Exception):
    """More than LARGEST_FILE."""


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > LARGEST_FILE:
            raise TooLarge
    return bytes(content)
