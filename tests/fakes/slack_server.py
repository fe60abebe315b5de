"""A small Slack on this machine: the Web API, response addresses, OAuth and Socket Mode, as strict as the real one.

`python -m tests.fakes.slack_server --port 8082` runs it by itself; `GET /control/calls` lists what it was sent,
`POST /control/fail` makes the next call of a method fail, `POST /control/send` posts a signed payload to an address
(`url`, `secret`, `kind`: event, command or interaction, `payload`), `POST /control/socket` sends an envelope.
"""

import argparse
import asyncio
import base64
import itertools
import json
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import ClientSession, WSMsgType, web

from tests.fakes.slack_blocks import problems_of_message, problems_of_view
from tests.fakes.slack_files import SlackFiles
from tests.fakes.slack_sender import SlackSender

Answer = dict[str, Any]

REQUIRED = {
    "auth.test": (), "chat.postMessage": ("channel",), "chat.update": ("channel", "ts"),
    "chat.postEphemeral": ("channel", "user"), "views.open": ("trigger_id", "view"), "views.update": ("view",),
    "views.publish": ("user_id", "view"), "users.info": ("user",), "conversations.replies": ("channel", "ts"),
    "conversations.history": ("channel",), "conversations.open": ("users",), "conversations.info": ("channel",),
    "oauth.v2.access": ("code",), "apps.connections.open": (), "files.info": ("file",),
    "files.getUploadURLExternal": ("filename", "length"), "files.completeUploadExternal": ("files",),
}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """How a call goes wrong. `drop`: the connection breaks, after the message was posted if `accepted`."""

    status: int = 200
    error: str = ""
    retry_after: float | None = None
    hang: float = 0
    drop: bool = False
    accepted: bool = False
    body: str | None = None


@dataclass(frozen=True)
class Called:
    method: str
    args: Answer
    token: str


