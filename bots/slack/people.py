"""What a workspace says of its people: name, language, time zone. Asked once, then remembered for a day."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.mrkdwn import tidy
from bots.slack.payload import dig
from bots.slack.web_api import Broken
from core.members import Address
from core.timezones import find_timezones

MOST = 10_000
LASTS = 24 * 3_600.0
"""Seconds that an answer is remembered; `users.info` on every message would exhaust Slack's patience."""
FAILURE_LASTS = 600.0
PATIENCE = 1.5
"""Seconds. Slack wants its answer within three, and a name isn't worth losing a message for."""


@dataclass(frozen=True, slots=True)
class Person:
    name: str = ""
    locale: str | None = None
    timezone: str | None = None


class People:
    """One for the process. A person we can't ask about is nobody in particular, for a while."""

    def __init__(self, most: int = MOST) -> None:
        self._known: OrderedDict[Address, tuple[float, Person]] = OrderedDict()
        self._most = most

    async def person(self, client: AsyncWebClient, address: Address) -> Person:
        now = asyncio.get_running_loop().time()
        until, person = self._known.get(address, (0.0, Person()))
        if until <= now:
            try:
                async with asyncio.timeout(PATIENCE):
                    answer = await client.users_info(user=address.user, include_locale=True)
                until, person = now + LASTS, read_person(answer.data)
            except (SlackApiError, *Broken):
                until = now + FAILURE_LASTS
            self._known[address] = until, person
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(address)
        return person

    async def names(self, client: AsyncWebClient, account: str, users: Sequence[str]) -> dict[str, str]:
        """The names that we get of these users, by id."""
        found = {user: (await self.person(client, Address(account, user))).name for user in users}
        return {user: name for user, name in found.items() if name}


def read_person(answer: object) -> Person:
    user = dig(answer, "user")
    names = (dig(user, "profile", "display_name"), dig(user, "real_name"), dig(user, "name"))
    name = next(filter(None, (tidy(name, 80).strip() for name in names)), "")
    zones = find_timezones(tidy(dig(user, "tz"), 60))
    return Person(name, tidy(dig(user, "locale"), 20) or None, zones[0] if len(zones) == 1 else None)
