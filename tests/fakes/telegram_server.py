"""A local server that speaks Telegram's Bot API to the real client libraries, and lets a test be the people.

    async with TelegramServer() as server:
        bot = await open_bot(TOKEN, server.url, session)
        server.user_says(1001, "/start")        # comes by getUpdates, or by POST where a webhook is set
        await server.until(lambda: server.sent(1001))
        server.press(1001, "Yes")               # the newest button that reads so
        server.fail("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)

It refuses what Telegram refuses (`telegram_rules`), keeps its rates, remembers what stands in each chat
(`telegram_world`), and records every call. Alone: `python -m tests.fakes.telegram_server --port 8081`, then point
TELEGRAM_API_URL at it and be a member over `/control/…` (`telegram_control`).
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.fakes.telegram_faults import Faults
from tests.fakes.telegram_payloads import BOT_NAME, TOKEN, Json, bot_user, build_update, photo
from tests.fakes.telegram_people import People
from tests.fakes.telegram_rules import COUNTED, METHODS, Limits, Rates, Refusal, Upload, check, typed
from tests.fakes.telegram_world import World
from tests.patience import until

__all__ = ["BOT_NAME", "TOKEN", "Call", "Limits", "TelegramServer"]

ALL_KINDS = frozenset({"message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll"})


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was carried out."""

    method: str
    parameters: Json
    at: float


