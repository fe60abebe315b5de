"""A Telegram that takes every message at the least cost: `python -m bench.quick PORT`.

It reads HTTP by hand and answers as Telegram does (`sendMessage` with the whole Message, which the libraries then
read), checks nothing and remembers nothing but how many messages it took, which `GET /taken` tells.
"""

import asyncio
import json
import sys
from itertools import count
from typing import Any, cast

import uvloop

from tests.fakes.telegram_payloads import NOON, bot_user

ME = {**bot_user(), "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
WORDS = ("sendmessage", "editmessagetext")


class Taken:
    def __init__(self) -> None:
        self.messages = 0
        self.numbers = count(1)

    def answer(self, path: str, body: bytes) -> Any:
        method = path.rpartition("/")[2].lower()
        if method in WORDS:
            self.messages += 1
            return self._message(json.loads(body))
        return {"taken": self.messages} if method == "taken" else ME if method == "getme" else True

    def _message(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = {"id": given["chat_id"], "type": "private", "first_name": "Ann"}
        number = given.get("message_id") or next(self.numbers)
        return {"message_id": number, "from": bot_user(), "chat": chat, "date": NOON, "text": given["text"]}


class Answering(asyncio.Protocol):
    """One connection. Requests come one after the other, each with the length of its body."""

    def __init__(self, taken: Taken) -> None:
        self._taken, self._got = taken, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (head_ends := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:head_ends].decode("latin-1").lower()
            length = head.partition("content-length:")[2].partition("\r\n")[0]
            ends = head_ends + 4 + int(length or 0)
            if len(self._got) < ends:
                return
            body, self._got = self._got[head_ends + 4 : ends], self._got[ends:]
            result = self._taken.answer(head.split(" ", 2)[1], body)
            answer = json.dumps({"ok": True, "result": result}).encode()
            start = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}\r\n\r\n"
            self._transport.write(start.encode() + answer)


async def serve(port: int) -> None:
    taken = Taken()
    server = await asyncio.get_running_loop().create_server(lambda: Answering(taken), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
