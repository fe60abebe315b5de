"""The tests' Telegram, which keeps Telegram's limits, in a process of its own: `python -m bench.limited PORT`.

`GET /seen/N` tells what it took since the Nth message (`[chat, when]`, by the machine's steady clock) and how often it
had to say 429.
"""

import asyncio
import sys

import uvloop
from aiohttp import web

from tests.fakes.telegram_server import TelegramServer

WORDS = ("sendMessage", "editMessageText")


class WatchedServer(TelegramServer):
    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/seen/{since}", self._seen)

    async def _seen(self, request: web.Request) -> web.Response:
        words = [call for call in self.calls if call.method in WORDS]
        seen = [(call.parameters["chat_id"], call.at) for call in words[int(request.match_info["since"]) :]]
        return web.json_response({"seen": seen, "refused": sum(one.code == 429 for _, one in self.refused)})


async def serve(port: int) -> None:
    server = WatchedServer()
    server.world.open_to_all = True
    await server.start(port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
