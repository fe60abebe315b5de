"""Hooks: telling a program elsewhere what happened. What is told, how it is signed, and when it is tried again."""

import base64
import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Protocol
from urllib.parse import urlsplit

from core.authority import Authority
from core.deeds import By
from core.members import Member
from core.places import Place
from core.texts import Phrase, T

SECRET_PREFIX = "whsec_"  # noqa: S105  what secrets begin with
SECRET_BYTES = 32
OLD_SECRET_LASTS = timedelta(days=1)
LONGEST_URL = 500
LONGEST_NAME = 60
MOST_HOOKS = 20
"""That one member may have at a time."""

ANSWERS_WITHIN = 10.0
LEASE = timedelta(seconds=60)
"""How long whoever took a delivery has it, before another takes it to have died."""
LONGEST_ANSWER = 64 * 1024
KEPT = timedelta(days=30)
"""How long the log of deliveries goes back."""
OFF_AFTER = timedelta(days=3)
"""A hook that has failed for so long, without one success, is switched off."""

DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 28_800, 28_800)
)  # fmt: skip
"""Between one try and the next: about 24 hours in all."""
MOST_TRIES = len(DELAYS) + 1
JITTER = 0.2


class Happened(StrEnum):
    CONSULTATION_OPENED = "consultation.opened"
    CONSULTATION_CLOSED = "consultation.closed"
    CONSULTATION_OUTCOME = "consultation.outcome"
    IDEA_RECEIVED = "idea.received"
    IDEA_CONTINUED = "idea.continued"
    BROADCAST_FINISHED = "broadcast.finished"
    TEST = "test"
    """Only when somebody asks for it; no hook subscribes to it."""


TOLD: dict[Happened, Phrase] = {
    Happened.CONSULTATION_OPENED: T("A consultation opened"),
    Happened.CONSULTATION_CLOSED: T("A consultation closed"),
    Happened.CONSULTATION_OUTCOME: T("An outcome was published"),
    Happened.IDEA_RECEIVED: T("An idea was received"),
    Happened.IDEA_CONTINUED: T("An idea’s story went on"),
    Happened.BROADCAST_FINISHED: T("A broadcast is finished"),
}
"""What one can be told of."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Hook:
    """`failing_since`: when the first try failed of which none has succeeded since. `off_why` empty while it is on."""

    id: str
    owner: int
    name: str
    url: str
    kinds: frozenset[Happened]
    made_at: datetime
    is_on: bool = True
    off_why: str = ""
    failing_since: datetime | None = None

    def switched(self, *, is_on: bool) -> "Hook":
        """By hand; on again, it begins afresh."""
        if is_on and not self.is_on:
            return replace(self, is_on=True, off_why="", failing_since=None)
        return replace(self, is_on=is_on)


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """One thing to tell one hook. `about`: a consultation, an idea's code or a broadcast, `entry` the number of the
    idea's entry: what is told is read when it is sent, so that words which were hidden meanwhile stay hidden. `tries`
    so far, the present one counted; `status` what was answered last, `why` what went wrong."""

    id: int
    hook: str
    kind: Happened
    about: str
    entry: int | None
    at: datetime
    state: DeliveryState
    tries: int
    not_before: datetime
    tried_at: datetime | None = None
    status: int | None = None
    why: str = ""

    @property
    def message_id(self) -> str:
        """The same at every try, so that whoever gets it twice knows."""
        return f"msg_{self.hook}_{self.id}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who set a hook up, what they may do now, and where they are told that it is off."""

    member: Member
    authority: Authority
    reached_at: Place | None


@dataclass(frozen=True, slots=True)
class ToSend:
    delivery: HookDelivery
    hook: Hook
    owner: Owner


@dataclass(frozen=True, slots=True)
class Delivered:
    status: int


@dataclass(frozen=True, slots=True)
class Failed:
    """`is_gone`: they say that nothing will ever be taken there again."""

    why: str
    status: int | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class NotTheirs:
    """Its owner may no longer, or never could, see what it is about: nobody hears of it."""


