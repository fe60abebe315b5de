"""The people of a run, playing their parts: each does one thing after the other, and waits for what they should
hear."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.platforms import Post, Slack, Telegram
from tests.chaos.record import Arrival, Posting
from tests.chaos.script import Act, Deed, Part
from tests.fakes.slack_sender import direct_message, event, press
from tests.fakes.slack_server import direct
from tests.fakes.telegram_payloads import Json
from tests.fakes.telegram_people import buttons

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
PLACES = {"": "", "Europe/Berlin": "Berlin", "America/New_York": "New York", "Australia/Sydney": "Sydney"}
LOOK = 0.05
PRESSES = 30
"""How often somebody presses a button that seems to do nothing."""

A_WHILE = 4.0
"""Seconds that somebody looks out for an invitation before they give up on it."""


@dataclass
class Meanwhile:
    """What all people of a run share. `gives_up`: the moment at which whoever still waits has waited in vain."""

    telegram: Telegram
    slack: Slack
    post: Post
    gives_up: float = float("inf")
    unheard: list[str] = field(default_factory=list)
    ideas: list[str] = field(default_factory=list)
    """Codes that authors were told."""


class Unheard(Exception):
    pass


class Person:
    """One part, played. How one says and presses things is the platform's affair."""

    def __init__(self, part: Part, meanwhile: Meanwhile) -> None:
        self.part, self.user = part, part.user
        self._here, self._said = meanwhile, 0
        self._idea_at: tuple[str, str] | None = None

    # --- on a platform
    async def says(self, text: str, what: str = "", about: str = "", words: str = "") -> Posting:
        raise NotImplementedError

    async def presses(self, label: str, what: str = "", about: str = "", words: str = "") -> Posting:
        raise NotImplementedError

    @property
    def arrivals(self) -> list[Arrival]:
        raise NotImplementedError

    def sees(self, label: str) -> bool:
        raise NotImplementedError

    # --- hearing
    async def hears(self, words: str, since: int) -> str:
        def heard() -> str | None:
            return next(
                (one.text for one in self.arrivals[since:] if one.user == self.user and words in one.text), None
            )

        return await self._until(heard, words)

    async def _until(self, found: Callable[[], str | None], what: str) -> str:
        while (text := found()) is None:
            if time.time() > self._here.gives_up:
                self._here.unheard.append(f"{self.user} waited for “{what}”")
                raise Unheard
            await asyncio.sleep(LOOK)
        return text

    async def says_and_hears(self, text: str, hears: str, *meant: str) -> str:
        since = len(self.arrivals)
        await self.says(text, *meant)
        return await self.hears(hears, since)

    async def presses_and_hears(self, label: str, hears: str, *meant: str) -> str:
        await self._until(lambda: "" if self.sees(label) else None, f"[{label}]")
        since = len(self.arrivals)
        for _ in range(PRESSES):
            if (await self.presses(label, *meant)).acknowledged is not None:
                break
            await asyncio.sleep(0.5)
        return await self.hears(hears, since)

    # --- the part
    async def play(self, begins: float) -> None:
        try:
            for act in self.part.acts:
                await asyncio.sleep(max(0.0, begins + act.at - time.time()))
                await self.do(act)
        except Unheard:
            return

    async def do(self, act: Act) -> None:
        match act.deed:
            case Deed.JOIN:
                await self.joins()
            case Deed.TAKE | Deed.HALF:
                await self._takes_part(act.choices, only_half=act.deed is Deed.HALF)
            case Deed.IDEA:
                await self._has_an_idea()
            case Deed.STOP:
                await self.says_and_hears("STOP", "You won’t hear from me again", "stop")
            case Deed.RETURN:
                await self.says_and_hears("/start", "Welcome back", "return")
            case Deed.FLOOD:
                for _ in range(6):
                    await self.says("/mine")
            case Deed.ANSWER:
                await self._answers(act.choices)
            case Deed.OPEN:
                await self.says_and_hears("/open parks", "is open now", "order")
            case Deed.AGAIN:
                await self.says_and_hears("/broadcast parks", "This asks")
                await self.presses_and_hears("Send it", "on its way", "order")
            case Deed.DECLINE | Deed.EDIT | Deed.BLOCK | Deed.UNBLOCK:
                await self.does_in_telegram(act.deed)

    async def does_in_telegram(self, deed: Deed) -> None:
        raise NotImplementedError

    async def joins(self) -> None:
        await self.says_and_hears("/start", "Is that all right with you?")
        await self.presses_and_hears("Yes, I agree", "Open now", "consent")
        if place := PLACES[self.part.zone]:
            await self.says_and_hears(f"/timezone {place}", "Your time zone is")

    async def _takes_part(self, choices: Sequence[str], *, only_half: bool) -> None:
        first, second = choices
        await self.says_and_hears("city", "Which first?")
        await self.presses_and_hears(first, "How fast?", "answer", "city/which", first.lower())
        if only_half:
            await self.says_and_hears("STOP", "You won’t hear from me again", "stop")
            return
        await self.presses_and_hears(second, "What else?", "answer", "city/pace", second.lower())
        await self._has_an_idea("")

    async def _has_an_idea(self, command: str = "/idea ") -> None:
        self._said += 1
        text = f"More trees, says {self.user} for the {self._said}. time"
        told = await self.says_and_hears(command + text, "Your idea is in", "idea", "", text)
        self._here.ideas += CODE.findall(told)

    async def _answers(self, choices: Sequence[str]) -> None:
        """If they are invited soon; else they do something else today."""
        ends = time.time() + A_WHILE
        while not self.sees("Answer"):
            if time.time() > ends:
                return
            await asyncio.sleep(LOOK)
        await self.presses_and_hears("Answer", "Which park?")
        await self.presses_and_hears(choices[0], "That’s everything", "answer", "parks/park", choices[0].lower())


