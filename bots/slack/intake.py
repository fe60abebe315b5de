"""What arrives from Slack, over HTTP or Socket Mode: checked, read, taken in to its commit, and only then acknowledged.

Bolt checks signatures and finds the workspace's token; every payload then comes to one place, because bolt would
answer 404 to those that nobody listens for, and Slack would send them again and again.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import aiohttp
from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack import reading
from bots.slack.home import home_page
from bots.slack.installations import Authorize, Workspaces
from bots.slack.lookup import Lookup
from bots.slack.modals import Modals, Take
from bots.slack.payload import account, dig, moment
from bots.slack.people import People
from bots.slack.settings import SlackSettings
from bots.slack.web_api import Broken, error_of, is_passing, quiet, web_client
from core.inbound import Discussed, Inbound, Left, PutForward
from core.members import Address
from core.places import Place
from core.texts import Texts

log = logging.getLogger(__name__)


class SlackIntake:
    """Every workspace's payloads, on one bolt app."""

    def __init__(
        self,
        settings: SlackSettings,
        workspaces: Workspaces,
        session: aiohttp.ClientSession,
        *,
        take: Take,
        lookup: Lookup,
        texts: Texts,
        now: Callable[[], datetime],
        channels: Callable[[], Awaitable[Iterable[Place]]],
    ) -> None:
        """`channels`: all that are tied to a body, on any account."""
        self._settings, self._workspaces, self._take = settings, workspaces, take
        self._lookup, self._texts, self._now = lookup, texts, now
        self._channels = channels
        self._people = People()
        self._modals = Modals(take, lookup, texts, now, self._language)
        self.app = AsyncApp(
            name=quiet.name,  # bolt has the log of this name say no more than `logger` does: not ours
            logger=quiet,
            client=web_client(session, settings.api_url),
            signing_secret=settings.signing_secret or secrets.token_hex(),  # bolt wants one; see `SlackDoorway`
            authorize=Authorize(workspaces),  # type: ignore[arg-type]  # bolt takes its own kind too
            process_before_response=True,
            ignoring_self_events_enabled=False,  # reading passes over what machines say, ours among them
            user_facing_authorize_error_message="Folkmoot is no longer installed in this workspace.",
        )
        self.app.middleware(self.receive)
        self.app.error(self.fault)

    async def run_socket_mode(self) -> None:
        """Takes in what comes over Slack's own connection, until cancelled. What isn't acknowledged comes again."""
        handler = AsyncSocketModeHandler(self.app, self._settings.app_token, logger=quiet)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt left it unannotated
            await asyncio.Event().wait()
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # likewise

    async def receive(self, body: dict[str, Any], client: AsyncWebClient) -> BoltResponse:
        """One payload to its end. An answer means that it is kept; a fault raises, and Slack sends it again."""
        match body.get("type"):
            case "event_callback":
                await self._event(body, client)
            case "block_actions" if dig(body, "view", "type") == "modal":
                await self._modals.follow(body, client)
            case "block_actions":
                await self._pressed(body, client)
            case "message_action":
                names = await self._names(client, body, dig(body, "message", "text"))
                await self._take_in(reading.read_shortcut(body, self._now(), names), client)
            case "view_submission":
                return BoltResponse(status=200, body=await self._modals.submit(body, client))
            case None if "command" in body:
                names = await self._names(client, body, body.get("text"))
                await self._take_in(reading.read_command(body, self._now(), names), client)
        return BoltResponse(status=200, body="")

    async def fault(self, error: Exception) -> BoltResponse:
        """Told to us, not to the chat. Without the payload: that is somebody's words. A database that is away is no
        fault that a place in the program would explain; Slack sends the payload again."""
        if isinstance(error, OSError):
            log.warning("A payload from Slack has to come again: %s", error)
        else:
            log.error("A payload from Slack could not be taken in: %s", type(error).__name__, exc_info=error)
        return BoltResponse(status=500, body="")

    async def _event(self, body: dict[str, Any], client: AsyncWebClient) -> None:
        if departed := reading.read_departure(body):
            await self._depart(departed, moment(body.get("event_time"), self._now()))
        elif visitor := reading.read_home(body):
            await self._show_home(visitor, client)
        elif reaction := reading.read_reaction(body):
            message = await self._message(reaction, client)
            names = await self._names(client, body, dig(message, "text"))
            await self._take_in(reading.read_reacted(reaction, message, self._now(), names), client)
        else:
            text = dig(body, "event", "text") or dig(body, "event", "message", "text")
            names = await self._names(client, body, text)
            await self._take_in(reading.read_event(body, self._now(), names), client)

    async def _depart(self, departed: str, at: datetime) -> None:
        """Out of every channel first: if that fails, the news comes again and still finds the token."""
        if not await self._workspaces.was_taken_away(departed, at.timestamp()):
            return
        for place in await self._channels():
            if place.account == f"slack:{departed}":
                key = f"{place.account}:departed:{at.timestamp():.0f}:{place.chat}"
                await self._take(Inbound(key, Address(place.account, departed), place, at, Left("uninstalled")))
        await self._workspaces.forget(departed)

    async def _pressed(self, body: dict[str, Any], client: AsyncWebClient) -> None:
        inbound = reading.read_press(body, self._now())
        if inbound is None:
            return
        is_shared = not inbound.place.private or dig(body, "container", "type") == "view"
        if is_shared and await self._modals.opens(inbound, body, client):
            return
        await self._take_in(inbound, client)

    async def _take_in(self, inbound: Inbound | None, client: AsyncWebClient) -> None:
        if inbound is None:
            return
        if not isinstance(inbound.deed, Discussed):  # a channel's talk is counted, its people are not asked about
            person = await self._people.person(client, inbound.sender)
            inbound = replace(inbound, name=person.name, locale=person.locale, timezone=person.timezone)
        if isinstance(inbound.deed, PutForward):
            author = await self._people.person(client, inbound.deed.quoted.author)
            quoted = replace(inbound.deed.quoted, author_name=author.name)
            inbound = replace(inbound, deed=PutForward(quoted))
        await self._take(inbound)

    async def _message(self, reaction: reading.Reaction, client: AsyncWebClient) -> object:
        """The message that was reacted to; in a thread Slack lists the first message before it."""
        ts = reaction.message
        try:
            answer = await client.conversations_replies(
                channel=reaction.channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=5
            )
        except SlackApiError as error:
            if is_passing(error):
                raise
            return None
        found = answer.get("messages")
        return next((one for one in found if dig(one, "ts") == ts), None) if isinstance(found, list) else None

    async def _names(self, client: AsyncWebClient, body: object, text: object) -> dict[str, str]:
        whose, users = account(body), reading.mentioned(text)
        return await self._people.names(client, whose, users) if whose and users else {}

    async def _language(self, client: AsyncWebClient, address: Address) -> str:
        member = await self._lookup.member_at(address)
        if member:
            return member.language
        return self._texts.language_for((await self._people.person(client, address)).locale)

    async def _show_home(self, visitor: Address, client: AsyncWebClient) -> None:
        """A page that can't be shown is no reason to be told of the visit again."""
        now, member = self._now(), await self._lookup.member_at(visitor)
        open_ = [consultation for consultation in await self._lookup.consultations() if consultation.is_open(now)]
        begun = [(one, bool(await self._lookup.answers_at(visitor, one.slug))) for one in open_]
        language = await self._language(client, visitor)
        timezone = (member and member.timezone) or (await self._people.person(client, visitor)).timezone or "UTC"
        page = home_page(begun, await self._lookup.ideas_of(visitor), self._texts, language, timezone)
        try:
            await client.views_publish(user_id=visitor.user, view=page)
        except SlackApiError as error:
            log.warning("Slack did not show the home page: %s", error_of(error))
        except Broken as error:
            log.warning("Slack did not show the home page: %s", type(error).__name__)
