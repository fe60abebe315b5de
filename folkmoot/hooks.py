"""Hooks told: what happened is sent to the programs that want to know, and tried again until it is taken or given up.

Beside the lanes and the metronome: however slow somebody's program is, no member waits for it.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import random
from typing import Protocol

from core.consultations import Consultation
from core.deliveries import Priority
from core.hooks import (
    Delivered,
    Failed,
    Happened,
    HookQueue,
    NotTheirs,
    Settled,
    Told,
    ToSend,
    again_at,
    has_failed_for_long,
    signatures,
)
from core.ideas import Idea
from core.outbound import render, say
from core.ports import Broadcast, Clock, Post, Store, StoreUnavailable
from core.texts import T, Texts
from folkmoot.clockwork import look_again_and_again
from web.finding import as_shown
from web.hooks import HookKeys

log = logging.getLogger(__name__)

LOOKS_EVERY = 2.0
"""Seconds between looks at what is to be told."""
AT_ONCE = 20
OUR_FAULT = "our fault"
LEFT_OFFICE = "left office"
GONE = "gone"
FAILED = "failed"


class Broadcasts(Protocol):
    async def broadcast(self, id: str) -> Broadcast | None: ...


class Calling(Protocol):
    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivered | Failed: ...


@dataclass(frozen=True, slots=True)
class Message:
    """What one delivery says: made when it is sent, of what may be shown then."""

    kind: Happened
    at: datetime
    data: Mapping[str, object]

    def written(self) -> bytes:
        told = {"type": self.kind.value, "timestamp": _moment(self.at), "data": dict(self.data)}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


class HookTeller:
    """Several may run: a delivery is lent to one of them for a minute. Whoever is killed over it may have told it, and
    it is told again under the same id."""

    def __init__(
        self,
        queue: HookQueue,
        keys: HookKeys,
        store: Store,
        calls: Calling,
        clock: Clock,
        texts: Texts,
        broadcasts: Broadcasts,
        dice: Callable[[], float] = random,
    ) -> None:
        self._queue, self._keys, self._store, self._calls = queue, keys, store, calls
        self._clock, self._texts, self._broadcasts, self._dice = clock, texts, broadcasts, dice

    async def run(self) -> None:
        """Until it is cancelled: what is under way then is told again."""
        await look_again_and_again(self.look, LOOKS_EVERY, asyncio.Event())

    async def look(self) -> None:
        """Tells everything that is due."""
        try:
            await self._queue.notice(self._clock.now())
            while taken := await self._queue.claim(self._clock.now(), AT_ONCE):
                async with asyncio.TaskGroup() as group:
                    for one in taken:
                        group.create_task(self._tell(one))
        except OSError as error:
            log.warning("webhooks wait for the database: %s", error)
        except Exception:  # whatever is wrong with one look, the next may be well, and nobody else would look
            log.exception("webhooks could not go on")

    async def _tell(self, one: ToSend) -> None:
        try:
            await self._settle(one, await self._try(one))
        except StoreUnavailable as error:  # the others go on, and this one is told when its lease is over
            log.warning("%s waits for the database: %s", one.delivery.message_id, error)

    async def _settle(self, one: ToSend, told: Told) -> None:
        now, again = self._clock.now(), None
        if isinstance(told, Failed) and not told.is_gone:
            again = again_at(one.delivery.tries, now, self._dice())
        await self._queue.settle([Settled(one.delivery, told, now, again)])
        if isinstance(told, Failed) and one.hook.is_on and (told.is_gone or has_failed_for_long(one.hook, now)):
            await self._switch_off(one, GONE if told.is_gone else FAILED, now)

    async def _try(self, one: ToSend) -> Told:
        try:
            return await self._call(one)
        except StoreUnavailable:
            raise
        except Exception:  # a fault of ours in one of them must not stop the others, and ends as any other failure
            log.exception("%s could not be told", one.delivery.message_id)
            return Failed(OUR_FAULT)

    async def _call(self, one: ToSend) -> Told:
        if not one.owner.authority.is_organiser:
            await self._queue.switch_off(one.hook.id, LEFT_OFFICE)
            return NotTheirs()
        message = await self._message(one)
        if message is None:
            return NotTheirs()
        secrets = await self._keys.of(one.hook.id)
        if not secrets:
            return Failed("no secret")
        now, body = self._clock.now(), message.written()
        headers = {
            "content-type": "application/json",
            "user-agent": "Folkmoot-Webhooks/1",
            "webhook-id": one.delivery.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures(secrets, one.delivery.message_id, now, body),
        }
        return await self._calls.post(one.hook.url, body, headers)

    async def _switch_off(self, one: ToSend, why: str, now: datetime) -> None:
        """Its owner is told first: killed in between, it is done again, and the key says that once."""
        owner, hook = one.owner, one.hook
        if owner.reached_at:
            words = (
                T("Your webhook “{name}” was switched off: it answers that it is gone.", name=hook.name)
                if why == GONE
                else T("Your webhook “{name}” was switched off: for three days nothing reached it.", name=hook.name)
            )
            said = say(words, T("Look at it at the desk, under Developers, and switch it on again when it is well."))
            language = self._texts.language_for(owner.member.language)
            message = render(said, self._texts, language, owner.member.timezone or "UTC")
            key = f"hook-off:{hook.id}:{hook.failing_since.isoformat() if hook.failing_since else one.delivery.id}"
            await self._store.record([], [Post(owner.reached_at, message, Priority.NEWS, owner.member.id, key)])
        await self._queue.switch_off(hook.id, why)

    # --- what is told
    async def _message(self, one: ToSend) -> Message | None:
        """None where it isn't its owner's to know, or is no more."""
        this, authority = one.delivery, one.owner.authority
        match this.kind:
            case Happened.TEST:
                return Message(this.kind, this.at, {"hook": one.hook.id})
            case Happened.IDEA_RECEIVED | Happened.IDEA_CONTINUED:
                idea = await self._store.idea(this.about)
                if idea is None or not authority.sees(idea, authority.runs(await self._store.consultations())):
                    return None
                return Message(this.kind, this.at, _of_idea(as_shown(idea), this.entry))
            case Happened.BROADCAST_FINISHED:
                broadcast = await self._broadcasts.broadcast(this.about)
                found = await self._store.consultation(broadcast.consultation) if broadcast else None
                if broadcast is None or found is None or not authority.may_run(found):
                    return None
                told = {"broadcast": broadcast.id, "consultation": found.slug, "step": broadcast.step}
                return Message(this.kind, this.at, told | {"kind": broadcast.kind.value})
            case _:
                consultation = await self._store.consultation(this.about)
                if consultation is None or not authority.may_run(consultation):
                    return None
                return Message(this.kind, this.at, _of_consultation(consultation, this.kind))


def _of_idea(shown: Idea, number: int | None) -> Mapping[str, object]:
    """`shown`: as it may be shown; what its author said with an entry is there if it may be read, and the reasons that
    bodies gave always are."""
    now, number = shown.standing, number or len(shown.story)
    entry = shown.story[number - 1]
    return {
        "idea": shown.code,
        "consultation": shown.consultation,
        "state": now.stage.value,
        "body": now.with_body.body if now.with_body else None,
        "text": shown.text or None,
        "entry": {
            "number": number,
            "kind": entry.kind.value,
            "at": _moment(entry.at),
            "body": entry.body,
            "next": entry.next,
            "text": entry.text,
            "reason": entry.reason,
        },
    }


def _of_consultation(consultation: Consultation, kind: Happened) -> Mapping[str, object]:
    told: dict[str, object] = {
        "consultation": consultation.slug,
        "title": dict(consultation.title.texts),
        "opens_at": consultation.opens_at and _moment(consultation.opens_at),
        "closes_at": consultation.closes_at and _moment(consultation.closes_at),
    }
    if kind is Happened.CONSULTATION_OUTCOME:
        told["outcome"] = dict(consultation.outcome.texts) if consultation.outcome else None
    return told


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