class TelegramServer(People, Faults):
    """`clock` in seconds, for the rates. With `limits=None` there are no rates."""

    def __init__(
        self,
        token: str = TOKEN,
        *,
        limits: Limits | None = Limits(),  # noqa: B008  frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        People.__init__(self, World())
        Faults.__init__(self)
        self.token = token
        self.calls: list[Call] = []
        self.refused: list[tuple[str, Refusal]] = []
        self.webhook: Json | None = None
        self.webhook_answers: list[tuple[int, int]] = []
        """(update id, status) of every POST to the webhook; 0 where there was no answer."""
        self.allowed: frozenset[str] = ALL_KINDS
        self._rates = Rates(limits) if limits else None
        self._clock = clock
        self._queue: dict[int, Json] = {}
        self._next_update = 900_000
        self._arrived = asyncio.Event()
        self._polls = 0
        self._runner: web.AppRunner | None = None
        self._poster: asyncio.Task[None] | None = None
        self.url = ""

    # --- starting and stopping
    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        app = web.Application(client_max_size=64_000_000)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._answer)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._answer_file)
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{host}:{port}"
        self._poster = asyncio.create_task(self._post_updates())

    def add_routes(self, app: web.Application) -> None:
        """For more than the Bot API has."""

    async def stop(self) -> None:
        if self._poster:
            self._poster.cancel()
            await asyncio.gather(self._poster, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.stop()

    # --- what a test asks and arranges
    def called(self, method: str) -> list[Json]:
        """The parameters of every call of a method that was carried out."""
        return [call.parameters for call in self.calls if call.method == method]

    @property
    def waiting(self) -> list[Json]:
        """Updates not yet confirmed by the bot."""
        return list(self._queue.values())

    async def until(self, holds: Callable[[], object]) -> None:
        await until(holds, every=0.005)

    def push(self, kind: str, content: Json) -> Json:
        """An update for the bot, as it will get it."""
        self._next_update += 1
        update = build_update(kind, content, self._next_update)
        if kind in self.allowed:
            self.push_raw(update)
        return update

    def push_raw(self, update: Json) -> None:
        """Any JSON with an `update_id`, however mangled."""
        self._next_update = max(self._next_update, update["update_id"])
        self._queue[update["update_id"]] = update
        self._arrived.set()

    async def post(self, update: object, *, secret: str | None = None, url: str | None = None) -> int:
        """One POST to the webhook, with its own secret unless told otherwise; the status, 0 without an answer."""
        hook = self.webhook or {"url": url}
        given = hook.get("secret_token") if secret is None else secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": given} if given else {}
        headers["Content-Type"] = "application/json"
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
                session.post(url or hook["url"], data=body, headers=headers) as response,
            ):
                return response.status
        except aiohttp.ClientError:
            return 0

    # --- HTTP
    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = next((name for name in METHODS if name.lower() == request.match_info["method"].lower()), None)
        fault = self.next_fault(method or "")
        try:
            if request.match_info["token"] != self.token:
                raise Refusal(401, "Unauthorized")
            if method is None:
                raise Refusal(404, "Not Found")
            if fault and fault.refusal:
                raise fault.refusal
            result: Any = None
            if fault is None or fault.accepts:
                result = await self._carry_out(method, await _parameters(request, method))
        except Refusal as refusal:
            self.refused.append((method or request.match_info["method"], refusal))
            return _refused(refusal)
        if fault is None:
            return web.json_response({"ok": True, "result": result})
        if fault.body is not None:
            return web.Response(text=fault.body, content_type="application/json")
        await asyncio.sleep(fault.seconds)
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def _carry_out(self, method: str, parameters: Json) -> Any:
        check(method, parameters)
        if method in COUNTED and self._rates:
            chat = self.world.chat_to_write_to(parameters["chat_id"])["id"]
            if wait := self._rates.take(chat, self._clock()):
                seconds = max(1, round(wait + 0.499))
                raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        result = await self._do(method, parameters)
        self.calls.append(Call(method, parameters, self._clock()))
        return result

    async def _do(self, method: str, parameters: Json) -> Any:
        match method:
            case "getMe":
                return {**bot_user(), "can_join_groups": True, "can_read_all_group_messages": False}
            case "getUpdates":
                return await self._updates(parameters)
            case "setWebhook":
                self.webhook = parameters if parameters["url"] else None
                self._allow(parameters)
                self._arrived.set()
            case "deleteWebhook":
                self.webhook = None
            case "setMyCommands":
                self.world.commands[parameters.get("language_code", "")] = parameters["commands"]
            case "sendChatAction":
                return True
            case "sendMessage":
                return self.world.send_message(parameters)
            case "editMessageText":
                return self.world.edit_message(parameters)
            case "answerCallbackQuery":
                return self.world.answer_callback(parameters)
            case "sendPhoto":
                return self.world.send(parameters, photo=photo(), caption=parameters.get("caption", ""))
            case "sendDocument":
                return self.world.send_document(parameters)
            case "getFile":
                return self.world.file(parameters["file_id"])
            case _:
                raise Refusal(404, "Not Found")
        return True

    async def _updates(self, parameters: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            )
        self._allow(parameters)
        offset = parameters.get("offset", 0)
        self._queue = {number: update for number, update in self._queue.items() if number >= offset}
        self._polls += 1
        mine = self._polls
        ends = time.monotonic() + parameters.get("timeout", 0)
        while not self._queue and (left := ends - time.monotonic()) > 0:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                break
            if mine != self._polls:
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
        return [self._queue[number] for number in sorted(self._queue)][: parameters.get("limit", 100)]

    def _allow(self, parameters: Json) -> None:
        if "allowed_updates" in parameters:
            self.allowed = frozenset(parameters["allowed_updates"]) or ALL_KINDS

    async def _post_updates(self) -> None:
        """Posts what waits to the webhook, each again until it gets a 2xx, as Telegram does."""
        pause = 0.02
        while True:
            if not (self.webhook and self._queue):
                self._arrived.clear()
                await self._arrived.wait()
                continue
            number = min(self._queue)
            status = await self.post(self._queue[number])
            self.webhook_answers.append((number, status))
            if 200 <= status < 300:
                self._queue.pop(number, None)
                pause = 0.02
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _answer_file(self, request: web.Request) -> web.Response:
        by_path = dict(self.world.files.values())
        path = request.match_info["path"]
        if request.match_info["token"] != self.token or path not in by_path:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=by_path[path])


async def _parameters(request: web.Request, method: str) -> Json:
    if request.content_type == "application/json":
        return typed(method, await request.json() if request.can_read_body else {}, as_form=False)
    given: dict[str, Any] = dict(request.query)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            given[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            given[name] = value
    return typed(method, given, as_form=True)


def _refused(refusal: Refusal) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


if __name__ == "__main__":
    from tests.fakes.telegram_control import main

    main()