@dataclass
class FakeSlack:
    """`tokens`: team by bot token. `limits`: enforce about one post a second a channel."""

    tokens: dict[str, str] = field(default_factory=lambda: {"xoxb-one": "T1"})
    app_token: str = "xapp-one"
    client_id: str = "client"
    client_secret: str = "secret"
    limits: bool = False

    def __post_init__(self) -> None:
        self.calls: list[Called] = []
        self.failures: dict[str, deque[Failure]] = defaultdict(deque)
        self.users: dict[str, Answer] = {}
        self.messages: dict[str, dict[str, Answer]] = defaultdict(dict)
        self.missing: set[str] = set()
        self.errors: dict[str, str] = {}
        self.files = SlackFiles()
        self.codes: dict[str, tuple[str, str]] = {}
        self.identities: dict[str, Answer] = {}
        self.responses: list[Answer] = []
        self.used_triggers: set[str] = set()
        self.hashes: dict[str, str] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: dict[str, asyncio.Future[Answer]] = {}
        self.connected = asyncio.Event()
        self.url = ""
        self._posted: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> "FakeSlack":
        app = web.Application(client_max_size=64_000_000)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/response/{id}", self._respond)
        app.router.add_post("/upload/{id}", self._take_upload)
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        app.router.add_get("/control/calls", self._control_calls)
        app.router.add_post("/control/fail", self._control_fail)
        app.router.add_post("/control/send", self._control_send)
        app.router.add_post("/control/socket", self._control_socket)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        for socket in self.sockets:
            await socket.close()
        if self._runner:
            await self._runner.cleanup()

    def fail(self, method: str, *failures: Failure) -> None:
        """The next calls of this method (or `response`, or `upload`) go wrong, one after the other."""
        self.failures[method].extend(failures)

    def called(self, method: str) -> list[Answer]:
        return [call.args for call in self.calls if call.method == method]

    # --- the Web API
    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args, token = await _arguments(request)
        self.calls.append(Called(method, args, token))
        if self.failures[method]:
            failure = self.failures[method].popleft()
            if failure.accepted:
                await self._answer(method, args, token)
            return await _failed(request, failure)
        if method == "oauth.v2.access":
            return web.json_response(self._access(request, args))
        if method == "openid.connect.token":
            return web.json_response(self._identify(args))
        limited = self._limited(method, args)
        if limited:
            return limited
        return web.json_response(await self._answer(method, args, token))

    def _limited(self, method: str, args: Answer) -> web.Response | None:
        channel, now = str(args.get("channel")), asyncio.get_running_loop().time()
        if not self.limits or method != "chat.postMessage":
            return None
        if now - self._posted.get(channel, -1) < 1:
            answer = {"ok": False, "error": "ratelimited"}
            return web.json_response(answer, status=429, headers={"Retry-After": "1"})
        self._posted[channel] = now
        return None

    async def _answer(self, method: str, args: Answer, token: str) -> Answer:
        if method not in REQUIRED:
            return _no("unknown_method")
        if method == "apps.connections.open":
            good = token == self.app_token
            return {"ok": True, "url": self.url.replace("http", "ws", 1) + "/socket"} if good else _no("invalid_auth")
        if token not in self.tokens:
            return _no("invalid_auth" if token else "not_authed")
        absent = [name for name in REQUIRED[method] if not args.get(name)]
        if absent:
            return _no("invalid_arguments", f"missing: {', '.join(absent)}")
        if target := self.errors.get(str(args.get("channel"))):
            return _no(target)
        handlers: dict[str, Callable[[Answer, str], Answer]] = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._ephemeral,
            "views.open": self._view_open,
            "views.update": self._view_update,
            "views.publish": self._view_publish,
            "users.info": self._user,
            "conversations.replies": self._replies,
            "conversations.history": self._history,
            "conversations.open": lambda args, _: {"ok": True, "channel": {"id": direct(args["users"])}},
            "conversations.info": lambda args, _: {"ok": True, "channel": {"id": args["channel"]}},
            "files.getUploadURLExternal": lambda args, _: self.files.address(args, self.url),
            "files.completeUploadExternal": lambda args, _: self.files.complete(args, self.missing),
            "files.info": lambda args, _: {"ok": True, "file": {"id": args["file"]}},
        }
        return handlers[method](args, token)

    def _auth_test(self, args: Answer, token: str) -> Answer:
        team = self.tokens[token]
        return {"ok": True, "team_id": team, "user_id": f"UBOT{team}", "bot_id": f"BBOT{team}", "url": self.url}

    def _channel(self, given: str, *, users: bool) -> str | None:
        if given in self.missing:
            return None
        if given.startswith(("U", "W")):
            return direct(given) if users else None
        return given

    def _post(self, args: Answer, token: str) -> Answer:
        channel = self._channel(args["channel"], users=True)
        if channel is None:
            return _no("channel_not_found")
        if refused := _said(args):
            return refused
        ts = self.ts()
        self.messages[channel][ts] = {**args, "ts": ts, "bot_id": f"BBOT{self.tokens[token]}"}
        return {"ok": True, "channel": channel, "ts": ts, "message": self.messages[channel][ts]}

    def _update(self, args: Answer, token: str) -> Answer:
        channel = self._channel(args["channel"], users=False)
        if channel is None:
            return _no("channel_not_found")
        if args["ts"] not in self.messages[channel]:
            return _no("message_not_found")
        if refused := _said(args):
            return refused
        self.messages[channel][args["ts"]] |= args
        return {"ok": True, "channel": channel, "ts": args["ts"]}

    def _ephemeral(self, args: Answer, token: str) -> Answer:
        if self._channel(args["channel"], users=False) is None:
            return _no("channel_not_found")
        return _said(args) or {"ok": True, "message_ts": self.ts()}

    def _view_open(self, args: Answer, token: str) -> Answer:
        if args["trigger_id"] in self.used_triggers:
            return _no("exchanged_trigger_id")
        self.used_triggers.add(args["trigger_id"])
        return self._shown(args["view"], f"V{next(self._numbers):06}")

    def _view_update(self, args: Answer, token: str) -> Answer:
        id = str(args.get("view_id"))
        if id not in self.hashes:
            return _no("not_found")
        if args.get("hash") not in (None, self.hashes[id]):
            return _no("hash_conflict")
        return self._shown(args["view"], id)

    def _view_publish(self, args: Answer, token: str) -> Answer:
        return self._shown(args["view"], f"H{args['user_id']}")

    def _shown(self, view: Any, id: str) -> Answer:
        view = json.loads(view) if isinstance(view, str) else view
        if problems := problems_of_view(view):
            return _no("invalid_arguments", *problems)
        self.hashes[id] = f"{next(self._numbers)}.hash"
        return {"ok": True, "view": {**view, "id": id, "hash": self.hashes[id]}}

    def _user(self, args: Answer, token: str) -> Answer:
        user = self.users.get(args["user"])
        return {"ok": True, "user": {"id": args["user"], **user}} if user else _no("user_not_found")

    def _replies(self, args: Answer, token: str) -> Answer:
        """The first message of the thread comes first, whatever is asked for."""
        channel, ts = self.messages[args["channel"]], args["ts"]
        if ts not in channel:
            return _no("thread_not_found")
        first = channel[ts].get("thread_ts", ts)
        thread = [one for one in channel.values() if one["ts"] == first or one.get("thread_ts") == first]
        asked = [one for one in thread if one["ts"] == first or _within(one["ts"], args)]
        return {"ok": True, "messages": asked[: int(args.get("limit", 1000))]}

    def _history(self, args: Answer, token: str) -> Answer:
        found = [one for one in self.messages[args["channel"]].values() if _within(one["ts"], args)]
        return {"ok": True, "messages": [one for one in found if one.get("thread_ts", one["ts"]) == one["ts"]]}

    def ts(self) -> str:
        return f"1700000000.{next(self._numbers):06}"

    # --- OAuth
    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        code = f"code-{next(self._numbers)}"
        token = f"xoxb-{code}"
        team = request.query.get("team") or "T9"
        self.codes[code] = team, token
        back = f"{request.query['redirect_uri']}?code={code}&state={request.query['state']}"
        return web.Response(status=302, headers={"Location": back})

    def _access(self, request: web.Request, args: Answer) -> Answer:
        """The client may be named in the form or by basic authentication."""
        given = f"{args.get('client_id')}:{args.get('client_secret')}"
        if (header := request.headers.get("Authorization", "")).startswith("Basic "):
            given = base64.b64decode(header.removeprefix("Basic ")).decode()
        if given != f"{self.client_id}:{self.client_secret}":
            return _no("invalid_client_id")
        team, token = self.codes.pop(str(args.get("code")), ("", ""))
        if not team:
            return _no("invalid_code")
        self.tokens[token] = team
        return {
            "ok": True, "app_id": "A1", "access_token": token, "token_type": "bot", "scope": "chat:write",
            "bot_user_id": f"UBOT{team}", "team": {"id": team, "name": team}, "enterprise": None,
            "authed_user": {"id": "UINSTALLER"}, "is_enterprise_install": False,
        }  # fmt: skip

    def _identify(self, args: Answer) -> Answer:
        """Sign in with Slack: each code once, for what was put down under it."""
        if (args.get("client_id"), args.get("client_secret")) != (self.client_id, self.client_secret):
            return _no("invalid_client_id")
        claims = self.identities.pop(str(args.get("code")), None)
        if claims is None or not args.get("redirect_uri"):
            return _no("invalid_code")
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
        return {"ok": True, "access_token": "xoxp-1", "token_type": "Bearer", "id_token": ".".join([*parts, "sig"])}

    # --- response addresses
    def response_url(self) -> str:
        return f"{self.url}/response/{uuid.uuid4().hex}"

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        if self.failures["response"]:
            return await _failed(request, self.failures["response"].popleft())
        said = json.loads(await request.read())
        if problems_of_message(said.get("blocks", [])):
            return web.Response(status=400, text="invalid_blocks")
        self.responses.append(said)
        return web.Response(text="ok")

    async def _take_upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        if self.failures["upload"]:
            return await _failed(request, self.failures["upload"].popleft())
        status, words = self.files.take(request.match_info["id"], content)
        return web.Response(status=status, text=words)

    # --- Socket Mode
    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets.append(socket)
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                answer = json.loads(message.data)
                waiting = self.acknowledged.get(answer.get("envelope_id"))
                if waiting and not waiting.done():
                    waiting.set_result(answer)
        return socket

    async def send_envelope(self, kind: str, payload: Answer, patience: float = 5) -> Answer | None:
        """The acknowledgement; None where none came in time. `kind`: events_api, slash_commands or interactive."""
        await self.connected.wait()
        id = uuid.uuid4().hex
        self.acknowledged[id] = asyncio.get_running_loop().create_future()
        envelope = {"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": True}
        await self.sockets[-1].send_json(envelope)
        try:
            return await asyncio.wait_for(self.acknowledged[id], patience)
        except TimeoutError:
            return None

    # --- control, for a person at a terminal
    async def _control_calls(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(call) | {"token": "…"} for call in self.calls])

    async def _control_fail(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.fail(asked.pop("method"), Failure(**asked))
        return web.json_response({"ok": True})

    async def _control_send(self, request: web.Request) -> web.Response:
        asked = await request.json()
        async with ClientSession() as session:
            sender = SlackSender(asked["url"], asked["secret"], session)
            send = {"event": sender.event, "command": sender.command, "interaction": sender.interaction}[asked["kind"]]
            status, text = await send(asked["payload"])
        return web.json_response({"status": status, "text": text})

    async def _control_socket(self, request: web.Request) -> web.Response:
        asked = await request.json()
        return web.json_response(await self.send_envelope(asked["type"], asked["payload"]))


def direct(user: str) -> str:
    """The direct message with somebody."""
    return f"D{user}"


def _said(args: Answer) -> Answer | None:
    if not args.get("text") and not args.get("blocks"):
        return _no("no_text")
    if len(args.get("text") or "") > 40_000:
        return _no("msg_too_long")
    blocks = args.get("blocks", [])
    problems = problems_of_message(json.loads(blocks) if isinstance(blocks, str) else blocks)
    return _no("invalid_blocks", *problems) if problems else None


def _within(ts: str, args: Answer) -> bool:
    return float(args.get("oldest") or 0) <= float(ts) <= float(args.get("latest") or "inf")


def _no(error: str, *messages: str) -> Answer:
    return {"ok": False, "error": error, "response_metadata": {"messages": list(messages)}}


async def _arguments(request: web.Request) -> tuple[Answer, str]:
    if request.content_type == "application/json":
        args = await request.json()
    else:
        args = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
    token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(args.pop("token", ""))
    return args, token


async def _failed(request: web.Request, failure: Failure) -> web.StreamResponse:
    await asyncio.sleep(failure.hang)
    if failure.drop and request.transport:
        request.transport.abort()
    if failure.body is not None:
        return web.Response(status=failure.status, text=failure.body, content_type="application/json")
    headers = {"Retry-After": f"{failure.retry_after:g}"} if failure.retry_after is not None else {}
    if failure.error or failure.status == 429:
        return web.json_response(_no(failure.error or "ratelimited"), status=failure.status, headers=headers)
    return web.Response(status=failure.status, text="<html>Slack is down</html>", content_type="text/html")


async def _serve(port: int) -> None:
    slack = await FakeSlack(limits=True).start(port)
    print(f"A small Slack at {slack.api_url} (bot token xoxb-one, app token xapp-one)")  # noqa: T201  # its own terminal
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8082)
    asyncio.run(_serve(parser.parse_args().port))
