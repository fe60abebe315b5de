"""The web chat's messenger: to send is to write a line into the transcript, then to ring for whoever is looking."""

from bots.webchat.bell import Bell
from bots.webchat.writing import line_replaced, write
from core.deliveries import Outcome, Sent
from core.outbound import Message
from core.places import Place
from core.ports import Clock, Transcript


class WebMessenger:
    """A chat in a browser can always be written to: it is read when its owner looks."""

    def __init__(self, transcript: Transcript, clock: Clock, bell: Bell) -> None:
        self._transcript, self._clock, self._bell = transcript, clock, bell

    async def send(self, to: Place, message: Message) -> Outcome:
        line = await self._write(to.chat, message)
        self._bell.ring(to.chat)
        return Sent(str(line))

    async def _write(self, user: str, message: Message) -> int:
        line, words = line_replaced(message), write(message)
        if line is not None and await self._transcript.replace(user, line, words):
            return line
        return await self._transcript.append(user, True, words, self._clock.now())
