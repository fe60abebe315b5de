"""The one way in: whatever somebody did, on whichever channel, becomes one turn in one transaction."""

from dataclasses import replace

from core.engine import advance
from core.events import ChannelDetached, DiscussionHeard, Event, LanguageChosen, MemberForgotten, PlaceMoved
from core.gathering import gather
from core.inbound import Commanded, Discussed, Edited, Inbound, Left, Moved
from core.outbound import addressed, render
from core.ports import Clock, CodeTaken, Mint, NameTaken, Post, Store, StoryMoved, TakenBefore
from core.rolls import Rolls
from core.texts import Texts, language_names
from core.turns.turn import Scene, Turn
from core.understanding import UNKNOWN, understand, waiting_for

TRIES = 5
"""How often a turn is taken again, with new codes or after a story went on meanwhile, before we believe that something
is broken."""


class NoneOfOurs(Exception):
    """A message that we know nothing of was edited, or another bot's command given in a group: whoever did so stays
    unknown to us, too."""


class Conversation:
    """Takes in what people do. One for the whole process; it holds no state of anybody's."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        mint: Mint,
        texts: Texts,
        public_url: str = "",
        timezone: str = "UTC",
        desk_url: str = "",
        rolls: Rolls | None = None,
    ) -> None:
        self._store, self._clock, self._mint, self._texts, self._public_url = store, clock, mint, texts, public_url
        self._timezone, self._desk_url, self._rolls = timezone, desk_url, rolls
        self._languages = language_names(texts.languages)

    async def receive(self, inbound: Inbound) -> Turn | None:
        """The turn, on disk with all that it says; None if this inbound was taken in before.

        Returns only after the commit, so a platform may be told that we have it. Raises what the store raises.
        """
        if happened := await self._happened(inbound):
            await self._store.record(happened)
        if happened is not None:
            return None
        was_beaten = False
        for _ in range(TRIES - 1):
            try:
                return await self._receive(inbound, was_beaten=was_beaten)
            except (CodeTaken, StoryMoved):
                continue
            except NameTaken:
                was_beaten = True
            except (NoneOfOurs, TakenBefore):
                return None
        return await self._receive(inbound, was_beaten=was_beaten)

    async def _happened(self, inbound: Inbound) -> list[Event] | None:
        """What it means for a group or channel, where it is nobody's turn, and nobody becomes known to us by it: talk
        under a card is counted, a group that is gone or has moved is noted. None where it is somebody's turn."""
        place = inbound.place
        match inbound.deed:
            case Discussed(message):
                card = await self._store.card_at(place)
                return [DiscussionHeard(card, place, message, inbound.at)] if card else []
            case Left() if not place.private:
                return [ChannelDetached(place)]
            case Left() if await self._store.member_at(inbound.sender) is None:
                return []  # our farewell to somebody who was forgotten didn't arrive
            case Moved(to_chat):
                return [PlaceMoved(place.account, place.chat, to_chat)]
            case _:
                return None

    async def _receive(self, inbound: Inbound, *, was_beaten: bool) -> Turn | None:
        now = self._clock.now()
        async with self._store.work(inbound) as work:
            if await work.seen(now):
                return None
            member, session = await work.member(), await work.session()
            open_ = await work.open_consultations(now)
            action = understand(inbound, session, open_)
            if action == UNKNOWN and isinstance(inbound.deed, Commanded) and not inbound.place.private:
                raise NoneOfOurs
            scene = await gather(
                work,
                inbound,
                waiting_for(action, session),
                session,
                member,
                open_,
                now,
                self._mint,
                self._languages,
                self._public_url,
                self._desk_url,
                self._timezone,
                self._rolls,
            )
            if isinstance(inbound.deed, Edited) and not (scene.idea or scene.capture):
                raise NoneOfOurs
            turn = advance(replace(scene, was_beaten=True) if was_beaten else scene, action)
            await work.record(turn.session, turn.events, self._posts(turn, scene))
            return turn

    def _posts(self, turn: Turn, scene: Scene) -> list[Post]:
        """What the turn says, as each reader reads it. The first message also answers the button that was pressed."""
        chosen = (event.language for event in turn.events if isinstance(event, LanguageChosen))
        acting = replace(scene.member, language=next(chosen, scene.member.language))
        is_forgotten = any(isinstance(event, MemberForgotten) for event in turn.events)
        posts = []
        for number, said in enumerate(turn.says):
            place = said.to or scene.place
            reader = scene.author if scene.author and said.to else acting
            message = render(said, self._texts, self._texts.language_for(reader.language), scene.timezone())
            if said.to is None:
                message = addressed(message, said, scene.inbound, answers_press=number == 0)
            member = None if is_forgotten else reader.id
            posts.append(Post(place, message, member=member, consultation=said.card))
        return posts
