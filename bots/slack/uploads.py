"""Files of ours on their way to Slack: laid ready where nobody sees them, then handed over in a conversation."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bots.slack.outcomes import AGAIN, broken, refused
from bots.slack.payload import dig, identity
from bots.slack.web_api import Broken, seconds
from bots.slack.writing import Call
from core.deliveries import Outcome, Refused, Retry, Sent, Unknown
from core.outbound import File, Picture

ADDRESS = "files.getUploadURLExternal"
COMPLETION = "files.completeUploadExternal"

LONGEST_ALT = 1_000
"""Characters of a picture's description that Slack takes."""

TRIES = 4
LONGEST_PAUSE = 30.0
"""Seconds to hold on before a file is handed over whose words have arrived."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that Slack has, and shows to nobody yet."""

    id: str
    name: str


class Uploads:
    """In one workspace. `pause` waits between the tries of a completion."""

    def __init__(self, client: AsyncWebClient, pause: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._client, self._pause = client, pause

    async def lay_ready(self, file: File | Picture) -> Ready | Outcome:
        """Nobody has seen anything yet: what can't be known to have worked is simply done again."""
        content = file.content
        alt = file.alt[:LONGEST_ALT] if isinstance(file, Picture) else None
        asking = self._client.files_getUploadURLExternal(filename=file.name, length=len(content), alt_txt=alt)
        answer = await _answered(asking, Call(ADDRESS, {}))
        if isinstance(answer, Unknown):
            return Retry(AGAIN, answer.why)
        if not isinstance(answer, AsyncSlackResponse):
            return answer
        id, address = identity(dig(answer.data, "file_id")), dig(answer.data, "upload_url")
        if id is None or not isinstance(address, str):
            return Retry(AGAIN, "Slack named no place for the file")
        return await self._carry(content, address) or Ready(id, file.name)

    async def hand_over(self, ready: Ready, channel: str, thread: str | None) -> Outcome:
        """Once its words have arrived. Waits rather than retries, for they are not to be said twice."""
        outcome = await self._complete(ready, channel, thread)
        for _ in range(TRIES - 1):
            if not isinstance(outcome, Retry):
                break
            await self._pause(min(outcome.after, LONGEST_PAUSE))
            outcome = await self._complete(ready, channel, thread)
        match outcome:
            case Refused(why):
                return without_file(why)
            case Retry(why=why) | Unknown(why):
                return Unknown(f"the words arrived, perhaps not the file: {why}")
            case _:
                return outcome

    async def _carry(self, content: bytes, address: str) -> Outcome | None:
        """None once it is there. The address is good for this one file, and takes no token."""
        session = self._client.session
        if session is None:
            return Retry(AGAIN, "there is no connection to Slack")
        try:
            async with session.post(address, data=io.BytesIO(content)) as answer:
                if answer.status == 429:
                    after = seconds(answer.headers.get("Retry-After"), AGAIN)
                    return Retry(after, "Slack asked us to wait", counted=False)
                if answer.status >= 500:
                    return Retry(AGAIN, f"a fault at Slack (HTTP status {answer.status})")
                return None if answer.ok else Refused(f"Slack did not take it (HTTP status {answer.status})")
        except Broken as error:
            return Retry(AGAIN, f"no answer from Slack ({type(error).__name__})")

    async def _complete(self, ready: Ready, channel: str, thread: str | None) -> Outcome:
        files: list[dict[str, str | None]] = [{"id": ready.id, "title": ready.name}]
        completing = self._client.files_completeUploadExternal(files=files, channel_id=channel, thread_ts=thread)
        answer = await _answered(completing, Call(COMPLETION, {}))
        return Sent("") if isinstance(answer, AsyncSlackResponse) else answer


def without_file(why: str) -> Refused:
    return Refused(f"the words arrived, but not the file: {why}")


async def _answered(asking: Awaitable[AsyncSlackResponse], call: Call) -> AsyncSlackResponse | Outcome:
    try:
        return await asking
    except SlackApiError as error:
        return refused(error, call, private=True)
    except Broken as error:
        return broken(error, call)
    except (ValueError, AttributeError):  # an answer that is no JSON, or JSON of another shape
        return Unknown("Slack's answer could not be read")
