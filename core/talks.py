"""Talks: stepping into a member's conversation with the bot, talking with them, and handing back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from core.bodies import Bodies
from core.deeds import By
from core.deliveries import Receiver
from core.events import Event, HandoverBegun, HandoverEnded, HandoverSpoken
from core.handovers import KEPT, LASTS, LONGEST_WORDS, Correspondent, Handover, Handovers
from core.ideas import Idea
from core.news import judge_news
from core.nudges import Manners, Send, Wait
from core.outbound import Say, render
from core.places import Place
from core.ports import Clock, Post, StoryMoved
from core.texts import Phrase, T, Texts
from core.turns.acts import may_hear
from core.turns.handover import announced, handed_back, written
from core.turns.seats import Officer, Seat


class Records(Protocol):
    """As much of `core.ports.Store` as talking needs."""

    async def record(self, events: Sequence[Event], posts: Sequence[Post] = (), by: By | None = None) -> None: ...
    async def bodies(self) -> Bodies: ...


class Talks:
    """`timezone`: the organisation's own, for whoever has told none. `show_typing` shows somebody that a person is
    typing to them, where their channel can; `wake` lets whoever sends know that there is something to send."""

    def __init__(
        self,
        store: Records,
        handovers: Handovers,
        texts: Texts,
        clock: Clock,
        manners: Manners,
        timezone: str = "UTC",
    ) -> None:
        self._store, self._handovers, self._texts, self._clock = store, handovers, texts, clock
        self._manners, self._timezone = manners, timezone
        self.show_typing: Callable[[Place], Awaitable[None]] = _nowhere
        self.wake: Callable[[], None] = lambda: None

    @property
    def handovers(self) -> Handovers:
        return self._handovers

    async def heard_by(self, officer: Officer, idea: Idea) -> Handover | None:
        """Of those about it that they may read, the open one; else the last."""
        about = await self._handovers.about(idea.code)
        return next((one for one in about if may_hear(officer, one)), None)

    async def step_in(self, idea: Idea, seat: Seat, officer: int, by: By) -> Handover | Phrase:
        """The member is told at once; or why it can't be."""
        author = await self._handovers.author(idea.code)
        if author is None:
            return T("Its author can’t be reached any more.")
        if why := await self._hindered(author, officer):
            return why
        begun = HandoverBegun(idea.code, author.member.id, author.place, officer, seat.body, seat.by, by.at)
        told = announced(idea.code, seat.body, seat.by, await self._store.bodies())
        try:
            await self._record(begun, [self._post(author, author.place, told)], by)
        except StoryMoved:
            return _taken()
        return await self._handovers.of(author.member.id) or _taken()

    async def _hindered(self, author: Correspondent, officer: int) -> Phrase | None:
        member = author.member
        if member.id == officer:
            return T("It is your own idea.")
        open_ = await self._handovers.of(member.id)
        if open_ and not open_.is_over(self._clock.now()):
            return _taken()
        if open_:
            await self.hand_back(open_)
        receiver = Receiver(
            member.id,
            member.language,
            member.timezone,
            member.has_consented,
            member.has_stopped,
            False,
            False,
            False,
            (),
        )
        match judge_news(receiver, author.place, self._timezone, self._clock.now(), self._manners):
            case Send():
                return None
            case Wait():
                return T("It is night where its author lives. Please write in the morning.")
            case _:
                return T("Its author has said STOP, and nobody writes to them unasked.")

    async def say(self, handover: Handover, text: str, by: By) -> Phrase | None:
        """None when it is on its way; else why it isn't."""
        words = text.strip()
        if not words:
            return T("Write something first.")
        if len(words) > LONGEST_WORDS:
            return T("That is too long for one message: please send it in parts.")
        author = await self._handovers.author(handover.idea)
        if author is None or author.member.id != handover.member or handover.is_over(by.at):
            return T("The conversation has ended. What you wrote wasn’t sent.")
        spoken = HandoverSpoken(handover.id, handover.idea, words, True, by.at)
        said = written(handover, words, await self._store.bodies())
        try:
            await self._record(spoken, [self._post(author, handover.place, said)], by)
        except StoryMoved:
            return T("The conversation has ended. What you wrote wasn’t sent.")
        return None

    async def hand_back(self, handover: Handover, by: By | None = None) -> None:
        """`by` None: time has. The member is told, unless it has ended already."""
        found = await self._handovers.find(handover.id)
        if found is None or found.ended_at is not None:
            return
        author = await self._handovers.author(found.idea)
        posts = []
        if author and author.member.id == found.member:
            posts = [replace(self._post(author, found.place, handed_back()), key=f"handed-back:{found.id}")]
        ended = HandoverEnded(found.id, found.idea, self._clock.now(), found.body, found.by if by else None)
        await self._record(ended, posts, by)

    async def end_idle(self, now: datetime) -> None:
        """Those in which nobody has said a word for too long; and what was said long ago goes."""
        for handover in await self._handovers.idle(now - LASTS):
            await self.hand_back(handover)
        await self._handovers.sweep(now - KEPT)

    async def _record(self, happened: Event, posts: Sequence[Post], by: By | None) -> None:
        await self._store.record([happened], posts, by=by)
        self.wake()

    def _post(self, author: Correspondent, place: Place, said: Say) -> Post:
        member = author.member
        language = self._texts.language_for(member.language)
        message = render(said, self._texts, language, member.timezone or self._timezone)
        return Post(place, message, member=member.id)


async def _nowhere(_: Place) -> None:
    """No channel is open here that could show it."""


def _taken() -> Phrase:
    return T("Somebody is writing to them already.")
