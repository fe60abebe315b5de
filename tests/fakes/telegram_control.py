"""The fake Telegram run alone, with routes under `/control` to be its people from a terminal.

POST /control/say    {"user": 1001, "text": "/start", "chat": -100…, "reply_to": 5}   the last two in a group
POST /control/press  {"user": 1001, "label": "Yes", "chat": …}
POST /control/edit   {"user": 1001, "message": 3, "text": "…"}
POST /control/photo  {"user": 1001, "caption": "…"}
POST /control/file   {"user": 1001, "name": "city.yaml", "content": "…", "caption": "/load"}
POST /control/block, /control/unblock  {"user": 1001}
POST /control/meet   {"user": 1001, "first_name": "Ann", "language": "cy"}
POST /control/fail   {"method": "sendMessage", "code": 429, "description": "…", "retry_after": 3, "times": 1}
GET  /control/chats/1001    what stands in a chat now
GET  /control/calls         every call carried out
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import web

from tests.fakes.telegram_payloads import BOT_NAME, TOKEN, Json
from tests.fakes.telegram_rules import Upload
from tests.fakes.telegram_server import TelegramServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlledServer(TelegramServer):
    def add_routes(self, app: web.Application) -> None:
        commands: dict[str, Callable[[Json], Json | None]] = {
            "say": self._say_it,
            "press": lambda of: self.press(of["user"], of["label"], chat_id=of.get("chat")),
            "edit": lambda of: self.edit(of["user"], of["message"], of["text"], chat_id=of.get("chat")),
            "photo": lambda of: self.user_sends_photo(of["user"], of.get("caption", "")),
            "file": lambda of: self.user_sends_document(
                of["user"], of["name"], of["content"].encode(), of.get("caption", "")
            ),
            "block": lambda of: self.block(of["user"]),
            "unblock": lambda of: self.unblock(of["user"]),
            "meet": lambda of: self.meet(of["user"], of.get("first_name", "Ann"), of.get("language", "en")),
            "fail": self._fail_it,
        }
        for name, command in commands.items():
            app.router.add_post(f"/control/{name}", _handler(command))
        app.router.add_get("/control/chats/{chat}", self._show_chat)
        app.router.add_get("/control/calls", self._show_calls)

    def _say_it(self, of: Json) -> Json:
        if "chat" not in of:
            return self.user_says(of["user"], of["text"])
        reply = self.world.messages.get(of["chat"], {}).get(of.get("reply_to", 0))
        return self.group_says(of["chat"], of["user"], of["text"], reply=reply, thread=of.get("thread"))

    def _fail_it(self, of: Json) -> None:
        more = {"retry_after": of["retry_after"]} if "retry_after" in of else {}
        self.fail(of["method"], of["code"], of.get("description", ""), times=of.get("times", 1), **more)

    async def _show_chat(self, request: web.Request) -> web.Response:
        chat = self.world.messages.get(int(request.match_info["chat"]), {})
        return web.json_response(list(chat.values()))

    async def _show_calls(self, _: web.Request) -> web.Response:
        shown = [{"method": c.method, "parameters": c.parameters} for c in self.calls if c.method != "getUpdates"]
        return web.json_response(shown, dumps=partial(json.dumps, default=_uploaded))


def _uploaded(upload: Upload) -> Json:
    return {"name": upload.name, "media_type": upload.media_type, "content": upload.content.decode(errors="replace")}


def _handler(command: Callable[[Json], Json | None]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            done: Any = command(await request.json())
        except (KeyError, AssertionError, ValueError, TypeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response(done)

    return handle


async def serve(port: int) -> None:
    server = ControlledServer()
    server.world.clock = time.time
    await server.start(port)
    print(f"A Telegram of our own at {server.url}\n")  # noqa: T201
    print(f"TELEGRAM_API_URL={server.url}\nTELEGRAM_BOT_TOKEN={TOKEN}\n")  # noqa: T201
    say = f'curl {server.url}/control/say --json \'{{"user": 1001, "text": "/start"}}\''
    print(f"{say}\ncurl {server.url}/control/chats/1001   (the bot is @{BOT_NAME})")  # noqa: T201
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A local server that speaks Telegram's Bot API")
    parser.add_argument("--port", type=int, default=8081)
    try:
        asyncio.run(serve(parser.parse_args().port))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