Told = Delivered | Failed | NotTheirs


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a try. `again_at` None: it isn't tried again."""

    delivery: HookDelivery
    told: Told
    at: datetime
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    value: str
    until: datetime | None = None
    """None for the one that is in use; else an earlier one, that is signed with as well until then."""


class Hooks(Protocol):
    """Hooks, each somebody's, and what was told to them."""

    async def of(self, member: int) -> tuple[Hook, ...]:
        """The newest first."""
        ...

    async def find(self, member: int, id: str) -> Hook | None: ...
    async def make(self, by: By, hook: Hook) -> bool:
        """False where they have as many as anybody may have."""
        ...

    async def change(self, by: By, hook: Hook) -> bool:
        """Name, address, kinds, and whether it is on. False where there is no such hook of theirs."""
        ...

    async def end(self, by: By, id: str) -> bool: ...
    async def log(self, hook: str, limit: int, before: int | None = None) -> Sequence[HookDelivery]:
        """The newest first."""
        ...

    async def test(self, hook: str, now: datetime) -> int: ...
    async def again(self, hook: str, delivery: int, now: datetime) -> bool:
        """Tells it once more, from the first try on."""
        ...


class HookQueue(Protocol):
    """What is to be told to hooks, for the workers that tell it."""

    async def notice(self, now: datetime) -> None:
        """What the clock brought about: openings, closings and outcomes by their times, and broadcasts that ended."""
        ...

    async def claim(self, now: datetime, limit: int) -> tuple[ToSend, ...]:
        """Takes what is due, of each hook a few; counts the try and lends it for `LEASE`."""
        ...

    async def settle(self, settled: Sequence[Settled]) -> None:
        """Changes nothing where another took it meanwhile."""
        ...

    async def switch_off(self, id: str, why: str) -> None: ...


# --- secrets and signatures, as https://www.standardwebhooks.com has them
def write_secret(random: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(random).decode()


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signatures(secrets: Collection[Secret], message_id: str, at: datetime, body: bytes) -> str:
    """With every secret that is good now, the present one first."""
    good = [one for one in secrets if one.until is None or at < one.until]
    good.sort(key=lambda one: one.until is not None)
    return " ".join(signature(one.value, message_id, at, body) for one in good)


def rotated(secrets: Collection[Secret], new: str, now: datetime) -> tuple[Secret, ...]:
    """The new one, and the one before for a day more: two at the most."""
    present = next((one for one in secrets if one.until is None), None)
    return (Secret(new), *((Secret(present.value, now + OLD_SECRET_LASTS),) if present else ()))


# --- when it is tried again
def again_at(tries: int, now: datetime, dice: float) -> datetime | None:
    """After so many tries that failed; `dice` between 0 and 1, so that not everything comes back at once. None: it is
    given up."""
    if tries >= MOST_TRIES:
        return None
    return now + DELAYS[tries - 1] * (1 - JITTER / 2 + JITTER * dice)


def has_failed_for_long(hook: Hook, now: datetime) -> bool:
    return hook.failing_since is not None and now - hook.failing_since >= OFF_AFTER


# --- where it may go
def read_address(typed: str, *, may_go_anywhere: bool = False) -> str | Phrase:
    """The address, or what is wrong with it. Whether it leads to where it may is looked at anew with every try."""
    wanted = typed.strip()
    try:
        parts = urlsplit(wanted)
        host, port = parts.hostname, parts.port
    except ValueError:
        return T("That isn’t an address. Write it like https://example.org/folkmoot.")
    if len(wanted) > LONGEST_URL or not wanted.isascii() or not wanted.isprintable() or " " in wanted:
        return T("That isn’t an address. Write it like https://example.org/folkmoot.")
    if parts.scheme != "https" and not (may_go_anywhere and parts.scheme == "http"):
        return T("The address has to begin with https://, so that nobody on the way can read what it is told.")
    if not host or port == 0:
        return T("That isn’t an address. Write it like https://example.org/folkmoot.")
    if parts.username is not None or parts.password is not None:
        return T("Leave name and password out of the address: every call is signed.")
    return wanted.partition("#")[0]


_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""Addresses of IPv6 that lead to some IPv4 address, which may be anybody's."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is somewhere on the internet, and not on our own machine or network."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED) or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