class InTelegram(Person):
    @property
    def arrivals(self) -> list[Arrival]:
        return self._here.telegram.arrivals

    @property
    def _number(self) -> int:
        return self.part.number

    async def _post(self, do: Callable[[], object], *meant: str) -> Posting:
        """Whatever `do` makes the fake push is posted."""
        pushed: list[Json] = []
        telegram = self._here.telegram
        telegram.pushed = pushed.append
        do()
        what, about, words = (*meant, "", "", "")[:3]
        return await self._here.post.update(pushed[0], self.user, self.part.twice, what, about, words)

    async def says(self, text: str, what: str = "", about: str = "", words: str = "") -> Posting:
        def say() -> None:
            said = self._here.telegram.user_says(self._number, text)
            if what == "idea" and text.startswith("/idea"):
                self._idea_at = said["message"]["message_id"], words

        return await self._post(say, what, about, words)

    async def presses(self, label: str, what: str = "", about: str = "", words: str = "") -> Posting:
        return await self._post(lambda: self._here.telegram.press(self._number, label), what, about, words)

    def sees(self, label: str) -> bool:
        return any(label == one["text"] for of in self._here.telegram.sent(self._number) for one in buttons(of))

    async def does_in_telegram(self, deed: Deed) -> None:
        telegram = self._here.telegram
        match deed:
            case Deed.BLOCK:
                await self._post(lambda: telegram.block(self._number), "left")
            case Deed.UNBLOCK:
                await self._post(lambda: telegram.unblock(self._number), "back")
                await self.says_and_hears("/start", "Open now", "return")
            case Deed.EDIT if self._idea_at:
                number, earlier = self._idea_at
                words = earlier.replace("More trees", "Many more trees")
                since = len(self.arrivals)
                edited = f"/idea {words}"
                await self._post(lambda: telegram.edit(self._number, int(number), edited), "edit", "", words)
                await self.hears("now reads as you changed it", since)
            case Deed.DECLINE if self._here.ideas:
                code = self._here.ideas[0]
                await self.says_and_hears(code, code)
                since, of = len(self.arrivals), telegram.sent(self._number)[-1]
                await self._post(lambda: telegram.press_data(self._number, f"decline:{code}", of))
                await self.hears("Why do you decline it?", since)
                await self.says_and_hears("There is no money for trees this year", "declined it")
            case _:
                return


class InSlack(Person):
    def __init__(self, part: Part, meanwhile: Meanwhile) -> None:
        super().__init__(part, meanwhile)
        self._shown: dict[str, tuple[str, str]] = {}

    @property
    def arrivals(self) -> list[Arrival]:
        return self._here.slack.arrivals

    async def says(self, text: str, what: str = "", about: str = "", words: str = "") -> Posting:
        said = event(direct_message(text, user=self.user, ts=self._here.slack.ts()))
        return await self._here.post.event(said, self.user, self.part.twice, what, about, words)

    def _button(self, label: str) -> tuple[str, str] | None:
        for message in reversed(self._here.slack.messages[direct(self.user)].values()):
            for block in message.get("blocks", []):
                for element in block.get("elements", []):
                    if element.get("type") == "button" and element["text"]["text"] == label:
                        return element["value"], message["ts"]
        return None

    async def presses(self, label: str, what: str = "", about: str = "", words: str = "") -> Posting:
        """Where the button is gone because the press was taken after all, the person's screen may still show it."""
        self._shown[label] = self._button(label) or self._shown[label]
        value, ts = self._shown[label]
        pressed = press(value, user=self.user, channel=direct(self.user), message_ts=ts)
        return await self._here.post.press(pressed, self.user, what, about, words)

    def sees(self, label: str) -> bool:
        return self._button(label) is not None
