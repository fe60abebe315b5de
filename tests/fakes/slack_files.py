"""Files that a small Slack is sent: an address for each, what was posted there, and where it was shown."""

import json
import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Answer = dict[str, Any]

LONGEST_ALT = 1_000
LARGEST = 1_000_000_000
"""Bytes."""

_CHANNEL = re.compile(r"[CGDZ][A-Z0-9]+")


@dataclass
class SentFile:
    id: str
    name: str
    length: int
    alt: str = ""
    content: bytes | None = None
    shown_in: str | None = None
    thread: str | None = None


@dataclass
class SlackFiles:
    """`lacks_scope`: the app was installed without files:write. `restricted`: the workspace lets nobody upload."""

    lacks_scope: bool = False
    restricted: str = ""
    sent: dict[str, SentFile] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def shown(self, channel: str) -> list[SentFile]:
        return [file for file in self.sent.values() if file.shown_in == channel]

    def address(self, args: Answer, url: str) -> Answer:
        """Of `files.getUploadURLExternal`."""
        if self.lacks_scope:
            return {"ok": False, "error": "missing_scope", "needed": "files:write", "provided": "chat:write"}
        if self.restricted:
            return {"ok": False, "error": self.restricted}
        length = str(args["length"])
        if not length.isdecimal() or length == "0":
            return {"ok": False, "error": "missing_argument"}
        if int(length) > LARGEST:
            return {"ok": False, "error": "file_upload_size_restricted"}
        id = f"F{next(self._numbers):08}"
        if len(args.get("alt_txt") or "") > LONGEST_ALT:
            return {"ok": False, "error": "alt_txt_too_large"}
        self.sent[id] = SentFile(id, args["filename"], int(length), args.get("alt_txt") or "")
        return {"ok": True, "upload_url": f"{url}/upload/{id}", "file_id": id}

    def take(self, id: str, content: bytes) -> tuple[int, str]:
        """What is posted to the address, as raw bytes; the status and words of the answer."""
        file = self.sent.get(id)
        if file is None or file.shown_in:
            return 404, "no such upload"
        if len(content) != file.length:
            return 400, "not of the length that was announced"
        file.content = content
        return 200, f"OK - {len(content)}"

    def complete(self, args: Answer, missing: set[str]) -> Answer:
        """Of `files.completeUploadExternal`. A user's id is no channel here, other than for posting."""
        if self.lacks_scope:
            return {"ok": False, "error": "missing_scope", "needed": "files:write", "provided": "chat:write"}
        channel = args.get("channel_id")
        if channel is not None and not _CHANNEL.fullmatch(channel):
            return {"ok": False, "error": "invalid_arguments"}
        if channel in missing:
            return {"ok": False, "error": "channel_not_found"}
        given = json.loads(args["files"]) if isinstance(args["files"], str) else args["files"]
        files = [self.sent.get(one["id"]) for one in given]
        completed = [file for file in files if file and file.content is not None and file.shown_in is None]
        if len(completed) < len(files):
            return {"ok": False, "error": "file_not_found"}
        for file in completed:
            file.shown_in, file.thread = channel, args.get("thread_ts")
        return {"ok": True, "files": [{"id": file.id, "title": file.name} for file in completed]}
