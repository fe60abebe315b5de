"""Sending to Slack: one call of the Web API, and what became of it as a value. Nothing of Slack's escapes from here."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.installations import SlackOutOfReach, Workspaces
from bots.slack.outcomes import AGAIN, UNCHANGEABLE, UNSEEN, broken, refused
from bots.slack.payload import dig, identity, timestamp
from bots.slack.uploads import Ready, Uploads, without_file
from bots.slack.web_api import SLACK_API_URL, Broken, error_of, seconds, web_client
from bots.slack.writing import Call, write
from core.deliveries import Gone, Outcome, Refused, Retry, Sent, Unknown
from core.outbound import File, Message, Picture
from core.places import Place
from core.ports import Messenger

MOST_CONVERSATIONS = 10_000
OUT_OF_REACH = 60.0
"""Seconds until we ask again whose the single token is."""


class SlackMessenger:
    """Speaks in one workspace, with its token. `pause` waits before a file whose words have arrived."""

    def __init__(self, client: AsyncWebClient, pause: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._client, self._uploads = client, Uploads(client, pause)
        self._conversations: OrderedDict[str, str] = OrderedDict()

    async def send(self, to: Place, message: Message) -> Outcome:
        said = self._send_with(message.file, to, message) if message.file else self._say(to, message)
        outcome = await said
        # A person who can't be reached directly isn't the channel being gone, which the delivery was for.
        return Refused(outcome.why) if isinstance(outcome, Gone) and not to.private else outcome

    async def _send_with(self, file: File | Picture, to: Place, message: Message) -> Outcome:
        """The file is laid ready before the words and handed over after them: as little as can be fails between."""
        reader = to.chat if to.private else message.only_for
        channel = await self._conversation(reader) if reader else to.chat
        if not isinstance(channel, str):
            return channel
        ready = await self._uploads.lay_ready(file)
        if not isinstance(ready, Ready | Refused):
            return ready
        said = await self._say(to, message)
        if not isinstance(said, Sent):
            return said
        if isinstance(ready, Refused):
            return without_file(ready.why)
        handed = await self._uploads.hand_over(ready, channel, None if reader else to.thread)
        return said if isinstance(handed, Sent) else handed

    async def _say(self, to: Place, message: Message) -> Outcome:
        call = write(to, message)
        if call.is_response:
            answered = await self._respond(call, message)
            if answered is None and not to.private and not message.only_for:
                return Refused("the button was pressed too long ago to be answered to one person alone")
            return answered or await self._say(to, _anew(message))
        if call.method == "chat.update" and to.private:
            opened = await self._conversation(to.chat)
            if not isinstance(opened, str):
                return opened
            call = write(to, message, channel=opened)
        try:
            answer = await self._client.api_call(call.method, json=dict(call.values))
        except SlackApiError as error:
            if call.method == "chat.update" and error_of(error) in UNCHANGEABLE:
                return await self._say(to, _anew(message))
            if call.method == "chat.postEphemeral" and error_of(error) in UNSEEN and message.only_for:
                return await self._say(Place(to.account, message.only_for), _anew(message))
            return refused(error, call, private=to.private)
        except Broken as error:
            return broken(error, call)
        except (ValueError, AttributeError):  # an answer that is no JSON, or JSON of another shape
            return Unknown("Slack's answer could not be read")
        sent = timestamp(dig(answer.data, "ts")) or timestamp(dig(answer.data, "message_ts"))
        return Sent(sent) if sent else Unknown("Slack named no message")

    async def _conversation(self, user: str) -> str | Outcome:
        """The direct message with somebody: posting takes a user's id, changing a message doesn't."""
        if user in self._conversations:
            return self._conversations[user]
        call = Call("conversations.open", {"users": user})
        try:
            answer = await self._client.conversations_open(users=user)
        except SlackApiError as error:
            return refused(error, call, private=True)
        except Broken as error:
            return broken(error, call)
        channel = identity(dig(answer.data, "channel", "id"))
        if channel is None:
            return Retry(AGAIN, "Slack named no conversation")
        self._conversations[user] = channel
        while len(self._conversations) > MOST_CONVERSATIONS:
            self._conversations.popitem(last=False)
        return channel

    async def _respond(self, call: Call, message: Message) -> Outcome | None:
        """Through a press's own address, which lives for half an hour; None once it is over."""
        session = self._client.session
        if session is None:
            return None
        try:
            async with session.post(call.method, json=dict(call.values)) as answer:
                if answer.status == 429:
                    after = seconds(answer.headers.get("Retry-After"), AGAIN)
                    return Retry(after, "Slack asked us to wait", counted=False, asked=True)
                if answer.status >= 500:
                    return Retry(AGAIN, f"a fault at Slack (HTTP status {answer.status})")
                return Sent(message.replaces or "") if answer.ok else None
        except aiohttp.InvalidURL:
            return None
        except Broken as error:
            return broken(error, call)


def _anew(message: Message) -> Message:
    return replace(message, replaces=None, callback=None)


class Waiting:
    """A messenger that can't speak for the time being."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def send(self, to: Place, message: Message) -> Outcome:
        return Retry(OUT_OF_REACH, self._why, whole_lane=True, counted=False)


class SlackMessengers:
    """The messengers of all workspaces that let us in."""

    def __init__(self, workspaces: Workspaces, session: aiohttp.ClientSession, api_url: str = SLACK_API_URL) -> None:
        self._workspaces, self._session, self._api_url = workspaces, session, api_url
        self._known: dict[str, tuple[str, SlackMessenger]] = {}

    async def for_account(self, account: str) -> Messenger | None:
        channel, _, team = account.partition(":")
        if channel != "slack" or identity(team) is None:
            return None
        try:
            workspace = await self._workspaces.find(team)
        except SlackOutOfReach as error:
            return Waiting(str(error))
        if workspace is None:
            self._known.pop(team, None)
            return None
        token, messenger = self._known.get(team, ("", None))
        if messenger is None or token != workspace.token:
            messenger = SlackMessenger(web_client(self._session, self._api_url, workspace.token))
            self._known[team] = workspace.token, messenger
        return messenger
